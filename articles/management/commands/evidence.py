"""One signed file per page for an inspector, and the check that nobody has changed it."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.evidence import NotGenuine, evidence_of, read_signed, signed
from articles.models import Article


class Command(BaseCommand):
    help = (
        "Writes everything that the library can prove about one article into a signed file (editions, what changed, "
        "reviews, audit trail), or checks such a file."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "slug", nargs="?", help="the last part of the article's address; es/… for one in another language"
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="where to write it; without it the file is printed"
        )
        parser.add_argument("--check", type=Path, metavar="FILE", help="say whether a file is as the library wrote it")

    def handle(self, *, slug, output, check, **options):
        if bool(slug) == bool(check):
            raise CommandError("Name either an article or, with --check, a file.")
        if check:
            return self.check_file(check)
        article = Article.objects.at_short_address(slug)
        if article is None:
            raise CommandError(f"No article has the address “{slug}”.")
        text = signed(evidence_of(article, at=timezone.now()))
        if output is None:
            self.stdout.write(text, ending="")
        else:
            try:
                output.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{output} can't be written ({error.strerror}).") from None
            self.stdout.write(f"Wrote {output}: “{article}”.")
        return None

    def check_file(self, path: Path) -> None:
        try:
            evidence = read_signed(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} can't be read: {error}") from None
        except NotGenuine as error:
            raise CommandError(f"{path}: {error}") from None
        self.stdout.write(
            f"{path} is as the library wrote it on {evidence['made_at']}: “{evidence['article']['title']}”, "
            f"{len(evidence['editions'])} editions, {len(evidence['reviews'])} reviews."
        )
