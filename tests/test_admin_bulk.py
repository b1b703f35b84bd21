"""One act for many articles: each is shown first, then done by itself, and what could not be done is told."""

from datetime import timedelta

import html5lib
import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import workflow
from articles.admin.bulk import MOST
from articles.models import Article, AuditEntry, Edition, WorkflowStep
from articles.workflow import Act, State, with_state
from tests.acts import APPROVED, DRAFT, ENDING, LIVE, WITHDRAWN, everything, in_days, in_state
from tests.admin import change, signed_in
from tests.builders import a_publisher, an_account, an_article, an_author, signed_and_published, signed_off, wrote
from tests.test_browser_admin import check

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/article/"
BULK = [Act.SUBMIT, Act.PUBLISH, Act.SCHEDULE, Act.WITHDRAW, Act.ARCHIVE]
STATE_BEFORE = {
    Act.SUBMIT: DRAFT,
    Act.PUBLISH: APPROVED,
    Act.SCHEDULE: APPROVED,
    Act.WITHDRAW: LIVE,
    Act.ARCHIVE: DRAFT,
}
WHY = {"reason": "The advice has changed."}


def address(act) -> str:
    return reverse("admin:articles_article_bulk", args=[act])


def approved(title="Coping with nausea", *, live="", body="") -> Article:
    """Signed off and not published yet; `body` takes the place of what patients read, `live`."""
    at = timezone.now() - timedelta(days=1)
    if not live:
        return signed_off(an_article(title), at=at)
    article = signed_and_published(an_article(title, sections=[("", f"<p>{live}</p>")]), at=at)
    return signed_off(wrote(article, at=at, body=f"<p>{body}</p>"), at=at)


def choose(client, act, *articles, query="", **fields):
    """What the list answers when articles are ticked there and the act is chosen."""
    ids = [article.pk for article in articles]
    return client.post(LIST + query, {"action": act, ACTION_CHECKBOX_NAME: ids, "index": 0, **fields})


def fields_in(response) -> dict[str, list[str]]:
    """What a browser would send back for the page of an act if nobody touched it."""
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    form = next(form for form in page.iter("form") if "/bulk/" in form.get("action", ""))
    fields = {}
    for field in form.iter():
        is_choice = field.get("type") in {"checkbox", "radio"}
        if field.get("name") and (not is_choice or field.get("checked") is not None):
            value = field.get("value", "on" if is_choice else "")
            value = "".join(field.itertext()).removeprefix("\n") if field.tag == "textarea" else value
            fields.setdefault(field.get("name"), []).append(value)
    return fields


def of(article, **typed) -> dict:
    """Fields that belong to one of the articles; None is one that the browser doesn't send, such as an empty box."""
    return {f"row-{article.pk}-{name}": value for name, value in typed.items()}


def press(client, act, page, typed=None):
    """The button on the page of an act, after something was typed there."""
    fields = {**fields_in(page), **(typed or {})}
    return client.post(address(act), {name: value for name, value in fields.items() if value is not None})


def words_of(response) -> str:
    """The page as it is read, on one line."""
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    main = next(part for part in page.iter() if part.get("id") == "content")
    return " ".join("".join(main.itertext()).split())


def words_of_messages(client) -> str:
    """What the list says above itself."""
    return " ".join(str(message) for message in client.get(LIST).context["messages"])


def state_of(article) -> State:
    return State(with_state(Article.objects.all(), at=timezone.now()).get(pk=article.pk).state)


def rules_against(act, article) -> list[str]:
    at = timezone.now()
    return workflow.refusals(with_state(Article.objects.all(), at=at).get(pk=article.pk), act, by=a_publisher(), at=at)


@pytest.fixture
def publisher():
    return signed_in(a_publisher())


