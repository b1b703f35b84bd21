"""Finding the day that a page prints, and refusing to guess one."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_FORMS = [
    rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",  # June 29, 2021; May. 19, 2012
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
    match = next(match for form in _FORMS if (match := re.fullmatch(form, text, re.I)))
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
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name[:3].lower()))


def _from_figures(text: str, first: int, second: int, year: int, today: date) -> StatedDate:
    if first != second and first <= 12 and second <= 12:
        month_first = f"{MONTHS[first - 1].capitalize()} {second}"
        day_first = f"{MONTHS[second - 1].capitalize()} {first}"
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
    if stated > today:
        return StatedDate(None, f"“{text}” is in the future. Correct it")
    return StatedDate(stated)
