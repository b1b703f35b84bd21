"""Forged, swapped, stale, doubled and hostile requests to the admin: refused with a sentence, and nothing half-written."""

import html
import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone

from articles.admin.acts import UNSEEN
from articles.admin.version_field import UNKNOWN
from articles.admin.workflow import ARTICLE_ACTS
from articles.models import Article, AuditEntry, Edition, Profile, Revision, Section, WorkflowStep
from articles.publishing import withdraw
from articles.revising import revision
from articles.workflow import MACHINE, Act
from tests.acts import (
    ACTS,
    DRAFT,
    IN_REVIEW,
    LIVE,
    WITHDRAWN,
    everything,
    in_days,
    in_state,
    page_of,
    sent_for,
    without_sign_off,
)
from tests.admin import HttpsClient, change, fields_of, signed_in
from tests.builders import GRACE, a_publisher, a_reviewer, a_topic, an_article, an_author, wrote

pytestmark = pytest.mark.django_db
EVERY_ACT = pytest.mark.parametrize("act", list(Act))


@pytest.fixture
def vera() -> User:
    """Somebody who may do everything and has written nothing."""
    vera = User.objects.create_superuser("vera", first_name="Vera", last_name="Stone")
    Profile.objects.create(user=vera, profession="Consultant oncologist", registration_number="GMC 7654321")
    return vera


@pytest.fixture
def editor(vera):
    return signed_in(vera)