# Who may


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("Author", [Act.SUBMIT]),
        ("Clinical reviewer", []),
        ("Publisher", BULK),
        ("Date reviewer", []),
        ("Administrator", BULK),
    ],
)
def test_a_role_is_offered_the_acts_that_it_may_do_and_refused_the_others(role, offered):
    article = an_article()
    client = signed_in(an_account(role, "Rita Moss"))
    page = client.get(LIST).content.decode()
    assert [act for act in Act if f'<option value="{act}">' in page] == offered
    before = everything()
    answers = {act: client.post(address(act), {"article": article.pk}).status_code for act in BULK}
    assert answers == {act: 200 if act in offered else 403 for act in BULK}
    refused = [act for act in BULK if act not in offered]
    assert [client.get(address(act)).status_code for act in refused] == [403] * len(refused)
    assert not any("/bulk/" in choose(client, act, article).content.decode() for act in refused)
    assert everything() == before


@pytest.mark.parametrize("act", [Act.SIGN_OFF, Act.TAKE_BACK, Act.PUBLISH_UNSIGNED, "delete", "%00", "x" * 5_000])
def test_nobody_signs_off_by_the_dozen_and_an_unknown_act_is_not_found(act):
    client = signed_in()
    url = f"{LIST}bulk/{act}/"
    article = an_article()
    assert client.post(url, {"article": article.pk}).status_code == client.get(url).status_code == 404
    assert f'value="{Act.SIGN_OFF}"' not in client.get(LIST).content.decode()


@pytest.mark.parametrize("act", BULK)
def test_the_address_of_an_act_leads_back_to_the_list_when_it_is_only_opened(act, publisher):
    response = publisher.get(address(act))
    assert (response.status_code, response.headers["Location"]) == (302, LIST)


def test_a_permission_that_is_taken_away_meanwhile_is_gone(publisher):
    article = in_state(LIVE)
    page = choose(publisher, Act.WITHDRAW, article)
    User.objects.get(username="paul.lee").groups.clear()
    assert press(publisher, Act.WITHDRAW, page, WHY).status_code == 403
    assert state_of(article) == State.PUBLISHED


def test_who_is_not_signed_in_is_asked_to():
    response = signed_in(User.objects.create_user("patient")).post(address(Act.PUBLISH), {"article": 1})
    assert (response.status_code, "/admin/login/" in response.headers["Location"]) == (302, True)


# What the first page shows


def test_every_article_is_shown_with_what_would_change_before_anything_is_done(publisher):
    dose = approved("Pain relief", live="Take 5 mg.", body="Take 0.5 mg.")
    word = approved("Sleep", live="Sleep helps.", body="Sleep can help.")
    new = approved("Walking")
    before = everything()
    page = choose(publisher, Act.PUBLISH, dose, word, new)
    assert page.status_code == 200
    words = words_of(page)
    for said in [
        "Publish: 3 articles",
        "Pain relief Approved, edition 1, version 2. Changed since edition 1: 1 section changed.",
        "This looks like a major change: “5 mg” became “0.5 mg”.",
        "Sleep Approved, edition 1, version 2. Changed since edition 1: 1 section changed.",
        "This looks like a minor change: no number, no “do not” and no word of urgency changed.",
        "Walking Approved, version 1. Patients have read nothing of it yet.",
    ]:
        assert said in words
    html = page.content.decode()
    assert [reverse("admin:articles_article_compare", args=[article.pk]) in html for article in (dose, word, new)] == [
        True,
        True,
        False,
    ]
    assert change(new) in html
    assert everything() == before


def test_all_are_ticked_with_the_version_that_is_shown_and_no_kind_of_change(publisher):
    first, second = approved("Sleep", live="Sleep helps.", body="Sleep can help."), approved("Walking")
    fields = fields_in(choose(publisher, Act.PUBLISH, first, second))
    assert fields.pop("csrfmiddlewaretoken")
    assert fields == {
        "query": [""],
        "article": [str(first.pk), str(second.pk)],
        **of(first, version=["2"], ticked=["on"], note=[""]),
        **of(second, version=["1"], ticked=["on"], note=[""]),
    }


def test_an_article_that_the_filters_of_the_list_hide_by_now_is_not_forgotten(publisher):
    shown, changed = approved("Walking"), approved("Sleep")
    wrote(changed, body="<p>New words.</p>")
    page = choose(publisher, Act.PUBLISH, shown, changed, query="?state=approved")
    assert [title in words_of(page) for title in ("Walking", "Sleep")] == [True, True]


