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
KEY = "outcome:"  # and the id of the review
CORRECTED = "The record of the review was corrected."


def ask_for_what_is_left(review: Review, *, at: datetime, by: Person) -> None:
    """Ask for a review in fourteen days when a stored one leaves something to be done; of a page that patients don't read
    nothing is asked.

    A correction takes back what the wrong record asked for. What it asks for itself is wanted by the same day, and not
    asked again when that of the wrong record was answered already. What other reviews asked for stands.
    """
    corrected, due_on = review.supersedes, timezone.localdate(at) + review_requests.DUE_AFTER
    if before := corrected and review_requests.open_requests(review.article).filter(key=_key(corrected)).first():
        review_requests.close(before, because=CORRECTED, at=at, by=by)
        due_on = max(before.due_on, timezone.localdate(at))
    was_answered = corrected and corrected.outcome in TO_BE_DONE and before is None
    if review.outcome not in TO_BE_DONE or was_answered:
        return
    if Edition.objects.live(at=at).filter(article=review.article).exists():
        review_requests.ask(
            review.article,
            cause=review_requests.Cause.OUTCOME,
            about=_about(review),
            key=_key(review),
            due_on=due_on,
            at=at,
            by=by,
        )


def _key(review: Review) -> str:
    return f"{KEY}{review.pk}"


def _about(review: Review) -> str:
    day = review.reviewed_on
    said = f"{review.reviewer_name} on {day:%B} {day.day}, {day.year}: {review.get_outcome_display()}."
    return f"{said} {review.note}".strip()
