"""Who is told what, in plain text, and how a mail leaves the library: once, or staff see why not."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles import outbox, publishing, workflow
from articles.models import Article, Mail, ScheduledAct, Section
from articles.people import Person
from articles.running import carry_out_due
from tests.admin import signed_in
from tests.builders import (
    NOON,
    YESTERDAY,
    a_publisher,
    a_reviewer,
    a_topic,
    an_article,
    an_author,
    scheduled,
    sent,
    signed_and_published,
    with_see_also,
    wrote,
)
from tests.smtp_server import mail_server
from tests.test_settings import start

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def addresses():
    """Ana writes, Grace and Hugo may sign off, Paul and Rosa may publish; each has an address."""
    people = [
        an_author("Ana Ruiz"),
        a_reviewer("Grace Obi"),
        a_reviewer("Hugo Lind"),
        a_publisher("Paul Lee"),
        a_publisher("Rosa Kern"),
    ]
    for user in people:
        User.objects.filter(pk=user.pk).update(email=f"{user.first_name.lower()}@example.org")


def forget() -> None:
    Mail.objects.all().delete()


def told() -> dict[str, str]:
    """What is waiting to be sent: the first name of whom to what the subject says after the title."""
    return {mail.to.partition("@")[0]: mail.subject.rpartition(": ")[2] for mail in Mail.objects.all()}


def text(to="grace") -> str:
    return Mail.objects.get(to=f"{to}@example.org").text


# Who is told of what.


def test_those_who_may_sign_off_are_told_of_what_was_sent_for_review():
    sent(an_article("Coping with nausea"))
    assert told() == {"grace": "please sign it off", "hugo": "please sign it off"}


def test_a_reviewer_who_wrote_part_of_it_is_not_asked_to_sign_it_off():
    article = wrote(wrote(), by=a_reviewer("Hugo Lind"), body="<p>Rest helps.</p>")
    workflow.submit(article, version=article.version, by=an_author(), at=NOON)
    assert told() == {"grace": "please sign it off"}


def test_the_writers_and_the_one_who_sent_it_are_told_of_the_changes_that_are_asked():
    article = wrote(wrote(), by=a_publisher("Rosa Kern"), body="<p>Rest helps.</p>")
    workflow.submit(article, version=article.version, by=a_publisher("Paul Lee"), at=NOON)
    forget()
    workflow.ask_changes(article, version=article.version, by=a_reviewer(), at=NOON, note="Say how much.")
    assert told() == {"ana": "changes asked", "rosa": "changes asked", "paul": "changes asked"}


def test_the_one_who_sent_it_and_those_who_may_publish_are_told_of_a_sign_off():
    article = sent()
    forget()
    workflow.sign_off(article, version=article.version, by=a_reviewer(), at=NOON)
    assert told() == {"ana": "signed off", "paul": "signed off", "rosa": "signed off"}


def test_those_who_could_sign_it_off_are_told_of_an_emergency():
    article = wrote()
    publisher, reason = a_publisher(), "The dose was wrong."
    workflow.publish_unsigned(article, version=article.version, by=publisher, at=NOON, change="major", reason=reason)
    assert told() == dict.fromkeys(["grace", "hugo"], "published in an emergency, please check")
    assert "> The dose was wrong." in text()
    assert "without a sign-off" in text()


def test_nobody_is_asked_to_check_sample_text():
    article = wrote(an_article(is_sample=True))
    workflow.publish_unsigned(article, version=1, by=a_publisher(), at=NOON, change="major", reason="To try it.")
    assert told() == {}


def test_nobody_is_told_of_what_they_did_themselves():
    User.objects.get(username="grace.obi").groups.add(*a_publisher().groups.all())
    article = sent()
    forget()
    workflow.sign_off(article, version=article.version, by=a_reviewer(), at=NOON)
    assert "grace" not in told()


@pytest.mark.parametrize("change", [{"email": ""}, {"email": "no address"}, {"is_active": False}])
def test_who_can_not_be_reached_gets_no_mail(change):
    User.objects.filter(username="hugo.lind").update(**change)
    sent()
    assert list(told()) == ["grace"]


def test_two_accounts_with_one_address_get_one_mail():
    User.objects.filter(username="hugo.lind").update(email="Grace@example.org")
    sent()
    assert Mail.objects.count() == 1


def test_the_one_who_scheduled_it_is_told_when_it_is_live():
    scheduled(an_article("Coping with nausea"), NOON)
    forget()
    list(carry_out_due(at=NOON + MINUTE))
    assert told() == {"paul": "edition 1 is live"}
    assert "went live on November 22, 2026, at 12:00 (UTC)" in text("paul")


def test_the_one_who_decided_it_is_told_when_a_page_has_ended():
    article = signed_and_published()
    forget()
    rosa = a_publisher("Rosa Kern")
    workflow.set_end(article, version=1, by=rosa, at=YESTERDAY + MINUTE, ends_at=NOON, reason="The season is over.")
    list(carry_out_due(at=NOON))
    assert told() == {"rosa": "the page has ended"}
    assert "> The season is over." in text("rosa")


def test_those_who_may_publish_are_told_once_of_an_act_that_failed():
    article = signed_and_published()
    publishing.publish(article, at=YESTERDAY, by=Person("Import"), live_at=NOON, note="N", bypass_reason="Imported.")
    publishing.withdraw(article, at=NOON - MINUTE, by=Person("Import"), reason="Wrong.")
    forget()
    for minutes in range(3):
        list(carry_out_due(at=NOON + minutes * MINUTE))
    assert ScheduledAct.objects.get().attempts == 3
    assert told() == {"paul": "a scheduled act failed", "rosa": "a scheduled act failed"}
    assert "> The page is withdrawn, so patients don’t read edition 2." in text("paul")
    assert "/admin/articles/scheduledact/" in text("paul")
    assert Mail.objects.count() == 2


def test_the_one_who_scheduled_it_is_told_when_an_edition_will_never_be_read():
    changed = wrote(signed_and_published(), body="<p>Rest helps.</p>", at=YESTERDAY + MINUTE)
    article = scheduled(changed, NOON, at=YESTERDAY + MINUTE)
    publishing.withdraw(article, at=NOON - MINUTE, by=Person("Import"), reason="Wrong.")
    publishing.publish(article, at=NOON + MINUTE, by=Person("Import"), note="N", bypass_reason="Imported.")
    forget()
    list(carry_out_due(at=NOON + MINUTE))
    assert told() == {"paul": "a scheduled edition was dropped"}
    assert "did not reach patients. The page was withdrawn until another edition took its place." in text("paul")


def test_an_act_that_is_refused_writes_no_mail():
    article = sent()
    forget()
    with pytest.raises(workflow.Refused):
        workflow.sign_off(article, version=article.version, by=an_author(), at=NOON)
    assert told() == {}


# What it says.


def test_a_mail_says_what_happened_who_the_note_and_where_to_go(settings):
    settings.SITE_URL = "https://library.example.org"
    article = wrote(an_article("Coping with nausea"))
    note = "Please look at the dose.\nAnd at the table."
    workflow.submit(article, version=1, by=an_author(), at=NOON, note=note)
    mail = Mail.objects.get(to="grace@example.org")
    assert mail.subject == "Health Library: Coping with nausea: please sign it off"
    assert mail.text.startswith(
        "Ana Ruiz sent version 1 of “Coping with nausea” for review on November 22, 2026, at 12:00 (UTC). "
        "You may sign it off.\n\n> Please look at the dose.\n> And at the table.\n\n"
        "Nothing was published before, so all of it is new:\n"
    )
    assert mail.text.endswith(f"The page: https://library.example.org/admin/articles/article/{article.pk}/change/\n")


def test_a_mail_compares_with_what_patients_read_and_calls_out_what_can_hurt():
    sections = [("", "<p>Take 5 mg once a day.</p><p>Drink water.</p>"), ("Food", "<p>Eat.</p>")]
    topics = [a_topic(f"Topic {number}") for number in range(1, 5)]
    article = signed_and_published(with_see_also(an_article(sections=sections), topics))
    forget()
    article.related_links.all().delete()
    with_see_also(article, [topics[3], *topics[:3]])
    article = wrote(article, body="<p>Do not take 0.5 mg once a day.</p><p>Drink water.</p>", at=NOON)
    workflow.submit(article, version=article.version, by=an_author(), at=NOON)
    assert "1 section changed, 1 related topic moved." in text()
    compared = text().partition("Compared with edition 1, which patients read: ")[2].partition("\n\nThe page:")[0]
    assert compared.splitlines()[1:] == [
        "",
        "Look at these twice:",
        "Numbers that changed: - 5 mg; + 0.5 mg",
        "Words such as “not” that changed: + do not",
        "",
        "Introduction",
        "- Take 5 mg once a day.",
        "+ Do not take 0.5 mg once a day.",
        "(1 line unchanged)",
        "",
        "See also",
        "“Topic 4” moved 4 → 1",
    ]


def test_a_comparison_shows_what_came_went_and_was_renamed():
    article = signed_and_published(
        with_see_also(
            an_article(sections=[("", "<p>Lead.</p>"), ("Gone", "<p>Old words.</p>")], tags=["diet"]), [a_topic("MRI")]
        )
    )
    forget()
    article.sections.get(heading="Gone").delete()
    Section.objects.create(article=article, position=3, heading="New", body="<p>Fresh words.</p>")
    article.related_links.update(label="Magnetic scan")
    article.tags.set(["nausea"])
    article = wrote(article, at=NOON)
    workflow.submit(article, version=article.version, by=an_author(), at=NOON)
    for lines in (
        "New (new)\n+ New\n+ Fresh words.\n",
        "Gone (removed)\n- Gone\n- Old words.\n",
        "See also\n- MRI (was number 1)\n+ Magnetic scan (now number 1)\n",
        "Tags\n+ nausea (now number 1)\n- diet (was number 1)\n",
    ):
        assert lines in text()


def test_a_mail_is_plain_text_in_which_nothing_is_escaped_or_run():
    title = "Salt & water <b>for</b> “you”"
    article = wrote(an_article(title, sections=[("", "<p>5 &lt; 6 &amp; <strong>rest</strong></p>")]))
    workflow.submit(article, version=1, by=an_author(), at=NOON, note="<script>alert(1)</script>")
    assert f"of “{title}” for review" in text()
    assert "> <script>alert(1)</script>\n" in text()
    assert "+ 5 < 6 & **rest**" in text()
    assert not re.search(r"&(lt|amp|quot|#)", text())


def test_a_long_comparison_is_cut_and_says_how_much_is_left_out():
    body = "".join(f"<p>Line number {number}.</p>" for number in range(319))
    sent(an_article(sections=[("", body)]))
    # One line names the section, so there are 320 of them.
    assert "+ Line number 198.\n\n… and 120 more lines; see the page.\n" in text()
    assert "Line number 199." not in text()


def test_a_newline_in_a_title_begins_no_header_of_its_own():
    article = wrote(an_article("Nausea"))
    Article.objects.filter(pk=article.pk).update(title="Nausea\nBcc: everybody@example.org")
    workflow.submit(article, version=1, by=an_author(), at=NOON)
    subject = Mail.objects.get(to="grace@example.org").subject
    assert subject == "Health Library: Nausea Bcc: everybody@example.org: please sign it off"


def test_the_longest_title_leaves_a_subject_that_says_what_happened():
    sent(an_article("N" * 200))
    subject = Mail.objects.first().subject
    assert len(subject) <= 300
    assert subject.endswith("…: please sign it off")


# How it leaves.


def a_mail(number=1, *, made_at=NOON, **fields) -> Mail:
    return Mail.objects.create(to=f"{number}@example.org", subject=f"S{number}", text="Té", made_at=made_at, **fields)


def send(at=NOON) -> list[str]:
    return [outcome.words for outcome in outbox.send_waiting(at=at)]


@pytest.fixture
def smtp(settings):
    """A mail server, with the library set up to use it."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.DEFAULT_FROM_EMAIL = "library@example.org"
        yield server