def test_an_article_that_was_deleted_since_the_list_was_opened_is_named(publisher):
    kept, deleted = approved("Walking"), wrote(an_article("Sleep"))
    Article.objects.get(pk=deleted.pk).delete()
    assert "“Sleep” has been deleted meanwhile." in choose(publisher, Act.PUBLISH, kept, deleted).content.decode()
    response = choose(publisher, Act.PUBLISH, deleted)
    assert (response.status_code, response.headers["Location"]) == (302, LIST)


def test_words_that_need_a_second_look_are_named_where_no_kind_of_change_is_asked():
    article = wrote(signed_and_published(an_article(sections=[("", "<p>Take it.</p>")])), body="<p>Do not take it.</p>")
    page = choose(signed_in(an_author()), Act.SUBMIT, article)
    assert "Look at these twice: “do not” came." in words_of(page)


def test_an_article_that_the_rules_refuse_has_their_sentences_and_nothing_to_tick(publisher):
    ready, draft, live = approved("Walking"), in_state(DRAFT), in_state(LIVE)
    page = choose(publisher, Act.PUBLISH, ready, draft, live)
    words = words_of(page)
    assert [rule in words for article in (draft, live) for rule in rules_against(Act.PUBLISH, article)] == [True, True]
    assert fields_in(page)["article"] == [str(ready.pk)]
    assert [name for name in fields_in(page) if name.startswith((f"row-{draft.pk}-", f"row-{live.pk}-"))] == []


def test_text_that_is_not_finished_can_not_be_sent_for_review():
    article = an_article("Empty page", sections=[])
    page = choose(signed_in(an_author()), Act.SUBMIT, article)
    assert "The page has no text. Write at least one section." in words_of(page)
    assert 'type="submit" class="default' not in page.content.decode()


def test_every_field_has_a_label_that_names_its_article(publisher):
    page = choose(publisher, Act.PUBLISH, approved("Walking"), approved("Sleep"))
    words = words_of(page)
    for title in ("Walking", "Sleep"):
        for label in ("What kind of change is it? “{}”", "Public note “{}”", "Publish “{}”"):
            assert words.count(label.format(title)) == 1


def test_what_an_article_is_called_can_not_break_the_page(publisher):
    title = "<script>alert(1)</script>\"'&"
    article = signed_and_published(an_article(title))
    page = choose(publisher, Act.WITHDRAW, article, query="?q=%22%3E%3Cscript%3E&p=1")
    pages = [page, press(publisher, Act.WITHDRAW, page, {"reason": ""})]
    pages.append(press(publisher, Act.WITHDRAW, page, {"reason": title, "query": '"><script>'}))
    for each in pages:
        assert "<script>a" not in each.content.decode()
        assert '"><script' not in each.content.decode()
        assert title in words_of(each)
    assert state_of(article) == State.WITHDRAWN


# Doing it


@pytest.mark.parametrize(
    ("act", "typed", "after", "said"),
    [
        (Act.SUBMIT, {"note": "Look at the dose."}, State.IN_REVIEW, "2 sent for review"),
        (Act.PUBLISH, {}, State.PUBLISHED, "2 published"),
        (Act.SCHEDULE, {"live_at": in_days(3)}, State.SCHEDULED, "2 scheduled"),
        (Act.WITHDRAW, WHY, State.WITHDRAWN, "2 withdrawn"),
        (Act.ARCHIVE, WHY, State.ARCHIVED, "2 archived"),
    ],
)
def test_each_article_that_is_ticked_is_done_and_the_others_stay(act, typed, after, said, publisher):
    first, second, left_out = articles = [in_state(STATE_BEFORE[act]) for _ in range(3)]
    page = choose(publisher, act, *articles)
    if act in {Act.PUBLISH, Act.SCHEDULE}:
        typed = {**typed, **of(first, change="major"), **of(second, change="minor")}
    before = state_of(left_out)
    response = press(publisher, act, page, {**typed, **of(left_out, ticked=None)})
    assert response.status_code == 200
    assert f"{said}, 1 left out" in words_of(response)
    assert [state_of(article) for article in articles] == [after, after, before]
    assert "/bulk/" not in response.content.decode()


