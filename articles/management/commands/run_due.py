"""Carries out what was scheduled, sends the mails that wait and once a day asks for reviews, once or every so many seconds."""

import argparse
import logging
import os
import signal
import threading
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from django.utils import timezone

from articles import changes, job_health, outbox, review_watch, running
from articles.running import Outcome

log = logging.getLogger("library.run_due")
LOOK_FOR_PARENT_EVERY = 1  # seconds


def seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):
        raise argparse.ArgumentTypeError(f"“{text}” is no number of seconds from 1 to 3600")
    return int(text)


class Command(BaseCommand):
    help = (
        "Writes the audit trail of editions that went live and of pages that ended as scheduled, and sends the mails that "
        "wait. Patients see both at their moment without it. The first run of a day asks for reviews where a related page, a "
        "link or a source has gone. It may be stopped at any point, and any number may run at once."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--every",
            type=seconds,
            metavar="SECONDS",
            help="go on until it is stopped, or until the process that started it is gone",
        )
        parser.add_argument(
            "--parent", type=int, metavar="PID", help="the process that started it, when it may be gone already"
        )

    def handle(self, *, every, parent, **options):
        self.stopped = threading.Event()
        self.parent = (parent or os.getppid()) if every else None
        if every:
            self.repeat(every)
            return
        try:
            acts, mails, asked = self.run_once()
        except Error as error:
            raise CommandError(f"The database failed, so the run ended before its time: {error}") from error
        self.say(summary(acts, mails, asked))
        if problems := [line for line in (failures(acts, "acts"), failures(mails, "mails")) if line]:
            raise CommandError(f"{', '.join(problems)} failed; see above.")

    def repeat(self, every: int):
        """A run that fails, such as one that finds no database, is logged, and the next one follows."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopped.set())
        while not self.is_over():
            try:
                self.run_once()
            except Exception as error:
                unknown = not isinstance(error, Error)
                log.error("The run failed, the next one follows in %s seconds: %s", every, error, exc_info=unknown)
            finally:
                connections.close_all()
            self.wait(every)

    def wait(self, every: int):
        for _ in range(0, every, LOOK_FOR_PARENT_EVERY):
            if self.is_over() or self.stopped.wait(LOOK_FOR_PARENT_EVERY):
                return

    def is_over(self) -> bool:
        return self.stopped.is_set() or (self.parent is not None and self.parent != os.getppid())

    def run_once(self) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
        """What became of the acts, of the mails and of the requests for reviews; fewer than there are when it was stopped
        in between."""
        at = timezone.now()
        job_health.started(at=at)
        acts = self.each(running.carry_out_due(at=at))
        mails = self.each(outbox.send_waiting(at=timezone.now()))
        asked = self.each(review_watch.run_daily(at=timezone.now()))
        changes.prune(at=timezone.now())
        job_health.ended(at=timezone.now())
        return acts, mails, asked

    def each(self, outcomes: Iterator[Outcome]) -> list[Outcome]:
        done = []
        while not self.is_over() and (outcome := next(outcomes, None)):
            self.say(outcome.words, failed=outcome.failed)
            done.append(outcome)
        outcomes.close()
        return done

    def say(self, line: str, *, failed: bool = False):
        """At once, even into a file: whoever looks at the log sees how far it is."""
        stream = self.stderr if failed else self.stdout
        stream.write(line)
        stream.flush()


def summary(acts: list[Outcome], mails: list[Outcome], asked: list[Outcome]) -> str:
    if not acts and not mails and not asked:
        return "Nothing is due."
    done, sent = (sum(not outcome.failed for outcome in outcomes) for outcomes in (acts, mails))
    requests = f", {len(asked)} request{'' if len(asked) == 1 else 's'} for a review opened or closed" if asked else ""
    return f"{done} carried out, {sent} mail{'' if sent == 1 else 's'} sent{requests}."


def failures(outcomes: list[Outcome], name: str) -> str:
    """ "2 of 40 acts"; empty when none failed."""
    failed = sum(outcome.failed for outcome in outcomes)
    return f"{failed} of {len(outcomes)} {name}" if failed else ""
