"""What stands in a calendar of days. By itself, because `icalendar` (articles/calendars.py) takes a tenth of the start of every
process, and few of them are asked for a calendar."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DayEvent:
    """Something that belongs to a whole day. `key` is its own among all events of the library and never changes: by it a
    calendar program knows an event that moved from a new one. `url` is absolute."""

    key: str
    day: date
    title: str
    description: str = ""
    url: str = ""
