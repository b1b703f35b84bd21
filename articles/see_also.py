"""The see-also list of an edition, as a patient may see it today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from articles.addresses import is_safe_address
from articles.kinds import Kind
from articles.models import Article, Edition, Topic, Withdrawal
from library.prepared import prepared

OPEN_AT_ONCE = 7  # plain-language guidance: a reader takes in no more than seven lines of a list (CDC Clear Communication Index, 8)


@dataclass(frozen=True)
class SeeAlsoLink:
    number: int  # its place in the source's list, from 1
    label: str
    kind: Kind | None  # None: an address outside the library
    href: str  # empty: it leads nowhere now
    language: str = ""  # of the page that it leads to, when that is another than this page's


@dataclass(frozen=True)
class SeeAlsoGroup:
    heading: str
    open: list[SeeAlsoLink]
    folded: list[SeeAlsoLink]


def visible_links(edition: Edition, *, at: datetime) -> list[SeeAlsoLink]:
    """The links of the edition in their order, without those whose topic or article is not public at that moment.

    At most two queries, however many links there are.
    """
    return [link for link in _links(edition, seen_from=at, seen_until=at, at=at) if link.href]


def links_as_read(edition: Edition, *, until: datetime | None, at: datetime) -> list[SeeAlsoLink]:
    """The links of an edition that patients read until then (None: still), as they saw them.

    One that is not public any more keeps its words and has no `href`; one that wasn't public in all that time, such as
    a link to a draft, stays out. At most two queries.
    """
    return _links(edition, seen_from=edition.published_at, seen_until=until or at, at=at)


def keys(edition: Edition) -> list[str]:
    """What a page depends on that prints the edition and its links (articles/changes.py)."""
    links = edition.content["links"]
    topics, articles = _ids(links, "topic"), _ids(links, "article")
    to = [*(f"link:topic:{topic}" for topic in topics), *(f"link:article:{article}" for article in articles)]
    return [f"article:{edition.article_id}", *to]


class _Target(NamedTuple):
    """A topic or article that a link leads to."""

    path: str
    language: str
    is_public: bool  # now
    was_public: bool  # at some moment of the time that is asked about


def _links(edition: Edition, *, seen_from: datetime, seen_until: datetime, at: datetime) -> list[SeeAlsoLink]:
    links = edition.content["links"]
    targets = _targets(links, seen_from=seen_from, seen_until=seen_until, at=at)
    shown = []
    for number, link in enumerate(links, start=1):
        href, language, was_seen = "", "", True
        if link["topic"] or link["article"]:
            key = ("topic", link["topic"]) if link["topic"] else ("article", link["article"])
            target = targets.get(key)
            if target:
                href = target.path if target.is_public else ""
                language = target.language if target.language != edition.language else ""
                was_seen = target.was_public
            else:
                was_seen = bool(link["topic"])  # a deleted topic was seen; an article without editions never
        elif is_safe_address(link["url"]):
            href = link["url"]
        if was_seen:
            kind = Kind(link["kind"]) if link["kind"] else None
            shown.append(SeeAlsoLink(number, link["label"], kind, href, language))
    return shown


def _targets(
    links: list[dict], *, seen_from: datetime, seen_until: datetime, at: datetime
) -> dict[tuple[str, int], _Target]:
    """A topic is public from its first save, an article from its first edition; articles without one are left out."""
    time = {"seen_from": seen_from, "seen_until": seen_until, "at": at}
    targets = {
        ("topic", pk): _Target(Topic.path_of(slug, language), language, not away, not was_away)
        for pk, slug, language, away, was_away in _topics(ids=sorted(_ids(links, "topic")), **time)
    }
    articles = sorted(_ids(links, "article"))
    for pk, slug, language, away, was_away, first in _articles(ids=articles, **time) if articles else []:
        if first:
            is_public, was_public = first <= at and not away, first <= seen_until and not was_away
            targets["article", pk] = _Target(Article.path_of(slug, language), language, is_public, was_public)
    return targets


COLUMNS = ["pk", "slug", "language", "away", "was_away"]


@prepared
def _topics(*, ids: list[int], seen_from: datetime, seen_until: datetime, at: datetime) -> QuerySet:
    topics = Topic.objects.filter(pk__among=ids).annotate(**_away("topic", seen_from, seen_until, at))
    return topics.order_by().values_list(*COLUMNS)


@prepared
def _articles(*, ids: list[int], seen_from: datetime, seen_until: datetime, at: datetime) -> QuerySet:
    first = Edition.objects.not_cancelled().filter(article=OuterRef("pk")).order_by("published_at")
    articles = Article.objects.filter(pk__among=ids).annotate(**_away("article", seen_from, seen_until, at))
    return articles.order_by().values_list(*COLUMNS, Subquery(first.values("published_at")[:1]))


def _away(name: str, seen_from: datetime, seen_until: datetime, at: datetime) -> dict:
    withdrawals = Withdrawal.objects.filter(**{name: OuterRef("pk")})
    all_the_time = Exists(withdrawals.all_through(seen_from, seen_until))
    return {"away": Exists(withdrawals.in_force(at=at)), "was_away": all_the_time}


def _ids(links: Iterable[dict], target: str) -> set[int]:
    return {link[target] for link in links if link[target]}


def by_kind(links: list[SeeAlsoLink]) -> list[SeeAlsoGroup]:
    """The links under the headings of their kinds; inside a group they keep the source's order."""
    groups = {kind: [] for kind in [*Kind, None]}
    for link in links:
        groups[link.kind].append(link)
    return [
        SeeAlsoGroup(kind.plural if kind else _("On other websites"), own[:OPEN_AT_ONCE], own[OPEN_AT_ONCE:])
        for kind, own in groups.items()
        if own
    ]
