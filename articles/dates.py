"""Calendar arithmetic, and days in the words of the active language: no database, no clock."""

from calendar import monthrange
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


def whole_years_between(start: date, end: date) -> int:
    """Birthdays passed: 29 June 2021 to 28 June 2026 is 4, a day later 5. Never negative."""
    return max(0, end.year - start.year - ((end.month, end.day) < (start.month, start.day)))


def add_months(day: date, months: int) -> date:
    """The day that lies so many calendar months after another.

    A month that is too short gives its last day: 31 January + 1 month is 28 February, or 29 in a leap year. Whole
    months and not steps of 30 days, because policies are set in months.

    Raises ValueError when `months` is negative (a review is never due before it was done), or when the day would lie
    beyond the year 9999.
    """
    if months < 0:
        raise ValueError(f"A number of months can't be negative, and this one is {months}. Write 0 or more.")
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > MAXYEAR:
        raise ValueError(
            f"{months} months after {day:%B} {day.day}, {day.year} is beyond the year {MAXYEAR}. Write fewer months."
        )
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_in_words(day: date, *, today: date) -> str:
    """ "today", "12 days ago", "7 months ago", "5 years ago": the largest whole unit that has passed.

    A day in the future gives an empty text: it has no age.
    """
    days = (today - day).days
    if days < 0:
        return ""
    if days == 0:
        return _("today")
    if years := whole_years_between(day, today):
        return ngettext("%(count)d year ago", "%(count)d years ago", years) % {"count": years}
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months >= 2:
        return ngettext("%(count)d month ago", "%(count)d months ago", months) % {"count": months}
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}


def day_after(day: date) -> datetime:
    """The moment at which the day after it begins, by the clocks of the site. From midnight on and in UTC, so that a day on
    which the clocks change ends when it ends."""
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    return midnight.astimezone(UTC)


def in_words(moment: datetime) -> str:
    """ "on November 30, 2026, at 09:00 (UTC)": a moment by the clocks of the site, with the name of their zone."""
    return _("on %(moment)s") % {"moment": moment_in_words(moment)}


def moment_in_words(moment: datetime) -> str:
    """ "November 30, 2026, at 09:00 (UTC)"."""
    local = timezone.localtime(moment)
    words = {"day": day_in_words(local), "time": f"{local:%H:%M}", "zone": local.tzname()}
    return _("%(day)s, at %(time)s (%(zone)s)") % words


def day_in_words(day: date | datetime) -> str:
    """ "November 30, 2026"; "30 de noviembre de 2026" where Spanish is spoken."""
    return date_format(day, pgettext("a day, in the letters of Django’s date filter", "F j, Y"))
