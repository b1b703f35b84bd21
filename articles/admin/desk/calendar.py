"""The calendar of the review desk: what falls due on each day of a month, and the private address by which somebody's own
calendar program shows the same."""

import re
from calendar import Calendar, day_name
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date, datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from articles import calendar_feeds
from articles.admin.desk.filters import Asked, choices, short
from articles.calendar_feeds import FeedChanged
from articles.dates import in_words
from articles.desk import pages
from articles.models import ReviewRequest
from articles.permissions import USE

TITLES = 5  # of a day in the month
TITLES_OF_A_DAY = 200  # of the one day that is shown whole
MONTH, DAY = re.compile(r"([0-9]{4})-([0-9]{2})"), re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
CHANGED = "Your address was made anew or revoked meanwhile, so nothing was done. This is how it stands now."
UNREADABLE = "What you meant to do could not be read, so nothing was done. Choose it again."


@dataclass(eq=False)
class Line:
    """One review on a day: of a page that falls due, or one that was asked for out of the cycle (`about` says why)."""

    article: int
    title: str
    about: str = ""


@dataclass(eq=False)
class Day:
    """A day of the month: how many reviews fall on it, and the first of them."""

    day: date
    due: int = 0
    asked: int = 0
    lines: list[Line] = field(default_factory=list)
    is_past: bool = False
    is_today: bool = False
    address: str = ""  # the same calendar with this day shown whole

    @property
    def counted(self) -> str:
        """ "3 due, 1 asked for", "3 overdue, 1 late": what still stands on a day that has passed was not done."""
        words = [
            (self.due, "overdue" if self.is_past else "due"),
            (self.asked, "late" if self.is_past else "asked for"),
        ]
        return ", ".join(f"{number:,} {word}" for number, word in words if number)

    @property
    def more(self) -> str:
        hidden = self.due + self.asked - len(self.lines)
        return f"{hidden:,}" if hidden else ""


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request):
    """A month of the calendar; by POST, what somebody decides about the own address. The clock is read here."""
    if not request.user.has_perm(USE):
        raise PermissionDenied
    at = timezone.now()
    token = ""
    if request.method == "POST":
        token = _decide(request, at=at)
        if not token:
            return HttpResponseRedirect(request.get_full_path())
    return _month(request, token, at=at)


def _decide(request, *, at: datetime) -> str:
    """Make the address anew, or revoke it. Returns the token of a new one: this answer shows it, and none after it."""
    match request.POST.get("act", ""):
        case "make":
            try:
                return calendar_feeds.make(request.user, seen=request.POST.get("seen", ""), at=at)
            except FeedChanged:
                messages.warning(request, CHANGED)
        case "revoke":
            calendar_feeds.revoke(request.user)
            messages.success(request, "Your calendar address is revoked: nothing is shown there any more.")
        case _:
            messages.warning(request, UNREADABLE)
    return ""


def _month(request, token: str, *, at: datetime):
    today = timezone.localdate(at)
    offered = choices()
    asked = Asked({"owner": request.GET.get("owner", "")}, request.user, offered)
    first, chosen, problems = _asked_for(request.GET, today=today)
    found = pages(at=at, today=today)
    if asked.filters.owner:
        found = found.filter(calendar_feeds.of_person(asked.filters.owner))
    weeks = _weeks(found, first, asked, today=today)
    days = {day.day: day for week in weeks for day in week if day}
    feed, seen = calendar_feeds.state_of(request.user)
    path = reverse("calendar-feed", args=[token]) if token else ""
    context = {
        **admin.site.each_context(request),
        "title": "Calendar",
        "ignored": problems + asked.ignored,
        "month": first,
        "is_this_month": (first.year, first.month) == (today.year, today.month),
        "this_month": asked.address(),
        "previous": _other_month(asked, first, -1),
        "next": _other_month(asked, first, 1),
        "owners": {"": "Anybody", "me": "Me and my roles", **offered.owner}.items(),
        "owner": asked.understood.get("owner", ""),
        "day_names": list(day_name),
        "weeks": weeks,
        "in_words": _in_words(days.values()),
        "chosen": _whole(days[chosen], found) if chosen else None,
        "feed": feed,
        "feed_made": in_words(feed.made_at) if feed else "",
        "seen": seen,
        "feed_address": request.build_absolute_uri(path) if token else "",
    }
    return TemplateResponse(request, "admin/review_desk/calendar.html", context)


