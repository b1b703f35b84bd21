"""Calendar arithmetic: no database, no clock."""

from datetime import date


def whole_years_between(start: date, end: date) -> int:
    """Birthdays passed: 29 June 2021 to 28 June 2026 is 4, a day later 5. Never negative."""
    return max(0, end.year - start.year - ((end.month, end.day) < (start.month, start.day)))


def age_in_words(day: date, *, today: date) -> str:
    """ "today", "12 days ago", "7 months ago", "5 years ago": the largest whole unit that has passed.

    A day in the future gives an empty text: it has no age.
    """
    days = (today - day).days
    if days < 0:
        return ""
    if days == 0:
        return "today"
    if years := whole_years_between(day, today):
        return f"{years} year{'' if years == 1 else 's'} ago"
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months >= 2:
        return f"{months} months ago"
    return f"{days} day{'' if days == 1 else 's'} ago"
