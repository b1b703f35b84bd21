"""The review desk: its lists and their numbers, what narrows them, what is taken along, and what is done to many at once."""

import csv
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles import due, publishing, review_requests
from articles.admin.desk.pages import due_in_words
from articles.dates import whole_years_between
from articles.desk import AGES, LISTS, SORTS, in_numbers, pages, written_down
from articles.kinds import Kind
from articles.models import Article, AuditEntry, DeskPage, ReviewRequest, StatedReview
from tests.admin import signed_in, staff
from tests.builders import (
    ANA,
    DAY,
    GRACE,
    NOON,
    an_account,
    an_article,
    an_author,
    many_published,
    published,
    reviewed,
    with_see_also,
)

pytestmark = pytest.mark.django_db

Cause = ReviewRequest.Cause
DESK, CHANGE = "/admin/review-desk/", "/admin/review-desk/change/"
NAMES = [each.slug for each in LISTS]


def today() -> date:
    return timezone.localdate()


def in_days(days: int) -> date:
    return today() + timedelta(days)


def a_page(title="Nausea", *, at=None, about=(), tags=(), **columns) -> Article:
    """A page that patients have read since yesterday, with the columns that the desk reads set as the verbs would."""
    page = published(an_article(title, tags=tags), at=at or timezone.now() - timedelta(1))
    Article.objects.filter(pk=page.pk).update(**columns)
    page.refresh_from_db()
    return page


def in_order_page(title="In order", **columns) -> Article:
    """A page that is on no list."""
    kept = {"reviewed_on": in_days(-30), "reviewed_edition": 1, "next_review_on": in_days(700), "review_months": 24}
    return a_page(title, **{**kept, "review_policy": "24 months, because of that", "owner": an_author(), **columns})


def asked(page: Article, about="A reader reported a wrong dose", *, due_on=None, cause=Cause.REPORT) -> ReviewRequest:
    due_on = due_on or in_days(14)
    return review_requests.ask(page, cause=cause, about=about, key=about, due_on=due_on, at=timezone.now(), by=ANA)


def a_planner(name="Dana Cole"):
    return an_account("Date reviewer", name)


def on(slug: str, client=None, **parts) -> set[str]:
    """The titles that the desk shows."""
    response = (client or signed_in(a_planner())).get(DESK, {"list": slug, **parts})
    assert response.status_code == 200
    return {row.article.title for row in response.context["rows"]}


def numbers(client) -> dict[str, int]:
    return {each["heading"]: each["number"] for each in client.get(DESK).context["lists"]}


# The lists


def test_a_page_falls_overdue_the_day_after_its_due_day():
    for days in (-1, 0, 7, 8):
        in_order_page(f"Due in {days}", next_review_on=in_days(days))
    assert on("overdue") == {"Due in -1"}
    assert on("due-7") == {"Due in 0", "Due in 7"}
    assert on("due-30") == {"Due in 0", "Due in 7", "Due in 8"}


@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        ("America/Chicago", datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 11, 22, 10, 59, 59, tzinfo=UTC)),
        ("America/Chicago", datetime(2026, 11, 2, 5, 59, 59, tzinfo=UTC)),  # the night in which the clocks went back
        ("Pacific/Auckland", datetime(2026, 9, 27, 10, 59, 59, tzinfo=UTC)),  # and one in which they went forward
    ],
)
def test_midnight_is_that_of_the_site(settings, zone, last_moment):
    settings.TIME_ZONE = zone
    due_day = timezone.localdate(last_moment)
    in_order_page(at=datetime(2026, 1, 1, tzinfo=UTC), next_review_on=due_day)
    for at, overdue in ((last_moment, 0), (last_moment + timedelta(seconds=1), 1)):
        day = timezone.localdate(at)
        found = in_numbers(pages(at=at, today=day), today=day)
        assert (found["overdue"], found["due-7"]) == (overdue, 1 - overdue)


