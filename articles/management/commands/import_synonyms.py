"""Reads a table of words that mean the same into the library."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.importing.synonyms import MAX_SOURCE, NotSynonyms, import_synonyms
from articles.models import Synonym

SHOWN = 20  # rows that were kept out


class Command(BaseCommand):
    help = (
        "Reads a table, parted by tabs, with the columns focus and synonym, or term and also_called. Each row becomes a "
        "synonym: who searches the one also finds pages that say the other. All rows are stored, or none."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.tsv", type=Path)
        parser.add_argument("--source", required=True, help="where it comes from, with the credit that it asks for")
        parser.add_argument("--type", dest="sort", choices=Synonym.Sort.values, default=Synonym.Sort.ALSO_CALLED)
        parser.add_argument(
            "--exact",
            action="store_true",
            help="only when nothing else is asked: keeps rare names of a large table out of everyday questions",
        )

    def handle(self, *, file, source, sort, exact, **options):
        name = os.fsencode(file).decode("utf-8", errors="replace")
        source = " ".join(source.split())
        if not source or len(source) > MAX_SOURCE:
            raise CommandError(f"Say with --source where it comes from, in at most {MAX_SOURCE} characters.")
        try:
            with file.open("rb") as opened:
                outcome = import_synonyms(
                    opened,
                    source=source,
                    sort=sort,
                    is_exact=exact,
                    progress=lambda rows: tqdm(rows, disable=None, unit="batch"),
                )
        except OSError as error:
            raise CommandError(f"{name}: it can't be read ({error.strerror}).") from None
        except NotSynonyms as error:
            raise CommandError(f"{name}: {error}") from None
        for problem in outcome.problems[:SHOWN]:
            self.stderr.write(f"{name}: {problem}")
        if more := outcome.problems[SHOWN:]:
            self.stderr.write(f"{name}: and {len(more)} more.")
        self.stdout.write(
            f"{outcome.made} made, {outcome.known} known already, {outcome.of_themselves} that mean themselves, "
            f"{len(outcome.problems)} kept out."
        )
        if outcome.problems:
            raise CommandError(f"{len(outcome.problems)} of {outcome.rows} rows were kept out; see above.")
