"""The A to Z of a language: every public topic under its title and under each of its other names."""

from collections import Counter
from datetime import datetime

from django.db.models import Case, Count, F, QuerySet, Value, When

from articles.models import OtherName, Topic
from articles.sorting import DIGITS

COLUMNS = ["place", "sort_key", "letter", "name", "slug", "kind", "see"]
PLACE = Case(
    When(letter=DIGITS, then=Value(0)), default=Value(1)
)  # "0-9" stands before A, whatever its keys begin with


def _topics(at: datetime, language: str) -> QuerySet:
    return Topic.objects.not_withdrawn(at=at).filter(language=language).annotate(name=F("title"), see=Value(""))


def _other_names(at: datetime, language: str) -> QuerySet:
    public = OtherName.objects.filter(topic__in=Topic.objects.not_withdrawn(at=at).filter(language=language))
    return public.annotate(slug=F("topic__slug"), kind=F("topic__kind"), see=F("topic__title"))


def entries(*, at: datetime, language: str, letter: str = "") -> QuerySet:
    """Rows of COLUMNS as dictionaries, sorted; `see` is the title that another name leads to, or empty."""
    both = [_topics(at, language), _other_names(at, language)]
    if letter:
        both = [names.filter(letter=letter) for names in both]
    topics, other_names = (names.annotate(place=PLACE).order_by().values(*COLUMNS) for names in both)
    return topics.union(other_names, all=True).order_by("place", "sort_key", "see", "slug")


def letter_counts(*, at: datetime, language: str) -> Counter:
    """How many entries stand under each letter; one query."""
    topics, other_names = (
        names.order_by().values("letter").annotate(entries=Count("pk")).values_list("letter", "entries")
        for names in (_topics(at, language), _other_names(at, language))
    )
    counts = Counter()
    for letter, number in topics.union(other_names, all=True):
        counts[letter] += number
    return counts