def test_one_reason_stands_in_the_record_of_each(publisher):
    articles = [in_state(LIVE), in_state(LIVE)]
    press(publisher, Act.WITHDRAW, choose(publisher, Act.WITHDRAW, *articles), WHY)
    entries = AuditEntry.objects.filter(action=AuditEntry.Action.WITHDRAWN)
    assert {(entry.page_id, entry.by, entry.reason) for entry in entries} == {
        (article.pk, "Paul Lee", "The advice has changed.") for article in articles
    }


def test_one_note_goes_to_the_reviewers_of_each():
    articles = [in_state(DRAFT), in_state(DRAFT)]
    author = signed_in(an_author())
    press(author, Act.SUBMIT, choose(author, Act.SUBMIT, *articles), {"note": "Look at the dose."})
    steps = WorkflowStep.objects.filter(action=WorkflowStep.Action.SUBMITTED, article__in=articles)
    assert [step.note for step in steps] == ["Look at the dose."] * 2


def test_each_edition_has_its_own_kind_of_change_and_note(publisher):
    dose = approved("Pain relief", live="Take 5 mg.", body="Take 0.5 mg.")
    word = approved("Sleep", live="Sleep helps.", body="Sleep can help.")
    page = choose(publisher, Act.PUBLISH, dose, word)
    response = press(
        publisher, Act.PUBLISH, page, {**of(dose, change="major", note="A lower dose."), **of(word, change="minor")}
    )
    assert "Pain relief: Published as edition 2 (major change)" in words_of(response)
    assert "Sleep: Published as edition 2 (minor change)" in words_of(response)
    assert list(Edition.objects.filter(number=2).values_list("article", "change", "note", "version")) == [
        (dose.pk, "major", "A lower dose.", 2),
        (word.pk, "minor", "", 2),
    ]


def test_all_go_live_at_one_moment(publisher):
    articles = [approved("Walking"), approved("Sleep")]
    page = choose(publisher, Act.SCHEDULE, *articles)
    typed = {"live_at": in_days(3), **of(articles[0], change="major"), **of(articles[1], change="minor")}
    response = press(publisher, Act.SCHEDULE, page, typed)
    moments = set(Edition.objects.values_list("published_at", "scheduled_act__due_at"))
    assert len(moments) == 1
    assert {f"{moment:%Y-%m-%dT%H:%M}" for pair in moments for moment in pair} == {in_days(3)}
    assert "Walking: Edition 1 (major change) goes live on" in words_of(response)


# What could not be done


def test_an_article_that_was_saved_meanwhile_is_left_as_it_is_and_shown_again_not_ticked(publisher):
    first, saved = in_state(LIVE), in_state(LIVE)
    page = choose(publisher, Act.WITHDRAW, first, saved)
    wrote(saved, body="<p>New words.</p>")

    response = press(publisher, Act.WITHDRAW, page, WHY)

    assert response.status_code == 409
    assert "1 withdrawn, 1 not withdrawn" in words_of(response)
    assert f"{saved}: This article has been saved since you opened this page." in words_of(response)
    assert (state_of(first), saved.withdrawals.count()) == (State.WITHDRAWN, 0)
    fields = fields_in(response)
    assert (fields["article"], fields[f"row-{saved.pk}-version"]) == ([str(saved.pk)], ["2"])
    assert f"row-{saved.pk}-ticked" not in fields
    assert fields["reason"] == ["The advice has changed."]
    assert "1 section changed" in words_of(response)

    assert press(publisher, Act.WITHDRAW, response, of(saved, ticked="on")).status_code == 200
    assert saved.withdrawals.count() == 1


