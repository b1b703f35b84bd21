"""Finding the day that a page prints, and refusing to guess one."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
EARLIEST = 1900
_MONTH = r"(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + r"|Sept)\.?(?= |,)"
_FORMS = [
    rf"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",  # June 29, 2021; May. 19, 2012
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.? {_MONTH},? (?P<year>\d{{4}})",  # 29 June 2021
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",  # 2021-06-29
    r"(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4}|\d{2})",  # 06/29/2021 or 29/06/2021
    rf"{_MONTH},? (?P<year>\d{{4}})",  # June 2021
]


def _without_groups(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


# A date in any of the forms, for the use inside larger patterns; it has no groups of its own.
DATE = "(?:" + "|".join(_without_groups(form) for form in _FORMS) + ")"


@dataclass(frozen=True)
class StatedDate:
    day: date | None
    problem: str = ""  # why `day` is None, and what to write


def read_date(text: str, *, today: date) -> StatedDate:
    """The day that `text` (which matches DATE) means, or the reason why it means none for certain.

    A day of figures only is taken when it can be read one way: 29/06/2021 is, 06/07/2021 is not.
    """
    match = next(match for form in _FORMS if (match := re.fullmatch(form, text, re.I | re.A)))
    parts = match.groupdict()
    if len(parts["year"]) == 2:
        return StatedDate(None, f"“{text}” has no full year. Write the year with four digits")
    if "first" in parts:
        return _from_figures(text, int(parts["first"]), int(parts["second"]), int(parts["year"]), today)
    if "day" not in parts:
        return StatedDate(None, f"“{text}” names no day. Write the day as well, such as June 29, 2021")
    month = int(parts["month"]) if parts["month"].isdigit() else _month(parts["month"])
    return _checked(text, int(parts["year"]), month, int(parts["day"]), today)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name[:3].capitalize()))


def _from_figures(text: str, first: int, second: int, year: int, today: date) -> StatedDate:
    if first != second and first <= 12 and second <= 12:
        month_first = f"{MONTHS[first - 1]} {second}"
        day_first = f"{MONTHS[second - 1]} {first}"
        return StatedDate(
            None, f"“{text}” can be read two ways ({month_first} or {day_first}, {year}). Write the month in letters"
        )
    month, day = (first, second) if first <= 12 else (second, first)
    return _checked(text, year, month, day, today)


def _checked(text: str, year: int, month: int, day: int, today: date) -> StatedDate:
    try:
        stated = date(year, month, day)
    except ValueError:
        return StatedDate(None, f"“{text}” is no day of the calendar. Correct it")
    if year < EARLIEST:
        return StatedDate(None, f"“{text}” is before {EARLIEST}. Correct it")
    if stated > today:
        return StatedDate(None, f"“{text}” is in the future. Correct it")
    return StatedDate(stated)


PUBLICATION = {
    "",
    "date",
    "published",
    "posted",
    "date published",
    "date posted",
    "publication date",
    "date of publication",
}
OTHER = {
    "updated", "last updated", "date updated", "modified", "last modified", "revised", "last revised", "edited",
    "reviewed", "last reviewed", "date reviewed", "medically reviewed", "next review", "next review due", "review due",
}  # fmt: skip
_LINE = re.compile(
    rf"(?:(?P<label>[a-z][a-z ]{{2,25}}?)(?: on)?:? )?(?P<date>{DATE})?[ |·–-]*(?P<more>See more (?P<kind>\w[\w -]*))?",
    re.I | re.A,
)


@dataclass(frozen=True)
class DateLine:
    """A line that holds a date, "See more" and a kind, or both, and nothing else."""

    text: str
    label: str
    date: str
    kind: str

    @property
    def is_of_publication(self) -> bool:
        return self.label in PUBLICATION


def read_date_line(text: str) -> DateLine | None:
    """None when the line says anything else, such as a heading that names a month."""
    match = _LINE.fullmatch(text)
    if not match or not (match["date"] or match["more"]):
        return None
    label = (match["label"] or "").casefold()
    if label not in PUBLICATION | OTHER or (label and not match["date"]):
        return None
    return DateLine(text, label, match["date"] or "", match["kind"] or "")


# A date and "See more" behind the last sentence of a paragraph. The sentence must end with a word: after "U.S." or
# "M.D." the date may well belong to it.
GLUED = re.compile(
    rf"(?P<text>.*[a-z]{{3}}[.!?…][”\")]*) (?P<line>{DATE}(?:[ |·–-]*See more \w[\w -]*)?|See more \w[\w -]*)"
)
