"""Reads the review dates that another system kept into the library."""

import os
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from articles.importing.review_dates import MAX_BYTES, NotReviewDates, import_review_dates


class Command(BaseCommand):
    help = (
        "Reads a table (parted by tabs; columns url or name, last_reviewed, review_due) of the days that a source states "
        "for its pages. They are shown as stated by the source and are no reviews. Rows that can't be true are reported "
        "and kept out; docs/review-dates.md has the columns."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.tsv", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="do everything, report it, and write nothing")
        figures = parser.add_mutually_exclusive_group()
        for first, example in (("day", "April 3"), ("month", "March 4")):
            figures.add_argument(
                f"--{first}-first",
                dest="figures",
                action="store_const",
                const=first,
                default="",
                help=f"03/04/2021 is {example}",
            )

    def handle(self, *, file, dry_run, figures, **options):
        at = timezone.now()
        name = os.fsencode(file).decode("utf-8", errors="replace")
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{name}: it can't be read ({error.strerror}).") from None
        with transaction.atomic() if dry_run else nullcontext():
            try:
                outcome = import_review_dates(
                    raw,
                    name=Path(name).name,
                    at=at,
                    today=timezone.localdate(at),
                    figures=figures,
                    progress=lambda batches: tqdm(batches, disable=None, unit="batch"),
                )
            except NotReviewDates as error:
                raise CommandError(f"{name}: {error}") from None
            if dry_run:
                transaction.set_rollback(True)
        for finding in [*outcome.remarks, *outcome.problems]:
            self.stderr.write(f"{name}: {finding}")
        self.stdout.write(
            f"{outcome.stated} stated, {outcome.unchanged} unchanged, {outcome.without_a_day} without a day, "
            f"{len(outcome.problems)} kept out.{' Nothing was written: this was a dry run.' if dry_run else ''}"
        )
        if outcome.problems:
            raise CommandError(f"{len(outcome.problems)} of {outcome.rows} rows were kept out; see above.")