def test_who_forgot_the_reason_is_told_of_the_save_as_well_and_does_not_repeat_the_press_unseen(publisher):
    first, saved = in_state(LIVE), in_state(LIVE)
    page = choose(publisher, Act.WITHDRAW, first, saved)
    wrote(saved, body="<p>New words.</p>")
    response = press(publisher, Act.WITHDRAW, page)
    assert f"{saved}: This article has been saved since you opened this page." in words_of(response)
    again = press(publisher, Act.WITHDRAW, response, WHY)
    assert "1 withdrawn, 1 left out" in words_of(again)
    assert (state_of(first), saved.withdrawals.count()) == (State.WITHDRAWN, 0)


def test_a_text_that_was_saved_after_its_sign_off_is_not_published_with_the_others(publisher):
    first, saved = approved("Walking"), approved("Sleep")
    page = choose(publisher, Act.PUBLISH, first, saved)
    wrote(saved, body="<p>New words.</p>")
    response = press(publisher, Act.PUBLISH, page, {**of(first, change="major"), **of(saved, change="major")})
    assert response.status_code == 409
    words = words_of(response)
    assert "1 published, 1 not published" in words
    assert "Sleep: This article has been saved since you opened this page." in words
    assert [rule in words for rule in rules_against(Act.PUBLISH, saved)] == [True]
    assert list(Edition.objects.values_list("article", flat=True)) == [first.pk]
    assert "/bulk/" not in response.content.decode()  # nothing is left that another press could do


@pytest.mark.parametrize("version", [None, "", "0", "7", "-1", "abc", "9" * 30, "1\x00"])
def test_a_version_that_nobody_has_seen_does_nothing(version, publisher):
    article = approved()
    page = choose(publisher, Act.PUBLISH, article)
    response = press(publisher, Act.PUBLISH, page, of(article, change="major", version=version))
    assert response.status_code == 409
    assert "saved since you opened this page" in words_of(response)
    assert not article.editions.exists()
    assert fields_in(response)[f"row-{article.pk}-version"] == ["1"]


def test_an_article_that_is_saved_while_the_others_are_done_is_not_published_unseen(publisher):
    """The second article is saved in the middle of the press: the page was read with its old version, the act is not."""
    articles = [approved("Sleep"), approved("Walking")]

    def save_the_other(instance, **_):
        wrote(articles[1], body="<p>New words.</p>")

    page = choose(publisher, Act.PUBLISH, *articles)
    typed = {**of(articles[0], change="major"), **of(articles[1], change="major")}
    post_save.connect(save_the_other, sender=Edition)
    try:
        response = press(publisher, Act.PUBLISH, page, typed)
    finally:
        post_save.disconnect(save_the_other, sender=Edition)
    assert "1 published, 1 not published" in words_of(response)
    assert "Walking: This article has been saved since you opened this page." in words_of(response)
    assert list(Edition.objects.values_list("article", flat=True)) == [articles[0].pk]


def test_an_article_that_was_deleted_meanwhile_is_named_and_the_others_go_on():
    kept, deleted, unknown = in_state(DRAFT), in_state(DRAFT), an_article("Never saved")
    author = signed_in(an_author())
    page = choose(author, Act.SUBMIT, kept, deleted, unknown)
    number = unknown.pk
    title = deleted.title
    unknown.delete()
    deleted.delete()
    response = press(author, Act.SUBMIT, page)
    assert response.status_code == 409
    assert "1 sent for review, 2 not sent for review" in words_of(response)
    assert f"“{title}”: It has been deleted since you opened the page." in words_of(response)
    assert f"“Article no. {number}”: It has been deleted" in words_of(response)
    assert state_of(kept) == State.IN_REVIEW


