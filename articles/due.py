"""When the next review of a page falls due. No other module writes `reviewed_on`, `reviewed_edition`, `live_from` or
`changed_from`, and only articles/policies.py writes `next_review_on` as well.

The ledgers are the truth: the last review of the whole page, or else what the source stated. A policy gives the limit, and
a day inside it may be chosen by the reviewer or moved by whoever plans the reviews.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from articles import auditing
from articles.dates import add_months
from articles.models import Article, AuditEntry, Edition, Review, StatedReview
from articles.models.policy import LONGEST, NO_LONGER
from articles.people import Person

BATCH = 500  # pages that are asked for at once


def limit(reviewed_on: date | None, months: int | None) -> date | None:
    """The last day on which a page may fall due; None for one that was never reviewed or has no policy."""
    return add_months(reviewed_on, months) if reviewed_on and months else None


def last_review(article: Article) -> Review | None:
    """The last one of the whole page; of several on one day the one recorded last."""
    return article.reviews.whole().select_related("edition").order_by("-reviewed_on", "-id").first()


def settle(article: Article) -> None:
    """Bring the columns in line with the ledgers, after the last review became another one, or dates were stated. A day
    that was moved meanwhile gives way; the limit of the policy that holds now does not."""
    last = last_review(article)
    stated = article.stated_reviews.first()
    if last:
        columns = {
            "reviewed_on": last.reviewed_on,
            "reviewed_edition": last.edition.number,
            "next_review_on": min(last.next_review_on, limit(last.reviewed_on, article.review_months) or date.max),
        }
    else:
        columns = {
            "reviewed_on": None,
            "reviewed_edition": None,
            "next_review_on": stated.next_review_on if stated else None,
        }
    kept = Article.objects.filter(pk=article.pk)
    kept.update(**columns)
    follow_editions(kept)


def follow_editions(articles: QuerySet[Article]) -> None:
    """Bring `live_from` and `changed_from` in line with the editions, after one was made, called off or reviewed. One query.

    Both may lie ahead: a scheduled edition counts from its moment on. They are None while there is no such edition.
    """
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk")).order_by("number")
    newer = editions.filter(number__gt=OuterRef("reviewed_edition"))
    articles.update(
        live_from=Subquery(editions.values("published_at")[:1]), changed_from=Subquery(newer.values("published_at")[:1])
    )


def settle_stated(stated: Mapping[Article, date | None], *, before: Mapping[int, date | None]) -> None:
    """Let pages fall due as their source has just stated, in a query or two for 500 of them; `before` is what it stated
    last, by the ids of the pages that it had stated a day of. The articles have their new day afterwards.

    A page that was reviewed here keeps its days: what is known here counts for more than what somebody states. So does a
    day that whoever plans the reviews has moved, with a reason, as long as the source states no earlier one: a file knows
    nothing of that reason, and a page that is looked at too early does no harm. An earlier day takes its place, because
    nobody here has looked at the page, and then the strictest of the days that were named is the safe one.
    """
    for article, day in stated.items():
        was_moved = article.next_review_on not in (None, before.get(article.pk))
        if article.reviewed_on is None:
            article.next_review_on = min(article.next_review_on, day or date.max) if was_moved else day
    Article.objects.bulk_update(stated, ["next_review_on"])


@transaction.atomic
def move(article: Article, to: date, *, at: datetime, today: date, by: Person, reason: str) -> None:
    """Let the next review fall due on another day: a decision of whoever plans the reviews, with its reason.

    Raises ValidationError, and moves nothing, without a reason, when the day has passed or is later than the policy
    allows, or when the page has no day that could be moved.
    """
    move_many({article.pk: to}, at=at, today=today, by=by, reason=reason)


@transaction.atomic
def move_many(days: Mapping[int, date], *, at: datetime, today: date, by: Person, reason: str) -> None:
    """As `move`, for the articles of these ids, each to its own day: all of them, or none. Each has its entry of the audit
    trail. Two queries for 500 pages, and one more for each day that pages move to."""
    problems = [] if reason.strip() else ["Say why the day is moved."]
    going, ids = defaultdict(list), sorted(days)  # in the order of ids, as all that lock many pages do
    for part in (ids[start : start + BATCH] for start in range(0, len(ids), BATCH)):
        stated = StatedReview.objects.filter(article=OuterRef("pk")).order_by("-id").values("reviewed_on")[:1]
        held = Article.objects.select_for_update(of=("self",)).filter(pk__in=part).order_by("pk")
        articles = list(held.annotate(stated_on_review=Subquery(stated)))
        for article in articles:
            problems += _against(article, days[article.pk], today=today)
            going[days[article.pk]].append(article.pk)
        if problems:
            raise ValidationError(problems)
        details = {"at": at, "by": by, "reason": reason.strip()[:300]}
        AuditEntry.objects.bulk_create(_moved(article, days[article.pk], **details) for article in articles)
    for day, moved in going.items():
        for start in range(0, len(moved), BATCH):
            Article.objects.filter(pk__in=moved[start : start + BATCH]).update(next_review_on=day)


def _against(article: Article, to: date, *, today: date) -> list[str]:
    """The policy counts from the last review, else from the one that the source states, else from today: a page that nobody
    has reviewed doesn't get more time than one that somebody reviews now."""
    problems = []
    last_day = limit(article.reviewed_on or article.stated_on_review or today, article.review_months)
    if article.next_review_on is None:
        problems.append(f"“{article}” has no day that could be moved: it gets one with its first review.")
    if to < today:
        problems.append(f"{to:%B} {to.day}, {to.year} has passed. Choose today or a later day.")
    if to > add_months(today, LONGEST):
        problems.append(f"{NO_LONGER} Choose an earlier day.")
    if last_day and to > last_day and to > (article.next_review_on or to):
        problems.append(
            f"“{article}” may fall due on {last_day:%B} {last_day.day}, {last_day.year} at the latest: "
            f"{article.review_policy}."
        )
    return problems


def _moved(article: Article, to: date, **details) -> AuditEntry:
    before, after = {"next_review_on": f"{article.next_review_on}"}, {"next_review_on": f"{to}"}
    return auditing.entry(article, AuditEntry.Action.DUE_MOVED, before=before, after=after, **details)
