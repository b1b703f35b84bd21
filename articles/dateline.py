"""The dates that stand under every article, and the sentence that says what they mean today."""

from dataclasses import dataclass
from datetime import date

from articles.dates import age_in_words
from articles.models import Edition

STATED = "as printed in the source"


@dataclass(frozen=True)
class PageDate:
    label: str
    day: date
    remark: str = ""


@dataclass(frozen=True)
class Dateline:
    dates: list[PageDate]
    notice: str  # empty when the page has been reviewed and the next review is not overdue
    is_overdue: bool


def dateline(edition: Edition, *, today: date) -> Dateline:
    """What an edition from `with_review_dates()` says of its age on a day.

    A date that does not exist is not shown. The review is overdue from the day after it fell due.
    """
    stated = f", {STATED}" if edition.published_on_is_stated else ""
    dates = [PageDate("Published", edition.published_on, age_in_words(edition.published_on, today=today) + stated)]
    if edition.updated_on:
        dates.append(PageDate("Updated", edition.updated_on, age_in_words(edition.updated_on, today=today)))
    if edition.reviewed_on:
        dates.append(PageDate("Reviewed", edition.reviewed_on, f"by {_reviewer(edition)}"))
    if edition.next_review_on:
        dates.append(PageDate("Next review due", edition.next_review_on))
    overdue = edition.next_review_on is not None and edition.next_review_on < today
    return Dateline(dates, _notice(edition, overdue), overdue)


def dateline_then(edition: Edition) -> Dateline:
    """The dates that an earlier edition carries itself, without anything that was done or decided since."""
    dates = [PageDate("Published", edition.published_on, STATED if edition.published_on_is_stated else "")]
    if edition.updated_on:
        dates.append(PageDate("Updated", edition.updated_on))
    return Dateline(dates, notice="", is_overdue=False)


def _reviewer(edition: Edition) -> str:
    return ", ".join(part for part in (edition.reviewed_by, edition.reviewer_credential) if part)


def _notice(edition: Edition, overdue: bool) -> str:
    if edition.reviewed_on is None:
        return "This page has never been reviewed here. Ask your care team whether anything has changed since it was published."
    if overdue:
        return (
            f"The next review of this page was due on {edition.next_review_on:%B} {edition.next_review_on.day}, "
            f"{edition.next_review_on.year}, and has not been done yet. Ask your care team whether anything has changed."
        )
    return ""
