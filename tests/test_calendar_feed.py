"""The private iCalendar feed: read as a calendar program reads it, and what it keeps to itself."""

import logging
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from articles import calendar_feeds, publishing
from articles.models import Article, ReviewRequest
from library.logs import OneLineFormatter
from tests.admin import HttpsClient, staff
from tests.builders import GRACE, NOON, an_account, an_author, many_published

pytestmark = pytest.mark.django_db

DUE = date(2031, 3, 10)


def dana() -> User:
    return an_account("Date reviewer", "Dana Cole")


def feed_of(user) -> str:
    return f"/calendar/{calendar_feeds.make(user, seen=calendar_feeds.state_of(user)[1], at=timezone.now())}.ics"


def events(address) -> dict[str, icalendar.Event]:
    """By their summaries, as a calendar program without an account gets them."""
    response = HttpsClient().get(address)
    assert response.status_code == 200
    found = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    return {str(event["SUMMARY"]): event for event in found}


def a_page(title="Nausea", day=DUE, **columns) -> Article:
    return many_published([{"title": title, "next_review_on": day, **columns}])[0]


def a_request(article, **columns) -> ReviewRequest:
    fields = {
        "cause": "report",
        "about": "The ward has moved; see mail",
        "key": "1",
        "opened_by": "Ana Ruiz",
        **columns,
    }
    return ReviewRequest.objects.create(article=article, opened_on=DUE, due_on=DUE + timedelta(3), **fields)


# What stands in it


def test_each_page_of_a_person_is_a_whole_day_that_leads_to_the_review_form(settings):
    settings.SITE_URL = "https://library.example.org"
    page = a_page(owner=dana(), review_policy="12 months, because its kind is Story")
    ((summary, event),) = events(feed_of(dana())).items()
    assert summary == "Review due: Nausea"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (DUE, DUE + timedelta(1))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["UID"] == f"page-{page.pk}@library.example.org"
    assert event["URL"] == f"https://library.example.org/admin/articles/review/add/?article={page.pk}"
    assert event["DESCRIPTION"] == "12 months, because its kind is Story"


def test_a_page_keeps_its_identifier_when_its_day_and_its_title_change():
    page = a_page(owner=dana())
    address = feed_of(dana())
    before = events(address)["Review due: Nausea"]
    Article.objects.filter(pk=page.pk).update(title="Feeling sick", next_review_on=DUE + timedelta(30))
    after = events(address)["Review due: Feeling sick"]
    assert after["UID"] == before["UID"]
    assert after["DTSTART"].dt == DUE + timedelta(30)


def test_reviews_that_were_asked_for_stand_on_the_day_they_are_wanted_by():
    page = a_page(owner=dana(), day=None)
    request = a_request(page)
    closed = a_request(page, key="2")
    ReviewRequest.objects.filter(pk=closed.pk).update(closed_at=NOON, closed_because="A slip")
    ((summary, event),) = events(feed_of(dana())).items()
    assert summary == "Review asked for: Nausea"
    assert event["DTSTART"].dt == DUE + timedelta(3)
    assert event["UID"].startswith(f"request-{request.pk}@")
    assert event["DESCRIPTION"] == "The ward has moved; see mail\nAsked by Ana Ruiz."
    assert event["URL"].endswith(f"/admin/articles/review/add/?article={page.pk}&request={request.pk}")


def test_pages_of_others_are_not_in_it():
    role = Group.objects.get(name="Date reviewer")
    a_page("Mine", owner=dana())
    a_page("My role’s", owner_group=role)
    a_page("Ana’s", owner=an_author())
    a_page("Ana’s of my role", owner=an_author(), owner_group=role)
    a_request(a_page("Nobody’s"))
    assert set(events(feed_of(dana()))) == {"Review due: Mine", "Review due: My role’s"}


def test_what_patients_do_not_read_is_not_in_it():
    gone = a_page(owner=dana())
    publishing.withdraw(gone, at=timezone.now(), by=GRACE, reason="Old.")
    assert events(feed_of(dana())) == {}


def test_who_can_not_record_reviews_is_led_to_the_page():
    user = staff("use_review_desk")
    page = a_page(owner=user)
    (event,) = events(feed_of(user)).values()
    assert event["URL"].endswith(f"/admin/articles/article/{page.pk}/change/")


@pytest.mark.parametrize("title", ["Fever; chills, and “shivers”", "a\\nb\\Nc", "Über " * 30, "🩺 x\r\nBEGIN:VALARM"])
def test_any_title_arrives_as_it_is(title):
    a_page(title[:200], owner=dana())
    assert set(events(feed_of(dana()))) == {"Review due: " + " ".join(title[:200].split())}


def test_the_days_at_both_ends_of_the_calendar_arrive():
    a_page("Last", date(9999, 12, 31), owner=dana())
    a_page("First", date(1, 1, 1), owner=dana())
    found = events(feed_of(dana()))
    assert found["Review due: Last"]["DTSTART"].dt == date(9999, 12, 31)
    assert found["Review due: First"]["DTSTART"].dt == date(1, 1, 1)