def test_each_list_has_the_pages_of_its_rule():
    in_order_page()
    in_order_page("Never", reviewed_on=None, reviewed_edition=None, next_review_on=None)
    in_order_page("No policy", review_months=None, review_policy="")
    in_order_page("Nobody's", owner=None)
    in_order_page("A leaver's", owner=an_account("Author", "Lea Ver"))
    an_account("Author", "Lea Ver").__class__.objects.filter(username="lea.ver").update(is_active=False)
    changed = in_order_page("Changed")
    published(changed, at=timezone.now(), note="New dose.")
    late = in_order_page("Late", next_review_on=in_days(-3))
    with_see_also(in_order_page("Pointing"), [late])
    asked(in_order_page("Asked"))
    asked(in_order_page("Citing"), cause=Cause.SOURCE)
    answered = asked(in_order_page("Answered"), cause=Cause.SOURCE)
    review_requests.close(answered, because="It was a mistake.", at=timezone.now(), by=ANA)
    assert on("never") == {"Never"}
    assert on("no-policy") == {"No policy"}
    assert on("no-owner") == {"Nobody's"}
    assert on("owner-gone") == {"A leaver's"}
    assert on("changed") == {"Changed"}
    assert on("related") == {"Pointing"}
    assert on("asked") == {"Asked", "Citing"}
    assert on("source") == {"Citing"}
    assert on("overdue") == {"Late"}
    assert len(on("")) == 11


def test_the_numbers_of_the_lists_are_those_of_their_pages():
    for days in (-400, -1, 0, 3, 20, 50, 80, 200):
        in_order_page(f"Due in {days}", next_review_on=in_days(days))
    client = signed_in(a_planner())
    said = numbers(client)
    assert said["All pages"] == 8
    assert {each.heading: len(on(each.slug, client)) for each in LISTS} == {
        heading: number for heading, number in said.items() if heading != "All pages"
    }
    assert said["Overdue"] == 2


def test_pages_that_are_written_down_count_as_those_they_were_made_from_and_nothing_of_them_stays():
    for days in (-400, 3, 80):
        in_order_page(f"Due in {days}", next_review_on=in_days(days))
    found = pages(at=timezone.now(), today=today())
    with pytest.raises(ZeroDivisionError), written_down(found):
        raise ZeroDivisionError
    with written_down(found.filter(next_review_on__lt=in_days(50))) as few:
        whose = an_author().username
        assert set(few.values_list("title", "owner__username")) == {("Due in -400", whose), ("Due in 3", whose)}
    with written_down(found) as every:
        assert in_numbers(every, today=today()) == in_numbers(found, today=today())
    assert DeskPage._meta.db_table not in connection.introspection.table_names()


def test_what_patients_do_not_read_is_not_on_the_desk():
    an_article("Draft")
    withdrawn = in_order_page("Withdrawn")
    publishing.withdraw(withdrawn, at=timezone.now(), by=GRACE, reason="Old.")
    archived = in_order_page("Archived")
    Article.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    in_order_page("Live")
    assert on("") == {"Live"}


def test_the_numbers_follow_the_filters_and_the_current_list_is_marked():
    in_order_page("Ana's", next_review_on=in_days(-1))
    in_order_page("Dana's", owner=a_planner(), next_review_on=in_days(-1))
    response = signed_in(a_planner()).get(DESK, {"owner": "me", "list": "overdue"})
    assert {each["heading"]: each["number"] for each in response.context["lists"]}["Overdue"] == 1
    assert re.findall(r'aria-current="page">(\w+) ', response.text) == ["Overdue"]


def test_a_row_says_what_the_desk_knows():
    late = in_order_page("Late", next_review_on=in_days(-12), review_policy="12 months, because its kind is Story")
    a_page("New")
    client = signed_in(a_planner())
    text = client.get(DESK).text
    assert "12 days overdue" in text and "12 months, because its kind is Story" in text
    assert "Never reviewed" in text and "No policy" in text and "No owner" in text
    assert reverse("admin:articles_article_change", args=[late.pk]) in text
    assert f"{reverse('admin:articles_review_add')}?article={late.pk}" in text


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1200, "1,200 days overdue"), (-1, "1 day overdue"), (0, "due today"), (1, "in 1 day"), (30, "in 30 days")],
)
def test_the_due_day_in_words(days, words):
    day = date(2028, 2, 29)
    assert due_in_words(day + timedelta(days), today=day) == words


