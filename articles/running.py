"""The side effects of what was scheduled, each exactly once: the entry of the audit trail and the mail.

What patients see is right at its moment without any of this. A run may be stopped at any point, by kill -9 as well,
and several may go on at once: each act is claimed and carried out in one transaction of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from articles import auditing, notices
from articles.models import AuditEntry, Edition, ScheduledAct
from articles.people import Person
from articles.workflow import PUBLISH, who_may

LONGEST_ERROR = 500  # characters


@dataclass(frozen=True)
class Outcome:
    """What became of one thing that a run did, in a line for its log."""

    words: str
    failed: bool = False


class DoesNotReachPatients(Exception):
    """The moment of an edition has come, and its page is withdrawn. The message says what to do."""


def carry_out_due(*, at: datetime) -> Iterator[Outcome]:
    """Carries out what is due, the oldest first, and yields after each; whoever stops asking stops the run.

    Each is tried once. One that fails is undone, keeps its error and is tried again by a later run; the others go on.
    One that another run is at work on is left to it. Raises DatabaseError when not even the error can be kept.
    """
    still_to_try = Q()
    while True:
        act = outcome = None
        try:
            with transaction.atomic():
                act = _next(still_to_try, at=at)
                if act and _claim(act, at=at):
                    outcome = _carry_out(act, at=at)
        except Exception as error:
            if act is None:
                raise
            outcome = _keep_failure(act, error, at=at)
        if act is None:
            return
        still_to_try = Q(due_at__gt=act.due_at) | Q(due_at=act.due_at, pk__gt=act.pk)
        if outcome:
            yield outcome


def _next(still_to_try: Q, *, at: datetime) -> ScheduledAct | None:
    """Held until the transaction ends. On SQLite the transaction itself keeps every other writer out."""
    due = ScheduledAct.objects.due(at=at).filter(still_to_try).order_by("due_at", "pk")
    due = due.select_related("article", "edition", "withdrawal")
    return due.select_for_update(skip_locked=True, of=("self",)).first()


def _claim(act: ScheduledAct, *, at: datetime) -> bool:
    """Whether this run has it: asked inside the UPDATE, so it is right even where rows can't be held."""
    not_done = ScheduledAct.objects.standing().filter(pk=act.pk, done_at=None)
    return not_done.update(done_at=at, error="") == 1


def _carry_out(act: ScheduledAct, *, at: datetime) -> Outcome:
    return _go_live(act, at=at) if act.edition_id else _end(act, at=at)


def _go_live(act: ScheduledAct, *, at: datetime) -> Outcome:
    name = f"edition {act.edition.number} of “{act.article}”"
    if why := _why_nobody_reads_it(act, at=at):
        ScheduledAct.objects.filter(pk=act.pk).update(error=why)
        _record(act, AuditEntry.Action.UNSCHEDULED, at=at, summary=f"edition {act.edition.number}", reason=why)
        notices.dropped(act, why, at=at)
        return Outcome(f"{name} is dropped. {why}")
    _record(act, AuditEntry.Action.WENT_LIVE, at=at, summary=f"edition {act.edition.number}")
    notices.went_live(act, at=at)
    return Outcome(f"{name} is live")


def _why_nobody_reads_it(act: ScheduledAct, *, at: datetime) -> str:
    """Why the edition never reached patients and never will; empty when it did.

    Raises DoesNotReachPatients while the page is withdrawn and the edition still waits to be read.
    """
    edition = Edition.objects.with_read_until(at=at).get(pk=act.edition_id)
    until = edition.read_until or at
    withdrawn = act.article.withdrawals.in_force(at=act.due_at).exclude(until_at__lt=until)
    if not withdrawn.exists():
        return ""
    if edition.read_until:
        return "The page was withdrawn until another edition took its place."
    if act.article.archived_at:
        return "The page was withdrawn, and the article is in the archive."
    raise DoesNotReachPatients(
        f"The page is withdrawn, so patients don’t read edition {edition.number}. Bring the page back, publish another "
        "edition, or put the article into the archive."
    )


def _end(act: ScheduledAct, *, at: datetime) -> Outcome:
    _record(act, AuditEntry.Action.ENDED, at=at, reason=act.withdrawal.reason)
    notices.ended(act, at=at)
    return Outcome(f"“{act.article}” has ended")


def _record(act: ScheduledAct, action: AuditEntry.Action, *, at: datetime, **details) -> None:
    """In the name of the person who scheduled it. The entry is of the run; `due` is when patients noticed."""
    by = Person(act.made_by, act.made_by_account)
    auditing.record(act.article, action, at=at, by=by, after={"due": act.due_at.isoformat()}, **details)


@transaction.atomic
def _keep_failure(act: ScheduledAct, error: Exception, *, at: datetime) -> Outcome:
    """Keeps what went wrong in one plain line; the first time those who may publish are told."""
    why = str(error) if isinstance(error, DoesNotReachPatients) else f"{type(error).__name__}: {error}"
    why = " ".join(why.split())[:LONGEST_ERROR]
    open_act = ScheduledAct.objects.standing().filter(pk=act.pk, done_at=None)
    first = open_act.filter(attempts=0).update(attempts=1, error=why)
    if first:
        notices.not_carried_out(act, why, at=at, to=[Person.of(user) for user in who_may(PUBLISH)])
    else:
        open_act.update(attempts=F("attempts") + 1, error=why)
    return Outcome(f"“{act.article}”, {act.what}: {why}", failed=True)
