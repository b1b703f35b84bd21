"""The reviewers in numbers, for whoever plans the reviews: a reason to talk to somebody, never a verdict."""

from datetime import date, datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import spreadsheets
from articles.admin.desk.filters import FORMATS
from articles.permissions import PLAN
from articles.review_statistics import FEWEST, Reviewer, reviewers

COLUMNS = [
    "Reviewer",
    "Reviews of whole pages",
    "Reviews of parts",
    "No change",
    "Share of no change",
    "Times known",
    "Median seconds on the page",
    "Under a minute",
    "Faster than reading",
    "Drawn for a second review",
    "Second reviews made",
    "Second reviews with another outcome",
]


def reviewers_in_numbers(request):
    """The numbers of a period, to look at or to take along; the clock is read here."""
    if not request.user.has_perm(PLAN):
        raise PermissionDenied
    return _reviewers(request, at=timezone.now())


@require_safe
def _reviewers(request, *, at: datetime) -> HttpResponse:
    period = Period(request.GET, today=timezone.localdate(at))
    people = reviewers(since=period.since, until=period.until)
    if period.format and not period.ignored:
        title = f"Reviewers {period.since} to {period.until}"
        rows = [_row_to_keep(person) for person in people]
        return spreadsheets.download(COLUMNS, rows, form=period.format, title=title, made_at=at)
    context = {
        **admin.site.each_context(request),
        "title": "Reviewers",
        "period": period,
        "rows": [_Row(person, period) for person in people],
        "fewest": FEWEST,
        "downloads": [(form.upper(), period.address(format=form)) for form in FORMATS],
    }
    return TemplateResponse(request, "admin/review_desk/reviewers.html", context)


class Period:
    """What the address asks for: `from`, `until` (both included) and `format`. The last twelve months when it says nothing
    that can be followed; `ignored` has a sentence for each part that can't."""

    def __init__(self, sent, *, today: date):
        self.ignored: list[str] = []
        self.until = self._day(sent.get("until", "")) or today
        self.since = self._day(sent.get("from", "")) or _year_before(self.until)
        if self.since > self.until:
            self.ignored.append("The first day is later than the last one, so the last twelve months are shown.")
            self.since, self.until = _year_before(today), today
        self.format = sent.get("format", "")
        if self.format and self.format not in FORMATS:
            self.ignored.append(f"“{self.format[:40]}” is not a file that the list can be taken along as.")
            self.format = ""

    def address(self, **more: str) -> str:
        return "?" + urlencode({"from": self.since, "until": self.until, **more})

    def _day(self, typed: str) -> date | None:
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            self.ignored.append(f"“{typed[:40]}” is not a day such as 2026-03-31, so it was ignored.")
            return None


def _year_before(day: date) -> date:
    """The same day a year before; 28 February for the 29th. The calendar's first year stays in itself."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=max(1, day.year - 1), day=28 if leap else day.day)


class _Row:
    """A person as the table says it."""

    def __init__(self, person: Reviewer, period: Period):
        self.person = person
        share = person.share_of_no_change
        self.no_change = f"{person.no_change} of {person.whole}" + ("" if share is None else f" ({share:.0%})")
        self.median = _minutes(person.median_seconds)
        self.times = len(person.seconds)
        asked = {
            "reviewer_name__iexact": person.name,
            "reviewed_on__gte": period.since,
            "reviewed_on__lte": period.until,
        }
        self.address = f"{reverse('admin:articles_review_changelist')}?{urlencode(asked)}"


def _minutes(seconds: int | None) -> str:
    return "not known" if seconds is None else f"{seconds // 60} min {seconds % 60} s"


def _row_to_keep(person: Reviewer) -> list:
    share = person.share_of_no_change
    return [
        person.name,
        person.whole,
        person.parts,
        person.no_change,
        None if share is None else round(share, 3),
        len(person.seconds),
        person.median_seconds,
        person.under_a_minute,
        person.faster_than_reading,
        person.drawn,
        person.seconded,
        person.differed,
    ]
