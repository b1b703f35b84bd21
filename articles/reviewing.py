"""The verb of the review: keep the record. The public dates Reviewed and Next review due follow from it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from articles import auditing, review_outcomes, review_requests, second_reviewer
from articles.dates import add_months, day_after, day_in_words
from articles.due import last_review, limit, settle
from articles.models import Article, AuditEntry, Edition, Review, ReviewRequest, Withdrawal
from articles.models.policy import LONGEST, NO_LONGER
from articles.people import Person

NOT_PUBLISHED = "This article has no published page, so there is nothing to review yet."
NOT_READ_NOW = "Patients don’t read this page now: it was withdrawn on {}. It can be reviewed when it is back."
UNSEEN = "Edition {} was published since you opened this page. Read what patients read now, then decide again."


def edition_before_reviewer(article: int, *, at: datetime, corrects: Review | None = None) -> Edition:
    """What a reviewer of the article with that id looks at: the edition that patients read. When they read none, because the
    page was withdrawn, a record of it can still be corrected, and is looked at with the edition that it is of.

    Raises ValidationError when there is nothing to look at.
    """
    live = Edition.objects.live(at=at).filter(article=article).select_related("article").first()
    edition = live or (corrects and corrects.edition)
    if edition is None:
        withdrawal = Withdrawal.objects.in_force(at=at).filter(article=article).first()
        raise ValidationError(
            NOT_READ_NOW.format(day_in_words(timezone.localdate(withdrawal.from_at))) if withdrawal else NOT_PUBLISHED
        )
    return edition


def parts_of(edition: Edition) -> dict[str, str]:
    """What a review can be of, by its anchor: the sections of the edition with their headings, and the other parts."""
    sections = {part["anchor"]: part["heading"] or gettext_noop("Introduction") for part in edition.content["sections"]}
    return {**sections, **Review.OTHER_PARTS}


def check_review(
    review: Review,
    *,
    at: datetime,
    by: Person,
    seen: int | None = None,
    answers: Iterable[ReviewRequest] = (),
) -> list[ReviewRequest]:
    """Fill in what follows from the fields of a new review: its edition, the names of its parts, the last day that the
    policy allows, and who types it in. Returns the requests that it answers, as they are now. For the parameters and what
    is refused see `record_review`.

    Needs a transaction: until its end nobody can publish the page or review it, so what is allowed here can be kept.
    """
    review.article = article = Article.objects.select_for_update().get(pk=review.article_id)
    review.recorded_at, review.recorded_by, review.recorded_by_account = at, by.name, by.account
    _check_correction(review)
    edition = edition_before_reviewer(article.pk, at=at, corrects=review.supersedes)
    if seen is not None and seen < edition.number:
        raise ValidationError(UNSEEN.format(edition.number))
    if review.reviewed_on:
        if problem := _wrong_day(review.reviewed_on, edition=edition, at=at):
            raise ValidationError({"reviewed_on": problem})
        review.edition = _edition_of(review, at=at)
        _settle_scope(review)
    review.full_clean(exclude=["edition", "article"])
    return review_requests.check_answers(review, answers, by=by)


@transaction.atomic
def record_review(
    review: Review,
    *,
    at: datetime,
    by: Person,
    seen: int | None = None,
    answers: Iterable[ReviewRequest] = (),
) -> Review:
    """Keep a review of the edition that patients read on its day. `by` is who types the record in, `seen` the number of
    the edition that the reviewer had before him; None when that isn't known. `answers` are requests for a review of this
    page, which it closes; by chance it asks for a second reviewer (articles/second_reviewer.py), and for another look when
    its outcome leaves something to be done (articles/review_outcomes.py).

    `review.parts` holds the anchors of a review of parts; they are kept with their names. Of a review of the whole page
    that names no next day it is the last day that the policy allows. The dates of the page follow only when this is its
    last review of the whole page, or takes the place of the one that was.

    Raises ValidationError, and keeps nothing, when a field is missing or wrong, when the page is not published or has a
    newer edition than the one seen, when the day is in the future, before the page was published or one on which patients
    could not read it, when the next day is later than the policy or any policy allows, when a part is not on the page, when the record to
    correct is of another page or corrected already, or when a request is closed already or not to be answered by this
    review. A page that is withdrawn now gets no review, but a record of it can be corrected.
    """
    answered = check_review(review, at=at, by=by, seen=seen, answers=answers)
    article = review.article
    last = last_review(article)
    review.save()
    if last_review(article) != last:
        settle(article)
    facts = ("scope", "reviewed_on", "reviewer_name", "outcome", "next_review_on")
    after = {name: str(getattr(review, name)) for name in facts}
    if review.scope == Review.Scope.PART:
        after["parts"] = ", ".join(part["name"] for part in review.parts)
    if answered:
        after["answers"] = "; ".join(request.about for request in answered)
    corrected = review.supersedes is not None
    action = AuditEntry.Action.REVIEW_CORRECTED if corrected else AuditEntry.Action.REVIEWED
    auditing.record(article, action, at=at, by=by, after=after, reason=review.note[:300])
    review_requests.answer(answered, review, at=at, by=by)
    review_outcomes.ask_for_what_is_left(review, at=at, by=by)
    second_reviewer.ask_when_drawn(review, answered, at=at, by=by)
    return review


def _check_correction(review: Review) -> None:
    if review.supersedes is None:
        return
    if review.supersedes.article_id != review.article_id:
        raise ValidationError("The record that this one corrects is of another page.")
    if Review.objects.filter(supersedes=review.supersedes).exists():
        raise ValidationError("That record has been corrected already. Correct the newer one.")


def _edition_of(review: Review, *, at: datetime) -> Edition:
    """The newest edition that patients could read by the end of that day. Of a day before the first one, which a page
    that states an older date may name, it is the first. A record that is corrected without another day stays with its
    edition: who mends a slip of the pen has not read the edition that came out later that day."""
    corrected = review.supersedes
    if corrected and corrected.reviewed_on == review.reviewed_on:
        return corrected.edition
    editions = review.article.editions.not_cancelled().filter(published_at__lte=at).order_by("number")
    read = [edition for edition in editions if timezone.localdate(edition.published_at) <= review.reviewed_on]
    return read[-1] if read else editions[0]


def _settle_scope(review: Review) -> None:
    if review.scope == Review.Scope.PART:
        review.next_review_on = None
        review.parts = _named_parts(review)
        return
    if review.parts:
        raise ValidationError({"parts": "A review of the whole page names no parts. Choose one or the other."})
    last_day = limit(review.reviewed_on, review.article.review_months)
    if review.next_review_on is None:
        if last_day is None:
            raise ValidationError({"next_review_on": "No policy covers this page, so say when it is due again."})
        review.next_review_on = last_day
    elif last_day and review.next_review_on > last_day:
        said = f"{last_day:%B} {last_day.day}, {last_day.year} at the latest: {review.article.review_policy}."
        raise ValidationError({"next_review_on": f"The page falls due on {said}"})
    elif review.next_review_on > add_months(review.reviewed_on, LONGEST):
        raise ValidationError({"next_review_on": f"{NO_LONGER} Check the year."})


def _named_parts(review: Review) -> list[dict]:
    known = parts_of(review.edition)
    if not review.parts:
        raise ValidationError({"parts": "Name the parts that were reviewed, or choose the whole page."})
    gone = [anchor for anchor in review.parts if anchor not in known]
    if gone:
        said = "“" + "”, “".join(map(str, gone)) + "”"
        raise ValidationError(
            {"parts": f"{said} is not on the page as patients read it that day. Open the page again."}
        )
    return [{"anchor": anchor, "name": known[anchor]} for anchor in known if anchor in review.parts]


def _wrong_day(day: date, *, edition: Edition, at: datetime) -> str:
    if day > timezone.localdate(at):
        return "The day of the review is in the future. Write the day on which the page was checked."
    if day < edition.published_on:
        first = edition.published_on
        return f"The page was published on {first:%B} {first.day}, {first.year}. A review can't be earlier."
    # On the days of both moments patients read the page too, until it was withdrawn or after it was brought back.
    begin, end = day_after(day - timedelta(days=1)), day_after(day) - datetime.resolution
    if withdrawal := Withdrawal.objects.all_through(begin, end).filter(article=edition.article_id).first():
        last = timezone.localdate(withdrawal.from_at)
        said = f"The page was withdrawn on {last:%B} {last.day}, {last.year}"
        if withdrawal.until_at is None or withdrawal.until_at > at:
            return f"{said}. A review can't be later."
        back = timezone.localdate(withdrawal.until_at)
        return f"{said} and brought back on {back:%B} {back.day}, {back.year}. A review can't be of a day between."
    return ""
