"""The verb of the review: keep the record. The public dates Reviewed and Next review due are read from it."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from articles.models import Edition, Review


def reviewable_edition(review: Review, *, at: datetime) -> Edition | None:
    """The edition of the article that patients read at that moment; None when there is none to review."""
    return Edition.objects.live(at=at).filter(article=review.article_id).first()


@transaction.atomic
def record_review(review: Review, *, at: datetime, by: str) -> Review:
    """Keep a review of the edition that patients read now. `by` is the name of who types the record in.

    Raises ValidationError, and keeps nothing, when the article has no live edition, when the day is in
    the future or before the page was published, or when a field is missing.
    """
    review.edition = reviewable_edition(review, at=at)
    if review.edition is None:
        raise ValidationError("This article has no published page, so there is nothing to review yet.")
    review.recorded_at, review.recorded_by = at, by
    review.full_clean()
    if problem := _wrong_day(review.reviewed_on, edition=review.edition, today=timezone.localdate(at)):
        raise ValidationError({"reviewed_on": problem})
    review.save()
    return review


def _wrong_day(day: date, *, edition: Edition, today: date) -> str:
    if day > today:
        return "The day of the review is in the future. Write the day on which the page was checked."
    if day < edition.published_on:
        return f"The page was published on {edition.published_on:%B %-d, %Y}. A review can't be earlier."
    return ""
