"""The verb of the review: keep the record. The public dates Reviewed and Next review due are read from it."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from articles import auditing
from articles.models import Article, AuditEntry, Edition, Review
from articles.people import Person


def reviewed_edition(article: Article, *, reviewed_on: date, at: datetime) -> Edition:
    """The edition that a review of that day, written down at that moment, is of: the one that patients read.

    Raises ValidationError when there is none, or when the day is in the future or before the page was published.
    """
    edition = Edition.objects.live(at=at).filter(article=article).first()
    if edition is None:
        raise ValidationError("This article has no published page, so there is nothing to review yet.")
    if problem := _wrong_day(reviewed_on, edition=edition, today=timezone.localdate(at)):
        raise ValidationError({"reviewed_on": problem})
    return edition


@transaction.atomic
def record_review(review: Review, *, at: datetime, by: Person) -> Review:
    """Keep a review of the edition that patients read now. `by` is who types the record in.

    Raises ValidationError, and keeps nothing, when a field is missing or wrong, or `reviewed_edition` refuses.
    """
    review.recorded_at, review.recorded_by = at, by.name
    review.full_clean(exclude=["edition"])
    review.edition = reviewed_edition(review.article, reviewed_on=review.reviewed_on, at=at)
    review.save()
    facts = ("reviewed_on", "reviewer_name", "outcome", "next_review_on")
    after = {name: str(getattr(review, name)) for name in facts}
    auditing.record(review.article, AuditEntry.Action.REVIEWED, at=at, by=by, after=after, reason=review.note[:300])
    return review


def _wrong_day(day: date, *, edition: Edition, today: date) -> str:
    if day > today:
        return "The day of the review is in the future. Write the day on which the page was checked."
    if day < edition.published_on:
        return f"The page was published on {edition.published_on:%B %-d, %Y}. A review can't be earlier."
    return ""
