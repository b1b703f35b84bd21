"""What happened to a page: its editions, withdrawals and reviews, as patients may know them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from articles.models import Article, Edition, Withdrawal


@dataclass(frozen=True)
class EditionLine:
    edition: Edition
    change: str  # in plain words


def edition_lines(article_slug: str, *, language: str, at: datetime) -> list[EditionLine]:
    """The editions that patients have read by that moment, newest first; empty when the page isn't public."""
    editions = (
        Edition.objects.public(at=at).filter(article__slug=article_slug, article__language=language).order_by("-number")
    )
    editions = list(editions.select_related("article").defer("content"))
    earlier = [*editions[1:], None]
    return [
        EditionLine(edition, _change_in_words(edition, before))
        for edition, before in zip(editions, earlier, strict=False)
    ]


def _change_in_words(edition: Edition, before: Edition | None) -> str:
    if before is None:
        return _("First edition")
    if before.is_sample and not edition.is_sample:
        return _("First text in place of the sample")
    if edition.change == Edition.Change.MAJOR:
        return _("Major change: the meaning changed")
    return _("Minor change: a correction that changed no meaning")


def withdrawals(article: Article, *, at: datetime) -> list[Withdrawal]:
    """When the page was away by that moment, newest first."""
    return list(article.withdrawals.that_happened(at=at).order_by("-from_at"))


def reviews(article: Article):
    """The reviews of the page and of parts of it, newest first, without the records that were corrected and without what
    is for staff: the note and the evidence are not even read."""
    shown = ["article", "edition__number", "reviewed_on", "reviewer_name", "reviewer_credential", "outcome"]
    standing = article.reviews.standing().select_related("edition").order_by("-reviewed_on", "-id")
    return standing.only(*shown, "scope", "parts", "supersedes")
