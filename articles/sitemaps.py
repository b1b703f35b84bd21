"""The addresses that search engines may ask, with the day on which each page last changed or was reviewed.

The protocol (sitemaps.org, version 0.9) allows 50,000 addresses and 50 MB in one file. A part covers a span of ids and not
a span of rows: so a page stays in its part when others are withdrawn, and no query counts from the beginning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import quote

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from articles import alphabet, languages, translations
from articles.kinds import Kind
from articles.models import Article, AuditEntry, Edition, Review, Topic
from articles.models.edition import CHANGED_ON
from articles.sorting import LETTERS
from articles.translations import Version

SPAN = 10_000  # ids in one part: about 1 MB, which is all that is in memory at once
LAST = (2**63 - 1) // SPAN  # the number of the part beyond which no id lies: they have 63 bits


class Row(NamedTuple):
    """The path, the day on which it last changed, and the page in other languages, itself among them; none for a page in
    one language."""

    path: str
    changed_on: date | None = None
    versions: list[Version] = []


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
    """What stands in a part; nothing when there is no such part. Two queries, for the lists three of each language."""
    reader = _READERS.get(sort)
    return reader(number, at) if reader and 1 <= number <= LAST else iter(())


def _articles(at: datetime) -> QuerySet:
    """The live editions with `changed_on`, the day of the last major change, and `reviewed_on`: the dates of the page."""
    last = Review.objects.whole().filter(article=OuterRef("article")).order_by("-reviewed_on", "-id")
    return Edition.objects.live(at=at).annotate(
        changed_on=CHANGED_ON, reviewed_on=Subquery(last.values("reviewed_on")[:1])
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
    here = _in_span(Article.objects.all(), "pk", number)
    translated = translations.translated(Article, of=here, at=at)
    pages = _in_span(_articles(at), "article_id", number).order_by("article_id")
    pages = pages.annotate(original=Coalesce("article__translation_of", "article"))
    columns = pages.values_list("article__slug", "language", "original", "changed_on", "reviewed_on")
    for slug, language, original, changed_on, reviewed_on in columns.iterator():
        day = _later(changed_on, reviewed_on)
        yield Row(Article.path_of(slug, language), day, translated.get(original, []))


def _topic_rows(number: int, at: datetime) -> Iterator[Row]:
    here = _in_span(Topic.objects.all(), "pk", number)
    translated = translations.translated(Topic, of=here, at=at)
    pages = _in_span(_topics(at), "pk", number).order_by("pk").annotate(original=Coalesce("translation_of", "pk"))
    for slug, language, original, saved_at in pages.values_list("slug", "language", "original", "saved_at").iterator():
        yield Row(Topic.path_of(slug, language), _day(saved_at), translated.get(original, []))


def _list_rows(number: int, at: datetime) -> Iterator[Row]:
    """The lists that have something in them, without a day: they follow from the pages. Each letter of the A to Z stands
    for itself, because a large library shows no page of all letters."""
    if number > 1:
        return
    for language, _ in languages.choices():
        with override(language):
            yield from _lists(language, at)


def _lists(language: str, at: datetime) -> Iterator[Row]:
    """Of the active language; none when nothing can be read in it, but for the one that every library has."""
    used = set()
    for pages in (Edition.objects.live(at=at), Topic.objects.not_withdrawn(at=at)):
        pages = pages.filter(language=language).order_by()
        used.update(pages.values("kind").annotate(Count("pk")).values_list("kind", flat=True))
    if not used and language != languages.DEFAULT:
        return
    yield Row(reverse("home"), versions=translations.homes())
    letters = alphabet.letter_counts(at=at, language=language)
    found = (letter for letter in LETTERS[language] if letters[letter])
    yield from (Row(f"{reverse('a-to-z')}?letter={quote(letter)}") for letter in found)
    yield from (Row(reverse("kind", args=[kind.slug])) for kind in Kind if kind in used)
    yield Row(reverse("freshness"))


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
