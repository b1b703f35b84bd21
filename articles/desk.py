"""What the review desk knows: the lists of pages that somebody should look at, how to narrow and to order them, and how
many there are of each.

One scan of all published pages answers every count, so the desk costs the same number of queries at 20 and at 20,000 pages.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThan

from articles.models import Article, ArticleTag, DeskPage, Edition, RelatedLink, ReviewRequest, StatedReview, Withdrawal
from articles.models.edition import CHANGED_ON

AHEAD = (7, 30, 60, 90)  # days


def pages(*, at: datetime, today: date) -> QuerySet:
    """The articles that patients read, with what the lists ask: `is_changed` since its review, `has_bad_link`, `is_asked`,
    `has_withdrawn_source` and `is_older_translation`.

    Pages that have something in common are looked for once, as a set, and not anew for each of many thousand pages.
    """
    withdrawn = Withdrawal.objects.in_force(at=at)
    gone = withdrawn.filter(article__isnull=False).values("article")
    requests = ReviewRequest.objects.open()
    return Article.objects.filter(~Q(pk__in=gone), archived_at=None, live_from__lte=at).annotate(
        is_changed=Q(changed_from__lte=at),
        has_bad_link=_points_at(target_article__in=Article.objects.filter(next_review_on__lt=today).values("pk"))
        | _points_at(target_article__in=gone)
        | _points_at(topic__in=withdrawn.filter(topic__isnull=False).values("topic")),
        is_asked=Q(pk__in=requests.values("article")),
        is_older_translation=Q(pk__in=_older_translations(at).exclude(translation_of__in=gone).values("pk")),
        has_withdrawn_source=Q(pk__in=requests.filter(cause=ReviewRequest.Cause.SOURCE).values("article")),
    )


@contextmanager
def written_down(found: QuerySet) -> Iterator[QuerySet]:
    """These `pages()` in a table of this connection's own until the block ends, with all that their lists ask: what is dear
    to find is then found once, and not anew for each count. The database is asked twice, once at either end.
    """
    columns = [field.attname for field in DeskPage._meta.fields]
    select, parameters = found.order_by().values_list(*columns).query.sql_with_params()
    table = connection.ops.quote_name(DeskPage._meta.db_table)
    # PostgreSQL knows nothing of a new table, takes it to be small, and would look up the tags of each page by itself.
    statistics = f"; ANALYZE {table} (id)" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} AS {select}{statistics}", parameters)
        try:
            yield DeskPage.objects.all()
        finally:
            cursor.execute(f"DROP TABLE {table}")


def _older_translations(at: datetime) -> QuerySet:
    """Translations whose original had its last change of meaning on a later day than they had theirs, as
    articles/translations.py tells patients."""

    def changed_on(article: str) -> Subquery:
        editions = Edition.objects.not_cancelled().filter(article=OuterRef(article), published_at__lte=at)
        return Subquery(editions.order_by("-number").annotate(day=CHANGED_ON).values("day")[:1])

    translations = Article.objects.filter(translation_of__isnull=False)
    return translations.filter(Q(GreaterThan(changed_on("translation_of"), changed_on("pk"))))


def _points_at(**target) -> Q:
    return Q(pk__in=RelatedLink.objects.filter(**target).order_by().values("article"))


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
    DeskList("asked", "Extra review asked for", lambda today: Q(is_asked=True)),
    DeskList("source", "Cites a withdrawn source", lambda today: Q(has_withdrawn_source=True)),
    DeskList("changed", "Changed since its review", lambda today: Q(is_changed=True)),
    DeskList("never", "Never reviewed", lambda today: Q(reviewed_on=None)),
    DeskList("no-policy", "No policy", lambda today: Q(review_months=None)),
    DeskList("no-owner", "No owner", lambda today: Q(owner=None, owner_group=None)),
    DeskList("owner-gone", "Owner has left", lambda today: Q(owner__is_active=False)),
    DeskList("translation", "Translation older than its original", lambda today: Q(is_older_translation=True)),
    DeskList("related", "Points at overdue or withdrawn pages", lambda today: Q(has_bad_link=True)),
]


@dataclass(frozen=True)
class Age:
    """How long ago the last review of the whole page was: at least `years` whole years (birthdays passed, as
    articles/dates.py counts them), and fewer than `before`."""

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


def _years_before(today: date, years: int) -> date:
    """The last day from which so many whole years have passed: from 28 February for one year, for 29 February."""
    year = today.year - years
    return date(year, today.month, min(today.day, monthrange(year, today.month)[1]))


# Ways to order a list; the title decides between equals.
SORTS = {
    "due": ("Due first", [F("next_review_on").asc(nulls_last=True)]),
    "due-last": ("Due last", [F("next_review_on").desc(nulls_last=True)]),
    "reviewed": ("Longest without a review", [F("reviewed_on").asc(nulls_first=True)]),
    "reviewed-last": ("Reviewed last", [F("reviewed_on").desc(nulls_last=True)]),
    "title": ("Title", []),
    "kind": ("Kind", ["kind"]),
    "owner": (
        "Owner",
        [F(name).asc(nulls_last=True) for name in ("owner__last_name", "owner__first_name", "owner__username")]
        + [F("owner_group__name").asc(nulls_last=True)],
    ),
}


@dataclass(frozen=True)
class Filters:
    """What narrows a list, beside the list itself. Each that is empty lets all pages pass."""

    owner: int | None = None  # the id of an account
    role: int | None = None  # the id of a group
    kind: str = ""
    tag: str = ""  # its slug
    age: str = ""  # the slug of an Age, or NEVER
    due: tuple[date, date] | None = None  # the first and the last day on which the next review may be due
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
        if self.due:
            found = found.filter(next_review_on__range=self.due)
        for word in self.words:
            found = found.filter(title__icontains=word)
        return found


def in_numbers(found: QuerySet, *, today: date, besides: dict[str, Q] | None = None) -> dict[str, int]:
    """How many of these `pages()` are on each list, by its slug; under "" all of them; and how many pass each of the
    rules `besides`. One query."""
    rules = {"": None, **{each.slug: each.rule(today) for each in LISTS}, **(besides or {})}
    counts = [Count("pk", filter=rule) for rule in rules.values()]
    counted = found.aggregate(**{f"rule_{number}": count for number, count in enumerate(counts)})
    return dict(zip(rules, counted.values(), strict=True))


def with_stated_day(articles: QuerySet) -> QuerySet:
    """Adds `stated_on_review`, the day of the last review as the source states it; None without one."""
    stated = StatedReview.objects.filter(article=OuterRef("pk")).order_by("-id")
    return articles.annotate(stated_on_review=Subquery(stated.values("reviewed_on")[:1]))


def with_what_is_asked(articles: QuerySet) -> QuerySet:
    """Adds why a review is wanted out of the cycle, `asked_because`, and by when, `asked_for`: of the request that is
    wanted first. `asked_times` counts the open ones, and is None without any."""
    requests = ReviewRequest.objects.open().filter(article=OuterRef("pk")).order_by("due_on", "id")
    number = requests.order_by().values("article").annotate(number=Count("pk")).values("number")
    return articles.annotate(
        asked_because=Subquery(requests.values("about")[:1]),
        asked_for=Subquery(requests.values("due_on")[:1]),
        asked_times=Subquery(number),
    )


def in_order(found: QuerySet, sort: str) -> QuerySet:
    return found.order_by(*SORTS[sort][1], "title", "pk")