def said(response) -> str:
    """The words of a page, as they are read."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text)))


def refused(client, url, sent, *, status, sentence: str, case: str = "") -> None:
    """The answer has that status and says the sentence, and no table has changed."""
    before = everything()
    response = client.post(url, sent)
    assert response.status_code == status, case
    assert sentence in said(response), case
    assert everything() == before, case


# Forged fields

FORGED = {
    "id": "1",
    "pk": "1",
    "article": "1",
    "action": "signed_off",
    "state": "approved",
    "status": "published",
    "approved_by": "Ana Ruiz",
    "signed_by": "Ana Ruiz",
    "signed_off": "on",
    "sign_off": "1",
    "by": "Somebody Else",
    "by_account": "1",
    "at": "2001-01-01T00:00",
    "saved_by": "Somebody Else",
    "published_by": "Somebody Else",
    "profession": "Professor",
    "registration_number": "0",
    "bypass_reason": "Forged.",
    "published_at": "2001-01-01T00:00",
    "published_on": "2001-01-01",
    "published_on_is_stated": "on",
    "stated_on": "2001-01-01",
    "updated_on": "2001-01-01",
    "reviewed_on": "2001-01-01",
    "next_review_on": "2099-01-01",
    "archived_at": "2001-01-01T00:00",
    "withdrawn": "on",
    "withdrawn_at": "2001-01-01T00:00",
    "from_at": "2001-01-01T00:00",
    "until_at": "2001-01-01T00:00",
    "edition": "7",
    "edition_number": "7",
    "number": "7",
    "live_number": "7",
    "is_live": "on",
    # and fields of other acts
    "reason": "Forged.",
    "note": "Forged.",
    "change": "minor",
    "live_at": "2001-01-01T00:00",
    "ends_at": "2001-01-01T00:00",
}


def facts(article: Article) -> dict:
    """All that was decided about an article, without ids and moments, so that two articles can be compared."""
    article = Article.objects.get(pk=article.pk)
    now = timezone.now()
    editions = article.editions.order_by("number").select_related("sign_off")
    steps = article.steps.order_by("id")
    entries = AuditEntry.objects.filter(page_kind="article", page_id=article.pk).order_by("id")
    return {
        "article": (article.deck, article.kind, article.is_sample, article.stated_on, article.version),
        "archived": article.archived_at is not None,
        "editions": [
            {
                "number": row.number,
                "version": row.version,
                "change": (row.change, row.note),
                "by": (row.published_by, row.published_by_account, row.bypass_reason),
                "dates": (row.published_on, row.published_on_is_stated, row.updated_on, row.published_at > now),
                "deck": row.content["deck"],
                "sign-off": row.sign_off and (row.sign_off.by, row.sign_off.version),
            }
            for row in editions
        ],
        "steps": [(row.action, row.version, row.by, row.by_account, row.credential, row.note) for row in steps],
        "withdrawals": [
            (row.reason, row.from_at > now, row.until_at is not None) for row in article.withdrawals.order_by("id")
        ],
        "planned": [
            (row.made_by, row.made_by_account, row.due_at > now, row.cancelled_at is not None, row.done_at)
            for row in article.scheduled_acts.order_by("id")
        ],
        "reviews": article.reviews.count(),
        "revisions": [(row.number, row.saved_by, row.saved_by_account) for row in article.revisions.order_by("number")],
        "audit": [(row.action, row.by, row.by_account, row.summary, row.reason) for row in entries],
    }


@EVERY_ACT
def test_an_act_writes_what_its_form_owns_and_nothing_that_is_sent_besides(editor, act):
    honest, forged = in_state(ACTS[act][0]), in_state(ACTS[act][0])
    own = set(ARTICLE_ACTS[act].form_class.base_fields)
    besides = {name: value for name, value in FORGED.items() if name not in own}
    assert editor.post(page_of(act, honest), sent_for(act, honest)).status_code == 302
    assert editor.post(page_of(act, forged), {**besides, **sent_for(act, forged)}).status_code == 302
    assert facts(forged) == facts(honest)


def test_a_sign_off_afterwards_writes_nothing_that_is_sent_besides(editor):
    honest, forged = without_sign_off(), without_sign_off()
    besides = {name: value for name, value in FORGED.items() if name != "note"}
    assert editor.post(page_of("sign-off", honest), {"attested": "on"}).status_code == 302
    assert editor.post(page_of("sign-off", forged), {**besides, "attested": "on"}).status_code == 302
    assert facts(forged.article) == facts(honest.article)


@pytest.mark.parametrize("state", [DRAFT, IN_REVIEW, LIVE, WITHDRAWN])
def test_a_save_writes_the_text_and_nothing_that_is_sent_besides(editor, state):
    honest, forged = in_state(state), in_state(state)
    for article, besides in ((honest, {}), (forged, FORGED)):
        response = editor.post(change(article), {**besides, **fields_of(article, deck="New summary.")})
        assert response.status_code == 302
    assert facts(forged) == facts(honest)
    assert facts(forged)["article"][0] == "New summary."


def test_a_new_article_is_a_draft_whatever_is_sent_besides(editor):
    article = an_article()
    fields = {name: value for name, value in fields_of(article).items() if not name.startswith("sections-0-")}
    fields |= {"title": "New page", "slug": "", "sections-TOTAL_FORMS": 0, "sections-INITIAL_FORMS": 0}
    response = editor.post("/admin/articles/article/add/", {**FORGED, **fields, "version": "7"})
    assert response.status_code == 302
    new = facts(Article.objects.get(title="New page"))
    assert new["article"] == (article.deck, article.kind, False, None, 1)
    assert (new["editions"], new["steps"], new["withdrawals"], new["archived"]) == ([], [], [], False)
    assert [row[:2] for row in new["revisions"]] == [(1, "Vera Stone")]


def test_no_sign_off_is_borrowed_from_another_text(editor):
    """A sign-off is of one version of one article; naming another one in the form does not help."""
    approved, mine = in_state("approved"), in_state(DRAFT)
    signed = approved.steps.get(action=WorkflowStep.Action.SIGNED_OFF)
    sent = {"version": mine.version, "change": "major", "sign_off": signed.pk, "article": approved.pk}
    refused(editor, page_of("publish", mine), sent, status=409, sentence="No second clinician has signed this text off")


# Swapped ids


@pytest.mark.parametrize("part", ["sections", "references"])
def test_a_part_of_another_article_is_neither_changed_nor_moved(editor, part):
    mine, other = an_article("Mine"), an_article("Other")
    row = other.sections.get() if part == "sections" else other.references.create(text="Guideline", position=1)
    before = everything()
    if part == "sections":
        sent = fields_of(mine, **{"sections-0-id": row.pk, "sections-0-body": "<p>Taken over.</p>"})
    else:
        sent = fields_of(mine, **{"references-TOTAL_FORMS": 1, "references-INITIAL_FORMS": 1})
        sent |= {"references-0-id": row.pk, "references-0-article": mine.pk, "references-0-text": "Taken over."}
    response = editor.post(change(mine), sent)
    assert response.status_code == 200 and "Please correct the error" in said(response)
    assert everything() == before


def test_a_section_can_not_be_handed_to_another_article(editor):
    mine, other = an_article("Mine"), an_article("Other")
    section = mine.sections.get()
    sent = fields_of(mine, **{"sections-0-article": other.pk, "sections-0-heading": "Taken over"})
    before = everything()
    response = editor.post(change(mine), sent)
    assert response.status_code == 200 and "Please correct the error" in said(response)
    assert everything() == before
    assert Section.objects.get(pk=section.pk).article == mine


def test_a_whole_form_that_is_sent_to_another_article_changes_neither(editor):
    mine, other = wrote(an_article("Mine")), wrote(an_article("Other"))
    assert mine.version == other.version
    before = everything()
    response = editor.post(change(other), fields_of(mine, deck="Taken over."))
    assert response.status_code == 200 and "Please correct the error" in said(response)
    assert everything() == before


@EVERY_ACT
def test_the_version_of_another_article_opens_no_act(editor, act):
    article = in_state(ACTS[act][0])
    other = wrote(wrote(an_article("Other")), body="<p>Again.</p>")
    assert other.version != article.version
    sent = sent_for(act, article, version=other.version)
    refused(editor, page_of(act, article), sent, status=409, sentence=UNSEEN)


def test_an_edition_or_a_version_of_another_article_is_not_found(editor):
    live, draft = in_state(LIVE), in_state(DRAFT)
    wrote(live, body="<p>Other.</p>")
    assert not draft.editions.filter(number=1).exists() and not draft.revisions.filter(number=2).exists()
    before = everything()
    for name, number in (("correct", 1), ("restore", 2), ("bring_together", 2)):
        url = reverse(f"admin:articles_article_{name}", args=[draft.pk, number])
        assert editor.get(url).status_code == 404
        assert editor.post(url, {"version": draft.version}).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("pk", ["0", "-1", "abc", "9" * 30, "%00", "1/../2", "１"])
@pytest.mark.parametrize("act", ["publish", "sign-off", "withdraw"])
@pytest.mark.parametrize("model", ["article", "edition", "topic"])
def test_an_act_on_what_there_is_not_is_not_found(editor, model, act, pk):
    if model == "edition" and act != "sign-off":
        return
    before = everything()
    url = f"/admin/articles/{model}/{pk}/{act}/"
    assert editor.get(url).status_code in (302, 404)  # 302: Django's own answer to an id that it can't read
    assert editor.post(url, {"version": "1"}).status_code in (302, 404)
    assert everything() == before


# Stale and strange versions


@EVERY_ACT
def test_nobody_acts_on_a_text_that_was_saved_meanwhile(editor, act):
    article = in_state(ACTS[act][0])
    sent = sent_for(act, article)
    with revision(article, version=article.version, at=timezone.now(), by=GRACE):
        article.sections.update(body="<p>Saved meanwhile.</p>")
    refused(editor, page_of(act, article), sent, status=409, sentence=UNSEEN)


@pytest.mark.parametrize("act", [act for act in Act if ARTICLE_ACTS[act].form_class.base_fields])
def test_a_text_that_was_saved_meanwhile_is_told_even_when_the_form_has_errors(editor, act):
    """The next page shows the new text, and its button would send the new version."""
    article = in_state(ACTS[act][0])
    empty = {"version": article.version}
    with revision(article, version=article.version, at=timezone.now(), by=GRACE):
        article.sections.update(body="<p>Saved meanwhile.</p>")
    refused(editor, page_of(act, article), empty, status=409, sentence=UNSEEN)


STRANGE = [None, "", "0", "-1", "1e0", "0x1", " ", "abc", "1\x00", "9" * 20, "x" * 60_000, ["1", "0"]]


def with_version(sent: dict, version) -> dict:
    sent = {name: value for name, value in sent.items() if name != "version"}
    return sent if version is None else {**sent, "version": version}


@EVERY_ACT
def test_an_act_without_the_version_that_was_seen_is_refused(editor, act):
    article = in_state(ACTS[act][0])
    for version in STRANGE if act in {Act.SUBMIT, Act.WITHDRAW} else [None, "abc"]:
        sent = with_version(sent_for(act, article), version)
        refused(editor, page_of(act, article), sent, status=409, sentence=UNSEEN, case=repr(version)[:30])


@pytest.mark.parametrize("version", STRANGE, ids=lambda version: repr(version)[:12])
def test_a_save_without_the_version_that_was_opened_changes_nothing(editor, version):
    article = in_state(DRAFT)
    before = everything()
    response = editor.post(change(article), with_version(fields_of(article, deck="Lost?"), version))
    assert (response.status_code, UNKNOWN in said(response)) in {(200, True), (409, False)}
    assert "Lost?" in response.text  # what was typed is not lost either
    assert everything() == before


# Twice in a row


@EVERY_ACT
def test_an_act_that_is_sent_twice_is_done_once(editor, act):
    article = in_state(ACTS[act][0])
    sent = sent_for(act, article)
    assert editor.post(page_of(act, article), sent).status_code == 302
    refused(editor, page_of(act, article), sent, status=409, sentence="This can’t be done now")


def test_a_restored_version_is_restored_once(editor):
    article = wrote(in_state(DRAFT), body="<p>Other.</p>")
    url = reverse("admin:articles_article_restore", args=[article.pk, 1])
    sent = {"version": article.version}
    assert editor.post(url, sent).status_code == 302
    refused(editor, url, sent, status=409, sentence=UNSEEN)
    assert Revision.objects.filter(article=article).count() == 3


def test_a_save_that_is_sent_twice_is_saved_once(editor):
    article = in_state(DRAFT)
    sent = fields_of(article, deck="New summary.")
    assert editor.post(change(article), sent).status_code == 302
    refused(editor, change(article), sent, status=409, sentence="was saved meanwhile")


@pytest.mark.parametrize("act", ["withdraw", "bring-back"])
def test_a_topic_is_withdrawn_and_brought_back_once(editor, act):
    topic = a_topic()
    if act == "bring-back":
        withdraw(topic, at=timezone.now(), by=GRACE, reason="Old.")
    sent, sentence = ({"reason": "Old."}, "is withdrawn already") if act == "withdraw" else ({}, "is not withdrawn")
    assert editor.post(page_of(act, topic), sent).status_code == 302
    refused(editor, page_of(act, topic), sent, status=409, sentence=sentence)


# What is gone between the page and its button


@pytest.mark.parametrize("act", [act for act in Act if ACTS[act][0] == DRAFT])
def test_an_act_on_an_article_that_was_deleted_meanwhile_is_not_found(editor, act):
    article = in_state(DRAFT)
    url, sent = page_of(act, article), sent_for(act, article)
    assert editor.get(url).status_code == 200
    assert editor.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"}).status_code == 302
    before = everything()
    response = editor.post(url, sent)
    assert response.status_code == 404 and "Page not found" in said(response)
    assert everything() == before


def test_what_was_typed_into_an_article_that_was_deleted_meanwhile_is_shown(editor):
    article = in_state(DRAFT)
    url, sent = change(article), fields_of(article, deck="Half an hour of work.")
    article.delete()
    refused(editor, url, sent, status=409, sentence="This article has been deleted since you opened it")
    assert "Half an hour of work." in editor.post(url, sent).text


def without_group(person):
    person.groups.clear()


def without_the_permission(person):
    codenames = [MACHINE[act].permission.partition(".")[2] for act in Act]
    for group in Group.objects.all():
        group.permissions.remove(*group.permissions.filter(codename__in=codenames))


def no_staff(person):
    User.objects.filter(pk=person.pk).update(is_staff=False)


def not_active(person):
    User.objects.filter(pk=person.pk).update(is_active=False)


def with_another_password(person):
    person.set_password("a password that was changed by somebody else")
    person.save()


def deleted(person):
    User.objects.filter(pk=person.pk).delete()


REVOKED = {
    without_group: 403,
    without_the_permission: 403,
    no_staff: 302,
    not_active: 302,
    with_another_password: 302,
    deleted: 302,
}
EACH_ACT_AND_EACH_WAY = {
    *((act, without_group) for act in Act),
    *((act, revoke) for act in (Act.SIGN_OFF, Act.PUBLISH) for revoke in REVOKED),
}


@pytest.mark.parametrize(("act", "revoke"), sorted(EACH_ACT_AND_EACH_WAY, key=str))
def test_a_right_that_was_taken_away_between_the_page_and_its_button_is_gone(act, revoke):
    person = a_reviewer("Una Reed", number="NMC 9")
    person.groups.set([Group.objects.get(name="Administrator")])
    client, article = signed_in(person), in_state(ACTS[act][0])
    assert client.get(page_of(act, article)).status_code == 200
    revoke(person)
    before = everything()
    response = client.post(page_of(act, article), sent_for(act, article))
    assert response.status_code == REVOKED[revoke]
    assert response.status_code != 302 or response.url.startswith("/admin/login/")
    assert everything() == before


@pytest.mark.parametrize(
    ("revoke", "status"), [(without_group, 403), (no_staff, 302), (not_active, 302), (deleted, 302)]
)
def test_a_save_after_the_right_was_taken_away_changes_nothing(revoke, status):
    person, article = an_author("Una Reed"), in_state(DRAFT)
    client = signed_in(person)
    assert client.get(change(article)).status_code == 200
    revoke(person)
    before = everything()
    assert client.post(change(article), fields_of(article, deck="Too late.")).status_code == status
    assert everything() == before


def test_a_profession_that_was_taken_away_meanwhile_ends_the_right_to_sign_off():
    grace, article, edition = a_reviewer(), in_state(IN_REVIEW), without_sign_off()
    client = signed_in(grace)
    assert "attested" in client.get(page_of("sign-off", article)).text
    Profile.objects.filter(user=grace).delete()
    sentence = "Your account names no profession and registration number, and a sign-off needs both."
    for page, sent in ((article, sent_for(Act.SIGN_OFF, article)), (edition, {"attested": "on"})):
        refused(client, page_of("sign-off", page), sent, status=409, sentence=sentence)


# Requests that another site sends


@EVERY_ACT
def test_an_act_without_the_token_of_its_page_is_refused(vera, act):
    client, article = HttpsClient(enforce_csrf_checks=True), in_state(ACTS[act][0])
    client.force_login(vera)
    refused(client, page_of(act, article), sent_for(act, article), status=403, sentence="")


def test_saves_and_other_changes_without_the_token_are_refused(vera):
    client, article, edition, topic = (
        HttpsClient(enforce_csrf_checks=True),
        in_state(DRAFT),
        without_sign_off(),
        a_topic(),
    )
    client.force_login(vera)
    for url, sent in (
        (change(article), fields_of(article, deck="Forged.")),
        (reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"}),
        (reverse("admin:articles_article_restore", args=[article.pk, 1]), {"version": article.version}),
        (page_of("sign-off", edition), {"attested": "on"}),
        (page_of("withdraw", topic), {"reason": "Forged."}),
        (f"/admin/auth/user/{vera.pk}/password/", {"password1": "x" * 20, "password2": "x" * 20}),
    ):
        refused(client, url, sent, status=403, sentence="")


# Text that is too long, invisible or a script

TEXTS = [
    (act, name)
    for act in Act
    for name, field in ARTICLE_ACTS[act].form_class.base_fields.items()
    if name in {"reason", "note"} and field.max_length
]
EVERY_TEXT = pytest.mark.parametrize(("act", "name"), TEXTS)


def test_every_act_that_asks_for_words_is_among_the_texts():
    assert {act for act, _ in TEXTS} == {
        Act.SUBMIT,
        Act.ASK_CHANGES,
        Act.SIGN_OFF,
        Act.PUBLISH,
        Act.SCHEDULE,
        Act.PUBLISH_UNSIGNED,
        Act.WITHDRAW,
        Act.SET_END,
        Act.ARCHIVE,
    }


@EVERY_TEXT
def test_a_text_that_is_too_long_is_refused_and_told_how_long_it_may_be(editor, act, name):
    article = in_state(ACTS[act][0])
    most = ARTICLE_ACTS[act].form_class.base_fields[name].max_length
    for extra in (1, 1_000_000):
        sent = sent_for(act, article, **{name: "x" * (most + extra)})
        refused(editor, page_of(act, article), sent, status=200, sentence=f"at most {most} characters")


@EVERY_TEXT
def test_a_text_as_long_as_it_may_be_is_kept(editor, act, name):
    article = in_state(ACTS[act][0])
    most = ARTICLE_ACTS[act].form_class.base_fields[name].max_length
    sent = sent_for(act, article, **{name: "🩺" * most})
    assert editor.post(page_of(act, article), sent).status_code == 302


@EVERY_TEXT
def test_a_character_that_no_screen_shows_is_refused(editor, act, name):
    article = in_state(ACTS[act][0])
    for strange in ("\x00", "\x08", "\x1b[31m", "\x7f", "\x9f"):
        sent = sent_for(act, article, **{name: f"A{strange}B"})
        sentence = "The text holds a character that no screen shows"
        refused(editor, page_of(act, article), sent, status=200, sentence=sentence, case=repr(strange))


@pytest.mark.parametrize("act", [Act.PUBLISH_UNSIGNED, Act.WITHDRAW, Act.SET_END, Act.ARCHIVE, Act.ASK_CHANGES])
def test_a_reason_of_blanks_is_no_reason(editor, act):
    article = in_state(ACTS[act][0])
    name = "note" if act == Act.ASK_CHANGES else "reason"
    for empty in ("", "   ", "\n\n", "\u200b\u2060", "\u00a0"):
        sent = sent_for(act, article, **{name: empty})
        sentence = "This field is required."
        refused(editor, page_of(act, article), sent, status=200, sentence=sentence, case=repr(empty))


def test_a_reason_is_kept_on_one_line(editor):
    article = in_state(LIVE)
    editor.post(page_of("withdraw", article), sent_for(Act.WITHDRAW, article, reason="Old.\r\nBcc: all@example.org"))
    assert article.withdrawals.get().reason == "Old. Bcc: all@example.org"


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;{{ 7|add:7 }}"


def test_what_is_typed_as_a_reason_or_note_runs_nowhere(editor, vera):
    """Every page on which staff or patients read it shows it as it was typed."""
    article = in_state(DRAFT, by=an_author())

    def do(client, act, **fields):
        now = Article.objects.get(pk=article.pk)
        fields = {name: EVIL if value is None else value for name, value in fields.items()}
        response = client.post(page_of(act, now), {"version": now.version, **fields})
        assert response.status_code == 302, act
        shown(client, response.url, words=False)

    def shown(client, url, *, words=True):
        page = client.get(url, follow=True).text
        assert "<script>alert(1)" not in page and "<img src=x" not in page, url
        assert not words or html.escape(EVIL) in page, url

    author, reviewer, publisher = signed_in(an_author()), signed_in(a_reviewer()), signed_in(a_publisher())
    do(author, "submit", note=None)
    shown(reviewer, page_of("sign-off", article))
    do(reviewer, "ask-changes", note=None)
    shown(author, change(article))  # the panel says what should change
    shown(author, page_of("submit", article))
    do(author, "submit", note=None)
    do(reviewer, "sign-off", note=None, attested="on")
    shown(publisher, page_of("publish", article))
    do(publisher, "publish", change="major", note=None)
    edition = article.editions.get()
    shown(publisher, change(edition))
    shown(publisher, article.get_absolute_url(), words=False)
    shown(publisher, reverse("history", args=[article.slug]))  # what patients read of the change
    do(publisher, "set-end", ends_at=in_days(7), reason=None)
    plan = article.scheduled_acts.get()
    for url in (change(plan), reverse("admin:articles_scheduledact_changelist")):
        shown(publisher, url, words=False)
    do(publisher, "call-off-end")
    do(publisher, "withdraw", reason=None)
    shown(publisher, page_of("bring-back", article))
    shown(publisher, article.get_absolute_url())  # 410, with the reason
    do(publisher, "bring-back")
    shown(publisher, reverse("history", args=[article.slug]))
    with revision(article, version=1, at=timezone.now(), by=GRACE):
        article.sections.update(body="<p>Other.</p>")
    do(publisher, "publish-unsigned", change="major", reason=None, note=None)
    unsigned = article.editions.get(number=2)
    for url in (change(unsigned), page_of("sign-off", unsigned), reverse("admin:articles_edition_changelist")):
        shown(reviewer, url)
    assert editor.post(page_of("sign-off", unsigned), {"attested": "on", "note": EVIL}).status_code == 302
    for url in (change(unsigned), reverse("admin:articles_article_history", args=[article.pk])):
        shown(editor, url)
    shown(editor, reverse("admin:articles_auditentry_changelist"))
    for entry in AuditEntry.objects.exclude(reason=""):
        shown(editor, change(entry))
    shown(editor, reverse("admin:index"), words=False)
    assert Edition.objects.get(pk=edition.pk).note == EVIL  # kept as it was typed, and escaped when it is shown


def test_an_account_with_a_script_for_a_name_runs_nowhere(editor):
    mallory = an_author("Mallory <script>alert(1)</script>", username="mallory")
    article = in_state(IN_REVIEW, by=mallory)
    for url in (
        page_of("sign-off", article),
        page_of("publish", article),
        change(article),
        reverse("admin:articles_article_history", args=[article.pk]),
        "/admin/auth/user/",
        f"/admin/auth/user/{mallory.pk}/change/",
    ):
        assert "<script>alert(1)" not in editor.get(url).text, url


# Moments that are none

MOMENTS = [
    ("", "This field is required."),
    ("yesterday", "Write a day and a time"),
    ("2026-13-40", "Write a day and a time"),
    ("2026-13-40T00:00", "Write a day and a time"),
    ("2027-02-29T09:00", "Write a day and a time"),
    ("2027-01-01T25:61", "Write a day and a time"),
    ("10000-01-01T00:00", "Write a day and a time"),
    ("\x00", "Write a day and a time"),
    ("9" * 60_000, "Write a day and a time"),
    ("9999-12-31T23:59", "That is more than five years ahead."),
    ("9999-12-31T23:59+00:00", "That is more than five years ahead."),
    ("0001-01-01T00:00", "That moment has passed."),
    ("0001-01-01T00:00+14:00", "That moment has passed."),
    ("2001-01-01T00:00", "That moment has passed."),
]
EVERY_MOMENT = pytest.mark.parametrize(("act", "name"), [(Act.SCHEDULE, "live_at"), (Act.SET_END, "ends_at")])


@pytest.mark.parametrize("zone", ["UTC", "America/Chicago", "Pacific/Kiritimati"])
@EVERY_MOMENT
def test_a_moment_that_can_not_be_is_refused(editor, settings, act, name, zone):
    settings.TIME_ZONE = zone
    article = in_state(ACTS[act][0])
    for moment, sentence in MOMENTS:
        sent = sent_for(act, article, **{name: moment})
        refused(editor, page_of(act, article), sent, status=200, sentence=sentence, case=moment[:30])


@EVERY_MOMENT
def test_a_moment_at_which_the_clocks_change_is_refused(editor, settings, act, name):
    settings.TIME_ZONE = "America/Chicago"
    article = in_state(ACTS[act][0])
    for moment in ("2027-11-07T01:30", "2027-03-14T02:30"):  # comes twice; comes never
        sent = sent_for(act, article, **{name: moment})
        refused(editor, page_of(act, article), sent, status=200, sentence="The clocks are changed then", case=moment)


@EVERY_MOMENT
def test_a_moment_is_read_by_the_clocks_of_the_site(editor, settings, act, name):
    settings.TIME_ZONE = "America/Chicago"
    year = timezone.localdate().year + 4
    article = in_state(ACTS[act][0])
    assert (
        editor.post(page_of(act, article), sent_for(act, article, **{name: f"{year}-06-01T09:00"})).status_code == 302
    )
    assert article.scheduled_acts.get().due_at == datetime(year, 6, 1, 14, 0, tzinfo=UTC)
    if act == Act.SCHEDULE:
        assert article.editions.get().published_on == date(year, 6, 1)


def test_the_session_cookie_is_the_only_key(editor):
    """Forged cookies and headers open nothing."""
    article = in_state(DRAFT)
    for cookie in ("x", "\x00", "a" * 32, "' OR 1=1 --"):
        client = HttpsClient()
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        response = client.post(page_of("submit", article), sent_for(Act.SUBMIT, article))
        assert (response.status_code, response.url.partition("?")[0]) == (302, "/admin/login/")
    assert not article.steps.exists()