def test_a_review_takes_a_page_off_the_list():
    page = a_page("Checked")
    assert on("never") == {"Checked"}
    reviewed(page, at=timezone.now(), on=today(), next_on=in_days(365))
    assert on("never") == set()


# Filters


def test_pages_are_found_by_owner_role_kind_tag_age_and_words_of_the_title():
    role = Group.objects.get(name="Author")
    in_order_page("Ana's page")
    in_order_page("Role’s page", owner=None, owner_group=role)
    in_order_page("A story", kind=Kind.STORY)
    a_page("Tagged page", tags=["chemo"], owner=a_planner())
    in_order_page("Old review", reviewed_on=today().replace(year=today().year - 4, day=1))
    client = signed_in(a_planner())
    assert on("", client, owner="me") == {"Tagged page"}
    assert on("", client, owner=str(an_author().pk)) == {"Ana's page", "A story", "Old review"}
    assert on("", client, role=str(role.pk)) == {"Role’s page"}
    assert on("", client, kind="story") == {"A story"}
    assert on("", client, tag="chemo") == {"Tagged page"}
    assert on("", client, age="never") == {"Tagged page"}
    assert on("", client, age="3") == {"Old review"}
    in_order_page("Christmas", next_review_on=date(2099, 12, 24))
    assert on("", client, due="2099-12") == on("", client, due="2099-12-24") == {"Christmas"}
    assert on("", client, due="2099-11") == on("", client, due="2099-12-25") == set()
    assert on("", client, q="page ANA") == {"Ana's page"}
    assert on("never", client, tag="chemo", owner="me") == {"Tagged page"}


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2028, 2, 29), date(2027, 2, 28)])
def test_every_review_has_one_age_by_the_years_that_have_passed(day):
    page = in_order_page()
    for years in range(7):
        for days in (-2, -1, 0, 1, 2):
            reviewed_on = date(day.year - years, day.month, min(day.day, 28)) + timedelta(days)
            if reviewed_on > day:
                continue
            Article.objects.filter(pk=page.pk).update(reviewed_on=reviewed_on)
            counted = [age.label for age in AGES if Article.objects.filter(age.rule(day)).exists()]
            passed = whole_years_between(reviewed_on, day)
            labels = ["Less than a year", "1 year", "2 years", "3 or 4 years", "3 or 4 years", "5 years and more"]
            assert counted == [labels[min(passed, 5)]], (reviewed_on, day)


def test_a_list_is_ordered_as_asked():
    in_order_page("A", next_review_on=in_days(9), reviewed_on=in_days(-3), owner=an_author("Zoe Abel"))
    in_order_page("B", next_review_on=in_days(5), reviewed_on=in_days(-2), owner=None, owner_group=role())
    in_order_page("C", next_review_on=None, reviewed_on=None, owner=an_author("Abe Zell"))
    client = signed_in(a_planner())

    def order(sort):
        return "".join(row.article.title for row in client.get(DESK, {"sort": sort}).context["rows"])

    assert {sort: order(sort) for sort in ("", *SORTS)} == {
        "": "BAC",
        "due": "BAC",
        "due-last": "ABC",
        "reviewed": "CAB",
        "reviewed-last": "BAC",
        "title": "ABC",
        "kind": "ABC",
        "owner": "ACB",
    }


@pytest.mark.parametrize("name", ["list", "owner", "role", "kind", "tag", "age", "due", "sort", "page", "format"])
@pytest.mark.parametrize("value", ["nonsense", "0", "-1", "9" * 30, "1\x00", "\x00", "ü" * 60_000, "<script>"])
def test_what_the_address_can_not_mean_is_ignored_with_a_sentence(name, value):
    in_order_page("Live")
    if (name, value) == ("age", "0"):
        return  # an age of less than a year
    response = signed_in(a_planner()).get(DESK, {name: value})
    assert response.status_code == 200
    assert [row.article.title for row in response.context["rows"]] == ["Live"]
    assert len(response.context["ignored"]) == 1
    assert "Not everything in the address could be followed" in response.text
    assert "<script>”" not in response.text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_list_that_was_not_understood_is_not_taken_along(form):
    """A bookmark names an owner who has no page any more: a file of everybody’s pages would not say that it is one."""
    in_order_page("Live")
    response = signed_in(a_planner()).get(DESK, {"owner": "999999", "format": form})
    assert response.headers["Content-Type"].startswith("text/html")
    assert len(response.context["ignored"]) == 1


