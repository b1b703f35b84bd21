"""The dates that stand under every article, and the sentence that says what they mean today."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.dates import age_in_words, day_after, day_in_words
from articles.models import Edition

STATED = gettext_lazy("as printed in the source")
STATED_REVIEW = gettext_lazy("as stated by the source")
REPLACED = gettext_lazy("The whole text was replaced.")


@dataclass(frozen=True)
class PageDate:
    label: str
    day: date
    remark: str = ""


@dataclass(frozen=True)
class ChangedSinceReview:
    """The page was published anew after the edition that was reviewed."""

    notes: list[
        tuple[date, str]
    ]  # the day and the public note of each major change, oldest first; none if all were minor


@dataclass(frozen=True)
class Dateline:
    dates: list[PageDate]
    notice: str  # empty when the page has been reviewed and the next review is not overdue
    is_overdue: bool
    changed: ChangedSinceReview | None = None
    banner: str = ""  # what stands above the text of a page that is later than its policy bears


def dateline(edition: Edition, *, today: date) -> Dateline:
    """What an edition from `with_review_dates()` says of its age on a day.

    A date that does not exist is not shown. The review is overdue from the day after it fell due. One query, and only
    when the page was changed since its review.
    """
    stated = f", {STATED}" if edition.published_on_is_stated else ""
    dates = [PageDate(_("Published"), edition.published_on, age_in_words(edition.published_on, today=today) + stated)]
    if edition.updated_on:
        dates.append(PageDate(_("Updated"), edition.updated_on, age_in_words(edition.updated_on, today=today)))
    if edition.reviewed_on:
        dates.append(PageDate(_("Reviewed"), edition.reviewed_on, _("by %(name)s") % {"name": _reviewer(edition)}))
    elif edition.stated_review_on:
        dates.append(PageDate(_("Reviewed"), edition.stated_review_on, str(STATED_REVIEW)))
    if edition.next_review_on:
        dates.append(PageDate(_("Next review due"), edition.next_review_on))
    overdue = edition.next_review_on is not None and edition.next_review_on < today
    return Dateline(dates, _notice(edition, overdue), overdue, _changed(edition), _banner(edition, today))


def dateline_until(edition: Edition, *, today: date) -> datetime:
    """The moment at which another day says something else of the edition: in a year at the latest. No query.

    Ages grow, and a review that is overdue stays so: once it has changed, a dateline doesn't say again what it said. So
    the first day is found by halving.
    """
    said, same, other = _said(edition, today), 0, 366  # days from today
    if _said(edition, today + timedelta(days=other)) == said:
        return day_after(today + timedelta(days=other - 1))
    while other - same > 1:
        middle = (same + other) // 2
        if _said(edition, today + timedelta(days=middle)) == said:
            same = middle
        else:
            other = middle
    return day_after(today + timedelta(days=same))


def _said(edition: Edition, today: date) -> tuple:
    overdue = edition.next_review_on is not None and edition.next_review_on < today
    ages = [age_in_words(day, today=today) for day in (edition.published_on, edition.updated_on) if day]
    return ages, overdue, _banner(edition, today)


def dateline_then(edition: Edition) -> Dateline:
    """The dates that an earlier edition carries itself, without anything that was done or decided since."""
    dates = [PageDate(_("Published"), edition.published_on, str(STATED) if edition.published_on_is_stated else "")]
    if edition.updated_on:
        dates.append(PageDate(_("Updated"), edition.updated_on))
    return Dateline(dates, notice="", is_overdue=False)


def _reviewer(edition: Edition) -> str:
    return ", ".join(part for part in (edition.reviewed_by, edition.reviewer_credential) if part)


def _changed(edition: Edition) -> ChangedSinceReview | None:
    if edition.reviewed_edition is None or edition.number <= edition.reviewed_edition:
        return None
    since = Edition.objects.not_cancelled().filter(
        article=edition.article_id, number__gt=edition.reviewed_edition, number__lte=edition.number
    )
    majors = since.filter(change=Edition.Change.MAJOR).order_by("number")
    told = majors.values_list("updated_on", "published_at", "note")
    # Text in place of a sample moves no date: its day is the one on which patients first read it.
    return ChangedSinceReview([(day or timezone.localdate(at), note or str(REPLACED)) for day, at, note in told])


def _notice(edition: Edition, overdue: bool) -> str:
    if edition.reviewed_on is None:
        said = [_("This page has never been reviewed here.")]
        if overdue:
            said.append(_("Its next review was due on %(day)s.") % {"day": day_in_words(edition.next_review_on)})
        said.append(_("Ask your care team whether anything has changed since it was published."))
        return " ".join(said)
    if overdue:
        return _(
            "The next review of this page was due on %(day)s, and has not been done yet. Ask your care team whether "
            "anything has changed."
        ) % {"day": day_in_words(edition.next_review_on)}
    return ""


def _banner(edition: Edition, today: date) -> str:
    """From the day after the one on which the page is `banner_after_days` overdue; never without a policy."""
    due, bearable = edition.next_review_on, edition.banner_after_days
    if due is None or bearable is None or (today - due).days <= bearable:
        return ""
    return _(
        "This page is late for its review, which was due on %(day)s. You can still read it. Some of it may be out of date, "
        "so ask your care team before you act on it."
    ) % {"day": day_in_words(due)}
