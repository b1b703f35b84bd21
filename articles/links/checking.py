"""The outside addresses that live editions lead to, and what they answered when they were asked last.

Asking them is the work of asking.py; here it is decided which are asked, and what is kept.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urldefrag

from django.db import transaction

from articles import live_editions
from articles.addresses import MAX_LENGTH, is_safe_address
from articles.models import Edition, LinkCheck

ASKED_AGAIN_AFTER = timedelta(days=7)
BAD = [LinkCheck.Verdict.GONE, LinkCheck.Verdict.FAILING]
FORGOTTEN_AT_ONCE = 500  # rows


@dataclass(frozen=True)
class Answer:
    """What an address answered. `moved_to` is where it is now, when it has moved for good. `is_from_server` is False when
    no server could be reached, or none that can be understood."""

    verdict: LinkCheck.Verdict
    detail: str
    moved_to: str = ""
    is_from_server: bool = True


@dataclass(frozen=True)
class LinkHealth:
    """One outside address of a page. `verdict` is None when it was never asked."""

    url: str
    label: str
    verdict: LinkCheck | None


def health(edition: Edition) -> list[LinkHealth]:
    """Each outside address of the edition once, in the order of the page. One query."""
    found = outside_addresses(edition.content)
    checks = checks_of(found)
    return [LinkHealth(url, label, checks.get(url)) for url, label in found.items()]


def outside_addresses(content: dict) -> dict[str, str]:
    """The web addresses that the content of an edition leads to, each with what the page calls it.

    They are without the part after “#”, which is never sent to a server. One that is longer than a LinkCheck can hold
    is left out.
    """
    named = []
    for section in content["sections"]:
        reader = _Links()
        reader.feed(section["body"])
        named += reader.found
    named += [(reference["address"], reference["text"]) for reference in content["references"]]
    named += [(link["url"], link["label"]) for link in content["links"]]
    found = {}
    for address, label in named:
        address = urldefrag(address)[0] if is_safe_address(address) else ""
        if address.startswith(("http://", "https://")) and len(address) <= MAX_LENGTH:
            found.setdefault(address, " ".join(label.split()) or address)
    return found


class _Links(HTMLParser):
    """Collects the links of a body, which is clean (articles/html.py), with their words."""

    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._address, self._words = None, ""

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self._address, self._words = dict(attributes).get("href") or "", ""

    def handle_data(self, data):
        self._words += data

    def handle_endtag(self, tag):
        if tag == "a" and self._address is not None:
            self.found.append((self._address, self._words))
            self._address = None


def checks_of(addresses) -> dict[str, LinkCheck]:
    """What is known of these addresses, by the address."""
    return {check.url: check for check in LinkCheck.objects.filter(url__in=list(addresses))}


def pages_leading_to(address: str, *, at: datetime) -> list[Edition]:
    """The live editions that contain the address."""
    found = live_editions.containing(address, at=at)
    return [edition for edition in found if address in outside_addresses(edition.content)]


def all_addresses(*, at: datetime) -> set[str]:
    """Of all live editions; a set of 100,000 takes some 20 megabytes."""
    return {
        address
        for editions in live_editions.batches(at=at)
        for edition in editions
        for address in outside_addresses(edition.content)
    }


def to_ask(addresses: set[str], *, at: datetime, again: bool) -> list[str]:
    """Those that were not asked in the last seven days, those never asked first and then the longest ago. `again`: all
    of them."""
    asked = dict(LinkCheck.objects.values_list("url", "checked_at"))
    wanted = [url for url in addresses if again or url not in asked or asked[url] <= at - ASKED_AGAIN_AFTER]
    return sorted(wanted, key=lambda url: (url in asked, asked.get(url, at), url))


@transaction.atomic
def keep(url: str, answer: Answer, *, at: datetime, today: date) -> LinkCheck:
    """Keep what an address answered. It is bad since the first of the days on which it was, without a break, gone or
    failing."""
    before = LinkCheck.objects.select_for_update().filter(url=url).first()
    since = (before and before.bad_since) or today
    kept, _ = LinkCheck.objects.update_or_create(
        url=url,
        defaults={
            "checked_at": at,
            "verdict": answer.verdict,
            "detail": answer.detail[:300],
            "moved_to": answer.moved_to,
            "bad_since": since if answer.verdict in BAD else None,
        },
    )
    return kept


def forget_all_but(addresses: set[str]) -> int:
    """Drop what is known of addresses that no page leads to any more; returns how many there were."""
    gone = [pk for pk, url in LinkCheck.objects.values_list("pk", "url") if url not in addresses]
    for start in range(0, len(gone), FORGOTTEN_AT_ONCE):
        LinkCheck.objects.filter(pk__in=gone[start : start + FORGOTTEN_AT_ONCE]).delete()
    return len(gone)
