"""The private calendar of everybody who uses the review desk: an address that only he or she knows, and what stands in it.

Whoever has the address can read it, without signing in: calendar programs can't. So it says titles, days and reasons of
reviews, which change nothing, and it stops with the account, with the permission, or when its owner says so.
"""

import hashlib
import secrets
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from articles.day_events import DayEvent
from articles.desk import pages
from articles.models import CalendarFeed, ReviewRequest
from articles.permissions import USE

MOST = 2_000  # pages, and requests, the earliest days first: no calendar shows more, and 20,000 would take seconds
TOKEN_BYTES = 32


class FeedChanged(Exception):
    """The address was made anew or revoked since somebody looked, so what he decided about is not there any more."""


def state_of(user: User) -> tuple[CalendarFeed | None, str]:
    """The feed of a person, if there is one, and a short text that is another one when it is."""
    feed = CalendarFeed.objects.filter(user=user).first()
    return feed, feed.made_at.isoformat() if feed else ""


@transaction.atomic
def make(user: User, *, seen: str, at: datetime) -> str:
    """A new token for the address of somebody's calendar; the one before stops. It is kept nowhere, so it can be shown
    this once only.

    Raises FeedChanged when the state of the feed is not the one `seen`: else a page that is sent twice would stop the
    address that its owner has just copied.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two presses wait for each other
    if state_of(user)[1] != seen:
        raise FeedChanged
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.update_or_create(user=user, defaults={"token_digest": _digest(token), "made_at": at})
    return token


def revoke(user: User) -> None:
    CalendarFeed.objects.filter(user=user).delete()


def holder(token: str) -> User | None:
    """Whose calendar it is; None when nobody's, or when that person may not use the review desk any more. One query, and
    the same one, in every case: the time it takes tells nothing of a token."""
    allowed = User.objects.with_perm(USE, backend="django.contrib.auth.backends.ModelBackend").filter(is_staff=True)
    return allowed.filter(calendar_feed__token_digest=_digest(token)).first()


def of_person(user: int) -> Q:
    """The articles that a person (the id of the account) looks after: his or her own, and those of a role that he or she
    has when no person with an open account owns them."""
    roles = Group.objects.filter(user=user)
    return Q(owner=user) | (Q(owner_group__in=roles) & (Q(owner=None) | Q(owner__is_active=False)))


def events(user: User, *, at: datetime, today: date) -> list[DayEvent]:
    """A whole day for each page of the person that has a day, and for each review that was asked for out of the cycle.
    Two queries, and those for the permission."""
    found = pages(at=at, today=today).filter(of_person(user.pk))
    dated = found.filter(next_review_on__isnull=False).order_by("next_review_on", "pk")
    asked = ReviewRequest.objects.open().filter(article__in=found.order_by().values("pk"))
    asked = asked.order_by("due_on", "pk").values_list(
        "pk", "article", "article__title", "due_on", "about", "opened_by"
    )
    may_review = user.has_perm("articles.add_review")
    due = [
        DayEvent(
            key=f"page-{pk}",
            day=day,
            title=f"Review due: {title}",
            description=policy,
            url=_form(pk, may_review=may_review),
        )
        for pk, title, day, policy in dated.values_list("pk", "title", "next_review_on", "review_policy")[:MOST]
    ]
    return due + [
        DayEvent(
            key=f"request-{pk}",
            day=day,
            title=f"Review asked for: {title}",
            description=f"{about}\nAsked by {by}.",
            url=_form(article, may_review=may_review, request=pk),
        )
        for pk, article, title, day, about, by in asked[:MOST]
    ]


def _form(article: int, *, may_review: bool, request: int | None = None) -> str:
    """Where the page is reviewed; who can't record a review is led to the page itself."""
    if not may_review:
        return f"{settings.SITE_URL}{reverse('admin:articles_article_change', args=[article])}"
    answering = f"&request={request}" if request else ""
    return f"{settings.SITE_URL}{reverse('admin:articles_review_add')}?article={article}{answering}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