def test_what_was_typed_stays_for_the_articles_that_are_left(publisher):
    dose = approved("Pain relief", live="Take 5 mg.", body="Take 0.5 mg.")
    sleep, walking, rest = approved("Sleep"), approved("Walking"), approved("Rest")
    page = choose(publisher, Act.PUBLISH, dose, sleep, walking, rest)  # in the order of the list
    typed = {
        **of(dose, change="major"),
        **of(sleep, change="minor"),
        **of(walking, note="New advice."),
        **of(rest, change="minor", note="Not yet.", ticked=None),
    }
    response = press(publisher, Act.PUBLISH, page, typed)

    assert response.status_code == 200
    words = words_of(response)
    assert "1 published, 2 not published, 1 left out" in words
    assert "Pain relief: Tell patients what changed. A major change needs a public note of one sentence." in words
    assert "Walking: Choose whether the change is major or minor." in words
    fields = fields_in(response)
    assert fields["article"] == [str(article.pk) for article in (dose, walking, rest)]
    assert fields[f"row-{dose.pk}-change"] == ["major"]
    assert fields[f"row-{walking.pk}-note"] == ["New advice."]
    assert (fields[f"row-{rest.pk}-change"], fields[f"row-{rest.pk}-note"]) == (["minor"], ["Not yet."])
    assert [f"row-{article.pk}-ticked" in fields for article in (dose, walking, rest)] == [True, True, False]

    response = press(publisher, Act.PUBLISH, response, {**of(dose, note="A dose."), **of(walking, change="minor")})
    assert "2 published, 1 left out" in words_of(response)
    assert [article.editions.count() for article in (dose, sleep, walking, rest)] == [2, 1, 1, 0]


def test_errors_are_tied_to_their_fields(publisher):
    article, saved = approved("Walking"), in_state(LIVE)
    page = choose(publisher, Act.PUBLISH, article)
    html = press(publisher, Act.PUBLISH, page).content.decode()
    assert f'<fieldset aria-describedby="id_row-{article.pk}-change_error">' in html
    assert f'id="id_row-{article.pk}-change_error"' in html
    assert f'<a href="#row-{article.pk}">Walking</a>' in html
    assert f'id="row-{article.pk}"' in html
    assert "<title>Error: Publish: 1 article" in html
    page = choose(publisher, Act.WITHDRAW, saved)
    wrote(saved, body="<p>New words.</p>")
    html = press(publisher, Act.WITHDRAW, page, WHY).content.decode()
    assert f'name="row-{saved.pk}-ticked" aria-describedby="row-{saved.pk}-problems"' in html
    assert f'id="row-{saved.pk}-problems"' in html


@pytest.mark.parametrize("act", [Act.WITHDRAW, Act.ARCHIVE])
@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 301, "Wrong\x00dose"])
def test_without_a_reason_nothing_is_done(act, reason, publisher):
    articles = [in_state(STATE_BEFORE[act]) for _ in range(2)]
    page = choose(publisher, act, *articles)
    before = everything()
    response = press(publisher, act, page, {"reason": reason, **of(articles[1], ticked=None)})
    assert 'id="id_reason_error"' in response.content.decode()
    assert everything() == before
    assert [f"row-{article.pk}-ticked" in fields_in(response) for article in articles] == [True, False]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (in_days(-1), "That moment has passed. Choose a later one, or publish now."),
        (in_days(3_000), "That is more than five years ahead. Check the year."),
        ("soon", "Write a day and a time, such as 2026-11-30 09:00."),
        ("", "This field is required."),
    ],
    # Not named by the moment: processes that run the tests side by side must know a test by the same name.
    ids=["yesterday", "in eight years", "words", "nothing"],
)
def test_a_moment_that_can_not_be_is_said_once_and_nothing_is_scheduled(moment, said, publisher):
    articles = [approved("Walking"), approved("Sleep")]
    page = choose(publisher, Act.SCHEDULE, *articles)
    typed = {"live_at": moment, **of(articles[0], change="major"), **of(articles[1], change="minor")}
    response = press(publisher, Act.SCHEDULE, page, typed)
    assert words_of(response).count(said) == 1
    assert "0 scheduled" in words_of(response)
    assert not Edition.objects.exists()
    fields = fields_in(response)
    assert [fields[f"row-{article.pk}-change"] for article in articles] == [["major"], ["minor"]]


