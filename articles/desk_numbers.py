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


def rules_of_time(today: date) -> dict[str, Q]:
    """What `breakdown` wants counted by `in_numbers`: the ages of the last reviews, and what falls due in which month."""
    months = _months(today)
    rules = {"age never": Q(reviewed_on=None)} | {f"age {age.slug}": age.rule(today) for age in AGES}
    rules |= {
        f"month {number}": Q(next_review_on__gte=max(begin, today), next_review_on__lt=end)
        for number, (begin, end) in enumerate(pairwise(months))
    }
    rules["month overdue"] = Q(next_review_on__lt=today)
    rules["month later"] = Q(next_review_on__gte=months[-1])
    rules["month undated"] = Q(next_review_on=None)
    return rules


def breakdown(
    found: QuerySet,
    numbers: dict[str, int],
    *,
    owners: dict[str, str],
    roles: dict[str, str],
    tags: dict[str, str],
    today: date,
) -> Breakdown:
    """One query, however many pages there are. `numbers` has how many of them pass each of `rules_of_time`. `owners` and
    `roles` are the names of accounts and groups by their ids, `tags` those of tags by their slugs.

    A page counts for its person, or else for its role.
    """
    first_days = _months(today)[:-1]
    ages = [(NEVER, "Never reviewed"), *((age.slug, age.label) for age in AGES)]
    aged = [Share(label, numbers[f"age {slug}"], "age", slug) for slug, label in ages]
    named = {"owner": owners, "role": roles, "tag": tags, "kind": dict(Kind.choices), "list": {"no-owner": "No owner"}}
    shares = {"owner": [], "kind": [], "tag": []}
    for what, parameter, value, number in _grouped(found):
        name = named[parameter].get(value, value if what == "tag" else ASSIGNED_MEANWHILE)
        shares[what].append(Share(str(name), number, parameter, value))
    return Breakdown(
        owners=_most_first(shares["owner"]),
        kinds=_most_first(shares["kind"]),
        tags=_most_first(shares["tag"])[:TAGS_SHOWN],
        ages=aged,
        age_bars=[Bar(each.label, each.number, "never" if each.value == NEVER else "plain") for each in aged],
        first_days=first_days,
        months=[Bar(f"{day:%b %Y}", numbers[f"month {number}"], "due") for number, day in enumerate(first_days)],
        overdue=numbers["month overdue"],
        later=numbers["month later"],
        undated=numbers["month undated"],
    )


def _months(today: date) -> list[date]:
    """The first days of the months ahead, the running one first; the last is the end."""
    return [add_months(today.replace(day=1), number) for number in range(MONTHS_AHEAD + 1)]


def _most_first(shares: list[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (-share.number, share.value))


def _grouped(found: QuerySet) -> QuerySet:
    """(what is counted, the filter that finds it, its value there, how many), of owners, kinds and tags: one query."""
    role = When(owner_group__isnull=False, then=Value("role"))
    whose = Case(When(owner__isnull=False, then=Value("owner")), role, default=Value("list"), output_field=TEXT)
    owner = Coalesce(Cast("owner", TEXT), Cast("owner_group", TEXT), Value("no-owner"))
    tagged = ArticleTag.objects.filter(content_object__in=found.order_by().values("pk"))
    return _group(found, "owner", whose, owner).union(
        _group(found, "kind", Value("kind"), Cast("kind", TEXT)),
        _group(tagged, "tag", Value("tag"), Cast("tag__slug", TEXT)),
        all=True,
    )


def _group(rows: QuerySet, what: str, parameter, value) -> QuerySet:
    keys = {"what": Value(what, TEXT), "parameter": parameter, "value": value}
    return rows.order_by().annotate(**keys).values_list(*keys).annotate(number=Count("pk"))
