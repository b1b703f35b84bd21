"""Against the rubber stamp: of the reviews that found nothing to change, a share is looked at by a second person.

Chance decides which: a number made from the id of the review with SECRET_KEY. Nobody who doesn't know the key can foresee
it, and whoever does can compute it again and show that nobody was picked.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from articles import review_requests
from articles.models import Review, ReviewRequest
from articles.people import Person

SALT = "articles.second_reviewer"
SAMPLE = Person("The sample of reviews")
DUE_AFTER = timedelta(days=30)
ABOUT = "{} found nothing to change on {}. The page was drawn by chance for a second review by somebody else."


def is_drawn(review_id: int, *, percent: int) -> bool:
    """Whether the review with that id is in the sample: a fixed answer for an id, a key and a percentage from 0 to 100."""
    number = int.from_bytes(salted_hmac(SALT, str(review_id), algorithm="sha256").digest()[:8])
    return number * 100 < percent * 2**64


def _takes_part(review: Review) -> bool:
    return review.scope == Review.Scope.WHOLE and review.outcome == Review.Outcome.NO_CHANGE


def ask_when_drawn(review: Review, answered: list[ReviewRequest], *, at: datetime, by: Person) -> None:
    """Ask for a second reviewer when a stored review that changes nothing is drawn. The correction of one that took part in
    the draw is no new look at the page, and a review that answers such a request is the second one itself; neither is drawn."""
    is_second = any(request.cause == ReviewRequest.Cause.SECOND for request in answered)
    if is_second or not _takes_part(review) or (review.supersedes and _takes_part(review.supersedes)):
        return
    if not is_drawn(review.pk, percent=settings.REVIEW_SAMPLE_PERCENT):
        return
    day = review.reviewed_on
    review_requests.ask(
        review.article,
        cause=ReviewRequest.Cause.SECOND,
        about=ABOUT.format(review.reviewer_name, f"{day:%B} {day.day}, {day.year}"),
        key=f"{review_requests.SECOND_KEY}{review.pk}",
        due_on=timezone.localdate(at) + DUE_AFTER,
        at=at,
        by=SAMPLE,
        not_by_account=by.account,
    )
