"""Makes the index of search anew."""

from django.core.management.base import BaseCommand

from articles.models import Article, Topic
from articles.search import index


class Command(BaseCommand):
    help = (
        "Makes the index of search anew from the editions and topics. The library does not need it: every act keeps the index "
        "in step. It is for after a restore or work by hand in the database. Patients can search meanwhile; it may be "
        "stopped and started again."
    )

    def handle(self, **options):
        total = Article.objects.count() + Topic.objects.count()
        for done in index.rebuild():
            self.stdout.write(f"[{done}/{total}]")
        self.stdout.write(f"The index of search has been made anew for {total} pages.")
