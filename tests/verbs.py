"""The verbs of articles/workflow/ by their acts, done by somebody who may do everything unless the test is about who."""

from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction

from articles import workflow
from articles.models import Article
from articles.workflow import Act, State, with_state
from tests.builders import NOON, YESTERDAY, a_publisher, a_reviewer, an_author, sent, signed_and_published, wrote

TOMORROW, NEXT_WEEK = NOON + timedelta(days=1), NOON + timedelta(days=7)

VERBS = {
    Act.SUBMIT: (workflow.submit, {}),
    Act.TAKE_BACK: (workflow.take_back, {}),
    Act.ASK_CHANGES: (workflow.ask_changes, {"note": "Say how much."}),
    Act.SIGN_OFF: (workflow.sign_off, {}),
    Act.PUBLISH: (workflow.publish, {"change": "major", "note": "New advice."}),
    Act.SCHEDULE: (workflow.schedule, {"change": "major", "note": "New advice.", "live_at": TOMORROW}),
    Act.UNSCHEDULE: (workflow.unschedule, {}),
    Act.PUBLISH_UNSIGNED: (
        workflow.publish_unsigned,
        {"change": "major", "note": "New advice.", "reason": "The dose was wrong."},
    ),
    Act.WITHDRAW: (workflow.withdraw, {"reason": "The advice has changed."}),
    Act.BRING_BACK: (workflow.bring_back, {}),
    Act.SET_END: (workflow.set_end, {"ends_at": NEXT_WEEK, "reason": "The campaign is over."}),
    Act.CALL_OFF_END: (workflow.call_off_end, {}),
    Act.ARCHIVE: (workflow.archive, {"reason": "Nobody needs it."}),
    Act.UNARCHIVE: (workflow.unarchive, {}),
}


def do(act: Act, article: Article, *, by=None, at=NOON, version=None, **details):
    """Do the act as somebody who has seen the article as it is given."""
    verb, usual = VERBS[act]
    version = article.version if version is None else version
    return verb(article, version=version, by=by or somebody_with_every_right(), at=at, **{**usual, **details})


def after(act: Act, article: Article, **details) -> Article:
    """The article after an act of yesterday."""
    do(act, article, **{"at": YESTERDAY, **details})
    return Article.objects.get(pk=article.pk)


def asked(article: Article, *, at=NOON) -> Article:
    """The article with what the workflow knows of it."""
    return with_state(Article.objects.all(), at=at).get(pk=article.pk)


def state_of(article: Article, *, at=NOON) -> State:
    return State(asked(article, at=at).state)


def changes_asked(article: Article | None = None) -> Article:
    return after(Act.ASK_CHANGES, sent(article), by=a_reviewer())


def with_end(ends_at=TOMORROW) -> Article:
    return after(Act.SET_END, signed_and_published(), by=a_publisher(), ends_at=ends_at)


def withdrawn() -> Article:
    return after(Act.WITHDRAW, signed_and_published(), by=a_publisher())


def archived() -> Article:
    return after(Act.ARCHIVE, wrote(), by=a_publisher())


def somebody_with_every_right() -> User:
    """A clinician who may do everything and wrote nothing."""
    user = a_reviewer("Max Roy")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return User.objects.get(pk=user.pk)


@contextmanager
def undone():
    """What happens in the block is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def edited(article: Article) -> Article:
    return wrote(article, by=an_author(), body=f"<p>Text after version {article.version}.</p>")
