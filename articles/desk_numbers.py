"""Of the pages of a list: whose they are, of which kinds and tags, how long their reviews are ago, and what falls due when."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet

from articles.charts import Bar
from articles.dates import add_months
from articles.desk import AGES, NEVER, age_of
from articles.kinds import Kind
from articles.models import ArticleTag

MONTHS_AHEAD = 18
TAGS_SHOWN = 20
ASSIGNED_MEANWHILE = "Somebody new"  # by another person, after the names were read


class Share(NamedTuple):
    """How many pages have something in common, and the part of the desk's address that finds them."""

    label: str
    number: int
    parameter: str
    value: str


@dataclass(frozen=True)
class Breakdown:
    """The same pages counted in several ways; the most come first, ages and months in their own order."""

    owners: list[Share]
    kinds: list[Share]
    tags: list[Share]  # the 20 used most
    ages: list[Share]
    age_bars: list[Bar]
    months: list[Bar]  # what falls due from today on; the first month is the one that runs
    overdue: int
    later: int  # due after the last of the months
    undated: int


def breakdown(found: QuerySet, *, owners: dict[str, str], roles: dict[str, str], today: date) -> Breakdown:
    """Two queries, however many pages there are. `owners` and `roles` are the names of accounts and groups by their ids.

    A page counts for its person, or else for its role.
    """
    by_owner, by_kind, ages, dues = Counter(), Counter(), Counter(), Counter()
    columns = ("kind", "owner", "owner_group", "reviewed_on", "next_review_on")
    rows = found.order_by().values_list(*columns).annotate(Count("pk"))
    for kind, owner, group, reviewed_on, next_review_on, number in rows:
        by_kind[kind] += number
        by_owner[("owner", str(owner)) if owner else ("role", str(group)) if group else ("list", "no-owner")] += number
        age = age_of(reviewed_on, today=today)
        ages[age.slug if age else NEVER] += number
        dues[next_review_on] += number
    names = {("list", "no-owner"): "No owner"}
    names |= {("owner", pk): name for pk, name in owners.items()} | {("role", pk): name for pk, name in roles.items()}
    first = today.replace(day=1)
    months, end = [add_months(first, number) for number in range(MONTHS_AHEAD)], add_months(first, MONTHS_AHEAD)
    due_in = Counter()
    for day, number in dues.items():
        if day and today <= day < end:
            due_in[day.replace(day=1)] += number
    labels = [(NEVER, "Never reviewed"), *((age.slug, age.label) for age in AGES)]
    return Breakdown(
        owners=[Share(names.get(key, ASSIGNED_MEANWHILE), number, *key) for key, number in by_owner.most_common()],
        kinds=[Share(Kind(kind).label, number, "kind", kind) for kind, number in by_kind.most_common()],
        tags=_tags(found),
        ages=[Share(label, ages[slug], "age", slug) for slug, label in labels],
        age_bars=[Bar(label, ages[slug], "never" if slug == NEVER else "plain") for slug, label in labels],
        months=[Bar(f"{month:%b %Y}", due_in[month], "due") for month in months],
        overdue=sum(number for day, number in dues.items() if day and day < today),
        later=sum(number for day, number in dues.items() if day and day >= end),
        undated=dues[None],
    )


def _tags(found: QuerySet) -> list[Share]:
    rows = ArticleTag.objects.filter(content_object__in=found.order_by().values("pk"))
    rows = rows.values_list("tag__name", "tag__slug").annotate(number=Count("pk")).order_by("-number", "tag__name")
    return [Share(name, number, "tag", slug) for name, slug, number in rows[:TAGS_SHOWN]]
