"""What the review desk knows: the lists of pages that somebody should look at, how to narrow and to order them, and how
many there are of each.

One scan of all published pages answers every count, so the desk costs the same number of queries at 20 and at 20,000 pages.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from articles.dates import whole_years_between
from articles.models import Article, ArticleTag, Edition, RelatedLink, Withdrawal

AHEAD = (7, 30, 60, 90)  # days


def pages(*, at: datetime, today: date) -> QuerySet:
    """The articles that patients read, with what the lists ask: `live_number` and `has_bad_link`."""
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk"), published_at__lte=at)
    withdrawn = Withdrawal.objects.in_force(at=at)
    links = RelatedLink.objects.filter(article=OuterRef("pk"))
    bad_link = links.filter(
        Q(target_article__next_review_on__lt=today)
        | Exists(withdrawn.filter(article=OuterRef("target_article")))
        | Exists(withdrawn.filter(topic=OuterRef("topic")))
    )
    return (
        Article.objects.filter(archived_at=None)
        .annotate(live_number=Subquery(editions.order_by("-number").values("number")[:1]))
        .filter(~Exists(withdrawn.filter(article=OuterRef("pk"))), live_number__isnull=False)
        .annotate(has_bad_link=Exists(bad_link))
    )


@dataclass(frozen=True)
class DeskList:
    """One list of the desk: its name in the address, its heading, and its rule as a query."""

    slug: str
    heading: str
    rule: Callable[[date], Q]


LISTS = [
    DeskList("overdue", "Overdue", lambda today: Q(next_review_on__lt=today)),
    *(
        DeskList(
            f"due-{days}",
            f"Due in {days} days",
            lambda today, days=days: Q(next_review_on__range=(today, today + timedelta(days))),
        )
        for days in AHEAD
    ),
    DeskList("changed", "Changed since its review", lambda today: Q(live_number__gt=F("reviewed_edition"))),
    DeskList("never", "Never reviewed", lambda today: Q(reviewed_on=None)),
    DeskList("no-policy", "No policy", lambda today: Q(review_months=None)),
    DeskList("no-owner", "No owner", lambda today: Q(owner=None, owner_group=None)),
    DeskList("owner-gone", "Owner has left", lambda today: Q(owner__is_active=False)),
    DeskList("related", "Points at overdue or withdrawn pages", lambda today: Q(has_bad_link=True)),
]


@dataclass(frozen=True)
class Age:
    """How long ago the last review of the whole page was: at least `years` whole years, and fewer than `before`."""

    slug: str
    label: str
    years: int
    before: int | None

    def rule(self, today: date) -> Q:
        rule = Q(reviewed_on__lte=_years_before(today, self.years)) if self.years else Q(reviewed_on__isnull=False)
        return rule & Q(reviewed_on__gt=_years_before(today, self.before)) if self.before else rule


NEVER = "never"
AGES = [
    Age("0", "Less than a year", 0, 1),
    Age("1", "1 year", 1, 2),
    Age("2", "2 years", 2, 3),
    Age("3", "3 or 4 years", 3, 5),
    Age("5", "5 years and more", 5, None),
]


def age_of(reviewed_on: date | None, *, today: date) -> Age | None:
    """The age that a page is counted under; None when it was never reviewed. Says the same as `Age.rule`."""
    if reviewed_on is None:
        return None
    years = whole_years_between(reviewed_on, today)
    return next(age for age in AGES if age.years <= years and (age.before is None or years < age.before))


def _years_before(today: date, years: int) -> date:
    """The last day from which so many whole years have passed: from 28 February for one year, for 29 February."""
    year = today.year - years
    return date(year, today.month, min(today.day, monthrange(year, today.month)[1]))


# Ways to order a list; the title decides between equals.
SORTS = {
    "due": ("Next review due", [F("next_review_on").asc(nulls_last=True)]),
    "reviewed": ("Longest without a review", [F("reviewed_on").asc(nulls_first=True)]),
    "title": ("Title", []),
    "kind": ("Kind", ["kind"]),
}


@dataclass(frozen=True)
class Filters:
    """What narrows a list, beside the list itself. Each that is empty lets all pages pass."""

    owner: int | None = None  # the id of an account
    role: int | None = None  # the id of a group
    kind: str = ""
    tag: str = ""  # its slug
    age: str = ""  # the slug of an Age, or NEVER
    words: tuple[str, ...] = ()  # all of them are in the title

    def narrow(self, found: QuerySet, *, today: date) -> QuerySet:
        if self.owner:
            found = found.filter(owner=self.owner)
        if self.role:
            found = found.filter(owner_group=self.role)
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.tag:
            found = found.filter(pk__in=ArticleTag.objects.filter(tag__slug=self.tag).values("content_object"))
        if self.age == NEVER:
            found = found.filter(reviewed_on=None)
        elif self.age:
            found = found.filter(next(age for age in AGES if age.slug == self.age).rule(today))
        for word in self.words:
            found = found.filter(title__icontains=word)
        return found


def in_numbers(found: QuerySet, *, today: date) -> dict[str, int]:
    """How many of these `pages()` are on each list, by its slug; under "" all of them. One query."""
    counts = {f"list_{number}": Count("pk", filter=each.rule(today)) for number, each in enumerate(LISTS)}
    counted = found.aggregate(list_all=Count("pk"), **counts)
    return {"": counted["list_all"], **{each.slug: counted[f"list_{number}"] for number, each in enumerate(LISTS)}}


def in_order(found: QuerySet, sort: str) -> QuerySet:
    return found.order_by(*SORTS[sort][1], "title", "pk")