@pytest.mark.parametrize(
    "zone", ["UTC", "America/Chicago", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Kiritimati", "America/St_Johns"]
)
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 1, 6, 59, 59, tzinfo=UTC),  # Chicago puts its clocks back
        datetime(2027, 3, 14, 8, 0, 0, tzinfo=UTC),  # and forward
        datetime(2027, 4, 3, 13, 59, 59, tzinfo=UTC),  # Auckland, the other way round
        datetime(2026, 9, 26, 14, 0, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_a_day_is_the_same_day_in_every_zone_and_every_night(settings, zone, at):
    settings.TIME_ZONE = zone
    days = [at.date() + timedelta(days) for days in (-1, 0, 1)] + [date(2028, 2, 29)]
    many_published(({"next_review_on": day, "owner": dana()} for day in days), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert [event.day for event in calendar_feeds.events(dana(), at=at, today=timezone.localdate(at))] == days
    assert sorted(event["DTSTART"].dt for event in events(feed_of(dana())).values()) == days


@pytest.mark.parametrize("number", [3, 60])
def test_a_feed_costs_the_same_queries_however_many_pages_there_are(number, django_assert_num_queries):
    for page in many_published([{"next_review_on": DUE, "owner": dana()}] * number):
        a_request(page)
    address = feed_of(dana())
    with django_assert_num_queries(5):
        assert HttpsClient().get(address).content.count(b"BEGIN:VEVENT") == 2 * number


def test_of_very_many_pages_the_earliest_days_are_in_it(monkeypatch):
    monkeypatch.setattr(calendar_feeds, "MOST", 2)
    many_published({"next_review_on": DUE + timedelta(days), "owner": dana()} for days in (3, 1, 2))
    assert [event["DTSTART"].dt.day for event in events(feed_of(dana())).values()] == [11, 12]


# Who gets it


def test_it_needs_no_account_and_sets_no_cookie():
    response = HttpsClient().get(feed_of(dana()))
    assert response.status_code == 200
    assert not response.cookies
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    assert {name: response.headers[name] for name in headers} == headers
    assert "Cookie" not in response.headers.get("Vary", "")


def closed(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def no_staff(user):
    User.objects.filter(pk=user.pk).update(is_staff=False)


def no_permission(user):
    user.groups.clear()


def revoked(user):
    calendar_feeds.revoke(user)


def deleted(user):
    user.delete()


def made_anew(user):
    feed_of(user)


ENDS = [closed, no_staff, no_permission, revoked, deleted, made_anew]


@pytest.mark.parametrize("end", ENDS)
def test_all_reasons_that_there_is_no_calendar_look_the_same_and_cost_the_same(end, django_assert_num_queries):
    address = feed_of(dana())
    assert HttpsClient().get(address).status_code == 200
    end(dana())
    client, answers = HttpsClient(), []
    for asked in (address, "/calendar/no-such-token.ics"):
        with django_assert_num_queries(1):
            response = client.get(asked)
        answers.append((response.status_code, response.content, sorted(response.headers.items())))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%A9%BA", "%FF", "x" * 5_000, "..", "%0A", "a%20b"])
def test_any_token_is_answered(token):
    a_page(owner=dana())
    feed_of(dana())
    assert HttpsClient().get(f"/calendar/{token}.ics").status_code == 404


def test_the_permission_may_come_from_the_account_itself_or_from_being_a_superuser():
    assert HttpsClient().get(feed_of(staff("use_review_desk"))).status_code == 200
    assert HttpsClient().get(feed_of(User.objects.create_superuser("root"))).status_code == 200
    assert HttpsClient().get(feed_of(staff("view_article"))).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("known", [True, False])
def test_other_methods_are_refused_and_tell_nothing(method, known):
    address = feed_of(dana()) if known else "/calendar/no-such-token.ics"
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    response = client.generic(method, address, secure=True)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_has_the_headers_and_no_body():
    response = HttpsClient().head(feed_of(dana()))
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Cache-Control"] == "private, no-store"


# What is written down


@pytest.mark.parametrize("change", ["{}", "{}/", "/x{}", "{}?x=1"])
def test_the_token_does_not_reach_the_log(caplog, change):
    address = change.format(feed_of(dana()))
    token = address.partition("/calendar/")[2].partition(".ics")[0]
    with caplog.at_level(logging.INFO, logger="library.requests"):
        HttpsClient().get(address)
    lines = [OneLineFormatter().format(record) for record in caplog.records if record.name == "library.requests"]
    assert len(lines) == 1 and "/calendar/" in lines[0]
    assert token not in lines[0] and token[:20] not in lines[0]


def test_the_line_of_a_calendar_still_says_what_came_of_it(caplog):
    with caplog.at_level(logging.INFO, logger="library.requests"):
        HttpsClient().get(feed_of(dana()))
    (record,) = [record for record in caplog.records if record.name == "library.requests"]
    assert OneLineFormatter().format(record).startswith("GET /calendar/… 200 ")


def test_search_engines_are_asked_to_stay_away():
    robots = HttpsClient().get("/robots.txt")
    assert "Disallow: /calendar/" in b"".join(robots).decode()