@pytest.mark.parametrize("words", ["\x00", "ü" * 60_000, "a " * 5_000, "100%", "'; --"])
def test_any_words_are_looked_for(words):
    in_order_page("Live")
    assert signed_in(a_planner()).get(DESK, {"q": words}).status_code == 200


def test_an_empty_list_says_so():
    client = signed_in(a_planner())
    assert "No page is on this list." in client.get(DESK, {"list": "overdue"}).text
    assert "with these filters" in client.get(DESK, {"list": "overdue", "kind": "story"}).text


def test_what_the_lists_ask_of_editions_is_what_the_ledger_says():
    """The desk asks two columns; here the editions themselves are asked, at many moments and after each act."""
    days = [NOON + timedelta(days=number) for number in range(12)]
    article = an_article("Nausea")

    def check():
        for at in [NOON - timedelta(days=1), *days]:
            live = article.editions.not_cancelled().filter(published_at__lte=at).order_by("-number").first()
            last = due.last_review(article)
            found = pages(at=at, today=at.date()).filter(pk=article.pk).first()
            assert (found is not None) == (live is not None)
            if found:
                assert bool(found.is_changed) == (last is not None and live.number > last.edition.number)

    check()
    first = publishing.publish(article, at=days[0], by=ANA, bypass_reason="A test.", live_at=days[2])
    check()
    publishing.call_off_edition(first, at=days[1], by=ANA)
    check()
    published(article, at=days[1])
    check()
    wrong = reviewed(article, at=days[2], on=days[2].date())
    check()
    later = publishing.publish(
        article, at=days[3], by=ANA, bypass_reason="A test.", note="A new dose.", live_at=days[6]
    )
    check()
    publishing.call_off_edition(later, at=days[4], by=ANA)
    check()
    published(article, at=days[5], note="A new dose.")
    check()
    reviewed(article, at=days[6], on=days[6].date())
    check()
    published(article, at=days[7], note="A newer dose.")
    check()
    reviewed(article, at=days[8], on=days[2].date(), supersedes=wrong)
    check()


# What it costs


@pytest.mark.parametrize("number", [30, 300])
def test_ten_queries_are_enough_however_many_pages_there_are(number, django_assert_max_num_queries):
    published(an_article("Tagged", tags=["chemo"]), at=timezone.now() - timedelta(1))
    many_published({"kind": "story", "next_review_on": in_days(each - 20)} for each in range(number - 2))
    client = signed_in(a_planner())
    with django_assert_max_num_queries(10):
        response = client.get(DESK)
    assert response.context["number"] == number
    assert len(response.context["rows"]) == min(50, number)
    with django_assert_max_num_queries(10):
        client.get(DESK, {"list": "overdue", "owner": "me", "tag": "chemo", "q": "page", "page": "2"})


# Pictures and numbers


def test_the_pictures_have_the_same_numbers_beside_them():
    in_order_page("Soon", next_review_on=today())
    in_order_page("Late", next_review_on=in_days(-1))
    in_order_page("Far", next_review_on=in_days(3000))
    a_page("Never")
    response = signed_in(a_planner()).get(DESK)
    counted = response.context["counted"]
    assert sum(bar.value for bar in counted.months) == 1 and counted.months[0].value == 1
    assert len(counted.months) == 18
    assert (counted.overdue, counted.later, counted.undated) == (1, 1, 1)
    assert [(share.label, share.number) for share in counted.ages if share.number] == [
        ("Never reviewed", 1),
        ("Less than a year", 3),
    ]
    assert [(share.label, share.number) for share in counted.owners] == [("Ana Ruiz", 3), ("No owner", 1)]
    assert response.text.count('<figure class="chart-frame"><svg') == 2
    assert response.text.count("<details>") == 2


