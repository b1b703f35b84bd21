"""Can the reviewers keep up, and new due days when too many pages fall due at once.

Pure arithmetic: no database, no clock. A week runs from Monday to Sunday and has five working days.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

AHEAD = timedelta(days=90)  # nobody reviews a page longer before its due day: the review would be old too soon
DAY = timedelta(days=1)
SATURDAY = 5  # as `date.weekday` counts; the working days come before it
NO_WEEK = -1


class Week(NamedTuple):
    """What a week brings. `overdue` counts the pages that are overdue when the next week begins."""

    first_day: date  # today in the first week, else a Monday
    last_day: date  # a Sunday
    due: int
    reviewed: int
    overdue: int


def projection(due_days: Iterable[date], *, today: date, weeks: int, per_week: int) -> list[Week]:
    """The coming weeks when `per_week` pages are reviewed in each. The first is the rest of this week.

    The model: a page is reviewed once, the one that fell due first comes first, and none more than 90 days (AHEAD)
    before its due day. What is overdue today is waiting at the start, and counts in `overdue` but not in `due`. The
    rest of this week has its share of `per_week`: its working days, today with them, of five, rounded up. That a
    reviewed page falls due again is not counted, so weeks beyond the shortest policy look better than they will be.

    Raises ValueError when `per_week` is negative.
    """
    _refuse_negative(per_week)
    waiting = sorted(due_days)
    done = 0  # so many pages from the start of `waiting`
    fallen_due = bisect_left(waiting, today)
    coming = []
    first_day = today
    for _ in range(weeks):
        last_day = first_day + (6 - first_day.weekday()) * DAY
        reviewed = min(_share(per_week, first_day), bisect_right(waiting, last_day + AHEAD) - done)
        done += reviewed
        before, fallen_due = fallen_due, bisect_right(waiting, last_day)
        coming.append(Week(first_day, last_day, fallen_due - before, reviewed, max(0, fallen_due - done)))
        first_day = last_day + DAY
    return coming


def nothing_overdue_from(weeks: list[Week]) -> Week | None:
    """The first week at whose end, and at that of all later ones, nothing is overdue; None when there is none."""
    found = None
    for week in reversed(weeks):
        if week.overdue:
            break
        found = week
    return found


def needed_pace(due_days: Iterable[date], *, today: date, weeks: int) -> int | None:
    """The fewest pages a week with which nothing is overdue when the last of these weeks ends, by the model of
    `projection`; None when no pace is enough, which is so when there is no working day left in them.

    More pages a week never leave more overdue, so the number is found by halving.
    """
    waiting = sorted(due_days)

    def suffices(per_week: int) -> bool:
        return not projection(waiting, today=today, weeks=weeks, per_week=per_week)[-1].overdue

    most = 5 * len(waiting)  # a Friday, with a fifth of the pace, is enough for all of them
    if not suffices(most):
        return None
    return bisect_left(range(most), True, key=suffices)


class Dated(NamedTuple):
    """A page to be planned. `limit` is the latest due day that its policy allows, and may have passed."""

    key: Hashable
    due: date
    limit: date


class Move(NamedTuple):
    key: Hashable
    before: date
    after: date


@dataclass(frozen=True)
class Proposal:
    """New due days, for somebody to look at before they are applied."""

    moves: list[Move]  # in the order of the pages; a page that keeps its day is not in it
    exceeding: int  # pages that keep their day because the weeks up to their limits are full
    past_limit: int  # pages that keep their day because their limit comes before the next working day


def spread(pages: Iterable[Dated], *, today: date, per_week: int, backlog: int = 0) -> Proposal:
    """New due days that leave no week with more than `per_week` of the pages.

    So many pages of a `backlog` are reviewed first and keep their days: the first places of the coming weeks are theirs.

    A new day is a working day, tomorrow at the earliest and the page's limit at the latest. A page stays in its week
    while that has room, and then keeps its very day, a Saturday too. Else it goes to the nearest later week with room,
    or, when there is none up to its limit, to the nearest earlier one. A page that is overdue, or due before the next
    working day, gets the first place that is free. Of the pages of one week, those with the earlier limit get the
    earlier places; with equal limits, those that come first in `pages`. The rest of this week has its share of
    `per_week`: its working days after today, of five, rounded up.

    As many pages as possible find a place, and as few of them as possible leave their week. The others, of the latest
    limits, stay where they are, so some weeks have more than `per_week`, by `exceeding` pages in all. Pages past their
    limit keep their day too, and take no place. A page that is dated later than its limit comes back to it. Spreading
    the result again moves nothing.

    Time grows with pages × weeks up to the last limit, but the walk along the weeks is one built-in operation on a
    slice: 50,000 pages over ten years take about a second.

    Raises ValueError when `per_week` is negative.
    """
    _refuse_negative(per_week)
    pages = [Dated(*page) for page in pages]
    start = _next_working_day(today)
    days = [page.due if page.limit < start else min(page.due, page.limit) for page in pages]
    in_time = [number for number, page in enumerate(pages) if page.limit >= start]
    in_time.sort(key=lambda number: pages[number].limit)  # stable: equal limits stay in the order of the pages

    home = {number: _week(days[number], start) for number in in_time}
    # By then everything has found room.
    horizon = 2 + max(home.values(), default=0) + (len(pages) + backlog) // max(1, per_week)
    last = {number: min(_week(pages[number].limit, start), horizon) for number in in_time}
    room = [_share(per_week, start)] + [per_week] * horizon
    for week, places in enumerate(room):
        taken = min(places, backlog)
        room[week] -= taken
        backlog -= taken

    placed = _places(home, last, room)
    loads = Counter(days[number] for number, week in placed.items() if week == home[number])
    arriving = defaultdict(list)
    for number in in_time:
        if number in placed and placed[number] != home[number]:
            arriving[placed[number]].append(number)
    for week, numbers in arriving.items():
        chosen = [_quietest_day(week, start, pages[number].limit, loads) for number in numbers]
        for number, day in zip(numbers, sorted(chosen), strict=True):  # both rise, so each day is within its limit
            days[number] = day
    return Proposal(
        moves=[Move(page.key, page.due, day) for page, day in zip(pages, days, strict=True) if page.due != day],
        exceeding=len(in_time) - len(placed),
        past_limit=len(pages) - len(in_time),
    )


def _places(home: dict[int, int], last: dict[int, int], room: list[int]) -> dict[int, int]:
    """A week for each page, as `spread` tells; pages that exceed the room are left out. Uses `room` up.

    `home` and `last` give each page's own and latest week, in the order of `last`. All pages may go to the first week,
    so they find places if, and only if, no week has more pages that must be done by its end than there is room up to
    it. `spare` is that difference, week by week: a page may stay when none of it drops below zero.
    """
    total = list(accumulate(room))
    fitting: list[int] = []
    for page, week in last.items():
        if len(fitting) < total[week]:
            fitting.append(page)
    needed = Counter(last[page] for page in fitting)
    spare = [
        places - pages
        for places, pages in zip(total, accumulate(needed[week] for week in range(len(room))), strict=True)
    ]
    placed: dict[int, int] = {}
    for page in fitting:
        week = home[page]
        if week != NO_WEEK and room[week] and 0 not in spare[week : last[page]]:
            placed[page] = week
            room[week] -= 1
            spare[week : last[page]] = [places - 1 for places in spare[week : last[page]]]
    free = [week for week, places in enumerate(room) if places]
    for page in fitting:  # the earliest limits first: so nobody takes a place from a page that can't go later
        if page not in placed:
            at = bisect_right(free, home[page])
            if at == len(free) or free[at] > last[page]:
                at -= 1  # nothing later: the nearest earlier week
            placed[page] = free[at]
            room[free[at]] -= 1
            if not room[free[at]]:
                del free[at]
    return _oldest_first(placed, home, fitting)


def _oldest_first(placed: dict[int, int], home: dict[int, int], order: list[int]) -> dict[int, int]:
    """The same places, dealt out anew among the pages of each home week: the earliest to the first in `order`."""
    sharing = defaultdict(list)
    for page in order:
        sharing[home[page]].append(page)
    return {
        page: week
        for pages in sharing.values()
        for page, week in zip(pages, sorted(placed[page] for page in pages), strict=True)
    }


def _quietest_day(week: int, start: date, limit: date, loads: Counter) -> date:
    """The working day of a week with the fewest pages so far, not before `start` and not after `limit`.

    Adds the page to `loads`.
    """
    monday = _monday(start) + week * 7 * DAY
    days = [monday + number * DAY for number in range(SATURDAY) if start <= monday + number * DAY <= limit]
    quietest = min(days, key=lambda day: (loads[day], day))
    loads[quietest] += 1
    return quietest


def _week(day: date, start: date) -> int:
    """Weeks since that of `start`; NO_WEEK for any day before `start`."""
    return (day - _monday(start)).days // 7 if day >= start else NO_WEEK


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


def _next_working_day(day: date) -> date:
    tomorrow = day + DAY
    return tomorrow if tomorrow.weekday() < SATURDAY else _monday(tomorrow) + 7 * DAY


def _share(per_week: int, day: date) -> int:
    """What a week has room for from that day on, rounded up: all of it on a Monday, nothing on a Saturday."""
    working_days = max(0, SATURDAY - day.weekday())
    return -(-per_week * working_days // SATURDAY)


def _refuse_negative(per_week: int) -> None:
    if per_week < 0:
        raise ValueError(f"{per_week} pages a week can't be reviewed. Write 0 or more.")
