"""The planner: whether the reviewers keep up, and new due days for a bulge, shown before they are applied."""

import csv
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import due, publishing, rescheduling
from articles.admin.desk.planner import SHOWN
from articles.dates import add_months
from articles.desk import pages
from articles.kinds import Kind
from articles.models import Article, AuditEntry
from articles.rescheduling import PlanOutdated
from tests.admin import signed_in
from tests.builders import ANA, DAY, GRACE, NOON, an_account, an_article, an_author, many_published
from tests.conftest import PROJECT
from tests.runners import environment, slow_audit_trail

pytestmark = pytest.mark.django_db

PLANNER = "/admin/review-desk/planner/"
JUNE = date(2027, 6, 30)  # a Wednesday
MOVED = AuditEntry.Action.DUE_MOVED


def a_bulge(number, *, on=JUNE, months_left=0, **columns) -> list[Article]:
    """Pages that all fall due on one day, so many months before the limit of their policy."""
    limit = add_months(on, months_left)
    kept = {"reviewed_on": limit.replace(year=limit.year - 3), "review_months": 36}
    kept["review_policy"] = "36 months, because its kind is In-depth"
    return many_published({**kept, "next_review_on": on, **columns} for _ in range(number))


def on_desk():
    """All but the page that the others are made after."""
    return pages(at=NOON, today=DAY).exclude(title="Pattern")


def planned(per_week):
    return rescheduling.plan(on_desk(), today=DAY, per_week=per_week)


def applied(per_week, *, shown=None, reason="A bulge", today=DAY):
    shown = shown or planned(per_week).digest
    return rescheduling.apply(on_desk(), per_week=per_week, shown=shown, at=NOON, today=today, by=ANA, reason=reason)


def due_days() -> dict[int, date | None]:
    return dict(Article.objects.exclude(title="Pattern").values_list("pk", "next_review_on"))


def a_week(day: date) -> date:
    return day - timedelta(day.weekday())


# The plan


def test_400_pages_of_one_day_are_spread_over_the_weeks_before_their_limit():
    a_bulge(400)
    plan = planned(50)
    assert (len(plan.moves), plan.exceeding, plan.past_limit, plan.overdue) == (350, 0, 0, 0)
    assert Counter(map(a_week, plan.due_days)) == {a_week(JUNE): 400}
    assert Counter(map(a_week, plan.days_after)) == {a_week(JUNE) - number * timedelta(7): 50 for number in range(8)}
    assert {move.limit for move in plan.moves} == {JUNE}


def test_pages_with_time_before_their_limit_are_put_off_and_not_drawn_nearer():
    a_bulge(20, months_left=3)
    plan = planned(10)
    assert len(plan.moves) == 10
    assert all(JUNE < move.after <= add_months(JUNE, 3) == move.limit for move in plan.moves)


def test_an_overdue_page_keeps_its_day_and_takes_the_first_places():
    tuesday = DAY + timedelta(2)
    a_bulge(5, on=DAY - timedelta(1), months_left=6)
    a_bulge(3, on=tuesday, months_left=6, kind=Kind.STORY)
    plan = planned(5)
    assert plan.overdue == 5
    stories = set(Article.objects.filter(kind=Kind.STORY).values_list("pk", flat=True))
    assert {move.article for move in plan.moves} == stories
    assert {a_week(move.after) for move in plan.moves} == {a_week(tuesday) + timedelta(7)}


@pytest.mark.parametrize(
    "columns",
    [
        {"review_months": None, "review_policy": ""},
        {"reviewed_on": None},  # its day was stated by the source
        {"reviewed_on": None, "review_months": None, "review_policy": ""},
    ],
)
def test_a_page_without_a_limit_may_only_fall_due_sooner(columns):
    a_bulge(4, **columns)
    moves = planned(2).moves
    assert len(moves) == 2
    assert all(move.after < move.before == move.limit for move in moves)


def test_a_page_dated_later_than_its_policy_allows_comes_back():
    (page,) = a_bulge(1, reviewed_on=date(2024, 6, 10))
    (move,) = planned(5).moves
    assert (move.article, move.before, move.after) == (page.pk, JUNE, date(2027, 6, 10))


