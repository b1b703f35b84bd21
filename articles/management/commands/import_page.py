"""Reads pages of plain text into the library."""

import os
from contextlib import nullcontext
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone
from tqdm import tqdm

from articles import languages
from articles.importing.decoding import MAX_BYTES, NotAPage
from articles.importing.kinds_file import KindsFile, KindsFileError
from articles.importing.publishing import publish_imported
from articles.importing.storing import import_page
from articles.models import Article
from articles.revising import StaleVersion


class Command(BaseCommand):
    help = (
        "Reads pages of plain text (title, summary, text with headings, date line, “See more …”, “See also” and its list) "
        "into the working copies of articles. Topics of the list are found again or made. Patients see nothing of it "
        "without --publish."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument(
            "--kinds", type=Path, metavar="FILE.tsv", help="position, title and kind of the related titles"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish pages that patients don't have yet (sample text doesn't count)",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, report it, and write nothing")
        parser.add_argument(
            "--replace-edits",
            action="store_true",
            help="overwrite a working copy that an editor changed since its import",
        )

        parser.add_argument(
            "--language",
            choices=dict(languages.choices()),
            default=languages.DEFAULT,
            help="of the pages (their form stays English: “See also”, “See more …”, the date)",
        )
        parser.add_argument(
            "--translation-of",
            metavar="ADDRESS",
            help="the last part of the address of the article that the page translates; of one file only",
        )

    def handle(self, *, files, kinds, publish, dry_run, replace_edits, language, translation_of, **options):
        original = self.original(translation_of, files)
        try:
            kinds_file = KindsFile(kinds) if kinds else None
        except KindsFileError as error:
            raise CommandError(str(error)) from None
        at = timezone.now()
        with transaction.atomic() if dry_run else nullcontext():
            how = {"replace_edits": replace_edits, "language": language, "translation_of": original}
            rows = self.import_all(files, at=at, kinds=kinds_file, publish=publish, **how)
            if dry_run:
                transaction.set_rollback(True)
        if kinds_file and (unused := kinds_file.unused()):
            self.stderr.write(f"{kinds}: fits no title of these files: {'; '.join(unused)}")
        self.close(rows, dry_run)

    def original(self, address, files) -> Article | None:
        if not address:
            return None
        if len(files) > 1:
            raise CommandError("--translation-of is about one page. Import the translations one by one.")
        original = Article.objects.at_short_address(address)
        if original is None:
            raise CommandError(
                f"No article has the address “{address}”. Write the last part, such as coping-with-nausea."
            )
        return original

    def import_all(self, files, *, at, kinds, publish, **how) -> list[tuple[str, str, str]]:
        """Each file in a transaction of its own; the rows of the closing table."""
        rows = []
        seen: dict[int, Path] = {}
        for path in tqdm(files, disable=None, unit="page"):
            try:
                with transaction.atomic():
                    imported = self.import_one(path, at=at, kinds=kinds, seen=seen, **how)
                    published = (
                        publish_imported(imported.article, at=at, source=_printable(Path(path.name))) if publish else ""
                    )
            except (NotAPage, OSError, ValidationError, DatabaseError, StaleVersion) as error:
                rows.append(("refused", _printable(path), _sentence(error)))
                continue
            seen[imported.article.pk] = path
            rows.append((imported.outcome, _printable(path), _details(imported, published)))
            with tqdm.external_write_mode():
                for finding in imported.findings:
                    self.stderr.write(f"{_printable(path)}: {finding}")
        return rows

    def import_one(self, path, *, at, kinds, seen, **how):
        if path.exists() and not path.is_file():
            raise NotAPage("it is no file. Name the text files one by one, such as pages/*.txt.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        name = _printable(Path(path.name))
        imported = import_page(raw, name=name, at=at, kinds=kinds, **how)
        if imported.article.pk in seen:
            raise NotAPage(f"it has the title and kind of {seen[imported.article.pk]}. Give one of them another title.")
        return imported

    def close(self, rows, dry_run):
        """The table of what became of each file, and an honest exit."""
        width = max(len(path) for _, path, _ in rows)
        for outcome, path, details in rows:
            self.stdout.write(f"{outcome:<9}  {path:<{width}}  {details}".rstrip())
        counts = [
            (name, sum(outcome == name for outcome, _, _ in rows))
            for name in ("made", "updated", "unchanged", "refused")
        ]
        summary = ", ".join(f"{number} {name}" for name, number in counts)
        self.stdout.write(f"{summary}.{' Nothing was written: this was a dry run.' if dry_run else ''}")
        if refused := dict(counts)["refused"]:
            raise CommandError(f"{refused} of {len(rows)} files were refused; the table says why.")


def _details(imported, published: str) -> str:
    article = imported.article
    links = article.related_links.count()
    parts = [
        article.get_absolute_url(),
        f"{links} related links",
        f"{imported.new_topics} new topics" if imported.new_topics else "",
    ]
    parts += [f"{len(imported.findings)} to look at" if imported.findings else "", published]
    return ", ".join(part for part in parts if part)


def _printable(path: Path) -> str:
    """The name in letters that can be printed and stored, whatever encoding it has on the disk."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def _sentence(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return f"the database refused it ({str(error).splitlines()[0]}). Another import may be running: run this file again."
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, StaleVersion):
        return "an editor saved the article at the same moment. Run this file again."
    if isinstance(error, OSError):
        return f"it can't be read ({error.strerror})."
    return str(error)
