"""Of the pages of a list: whose they are, of which kinds and tags, how long their reviews are ago, and what falls due when."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from articles.charts import Bar
from articles.dates import add_months
from articles.desk import AGES, NEVER
from articles.kinds import Kind
from articles.models import ArticleTag

TEXT = CharField()
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
    first_days: list[date]  # of the months
    months: list[Bar]  # what falls due from today on; the first month is the one that runs
    overdue: int
    later: int  # due after the last of the months
    undated: int


def rules_of_age(today: date) -> dict[str, Q]:
    """What `breakdown` wants counted by `in_numbers`: how long the last reviews are ago, each under the slug of the age."""
    return {f"age {NEVER}": Q(reviewed_on=None)} | {f"age {age.slug}": age.rule(today) for age in AGES}


def breakdown(
    found: QuerySet,
    numbers: dict[str, int],
    *,
    owners: dict[str, str],
    roles: dict[str, str],
    tags: dict[str, str],
    today: date,
) -> Breakdown:
    """One query, however many pages there are. `numbers` has how many of them pass each of `rules_of_age`. `owners` and
    `roles` are the names of accounts and groups by their ids, `tags` those of tags by their slugs.

    A page counts for its person, or else for its role.
    """
    ages = [(NEVER, "Never reviewed"), *((age.slug, age.label) for age in AGES)]
    aged = [Share(label, numbers[f"age {slug}"], "age", slug) for slug, label in ages]
    named = {"owner": owners, "role": roles, "tag": tags, "kind": dict(Kind.choices), "list": {"no-owner": "No owner"}}
    shares, days = {"owner": [], "kind": [], "tag": []}, {}
    for what, parameter, value, number in _grouped(found):
        if what == "day":
            days[date.fromisoformat(value)] = number
        else:
            name = named[parameter].get(value, value if what == "tag" else ASSIGNED_MEANWHILE)
            shares[what].append(Share(str(name), number, parameter, value))
    months = [add_months(today.replace(day=1), number) for number in range(MONTHS_AHEAD + 1)]  # the last is the end

    def due(first: date, end: date) -> int:
        return sum(number for day, number in days.items() if first <= day < end)

    return Breakdown(
        owners=_most_first(shares["owner"]),
        kinds=_most_first(shares["kind"]),
        tags=_most_first(shares["tag"])[:TAGS_SHOWN],
        ages=aged,
        age_bars=[Bar(each.label, each.number, "never" if each.value == NEVER else "plain") for each in aged],
        first_days=months[:-1],
        months=[Bar(f"{first:%b %Y}", due(max(first, today), end), "due") for first, end in pairwise(months)],
        overdue=due(date.min, today),
        later=due(months[-1], date.max),
        undated=sum(share.number for share in shares["kind"]) - sum(days.values()),
    )


def _most_first(shares: list[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (-share.number, share.value))


def _grouped(found: QuerySet) -> QuerySet:
    """(what is counted, the filter that finds it, its value there, how many), of owners, kinds, tags and the days on which
    reviews fall due: one query."""
    role = When(owner_group__isnull=False, then=Value("role"))
    whose = Case(When(owner__isnull=False, then=Value("owner")), role, default=Value("list"), output_field=TEXT)
    owner = Coalesce(Cast("owner", TEXT), Cast("owner_group", TEXT), Value("no-owner"))
    tagged = ArticleTag.objects.filter(content_object__in=found.order_by().values("pk"))
    return _group(found, "owner", whose, owner).union(
        _group(found, "kind", Value("kind"), Cast("kind", TEXT)),
        _group(tagged, "tag", Value("tag"), Cast("tag__slug", TEXT)),
        _group(found.filter(next_review_on__isnull=False), "day", Value("due"), Cast("next_review_on", TEXT)),
        all=True,
    )


def _group(rows: QuerySet, what: str, parameter, value) -> QuerySet:
    keys = {"what": Value(what, TEXT), "parameter": parameter, "value": value}
    return rows.order_by().annotate(**keys).values_list(*keys).annotate(number=Count("pk"))
