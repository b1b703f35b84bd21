"""Every situation that an article can be in: what is possible then, where it leads, and what is said to those who can’t."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError

from articles.models import Article
from articles.revising import StaleVersion
from articles.workflow import MACHINE, Act, Refused, State, offers, refusals, with_state
from tests.acts import everything
from tests.builders import (
    NOON,
    YESTERDAY,
    a_publisher,
    a_reviewer,
    an_author,
    scheduled,
    sent,
    signed_and_published,
    signed_off,
    wrote,
)
from tests.verbs import (
    TOMORROW,
    VERBS,
    after,
    archived,
    asked,
    changes_asked,
    do,
    edited,
    somebody_with_every_right,
    state_of,
    undone,
    with_end,
    withdrawn,
)

pytestmark = pytest.mark.django_db


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


@pytest.fixture(scope="module")
def made(module_db) -> dict[str, int]:
    """The id of an article in each situation."""
    return {name: way().pk for name, (way, _, _) in SITUATIONS.items()}


@pytest.fixture
def situation(made):
    return lambda name: Article.objects.get(pk=made[name])


def test_the_table_below_has_every_state_and_every_act():
    assert [state for _, state, _ in EVERY_STATE.values()] == list(State)
    assert set(VERBS) == set(MACHINE) == set(Act)
    assert {act for _, _, possible in EVERY_STATE.values() for act in possible} == set(Act) - {Act.CALL_OFF_END}


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_possible_in_which_state_and_where_it_leads(situation, name):
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
def test_a_verb_refuses_exactly_what_was_refused_before_anybody_asked(situation, name):
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
def test_what_is_possible_is_offered_and_nothing_else_is_a_button(situation, name):
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
def test_a_refusal_names_its_rule_and_who_can(situation, name, act, sentences):
    a_reviewer(), a_publisher(), an_author()
    article = asked(situation(name))
    User.objects.filter(is_superuser=True).update(is_active=False)
    who_may = User(username="everything", is_superuser=True)
    told = refusals(article, act, by=who_may, at=NOON)
    assert [rule for rule in told if not rule.startswith("Your account names no profession")] == sentences


# A permission that is taken away between the question and the act.


@pytest.mark.parametrize("act", Act)
def test_who_has_lost_the_permission_is_refused(situation, act):
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


# A text that was saved after it was read.


@pytest.mark.parametrize("old", ["the version before", "no version", "a version to come"])
@pytest.mark.parametrize("act", Act)
def test_nobody_decides_about_a_text_that_he_has_not_seen(situation, act, old):
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
def test_an_act_without_what_it_needs_is_refused_and_changes_nothing(situation, name, act, details, problem):
    article, by = situation(name), somebody_with_every_right()
    before = everything()
    with pytest.raises(ValidationError, match=problem):
        do(act, article, by=by, **details)
    assert everything() == before


# What it costs.


def test_a_list_of_articles_knows_their_states_in_one_query(made, django_assert_num_queries):
    articles = Article.objects.filter(pk__in=[made[name] for name in EVERY_STATE])
    with django_assert_num_queries(1):
        found = sorted(article.state for article in with_state(articles, at=NOON))
    assert found == sorted(State)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_offers_of_an_article_cost_few_queries_however_many_people_there_are(
    situation, name, django_assert_max_num_queries
):
    article = asked(situation(name))
    for number in range(20):
        a_reviewer(f"Reviewer {number}"), a_publisher(f"Publisher {number}"), an_author(f"Author {number}")
    somebody = User.objects.get(pk=an_author().pk)
    with django_assert_max_num_queries(9):
        offers(article, by=somebody, at=NOON)
