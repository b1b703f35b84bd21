"""Of the reviews that find nothing to change, a share is made once more by somebody else, whom chance alone picks out."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from articles import review_requests, reviewing
from articles.models import AuditEntry, Review, ReviewRequest
from articles.people import Person
from articles.second_reviewer import is_drawn
from library import env
from tests.admin import signed_in, staff
from tests.builders import DAY, NOON, an_article, published
from tests.test_review_requests import review_fields, review_form

pytestmark = pytest.mark.django_db
GRACE, PAT = Person("Grace Obi", 12), Person("Pat Doe", 34)


@pytest.fixture
def article():
    return published(an_article(), at=NOON - timedelta(days=365))


@pytest.fixture
def all_drawn(settings):
    settings.REVIEW_SAMPLE_PERCENT = 100


def reviewed(article, *, by=GRACE, name="", on=DAY, answers=(), **fields) -> Review:
    defaults = {"outcome": "no_change", "evidence": "ASCO guideline 2024", "next_review_on": date(2029, 11, 22)}
    review = Review(article=article, reviewed_on=on, reviewer_name=name or by.name, **{**defaults, **fields})
    return reviewing.record_review(review, at=NOON, by=by, answers=answers)


# The draw


@pytest.mark.parametrize(
    ("percent", "least", "most"), [(0, 0, 0), (1, 50, 150), (10, 850, 1150), (100, 10_000, 10_000)]
)
def test_of_ten_thousand_reviews_about_the_percentage_is_drawn(percent, least, most):
    """The limits are five standard deviations away."""
    assert least <= sum(is_drawn(number, percent=percent) for number in range(10_000)) <= most


def test_the_draw_is_the_same_whenever_it_is_computed_and_another_with_another_key(settings):
    first = [is_drawn(number, percent=50) for number in range(100)]
    assert [is_drawn(number, percent=50) for number in range(100)] == first
    settings.SECRET_KEY = "another key"
    assert [is_drawn(number, percent=50) for number in range(100)] != first


def test_what_is_drawn_at_a_low_percentage_is_drawn_at_a_higher_one():
    low, high = ({n for n in range(1000) if is_drawn(n, percent=percent)} for percent in (10, 20))
    assert low < high


@pytest.mark.parametrize("value", ["-1", "101", "ten", "5.5"])
def test_a_percentage_that_is_none_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("REVIEW_SAMPLE_PERCENT", value)
    with pytest.raises(env.ImproperlyConfigured, match="Write a whole number from 0 to 100"):
        env.number("REVIEW_SAMPLE_PERCENT", default=10, least=0, most=100)


# Which reviews


def test_a_review_that_is_drawn_asks_for_a_second_reviewer_in_thirty_days(article, all_drawn):
    review = reviewed(article)
    request = ReviewRequest.objects.get()
    assert (request.cause, request.key, request.not_by_account) == ("second", f"second:{review.pk}", 12)
    assert request.due_on == DAY + timedelta(days=30)
    assert "Grace Obi found nothing to change on November 22, 2026." in request.about
    assert AuditEntry.objects.filter(action="review_asked", by="The sample of reviews").count() == 1


def test_the_dates_of_the_page_are_those_of_the_first_review(article, all_drawn):
    reviewed(article)
    article.refresh_from_db()
    assert (article.reviewed_on, article.next_review_on) == (DAY, date(2029, 11, 22))


@pytest.mark.parametrize("outcome", ["minor", "major", "withdraw", "escalate"])
def test_a_review_that_finds_something_is_not_drawn(article, all_drawn, outcome):
    reviewed(article, outcome=outcome)
    assert not ReviewRequest.objects.filter(cause="second").exists()


def test_a_review_of_parts_is_not_drawn(article, all_drawn):
    reviewed(article, scope="part", parts=["part:see-also"], next_review_on=None)
    assert not ReviewRequest.objects.exists()


def test_a_correction_is_not_drawn(article, settings):
    wrong = reviewed(article)
    settings.REVIEW_SAMPLE_PERCENT = 100
    reviewed(article, supersedes=wrong)
    assert not ReviewRequest.objects.exists()


@pytest.mark.parametrize(
    "before", [{"outcome": "minor"}, {"scope": "part", "parts": ["part:see-also"], "next_review_on": None}]
)
def test_a_record_that_becomes_one_of_no_change_takes_part_in_the_draw(article, all_drawn, before):
    wrong = reviewed(article, **before)
    right = reviewed(article, supersedes=wrong)
    assert ReviewRequest.objects.get().key == f"second:{right.pk}"


def test_with_a_share_of_none_nothing_is_drawn(article, settings):
    settings.REVIEW_SAMPLE_PERCENT = 0
    reviewed(article)
    assert not ReviewRequest.objects.exists()


def test_a_second_review_answers_the_request_and_is_not_drawn_again(article, all_drawn):
    reviewed(article)
    second = reviewed(article, by=PAT, answers=[ReviewRequest.objects.get()])
    request = ReviewRequest.objects.get()
    assert (request.review, request.closed_by) == (second, "Pat Doe")


def test_a_review_of_parts_does_not_answer_it(article, all_drawn):
    reviewed(article)
    parts = {"scope": "part", "parts": ["part:media"], "next_review_on": None}
    with pytest.raises(ValidationError, match="a review of parts doesn’t answer it"):
        reviewed(article, by=PAT, answers=[ReviewRequest.objects.get()], **parts)
    assert ReviewRequest.objects.get().closed_at is None


def test_the_first_reviewer_does_not_close_it_and_somebody_else_may(article, all_drawn):
    reviewed(article)
    request = ReviewRequest.objects.get()
    with pytest.raises(ValidationError, match="Somebody else has to close it"):
        review_requests.close(request, because="Looks fine to me.", at=NOON, by=GRACE)
    review_requests.close(request, because="The page is rewritten next week.", at=NOON, by=PAT)
    assert ReviewRequest.objects.get().closed_by == "Pat Doe"


# Who may not be the second


@pytest.mark.parametrize(
    ("by", "name"),
    [
        (GRACE, "Grace Obi"),
        (GRACE, "Pat Doe"),
        (Person("G. Obi", 12), "Pat Doe"),
        (Person("grace  OBI", 99), "grace  OBI"),
        (PAT, "Grace Obi"),
    ],
)
def test_the_first_reviewer_does_not_answer_by_account_or_by_name(article, all_drawn, by, name):
    reviewed(article)
    with pytest.raises(ValidationError) as refusal:
        reviewed(article, by=by, name=name, answers=[ReviewRequest.objects.get()])
    [said] = refusal.value.message_dict["answers"]
    assert "It asks for a second reviewer, and the first review is by Grace Obi." in said
    assert review_requests.open_requests(article).count() == 1
    assert Review.objects.count() == 1


def test_who_typed_the_first_review_in_does_not_answer_either(article, all_drawn):
    reviewed(article, by=Person("Sam Key", 56), name="Grace Obi")
    assert review_requests.why_not(ReviewRequest.objects.get(), Person("Sam Key", 56))
    assert review_requests.why_not(ReviewRequest.objects.get(), Person("Grace Obi", 12))
    assert not review_requests.why_not(ReviewRequest.objects.get(), PAT)


def test_a_name_that_was_changed_since_hides_nobody(article, all_drawn):
    reviewed(article)
    with pytest.raises(ValidationError):
        reviewed(article, by=Person("Grace Miller", 12), answers=[ReviewRequest.objects.get()])


def test_the_form_shows_who_may_not_answer_and_why(article, all_drawn):
    grace = staff("use_review_desk", "add_review", "view_review")
    User.objects.filter(pk=grace.pk).update(first_name="Grace", last_name="Obi")
    reviewed(article, by=Person("Grace Obi", grace.pk))
    page = review_form(signed_in(User.objects.get(pk=grace.pk)), article)
    assert page.context["adminform"].form.initial["answers"] == []
    assert "You can’t answer this one. It asks for a second reviewer" in page.text
    other = staff("use_review_desk", "add_review", "view_review")
    page = review_form(signed_in(other), article)
    assert page.context["adminform"].form.initial["answers"] == [ReviewRequest.objects.get().pk]
    forged = review_fields(page, reviewer_name="grace obi")
    response = signed_in(other).post("/admin/articles/review/add/", forged)
    assert "Somebody else has to answer it, so untick it." in response.text
    assert Review.objects.count() == 1


def test_the_first_reviewer_is_told_before_the_button_that_somebody_else_closes_it(article, all_drawn):
    grace, other = (staff("use_review_desk", "add_review", "view_review") for _ in range(2))
    User.objects.filter(pk=grace.pk).update(first_name="Grace", last_name="Obi")
    reviewed(article, by=Person("Grace Obi", grace.pk))
    closing = f"/admin/articles/reviewrequest/{ReviewRequest.objects.get().pk}/close/"
    assert "Somebody else has to close it." in signed_in(User.objects.get(pk=grace.pk)).get(closing).text
    assert "Somebody else has to close it." not in signed_in(other).get(closing).text
