"""A review that says that a page should be changed, withdrawn or decided about is heard: the page gets an extra review."""

from datetime import timedelta

import pytest

from articles.desk import pages
from articles.models import AuditEntry, ReviewRequest
from articles.publishing import withdraw
from tests.builders import ANA, DAY, NOON, an_article, publish, published, reviewed

pytestmark = pytest.mark.django_db
PART = {"scope": "part", "parts": ["part:see-also"], "next_on": None}


@pytest.fixture
def article():
    return published(an_article(), at=NOON - timedelta(days=365))


@pytest.fixture(autouse=True)
def none_drawn(settings):
    settings.REVIEW_SAMPLE_PERCENT = 0


def asked() -> list[str]:
    return list(ReviewRequest.objects.open().values_list("about", flat=True))


@pytest.mark.parametrize("scope", [{}, PART])
@pytest.mark.parametrize(
    ("outcome", "words"),
    [("major", "Major change needed"), ("withdraw", "Should be withdrawn"), ("escalate", "Passed on for a decision")],
)
def test_what_is_to_be_done_is_asked_for_within_fourteen_days(article, outcome, words, scope):
    reviewed(article, outcome=outcome, note="The doses are wrong.", **scope)
    request = ReviewRequest.objects.get()
    assert request.about == f"Grace Obi on November 22, 2026: {words}. The doses are wrong."
    assert (request.cause, request.due_on, request.opened_by) == ("outcome", DAY + timedelta(14), "Grace Obi")
    assert pages(at=NOON, today=DAY).filter(is_asked=True).get() == article
    assert AuditEntry.objects.filter(action="review_asked").count() == 1


@pytest.mark.parametrize("outcome", ["no_change", "minor"])
def test_a_review_that_leaves_nothing_to_decide_asks_for_nothing(article, outcome):
    reviewed(article, outcome=outcome)
    assert asked() == []


def test_the_request_stands_until_somebody_has_looked_at_what_was_done(article):
    reviewed(article, outcome="major", note="New guideline.")
    publish(article, at=NOON + timedelta(hours=1), note="New doses.")
    assert len(asked()) == 1
    reviewed(article, at=NOON + timedelta(hours=2), answers=ReviewRequest.objects.all())
    assert asked() == []


def test_what_another_review_asked_for_stands(article):
    """A slip of the pen in an older record is mended, and another part of the page is looked at."""
    older = reviewed(article, on=DAY - timedelta(3))
    reviewed(article, outcome="withdraw")
    reviewed(article, supersedes=older, on=DAY - timedelta(3), evidence="ASCO guideline 2025")
    reviewed(article, outcome="major", **PART)
    said = "Grace Obi on November 22, 2026: "
    assert asked() == [f"{said}Should be withdrawn.", f"{said}Major change needed."]


def test_a_corrected_note_is_wanted_by_the_same_day_and_not_asked_again_once_answered(article):
    first = reviewed(article, outcome="major", note="Wrong dos.")
    later = {"outcome": "major", "note": "Wrong dose."}
    second = reviewed(article, supersedes=first, at=NOON + timedelta(5), **later)
    assert asked() == ["Grace Obi on November 22, 2026: Major change needed. Wrong dose."]
    assert ReviewRequest.objects.open().get().due_on == DAY + timedelta(14)
    reviewed(article, at=NOON + timedelta(6), on=DAY + timedelta(6), answers=ReviewRequest.objects.open())
    reviewed(article, supersedes=second, at=NOON + timedelta(7), evidence="ASCO guideline 2025", **later)
    assert asked() == []


def test_a_review_that_answers_it_may_leave_something_again(article):
    reviewed(article, outcome="major")
    again = reviewed(article, outcome="major", note="Not all was changed.", answers=ReviewRequest.objects.all())
    assert asked() == ["Grace Obi on November 22, 2026: Major change needed. Not all was changed."]
    assert again.answered_requests.count() == 1


def test_a_correction_takes_the_request_back_or_makes_one(article):
    wrong = reviewed(article, outcome="withdraw")
    right = reviewed(article, outcome="no_change", supersedes=wrong)
    assert asked() == []
    reviewed(article, outcome="escalate", supersedes=right)
    assert asked() == ["Grace Obi on November 22, 2026: Passed on for a decision."]


def test_of_a_page_that_was_withdrawn_nothing_is_asked(article):
    wrong = reviewed(article)
    withdraw(article, at=NOON, by=ANA, reason="Old.")
    reviewed(article, outcome="withdraw", supersedes=wrong)
    assert asked() == []
