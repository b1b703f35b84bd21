"""One day is the same day wherever it is told: on the page, to machines, in the calendar feed, in the lists to take along
and in the admin, by the clocks of the site and at every hour of it."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from articles import calendar_feeds
from articles.models import Article
from tests.admin import signed_in
from tests.builders import an_account, an_article, published, reviewed

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati"]
LONG_AGO = datetime(2026, 1, 15, 12, tzinfo=UTC)
LAST_DAYS = {
    "an ordinary day": date(2027, 5, 12),
    "the end of a month": date(2027, 4, 30),
    "the end of a February without a 29th": date(2027, 2, 28),
    "29 February": date(2028, 2, 29),
    "the end of a year": date(2027, 12, 31),
    "before the clocks go forward in Chicago": date(2027, 3, 13),
    "the day on which they go forward": date(2027, 3, 14),
    "before they go back": date(2027, 11, 6),
    "the day on which they go back": date(2027, 11, 7),
    "the day on which they go forward in Berlin": date(2027, 3, 28),
    "the day on which they go back in Berlin": date(2027, 10, 31),
}


def last_second_of(day: date, zone: str) -> datetime:
    """Of the day that ends in that zone; the day after begins with the next second."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(seconds=1)


@pytest.fixture
def clock(monkeypatch, settings):
    """Sets the clock that views, commands and the admin read, and the zone of the site."""

    def stands_at(at: datetime, zone: str):
        settings.TIME_ZONE = zone
        monkeypatch.setattr(timezone, "now", lambda: at)

    return stands_at


def told(article: Article, planner, feed: str) -> dict:
    """What each place says of the page: Reviewed and Next review due, or whether it is overdue."""
    html = Client().get(article.get_absolute_url(), secure=True).content.decode()
    days = dict(re.findall(r"<dt>(Reviewed|Next review due)</dt> <dd><time datetime=\"([\d-]+)\"", html))
    (machines,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    calendar = icalendar.Calendar.from_ical(Client().get(feed, secure=True).content)
    (event,) = calendar.walk("VEVENT")
    desk = signed_in(planner)
    lists = {each["heading"]: each["number"] for each in desk.get("/admin/review-desk/").context["lists"]}
    listed = "overdue" if lists["Overdue"] else "due-7"
    (row,) = csv.DictReader(
        StringIO(desk.get("/admin/review-desk/", {"list": listed, "format": "csv"}).content.decode("utf-8-sig"))
    )
    month = event["DTSTART"].dt.strftime("%Y-%m")
    return {
        "page": days,
        "machines": json.loads(machines)["lastReviewed"],
        "feed": event["DTSTART"].dt.isoformat(),
        "csv": (row["Reviewed"], row["Next review due"]),
        "desk": desk.get("/admin/review-desk/", {"list": listed}).text,
        "calendar": desk.get("/admin/review-desk/calendar/", {"month": month}).text,
        "overdue": {
            "page": "and has not been done yet" in html,
            "desk": (lists["Overdue"], lists["Due in 7 days"]) == (1, 0),
            "csv": row["Days overdue"] == "1",
        },
    }


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("last_day", LAST_DAYS.values(), ids=LAST_DAYS)
def test_a_day_is_the_same_everywhere_and_ends_at_midnight_of_the_site(clock, zone, last_day):
    planner = an_account("Date reviewer", "Dana Cole")
    clock(LONG_AGO, zone)
    article = published(an_article(owner=planner), at=LONG_AGO)
    reviewed_on = last_day - timedelta(days=28)
    reviewed(article, at=last_second_of(reviewed_on, zone), on=reviewed_on, next_on=last_day)
    feed = f"/calendar/{calendar_feeds.make(planner, seen='', at=LONG_AGO)}.ics"
    for at, overdue in ((last_second_of(last_day, zone), False), (last_second_of(last_day, zone), True)):
        clock(at + timedelta(seconds=overdue), zone)
        found = told(article, planner, feed)
        assert found["page"] == {"Reviewed": f"{reviewed_on}", "Next review due": f"{last_day}"}
        assert (found["machines"], found["feed"]) == (f"{reviewed_on}", f"{last_day}")
        assert found["csv"] == (f"{reviewed_on}", f"{last_day}")
        assert date_format(last_day) in found["desk"]
        assert f'datetime="{last_day}"' in found["calendar"]
        assert found["overdue"] == {"page": overdue, "desk": overdue, "csv": overdue}
