"""Calendar arithmetic: months of any length, and no day beyond the calendar."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.dates import add_months


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),  # not the last day of March
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2096, 2, 29), 48, date(2100, 2, 28)),  # 2100 is no leap year
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2021, 3, 15), 36, date(2024, 3, 15)),
        (date(2026, 1, 1), 120, date(2036, 1, 1)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
    ],
)
def test_months_are_calendar_months(day, months, expected):
    assert add_months(day, months) == expected


@given(st.dates(max_value=date(9900, 1, 1)), st.integers(0, 1100))
def test_the_day_of_the_month_stays_unless_the_month_is_too_short(day, months):
    after = add_months(day, months)
    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or (
        after.day < day.day and (after.toordinal() + 1 - after.replace(day=1).toordinal()) < day.day
    )


def test_a_negative_number_of_months_is_refused():
    with pytest.raises(ValueError, match="can't be negative, and this one is -1"):
        add_months(date(2026, 1, 31), -1)


@pytest.mark.parametrize("months", [1, 12, 999_999_999])
def test_a_day_beyond_the_calendar_is_refused_with_a_sentence(months):
    with pytest.raises(ValueError, match=f"{months} months after December 31, 9999 is beyond the year 9999"):
        add_months(date(9999, 12, 31), months)
