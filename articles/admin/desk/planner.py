"""The planner of the review desk: can the reviewers keep up, and new due days where too many pages fall due at once.

All that is asked stands in the address. Nothing changes before somebody has looked at the new days and says why.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from operator import itemgetter

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from articles import rescheduling, spreadsheets
from articles.admin.desk.filters import FORMATS, Asked, choices, filter_fields, short
from articles.admin.robust import is_id
from articles.admin.typed_text import TypedText
from articles.charts import Bar, bar_chart
from articles.desk import pages
from articles.people import Person
from articles.permissions import PLAN
from articles.planning import AHEAD, Week, needed_pace, nothing_overdue_from, projection
from articles.rescheduling import Plan, PlanOutdated

SHOWN = 200  # pages with a new day in the table; the file has all
MOST_DAYS_LABELLED = 60  # weeks: more of them are labelled by their month
COLUMNS = ["Page", "Address", "Due before", "Due after", "Last day allowed"]
OUTDATED = (
    "Nothing was moved: the pages have changed since you opened this page, or another day has begun. "
    "Look at the new days as they are now, then decide again."
)
FILTERS = ("owner", "role", "kind", "tag", "format")


class WhyForm(forms.Form):
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="It stays in the history of each page that moves, such as “400 pages fell due on one day in June”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "Say why. The reason stays in the history of each page that moves."},
    )


class Pace:
    """How many reviewers there are, how many pages each reviews a week, and how many weeks are looked at.

    `ignored` has a sentence for each that could not be read; its place takes what is taken when nothing was asked.
    """

    FIELDS = {  # label, least, most, and what is taken when nothing is asked
        "reviewers": ("Reviewers", 1, 200, 1),
        "each": ("Pages a week of each", 1, 100, 5),
        "weeks": ("Weeks to look ahead", 1, 156, 52),
    }

    def __init__(self, sent):
        self.ignored: list[str] = []
        self.numbers = {name: self._number(sent.get(name, ""), *field) for name, field in self.FIELDS.items()}
        self.weeks = self.numbers["weeks"]
        self.per_week = self.numbers["reviewers"] * self.numbers["each"]

    def in_words(self) -> str:
        reviewers, each = self.numbers["reviewers"], self.numbers["each"]
        return f"With {_count(reviewers, 'reviewer')} × {_count(each, 'page')} a week"

    def fields(self) -> list[dict]:
        return [
            {"name": name, "label": label, "least": least, "most": most, "value": self.numbers[name]}
            for name, (label, least, most, _) in self.FIELDS.items()
        ]

    def address(self) -> dict[str, str]:
        return {name: str(number) for name, number in self.numbers.items()}

    def _number(self, typed: str, label: str, least: int, most: int, usual: int) -> int:
        typed = typed.strip()
        if is_id(typed) and least <= int(typed) <= most:
            return int(typed)
        if typed:
            self.ignored.append(
                f"“{short(typed)}” was not understood: under “{label}” stands a whole number from {least} to {most}. "
                f"{usual} was taken instead."
            )
        return usual


@require_http_methods(["GET", "HEAD", "POST"])
def planner(request):
    """Show what is ahead and the new days, give them as a file, or apply them; the clock is read here."""
    if not request.user.has_perm(PLAN):
        raise PermissionDenied
    at = timezone.now()
    today = timezone.localdate(at)
    pace, offered = Pace(request.GET), choices()
    asked = Asked({name: request.GET.get(name, "") for name in FILTERS}, request.user, offered)
    found = asked.filters.narrow(pages(at=at, today=today), today=today)
    form, status = WhyForm(request.POST if request.method == "POST" else None), 200
    address = asked.address(**pace.address())
    if form.is_bound and form.is_valid():
        shown, by = request.POST.get("digest", ""), Person.of(request.user)
        try:
            moves = rescheduling.apply(
                found, per_week=pace.per_week, shown=shown, at=at, today=today, by=by, **form.cleaned_data
            )
        except PlanOutdated:
            status = 409
        else:
            messages.success(request, f"{_count(len(moves), 'page')} moved. Each has the reason in its history.")
            return HttpResponseRedirect(request.path + address)
    plan = rescheduling.plan(found, today=today, per_week=pace.per_week)
    if form.is_bound and request.POST.get("digest", "") != plan.digest:
        status = 409
    if status == 409:
        form.add_error(None, OUTDATED)
    if asked.format and not form.is_bound:
        return _file(request, plan, form=asked.format, at=at)
    context = {
        **admin.site.each_context(request),
        "title": "Planner",
        "ignored": pace.ignored + asked.ignored,
        "numbers": pace.fields(),
        "fields": filter_fields(asked, offered),
        "address": address,
        "form": form,
        "plan": plan,
        "now": _now_in_words(plan),
        "backlog": f"{plan.overdue:,}",
        "days_ahead": AHEAD.days,
        "rows": plan.moves[:SHOWN],
        "more": f"{len(plan.moves) - SHOWN:,}" if len(plan.moves) > SHOWN else "",
        "moved": _moved_in_words(plan),
        "left": _left_in_words(plan),
        "downloads": [(each.upper(), asked.address(**pace.address(), format=each)) for each in FORMATS],
        **_forecast(plan, pace, today=today),
        **_load(plan, pace, today=today),
    }
    return TemplateResponse(request, "admin/review_desk/planner.html", context, status=status)


def _file(request, plan: Plan, *, form: str, at: datetime):
    rows = (
        [
            move.title,
            request.build_absolute_uri(move.path),
            move.before,
            move.after,
            move.limit,
        ]
        for move in plan.moves
    )
    return spreadsheets.download(COLUMNS, rows, form=form, title="New review days", made_at=at)


def _now_in_words(plan: Plan) -> str:
    dated = len(plan.due_days)
    return (
        f"{_count(dated, 'page')} {'has' if dated == 1 else 'have'} a review day; {plan.overdue:,} of them "
        f"{'is' if plan.overdue == 1 else 'are'} overdue today."
    )


def _forecast(plan: Plan, pace: Pace, *, today: date) -> dict:
    """What would be overdue, week by week: in a sentence, as a picture, and as a table."""
    weeks = projection(plan.due_days, today=today, weeks=pace.weeks, per_week=pace.per_week)
    needed = needed_pace(plan.due_days, today=today, weeks=pace.weeks)
    said = _forecast_in_words(weeks, pace, needed=needed, overdue=plan.overdue)
    bars = [Bar(_label(week.first_day, pace), week.overdue, "overdue") for week in weeks]
    return {"forecast": said, "weeks": weeks, "forecast_picture": bar_chart("Overdue pages, week by week", said, bars)}


def _forecast_in_words(weeks: list[Week], pace: Pace, *, needed: int | None, overdue: int) -> str:
    ahead, left = _count(len(weeks), "week"), weeks[-1].overdue
    from_week = nothing_overdue_from(weeks)
    if from_week is None:
        verb = "is" if left == 1 else "are"
        said = f"{pace.in_words()} {_count(left, 'page')} {verb} overdue after {ahead}"
        if needed is None:
            return f"{said}: no working day is left in that time."
        reviewers = pace.numbers["reviewers"]
        each = f", {-(-needed // reviewers):,} of each reviewer" if reviewers > 1 else ""
        return f"{said}: {_count(needed, 'page')} a week {'is' if needed == 1 else 'are'} needed{each}."
    if from_week is weeks[0] and not overdue:
        said = f"{pace.in_words()} nothing becomes overdue in {ahead}."
    else:
        said = f"{pace.in_words()} nothing is overdue after the week of {date_format(from_week.first_day)}."
    if needed and needed < pace.per_week:
        said += f" {_count(needed, 'page')} a week would do for nothing to be overdue after {ahead}."
    return said


def _load(plan: Plan, pace: Pace, *, today: date) -> dict:
    """What falls due in each week, as it is and with the new days; what is overdue today is in neither."""
    mondays = [_monday(today) + timedelta(weeks=number) for number in range(pace.weeks)]
    before, after = (Counter(_monday(day) for day in days if day >= today) for days in (plan.due_days, plan.days_after))
    table = [(max(monday, today), before[monday], after[monday]) for monday in mondays]
    pictures = []
    every = [("Due each week as it is", 1, before), ("Due each week with the new days", 2, after)]
    for title, number, counted in every:
        bars = [Bar(_label(row[0], pace), row[number], "due") for row in table]
        busiest = max(table, key=itemgetter(number))
        said = f"At most {_count(busiest[number], 'page')}, in the week of {date_format(busiest[0])}."
        if later := counted.total() - int(sum(bar.value for bar in bars)):
            said += f" {_count(later, 'page')} {'falls' if later == 1 else 'fall'} due after these weeks."
        picture = bar_chart(title, said, bars, limit=pace.per_week)
        pictures.append({"title": title, "said": said, "picture": picture})
    return {"load": table, "load_pictures": pictures}


def _moved_in_words(plan: Plan) -> str:
    if not plan.moves:
        return "No page gets a new day."
    later = sum(move.after > move.before for move in plan.moves)
    verb = "gets" if len(plan.moves) == 1 else "get"
    return f"{_count(len(plan.moves), 'page')} {verb} a new day: {later:,} later, {len(plan.moves) - later:,} sooner."


def _left_in_words(plan: Plan) -> list[str]:
    """Which pages keep their day though there are too many of them, or can't be planned; and why."""
    every = [
        (plan.exceeding, "can’t be placed and {} day, because all weeks up to the last day allowed are full."),
        (plan.past_limit, "{} day, because the last day allowed comes before the next working day."),
        (plan.far, "due in more than ten years {} day."),
    ]
    return [
        f"{_count(number, 'page')} {why.format('keeps its' if number == 1 else 'keep their')}"
        for number, why in every
        if number
    ]


def _label(day: date, pace: Pace) -> str:
    return f"{day:%b} {day.day}" if pace.weeks <= MOST_DAYS_LABELLED else f"{day:%b %Y}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
