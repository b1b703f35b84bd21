"""How fresh the pages are that patients read, in numbers: the same for everybody, staff included."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from articles import languages
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
            return _("less than %(percent)s") % {"percent": _percent(1)}
        if 99 < percent < 100:
            return _("more than %(percent)s") % {"percent": _percent(99)}
        return _percent(percent)

    @property
    def bar(self) -> Bar:
        return Bar(self.label, self.pages, self.kind)


def _percent(number: float) -> str:
    return _("%(number)s%%") % {"number": f"{number:.0f}"}


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


def freshness(*, at: datetime, today: date, language: str = languages.DEFAULT) -> list[Freshness]:
    """Of all pages of a language that patients read at that moment, then by kind in the order of the kinds. Two queries."""
    columns = ("pk", "kind", "article__reviewed_on", "article__next_review_on", "last_seen_to")
    last_seen_to = Coalesce(F("article__reviewed_on"), F("updated_on"), F("published_on"))
    live = Edition.objects.live(at=at).filter(language=language)
    rows = list(live.annotate(last_seen_to=last_seen_to).order_by().values_list(*columns))
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row[1]].append(row)
    groups = [(_("All pages"), rows)] + [(kind.plural, by_kind[kind]) for kind in Kind if kind in by_kind]
    oldest = {name: min(group, key=lambda row: (row[4], row[0]), default=None) for name, group in groups}
    pages = Edition.objects.for_lists().in_bulk([row[0] for row in oldest.values() if row])
    return [_summed_up(name, group, oldest[name], pages, today) for name, group in groups]


def _summed_up(name: str, rows: list[tuple], oldest: tuple | None, pages: dict[int, Edition], today: date) -> Freshness:
    counts = {"current": 0, "due": 0, "late": 0, "never": 0}
    for row in rows:
        counts[_state(row[3], today)] += 1
    reviewed = [row[2] for row in rows if row[2]]
    shares = [
        Share(label, counts[state], len(rows), kind)
        for state, label, kind in (
            ("current", _("Current"), "done"),
            ("due", _("Due within 90 days"), "due"),
            ("late", _("Late"), "overdue"),
            ("never", _("Never reviewed"), "never"),
        )
    ]
    return Freshness(
        name=name,
        pages=len(rows),
        shares=shares,
        stated=sum(row[3] is not None and row[2] is None for row in rows),
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
