"""Every address at which patients find a page, for whoever keeps all of them ready: the lists first, then page by page."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import override

from articles import alphabet, languages, sitemaps
from articles.kinds import Kind
from articles.models import Article, Edition, Redirect, Tag, Topic, Withdrawal
from articles.sorting import LETTERS

PER_PAGE = 200  # topics or names on one page of a list: 200 lines weigh about 40 kB
BATCH = 1_000


def every_address(*, at: datetime) -> Iterator[str]:
    """In bounded memory: a query for 1,000 pages. The history of a page and its earlier editions are not among them."""
    yield from lists(at=at)
    live = Edition.objects.live(at=at)
    of_articles = ("article_id", Article.path_of, "article__slug", "article__language")
    yield from _paths(live, *of_articles)
    yield from _paths(Topic.objects.not_withdrawn(at=at), "pk", Topic.path_of, "slug", "language")
    for path in _paths(live, *of_articles):
        yield f"{path}see-also/"
    yield from _paths(Redirect.objects.all(), "pk", str, "path")
    withdrawn = Withdrawal.objects.in_force(at=at)
    yield from _paths(withdrawn.exclude(article=None), "pk", Article.path_of, "article__slug", "article__language")
    yield from _paths(withdrawn.exclude(topic=None), "pk", Topic.path_of, "topic__slug", "topic__language")


def lists(*, at: datetime) -> list[str]:
    """Home, A to Z, kinds, tags, the feed, the sitemap and the others that follow from many pages, of each language; each
    page of them. About eight queries for a language."""
    found = [reverse("robots"), reverse("sitemap")]
    found += (reverse("sitemap-part", args=[part.sort, part.number]) for part in sitemaps.parts(at=at))
    for language, _ in languages.choices():
        with override(language):
            found += _lists(language, at)
    return found


def _lists(language: str, at: datetime) -> Iterator[str]:
    """Of the active language."""
    for name in ("home", "a-to-z", "freshness", "updates"):
        yield reverse(name)
    counts = alphabet.letter_counts(at=at, language=language)
    yield from _pages(f"{reverse('a-to-z')}?", sum(counts.values()))
    for letter in LETTERS[language]:
        if counts[letter]:
            address = f"{reverse('a-to-z')}?letter={quote(letter)}"
            yield address
            yield from _pages(f"{address}&", counts[letter])
    pages = (Edition.objects.live(at=at), Topic.objects.not_withdrawn(at=at))
    live, topics = (some.filter(language=language).order_by() for some in pages)
    in_kinds = [dict(pages.values_list("kind").annotate(Count("pk"))) for pages in (live, topics)]
    for kind in Kind:
        yield reverse("kind", args=[kind.slug])
        yield from _pages(f"{reverse('kind', args=[kind.slug])}?", *(counts.get(kind, 0) for counts in in_kinds))
    tagged = [dict(pages.values_list("tags").annotate(Count("pk"))) for pages in (live, topics)]
    for tag in Tag.objects.filter(pk__in={pk for counts in tagged for pk in counts if pk}).order_by("pk"):
        if tag.public:
            yield tag.get_absolute_url()
            yield from _pages(f"{tag.get_absolute_url()}?", *(counts.get(tag.pk, 0) for counts in tagged))


def _pages(address: str, *counts: int) -> Iterator[str]:
    for number in range(2, -(-max(counts) // PER_PAGE) + 1):
        yield f"{address}page={number}"


def _paths(rows, key: str, path_of, *columns: str) -> Iterator[str]:
    last = 0
    while found := list(rows.filter(**{f"{key}__gt": last}).order_by(key).values_list(key, *columns)[:BATCH]):
        yield from (path_of(*values) for _, *values in found)
        last = found[-1][0]
