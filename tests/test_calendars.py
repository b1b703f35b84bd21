"""Calendars: what a calendar program reads, and the very bytes."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from articles.calendars import DayEvent, calendar_bytes
from tests.builders import DAY, NOON

HOST = "library.example.org"


def written(*events, name="Reviews of Ana Ruiz", made_at=NOON, host=HOST):
    return calendar_bytes(events, name=name, made_at=made_at, host=host)


def an_event(title="Review due: Coping with nausea", *, key="review-7", day=DAY, **details):
    return DayEvent(key=key, day=day, title=title, **details)


def parsed(content):
    return icalendar.Calendar.from_ical(content)


def unfolded(content):
    """The lines as RFC 5545 puts them together again (section 3.1)."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(line):
    """The text in a line, by the letter of RFC 5545 (section 3.3.11)."""
    escaped = line.partition(":")[2]
    assert re.fullmatch(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,n])*", escaped)
    return re.sub(r"\\(.)", lambda code: "\n" if code[1] == "n" else code[1], escaped)


def test_a_calendar_to_the_byte():
    event = an_event(
        "Review due: Nausea; vomiting, and “hiccups”",
        description="Overdue by 5 days.\nOwner: Ana Ruiz",
        url=f"https://{HOST}/articles/nausea/",
    )
    assert written(event).decode() == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Health Library//Review calendar//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "X-WR-CALNAME:Reviews of Ana Ruiz\r\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"
        "X-PUBLISHED-TTL:PT6H\r\n"
        "BEGIN:VEVENT\r\n"
        "SUMMARY:Review due: Nausea\\; vomiting\\, and “hiccups”\r\n"
        "DTSTART;VALUE=DATE:20261122\r\n"
        "DTEND;VALUE=DATE:20261123\r\n"
        "DTSTAMP:20261122T120000Z\r\n"
        "UID:review-7@library.example.org\r\n"
        "DESCRIPTION:Overdue by 5 days.\\nOwner: Ana Ruiz\r\n"
        "LAST-MODIFIED:20261122T120000Z\r\n"
        "STATUS:CONFIRMED\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "URL:https://library.example.org/articles/nausea/\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def test_a_calendar_program_reads_what_was_written():
    events = [
        an_event("Coping with nausea", key="review-1", description="Owner: Ana", url=f"https://{HOST}/a/"),
        an_event("Übelkeit, 😀; \\n", key="review-2", day=date(2027, 1, 31)),
    ]
    calendar = parsed(written(*events))
    assert calendar.calendar_name == "Reviews of Ana Ruiz"
    assert calendar.refresh_interval == timedelta(hours=6)
    assert [str(event["SUMMARY"]) for event in calendar.events] == ["Coping with nausea", "Übelkeit, 😀; \\n"]
    assert [event.start for event in calendar.events] == [DAY, date(2027, 1, 31)]
    assert [event.uid for event in calendar.events] == [f"review-1@{HOST}", f"review-2@{HOST}"]
    first, second = calendar.events
    assert (str(first["DESCRIPTION"]), str(first["URL"])) == ("Owner: Ana", f"https://{HOST}/a/")
    assert "DESCRIPTION" not in second
    assert "URL" not in second


def test_a_calendar_without_events_is_one():
    calendar = parsed(written())
    assert (calendar.events, calendar.calendar_name) == ([], "Reviews of Ana Ruiz")


def test_a_calendar_invites_nobody_and_rings_no_alarm():
    names = {re.split("[:;]", line)[0] for line in unfolded(written(an_event()))}
    assert names.isdisjoint({"METHOD", "ORGANIZER", "ATTENDEE"})
    assert [line for line in unfolded(written(an_event())) if line.startswith("BEGIN")] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
    ]


