"""The reviewers in numbers: who reviews how much, how fast, and with what result."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import review_requests, reviewing
from articles.models import Review, ReviewRequest
from articles.people import Person
from articles.review_statistics import reviewers
from tests.admin import signed_in, staff
from tests.builders import DAY, NOON, an_article, published

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/review-desk/reviewers/"
GRACE, MAX = Person("Grace Obi", 7), Person("Max Roy", 8)


@pytest.fixture(autouse=True)
def no_sample(settings):
    settings.REVIEW_SAMPLE_PERCENT = 0


def a_review(article=None, *, by=GRACE, name="", outcome="no_change", seconds=300, at=NOON, answers=(), **fields):
    if fields.get("scope") != "part":
        fields.setdefault("next_review_on", date(2029, 11, 22))
    review = Review(
        article=article or published(an_article(f"Page {Review.objects.count()}")),
        reviewed_on=fields.pop("on", timezone.localdate(at)),
        reviewer_name=name or by.name,
        outcome=outcome,
        evidence="NICE NG12",
        seconds_on_page=seconds,
        **fields,
    )
    return reviewing.record_review(review, at=at, by=by, answers=answers)


def numbers(*, since=DAY - timedelta(365), until=DAY):
    return {person.name: person for person in reviewers(since=since, until=until)}


def test_whole_pages_and_parts_are_counted_apart():
    page = published()
    a_review(page)
    a_review(page, outcome="minor")
    a_review(page, scope="part", parts=["part:media"], outcome="major")
    a_review(by=MAX)
    grace, max_ = numbers()["Grace Obi"], numbers()["Max Roy"]
    assert (grace.whole, grace.parts, grace.no_change) == (2, 1, 1)
    assert (max_.whole, max_.parts) == (1, 0)


def test_the_most_reviews_come_first():
    a_review(by=MAX)
    a_review(by=GRACE)
    a_review(by=GRACE)
    assert list(numbers()) == ["Grace Obi", "Max Roy"]


def test_a_record_that_was_corrected_is_not_counted_and_its_correction_is():
    page = published()
    wrong = a_review(page, outcome="major")
    a_review(page, supersedes=wrong)
    grace = numbers()["Grace Obi"]
    assert (grace.whole, grace.no_change) == (1, 1)


def test_both_days_of_the_period_belong_to_it():
    page = published(at=NOON - timedelta(40))
    for days in (0, 10, 20, 30):
        a_review(page, on=DAY - timedelta(days))
    assert numbers(since=DAY - timedelta(20), until=DAY - timedelta(10))["Grace Obi"].whole == 2


@pytest.mark.parametrize(("reviews", "share"), [(4, None), (5, 0.8)])
def test_no_share_is_given_of_fewer_than_five(reviews, share):
    page = published()
    a_review(page, outcome="minor")
    for _ in range(reviews - 1):
        a_review(page)
    assert numbers()["Grace Obi"].share_of_no_change == share


def test_one_account_is_one_person_under_every_name_and_goes_by_the_newest():
    page = published(at=NOON - timedelta(9))
    a_review(page, by=Person("Grace Lee", 7), on=DAY - timedelta(5))
    a_review(page, by=GRACE)
    assert {name: each.whole for name, each in numbers().items()} == {"Grace Obi": 2}


def test_a_record_typed_in_by_somebody_else_is_its_reviewers_without_a_time():
    page = published()
    a_review(page, by=MAX, name="grace  OBI", seconds=20)
    assert {name: each.whole for name, each in numbers().items()} == {"grace  OBI": 1}
    a_review(page, by=GRACE)
    (grace,) = numbers().values()
    assert (grace.whole, grace.seconds, grace.under_a_minute) == (2, [300], 0)


def test_two_accounts_of_one_name_are_two_people():
    page = published()
    a_review(page, by=GRACE)
    a_review(page, by=Person("Grace Obi", 9))
    assert [person.whole for person in reviewers(since=DAY, until=DAY)] == [1, 1]


def test_the_time_is_told_by_its_median_and_by_what_is_under_a_minute():
    page = published()
    for seconds in (59, 60, 600, None):
        a_review(page, seconds=seconds)
    grace = numbers()["Grace Obi"]
    assert (grace.median_seconds, grace.under_a_minute, len(grace.seconds)) == (60, 1, 3)
    a_review(page, by=MAX, seconds=None)
    assert numbers()["Max Roy"].median_seconds is None


@pytest.mark.parametrize(("seconds", "faster"), [(0, 1), (119, 1), (120, 0), (600, 0)])
def test_800_words_take_two_minutes_to_read_on_either_database(seconds, faster):
    """Ten sections with 80 blanks each. PostgreSQL writes more blanks, between the values of a section."""
    body = "<p>" + " ".join(["word"] * 81) + "</p>"
    page = published(an_article(sections=[(f"Heading{number}", body) for number in range(10)]))
    a_review(page, seconds=seconds)
    assert numbers()["Grace Obi"].faster_than_reading == faster


def drawn(review) -> ReviewRequest:
    return review_requests.ask(
        review.article,
        cause=ReviewRequest.Cause.SECOND,
        about="Drawn.",
        key=f"{review_requests.SECOND_KEY}{review.pk}",
        due_on=DAY + timedelta(30),
        at=NOON,
        by=MAX,
        not_by_account=GRACE.account,
    )


def test_second_reviews_are_counted_for_the_first_reviewer():
    waiting, agreed, differed = (a_review() for _ in range(3))
    drawn(waiting)
    a_review(agreed.article, by=MAX, answers=[drawn(agreed)])
    a_review(differed.article, by=MAX, outcome="major", answers=[drawn(differed)])
    grace, max_ = numbers()["Grace Obi"], numbers()["Max Roy"]
    assert (grace.drawn, grace.seconded, grace.differed) == (3, 2, 1)
    assert (max_.drawn, max_.whole) == (0, 2)


def test_a_corrected_first_review_keeps_its_second_and_a_corrected_second_counts_as_corrected():
    first = a_review()
    second = a_review(first.article, by=MAX, outcome="major", answers=[drawn(first)])
    a_review(first.article, supersedes=first)
    assert numbers()["Grace Obi"].differed == 1
    a_review(first.article, by=MAX, supersedes=second)
    grace = numbers()["Grace Obi"]
    assert (grace.seconded, grace.differed) == (1, 0)


def test_two_queries_are_enough(django_assert_num_queries):
    for _ in range(3):
        drawn(a_review())
    with django_assert_num_queries(2):
        numbers()


# The screen


def lead():
    return signed_in(staff("plan_reviews", "view_review"))


def test_the_table_says_what_was_counted_and_leads_to_the_reviews():
    page = published(at=timezone.now() - timedelta(2))
    for _ in range(5):
        a_review(page, at=timezone.now(), seconds=90)
    client = lead()
    text = client.get(ADDRESS).text
    assert "5 of 5 (100%)" in text and "1 min 30 s" in text and "0 of 5" in text
    assert "never a verdict" in text
    (row,) = client.get(ADDRESS).context["rows"]
    assert client.get(row.address).context["cl"].result_count == 5


def test_the_period_is_the_last_twelve_months_unless_the_address_says_another():
    today = timezone.localdate()
    a_review(published(at=timezone.now() - timedelta(900)), at=timezone.now(), on=today - timedelta(800))
    client = lead()
    assert "Nobody has recorded a review in this period" in client.get(ADDRESS).text
    asked = {"from": str(today - timedelta(800)), "until": str(today)}
    assert "Grace Obi" in client.get(ADDRESS, asked).text


@pytest.mark.parametrize("name", ["from", "until", "format"])
@pytest.mark.parametrize("value", ["nonsense", "2026-02-30", "9" * 30, "1\x00", "ü" * 60_000, "<script>"])
def test_what_the_address_can_not_mean_is_ignored_with_a_sentence(name, value):
    response = lead().get(ADDRESS, {name: value})
    assert response.status_code == 200
    assert len(response.context["period"].ignored) == 1
    assert "<script>”" not in response.text


def test_numbers_of_another_period_than_was_asked_for_are_not_taken_along():
    response = lead().get(ADDRESS, {"from": "2026-02-30", "format": "csv"})
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("asked", "ignored"),
    [
        ({"from": "2026-02-01", "until": "2026-01-01"}, 1),
        ({"from": "0001-01-01", "until": "9999-12-31"}, 0),
        ({"until": "0001-01-01"}, 0),
        ({"until": "2028-02-29"}, 0),
    ],
)
def test_any_period_is_answered(asked, ignored):
    response = lead().get(ADDRESS, asked)
    assert len(response.context["period"].ignored) == ignored


def test_the_numbers_are_taken_along_as_csv_and_xlsx():
    today = timezone.localdate()
    a_review(published(at=timezone.now() - timedelta(2)), at=timezone.now(), by=Person("=Grace", 7), seconds=90)
    client = lead()
    response = client.get(ADDRESS, {"format": "csv"})
    (row,) = csv.DictReader(StringIO(response.content.decode("utf-8-sig")))
    assert (row["Reviewer"], row["Reviews of whole pages"], row["Share of no change"]) == ("'=Grace", "1", "")
    assert (row["Median seconds on the page"], row["Under a minute"]) == ("90", "0")
    assert str(today) in response.headers["Content-Disposition"]
    assert client.get(ADDRESS, {"format": "xlsx"}).content.startswith(b"PK")


def test_the_numbers_are_for_those_who_plan_the_reviews():
    assert (
        signed_in(staff("use_review_desk", "view_review")).get(reverse("admin:review_desk_reviewers")).status_code
        == 403
    )
