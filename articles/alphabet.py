"""The A to Z: every public topic under its title and under each of its other names."""

from collections import Counter
from datetime import datetime

from django.db.models import Count, F, QuerySet, Value

from articles.models import OtherName, Topic

COLUMNS = ["sort_key", "letter", "name", "slug", "kind", "see"]


def _topics(at: datetime) -> QuerySet:
    return Topic.objects.not_withdrawn(at=at).annotate(name=F("title"), see=Value(""))


def _other_names(at: datetime) -> QuerySet:
    public = OtherName.objects.filter(topic__in=Topic.objects.not_withdrawn(at=at))
    return public.annotate(slug=F("topic__slug"), kind=F("topic__kind"), see=F("topic__title"))


def entries(*, at: datetime, letter: str = "") -> QuerySet:
    """Rows of COLUMNS as dictionaries, sorted; `see` is the title that another name leads to, or empty."""
    both = [_topics(at), _other_names(at)]
    if letter:
        both = [names.filter(letter=letter) for names in both]
    topics, other_names = (names.order_by().values(*COLUMNS) for names in both)
    return topics.union(other_names, all=True).order_by("letter", "sort_key", "see", "slug")  # "0-9" stands before A


def letter_counts(*, at: datetime) -> Counter:
    """How many entries stand under each letter; one query."""
    topics, other_names = (
        names.order_by().values("letter").annotate(entries=Count("pk")).values_list("letter", "entries")
        for names in (_topics(at), _other_names(at))
    )
    counts = Counter()
    for letter, number in topics.union(other_names, all=True):
        counts[letter] += number
    return counts
