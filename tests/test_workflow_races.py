"""Two people decide about one text at the same moment: one act is done, the other person is told."""

import os
import threading
from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection

from articles import publishing, workflow
from articles.models import Article, Edition, WorkflowStep
from articles.people import Person
from articles.revising import StaleVersion, revision
from articles.workflow import Act, Refused, sign_off_afterwards
from tests.builders import (
    NOON,
    a_publisher,
    a_reviewer,
    an_article,
    an_author,
    publish,
    sent,
    signed_and_published,
    signed_off,
    wrote,
)
from tests.verbs import do

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "5"))  # `make drill` sets 50


def at_once(*acts) -> list[str]:
    """What became of each act when all began at the same moment, each in a thread and connection of its own."""
    barrier, became = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number, act):
        try:
            barrier.wait(timeout=30)
            act()
            became[number] = "done"
        except (ValidationError, StaleVersion) as told:
            became[number] = type(told).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=row) for row in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return became


def by(act: Act, article: Article, *people: User):
    """The act as each of these people does it."""
    return [lambda user=user: do(act, article, by=User.objects.get(pk=user.pk)) for user in people]


def pages(state) -> list[Article]:
    return [state(an_article(f"Page {number}")) for number in range(ROUNDS)]


def test_of_two_publishers_one_publishes_and_the_other_is_told(committing_db):
    people = a_publisher(), a_publisher("Lea Moss")
    for article in pages(signed_off):
        assert sorted(at_once(*by(Act.PUBLISH, article, *people))) == ["Refused", "done"]
        assert article.editions.count() == 1


def test_without_the_question_that_is_asked_again_both_publish(committing_db):
    """The control: the act itself, as it is done once the question was answered, makes two editions."""
    for article in pages(signed_off):
        step = article.steps.get(action="signed_off")

        def act(article=article, step=step):
            publishing.publish(article, at=NOON, by=Person("Paul Lee"), sign_off=step, note="New.")

        assert at_once(act, act) == ["done", "done"]
        assert article.editions.count() == 2


def test_of_two_who_sign_off_one_signs_and_the_other_is_told(committing_db):
    people = a_reviewer(), a_reviewer("Sam Hart")
    for article in pages(sent):
        assert sorted(at_once(*by(Act.SIGN_OFF, article, *people))) == ["Refused", "done"]
        assert article.steps.filter(action="signed_off").count() == 1


def test_of_two_who_sign_an_emergency_off_one_signs_and_the_other_is_told(committing_db):
    people = a_reviewer(), a_reviewer("Sam Hart")
    for article in pages(wrote):
        edition = publish(article)
        acts = [
            lambda user=user, edition=edition: sign_off_afterwards(edition, by=User.objects.get(pk=user.pk), at=NOON)
            for user in people
        ]
        assert sorted(at_once(*acts)) == ["Refused", "done"]
    assert WorkflowStep.objects.filter(action="signed_off_after").count() == ROUNDS


def test_a_text_that_is_saved_while_it_is_published_is_not_published_unseen(committing_db):
    """Whoever is first: patients read the text that was signed off, or nothing yet."""
    publisher, author = a_publisher(), an_author()
    became = Counter()
    for article in pages(signed_off):

        def save(pk=article.pk):
            opened = Article.objects.get(pk=pk)
            with revision(opened, version=1, at=NOON, by=Person.of(author)):
                opened.title = "Another title"
                opened.save(update_fields=["title"])

        published, saved = at_once(*by(Act.PUBLISH, article, publisher), save)
        became[published, saved] += 1
        assert (published, saved) in {("done", "done"), ("StaleVersion", "done")}
        found = list(Edition.objects.filter(article=article).values_list("version", "title"))
        assert found == ([(1, article.title)] if published == "done" else [])
        article.refresh_from_db()
        assert (article.version, article.title) == (2, "Another title")
    assert sum(became.values()) == ROUNDS


def test_of_a_sign_off_and_a_request_for_changes_both_are_kept_in_their_order(committing_db):
    """A request for changes may follow a sign-off, never the other way round."""
    signer, asker = a_reviewer(), a_reviewer("Sam Hart")
    for article in pages(sent):
        signed, asked = at_once(*by(Act.SIGN_OFF, article, signer), *by(Act.ASK_CHANGES, article, asker))
        assert asked == "done"
        decided = list(article.steps.order_by("id").values_list("action", flat=True))[1:]
        assert decided == (["signed_off", "changes_asked"] if signed == "done" else ["changes_asked"])
        with pytest.raises(Refused):
            do(Act.PUBLISH, article, by=a_publisher())


def test_of_two_who_withdraw_one_withdraws_and_the_other_is_told(committing_db):
    people = a_publisher(), a_publisher("Lea Moss")
    for article in pages(signed_and_published):
        assert sorted(at_once(*by(Act.WITHDRAW, article, *people))) == ["Refused", "done"]
        assert article.withdrawals.count() == 1


def test_of_a_schedule_and_a_publication_only_one_is_done(committing_db):
    people = a_publisher(), a_publisher("Lea Moss")
    for article in pages(signed_off):
        acts = [*by(Act.PUBLISH, article, people[0]), *by(Act.SCHEDULE, article, people[1])]
        assert sorted(at_once(*acts)) == ["Refused", "done"]
        assert article.editions.count() == 1
        assert workflow.with_state(Article.objects.all(), at=NOON).get(pk=article.pk).state in {
            "published",
            "scheduled",
        }
