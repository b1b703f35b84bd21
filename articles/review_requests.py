"""Reviews out of the cycle: something happened that a page should be looked at for. No other module writes them.

A request asks for a review and says by when; it moves no date of the page.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from articles import auditing
from articles.dates import add_months
from articles.models import Article, AuditEntry, Edition, Review, ReviewRequest
from articles.people import Person

Cause = ReviewRequest.Cause
BY_HAND = [Cause.REPORT, Cause.OTHER]
DUE_AFTER = timedelta(days=14)  # for what an event opens
LONGEST = 12  # months until a request is due
ABOUT = ReviewRequest._meta.get_field("about").max_length
BECAUSE = ReviewRequest._meta.get_field("closed_because").max_length
SECOND_KEY = "second:"  # and the id of the first review

TRIGGERS = {
    Cause.RELATED: Review.Trigger.LINK,
    Cause.LINK: Review.Trigger.LINK,
    Cause.SOURCE: Review.Trigger.SOURCE,
    Cause.REPORT: Review.Trigger.REPORT,
    Cause.SECOND: Review.Trigger.OTHER,
    Cause.OUTCOME: Review.Trigger.CHANGE,
    Cause.OTHER: Review.Trigger.OTHER,
}


def open_requests(article: Article) -> QuerySet[ReviewRequest]:
    return ReviewRequest.objects.open().filter(article=article)


@transaction.atomic
def ask(
    article: Article,
    *,
    cause: str,
    about: str,
    key: str,
    due_on: date,
    at: datetime,
    by: Person,
    not_by_account: int | None = None,
) -> ReviewRequest:
    """Ask for a review of the page because of one event, which `key` names; `about` says it in words for the reviewer.

    While a request of that event is open it is returned, and no second one is opened. Raises ValidationError when
    patients don't read the page, when nothing is said about the event, or when the day has passed or is more than
    twelve months away.
    """
    article = Article.objects.select_for_update().get(pk=article.pk)  # so that no other run asks between
    if asked := open_requests(article).filter(key=key).first():
        return asked
    check(article, about=about, due_on=due_on, at=at)
    request = ReviewRequest.objects.create(
        article=article,
        cause=cause,
        about=_shortened(about.strip(), ABOUT),
        key=key,
        opened_on=timezone.localdate(at),
        due_on=due_on,
        opened_by=by.name,
        not_by_account=not_by_account,
    )
    facts = {"reason": request.get_cause_display(), "wanted by": f"{due_on}"}
    auditing.record(
        article, AuditEntry.Action.REVIEW_ASKED, at=at, by=by, after=facts, reason=_shortened(request.about, 300)
    )
    return request


def ask_by_hand(article: Article, *, cause: str, about: str, due_on: date, at: datetime, by: Person) -> ReviewRequest:
    """As `ask`, for what a person says. The same words sent twice are one request."""
    key = f"asked:{sha256(about.strip().encode()).hexdigest()}"
    return ask(article, cause=cause, about=about, key=key, due_on=due_on, at=at, by=by)


@transaction.atomic
def close(request: ReviewRequest, *, because: str, at: datetime, by: Person) -> None:
    """Close a request without a review. Raises ValidationError without a reason, when it is closed already, or when it asks
    for somebody else than the person who closes it."""
    because = because.strip()
    if not because:
        raise ValidationError("Say why the request is closed without a review.")
    request = ReviewRequest.objects.select_for_update(of=("self",)).select_related("article").get(pk=request.pk)
    if why := why_not_closed(request, by):
        raise ValidationError(why)
    request.closed_at, request.closed_by, request.closed_because = at, by.name, _shortened(because, BECAUSE)
    request.save(update_fields=["closed_at", "closed_by", "closed_because"])
    auditing.record(
        request.article,
        AuditEntry.Action.REQUEST_CLOSED,
        at=at,
        by=by,
        summary=request.about,
        reason=request.closed_because,
    )


def why_not_closed(request: ReviewRequest, by: Person) -> str:
    """Why this person can't close the request without a review; empty when he can."""
    if request.closed_at:
        return "This request is closed already."
    why = why_not(request, by)
    return why and f"{why} Somebody else has to close it."


def why_not(request: ReviewRequest, *reviewers: Person) -> str:
    """Why a review by these people, who made it and who typed it in, doesn't answer the request; empty when it does."""
    if request.cause != Cause.SECOND:
        return ""
    number = request.key.removeprefix(SECOND_KEY)
    first = Review.objects.filter(pk=number).first() if number.isdigit() else None
    names = {first.reviewer_name, first.recorded_by} if first else set()
    for before in (Person(name, request.not_by_account) for name in names):
        if any(person.is_also(before) for person in reviewers):
            return f"It asks for a second reviewer, and the first review is by {first.reviewer_name}."
    return ""


def check_answers(review: Review, answers: Iterable[ReviewRequest], *, by: Person) -> list[ReviewRequest]:
    """The requests that a review is to answer, held until the end of the transaction. `review` has its article and its
    day. Raises ValidationError, for its field `answers`, when one of them can't be answered by it."""
    ids = [request.pk for request in answers]
    held = list(ReviewRequest.objects.select_for_update().filter(pk__in=ids, article=review.article).order_by("pk"))
    if len(held) < len(ids):
        raise ValidationError({"answers": "A request that you ticked is of another page. Open the page again."})
    problems = []
    for request in held:
        if request.closed_at:
            problems.append(f"“{request.about}” was closed meanwhile. Untick it.")
        elif review.reviewed_on and review.reviewed_on < request.opened_on:
            asked = date_format(request.opened_on)
            problems.append(f"“{request.about}” was asked on {asked}, after the day of this review. Untick it.")
        elif request.cause == Cause.SECOND and review.scope != Review.Scope.WHOLE:
            problems.append(
                f"“{request.about}”: a review of parts doesn’t answer it. Untick it, or review the whole page."
            )
        elif why := why_not(request, by, Person(review.reviewer_name)):
            problems.append(f"“{request.about}”: {why} Somebody else has to answer it, so untick it.")
    if problems:
        raise ValidationError({"answers": problems})
    return held


def answer(requests: list[ReviewRequest], review: Review, *, at: datetime, by: Person) -> None:
    """Close what a stored review answers; called by articles/reviewing.py in the transaction of the review, whose entry
    in the audit trail names them."""
    ids = [request.pk for request in requests]
    ReviewRequest.objects.filter(pk__in=ids).update(closed_at=at, closed_by=by.name, review=review)


def check(article: Article, *, about: str, due_on: date, at: datetime) -> None:
    """What `ask` would refuse. Needs a transaction: until its end nobody can withdraw the page, so what is allowed here can
    be kept."""
    article = Article.objects.select_for_update().get(pk=article.pk)
    today = timezone.localdate(at)
    problems = {}
    if not Edition.objects.live(at=at).filter(article=article).exists():
        problems["article"] = f"Patients don’t read “{article}” now, so there is nothing to review."
    if not about.strip():
        problems["about"] = "Say what happened."
    latest = add_months(today, LONGEST)
    if due_on < today:
        problems["due_on"] = f"{date_format(due_on)} has passed. Choose today or a later day."
    elif due_on > latest:
        problems["due_on"] = f"Choose a day within {LONGEST} months: {date_format(latest)} at the latest."
    if problems:
        raise ValidationError(problems)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
