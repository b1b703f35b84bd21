"""What happened to the pages that patients read, newest first, for whoever follows the library: the entries of the Atom
feed (RFC 4287).

Nothing that patients can't read stands in it: no draft, no scheduled edition, no note of a review, and of a page that is
withdrawn only that it is, and why.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import languages
from articles.characters import clean
from articles.dateline import REPLACED
from articles.dates import day_in_words, in_words, moment_in_words
from articles.models import Edition, Review, Withdrawal

MOST = 50  # entries
BATCH = 100  # reviews looked at together: more are asked for only when most of those pages are withdrawn
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an empty feed was updated: Atom asks for a moment


@dataclass(frozen=True)
class Entry:
    """`key` never changes, nor does `published`; `updated` is the moment of the last thing that the entry tells."""

    key: str
    what: str  # new, changed, reviewed, withdrawn, back
    title: str
    path: str
    published: datetime
    updated: datetime
    summary: str

    @property
    def id(self) -> str:
        """A tag URI (RFC 4151): the site, a day on which it had its name, and the act. It outlives a changed address and a
        changed time zone."""
        return f"tag:{_host()},{self.published.astimezone(UTC):%Y-%m-%d}:{self.key}"


def feed_id(language: str = languages.DEFAULT) -> str:
    return f"tag:{_host()},2026:updates{languages.prefix_of(language)}"


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname


def updates(*, at: datetime, language: str = languages.DEFAULT) -> list[Entry]:
    """The last 50 acts on pages of a language until that moment, newest first. Four queries, and two more for each batch of reviews whose pages are mostly withdrawn."""
    entries = [*_editions(at, language), *_reviews(at, language), *_withdrawals(at, language)]
    return sorted(entries, key=lambda entry: (entry.updated, entry.key), reverse=True)[:MOST]


def last_updated(entries: list[Entry]) -> datetime:
    return max((entry.updated for entry in entries), default=NEVER)


def _editions(at: datetime, language: str) -> list[Entry]:
    """New pages and major changes. The text that takes the place of a sample is new; a minor edition moves no date and is
    no entry, unless it is the first."""
    before = Edition.objects.not_cancelled().filter(
        article=OuterRef("article"), number__lt=OuterRef("number"), is_sample=OuterRef("is_sample")
    )
    editions = Edition.objects.public(at=at).filter(language=language).annotate(has_earlier=Exists(before))
    told = editions.filter(Q(change=Edition.Change.MAJOR) | Q(updated_on=None, has_earlier=False))
    told = told.select_related("article").defer("content").order_by("-published_at", "-id")
    return [_edition(edition) for edition in told[:MOST]]


def _edition(edition: Edition) -> Entry:
    is_new = edition.updated_on is None and not edition.has_earlier
    if is_new:
        day = day_in_words(edition.published_on)
        if edition.published_on_is_stated:
            said = _("Published %(day)s, as printed in the source.") % {"day": day}
        else:
            said = _("Published %(day)s.") % {"day": day}
        said = f"{said} {edition.deck}"
    elif edition.updated_on:
        day = day_in_words(edition.updated_on)
        said = _("Updated %(day)s: %(note)s") % {"day": day, "note": edition.note or REPLACED}
    else:  # it took the place of sample text, which moves no date
        day = day_in_words(timezone.localdate(edition.published_at))
        said = _("New text since %(day)s: %(note)s") % {"day": day, "note": edition.note or REPLACED}
    if edition.is_sample:
        said = said.strip() + " " + _("This is sample text. No clinician has reviewed it.")
    return _entry(
        f"edition-{edition.pk}",
        "new" if is_new else "changed",
        (_("New page: %(title)s") if is_new else _("Changed: %(title)s")) % {"title": edition.title},
        edition.get_absolute_url(),
        published=edition.published_at,
        summary=said,
    )


def _reviews(at: datetime, language: str) -> list[Entry]:
    """Reviews of the whole page, which move the date Reviewed, without the records that were corrected. Whether the page
    can be read is asked of the newest only, and not of all that the library ever reviewed."""
    shown = [
        "article__slug",
        "article__language",
        "reviewed_on",
        "reviewer_name",
        "reviewer_credential",
        "outcome",
        "recorded_at",
    ]
    newest = (
        Review.objects.whole().filter(recorded_at__lte=at, article__language=language).order_by("-recorded_at", "-id")
    )
    newest = newest.select_related("article").only(*shown, "supersedes")
    entries = []
    for start in count(step=BATCH):
        reviews = list(newest[start : start + BATCH])
        titles = _titles({review.article_id for review in reviews}, at=at)
        entries += [_review(review, titles[review.article_id]) for review in reviews if review.article_id in titles]
        if len(entries) >= MOST or len(reviews) < BATCH:
            break
    return entries[:MOST]


def _titles(articles: set[int], *, at: datetime) -> dict[int, str]:
    """What the articles are called that patients can read, by their ids."""
    return dict(Edition.objects.live(at=at).filter(article__in=articles).values_list("article", "title"))


def _review(review: Review, title: str) -> Entry:
    reviewer = ", ".join(filter(None, [review.reviewer_name, review.reviewer_credential]))
    said = _("Reviewed %(day)s by %(name)s: %(outcome)s.") % {
        "day": day_in_words(review.reviewed_on),
        "name": reviewer,
        "outcome": review.get_outcome_display(),
    }
    if review.supersedes_id:
        said += " " + _("This corrects an earlier record.")
    return _entry(
        f"review-{review.pk}",
        "reviewed",
        _("Reviewed: %(title)s") % {"title": title},
        review.article.get_absolute_url(),
        published=review.recorded_at,
        summary=said,
    )


def _withdrawals(at: datetime, language: str) -> list[Entry]:
    """Of articles that had been published, under the title that patients read then, and of topics. When the page is back
    the same entry says so, so that a reader of the feed learns of it."""
    read_then = (
        Edition.objects.not_cancelled()
        .filter(article=OuterRef("article"), published_at__lte=OuterRef("from_at"))
        .order_by("-number")
    )
    withdrawals = Withdrawal.objects.that_happened(at=at).annotate(
        title=Coalesce("topic__title", Subquery(read_then.values("title")[:1])),
        moved_at=Case(When(until_at__lte=at, then=F("until_at")), default=F("from_at")),
    )
    of_language = Q(article__language=language) | Q(topic__language=language)
    withdrawals = withdrawals.filter(of_language, title__isnull=False).select_related("article", "topic")
    return [_withdrawal(withdrawal) for withdrawal in withdrawals.order_by("-moved_at", "-id")[:MOST]]


def _withdrawal(withdrawal: Withdrawal) -> Entry:
    is_back = withdrawal.moved_at != withdrawal.from_at
    said = _("Withdrawn %(moment)s. Why: %(reason)s") % {
        "moment": in_words(withdrawal.from_at),
        "reason": withdrawal.reason,
    }
    if is_back:
        back = _("The page can be read again since %(moment)s.") % {"moment": moment_in_words(withdrawal.moved_at)}
        said = f"{back} {said}"
    return _entry(
        f"withdrawal-{withdrawal.pk}",
        "back" if is_back else "withdrawn",
        (_("Back again: %(title)s") if is_back else _("Withdrawn: %(title)s")) % {"title": withdrawal.title},
        (withdrawal.article or withdrawal.topic).get_absolute_url(),
        published=withdrawal.from_at,
        updated=withdrawal.moved_at,
        summary=said,
    )


def _entry(
    key: str, what: str, title: str, path: str, *, published: datetime, summary: str, updated: datetime | None = None
) -> Entry:
    return Entry(key, what, clean(title), path, published, updated or published, clean(summary).strip())