def test_only_pages_that_patients_read_are_planned():
    gone, archived, _ = a_bulge(3)
    an_article("Draft", next_review_on=JUNE)
    publishing.withdraw(gone, at=NOON, by=GRACE, reason="Old.")
    Article.objects.filter(pk=archived.pk).update(archived_at=NOON)
    assert len(planned(1).due_days) == 1


def test_pages_without_a_day_and_pages_due_after_ten_years_are_counted_apart():
    a_bulge(1, next_review_on=None, reviewed_on=None)
    a_bulge(2, on=date(9999, 12, 30), reviewed_on=None, kind=Kind.STORY)
    plan = planned(1)
    assert (plan.undated, plan.far, plan.moves) == (1, 2, [])
    assert sorted(plan.days_after) == plan.due_days


def test_the_digest_follows_all_that_is_shown():
    first, second = a_bulge(2)
    digests = {planned(1).digest, planned(2).digest}
    for columns in ({"title": "Other"}, {"next_review_on": JUNE - timedelta(1)}, {"review_months": 30}):
        Article.objects.filter(pk=first.pk).update(**columns)
        digests.add(planned(1).digest)
    Article.objects.filter(pk=second.pk).update(next_review_on=None)
    digests.add(planned(1).digest)
    assert len(digests) == 6


# Applying it


def test_applying_moves_the_days_and_nothing_else_and_writes_down_why():
    bulge = a_bulge(12)
    before = {row.pop("id"): row for row in Article.objects.values()}
    moves = applied(5, reason="  Twelve pages on one day ")
    assert len(moves) == 7
    new_days = {move.article: move.after for move in moves}
    assert due_days() == {page.pk: new_days.get(page.pk, JUNE) for page in bulge}
    after = {row.pop("id"): row for row in Article.objects.values()}
    for pk, row in after.items():
        assert {**row, "next_review_on": None} == {**before[pk], "next_review_on": None}
    entries = AuditEntry.objects.filter(action=MOVED)
    assert {entry.page_id: entry.changes for entry in entries} == {
        move.article: [{"field": "next_review_on", "before": str(JUNE), "after": str(move.after)}] for move in moves
    }
    assert {(entry.by, entry.reason, entry.at) for entry in entries} == {("Ana Ruiz", "Twelve pages on one day", NOON)}


def test_a_plan_that_is_applied_leaves_nothing_to_plan():
    a_bulge(30, months_left=1)
    applied(4)
    assert planned(4).moves == []


def test_a_plan_is_applied_once():
    a_bulge(6)
    shown = planned(2).digest
    applied(2, shown=shown)
    days = due_days()
    with pytest.raises(PlanOutdated):
        applied(2, shown=shown)
    assert due_days() == days


@pytest.mark.parametrize("change", ["reviewed", "withdrawn", "another day", "another pace"])
def test_a_plan_that_has_become_another_one_is_refused(change):
    first, *_ = a_bulge(6)
    shown, pace, today = planned(2).digest, 2, DAY
    if change == "reviewed":
        Article.objects.filter(pk=first.pk).update(reviewed_on=DAY, next_review_on=date(2029, 11, 22))
    elif change == "withdrawn":
        publishing.withdraw(first, at=NOON, by=GRACE, reason="Old.")
    elif change == "another day":
        today = JUNE - timedelta(3)
    else:
        pace = 3
    days = due_days()
    with pytest.raises(PlanOutdated):
        applied(pace, shown=shown, today=today)
    assert due_days() == days
    assert not AuditEntry.objects.filter(action=MOVED).exists()


def test_a_plan_is_not_applied_without_a_reason():
    a_bulge(6)
    days = due_days()
    with pytest.raises(ValidationError, match="Say why"):
        applied(2, reason=" ")
    assert due_days() == days