def test_what_waits_is_sent_once_the_oldest_first(smtp):
    a_mail(2, made_at=NOON), a_mail(1, made_at=YESTERDAY)
    assert send() == ["“S1” is sent to 1@example.org", "“S2” is sent to 2@example.org"]
    assert send() == []
    assert [(message["To"], message["From"]) for message in smtp.delivered] == [
        ("1@example.org", "library@example.org"),
        ("2@example.org", "library@example.org"),
    ]
    assert smtp.delivered[0].get_payload(decode=True).decode().strip() == "Té"
    assert smtp.delivered[0]["Auto-Submitted"] == "auto-generated"
    assert list(Mail.objects.values_list("sent_at", flat=True)) == [NOON, NOON]


def test_one_that_another_run_has_claimed_is_left_to_it(smtp):
    a_mail(claimed_at=NOON)
    assert (send(), smtp.delivered) == ([], [])


def test_one_that_is_refused_keeps_its_error_and_is_tried_again_five_times_in_all(smtp):
    mail = a_mail()
    smtp.refusal = "450 Come later"
    tries = [0, 1, 4, 5, 29, 30, 119, 120, 479, 480, 481, 2_000]  # minutes after it was written
    tried = [minutes for minutes in tries if send(NOON + minutes * MINUTE)]
    assert tried == [0, 5, 30, 120, 480]
    mail.refresh_from_db()
    assert mail.sent_at is None
    assert len(mail.error.splitlines()) == 5
    assert outbox.state_in_words(mail, at=NOON).startswith("Given up after 5 tries: ")
    assert "Come later" in outbox.state_in_words(mail, at=NOON)