def test_an_age_and_a_month_lead_to_their_pages():
    in_order_page("Soon", next_review_on=today())
    text = signed_in(a_planner()).get(DESK, {"kind": "in_depth"}).text
    assert '<a href="?kind=in_depth&amp;age=0">Less than a year</a>' in text
    assert f'<a href="?kind=in_depth&amp;due={today():%Y-%m}">{today():%b %Y}</a>' in text


def test_a_row_says_what_its_source_states_and_why_it_is_asked_for():
    stated = a_page("Stated")
    StatedReview.objects.create(
        article=stated, reviewed_on=date(2021, 3, 15), source="dates.tsv", imported_at=timezone.now(), imported_by="Ana"
    )
    asked(stated)
    asked(stated, "A link is dead", due_on=in_days(3))
    text = signed_in(a_planner()).get(DESK).text
    assert "Never reviewed here; March 15, 2021 as stated by its source" in text
    assert f"A link is dead (wanted by {date_format(in_days(3))}, and 1 more)" in text


# Taking it along


def test_a_list_is_taken_along_as_csv_with_every_date_owner_and_policy():
    in_order_page("=Late", next_review_on=in_days(-12), review_policy="24 months, because", owner_group=role())
    in_order_page("Elsewhere")
    asked(Article.objects.get(title="=Late"), "A link is dead", due_on=in_days(3))
    response = signed_in(a_planner()).get(DESK, {"list": "overdue", "format": "csv"})
    assert f"overdue-{today()}.csv" in response.headers["Content-Disposition"]
    (row,) = csv.DictReader(StringIO(response.content.decode("utf-8-sig")))
    assert row == {
        "Title": "'=Late",
        "Address": f"https://testserver{Article.objects.get(title='=Late').get_absolute_url()}",
        "Kind": "In-depth",
        "Owner": "Ana Ruiz",
        "Role": "Author",
        "Policy": "24 months, because",
        "Months": "24",
        "Published": str(timezone.localdate(timezone.now() - timedelta(1))),
        "Updated": "",
        "Reviewed": str(in_days(-30)),
        "Next review due": str(in_days(-12)),
        "Days overdue": "12",
        "Changed since review": "no",
        "Reviewed, as stated by the source": "",
        "Extra review asked for because": "A link is dead",
        "Wanted by": str(in_days(3)),
    }


def test_a_list_is_taken_along_as_xlsx():
    in_order_page("Late", next_review_on=in_days(-12))
    response = signed_in(a_planner()).get(DESK, {"format": "xlsx"})
    assert "Late" in ZipFile(BytesIO(response.content)).read("xl/worksheets/sheet1.xml").decode()


def role() -> Group:
    return Group.objects.get(name="Author")


# Many at once


def ticked(*articles, **answers) -> dict:
    return {"article": [article.pk for article in articles], "query": "list=overdue", **answers}


def test_a_first_page_asks_and_changes_nothing():
    page = in_order_page()
    response = signed_in(a_planner()).post(CHANGE, ticked(page, act="assign"))
    assert "In order" in response.text and "/admin/review-desk/?list=overdue" in response.text
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.ASSIGNED).exists()


def test_pages_are_given_to_a_person_and_a_role():
    first, second = in_order_page("First", owner=None), in_order_page("Second", owner=a_planner(), owner_group=role())
    answers = {"owner": a_planner().pk, "role": role().pk, "reason": "Ana left"}
    response = signed_in(a_planner()).post(CHANGE, ticked(first, second, act="assign", confirmed="yes", **answers))
    assert "First</a>: assigned" in response.text and "Second</a>: was theirs already" in response.text
    first.refresh_from_db()
    assert (first.owner, first.owner_group) == (a_planner(), role())
    entry = AuditEntry.objects.get(action=AuditEntry.Action.ASSIGNED)
    assert (entry.by, entry.reason) == ("Dana Cole", "Ana left")


