"""Sources that their publishers have withdrawn, and the pages that cite them. Each of those pages is asked to be reviewed."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from articles import live_editions, review_requests
from articles.models import Edition, ReviewRequest, WithdrawnSource
from articles.people import Person
from articles.review_requests import DUE_AFTER

OFF_THE_LIST = "The source is no longer on the list"


class OtherPages(Exception):
    """The pages that cite the source are not those that were shown."""


def key_of(source: WithdrawnSource) -> str:
    """What names the event in requests for a review."""
    return f"source:{source.pk}"


def about(source: WithdrawnSource) -> str:
    """What happened, for the reviewer of a page that cites it."""
    return f"The source {source} was withdrawn on {date_format(source.withdrawn_on)}: {source.what_happened}"


def cited_by(edition: Edition, sources: Iterable[WithdrawnSource]) -> list[WithdrawnSource]:
    """Which of the sources the references of an edition cite: in the field for it, in their address or in their text."""
    references = edition.content["references"]
    return [source for source in sources if any(is_cited(source, reference) for reference in references)]


def is_cited(source: WithdrawnSource, reference: dict) -> bool:
    """Whether a reference, as the content of an edition has it, names the source."""
    said = " ".join([reference["doi"], reference["url"], reference["text"]])
    if source.doi and re.search(rf"(?<![\w.]){re.escape(source.doi)}(?![\w]|[-./]\w)", said, re.I):
        return True
    pmid = rf"(?:pmid:?\s*|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/)0*{re.escape(source.pmid)}(?!\d)"
    if source.pmid and (reference["pmid"].lstrip("0") == source.pmid.lstrip("0") or re.search(pmid, said, re.I)):
        return True
    return bool(source.url) and _plain(source.url) == _plain(reference["url"])


def _plain(address: str) -> str:
    """Without what two spellings of one address differ in."""
    return re.sub(r"^https?://(www\.)?", "", address.strip().partition("#")[0].rstrip("/"), flags=re.I).casefold()


def citing(source: WithdrawnSource, *, at: datetime) -> list[Edition]:
    """The live editions that cite the source, by their titles. `source` need not be stored."""
    names = filter(None, [source.doi, source.pmid, _plain(source.url)])
    found = {edition.pk: edition for name in names for edition in live_editions.containing(name, at=at)}
    return sorted((each for each in found.values() if cited_by(each, [source])), key=lambda each: each.title.casefold())


@transaction.atomic
def record(source: WithdrawnSource, *, at: datetime, by: Person, seen: set[int]) -> list[ReviewRequest]:
    """Put a source on the list and ask for a review of each page that cites it: all, or nothing. `seen` has the ids of
    the articles that were shown to cite it.

    Raises ValidationError for a field that is missing or wrong, and OtherPages when other pages cite it by now.
    """
    source.recorded_at, source.recorded_by = at, by.name
    check(source, at=at)
    source.save()
    editions = sorted(
        citing(source, at=at), key=lambda edition: edition.article_id
    )  # pages are always held in this order
    if {edition.article_id for edition in editions} != seen:
        raise OtherPages
    details = {"cause": ReviewRequest.Cause.SOURCE, "about": about(source), "key": key_of(source)}
    due_on = timezone.localdate(at) + DUE_AFTER
    return [review_requests.ask(edition.article, **details, due_on=due_on, at=at, by=by) for edition in editions]


def check(source: WithdrawnSource, *, at: datetime) -> None:
    """Raises ValidationError for a field that is missing or wrong, or a source that is on the list already."""
    source.full_clean(exclude=["recorded_at", "recorded_by"])
    if source.withdrawn_on > timezone.localdate(at):
        raise ValidationError({"withdrawn_on": "This day is in the future. Write the day on which it was withdrawn."})
    others = WithdrawnSource.objects.exclude(pk=source.pk)
    if source.doi and others.filter(doi__iexact=source.doi).exists():
        raise ValidationError({"doi": "This source is on the list of withdrawn ones already."})


@transaction.atomic
def take_off(source: WithdrawnSource, *, at: datetime, by: Person) -> int:
    """Take a source off the list that was put there by mistake, and close the requests that are still open because of
    it; returns how many."""
    asked = ReviewRequest.objects.open().filter(key=key_of(source)).order_by("article", "pk")
    requests = list(asked)
    for request in requests:
        review_requests.close(request, because=OFF_THE_LIST, at=at, by=by)
    source.delete()
    return len(requests)
