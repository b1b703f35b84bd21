"""Of the pages of a list: whose they are, of which kinds and tags, how long their reviews are ago, and what falls due when."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from articles.charts import Bar
from articles.dates import add_months
from articles.desk import AGES, NEVER
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
    first_days: list[date]  # of the months
    months: list[Bar]  # what falls due from today on; the first month is the one that runs
    overdue: int
    later: int  # due after the last of the months
    undated: int


def breakdown(
    found: QuerySet, *, owners: dict[str, str], roles: dict[str, str], tags: dict[str, str], today: date
) -> Breakdown:
    """Three queries, however many pages there are. `owners` and `roles` are the names of accounts and groups by their
    ids, `tags` those of tags by their slugs.

    A page counts for its person, or else for its role.
    """
    first = today.replace(day=1)
    months = [add_months(first, number) for number in range(MONTHS_AHEAD + 1)]  # the last is the end
    ages = [("never", NEVER, "Never reviewed", Q(reviewed_on=None))]
    ages += [(f"age_{age.slug}", age.slug, age.label, age.rule(today)) for age in AGES]
    counts = {name: rule for name, _, _, rule in ages}
    counts |= {
        f"month_{number}": Q(next_review_on__gte=max(begin, today), next_review_on__lt=end)
        for number, (begin, end) in enumerate(pairwise(months))
    }
    counts["overdue"] = Q(next_review_on__lt=today)
    counts["later"] = Q(next_review_on__gte=months[-1])
    counts["undated"] = Q(next_review_on=None)
    by_kind, by_owner, numbers = _counted(found, counts)
    names = {("list", "no-owner"): "No owner"}
    names |= {("owner", pk): name for pk, name in owners.items()} | {("role", pk): name for pk, name in roles.items()}
    return Breakdown(
        owners=[Share(names.get(key, ASSIGNED_MEANWHILE), number, *key) for key, number in by_owner.most_common()],
        kinds=[Share(str(Kind(kind).label), number, "kind", kind) for kind, number in by_kind.most_common()],
        tags=_tags(found, tags),
        ages=[Share(label, numbers[name], "age", slug) for name, slug, label, _ in ages],
        age_bars=[Bar(label, numbers[name], "never" if slug == NEVER else "plain") for name, slug, label, _ in ages],
        first_days=months[:-1],
        months=[Bar(f"{month:%b %Y}", numbers[f"month_{number}"], "due") for number, month in enumerate(months[:-1])],
        overdue=numbers["overdue"],
        later=numbers["later"],
        undated=numbers["undated"],
    )


def _counted(found: QuerySet, counts: dict[str, Q]) -> tuple[Counter, Counter, dict[str, int]]:
    """How many there are by kind, by owner, and of each of `counts`, which are asked for together with the kinds: the
    owners are many, and each row would bring all of them."""
    by_kind, by_owner, sums = Counter(), Counter(), [0] * len(counts)
    columns = {f"counted_{name}": Count("pk", filter=rule) for name, rule in counts.items()}
    for kind, number, *parts in found.order_by().values_list("kind").annotate(Count("pk"), **columns):
        by_kind[kind] = number
        sums = [total + part for total, part in zip(sums, parts, strict=True)]
    for owner, group, number in found.order_by().values_list("owner", "owner_group").annotate(Count("pk")):
        by_owner[("owner", str(owner)) if owner else ("role", str(group)) if group else ("list", "no-owner")] += number
    return by_kind, by_owner, dict(zip(counts, sums, strict=True))


def _tags(found: QuerySet, names: dict[str, str]) -> list[Share]:
    tagged = ArticleTag.objects.filter(content_object__in=found.order_by().values("pk")).values_list("tag__slug")
    used = tagged.annotate(number=Count("pk")).order_by("-number", "tag__slug")[:TAGS_SHOWN]
    return [Share(names.get(slug, slug), number, "tag", slug) for slug, number in used]