def _asked_for(sent, *, today: date) -> tuple[date, date | None, list[str]]:
    """The first day of the month to show, the day to show whole, and a sentence for what could not be read."""
    month, day = sent.get("month", ""), sent.get("day", "")
    problems = []
    chosen = _read(DAY, day)
    if day and not chosen:
        problems.append(f"“{short(day)}” is not a day of the calendar. Write it like {today:%Y-%m-%d}.")
    first = _read(MONTH, month)
    if month and not first:
        problems.append(f"“{short(month)}” is not a month of the calendar. Write it like {today:%Y-%m}.")
    return (chosen or first or today).replace(day=1), chosen, problems


def _read(pattern: re.Pattern, typed: str) -> date | None:
    parts = pattern.fullmatch(typed)
    try:
        return date(*map(int, (*parts.groups(), 1)[:3])) if parts else None
    except ValueError:  # the 30th of February, or month 13
        return None


def _weeks(found: QuerySet, first: date, asked: Asked, *, today: date) -> list[list[Day | None]]:
    """Weeks from Monday to Sunday; None for a day of another month. Two queries, and few rows however many pages."""
    numbers = Calendar().monthdayscalendar(first.year, first.month)
    days = {number: Day(first.replace(day=number)) for week in numbers for number in week if number}
    for day in days.values():
        day.is_past, day.is_today = day.day < today, day.day == today
        day.address = asked.address(day=day.day.isoformat()) + "#day"
    last = max(day.day for day in days.values())
    due = _first_of_each_day(_due(found, first, last), "next_review_on", "title", ["pk", "title"])
    for pk, title, day, number in due:
        days[day.day].due = number
        days[day.day].lines.append(Line(pk, title))
    columns = ["article", "article__title", "about"]
    requests = _first_of_each_day(_requests(found, first, last), "due_on", "article__title", columns)
    for article, title, about, day, number in requests:
        days[day.day].asked = number
        days[day.day].lines.append(Line(article, title, about))
    for day in days.values():
        del day.lines[TITLES:]
    return [[days.get(number) for number in week] for week in numbers]


def _first_of_each_day(rows: QuerySet, day: str, title: str, columns: list[str]) -> QuerySet:
    """The first few of each day in the order of titles: their columns, the day, and how many the day has."""
    place = Window(RowNumber(), partition_by=[F(day)], order_by=[F(title).asc(), F("pk").asc()])
    number = Window(Count("pk"), partition_by=[F(day)])
    rows = rows.annotate(place=place, of_day=number).filter(place__lte=TITLES).order_by(day, "place")
    return rows.values_list(*columns, day, "of_day")


def _due(found: QuerySet, first: date, last: date) -> QuerySet:
    return found.filter(next_review_on__range=(first, last))


def _requests(found: QuerySet, first: date, last: date) -> QuerySet:
    of_pages = ReviewRequest.objects.open().filter(article__in=found.order_by().values("pk"))
    return of_pages.filter(due_on__range=(first, last))


def _whole(day: Day, found: QuerySet) -> Day:
    """The same day with up to 200 of its pages, and as many of its requests."""
    due = _due(found, day.day, day.day).order_by("title", "pk").values_list("pk", "title")
    requests = _requests(found, day.day, day.day).order_by("article__title", "pk")
    requests = requests.values_list("article", "article__title", "about")
    return replace(day, lines=[Line(*row) for rows in (due, requests) for row in rows[:TITLES_OF_A_DAY]])


def _other_month(asked: Asked, first: date, step: int) -> str:
    """The address of the month before or after; empty at the ends of the calendar."""
    years, month = divmod(first.month - 1 + step, 12)
    year = first.year + years
    return asked.address(month=f"{year:04}-{month + 1:02}") if MINYEAR <= year <= MAXYEAR else ""


def _in_words(days: Iterable[Day]) -> str:
    due, asked = sum(day.due for day in days), sum(day.asked for day in days)
    said = f"{due:,} page{'' if due == 1 else 's'} {'has its' if due == 1 else 'have their'} review day in this month"
    if asked:
        reviews = "1 extra review is" if asked == 1 else f"{asked:,} extra reviews are"
        said += f", and {reviews} wanted"
    return f"{said}."