def test_one_page_that_can_not_move_keeps_all_others_where_they_are():
    """The 700 pages before it are written in the same transaction, and go back with it."""
    bulge = a_bulge(701)
    new = {page.pk: JUNE - timedelta(9) for page in bulge} | {bulge[-1].pk: JUNE + timedelta(1)}
    with pytest.raises(ValidationError, match="may fall due on June 30, 2027 at the latest"):
        due.move_many(new, at=NOON, today=DAY, by=ANA, reason="A bulge")
    assert set(due_days().values()) == {JUNE}
    assert not AuditEntry.objects.filter(action=MOVED).exists()


def test_pages_of_many_batches_move_in_few_statements(django_assert_max_num_queries):
    bulge = a_bulge(1_200)
    with django_assert_max_num_queries(30):
        due.move_many(
            {page.pk: JUNE - timedelta(page.pk % 5) for page in bulge}, at=NOON, today=DAY, by=ANA, reason="x"
        )
    assert due_days() == {page.pk: JUNE - timedelta(page.pk % 5) for page in bulge}
    assert AuditEntry.objects.filter(action=MOVED).count() == 1_200


APPLY = """
import django
django.setup()
from articles import rescheduling
from tests.test_planner import ANA, DAY, NOON, on_desk, planned
shown = planned(5).digest
print("planned", flush=True)
rescheduling.apply(on_desk(), per_week=5, shown=shown, at=NOON, today=DAY, by=ANA, reason="A bulge")
"""


def test_a_plan_that_is_killed_half_way_has_moved_nothing_and_stands_in_nobody_s_way(committing_db, tmp_path):
    a_bulge(60)
    before = due_days()
    with slow_audit_trail(0.03):  # 55 entries take more than a second
        applying = subprocess.Popen(
            [sys.executable, "-c", APPLY], cwd=PROJECT, env=environment(tmp_path), stdout=subprocess.PIPE
        )
        assert applying.stdout.readline() == b"planned\n"
        time.sleep(0.4)
        applying.kill()
        assert applying.wait() == -signal.SIGKILL
    assert due_days() == before
    assert not AuditEntry.objects.filter(action=MOVED).exists()
    assert len(applied(5)) == AuditEntry.objects.filter(action=MOVED).count() == 55


@pytest.mark.parametrize("seed", range(30))
def test_whatever_the_library_no_page_goes_beyond_its_limit_and_none_that_is_overdue_moves(seed):
    chance = random.Random(seed)
    today = DAY + timedelta(chance.randrange(7))
    rows = []
    for _ in range(chance.randrange(1, 40)):
        months = chance.choice([None, 6, 12, 24, 36])
        reviewed_on = chance.choice([None, today - timedelta(chance.randrange(1, 1_100))])
        day = chance.choice([today + timedelta(chance.randrange(-60, 90)), today + timedelta(30), None])
        rows.append({"review_months": months, "reviewed_on": reviewed_on, "next_review_on": day})
    many_published(rows)
    per_week = chance.randrange(1, 8)
    before = {row["id"]: row for row in Article.objects.exclude(title="Pattern").values()}
    shown = rescheduling.plan(on_desk(), today=today, per_week=per_week)
    applied(per_week, shown=shown.digest, today=today)
    moved = 0
    for row in Article.objects.exclude(title="Pattern").values():
        was, day = before[row["id"]], row["next_review_on"]
        assert {**row, "next_review_on": None} == {**was, "next_review_on": None}
        if day == was["next_review_on"]:
            continue
        moved += 1
        limit = (
            add_months(row["reviewed_on"], row["review_months"])
            if row["reviewed_on"] and row["review_months"]
            else None
        )
        assert was["next_review_on"] >= today, "an overdue page has moved"
        assert today < day <= (limit or was["next_review_on"])
    assert moved == len(shown.moves) == AuditEntry.objects.filter(action=MOVED).count()
    days_after = [day for day in due_days().values() if day]
    assert sorted(days_after) == sorted(shown.days_after)


# The screen


def a_planner():
    return signed_in(an_account("Date reviewer", "Dana Cole"))


def far(days=200) -> date:
    return timezone.localdate() + timedelta(days)