def test_a_page_that_ends_before_it_would_go_live_stands_back_while_the_others_are_scheduled(publisher):
    ending, other = in_state(ENDING), approved("Walking")
    signed_off(wrote(ending, body="<p>New words.</p>", at=timezone.now()), at=timezone.now())
    page = choose(publisher, Act.SCHEDULE, ending, other)
    typed = {"live_at": in_days(30), **of(ending, change="minor"), **of(other, change="major")}
    response = press(publisher, Act.SCHEDULE, page, typed)
    assert "1 scheduled, 1 not scheduled" in words_of(response)
    assert "before this edition goes live. Call the end off first." in words_of(response)
    assert (state_of(ending), state_of(other)) == (State.APPROVED, State.SCHEDULED)


def test_an_article_that_fails_half_way_is_undone_and_the_others_go_on(publisher):
    """The record of the act can't be written for one of them, after its edition has been."""
    failing, other = articles = [approved("Sleep"), approved("Walking")]

    def refuse(instance, **_):
        if (instance.page_id, instance.action) == (failing.pk, AuditEntry.Action.PUBLISHED):
            raise ValidationError("The record is full.")

    page = choose(publisher, Act.PUBLISH, *articles)
    typed = {**of(failing, change="major"), **of(other, change="major")}
    post_save.connect(refuse, sender=AuditEntry)
    try:
        response = press(publisher, Act.PUBLISH, page, typed)
    finally:
        post_save.disconnect(refuse, sender=AuditEntry)
    assert "1 published, 1 not published" in words_of(response)
    assert "Sleep: The record is full." in words_of(response)
    assert (failing.editions.count(), other.editions.count()) == (0, 1)
    assert press(publisher, Act.PUBLISH, response).status_code == 200
    assert failing.editions.count() == 1


@pytest.mark.parametrize("act", BULK)
def test_pressing_twice_does_it_once_and_tells_of_every_article(act, publisher):
    articles = [in_state(STATE_BEFORE[act]) for _ in range(2)]
    page = choose(publisher, act, *articles)
    typed = {
        "reason": "Old.",
        "live_at": in_days(3),
        **of(articles[0], change="major"),
        **of(articles[1], change="major"),
    }
    assert press(publisher, act, page, typed).status_code == 200
    before = everything()
    response = press(publisher, act, page, typed)
    assert response.status_code == 409
    assert f"0 {words_of(response).split(' not ')[1].split(' ')[0]}" in words_of(response)
    assert all(f"{article}: " in words_of(response) for article in articles)
    assert everything() == before


def test_nothing_ticked_does_nothing_and_says_so(publisher):
    article = in_state(LIVE)
    page = choose(publisher, Act.WITHDRAW, article)
    response = press(publisher, Act.WITHDRAW, page, {**WHY, **of(article, ticked=None)})
    assert "No article is ticked, so nothing was done." in words_of(response)
    assert fields_in(response)["reason"] == ["The advice has changed."]
    assert state_of(article) == State.PUBLISHED


# Strange requests


@pytest.mark.parametrize(
    "ids", [[], [""], ["abc"], ["-1"], ["1\x00"], ["9" * 30], ["１"], [1, "x"], [1] * (MOST + 1), range(1_500)]
)
def test_ids_that_can_not_be_read_or_are_too_many_lead_back_to_the_list_with_a_sentence(ids, publisher):
    in_state(LIVE)
    before = everything()
    response = publisher.post(address(Act.WITHDRAW), {"article": list(ids), "query": "state=approved", **WHY})
    assert (response.status_code, response.headers["Location"]) == (302, f"{LIST}?state=approved")
    said = "At most 100 can be done at once" if len(ids) > MOST else "could not be read, so nothing was done"
    assert said in words_of_messages(publisher)
    assert everything() == before


def test_a_hundred_thousand_ids_are_a_bad_request(publisher):
    ids = list(range(100_000))
    assert publisher.post(address(Act.WITHDRAW), {"article": ids}).status_code == 400
    assert publisher.post(LIST, {"action": Act.WITHDRAW, ACTION_CHECKBOX_NAME: ids}).status_code == 400


