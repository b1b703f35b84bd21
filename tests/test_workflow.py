"""The way of an article from a draft to its patients: what is possible in which state, where it leads, and what is
said to those who can't."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from articles import publishing, revising, workflow
from articles.importing.publishing import publish_imported
from articles.models import Article, AuditEntry, Edition, WorkflowStep
from articles.people import Person
from articles.revising import StaleVersion
from articles.workflow import Act, Refused, State, named, refusals
from tests.builders import (
    NOON,
    YESTERDAY,
    a_publisher,
    a_reviewer,
    an_account,
    an_article,
    an_author,
    publish,
    sent,
    signed_and_published,
    signed_off,
    wrote,
)
from tests.verbs import (
    after,
    archived,
    asked,
    changes_asked,
    do,
    edited,
    somebody_with_every_right,
    state_of,
    withdrawn,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("act", "who_can"),
    [
        (Act.SUBMIT, "Ana Ruiz or Paul Lee can send it for review."),
        (Act.SIGN_OFF, "Grace Obi can sign it off."),
        (Act.ASK_CHANGES, "Grace Obi can ask for changes."),
        (Act.PUBLISH, "Paul Lee can publish it."),
        (Act.PUBLISH_UNSIGNED, "Paul Lee can publish it in an emergency."),
        (Act.WITHDRAW, "Paul Lee can withdraw it."),
    ],
)
def test_who_lacks_the_permission_is_told_who_has_it(act, who_can):
    an_author(), a_reviewer(), a_publisher()
    told = refusals(asked(wrote()), act, by=an_account("Date reviewer", "Ida Lund"), at=NOON)
    assert told[-1] == f"Your account has no permission for this. {who_can}"


def test_whoever_could_not_sign_is_not_named_as_somebody_who_can():
    """Neither those who wrote the text, nor those without a registration number, nor accounts that are closed."""
    a_reviewer("Ben Hale", number="")
    User.objects.filter(pk=a_reviewer("Eva Stone").pk).update(is_active=False)
    wrote(article := wrote(), by=a_reviewer("Ian Cole"), body="<p>Ian wrote this.</p>")
    a_reviewer()
    told = refusals(asked(article), Act.SIGN_OFF, by=a_publisher(), at=NOON)
    assert told[-1] == "Your account has no permission for this. Grace Obi can sign it off."


def test_where_nobody_can_it_is_said_what_to_do():
    article = asked(sent())
    assert refusals(article, Act.SIGN_OFF, by=an_author(), at=NOON) == [
        "Your account has no permission for this. Nobody here can sign it off now: ask an administrator to give "
        "somebody the permission, and a profession and registration number."
    ]
    assert refusals(article, Act.WITHDRAW, by=an_author(), at=NOON) == [
        "Patients don’t read this article.",
        "Your account has no permission for this. Nobody here can withdraw it now: ask an administrator to give "
        "somebody the permission.",
    ]


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        (1, "A 1 can sign it off."),
        (2, "A 1 or A 2 can sign it off."),
        (3, "A 1, A 2 or A 3 can sign it off."),
        (5, "A 1, A 2, A 3, A 4 or A 5 can sign it off."),
        (6, "A 1, A 2, A 3, A 4, A 5 and 1 other can sign it off."),
        (8, "A 1, A 2, A 3, A 4, A 5 and 3 others can sign it off."),
    ],
)
def test_at_most_five_people_are_named(people, sentence):
    users = [User(first_name="A", last_name=f"{number}") for number in range(1, people + 1)]
    assert named(users, "sign it off") == sentence


def test_a_closed_account_is_refused_even_if_it_was_a_superuser():
    user = somebody_with_every_right()
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Refused, match="no permission"):
        do(Act.SUBMIT, wrote(), by=User.objects.get(pk=user.pk))


def test_nobody_decides_about_an_article_that_is_gone():
    article = wrote()
    gone = Article.objects.get(pk=article.pk)
    article.delete()
    with pytest.raises(StaleVersion) as refusal:
        do(Act.SUBMIT, gone)
    assert refusal.value.article is None


# What a save does to a text on its way.


def test_patients_read_their_edition_while_the_article_is_edited():
    article = edited(signed_and_published())
    found = asked(article)
    assert (found.state, found.is_live, found.live_number) == (State.DRAFT, True, 1)
    assert "Small meals help" in Edition.objects.live(at=NOON).get().content["sections"][0]["body"]


@pytest.mark.parametrize("way", [sent, signed_off])
def test_a_save_voids_what_was_asked_and_decided(way):
    article = way()
    assert state_of(wrote(article, body="<p>One more comma,</p>")) == State.DRAFT
    assert (
        "No second clinician has signed this text off"
        in refusals(asked(article), Act.PUBLISH, by=a_publisher(), at=NOON)[0]
    )


@pytest.mark.parametrize(("way", "state"), [(sent, State.IN_REVIEW), (signed_off, State.APPROVED)])
def test_a_save_that_changes_nothing_voids_nothing(way, state):
    assert state_of(wrote(way())) == state


def test_restoring_an_earlier_version_needs_a_new_sign_off():
    article = signed_off(edited(wrote()))
    revising.restore(
        article, article.revisions.get(number=1), version=article.version, at=NOON, by=Person.of(a_publisher())
    )
    assert state_of(article) == State.DRAFT


def test_a_sign_off_does_not_come_back_with_the_text_that_was_signed():
    article = signed_off()
    edited(article)
    article = Article.objects.get()
    revising.restore(
        article, article.revisions.get(number=1), version=article.version, at=NOON, by=Person.of(an_author())
    )
    assert state_of(article) == State.DRAFT


def test_changes_that_were_asked_for_stand_until_the_text_is_sent_again():
    article = changes_asked()
    assert state_of(article) == State.CHANGES_ASKED
    article = edited(article)
    assert state_of(article) == State.CHANGES_ASKED
    article = sent(article)
    assert state_of(article) == State.IN_REVIEW
    assert state_of(edited(article)) == State.DRAFT


@pytest.mark.parametrize("way", [changes_asked, lambda: edited(changes_asked())])
def test_changes_that_were_asked_for_do_not_outlive_an_emergency(way):
    article = after(Act.PUBLISH_UNSIGNED, way())
    assert state_of(article) == State.PUBLISHED
    assert state_of(edited(article)) == State.DRAFT


def test_what_was_sent_can_be_taken_back_and_sent_again():
    article = after(Act.TAKE_BACK, signed_off())
    assert state_of(article) == State.DRAFT
    assert state_of(sent(article)) == State.IN_REVIEW
    assert state_of(signed_off(after(Act.TAKE_BACK, article))) == State.APPROVED


def test_a_withdrawn_page_comes_back_with_its_new_text_in_one_act():
    article = signed_off(edited(withdrawn()))
    assert not Edition.objects.live(at=NOON).exists()
    do(Act.PUBLISH, article)
    assert Edition.objects.live(at=NOON).get().number == 2
    assert not Edition.objects.live(at=NOON - HOUR).exists()
    assert article.withdrawals.get().until_at == NOON


def test_what_is_archived_keeps_everything_and_comes_back_as_it_was():
    article = archived()
    assert state_of(article) == State.ARCHIVED
    assert Article.objects.get().version == article.revisions.count() == 1
    do(Act.UNARCHIVE, article)
    assert (state_of(article), Article.objects.get().archived_at) == (State.DRAFT, None)
    trail = AuditEntry.objects.order_by("id").values_list("action", "reason")
    assert list(trail)[-2:] == [("archived", "Nobody needs it."), ("unarchived", "")]


# Doors beside the workflow.


def test_nothing_is_published_out_of_the_archive():
    article = archived()
    with pytest.raises(ValidationError, match="in the archive"):
        publish(article)
    assert not Edition.objects.exists()


def test_an_import_does_not_bring_a_withdrawn_page_back():
    article = an_article(is_sample=True)
    publish(article, at=YESTERDAY)
    publishing.withdraw(article, at=YESTERDAY, by=Person("Paul Lee"), reason="The advice is wrong.")
    Article.objects.update(is_sample=False)
    said = publish_imported(Article.objects.get(), at=NOON, source="page.txt")
    assert said == "the page stays withdrawn: bring it back or publish the new text in the admin"
    assert not Edition.objects.live(at=NOON).exists()


@pytest.mark.parametrize("act", [Act.SUBMIT, Act.PUBLISH_UNSIGNED])
def test_an_unfinished_text_is_neither_sent_for_review_nor_published(act):
    article = wrote(an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "")]))
    with pytest.raises(ValidationError, match="The section “Meals” is empty"):
        do(act, article)
    assert state_of(article) == State.DRAFT


def test_steps_are_kept_with_the_version_the_person_and_what_was_said():
    article = sent()
    workflow.sign_off(article, version=1, by=a_reviewer(), at=NOON, note=" Checked against NICE NG12. ")
    rows = WorkflowStep.objects.order_by("id").values_list("action", "version", "by", "by_account", "note", "at")
    assert list(rows) == [
        ("submitted", 1, "Ana Ruiz", an_author().pk, "", YESTERDAY),
        ("signed_off", 1, "Grace Obi", a_reviewer().pk, "Checked against NICE NG12.", NOON),
    ]
    assert WorkflowStep.objects.first().credential == "Registered nurse, no. NMC 12345"
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.reason) == ("signed_off", "Grace Obi", "Checked against NICE NG12.")
    assert entry.summary == "version 1, Registered nurse, no. NMC 12345"
