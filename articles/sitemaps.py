"""The addresses that search engines may ask, with the day on which each page last changed or was reviewed.

The protocol (sitemaps.org, version 0.9) allows 50,000 addresses and 50 MB in one file. A part covers a span of ids and not
a span of rows: so a page stays in its part when others are withdrawn, and no query counts from the beginning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from articles import alphabet
from articles.kinds import Kind
from articles.models import Article, AuditEntry, Edition, Review, Topic
from articles.sorting import LETTERS

SPAN = 10_000  # ids in one part: about 1 MB, which is all that is in memory at once
LAST = (2**63 - 1) // SPAN  # the number of the part beyond which no id lies: they have 63 bits

Row = tuple[str, date | None]  # the path, and the day on which it last changed


@dataclass(frozen=True)
class Part:
    """One file of the sitemap. `changed_on` is the latest day in it; None when no page of it has one."""

    sort: str
    number: int
    changed_on: date | None


def parts(*, at: datetime) -> list[Part]:
    """The parts that hold a page at that moment. Two queries."""
    return [Part("lists", 1, None), *_article_parts(at), *_topic_parts(at)]


def rows(sort: str, number: int, *, at: datetime) -> Iterator[Row]:
    """What stands in a part; nothing when there is no such part. One query, for the lists three."""
    reader = _READERS.get(sort)
    return reader(number, at) if reader and 1 <= number <= LAST else iter(())


def _articles(at: datetime) -> QuerySet:
    """The live editions with `changed_on`, the day of the last major change, and `reviewed_on`: the dates of the page."""
    last = Review.objects.whole().filter(article=OuterRef("article")).order_by("-reviewed_on", "-id")
    return Edition.objects.live(at=at).annotate(
        changed_on=Coalesce("updated_on", "published_on"), reviewed_on=Subquery(last.values("reviewed_on")[:1])
    )


def _topics(at: datetime) -> QuerySet:
    """The public topics with `saved_at`, when the audit trail saw one saved last; None for those that came with an import."""
    saves = AuditEntry.objects.filter(page_kind="topic", page_id=OuterRef("pk"), action=AuditEntry.Action.SAVED)
    return Topic.objects.not_withdrawn(at=at).annotate(saved_at=Subquery(saves.order_by("-at").values("at")[:1]))


def _article_parts(at: datetime) -> Iterator[Part]:
    spans = _articles(at).order_by().annotate(span=(F("article_id") - 1) / SPAN).values("span")
    for span in spans.annotate(changed=Max("changed_on"), reviewed=Max("reviewed_on")).order_by("span"):
        yield Part("articles", span["span"] + 1, _later(span["changed"], span["reviewed"]))


def _topic_parts(at: datetime) -> Iterator[Part]:
    spans = _topics(at).order_by().annotate(span=(F("pk") - 1) / SPAN).values("span")
    for span in spans.annotate(saved=Max("saved_at")).order_by("span"):
        yield Part("topics", span["span"] + 1, _day(span["saved"]))


def _article_rows(number: int, at: datetime) -> Iterator[Row]:
    pages = _in_span(_articles(at), "article_id", number).order_by("article_id")
    for slug, changed_on, reviewed_on in pages.values_list("article__slug", "changed_on", "reviewed_on").iterator():
        yield Article.path_of(slug), _later(changed_on, reviewed_on)


def _topic_rows(number: int, at: datetime) -> Iterator[Row]:
    pages = _in_span(_topics(at), "pk", number).order_by("pk")
    for slug, saved_at in pages.values_list("slug", "saved_at").iterator():
        yield Topic.path_of(slug), _day(saved_at)


def _list_rows(number: int, at: datetime) -> Iterator[Row]:
    """The lists that have something in them, without a day: they follow from the pages. Each letter of the A to Z stands
    for itself, because a large library shows no page of all letters."""
    if number > 1:
        return
    yield reverse("home"), None
    letters = alphabet.letter_counts(at=at)
    yield from ((f"{reverse('a-to-z')}?letter={letter}", None) for letter in LETTERS if letters[letter])
    used = set()
    for pages in (Edition.objects.live(at=at), Topic.objects.not_withdrawn(at=at)):
        used.update(pages.order_by().values("kind").annotate(Count("pk")).values_list("kind", flat=True))
    yield from ((reverse("kind", args=[kind.slug]), None) for kind in Kind if kind in used)
    yield reverse("freshness"), None


_READERS: dict[str, Callable[[int, datetime], Iterator[Row]]] = {
    "lists": _list_rows,
    "articles": _article_rows,
    "topics": _topic_rows,
}


def _in_span(pages: QuerySet, key: str, number: int) -> QuerySet:
    return pages.filter(**{f"{key}__gt": (number - 1) * SPAN, f"{key}__lte": number * SPAN})


def _later(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def _day(moment: datetime | None) -> date | None:
    """By the clocks of the site, as every day that patients read."""
    return timezone.localdate(moment) if moment else None
