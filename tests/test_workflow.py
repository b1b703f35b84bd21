"""The way of an article from a draft to its patients: what is possible in which state, where it leads, and what is
said to those who can't."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError

from articles import publishing, revising, workflow
from articles.importing.publishing import publish_imported
from articles.models import Article, AuditEntry, Edition, WorkflowStep
from articles.people import Person
from articles.revising import StaleVersion
from articles.workflow import MACHINE, Act, Refused, State, named, offers, refusals, with_state
from tests.acts import everything
from tests.builders import (
    NOON,
    YESTERDAY,
    a_publisher,
    a_reviewer,
    an_account,
    an_article,
    an_author,
    publish,
    scheduled,
    sent,
    signed_and_published,
    signed_off,
    wrote,
)
from tests.verbs import TOMORROW, VERBS, after, asked, do, edited, somebody_with_every_right, state_of, undone

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def changes_asked(article: Article | None = None) -> Article:
    return after(Act.ASK_CHANGES, sent(article), by=a_reviewer())


def with_end(ends_at=TOMORROW) -> Article:
    return after(Act.SET_END, signed_and_published(), by=a_publisher(), ends_at=ends_at)


def withdrawn() -> Article:
    return after(Act.WITHDRAW, signed_and_published(), by=a_publisher())


def archived() -> Article:
    return after(Act.ARCHIVE, wrote(), by=a_publisher())


# How the article came there, its state, and what is possible then with the state that it leads to.
EVERY_STATE = {
    "written": (
        wrote,
        State.DRAFT,
        {Act.SUBMIT: State.IN_REVIEW, Act.PUBLISH_UNSIGNED: State.PUBLISHED, Act.ARCHIVE: State.ARCHIVED},
    ),
    "sent for review": (
        sent,
        State.IN_REVIEW,
        {
            Act.TAKE_BACK: State.DRAFT,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.SIGN_OFF: State.APPROVED,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
        },
    ),
    "changes asked": (
        changes_asked,
        State.CHANGES_ASKED,
        {Act.SUBMIT: State.IN_REVIEW, Act.PUBLISH_UNSIGNED: State.PUBLISHED, Act.ARCHIVE: State.ARCHIVED},
    ),
    "signed off": (
        signed_off,
        State.APPROVED,
        {
            Act.TAKE_BACK: State.DRAFT,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.PUBLISH: State.PUBLISHED,
            Act.SCHEDULE: State.SCHEDULED,
        },
    ),
    "scheduled": (lambda: scheduled(live_at=TOMORROW), State.SCHEDULED, {Act.UNSCHEDULE: State.APPROVED}),
    "published": (
        signed_and_published,
        State.PUBLISHED,
        {Act.WITHDRAW: State.WITHDRAWN, Act.SET_END: State.PUBLISHED},
    ),
    "withdrawn": (withdrawn, State.WITHDRAWN, {Act.BRING_BACK: State.PUBLISHED, Act.ARCHIVE: State.ARCHIVED}),
    "archived": (archived, State.ARCHIVED, {Act.UNARCHIVE: State.DRAFT}),
}
# The text is on a way of its own while patients read, will read or have lost an edition.
TWO_WAYS_AT_ONCE = {
    "published, then edited": (
        lambda: edited(signed_and_published()),
        State.DRAFT,
        {
            Act.SUBMIT: State.IN_REVIEW,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
            Act.WITHDRAW: State.WITHDRAWN,
            Act.SET_END: State.DRAFT,
        },
    ),
    "published, edited and sent": (
        lambda: sent(edited(signed_and_published())),
        State.IN_REVIEW,
        {
            Act.TAKE_BACK: State.DRAFT,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.SIGN_OFF: State.APPROVED,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
            Act.WITHDRAW: State.IN_REVIEW,
            Act.SET_END: State.IN_REVIEW,
        },
    ),
    "published, and changes asked of a new text": (
        lambda: changes_asked(edited(signed_and_published())),
        State.CHANGES_ASKED,
        {
            Act.SUBMIT: State.IN_REVIEW,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
            Act.WITHDRAW: State.CHANGES_ASKED,
            Act.SET_END: State.CHANGES_ASKED,
        },
    ),
    "published, and a new text signed off": (
        lambda: signed_off(edited(signed_and_published())),
        State.APPROVED,
        {
            Act.TAKE_BACK: State.DRAFT,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.PUBLISH: State.PUBLISHED,
            Act.SCHEDULE: State.SCHEDULED,
            Act.WITHDRAW: State.APPROVED,
            Act.SET_END: State.APPROVED,
        },
    ),
    "published, and a second edition scheduled": (
        lambda: scheduled(edited(signed_and_published()), TOMORROW),
        State.SCHEDULED,
        {Act.UNSCHEDULE: State.APPROVED, Act.WITHDRAW: State.WITHDRAWN, Act.SET_END: State.SCHEDULED},
    ),
    "scheduled, then edited": (
        lambda: edited(scheduled(live_at=TOMORROW)),
        State.DRAFT,
        {Act.SUBMIT: State.IN_REVIEW, Act.UNSCHEDULE: State.DRAFT},
    ),
    "scheduled, and a newer text signed off": (
        lambda: signed_off(edited(scheduled(live_at=TOMORROW))),
        State.APPROVED,
        {Act.TAKE_BACK: State.DRAFT, Act.ASK_CHANGES: State.CHANGES_ASKED, Act.UNSCHEDULE: State.APPROVED},
    ),
    "scheduled, and its moment has come": (
        lambda: scheduled(live_at=NOON),
        State.PUBLISHED,
        {Act.WITHDRAW: State.WITHDRAWN, Act.SET_END: State.PUBLISHED},
    ),
    "published with an end": (
        with_end,
        State.PUBLISHED,
        {Act.WITHDRAW: State.WITHDRAWN, Act.CALL_OFF_END: State.PUBLISHED},
    ),
    "published, and its end has come": (
        lambda: with_end(NOON),
        State.WITHDRAWN,
        {Act.BRING_BACK: State.PUBLISHED, Act.ARCHIVE: State.ARCHIVED},
    ),
    "withdrawn, then edited": (
        lambda: edited(withdrawn()),
        State.WITHDRAWN,
        {
            Act.SUBMIT: State.IN_REVIEW,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
            Act.BRING_BACK: State.DRAFT,
            Act.ARCHIVE: State.ARCHIVED,
        },
    ),
    "withdrawn, edited and sent": (
        lambda: sent(edited(withdrawn())),
        State.IN_REVIEW,
        {
            Act.TAKE_BACK: State.WITHDRAWN,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.SIGN_OFF: State.APPROVED,
            Act.PUBLISH_UNSIGNED: State.PUBLISHED,
            Act.BRING_BACK: State.IN_REVIEW,
        },
    ),
    "withdrawn, and a new text signed off": (
        lambda: signed_off(edited(withdrawn())),
        State.APPROVED,
        {
            Act.TAKE_BACK: State.WITHDRAWN,
            Act.ASK_CHANGES: State.CHANGES_ASKED,
            Act.PUBLISH: State.PUBLISHED,
            Act.BRING_BACK: State.APPROVED,
        },
    ),
    "withdrawn while a second edition waits": (
        lambda: after(Act.WITHDRAW, scheduled(edited(signed_and_published()), TOMORROW)),
        State.WITHDRAWN,
        {Act.UNSCHEDULE: State.APPROVED, Act.BRING_BACK: State.SCHEDULED},
    ),
    "withdrawn, then archived": (
        lambda: after(Act.ARCHIVE, withdrawn()),
        State.ARCHIVED,
        {Act.UNARCHIVE: State.WITHDRAWN},
    ),
    "changes asked, then archived": (
        lambda: after(Act.ARCHIVE, changes_asked()),
        State.ARCHIVED,
        {Act.UNARCHIVE: State.CHANGES_ASKED},
    ),
}
SITUATIONS = EVERY_STATE | TWO_WAYS_AT_ONCE


def situation(name: str) -> Article:
    return SITUATIONS[name][0]()


def test_the_table_below_has_every_state_and_every_act():
    assert [state for _, state, _ in EVERY_STATE.values()] == list(State)
    assert set(VERBS) == set(MACHINE) == set(Act)
    assert {act for _, _, possible in EVERY_STATE.values() for act in possible} == set(Act) - {Act.CALL_OFF_END}


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_possible_in_which_state_and_where_it_leads(name):
    _, state, possible = SITUATIONS[name]
    article, anybody = situation(name), somebody_with_every_right()
    assert state_of(article) == state
    leads_to = {}
    for act in Act:
        with undone():
            try:
                do(act, article, by=anybody)
            except Refused:
                continue
            leads_to[act] = state_of(article)
    assert leads_to == possible


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_machine_says_the_same(name):
    _, state, possible = SITUATIONS[name]
    for act, leads_to in possible.items():
        assert state in MACHINE[act].before
        is_draft_of_withdrawn = (MACHINE[act].after, leads_to) == (State.DRAFT, State.WITHDRAWN)
        assert MACHINE[act].after in {None, leads_to} or is_draft_of_withdrawn


def everybody() -> dict[str, User]:
    return {
        "the author who wrote it": an_author(),
        "a reviewer": a_reviewer(),
        "a reviewer without a number": a_reviewer("Ben Hale", number=""),
        "a reviewer who is a publisher": a_reviewer("Sam Hart") and a_publisher("Sam Hart"),
        "a publisher": a_publisher(),
        "a superuser": somebody_with_every_right(),
        "staff without a role": User.objects.get_or_create(username="new", is_staff=True)[0],
    }


@pytest.mark.parametrize("name", EVERY_STATE)
def test_a_verb_refuses_exactly_what_was_refused_before_anybody_asked(name):
    article = asked(situation(name))
    for who, user in everybody().items():
        for act in Act:
            told = refusals(article, act, by=user, at=NOON)
            with undone():
                try:
                    do(act, article, by=user)
                except Refused as refusal:
                    assert refusal.messages == told != [], (who, act)
                else:
                    assert told == [], (who, act)


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_possible_is_offered_and_nothing_else_is_a_button(name):
    article = asked(situation(name))
    for user in (an_author(), a_reviewer(), a_publisher(), somebody_with_every_right()):
        told = {act: refusals(article, act, by=user, at=NOON) for act in Act}
        offered = {offer.act: offer.refusals for offer in offers(article, by=user, at=NOON)}
        assert offered.items() <= told.items()
        assert {act for act in offered if not offered[act]} == {act for act in told if not told[act]}


LIVE_TOMORROW = "Edition 1 is to go live on November 23, 2026, at 12:00 (UTC). It has to be called off first. Paul Lee can call it off."
NO_SECOND = (
    "No second clinician has signed this text off, and it has to be sent for review first. Grace Obi can sign it off."
)


@pytest.mark.parametrize(
    ("name", "act", "sentences"),
    [
        ("written", Act.TAKE_BACK, ["This text is not in review."]),
        ("written", Act.ASK_CHANGES, ["This text is not in review."]),
        (
            "written",
            Act.SIGN_OFF,
            ["Nobody has sent this text for review. Ana Ruiz or Paul Lee can send it for review."],
        ),
        ("written", Act.PUBLISH, [NO_SECOND]),
        ("written", Act.SCHEDULE, [NO_SECOND]),
        ("written", Act.UNSCHEDULE, ["No edition is scheduled."]),
        ("written", Act.WITHDRAW, ["Patients don’t read this article."]),
        ("written", Act.BRING_BACK, ["The article is not withdrawn."]),
        ("written", Act.SET_END, ["Patients don’t read this article."]),
        ("written", Act.CALL_OFF_END, ["No end is set."]),
        ("written", Act.UNARCHIVE, ["The article is not in the archive."]),
        ("sent for review", Act.SUBMIT, ["This text has been sent for review already."]),
        (
            "sent for review",
            Act.PUBLISH,
            ["No second clinician has signed this text off. Grace Obi can sign it off."],
        ),
        (
            "sent for review",
            Act.ARCHIVE,
            ["This text is in review. It has to be taken back first. Ana Ruiz or Paul Lee can take it back."],
        ),
        (
            "changes asked",
            Act.ASK_CHANGES,
            ["Changes have been asked for already, and the text has not been sent for review again."],
        ),
        (
            "changes asked",
            Act.SIGN_OFF,
            [
                "Nobody has sent this text for review again since changes were asked for. "
                "Ana Ruiz or Paul Lee can send it for review."
            ],
        ),
        ("signed off", Act.SUBMIT, ["This text has been sent for review already."]),
        ("signed off", Act.SIGN_OFF, ["This text is signed off already."]),
        (
            "signed off",
            Act.PUBLISH_UNSIGNED,
            ["This text is signed off, so it needs no emergency. Paul Lee can publish it."],
        ),
        (
            "signed off",
            Act.ARCHIVE,
            ["This text is signed off. It has to be taken back first. Ana Ruiz or Paul Lee can take it back."],
        ),
        ("scheduled", Act.SUBMIT, ["Nothing has changed since edition 1."]),
        ("scheduled", Act.PUBLISH, [LIVE_TOMORROW]),
        ("scheduled", Act.SCHEDULE, [LIVE_TOMORROW]),
        ("scheduled", Act.PUBLISH_UNSIGNED, [LIVE_TOMORROW]),
        ("scheduled", Act.ARCHIVE, [LIVE_TOMORROW]),
        ("scheduled", Act.WITHDRAW, ["Patients don’t read this article."]),
        ("scheduled, then edited", Act.PUBLISH, [LIVE_TOMORROW, NO_SECOND]),
        ("scheduled, then edited", Act.PUBLISH_UNSIGNED, [LIVE_TOMORROW]),
        ("scheduled, and a newer text signed off", Act.PUBLISH, [LIVE_TOMORROW]),
        ("scheduled, and a newer text signed off", Act.SCHEDULE, [LIVE_TOMORROW]),
        *(
            ("published", act, ["Nothing has changed since edition 1."])
            for act in (Act.SUBMIT, Act.SIGN_OFF, Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED)
        ),
        (
            "published",
            Act.ARCHIVE,
            ["Patients read this article. It has to be withdrawn first. Paul Lee can withdraw it."],
        ),
        (
            "published, edited and sent",
            Act.ARCHIVE,
            [
                "Patients read this article. It has to be withdrawn first. Paul Lee can withdraw it.",
                "This text is in review. It has to be taken back first. Ana Ruiz or Paul Lee can take it back.",
            ],
        ),
        (
            "published with an end",
            Act.SET_END,
            [
                "The page ends on November 23, 2026, at 12:00 (UTC) already. That has to be called off first. "
                "Paul Lee can call the end off."
            ],
        ),
        ("withdrawn", Act.WITHDRAW, ["The article is withdrawn already."]),
        ("withdrawn", Act.SET_END, ["The article is withdrawn already."]),
        *(
            (
                "withdrawn",
                act,
                [
                    "Nothing has changed since edition 1. Patients read it again when the page is brought back. "
                    "Paul Lee can bring it back."
                ],
            )
            for act in (Act.SUBMIT, Act.SIGN_OFF, Act.PUBLISH, Act.PUBLISH_UNSIGNED)
        ),
        ("withdrawn, edited and sent", Act.WITHDRAW, ["The article is withdrawn already."]),
        (
            "withdrawn, and a new text signed off",
            Act.SCHEDULE,
            [
                "The page is withdrawn. Publish it now, or bring it back before an edition is scheduled. "
                "Paul Lee can bring it back."
            ],
        ),
        ("archived", Act.ARCHIVE, ["The article is in the archive already. Paul Lee can take it out."]),
        *(
            (
                "archived",
                act,
                ["The article is in the archive and nothing is done to it there. Paul Lee can take it out."],
            )
            for act in Act
            if act not in {Act.ARCHIVE, Act.UNARCHIVE}
        ),
    ],
)
def test_a_refusal_names_its_rule_and_who_can(name, act, sentences):
    a_reviewer(), a_publisher(), an_author()
    article = asked(situation(name))
    User.objects.filter(is_superuser=True).update(is_active=False)
    who_may = User(username="everything", is_superuser=True)
    told = refusals(article, act, by=who_may, at=NOON)
    assert [rule for rule in told if not rule.startswith("Your account names no profession")] == sentences


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


# A permission that is taken away between the question and the act.


@pytest.mark.parametrize("act", Act)
def test_who_has_lost_the_permission_is_refused(act):
    name = next(name for name, (_, _, possible) in SITUATIONS.items() if act in possible)
    article = situation(name)
    user = a_reviewer("Sam Hart")
    user.groups.clear()
    codename = MACHINE[act].permission.removeprefix("articles.")
    user.user_permissions.add(Permission.objects.get(content_type__app_label="articles", codename=codename))
    assert refusals(asked(article), act, by=User.objects.get(pk=user.pk), at=NOON) == []

    user.user_permissions.clear()
    before = everything()
    with pytest.raises(Refused, match="Your account has no permission for this"):
        do(act, article, by=User.objects.get(pk=user.pk))
    assert everything() == before


def test_a_closed_account_is_refused_even_if_it_was_a_superuser():
    user = somebody_with_every_right()
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Refused, match="no permission"):
        do(Act.SUBMIT, wrote(), by=User.objects.get(pk=user.pk))


# A text that was saved after it was read.


@pytest.mark.parametrize("old", ["the version before", "no version", "a version to come"])
@pytest.mark.parametrize("act", Act)
def test_nobody_decides_about_a_text_that_he_has_not_seen(act, old):
    name = next(name for name, (_, _, possible) in SITUATIONS.items() if act in possible)
    article = situation(name)
    version = {"the version before": article.version - 1, "no version": None, "a version to come": article.version + 1}
    verb, details = VERBS[act]
    by = somebody_with_every_right()
    before = everything()
    with pytest.raises(StaleVersion) as refusal:
        verb(article, version=version[old], by=by, at=NOON, **details)
    assert refusal.value.article == article
    assert everything() == before


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


# What a verb asks besides the rules: it changes nothing when it doesn't get it.


@pytest.mark.parametrize(
    ("name", "act", "details", "problem"),
    [
        ("sent for review", Act.ASK_CHANGES, {"note": " "}, "Say what should change."),
        ("signed off", Act.PUBLISH, {"change": "vast"}, "not a valid choice"),
        ("published, and a new text signed off", Act.PUBLISH, {"note": " "}, "Tell patients what changed."),
        ("signed off", Act.SCHEDULE, {"live_at": NOON}, "That moment has passed."),
        ("signed off", Act.SCHEDULE, {"live_at": YESTERDAY}, "That moment has passed."),
        ("written", Act.PUBLISH_UNSIGNED, {"reason": " "}, "Say why the page is published without a sign-off."),
        ("written", Act.PUBLISH_UNSIGNED, {"reason": "x" * 301}, "at most 300 characters"),
        ("published", Act.WITHDRAW, {"reason": " "}, "Say why the page is withdrawn."),
        ("published", Act.WITHDRAW, {"reason": "x" * 301}, "at most 300 characters"),
        ("published", Act.SET_END, {"reason": ""}, "Say why the page is withdrawn."),
        ("published", Act.SET_END, {"ends_at": NOON}, "That moment has passed."),
        ("written", Act.ARCHIVE, {"reason": " "}, "Say why the article is put away."),
    ],
)
def test_an_act_without_what_it_needs_is_refused_and_changes_nothing(name, act, details, problem):
    article, by = situation(name), somebody_with_every_right()
    before = everything()
    with pytest.raises(ValidationError, match=problem):
        do(act, article, by=by, **details)
    assert everything() == before


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


# What it costs.


def test_a_list_of_articles_knows_their_states_in_one_query(django_assert_num_queries):
    for name in EVERY_STATE:
        situation(name)
    with django_assert_num_queries(1):
        found = sorted(article.state for article in with_state(Article.objects.all(), at=NOON))
    assert found == sorted(State)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_offers_of_an_article_cost_few_queries_however_many_people_there_are(name, django_assert_max_num_queries):
    article = asked(situation(name))
    for number in range(20):
        a_reviewer(f"Reviewer {number}"), a_publisher(f"Publisher {number}"), an_author(f"Author {number}")
    somebody = User.objects.get(pk=an_author().pk)
    with django_assert_max_num_queries(9):
        offers(article, by=somebody, at=NOON)