# Days and moments


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 12, 31), "20261231", "20270101"),
        (date(2027, 2, 28), "20270228", "20270301"),
        (date(2028, 2, 28), "20280228", "20280229"),
        (date(2028, 2, 29), "20280229", "20280301"),
        (date(2026, 3, 29), "20260329", "20260330"),  # the clocks go forward in Europe
        (date(2026, 10, 25), "20261025", "20261026"),  # and back
        (date(2026, 11, 1), "20261101", "20261102"),  # and back in America
    ],
)
@pytest.mark.parametrize(
    "zone", ["UTC", "America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
)
def test_an_event_is_one_day_wherever_the_library_stands(settings, zone, day, start, end):
    settings.TIME_ZONE = zone
    lines = unfolded(written(an_event(day=day)))
    assert f"DTSTART;VALUE=DATE:{start}" in lines
    assert f"DTEND;VALUE=DATE:{end}" in lines


def test_the_last_day_of_all_has_no_day_after_it():
    content = written(an_event(day=date.max))
    assert "DTSTART;VALUE=DATE:99991231" in unfolded(content)
    assert b"DTEND" not in content


def test_the_moment_is_written_in_universal_time():
    berlin = datetime(2026, 10, 25, 2, 30, 15, 999_999, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    lines = unfolded(written(an_event(), made_at=berlin))
    assert "DTSTAMP:20261025T013015Z" in lines
    assert "LAST-MODIFIED:20261025T013015Z" in lines


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        written(made_at=datetime(2026, 11, 22, 12))


# Who is who


def test_an_event_keeps_its_identifier_when_it_moves():
    now = written(an_event("Nausea", key="review-7"))
    later = written(
        an_event("Coping with nausea", key="review-7", day=date(2027, 1, 1)), made_at=NOON + timedelta(days=40)
    )
    assert parsed(now).events[0].uid == parsed(later).events[0].uid == f"review-7@{HOST}"
    assert parsed(written(an_event(), host="other.example.org")).events[0].uid == "review-7@other.example.org"


def test_the_same_calendar_is_the_same_bytes():
    assert written(an_event()) == written(an_event())


def test_two_events_of_one_key_are_refused():
    with pytest.raises(ValueError, match="Two events of the calendar “Reviews of Ana Ruiz” have the key “review-7”"):
        written(an_event("One"), an_event("Two"))


# Whatever stands in a title


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Nausea\r\nATTENDEE:mailto:eve@example.org", "Nausea ATTENDEE:mailto:eve@example.org"),
        ("Nausea\nEND:VEVENT\nBEGIN:VALARM", "Nausea END:VEVENT BEGIN:VALARM"),
        ("Nausea\u2028END:VEVENT\x85BEGIN:VALARM", "Nausea END:VEVENT BEGIN:VALARM"),
        ("a\x00b\x07c\x7f\ud800", "abc"),
        ("C:\\New\\name", "C:\\New\\name"),
        ("back\\\\slash\\", "back\\\\slash\\"),
        (" two  blanks\t", "two blanks"),
        ("", ""),
    ],
)
def test_a_title_is_one_line_and_no_property(title, shown):
    event = an_event(title, key=title, description=title)
    content = written(event, name=title, host=f"{HOST}{title}")
    lines = unfolded(content)
    assert [line for line in lines if line.startswith(("BEGIN", "END", "ATTENDEE"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    assert value(next(line for line in lines if line.startswith("SUMMARY"))) == shown
    assert value(next(line for line in lines if line.startswith("X-WR-CALNAME"))) == shown
    assert str(parsed(content).events[0]["SUMMARY"]) == shown


def test_a_description_keeps_its_lines():
    (event,) = parsed(written(an_event(description="\r\nOwner: Ana\r\nDue\u2028late\r\n"))).events
    assert str(event["DESCRIPTION"]) == "Owner: Ana\nDue\nlate"


def test_an_address_is_one_line_of_ascii():
    lines = unfolded(written(an_event(url=f"https://{HOST}/ü?a=1&b=2%20\r\nATTENDEE:x")))
    assert f"URL:https://{HOST}/%C3%BC?a=1&b=2%20%0D%0AATTENDEE:x" in lines


texts = st.one_of(
    st.text(),
    st.text(st.sampled_from('\\;,:"nN\r\n\t\x00\x1b\x85\u2028\u00a0^üa😀 \u0308'), max_size=300),
    st.text("ü😀\\", min_size=30, max_size=200),
)


@settings(deadline=None)
@given(title=texts, description=texts, name=texts, key=st.text(max_size=80))
@example(title="😀" * 40, description="ü" * 80, name="\\N\\n" * 30, key="k")
@example(title="a" * 66, description="\\" * 200, name="\r\n ", key="")
def test_whatever_is_written_can_be_read(title, description, name, key):
    content = written(an_event(title, key=key, description=description), name=name)

    physical = content.split(b"\r\n")
    assert physical.pop() == b""
    for line in physical:
        line.decode()  # no character is parted
        assert len(line) <= 75
        assert not set(line) & {*range(9), *range(10, 32), 127}

    *calendar_lines, begin = unfolded(content)[:8]
    assert (value(calendar_lines[4]), begin) == (one_line(name), "BEGIN:VEVENT")
    lines = {line.partition(":")[0]: line for line in unfolded(content)[8:-2]}
    always = {
        "SUMMARY",
        "DTSTART;VALUE=DATE",
        "DTEND;VALUE=DATE",
        "DTSTAMP",
        "UID",
        "LAST-MODIFIED",
        "STATUS",
        "TRANSP",
    }
    assert set(lines) == (always | {"DESCRIPTION"} if one_line(description) else always)
    assert value(lines["SUMMARY"]) == one_line(title)
    assert value(lines["UID"]) == one_line(f"{key}@{HOST}")
    if one_line(description):
        assert one_line(value(lines["DESCRIPTION"])) == one_line(description)

    (event,) = parsed(content).events
    assert str(event["SUMMARY"]) == one_line(title)
    assert event.errors == []


def one_line(text):
    """The words of a text, without the control characters that no calendar holds."""
    text = re.sub("[\r\n\x0b\x0c\x85\u2028\u2029]", " ", text)
    return " ".join(re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]", "", text).split())
