"""The see-also list of an edition, as a patient may see it today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Min

from articles.addresses import is_safe_address
from articles.kinds import Kind
from articles.models import Article, Edition, Topic

OPEN_AT_ONCE = 7  # plain-language guidance: a reader takes in no more than seven lines of a list (CDC Clear Communication Index, 8)


@dataclass(frozen=True)
class SeeAlsoLink:
    number: int  # its place in the source's list, from 1
    label: str
    kind: Kind | None  # None: an address outside the library
    href: str  # empty: it leads nowhere now


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


@dataclass(frozen=True)
class _Target:
    """A topic or article that a link leads to, and since when and until when it was public."""

    path: str
    public_from: datetime
    withdrawn_at: datetime | None

    def was_public(self, start: datetime, end: datetime) -> bool:
        return self.public_from <= end and (self.withdrawn_at is None or self.withdrawn_at > start)


ALWAYS = datetime.min.replace(tzinfo=UTC)


def _links(edition: Edition, *, seen_from: datetime, seen_until: datetime, at: datetime) -> list[SeeAlsoLink]:
    links = edition.content["links"]
    targets = _targets(links)
    shown = []
    for number, link in enumerate(links, start=1):
        href, was_seen = "", True
        if link["topic"] or link["article"]:
            key = ("topic", link["topic"]) if link["topic"] else ("article", link["article"])
            target = targets.get(key)
            if target:
                href = target.path if target.was_public(at, at) else ""
                was_seen = target.was_public(seen_from, seen_until)
            else:
                was_seen = bool(link["topic"])  # a deleted topic was seen; an article without editions never
        elif is_safe_address(link["url"]):
            href = link["url"]
        if was_seen:
            kind = Kind(link["kind"]) if link["kind"] else None
            shown.append(SeeAlsoLink(number=number, label=link["label"], kind=kind, href=href))
    return shown


def _targets(links: list[dict]) -> dict[tuple[str, int], _Target]:
    """A topic is public from its first save, an article from its first edition; articles without one are left out."""
    topics = Topic.objects.filter(pk__in=_ids(links, "topic")).values_list("pk", "slug", "withdrawn_at")
    targets = {("topic", pk): _Target(Topic.path_of(slug), ALWAYS, withdrawn) for pk, slug, withdrawn in topics}
    if ids := _ids(links, "article"):
        articles = Article.objects.filter(pk__in=ids).annotate(first=Min("editions__published_at")).order_by()
        for pk, slug, withdrawn, first in articles.values_list("pk", "slug", "withdrawn_at", "first"):
            if first:
                targets["article", pk] = _Target(Article.path_of(slug), first, withdrawn)
    return targets


def _ids(links: Iterable[dict], target: str) -> set[int]:
    return {link[target] for link in links if link[target]}


def by_kind(links: list[SeeAlsoLink]) -> list[SeeAlsoGroup]:
    """The links under the headings of their kinds; inside a group they keep the source's order."""
    groups = []
    for kind in [*Kind, None]:
        of_kind = [link for link in links if link.kind == kind]
        if of_kind:
            heading = kind.plural if kind else "On other websites"
            groups.append(SeeAlsoGroup(heading, of_kind[:OPEN_AT_ONCE], of_kind[OPEN_AT_ONCE:]))
    return groups
