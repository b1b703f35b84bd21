"""What readers say about a page, from the form that they send to what staff do about it."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from articles import review_requests
from articles.models import Article, ReaderReport, ReviewRequest
from articles.people import Person


def keep(*, sort: str, words: str, path: str, today: date) -> ReaderReport:
    """Keep what a reader has sent. Raises ValidationError for a field that is missing or wrong."""
    report = ReaderReport(
        sort=sort, words=words.strip(), path=path, article=Article.objects.at_path(path), sent_on=today
    )
    report.full_clean()
    report.save()
    return report


@transaction.atomic
def settle(report: ReaderReport, *, note: str, at: datetime, by: Person, request: ReviewRequest | None = None) -> None:
    """Say what was done about a report. Raises ValidationError without a note, or when it is settled already."""
    report = ReaderReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.settled_at:
        raise ValidationError(f"{report.settled_by} has settled this report already: {report.note}")
    if not note.strip():
        raise ValidationError("Say what was done about the report.")
    report.settled_at, report.settled_by, report.note, report.request = at, by.name, note.strip(), request
    report.save(update_fields=["settled_at", "settled_by", "note", "request"])


@transaction.atomic
def ask_for_review(report: ReaderReport, *, about: str, due_on: date, at: datetime, by: Person) -> ReviewRequest:
    """Ask for a review of the page, with what staff make of the reader's words, and settle the report: both, or neither.

    Raises ValidationError as `settle` and `review_requests.ask` do, and for a report that is about no article.
    """
    if report.article is None:
        raise ValidationError("This report is about no article, so there is nothing to review.")
    cause = ReviewRequest.Cause.REPORT
    request = review_requests.ask_by_hand(report.article, cause=cause, about=about, due_on=due_on, at=at, by=by)
    settle(report, note="A review of the page was asked for.", at=at, by=by, request=request)
    return request
