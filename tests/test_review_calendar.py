"""The month calendar of the review desk, and what somebody decides there about the own calendar address."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from articles import calendar_feeds, publishing
from articles.models import Article, CalendarFeed, ReviewRequest
from tests.admin import signed_in, staff
from tests.builders import GRACE, an_account, an_article, an_author, many_published

pytestmark = pytest.mark.django_db

CALENDAR = "/admin/review-desk/calendar/"
MARCH = date(2031, 3, 10)  # a Monday
ADDRESS = re.compile(r'value="(https://testserver/calendar/[\w-]{43}\.ics)"')


def dana():
    return an_account("Date reviewer", "Dana Cole")


def today() -> date:
    return timezone.localdate()


def pages_due(*days, **columns) -> list[Article]:
    return many_published({"next_review_on": day, **columns} for day in days)


def asked_for(article, *, on, about="A reader wrote") -> ReviewRequest:
    return ReviewRequest.objects.create(
        article=article, cause="report", about=about, key=f"{on}", opened_on=today(), due_on=on, opened_by="Ana Ruiz"
    )


def shown(client=None, **asked):
    response = (client or signed_in(dana())).get(CALENDAR, asked)
    assert response.status_code == 200
    return response


def days(response) -> dict[date, str]:
    """What stands on the days that have something."""
    every = [day for week in response.context["weeks"] for day in week if day]
    return {day.day: day.counted for day in every if day.counted}


# A month


def test_a_month_has_what_falls_due_on_each_day():
    pages_due(MARCH, MARCH, date(2031, 3, 1), date(2031, 3, 31), date(2031, 2, 28), date(2031, 4, 1), None)
    response = shown(month="2031-03")
    assert days(response) == {date(2031, 3, 1): "1 due", MARCH: "2 due", date(2031, 3, 31): "1 due"}
    assert "4 pages have their review day in this month." in response.text
    assert "Page 000" in response.text and "Page 004" not in response.text


def test_weeks_begin_on_monday_and_days_of_other_months_stay_empty():
    weeks = shown(month="2031-03").context["weeks"]
    assert [[day and day.day.day for day in week] for week in weeks] == [
        [None] * 5 + [1, 2],
        [3, 4, 5, 6, 7, 8, 9],
        [10, 11, 12, 13, 14, 15, 16],
        [17, 18, 19, 20, 21, 22, 23],
        [24, 25, 26, 27, 28, 29, 30],
        [31] + [None] * 6,
    ]


@pytest.mark.parametrize(("month", "number"), [("2028-02", 29), ("2027-02", 28), ("2026-12", 31)])
def test_a_month_has_all_its_days(month, number):
    assert sum(day is not None for week in shown(month=month).context["weeks"] for day in week) == number


def test_a_day_is_a_cell_with_its_date_as_text():
    pages_due(MARCH)
    text = shown(month="2031-03").text
    assert '<time datetime="2031-03-10"><span class="calendar-weekday">Monday, March </span>10</time>' in text
    assert re.findall(r'<th scope="col">(\w+)<', text)[0] == "Monday"
    assert text.count("<h1") == 1


def test_without_a_month_this_month_is_shown_and_today_is_marked():
    response = shown()
    assert response.context["month"] == today().replace(day=1)
    marked = [day.day for week in response.context["weeks"] for day in week if day and day.is_today]
    assert marked == [today()]
    assert response.text.count("calendar-mark") == 1


def test_what_still_stands_on_a_day_that_has_passed_is_overdue():
    (late,) = pages_due(today() - timedelta(40))
    asked_for(late, on=today() - timedelta(40))
    response = shown(month=f"{today() - timedelta(40):%Y-%m}")
    assert days(response) == {today() - timedelta(40): "1 overdue, 1 late"}
    assert days(shown(month=f"{today():%Y-%m}")) == {}


def test_a_page_that_is_due_today_is_not_overdue():
    pages_due(today())
    assert days(shown()) == {today(): "1 due"}


def test_requests_stand_on_the_day_that_they_are_wanted_by():
    page, closed = pages_due(MARCH, MARCH)
    asked_for(page, on=MARCH + timedelta(1), about="The ward has moved")
    done = asked_for(closed, on=MARCH + timedelta(2))
    ReviewRequest.objects.filter(pk=done.pk).update(closed_at=timezone.now(), closed_because="A slip")
    response = shown(month="2031-03")
    assert days(response) == {MARCH: "2 due", MARCH + timedelta(1): "1 asked for"}
    assert "asked for: The ward has moved" in response.text
    assert "and 1 extra review is wanted." in response.text


def test_a_full_day_shows_five_titles_and_leads_to_all():
    pages_due(*[MARCH] * 17)
    client = signed_in(dana())
    response = shown(client, month="2031-03")
    assert "… and 12 more" in response.text
    assert response.text.count(">Page 0") == 5
    (address,) = re.findall(r'href="(\?day=[^"#]+)#day"', response.text)
    whole = client.get(CALENDAR + address)
    assert "Monday, March 10, 2031: 17 due" in whole.text
    assert len(whole.context["chosen"].lines) == 17
    assert whole.context["month"] == date(2031, 3, 1)


def test_a_day_of_more_than_200_pages_says_how_many_are_missing():
    pages_due(*[MARCH] * 203)
    response = shown(day="2031-03-10")
    assert len(response.context["chosen"].lines) == 200
    assert "And 3 more." in response.text


def test_a_day_without_anything_says_so():
    assert "Tuesday, March 11, 2031: nothing" in shown(day="2031-03-11").text


def test_what_patients_do_not_read_is_not_in_the_calendar():
    gone, _ = pages_due(MARCH, MARCH)
    an_article("Draft", next_review_on=MARCH)
    asked_for(gone, on=MARCH)
    publishing.withdraw(gone, at=timezone.now(), by=GRACE, reason="Old.")
    assert days(shown(month="2031-03")) == {MARCH: "1 due"}


# Whose


def test_the_calendar_of_a_person_has_the_pages_of_the_roles_that_no_person_owns():
    role, left = Group.objects.get(name="Date reviewer"), an_author("Lea Ver")
    left.is_active = False
    left.save()
    pages_due(MARCH, owner=dana())
    pages_due(MARCH + timedelta(1), owner_group=role)
    pages_due(MARCH + timedelta(2), owner_group=role, owner=an_author())
    pages_due(MARCH + timedelta(3), owner_group=role, owner=left)
    pages_due(MARCH + timedelta(4), owner_group=Group.objects.get(name="Author"))
    pages_due(MARCH + timedelta(5))
    client = signed_in(dana())

    def on(owner):
        return {(day - MARCH).days for day in days(shown(client, month="2031-03", owner=owner))}

    assert on("") == {0, 1, 2, 3, 4, 5}
    assert on("me") == {0, 1, 3}
    assert on(str(an_author().pk)) == {2, 4}
    assert on(str(left.pk)) == {3, 4}


def test_the_owner_stays_when_the_month_changes():
    response = shown(month="2031-12", owner="me")
    assert (response.context["previous"], response.context["next"]) == (
        "?owner=me&month=2031-11",
        "?owner=me&month=2032-01",
    )


# Rubbish


@pytest.mark.parametrize(
    ("month", "before", "after"),
    [
        ("0001-01", "", "?month=0001-02"),
        ("9999-12", "?month=9999-11", ""),
        ("0999-12", "?month=0999-11", "?month=1000-01"),
    ],
)
def test_the_calendar_ends_where_the_years_end(month, before, after):
    pages_due(date(9999, 12, 31), date(1, 1, 1))
    response = shown(month=month)
    assert response.context["ignored"] == []
    assert (response.context["previous"], response.context["next"]) == (before, after)
    assert len(days(response)) == (month != "0999-12")


@pytest.mark.parametrize("name", ["month", "day", "owner"])
@pytest.mark.parametrize(
    "value",
    ["nonsense", "2026-13", "0000-01", "2027-02-30", "10000-01", "2026-1", "²026-12", "-1", "9" * 30, "2026-12\x00",
     "\x00", "ü" * 60_000, "<script>"],
)  # fmt: skip
def test_what_the_address_can_not_mean_is_ignored_with_a_sentence(name, value):
    response = shown(**{name: value})
    assert response.context["month"] == today().replace(day=1)
    assert len(response.context["ignored"]) == 1
    assert "<script>”" not in response.text


# What it costs


@pytest.mark.parametrize("number", [30, 300])
def test_ten_queries_are_enough_however_many_pages_there_are(number, django_assert_max_num_queries):
    pages_due(*[MARCH + timedelta(each % 20) for each in range(number)], owner=dana())
    client = signed_in(dana())
    with django_assert_max_num_queries(10):
        response = client.get(CALENDAR, {"day": "2031-03-10", "owner": "me"})
    assert sum(day.due for week in response.context["weeks"] for day in week if day) == number


# The own address


def address_in(response) -> str:
    (address,) = ADDRESS.findall(response.text)
    return address


def made(client, *, seen="", user=None) -> str:
    response = client.post(CALENDAR, {"act": "make", "seen": seen})
    assert response.status_code == 200
    return address_in(response)


def seen_by(client) -> str:
    return client.get(CALENDAR).context["seen"]


def test_an_address_is_made_and_shown_once():
    client = signed_in(dana())
    assert "You have no address yet." in client.get(CALENDAR).text
    response = client.post(CALENDAR, {"act": "make", "seen": ""})
    address = address_in(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get(address).status_code == 200
    later = client.get(CALENDAR)
    assert "You made your address" in later.text and not ADDRESS.findall(later.text)


def test_only_a_digest_of_the_token_is_stored():
    token = made(signed_in(dana())).rpartition("/")[2].removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", feed.token_digest)
    assert token not in str(list(CalendarFeed.objects.values()))


def test_a_new_address_stops_the_old_one():
    client = signed_in(dana())
    first = made(client)
    second = made(client, seen=seen_by(client))
    assert first != second
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert CalendarFeed.objects.count() == 1


def test_a_press_that_is_sent_twice_stops_no_address():
    client = signed_in(dana())
    address = made(client)
    again = client.post(CALENDAR, {"act": "make", "seen": ""}, follow=True)
    assert "Your address was made anew or revoked meanwhile" in again.text
    assert client.get(address).status_code == 200


def test_an_address_is_revoked():
    client = signed_in(dana())
    address = made(client)
    response = client.post(CALENDAR, {"act": "revoke"}, follow=True)
    assert "Your calendar address is revoked" in response.text and "You have no address yet." in response.text
    assert client.get(address).status_code == 404


def test_everybody_decides_about_the_own_address_only():
    address = made(signed_in(dana()))
    other = signed_in(staff("use_review_desk"))
    other.post(CALENDAR, {"act": "revoke"})
    made(other)
    assert other.get(address).status_code == 200
    assert CalendarFeed.objects.count() == 2


@pytest.mark.parametrize(
    "sent", [{}, {"act": "x"}, {"act": "\x00"}, {"act": "make", "seen": "\x00"}, {"act": "make", "seen": "x"}]
)
def test_what_can_not_be_read_changes_nothing_and_says_so(sent):
    client = signed_in(dana())
    response = client.post(f"{CALENDAR}?month=2031-03", sent, follow=True)
    assert "so nothing was done" in response.text
    assert response.redirect_chain == [(f"{CALENDAR}?month=2031-03", 302)]
    assert not CalendarFeed.objects.exists()


def test_the_tokens_of_two_people_differ():
    at = timezone.now()
    assert calendar_feeds.make(dana(), seen="", at=at) != calendar_feeds.make(an_author(), seen="", at=at)
