"""Asks search what patients ask, and says how often the right page comes first."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from articles.search_quality import NotQueries, check_file, check_saved, success

MAX_BYTES = 5 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Asks the saved queries (Admin → Saved queries), prints success@1 and @5 and what got worse since the last time, "
        "and fails when something did. With FILE.tsv it asks the queries of that table instead and keeps nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "file", metavar="FILE.tsv", type=Path, nargs="?", help="a query, a tab, the address of the expected page"
        )
        parser.add_argument("--misses", action="store_true", help="name each query whose page does not come first")

    def handle(self, *, file, misses, **options):
        at = timezone.now()
        worse, problems = [], []
        if file:
            asked, problems = self.ask_file(file, at)
        else:
            asked, worse = check_saved(at=at, progress=_progress)
        if not asked and not problems:
            self.stdout.write("There are no saved queries. Add some in the admin, or name a file.")
            return
        for problem in problems:
            self.stderr.write(f"{_printable(file)}: {problem}")
        if misses:
            for one in asked:
                if not one.is_among(1):
                    place = f"place {one.place}" if one.place else "not found"
                    self.stdout.write(f"{place:<10}  {one.expected}  {one.query}")
        self.stdout.write(
            f"{len(asked)} queries: success@1 {success(asked, 1):.2f}, success@5 {success(asked, 5):.2f}."
        )
        for one in worse:
            self.stderr.write(f"worse: {one}")
        if worse:
            raise CommandError(f"{len(worse)} of {len(asked)} queries got worse since the last time.")
        if problems:
            raise CommandError(f"{len(problems)} lines could not be asked; see above.")

    def ask_file(self, file, at):
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                raise NotQueries("it is larger than 5 MB. Split it into several files.")
            return check_file(raw.decode("utf-8-sig").splitlines(), at=at, progress=_progress)
        except OSError as error:
            raise CommandError(f"{_printable(file)}: it can't be read ({error.strerror}).") from None
        except UnicodeDecodeError:
            raise CommandError(f"{_printable(file)}: it is no UTF-8. Save the table as UTF-8.") from None
        except NotQueries as error:
            raise CommandError(f"{_printable(file)}: {error}") from None


def _progress(queries):
    return tqdm(queries, disable=None, unit="query")


def _printable(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", errors="replace")