def test_an_id_that_is_sent_twice_is_one_article(publisher):
    article = in_state(LIVE)
    page = choose(publisher, Act.WITHDRAW, article)
    response = press(publisher, Act.WITHDRAW, page, {**WHY, "article": [article.pk, f"0{article.pk}"]})
    assert "1 withdrawn" in words_of(response)
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["a\r\nSet-Cookie: x=1", "\x00", "x" * 5_000, "https://example.org", "é" * 500])
def test_forged_filters_lead_nowhere_but_to_the_list(query, publisher):
    response = publisher.post(address(Act.WITHDRAW), {"query": query})
    assert response.status_code == 302
    assert response.headers["Location"].startswith(LIST)
    assert "Set-Cookie: x" not in str(response.headers)
    assert publisher.get(response.headers["Location"]).status_code in {200, 302}


def test_all_of_a_long_list_can_not_be_done_at_once(publisher):
    Article.objects.bulk_create(
        Article(title=f"Page {number}", slug=f"page-{number}", kind="in_depth") for number in range(MOST + 1)
    )
    response = choose(publisher, Act.ARCHIVE, Article.objects.first(), select_across=1)
    assert response.status_code == 302
    said = "You chose 101 articles. At most 100 can be done at once, so that each is looked at: choose fewer."
    assert said in words_of_messages(publisher)
    Article.objects.last().delete()
    page = choose(publisher, Act.ARCHIVE, Article.objects.first(), select_across=1)
    assert len(fields_in(page)["article"]) == MOST


def test_the_list_is_found_again_with_its_filters(publisher):
    article = in_state(WITHDRAWN)
    query = "?q=Page&kind__exact=in_depth"
    page = choose(publisher, Act.ARCHIVE, article, query=query)
    back = f'href="{LIST}?q=Page&amp;kind__exact=in_depth"'
    assert back in page.content.decode()
    assert back in press(publisher, Act.ARCHIVE, page, WHY).content.decode()


def test_the_first_page_of_fifty_articles_asks_little_of_the_database(publisher):
    """Whether they are refused or not: to find out who could do it costs no more than to show what changes."""
    articles = [approved(f"Page {number}", live="Take 5 mg.", body="Take 0.5 mg.") for number in range(45)]
    articles += [in_state(DRAFT) for _ in range(5)]
    for act in BULK:
        with CaptureQueriesContext(connection) as asked:
            page = choose(publisher, act, *articles)
        assert page.status_code == 200, act
        assert len(asked) <= 10 + 6 * 50, act


THREE_DRAFTS = """
from articles.models import Article
for number in (1, 2, 3):
    Article.objects.create(title=f"Forgotten page {number}", kind="in_depth")
"""


@pytest.mark.browser
def test_without_a_script_by_keyboard_and_by_screen_reader(site, page, browser):
    """Two of three drafts are put away in a browser that runs no script; in one that does, axe looks at every page."""
    site.manage("shell", "-c", THREE_DRAFTS)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    for each in (plain, page):
        site.login(each)
        each.goto(f"{site.url}{LIST}?q=Forgotten")
        for box in each.locator("#result_list tbody input[type=checkbox]").all():
            box.check()
        each.get_by_label("Action:").select_option(label="Archive")
        each.get_by_role("button", name="Go", exact=True).click()
        each.get_by_role("heading", name="Archive: 3 articles").wait_for()
    assert check(page, "first page") == []
    page.get_by_role("button", name="Archive: all that are ticked").click()
    page.get_by_role("heading", name="0 archived").wait_for()
    assert page.get_by_label("Reason").get_attribute("aria-invalid") == "true"
    assert check(page, "without a reason") == []

    plain.get_by_role("checkbox", name="Archive “Forgotten page 3”").uncheck()
    plain.get_by_label("Reason").fill("Nobody needs them.")
    plain.keyboard.press("Enter")
    plain.get_by_role("heading", name="2 archived, 1 left out").wait_for()
    context.close()

    page.get_by_label("Reason").fill("Nobody needs them.")
    page.get_by_role("button", name="Archive: all that are ticked").click()
    page.get_by_role("heading", name="1 archived, 2 not archived").wait_for()
    assert check(page, "result") == []
