"""New due days for a bulge of pages: what is planned for the pages of the library, and the act that applies a plan.

The arithmetic is that of articles/planning.py; here it meets the pages and their policies. A plan never moves a page that
is overdue: with a day in the future patients would read that it is up to date, and nobody has reviewed it. Such pages keep
their days and are reviewed first, so that the plan counts on what capacity they leave.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from articles import due
from articles.dates import add_months
from articles.models import Article
from articles.models.policy import LONGEST
from articles.people import Person
from articles.planning import Dated, spread


class PlanOutdated(Exception):
    """Pages have changed, or a day has passed, since somebody looked at a plan: what he saw is not what would happen."""


@dataclass(frozen=True)
class NewDay:
    """What a plan does to one page. `limit` is the last day that it may fall due on."""

    article: int
    title: str
    path: str
    before: date
    after: date
    limit: date


@dataclass(frozen=True)
class Plan:
    """What is to be decided: which pages get a new day, in the order of the old ones, and how many don't and why."""

    due_days: list[date]  # of all pages that have one, as they are now
    days_after: list[date]  # of the same pages, as they would be
    moves: list[NewDay]
    overdue: int
    undated: int
    exceeding: int  # keep their day because all weeks up to their limits are full
    past_limit: int  # keep their day because their limit comes before the next working day
    far: int  # due in more than ten years, which is as long as any policy goes: not planned

    @property
    def digest(self) -> str:
        """A short text that is another one when anything that the plan would write or leave is another."""
        rows = [(move.article, move.title, move.before, move.after, move.limit) for move in self.moves]
        said = [rows, self.overdue, self.undated, self.exceeding, self.past_limit, self.far]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def plan(pages: QuerySet, *, today: date, per_week: int) -> Plan:
    """New days for articles that patients read, when so many of them can be reviewed a week. One query.

    The limit of a page is what its policy allows after its last review. A page without a policy, or one whose day its
    source stated and that nobody has reviewed here, has no such limit, and it would be wrong to take that for leave to
    put it off for ever: the day that it has is the only promise that anybody made for it. So that day is its limit, and
    the plan may draw it nearer, never put it off. Whoever has a reason to do so moves the page by itself.
    """
    rows = pages.order_by("next_review_on", "title", "pk")
    columns = ("pk", "title", "slug", "language", "next_review_on", "reviewed_on", "review_months")
    dated, names, due_days, overdue, undated, far = [], {}, [], 0, 0, 0
    end = add_months(today, LONGEST)
    for pk, title, slug, language, day, reviewed_on, months in rows.values_list(*columns):
        if day is None:
            undated += 1
            continue
        due_days.append(day)
        if day < today:
            overdue += 1
        elif day > end:
            far += 1
        else:
            names[pk] = (title, Article.path_of(slug, language))
            dated.append(Dated(pk, day, due.limit(reviewed_on, months) or day))
    limits = {page.key: page.limit for page in dated}
    proposal = spread(dated, today=today, per_week=per_week, backlog=overdue)
    moves = [NewDay(move.key, *names[move.key], move.before, move.after, limits[move.key]) for move in proposal.moves]
    new_days = {move.article: move.after for move in moves}
    kept = [day for day in due_days if day < today or day > end]
    return Plan(
        due_days=due_days,
        days_after=kept + [new_days.get(page.key, page.due) for page in dated],
        moves=moves,
        overdue=overdue,
        undated=undated,
        exceeding=proposal.exceeding,
        past_limit=proposal.past_limit,
        far=far,
    )


@transaction.atomic
def apply(
    pages: QuerySet, *, per_week: int, shown: str, at: datetime, today: date, by: Person, reason: str
) -> list[NewDay]:
    """Give the pages the days of their `plan`, if it is still the one whose digest somebody was `shown`; says what moved.

    All in one transaction, however many pages there are: each new day relies on the places that the others leave free,
    so half a plan would be a worse bulge than none, and nobody could tell afterwards which half was done. Until it ends,
    nobody can record a review of these pages.

    Raises PlanOutdated, and changes nothing, when the plan has become another one; ValidationError as `due.move_many`.
    """
    list(
        Article.objects.filter(pk__in=pages.order_by().values("pk"))
        .select_for_update()
        .order_by("pk")
        .values_list("pk")
    )
    current = plan(pages, today=today, per_week=per_week)
    if current.digest != shown:
        raise PlanOutdated
    due.move_many({move.article: move.after for move in current.moves}, at=at, today=today, by=by, reason=reason)
    return current.moves
