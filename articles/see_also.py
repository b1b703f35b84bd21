"""The see-also list of an edition, as a patient may see it today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from articles.addresses import is_safe_address
from articles.kinds import Kind
from articles.models import Article, Edition, Topic

OPEN_AT_ONCE = 7  # plain-language guidance: a reader takes in no more than seven lines of a list (CDC Clear Communication Index, 8)


@dataclass(frozen=True)
class SeeAlsoLink:
    number: int  # its place in the source's list, from 1
    label: str
    kind: Kind | None  # None: an address outside the library
    href: str


@dataclass(frozen=True)
class SeeAlsoGroup:
    heading: str
    open: list[SeeAlsoLink]
    folded: list[SeeAlsoLink]


def visible_links(edition: Edition, *, at: datetime) -> list[SeeAlsoLink]:
    """The links of the edition in their order, without those whose topic or article is not public at that moment.

    At most two queries, however many links there are.
    """
    links = edition.content["links"]
    slugs = dict(Topic.objects.not_withdrawn(at=at).filter(pk__in=_ids(links, "topic")).values_list("pk", "slug"))
    hrefs = {("topic", pk): Topic.path_of(slug) for pk, slug in slugs.items()}
    if articles := _ids(links, "article"):
        live = Edition.objects.live(at=at).filter(article__in=articles)
        hrefs |= {("article", pk): Article.path_of(slug) for pk, slug in live.values_list("article", "article__slug")}
    shown = []
    for number, link in enumerate(links, start=1):
        if href := _href(link, hrefs):
            kind = Kind(link["kind"]) if link["kind"] else None
            shown.append(SeeAlsoLink(number=number, label=link["label"], kind=kind, href=href))
    return shown


def _ids(links: Iterable[dict], target: str) -> set[int]:
    return {link[target] for link in links if link[target]}


def _href(link: dict, hrefs: dict) -> str | None:
    if link["topic"]:
        return hrefs.get(("topic", link["topic"]))
    if link["article"]:
        return hrefs.get(("article", link["article"]))
    return link["url"] if is_safe_address(link["url"]) else None


def by_kind(links: list[SeeAlsoLink]) -> list[SeeAlsoGroup]:
    """The links under the headings of their kinds; inside a group they keep the source's order."""
    groups = []
    for kind in [*Kind, None]:
        of_kind = [link for link in links if link.kind == kind]
        if of_kind:
            heading = kind.plural if kind else "On other websites"
            groups.append(SeeAlsoGroup(heading, of_kind[:OPEN_AT_ONCE], of_kind[OPEN_AT_ONCE:]))
    return groups
