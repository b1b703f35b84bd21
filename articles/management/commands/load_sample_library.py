"""Fills a new library with sample pages."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.importing import sample_library
from articles.importing.decoding import NotAPage


class Command(BaseCommand):
    help = "Loads the sample topics, articles and everyday words of search, and publishes the articles. What is there already stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is any article or topic")

    def handle(self, *, if_empty, **options):
        if if_empty and not sample_library.is_empty():
            return
        try:
            new_topics, imported = sample_library.load(at=timezone.now())
        except NotAPage as error:
            raise CommandError(f"The sample library can't be loaded: {error}") from None
        outcomes = Counter(page.outcome for page in imported)
        articles = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
        self.stdout.write(f"Sample library: {new_topics} new topics; articles: {articles}.")