@pytest.mark.parametrize(
    "answers", [{}, {"owner": "9" * 30}, {"owner": "x"}, {"role": "\x00"}, {"role": "1", "reason": "x" * 301}]
)
def test_an_owner_that_is_not_there_is_asked_for_again(answers):
    page = in_order_page()
    response = signed_in(a_planner()).post(CHANGE, ticked(page, act="assign", confirmed="yes", **answers))
    assert response.status_code == 200 and "errorlist" in response.text
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.ASSIGNED).exists()


def test_due_days_are_moved_and_each_refusal_is_told_while_the_others_go_on():
    fine = in_order_page("Fine", next_review_on=in_days(10))
    bound = in_order_page("Bound", next_review_on=in_days(10), review_months=1, reviewed_on=in_days(-10))
    never = in_order_page("Never", next_review_on=None, reviewed_on=None)
    answers = {"to": str(in_days(60)), "reason": "Guideline in March"}
    response = signed_in(a_planner()).post(CHANGE, ticked(fine, bound, never, act="move", confirmed="yes", **answers))
    assert "1 moved, 2 not moved" in response.text
    assert "at the latest: 24 months" in response.text and "has no day that could be moved" in response.text
    due_days = dict(Article.objects.values_list("title", "next_review_on"))
    assert due_days == {"Fine": in_days(60), "Bound": in_days(10), "Never": None}
    assert dict(Article.objects.values_list("title", "reviewed_on"))["Fine"] == in_days(-30)


@pytest.mark.parametrize("answers", [{"to": "", "reason": "x"}, {"to": "31.2.2027", "reason": "x"}, {"reason": "  "}])
def test_a_day_is_not_moved_without_a_day_and_a_reason(answers):
    page = in_order_page(next_review_on=in_days(10))
    sent = {"to": str(in_days(60)), **answers}
    response = signed_in(a_planner()).post(CHANGE, ticked(page, act="move", confirmed="yes", **sent))
    assert "errorlist" in response.text
    page.refresh_from_db()
    assert page.next_review_on == in_days(10)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"act": "assign"}, "No page is ticked"),
        ({"act": "assign", "article": ["\x00", "x", "9" * 40]}, "No page is ticked"),
        ({"act": "assign", "article": [str(number) for number in range(1, 102)]}, "You chose 101 pages"),
        ({"act": "review", "article": ["1"]}, "could not be read"),
    ],
)
def test_what_can_not_be_done_leads_back_to_the_list_with_a_sentence(sent, said):
    client = signed_in(a_planner())
    response = client.post(CHANGE, {"query": "list=overdue", **sent}, follow=True)
    assert said in response.text
    assert response.redirect_chain[0][0] == f"{DESK}?list=overdue"


def test_pages_that_patients_no_longer_read_are_left_alone_and_said():
    draft, live = an_article("Draft"), in_order_page()
    response = signed_in(a_planner()).post(CHANGE, ticked(draft, live, act="assign", confirmed="yes", role=role().pk))
    assert "1 of those that you ticked is no longer on the desk" in response.text
    draft.refresh_from_db()
    assert draft.owner_group is None


# Who


def test_who_may_only_look_is_offered_no_changes():
    in_order_page("Live")
    text = signed_in(staff("use_review_desk")).get(DESK).text
    assert "Live" in text and 'type="checkbox"' not in text and "Record a review" not in text


def test_the_first_page_of_the_admin_leads_to_the_desk():
    assert DESK in signed_in(a_planner()).get("/admin/").text
    assert DESK not in signed_in(an_author()).get("/admin/").text


@pytest.mark.parametrize(("days", "refused"), [(3_640, False), (3_700, True)])
def test_a_day_more_than_ten_years_ahead_is_a_slip_of_the_finger(days, refused):
    article = published()
    reviewed(article)
    article.refresh_from_db()
    with pytest.raises(ValidationError, match="No page goes longer than 120 months") if refused else nullcontext():
        due.move(article, DAY + timedelta(days), at=NOON, today=DAY, by=ANA, reason="Guideline expected.")
