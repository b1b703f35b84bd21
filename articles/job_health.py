"""Whether the jobs run, and what they could not do: without this nobody would notice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from articles.dates import in_words
from articles.models import Heartbeat, Mail, ScheduledAct
from articles.outbox import WAITS

JOB = "run_due"
SILENT_AFTER = timedelta(minutes=15)
REMINDERS = "send_review_digest"  # once a day
REMINDERS_SILENT_AFTER = timedelta(hours=36)


def started(*, at: datetime, job: str = JOB) -> None:
    Heartbeat.objects.update_or_create(job=job, defaults={"started_at": at})


def ended(*, at: datetime, job: str = JOB) -> None:
    Heartbeat.objects.filter(job=job).update(ended_at=at)


def reminders_in_words(*, at: datetime) -> str:
    """When the job of the reminders ran last, and what to do when that is too long ago."""
    ran_at = Heartbeat.objects.filter(job=REMINDERS).values_list("started_at", flat=True).first()
    start = "Ask whoever keeps the server to start “manage.py send_review_digest” once a day."
    if ran_at is None:
        return f"The job that sends reminders of reviews has never run. {start}"
    if at - ran_at > REMINDERS_SILENT_AFTER:
        return f"The job that sends reminders of reviews has not run for {_span(at - ran_at)}. {start}"
    return f"The job that sends reminders of reviews ran last {in_words(ran_at)}."


@dataclass(frozen=True)
class JobHealth:
    """`ran_at` is when the job was started last; None when it never was. What failed is not counted as late."""

    at: datetime
    ran_at: datetime | None
    failed: int
    late: int
    due: int
    mails: int  # that wait

    @property
    def is_silent(self) -> bool:
        return self.ran_at is None or self.at - self.ran_at > SILENT_AFTER

    @property
    def needs_somebody(self) -> bool:
        """Something went wrong, or waits for a job that doesn't run."""
        return bool(self.failed or self.late or (self.is_silent and (self.due or self.mails)))

    @property
    def sentences(self) -> list[str]:
        ran = "The job that carries out the schedule"
        if self.ran_at is None:
            said = [f"{ran} has never run. {WHAT_TO_DO}"]
        elif self.is_silent:
            said = [f"{ran} has not run for {_span(self.at - self.ran_at)}. {WHAT_TO_DO}"]
        else:
            said = [f"{ran} ran last {in_words(self.ran_at)}."]
        if self.failed:
            said.append(f"{self.failed} could not be carried out: see why, and what to do, in the list.")
        if self.late:
            said.append(f"{self.late} {'is' if self.late == 1 else 'are'} late.")
        if self.is_silent and self.mails:
            said.append(f"{self.mails} mail{' waits' if self.mails == 1 else 's wait'} to be sent.")
        return said


WHAT_TO_DO = "Ask whoever keeps the server to start it again, or to start “manage.py run_due --every 60” beside it."


def job_health(*, at: datetime) -> JobHealth:
    ran_at = Heartbeat.objects.filter(job=JOB).values_list("started_at", flat=True).first()
    acts = ScheduledAct.objects
    return JobHealth(
        at=at,
        ran_at=ran_at,
        failed=acts.failed().count(),
        late=acts.late(at=at).filter(error="").count(),
        due=acts.due(at=at).count(),
        mails=Mail.objects.filter(WAITS).count(),
    )


def _span(span: timedelta) -> str:
    """ "47 minutes", "3 hours", "12 days": the largest unit of which two have passed."""
    minutes = int(span.total_seconds()) // 60
    for unit, length in (("days", 24 * 60), ("hours", 60)):
        if minutes >= 2 * length:
            return f"{minutes // length} {unit}"
    return f"{minutes} minutes"