def test_one_that_was_refused_is_sent_when_the_server_takes_it(smtp):
    mail = a_mail()
    smtp.refusal = "450 Come later"
    send()
    mail.refresh_from_db()
    assert outbox.state_in_words(mail, at=NOON).startswith("Refused, and tried again: ")
    smtp.refusal = ""
    send(NOON + 5 * MINUTE)
    mail.refresh_from_db()
    assert (len(smtp.delivered), mail.sent_at) == (1, NOON + 5 * MINUTE)


def test_one_that_is_refused_does_not_keep_the_others_back(smtp):
    a_mail(1), a_mail(2)
    outcomes = outbox.send_waiting(at=NOON)
    smtp.refusal = "550 No such person"
    assert next(outcomes).failed
    smtp.refusal = ""
    assert next(outcomes).words == "“S2” is sent to 2@example.org"


def test_a_server_that_is_away_keeps_the_mails_waiting_and_counts_no_try(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    a_mail(1), a_mail(2)
    (said,) = outbox.send_waiting(at=NOON)
    assert said.failed
    assert re.fullmatch(r"The mail server does not answer \(.*refused.*\), so 2 wait\.", said.words)
    assert set(Mail.objects.values_list("claimed_at", "error")) == {(None, "")}
    with pytest.raises(CommandError, match=r"1 of 1 mails failed; see above\."):
        call_command("run_due")


def test_one_that_broke_off_may_have_arrived_so_it_is_not_sent_again(smtp):
    mail = a_mail()
    smtp.breaks = True
    send()
    assert len(smtp.delivered) == 1
    assert send(NOON + timedelta(hours=3)) == []
    mail.refresh_from_db()
    assert outbox.state_in_words(mail, at=NOON).startswith("May not have arrived: ")


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "Is being sent"), (15, "Is being sent"), (16, "May not have arrived")]
)
def test_one_whose_sender_was_killed_may_not_have_arrived(minutes, said):
    mail = a_mail(claimed_at=NOON)
    assert outbox.state_in_words(mail, at=NOON + minutes * MINUTE) == said