def a_bulge_to_come(number, **columns) -> list[Article]:
    return a_bulge(number, on=far(), reviewed_on=None, **columns)


def test_the_screen_shows_the_new_days_and_changes_nothing():
    a_bulge_to_come(20)
    days = due_days()
    response = a_planner().get(PLANNER, {"reviewers": "2", "each": "3"})
    assert "14 pages get a new day: 0 later, 14 sooner. Nothing has changed yet." in response.text
    assert "20 pages have a review day; 0 of them are overdue today." in response.text
    assert "1 page has no day" in response.text
    assert len(response.context["rows"]) == 14
    assert response.text.count('<figure class="chart-frame"><svg') == 3
    assert due_days() == days


def test_the_table_beside_the_pictures_has_their_numbers():
    a_bulge_to_come(20)
    late = a_bulge_to_come(1, kind=Kind.STORY, title="Late", slug="late")
    Article.objects.filter(pk=late[0].pk).update(next_review_on=far(-3))
    context = a_planner().get(PLANNER, {"reviewers": "1", "each": "6"}).context
    assert sum(before for _, before, _ in context["load"]) == sum(after for _, _, after in context["load"]) == 20
    assert max(before for _, before, _ in context["load"]) == 20
    assert max(after for _, _, after in context["load"]) == 6
    assert len(context["weeks"]) == len(context["load"]) == 52
    assert sum(week.due for week in context["weeks"]) == 20
    assert "The 1 overdue page comes first" in shown(reviewers="1", each="6")


def shown(**asked: str) -> str:
    return a_planner().get(PLANNER, asked).text


def test_the_first_200_are_shown_and_the_file_has_all():
    a_bulge_to_come(206)
    client = a_planner()
    response = client.get(PLANNER, {"reviewers": "1", "each": "1", "weeks": "4"})
    plan = response.context["plan"]
    assert len(response.context["rows"]) == min(SHOWN, len(plan.moves))
    rows = list(
        csv.DictReader(StringIO(client.get(PLANNER, {"each": "1", "format": "csv"}).content.decode("utf-8-sig")))
    )
    assert [row["Due after"] for row in rows] == [str(move.after) for move in plan.moves]
    assert rows[0]["Due before"] == rows[0]["Last day allowed"] == str(far())
    assert rows[0]["Address"] == f"https://testserver{plan.moves[0].path}"
    workbook = client.get(PLANNER, {"each": "1", "format": "xlsx"})
    assert workbook.headers["Content-Disposition"].startswith('attachment; filename="new-review-days-')


def test_what_is_not_shown_is_counted():
    a_bulge(230, on=far(1_000), reviewed_on=None)
    assert "The first 200 stand here, and 25 more in the file." in shown(each="5")


def test_new_days_are_applied_with_a_reason_and_the_numbers_stay_in_the_address():
    a_bulge_to_come(20)
    client, asked = a_planner(), "?reviewers=2&each=3&weeks=52"
    plan = client.get(PLANNER + asked).context["plan"]
    response = client.post(PLANNER + asked, {"digest": plan.digest, "reason": "Summer"}, follow=True)
    assert response.redirect_chain == [(PLANNER + asked, 302)]
    assert "14 pages moved. Each has the reason in its history." in response.text
    assert "No page gets a new day." in response.text
    assert sorted(day for day in due_days().values() if day) == sorted(plan.days_after)
    assert set(AuditEntry.objects.filter(action=MOVED).values_list("by", "reason")) == {("Dana Cole", "Summer")}


def test_a_plan_that_was_overtaken_is_shown_anew_and_nothing_moves():
    first, *_ = a_bulge_to_come(20)
    client = a_planner()
    shown = client.get(PLANNER).context["plan"].digest
    Article.objects.filter(pk=first.pk).update(next_review_on=far(500))
    days = due_days()
    response = client.post(PLANNER, {"digest": shown, "reason": "Summer"})
    assert response.status_code == 409
    assert "the pages have changed since you opened this page" in response.text
    assert 'value="Summer"' in response.text
    assert response.context["plan"].digest != shown
    assert due_days() == days


