"""What a review asks to be done: a page that should be changed, withdrawn or decided about stays on the desk until it was.

The review moves the dates of the page, as each review of the whole page does, so without this the page would look checked
and nobody would hear of it.
"""

from datetime import datetime

from django.utils import timezone

from articles import review_requests
from articles.models import Edition, Review
from articles.people import Person

TO_BE_DONE = {Review.Outcome.MAJOR, Review.Outcome.WITHDRAW, Review.Outcome.ESCALATE}
KEY = "outcome"  # one open request a page: the last review says what is to be done
REPLACED = "A newer record of a review says what is to be done."


def ask_for_what_is_left(review: Review, *, at: datetime, by: Person) -> None:
    """Ask for a review in fourteen days when a stored one leaves something to be done; it takes the place of an open
    request of that sort, and so does a correction that leaves nothing. Of a page that patients don't read nothing is asked."""
    is_left = review.outcome in TO_BE_DONE
    before = review_requests.open_requests(review.article).filter(key=KEY).first()
    if before and (is_left or review.supersedes):
        review_requests.close(before, because=REPLACED, at=at, by=by)
    if is_left and Edition.objects.live(at=at).filter(article=review.article).exists():
        review_requests.ask(
            review.article,
            cause=review_requests.Cause.OUTCOME,
            about=_about(review),
            key=KEY,
            due_on=timezone.localdate(at) + review_requests.DUE_AFTER,
            at=at,
            by=by,
        )


def _about(review: Review) -> str:
    day = review.reviewed_on
    said = f"{review.reviewer_name} on {day:%B} {day.day}, {day.year}: {review.get_outcome_display()}."
    return f"{said} {review.note}".strip()
