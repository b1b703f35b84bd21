"""Days of a library as an iCalendar file (RFC 5545), for the calendar programs of staff. No database, no clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import icalendar
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from icalendar.prop import vDuration, vText

from articles.characters import clean
from articles.day_events import DayEvent

PRODUCT = "-//Health Library//Review calendar//EN"
ASK_AGAIN_AFTER = timedelta(hours=6)


class _Text(vText):
    """A text, escaped. The library's own escaping (7.3.0) makes a line end of a backslash in front of a capital N."""

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", r"\\").replace(";", r"\;").replace(",", r"\,")
        return escaped.replace("\n", r"\n").encode()


def calendar_bytes(events: Iterable[DayEvent], *, name: str, made_at: datetime, host: str) -> bytes:
    """A calendar of all-day events for a program to subscribe to; `host` makes their identifiers unique in the world.

    The events have no alarm and leave the day free: that a page is due keeps nobody from a meeting.
    Raises ValueError when two events have one key, of which a program would show only one, and when `made_at` has no
    time zone.
    """
    stamp = timezone.localtime(made_at, UTC)
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("X-WR-CALNAME", _one_line(name))
    calendar.add("REFRESH-INTERVAL", vDuration(ASK_AGAIN_AFTER), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(ASK_AGAIN_AFTER))  # the same, for Outlook
    keys = set()
    for event in events:
        if event.key in keys:
            raise ValueError(f"Two events of the calendar “{name}” have the key “{event.key}”.")
        keys.add(event.key)
        calendar.add_component(_component(event, stamp=stamp, host=host))
    return calendar.to_ical()


def _component(event: DayEvent, *, stamp: datetime, host: str) -> icalendar.Event:
    component = icalendar.Event()
    component.add("UID", _one_line(f"{event.key}@{host}"))
    component.add("DTSTAMP", stamp)
    component.add("LAST-MODIFIED", stamp)
    component.add("DTSTART", event.day)
    if event.day < date.max:  # there is no day after it; without an end the event lasts its day
        component.add("DTEND", event.day + timedelta(days=1))
    component.add("SUMMARY", _one_line(event.title))
    if description := clean(event.description).strip():
        component.add("DESCRIPTION", _Text(description))
    if event.url:
        component.add("URL", iri_to_uri(event.url))
    component.add("STATUS", "CONFIRMED")
    component.add("TRANSP", "TRANSPARENT")
    return component


def _one_line(text: str) -> _Text:
    return _Text(" ".join(clean(text).split()))