def test_without_a_server_mails_are_handed_to_djangos_own_settings():
    """Here the outbox of the tests; the console in production."""
    a_mail()
    send()
    assert [message.subject for message in django_mail.outbox] == ["S1"]


def test_the_command_sends_what_its_own_acts_have_written(capsys):
    now = timezone.now()
    scheduled(an_article("Coping with nausea"), now - MINUTE, at=now - 60 * MINUTE)
    forget()
    call_command("run_due")
    assert capsys.readouterr().out.splitlines() == [
        "edition 1 of “Coping with nausea” is live",
        "“Health Library: Coping with nausea: edition 1 is live” is sent to paul@example.org",
        "1 carried out, 1 mail sent.",
    ]


# The admin, and the settings.


def test_staff_see_each_mail_with_its_state():
    a_mail(1, made_at=timezone.now())
    a_mail(2, sent_at=NOON, claimed_at=NOON)
    a_mail(3, claimed_at=NOON - 60 * MINUTE)
    client = signed_in()
    for state, subject, words in [
        ("waits", "S1", "Waits"),
        ("sent", "S2", "Sent"),
        ("doubtful", "S3", '<strong class="went-wrong">May not have arrived</strong>'),
    ]:
        html = client.get("/admin/articles/mail/", {"state": state}).content.decode()
        assert re.findall(r">(S\d)</a>", html) == [subject]
        assert f'<td class="field-state_in_words">{words}</td>' in html


def test_the_text_of_a_mail_is_shown_and_escaped():
    mail = Mail.objects.create(to="a@example.org", subject="<b>", text="<script>x</script>\n- 5 mg", made_at=NOON)
    html = signed_in().get(f"/admin/articles/mail/{mail.pk}/change/").content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;\n- 5 mg" in html


def test_nobody_can_write_change_or_delete_a_mail():
    mail, client = a_mail(), signed_in()
    for path in ("add", f"{mail.pk}/change", f"{mail.pk}/delete"):
        assert client.post(f"/admin/articles/mail/{path}/", {"post": "yes"}).status_code == 403


def test_staff_are_told_that_mails_only_go_to_the_log(settings):
    client, sentence = signed_in(), "No mail leaves this library"
    settings.EMAIL_HOST = ""
    assert sentence in client.get("/admin/articles/mail/").content.decode()
    settings.EMAIL_HOST = "mail.example.org"
    assert sentence not in client.get("/admin/articles/mail/").content.decode()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SITE_URL": "library.example.org"}, "SITE_URL is “library.example.org”. Write an address such as https://"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is “smtp”. Write a whole number from 1 to 65535."),
        ({"EMAIL_USE_TLS": "starttls"}, "EMAIL_USE_TLS is “starttls”, which is neither yes nor no."),
    ],
)
def test_the_settings_of_mails_that_can_not_be_understood_stop_the_start(environment, sentence):
    result = start(**environment)
    assert result.returncode != 0
    assert sentence in result.stderr