@pytest.mark.parametrize("reason", ["", "  ", "\u200b", "x" * 301])
def test_new_days_are_not_applied_without_a_reason(reason):
    a_bulge_to_come(20)
    client = a_planner()
    shown, days = client.get(PLANNER).context["plan"].digest, due_days()
    response = client.post(PLANNER, {"digest": shown, "reason": reason})
    assert response.status_code == 200
    assert "Nothing was moved: see what is missing." in response.text and "errorlist" in response.text
    assert due_days() == days


def test_only_the_pages_of_the_filters_are_planned():
    a_bulge_to_come(8, owner=an_author())
    Article.objects.filter(title="Page 007").update(owner=None)
    client = a_planner()
    asked = f"?owner={an_author().pk}&each=2"
    plan = client.get(PLANNER + asked).context["plan"]
    assert len(plan.due_days) == 7
    client.post(PLANNER + asked, {"digest": plan.digest, "reason": "Summer"})
    assert Article.objects.get(title="Page 007").next_review_on == far()
    assert Article.objects.filter(next_review_on=far()).count() == 3


@pytest.mark.parametrize(
    ("rows", "asked", "said"),
    [
        ([], {}, "With 1 reviewer × 5 pages a week nothing becomes overdue in 52 weeks."),
        ([(200, 4)], {}, "nothing becomes overdue in 52 weeks. 1 page a week would do"),
        ([(-5, 300)], {"weeks": "2"}, "pages are overdue after 2 weeks"),
        ([(-5, 300)], {"weeks": "156"}, "nothing is overdue after the week of "),
    ],
)
def test_the_forecast_in_a_sentence(rows, asked, said):
    many_published({"next_review_on": far(days)} for days, number in rows for _ in range(number))
    assert said in a_planner().get(PLANNER, asked).context["forecast"]


def test_the_number_of_pages_a_week_that_the_sentence_names_is_enough():
    many_published({"next_review_on": far(-5)} for _ in range(300))
    client = a_planner()
    said = client.get(PLANNER, {"reviewers": "3", "each": "1", "weeks": "20"}).context["forecast"]
    needed = int(said.partition("weeks: ")[2].split()[0])
    assert 15 <= needed <= 16  # 300 in 20 weeks, of which the first may have begun
    assert f"{needed} pages a week are needed, {-(-needed // 3)} of each reviewer." in said
    for pace, left in ((needed - 1, True), (needed, False)):
        weeks = client.get(PLANNER, {"reviewers": "1", "each": str(pace), "weeks": "20"}).context["weeks"]
        assert (weeks[-1].overdue > 0) is left


@pytest.mark.parametrize("name", ["reviewers", "each", "weeks", "owner", "role", "kind", "tag", "format"])
@pytest.mark.parametrize(
    "value", ["nonsense", "0", "-1", "201.5", "9" * 30, "²", "1\x00", "\x00", "ü" * 60_000, "<script>"]
)
def test_what_the_address_can_not_mean_is_ignored_with_a_sentence(name, value):
    a_bulge_to_come(6)
    response = a_planner().get(PLANNER, {name: value})
    assert response.status_code == 200
    assert len(response.context["ignored"]) == 1
    assert len(response.context["plan"].due_days) == 6
    assert "<script>”" not in response.text


@pytest.mark.parametrize("digest", ["", "x", "\x00", "9" * 5_000])
def test_a_press_that_is_bound_to_no_plan_moves_nothing(digest):
    a_bulge_to_come(6)
    days = due_days()
    assert a_planner().post(PLANNER, {"digest": digest, "reason": "x"}).status_code == 409
    assert due_days() == days


@pytest.mark.parametrize("number", [30, 300])
def test_ten_queries_are_enough_however_many_pages_there_are(number, django_assert_max_num_queries):
    a_bulge_to_come(number)
    client = a_planner()
    with django_assert_max_num_queries(10):
        assert len(client.get(PLANNER, {"tag": "none"}).context["plan"].due_days) == number
