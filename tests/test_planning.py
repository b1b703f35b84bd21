"""The planner: the overdue pages to come at a given pace, and a bulge of due days spread out."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from articles.planning import Dated, Move, Week, needed_pace, nothing_overdue_from, projection, spread

WEDNESDAY = date(2026, 11, 25)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONDAY = WEDNESDAY - 2 * DAY  # of the same week


def monday_of(day):
    return day - day.weekday() * DAY


# The projection


def test_a_week_tells_what_falls_due_what_is_reviewed_and_what_is_left_over():
    due_days = [MONDAY + 7 * DAY] * 3 + [MONDAY + 13 * DAY] * 2 + [MONDAY + 14 * DAY] * 6
    assert projection(due_days, today=MONDAY, weeks=4, per_week=2) == [
        Week(MONDAY, MONDAY + 6 * DAY, due=0, reviewed=2, overdue=0),
        Week(MONDAY + 7 * DAY, MONDAY + 13 * DAY, due=5, reviewed=2, overdue=1),
        Week(MONDAY + 14 * DAY, MONDAY + 20 * DAY, due=6, reviewed=2, overdue=5),
        Week(MONDAY + 21 * DAY, MONDAY + 27 * DAY, due=0, reviewed=2, overdue=3),
    ]


def test_what_is_overdue_today_waits_at_the_start_and_falls_due_no_more():
    backlog = [MONDAY - DAY] * 25
    weeks = projection([*backlog, MONDAY], today=MONDAY, weeks=4, per_week=10)
    assert [week.due for week in weeks] == [1, 0, 0, 0]
    assert [week.reviewed for week in weeks] == [10, 10, 6, 0]
    assert [week.overdue for week in weeks] == [16, 6, 0, 0]


@pytest.mark.parametrize(
    ("today", "reviewed"),
    [
        (MONDAY, 10),
        (WEDNESDAY, 6),
        (MONDAY + 4 * DAY, 2),  # Friday
        (MONDAY + 5 * DAY, 0),
        (MONDAY + 6 * DAY, 0),
    ],
)
def test_the_rest_of_this_week_has_its_share_of_the_pace(today, reviewed):
    first, second = projection([MONDAY - WEEK] * 50, today=today, weeks=2, per_week=10)
    assert (first.first_day, first.last_day, first.reviewed) == (today, MONDAY + 6 * DAY, reviewed)
    assert (second.first_day, second.last_day, second.reviewed) == (MONDAY + WEEK, MONDAY + 13 * DAY, 10)


def test_a_share_is_rounded_up():
    (week,) = projection([MONDAY] * 9, today=MONDAY + 4 * DAY, weeks=1, per_week=6)
    assert week.reviewed == 2


def test_nobody_reviews_more_than_90_days_before_the_due_day():
    sunday = MONDAY + 6 * DAY
    weeks = projection([sunday + 90 * DAY, sunday + 91 * DAY], today=MONDAY, weeks=2, per_week=10)
    assert [week.reviewed for week in weeks] == [1, 1]


def test_a_page_due_on_a_sunday_is_overdue_when_the_next_week_begins():
    (week,) = projection([MONDAY + 6 * DAY, MONDAY + 7 * DAY], today=MONDAY, weeks=1, per_week=0)
    assert (week.due, week.overdue) == (1, 1)


def test_without_reviewers_everything_that_falls_due_stays_overdue():
    weeks = projection([MONDAY + number * DAY for number in range(28)], today=MONDAY, weeks=5, per_week=0)
    assert [week.overdue for week in weeks] == [7, 14, 21, 28, 28]


def test_a_library_without_due_days_has_quiet_weeks():
    assert [week[2:] for week in projection([], today=MONDAY, weeks=3, per_week=5)] == [(0, 0, 0)] * 3


@given(
    st.lists(st.integers(-200, 400), max_size=60),
    st.integers(0, 6),
    st.integers(0, 60),
    st.integers(0, 30),
)
def test_no_page_is_lost_or_reviewed_twice(offsets, weekday, weeks, per_week):
    today = MONDAY + weekday * DAY
    due_days = [today + offset * DAY for offset in offsets]
    waiting, overdue = sum(day < today for day in due_days), sum(day < today for day in due_days)
    expected_start = today
    for week in projection(due_days, today=today, weeks=weeks, per_week=per_week):
        assert week.first_day == expected_start
        assert week.last_day.weekday() == 6
        expected_start = week.last_day + DAY
        assert week.due == sum(week.first_day <= day <= week.last_day for day in due_days)
        assert 0 <= week.reviewed <= per_week
        waiting += week.due - week.reviewed  # below zero: reviewed before they fell due
        overdue = max(0, waiting)
        assert week.overdue == overdue


def test_the_week_from_which_nothing_is_overdue_any_more():
    assert nothing_overdue_from([]) is None
    weeks = projection([MONDAY - DAY] * 25, today=MONDAY, weeks=4, per_week=10)
    assert nothing_overdue_from(weeks) == weeks[2]
    assert nothing_overdue_from(weeks[:2]) is None
    assert nothing_overdue_from(weeks[2:]) == weeks[2]


def test_the_week_after_a_second_bulge_counts_and_not_the_quiet_one_before_it():
    weeks = projection([MONDAY - DAY] * 5 + [MONDAY + 22 * WEEK] * 14, today=MONDAY, weeks=30, per_week=1)
    assert nothing_overdue_from(weeks).first_day == MONDAY + 4 * WEEK
    crowded = projection([MONDAY - DAY] * 5 + [MONDAY + 22 * WEEK] * 17, today=MONDAY, weeks=30, per_week=1)
    assert [week.overdue for week in crowded[4:6]] == [0, 0]
    assert nothing_overdue_from(crowded).first_day == MONDAY + 25 * WEEK


@given(st.lists(st.integers(-200, 400), max_size=60), st.integers(0, 6), st.integers(1, 60))
def test_the_pace_that_is_needed_is_enough_and_one_page_less_is_not(offsets, weekday, weeks):
    today = MONDAY + weekday * DAY
    due_days = [today + offset * DAY for offset in offsets]
    needed = needed_pace(due_days, today=today, weeks=weeks)

    def left(per_week):
        return projection(due_days, today=today, weeks=weeks, per_week=per_week)[-1].overdue

    if needed is None:
        assert weeks == 1 and weekday >= 5 and left(10**6) > 0  # a weekend alone: nobody works in it
    else:
        assert left(needed) == 0
        assert needed == 0 or left(needed - 1) > 0


# A bulge


def pages_due(day, number, *, limit=None):
    return [Dated(key, day, limit or day) for key in range(number)]


def days_after(pages, proposal):
    moved = {move.key: move.after for move in proposal.moves}
    return {page.key: moved.get(page.key, page.due) for page in pages}


def per_week_after(pages, proposal):
    return Counter(monday_of(day) for day in days_after(pages, proposal).values())


def test_400_pages_of_one_day_are_spread_over_the_weeks_before_it():
    due = date(2027, 6, 30)
    pages = pages_due(due, 400)
    proposal = spread(pages, today=WEDNESDAY, per_week=50)
    assert (len(proposal.moves), proposal.exceeding, proposal.past_limit) == (350, 0, 0)
    assert per_week_after(pages, proposal) == {monday_of(due) - number * WEEK: 50 for number in range(8)}
    days = list(days_after(pages, proposal).values())
    assert days == sorted(days)  # equal limits: the first page given gets the first day
    assert set(Counter(days[:350]).values()) == {10}  # as many on each working day
    assert days[350:] == [due] * 50


def test_400_pages_with_room_up_to_their_limits_are_spread_over_the_weeks_after_it():
    due = date(2027, 6, 30)
    pages = pages_due(due, 400, limit=due + 20 * WEEK)
    proposal = spread(pages, today=WEDNESDAY, per_week=50)
    assert per_week_after(pages, proposal) == {monday_of(due) + number * WEEK: 50 for number in range(8)}
    assert proposal.exceeding == 0


def test_pages_move_back_only_when_there_is_no_room_up_to_their_limits():
    due = MONDAY + 10 * WEEK
    pages = pages_due(due, 5, limit=due + WEEK)
    proposal = spread(pages, today=WEDNESDAY, per_week=2)
    assert per_week_after(pages, proposal) == {due - WEEK: 1, due: 2, due + WEEK: 2}


def test_a_move_names_the_page_the_day_before_and_the_day_after():
    due = MONDAY + 10 * WEEK
    pages = [Dated("anxiety", due, due), Dated("asthma", due, due)]
    assert spread(pages, today=WEDNESDAY, per_week=1).moves == [Move("anxiety", due, due - WEEK)]


def test_the_page_with_the_earlier_limit_gets_the_earlier_day():
    due = MONDAY + 10 * WEEK
    pages = [Dated(f"limit {days}", due, due + days * DAY) for days in (30, 10, 20, 0)]
    after = days_after(pages, spread(pages, today=WEDNESDAY, per_week=1))
    assert sorted(after, key=after.get) == ["limit 0", "limit 10", "limit 20", "limit 30"]


def test_a_page_makes_room_for_one_that_can_go_nowhere_else():
    first, second = MONDAY + WEEK, MONDAY + 2 * WEEK
    pages = [Dated("free", first, first + 9 * WEEK), Dated("a", second, second), Dated("b", second, second)]
    after = days_after(pages, spread(pages, today=MONDAY + 4 * DAY, per_week=1))  # Friday: this week is over
    assert after == {"free": second + WEEK, "a": first, "b": second}


def test_pages_that_are_too_many_keep_their_day_and_are_counted():
    due = MONDAY + 2 * WEEK
    pages = pages_due(due, 10)
    proposal = spread(pages, today=MONDAY + 4 * DAY, per_week=3)
    assert per_week_after(pages, proposal) == {due - WEEK: 3, due: 7}
    assert (len(proposal.moves), proposal.exceeding) == (3, 4)


def test_the_first_places_are_those_of_the_backlog():
    friday, due = MONDAY + 4 * DAY, MONDAY + WEEK
    pages = pages_due(due, 6, limit=due + 20 * WEEK)
    proposal = spread(pages, today=friday, per_week=4, backlog=10)
    assert per_week_after(pages, proposal) == {due + 2 * WEEK: 2, due + 3 * WEEK: 4}
    assert proposal.exceeding == 0


def test_pages_whose_weeks_the_backlog_fills_keep_their_day_and_are_counted():
    due = MONDAY + 2 * WEEK
    proposal = spread(pages_due(due, 5), today=MONDAY + 4 * DAY, per_week=4, backlog=6)
    assert (proposal.moves, proposal.exceeding) == ([], 3)


def test_with_no_page_a_week_nothing_moves_and_all_exceed():
    proposal = spread(pages_due(MONDAY + WEEK, 4), today=WEDNESDAY, per_week=0)
    assert (proposal.moves, proposal.exceeding) == ([], 4)


@pytest.mark.parametrize(("limit", "past"), [(WEDNESDAY - DAY, 1), (WEDNESDAY, 1), (WEDNESDAY + DAY, 0)])
def test_a_page_whose_limit_has_come_is_counted_apart_and_takes_no_place(limit, past):
    pages = [Dated("late", min(limit, WEDNESDAY - WEEK), limit), Dated("other", WEDNESDAY + DAY, WEDNESDAY + DAY)]
    proposal = spread(pages, today=WEDNESDAY, per_week=5)  # two places in the rest of the week
    assert proposal.past_limit == past
    assert proposal.moves == ([] if past else [Move("late", WEDNESDAY - WEEK, WEDNESDAY + DAY)])
    assert proposal.exceeding == 0


@pytest.mark.parametrize("due", [WEDNESDAY - 100 * DAY, WEDNESDAY - DAY, WEDNESDAY])
def test_an_overdue_page_gets_the_first_free_place_up_to_its_limit(due):
    taken = Dated("taken", WEDNESDAY + 2 * DAY, WEDNESDAY + 2 * DAY)
    pages = [taken, Dated("late", due, WEDNESDAY + 30 * DAY)]
    assert days_after(pages, spread(pages, today=WEDNESDAY, per_week=5))["late"] == WEDNESDAY + DAY
    assert days_after(pages, spread(pages, today=WEDNESDAY, per_week=1))["late"] == MONDAY + WEEK


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (MONDAY, MONDAY + DAY),
        (MONDAY + 3 * DAY, MONDAY + 4 * DAY),
        (MONDAY + 4 * DAY, MONDAY + WEEK),
        (MONDAY + 5 * DAY, MONDAY + WEEK),
        (MONDAY + 6 * DAY, MONDAY + WEEK),
    ],
)
def test_the_first_new_day_is_the_next_working_day(today, first):
    (move,) = spread([Dated("late", today - WEEK, today + 9 * WEEK)], today=today, per_week=1).moves
    assert move.after == first


def test_a_new_day_is_not_after_a_limit_in_the_middle_of_the_week():
    tuesday = MONDAY + 4 * WEEK + DAY
    pages = pages_due(tuesday - 3 * WEEK, 30, limit=tuesday)
    proposal = spread(pages, today=MONDAY + 4 * DAY, per_week=8)
    assert max(move.after for move in proposal.moves) == tuesday
    assert Counter(move.after for move in proposal.moves if move.after > tuesday - 2 * DAY) == {
        tuesday - DAY: 3,
        tuesday: 3,
    }


def test_a_weekend_day_that_fits_stays():
    saturday = MONDAY + 5 * WEEK + 5 * DAY
    assert spread(pages_due(saturday, 3), today=WEDNESDAY, per_week=3).moves == []
    moved = spread(pages_due(saturday, 8), today=WEDNESDAY, per_week=3).moves
    assert {move.after.weekday() for move in moved} == {0, 1, 2}
    assert all(monday_of(move.after) < monday_of(saturday) for move in moved)


def test_a_page_dated_later_than_its_limit_comes_back_to_it():
    limit = MONDAY + 5 * WEEK
    assert spread([Dated("a", limit + WEEK, limit)], today=WEDNESDAY, per_week=1).moves == [
        Move("a", limit + WEEK, limit)
    ]


def test_nothing_to_spread_is_no_proposal():
    proposal = spread([], today=WEDNESDAY, per_week=5)
    assert (proposal.moves, proposal.exceeding, proposal.past_limit) == ([], 0, 0)


def test_50_000_pages_find_their_places():
    today, due = WEDNESDAY, date(2028, 11, 1)
    pages = [Dated(key, due - key % 200 * DAY, due + key % 700 * DAY) for key in range(50_000)]
    proposal = spread(pages, today=today, per_week=300)
    assert proposal.exceeding == 0
    assert max(per_week_after(pages, proposal).values()) == 300


@pytest.mark.parametrize(
    "plan", [lambda: projection([], today=MONDAY, weeks=1, per_week=-1), lambda: spread([], today=MONDAY, per_week=-1)]
)
def test_a_negative_pace_is_refused(plan):
    with pytest.raises(ValueError, match="-1 pages a week can't be reviewed"):
        plan()


TODAYS = st.integers(0, 6).map(lambda weekday: MONDAY + weekday * DAY)


@st.composite
def libraries(draw, most=40, weeks=8):
    """Pages around a day, some overdue, most dated at their limit, many on the same day; rarely dated too late."""
    today = draw(TODAYS)
    days = st.integers(-7, 7 * weeks)
    slack = st.sampled_from([0, 0, 0, 1, 5, 14, 40, -3])
    rows = draw(st.lists(st.tuples(days, slack), max_size=most))
    return today, [Dated(key, today + due * DAY, today + (due + more) * DAY) for key, (due, more) in enumerate(rows)]


def first_working_day(today):
    return next(day for day in (today + number * DAY for number in (1, 2, 3)) if day.weekday() < 5)


def places(today, per_week):
    """What each week has room for, by its Monday."""
    first = first_working_day(today)
    share = -(-per_week * (5 - first.weekday()) // 5)
    return lambda monday: share if monday == monday_of(first) else per_week


@given(libraries(), st.integers(0, 9))
def test_a_new_day_is_a_working_day_from_tomorrow_up_to_the_limit(library, per_week):
    today, pages = library
    proposal = spread(pages, today=today, per_week=per_week)
    keys = [move.key for move in proposal.moves]
    assert keys == sorted(set(keys))  # no page twice, in the order given
    for move in proposal.moves:
        page = pages[move.key]
        assert move.before == page.due != move.after
        assert today < move.after <= page.limit
        assert move.after.weekday() < 5 or move.after == page.limit < page.due  # back to its limit, see above


@given(libraries(), st.integers(0, 9))
def test_no_week_has_more_than_the_pace_except_for_the_pages_counted_as_exceeding(library, per_week):
    today, pages = library
    proposal = spread(pages, today=today, per_week=per_week)
    first, room = first_working_day(today), places(today, per_week)
    after = days_after(pages, proposal)
    in_time = [page for page in pages if page.limit >= first]
    assert proposal.past_limit == len(pages) - len(in_time)
    loads = Counter(monday_of(after[page.key]) for page in in_time if after[page.key] >= first)
    without_a_day = sum(after[page.key] < first for page in in_time)
    too_many = sum(max(0, load - room(monday)) for monday, load in loads.items())
    assert too_many + without_a_day == proposal.exceeding


@given(libraries(), st.integers(0, 9))
def test_as_many_pages_as_possible_find_a_place(library, per_week):
    """Against the textbook's answer: the earliest limit takes the earliest place that is free."""
    today, pages = library
    room, first = places(today, per_week), first_working_day(today)
    taken, exceeding = Counter(), 0
    for page in sorted((page for page in pages if page.limit >= first), key=lambda page: page.limit):
        weeks = [monday_of(first) + number * WEEK for number in range(20)]
        week = next((week for week in weeks if week <= page.limit and taken[week] < room(week)), None)
        if week is None:
            exceeding += 1
        taken[week] += 1
    assert spread(pages, today=today, per_week=per_week).exceeding == exceeding


