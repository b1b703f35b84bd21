"""The states of an article, the acts that lead from one to another, and the state of each article at a moment.

The state is no column that could be forged or forgotten: it follows from the version of the text, the steps that were
taken about that version, and the moments of the editions and withdrawals.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from articles.models import Edition, Withdrawal, WorkflowStep

Step = WorkflowStep.Action


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    CHANGES_ASKED = "changes_asked", "Changes asked"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ARCHIVED = "archived", "Archived"


class Act(models.TextChoices):
    SUBMIT = "submit", "Send for review"
    TAKE_BACK = "take-back", "Take back from review"
    ASK_CHANGES = "ask-changes", "Ask for changes"
    SIGN_OFF = "sign-off", "Sign off"
    PUBLISH = "publish", "Publish"
    SCHEDULE = "schedule", "Schedule"
    UNSCHEDULE = "unschedule", "Call the schedule off"
    PUBLISH_UNSIGNED = "publish-unsigned", "Publish in an emergency"
    WITHDRAW = "withdraw", "Withdraw"
    BRING_BACK = "bring-back", "Bring back"
    SET_END = "set-end", "Set an end"
    CALL_OFF_END = "call-off-end", "Call the end off"
    ARCHIVE = "archive", "Archive"
    UNARCHIVE = "unarchive", "Take out of the archive"


WRITE = "articles.change_article"
SIGN_OFF = "articles.sign_off_article"
PUBLISH = "articles.publish_article"
PUBLISH_UNSIGNED = "articles.publish_unsigned_article"

UNPUBLISHED_TEXT = {State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED, State.WITHDRAWN}
NOT_ARCHIVED = set(State) - {State.ARCHIVED}
TO_PATIENTS = {Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED}
OF_A_NEW_TEXT = {Act.SUBMIT, Act.SIGN_OFF, *TO_PATIENTS}


@dataclass(frozen=True)
class Transition:
    """`words` end the sentence "Grace Obi can …". `before` are the states from which the act is possible, `after` the
    one that it leads to; a draft of a withdrawn page counts as withdrawn. Where `after` is None the state follows from
    the text: withdrawing, bringing back and calling off change what patients read, and no text."""

    words: str
    permission: str
    before: set[State]
    after: State | None


MACHINE = {
    Act.SUBMIT: Transition(
        "send it for review", WRITE, {State.DRAFT, State.CHANGES_ASKED, State.WITHDRAWN}, State.IN_REVIEW
    ),
    Act.TAKE_BACK: Transition("take it back", WRITE, {State.IN_REVIEW, State.APPROVED}, State.DRAFT),
    Act.ASK_CHANGES: Transition("ask for changes", SIGN_OFF, {State.IN_REVIEW, State.APPROVED}, State.CHANGES_ASKED),
    Act.SIGN_OFF: Transition("sign it off", SIGN_OFF, {State.IN_REVIEW}, State.APPROVED),
    Act.PUBLISH: Transition("publish it", PUBLISH, {State.APPROVED}, State.PUBLISHED),
    Act.SCHEDULE: Transition("schedule it", PUBLISH, {State.APPROVED}, State.SCHEDULED),
    Act.UNSCHEDULE: Transition("call it off", PUBLISH, NOT_ARCHIVED, None),
    Act.PUBLISH_UNSIGNED: Transition("publish it in an emergency", PUBLISH_UNSIGNED, UNPUBLISHED_TEXT, State.PUBLISHED),
    Act.WITHDRAW: Transition("withdraw it", PUBLISH, NOT_ARCHIVED - {State.WITHDRAWN}, None),
    Act.BRING_BACK: Transition("bring it back", PUBLISH, NOT_ARCHIVED, None),
    Act.SET_END: Transition("set an end", PUBLISH, NOT_ARCHIVED - {State.WITHDRAWN}, None),
    Act.CALL_OFF_END: Transition("call the end off", PUBLISH, NOT_ARCHIVED, None),
    Act.ARCHIVE: Transition("archive it", PUBLISH, {State.DRAFT, State.CHANGES_ASKED, State.WITHDRAWN}, State.ARCHIVED),
    Act.UNARCHIVE: Transition("take it out", PUBLISH, {State.ARCHIVED}, None),
}


def with_state(articles: QuerySet, *, at: datetime) -> QuerySet:
    """Adds what the workflow knows of each article at a moment, in one query: `state`, `is_withdrawn`, `is_live`, the
    newest edition (`edition_number`, `edition_version`, `edition_at`), the one that patients read (`live_number`), `ends_at`,
    and the last step."""
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk")).order_by("-number")
    steps = WorkflowStep.objects.filter(article=OuterRef("pk"), edition=None).order_by("-id")
    withdrawals = Withdrawal.objects.filter(article=OuterRef("pk"))
    fresh_step = Q(step_version=F("version"))
    return articles.annotate(
        edition_number=Subquery(editions.values("number")[:1]),
        edition_version=Subquery(editions.values("version")[:1]),
        edition_at=Subquery(editions.values("published_at")[:1]),
        live_number=Subquery(editions.filter(published_at__lte=at).values("number")[:1]),
        step_action=Subquery(steps.values("action")[:1]),
        step_version=Subquery(steps.values("version")[:1]),
        is_withdrawn=Exists(withdrawals.in_force(at=at)),
        is_live=Exists(Edition.objects.public(at=at).filter(article=OuterRef("pk"))),
        ends_at=Subquery(withdrawals.coming(at=at).values("from_at")[:1]),
    ).annotate(
        state=Case(
            When(archived_at__lte=at, then=Value(State.ARCHIVED)),
            When(edition_version=F("version"), is_withdrawn=True, then=Value(State.WITHDRAWN)),
            When(edition_version=F("version"), edition_at__gt=at, then=Value(State.SCHEDULED)),
            When(edition_version=F("version"), then=Value(State.PUBLISHED)),
            # A request for changes stands until the text is sent again; the others are about one version of it.
            When(
                step_action=Step.CHANGES_ASKED,
                step_version__gt=Coalesce("edition_version", -1),
                then=Value(State.CHANGES_ASKED),
            ),
            When(fresh_step, step_action=Step.SUBMITTED, then=Value(State.IN_REVIEW)),
            When(fresh_step, step_action=Step.SIGNED_OFF, then=Value(State.APPROVED)),
            When(is_withdrawn=True, then=Value(State.WITHDRAWN)),
            default=Value(State.DRAFT),
            output_field=models.CharField(),
        )
    )
