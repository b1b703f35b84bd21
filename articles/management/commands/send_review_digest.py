"""Writes the reminders of the day and sends them, with all other mails that wait."""

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from articles import job_health, outbox
from articles.management.commands.run_due import failures
from articles.reminders import digest


class Command(BaseCommand):
    help = (
        "Reminds everybody of the pages they have to look after: one mail a day at most, and only when something on it is "
        "new or a week has passed. Start it once a day; it may be stopped at any point, and any number may run at once."
    )

    def handle(self, **options):
        try:
            at = timezone.now()
            job_health.started(at=at, job=job_health.REMINDERS)
            written = self.each(digest.write(at=at))
            sent = self.each(outbox.send_waiting(at=timezone.now()))
            job_health.ended(at=timezone.now(), job=job_health.REMINDERS)
        except Error as error:
            raise CommandError(f"The database failed, so the run ended before its time: {error}") from error
        if not written and not sent:
            self.stdout.write("Nobody has to be reminded.")
        if problems := [line for line in (failures(written, "reminders"), failures(sent, "mails")) if line]:
            raise CommandError(f"{', '.join(problems)} failed; see above.")

    def each(self, outcomes) -> list:
        """Says what became of each at once: whoever looks at the log sees how far it is."""
        done = []
        for outcome in outcomes:
            stream = self.stderr if outcome.failed else self.stdout
            stream.write(outcome.words)
            stream.flush()
            done.append(outcome)
        return done
