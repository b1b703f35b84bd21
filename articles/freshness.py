"""How fresh the pages are that patients read, in numbers: the same for everybody, staff included."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low

from django.db.models import F
from django.db.models.functions import Coalesce

from articles.charts import Bar
from articles.dates import age_in_words
from articles.kinds import Kind
from articles.models import Edition

SOON = timedelta(days=90)


@dataclass(frozen=True)
class Share:
    """So many pages of a number of pages."""

    label: str
    pages: int
    total: int
    kind: str  # of the bar in the chart

    @property
    def in_words(self) -> str:
        """ "25%"; a share is called none or all only when it is."""
        percent = self.pages * 100 / self.total if self.total else 0
        if 0 < percent < 1:
            return "less than 1%"
        if 99 < percent < 100:
            return "more than 99%"
        return f"{percent:.0f}%"

    @property
    def bar(self) -> Bar:
        return Bar(self.label, self.pages, self.kind)


@dataclass(frozen=True)
class Freshness:
    """Of some pages. Each stands in one of the shares; the ages count reviews made here, never a day that a source states."""

    name: str
    pages: int
    shares: list[Share]  # current, due within 90 days, late, never reviewed
    stated: int  # pages whose next review falls due on a day that their source stated
    median_age: str  # of the last review, such as "7 months ago"; empty when no page has been reviewed
    oldest: Edition | None  # the page whose text was last reviewed, or else changed, the longest ago
    oldest_on: date | None


def freshness(*, at: datetime, today: date) -> list[Freshness]:
    """Of all pages that patients read at that moment, then by kind in the order of the kinds. Two queries."""
    columns = ("pk", "kind", "article__reviewed_on", "article__next_review_on", "last_seen_to")
    last_seen_to = Coalesce(F("article__reviewed_on"), F("updated_on"), F("published_on"))
    rows = list(Edition.objects.live(at=at).annotate(last_seen_to=last_seen_to).order_by().values_list(*columns))
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row[1]].append(row)
    groups = [("All pages", rows)] + [(kind.plural, by_kind[kind]) for kind in Kind if kind in by_kind]
    oldest = {name: min(group, key=lambda row: (row[4], row[0]), default=None) for name, group in groups}
    pages = Edition.objects.for_lists().in_bulk([row[0] for row in oldest.values() if row])
    return [_summed_up(name, group, oldest[name], pages, today) for name, group in groups]


def _summed_up(name: str, rows: list[tuple], oldest: tuple | None, pages: dict[int, Edition], today: date) -> Freshness:
    counts = {"current": 0, "due": 0, "late": 0, "never": 0}
    for *_, due, _ in rows:
        counts[_state(due, today)] += 1
    reviewed = [reviewed_on for _, _, reviewed_on, _, _ in rows if reviewed_on]
    shares = [
        Share(label, counts[state], len(rows), kind)
        for state, label, kind in (
            ("current", "Current", "done"),
            ("due", "Due within 90 days", "due"),
            ("late", "Late", "overdue"),
            ("never", "Never reviewed", "never"),
        )
    ]
    return Freshness(
        name=name,
        pages=len(rows),
        shares=shares,
        stated=sum(due is not None and reviewed_on is None for _, _, reviewed_on, due, _ in rows),
        median_age=age_in_words(median_low(reviewed), today=today) if reviewed else "",
        oldest=pages[oldest[0]] if oldest else None,
        oldest_on=oldest[4] if oldest else None,
    )


def _state(due: date | None, today: date) -> str:
    """A page that was never reviewed here, and whose source states no day either, has no day on which it is due."""
    if due is None:
        return "never"
    if due < today:
        return "late"
    return "due" if due <= today + SOON else "current"
