"""The A to Z of a language: every public topic under its title and under each of its other names."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Value, When

from articles import changes
from articles.kinds import Kind
from articles.models import OtherName, Topic, Withdrawal
from articles.sorting import DIGITS
from library.prepared import prepared

# "0-9" stands before A, whatever its keys begin with.
PLACE = Case(When(letter=DIGITS, then=Value(0)), default=Value(1))


@dataclass(frozen=True)
class Entry:
    letter: str
    name: str
    path: str  # of the topic
    kind: Kind
    see: str  # the title that another name leads to, or empty


def entries(*, at: datetime, language: str, letter: str = "", first: int, most: int) -> list[Entry]:
    """So many at most, of all or of one letter; `first` is the place of the first of them, from 0. One query."""
    rows = _rows(first, first + most, of_letter=bool(letter))
    values = {"letter": letter} if letter else {}
    return [
        Entry(letter, name, Topic.path_of(slug, language), Kind(kind), see)
        for _, _, letter, name, slug, kind, see in rows(language=language, at=at, **values)
    ]


@lru_cache(maxsize=64)
def _rows(start: int, stop: int, *, of_letter: bool) -> prepared:
    """Of a letter, of each table only what may stand before `stop` is read, in the order of its index."""

    @prepared
    def rows(*, language: str, at: datetime, letter: str = "") -> QuerySet:
        topics = Topic.objects.not_withdrawn(at=at).filter(language=language)
        in_force = Withdrawal.objects.in_force(at=at).filter(topic=OuterRef("topic"))
        other_names = OtherName.objects.filter(~Exists(in_force), topic__language=language)
        if of_letter:
            topics = topics.filter(letter=letter).order_by("sort_key", "slug")[:stop]
            topics = Topic.objects.filter(pk__in=topics.values("pk"))
            leads_to = ("sort_key", "topic__title", "topic__slug")
            other_names = other_names.filter(letter=letter).order_by(*leads_to)[:stop]
            other_names = OtherName.objects.filter(pk__in=other_names.values("pk"))
        topics = topics.annotate(place=PLACE, name=F("title"), see=Value("")).order_by()
        topic = {"slug": F("topic__slug"), "kind": F("topic__kind"), "see": F("topic__title")}
        other_names = other_names.annotate(place=PLACE, **topic).order_by()
        columns = ["place", "sort_key", "letter", "name", "slug", "kind", "see"]
        both = topics.values_list(*columns).union(other_names.values_list(*columns), all=True)
        return both.order_by("place", "sort_key", "see", "slug")[start:stop]

    return rows


def letter_counts(*, at: datetime, language: str) -> Counter:
    """How many entries stand under each letter. Three queries at most."""
    counts = Counter(_all_counts(language))
    counts.subtract(_sum((letter, number) for of, letter, number in _withdrawn_by_letter(at=at) if of == language))
    return counts


_counted: dict[str, tuple[changes.Position, Counter]] = {}


def _all_counts(language: str) -> Counter:
    """Those that are withdrawn as well. To count 50,000 takes longer than all the rest of a page, so this is remembered until
    the library changes. In a transaction the stamp doesn't tell yet what was changed in it."""
    if connection.in_atomic_block:
        return _sum(_by_letter(language=language))
    position = changes.position()
    known = _counted.get(language)
    if known is None or known[0] != position:
        known = _counted[language] = (position, _sum(_by_letter(language=language)))
    return known[1]


@prepared
def _by_letter(*, language: str) -> QuerySet:
    topics, other_names = Topic.objects.filter(language=language), OtherName.objects.filter(topic__language=language)
    return _counted_by(topics, other_names, "letter")


@prepared
def _withdrawn_by_letter(*, at: datetime) -> QuerySet:
    """Of all languages, because asked for one a database looks at each of its topics and not only at those withdrawn."""
    withdrawn = Withdrawal.objects.in_force(at=at).filter(topic__isnull=False).values("topic")
    topics, other_names = Topic.objects.filter(pk__in=withdrawn), OtherName.objects.filter(topic__in=withdrawn)
    return _counted_by(topics.annotate(of=F("language")), other_names.annotate(of=F("topic__language")), "of", "letter")


def _counted_by(topics: QuerySet, other_names: QuerySet, *columns: str) -> QuerySet:
    first, second = (
        names.order_by().values(*columns).annotate(entries=Count("pk")).values_list(*columns, "entries")
        for names in (topics, other_names)
    )
    return first.union(second, all=True)


def _sum(rows: Iterable[tuple[str, int]]) -> Counter:
    counts = Counter()
    for letter, number in rows:
        counts[letter] += number
    return counts