@settings(deadline=None)
@given(libraries(most=5, weeks=3), st.integers(1, 2))
def test_as_few_pages_as_possible_leave_their_week(library, per_week):
    """Against all the ways to deal out those that find a place."""
    today, pages = library
    first, room = first_working_day(today), places(today, per_week)
    pages = [page for page in pages if page.limit >= first and page.due <= page.limit]
    proposal = spread(pages, today=today, per_week=per_week)
    assume(proposal.exceeding == 0)
    weeks = [monday_of(first) + number * WEEK for number in range(6)]
    homes = [monday_of(page.due) if page.due >= first else None for page in pages]
    best = min(
        sum(week != home for week, home in zip(deal, homes, strict=True))
        for deal in product(*([week for week in weeks if week <= page.limit] for page in pages))
        if all(number <= room(week) for week, number in Counter(deal).items())
    )
    leaving = sum(move.before < first or monday_of(move.before) != monday_of(move.after) for move in proposal.moves)
    assert leaving == best


@given(libraries(), st.integers(0, 9))
def test_pages_that_already_fit_do_not_move(library, per_week):
    today, pages = library
    first, room = first_working_day(today), places(today, per_week)
    fitting, loads = [], Counter()
    for page in pages:
        week = monday_of(page.due)
        if first <= page.due <= page.limit and loads[week] < room(week):
            loads[week] += 1
            fitting.append(page)
    proposal = spread(fitting, today=today, per_week=per_week)
    assert (proposal.moves, proposal.exceeding) == ([], 0)


@given(libraries(), st.integers(0, 9))
def test_spreading_the_result_moves_nothing(library, per_week):
    today, pages = library
    proposal = spread(pages, today=today, per_week=per_week)
    after = days_after(pages, proposal)
    again = spread([page._replace(due=after[page.key]) for page in pages], today=today, per_week=per_week)
    assert again.moves == []
    assert (again.exceeding, again.past_limit) == (proposal.exceeding, proposal.past_limit)
