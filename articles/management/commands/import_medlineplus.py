"""Reads the health topics of MedlinePlus into the library."""

import os
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from articles.importing.medlineplus import import_health_topics
from articles.importing.medlineplus_files import NotHealthTopics, read_health_topics


class Command(BaseCommand):
    help = (
        "Reads MedlinePlus health topics, the official XML or lines of JSON, packed with gzip or not. Each becomes a topic "
        "and a published article with its summary and the credit, in English or Spanish. What an editor changed stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="do everything, report it, and write nothing")

    def handle(self, *, file, dry_run, **options):
        name = os.fsencode(file).decode("utf-8", errors="replace")
        try:
            read = read_health_topics(file)
        except OSError as error:
            raise CommandError(f"{name}: it can't be read ({error.strerror}).") from None
        except NotHealthTopics as error:
            raise CommandError(f"{name}: {error}") from None
        with transaction.atomic() if dry_run else nullcontext():
            outcome = import_health_topics(
                read.topics,
                name=Path(name).name,
                at=timezone.now(),
                progress=lambda topics: tqdm(topics, disable=None, unit="topic"),
            )
            if dry_run:
                transaction.set_rollback(True)
        problems = sorted(read.problems + outcome.problems, key=lambda problem: problem.line)
        for finding in [*outcome.remarks, *problems]:
            self.stderr.write(f"{name}: {finding}")
        for sentence in _sentences(read.in_other_languages, outcome):
            self.stdout.write(sentence)
        counts = ", ".join(f"{number} {became}" for became, number in outcome.became.items())
        nothing = " Nothing was written: this was a dry run." if dry_run else ""
        self.stdout.write(f"{counts}, {len(problems)} kept out.{nothing}")
        if problems:
            raise CommandError(f"{len(problems)} health topics were kept out; see above.")


def _sentences(in_other_languages, outcome):
    if in_other_languages:
        yield f"In a language that the library does not speak, and left out: {in_other_languages}."
    if outcome.links_left_out:
        yield f"Related topics that neither the file nor the library has, and were left out: {outcome.links_left_out}."
    if outcome.waiting:
        yield f"New texts that wait in the admin for somebody to publish them: {outcome.waiting}."
