"""Asks the outside addresses that live pages lead to whether they still answer, and keeps what they say."""

from collections import Counter
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.links import checking
from articles.links.asking import Asker, NoWayOut, from_here
from articles.models import LinkCheck

AGENT = "health-library-link-check (+{})"


class Command(BaseCommand):
    help = (
        "Asks the web addresses in the references, related links and texts of all live pages, those that were not asked in "
        "the last seven days, the longest ago first. It may be stopped at any point: what was asked is kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, metavar="N", help="ask N addresses at the most")
        parser.add_argument("--all", action="store_true", help="ask those of the last seven days too")

    def handle(self, *, limit, all, **options):
        if limit is not None and limit < 1:
            raise CommandError("Write a limit of at least 1.")
        at = timezone.now()
        addresses = checking.all_addresses(at=at)
        forgotten = checking.forget_all_but(addresses)
        wanted = checking.to_ask(addresses, at=at, again=all)[:limit]
        self.say(f"{len(addresses)} addresses on live pages, {len(wanted)} to ask, {forgotten} forgotten.")
        asker = Asker(agent=AGENT.format(quote(settings.SITE_URL, safe=":/")), private=settings.CHECK_PRIVATE_LINKS)
        said = Counter()
        try:
            for url, answer in from_here(asker.ask_all(wanted)):
                now = timezone.now()
                check = checking.keep(url, answer, at=now, today=timezone.localdate(now))
                said[check.verdict] += 1
                self.say(f"[{said.total()}/{len(wanted)}] {url}: {check.get_verdict_display()} ({check.detail})")
        except NoWayOut:
            raise CommandError(
                "Not one host could be reached, so nothing was kept: this machine seems to be cut off from the internet. "
                "Look at its network and its name server, then start the command again."
            ) from None
        counts = ", ".join(f"{said[verdict]} {verdict.label.lower()}" for verdict in LinkCheck.Verdict if said[verdict])
        left = len(wanted) - said.total()
        self.say(f"{counts or 'Nothing was asked'}. {left} left for the next run.")

    def say(self, line: str):
        """At once, even into a file: whoever looks at the log sees how far it is."""
        self.stdout.write(line)
        self.stdout.flush()
