"""What is known of a page when somebody reviews it: what the checks find, how its links and sources are.

The checks themselves ask nothing (articles/checks/); here it is read what they are told. The number of queries does not
grow with the page.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urldefrag, urlsplit

from articles import owners, workflow
from articles.checks import Finding, check_text, in_groups
from articles.checks.governance import Record, check_record, check_sources
from articles.checks.language import grades_of
from articles.checks.reading import in_words
from articles.checks.structure import SEE_ALSO, check_targets, name_of_section
from articles.checks.text import read_body
from articles.links import checking
from articles.links.checking import LinkHealth
from articles.models import Article, Edition, LinkCheck, Redirect, Review, Topic, WithdrawnSource
from articles.people import Person
from articles.see_also import SeeAlsoLink, visible_links
from articles.withdrawn_sources import is_cited

Verdict = LinkCheck.Verdict
WORST_FIRST = [Verdict.GONE, Verdict.FAILING, Verdict.MOVED, Verdict.UNKNOWN, None, Verdict.FINE]
TO_LOOK_AT = {Verdict.GONE, Verdict.FAILING, Verdict.MOVED, Verdict.UNKNOWN}


@dataclass(frozen=True)
class Source:
    """A reference as the edition has it, and its entry in the list of withdrawn sources; None when it has none."""

    reference: dict
    withdrawn: WithdrawnSource | None


@dataclass(frozen=True)
class PageHealth:
    """`links` are those to other websites that somebody should look at, the dead first; `quiet_links` the others."""

    findings: list[Finding]
    reading: str
    links: list[LinkHealth]
    quiet_links: list[LinkHealth]
    sources: list[Source]
    see_also: list[SeeAlsoLink]  # those that patients see

    @property
    def groups(self) -> list[tuple[str, list[Finding]]]:
        return in_groups(self.findings)


def page_health(edition: Edition, *, last: Review | None, at: datetime, today: date) -> PageHealth:
    """Of an edition that patients read. `last` is the last review of the whole page, with its edition."""
    content = edition.content
    article = Article.objects.select_related("owner", "owner_group").get(pk=edition.article_id)
    links = sorted(checking.health(edition), key=lambda link: WORST_FIRST.index(_verdict(link)))
    sources = _sources(content["references"])
    seen = visible_links(edition, at=at)
    numbers = {link.number for link in seen}
    gone = {n: link["label"] for n, link in enumerate(content["links"], start=1) if n not in numbers}
    findings = [
        *check_record(_record(article, edition, last), today=today),
        *check_text(content, language=edition.language),
        *check_targets(content, article=article.pk, gone=gone, dead_paths=_dead_paths(content, at=at)),
        *check_sources(
            content,
            withdrawn={n: each.withdrawn.what_happened for n, each in enumerate(sources, start=1) if each.withdrawn},
            dead=_dead_sources(content["references"], links),
            reviewed_on=article.reviewed_on,
        ),
    ]
    before = grades_of(last.edition.content) if last and last.edition_id != edition.pk else None
    return PageHealth(
        findings=findings,
        reading=in_words(grades_of(content), before)
        if edition.language == "en"
        else "",  # no formula of ours knows others
        links=[link for link in links if _verdict(link) in TO_LOOK_AT],
        quiet_links=[link for link in links if _verdict(link) not in TO_LOOK_AT],
        sources=sources,
        see_also=seen,
    )


def _verdict(link: LinkHealth) -> Verdict | None:
    return Verdict(link.verdict.verdict) if link.verdict else None


def _record(article: Article, edition: Edition, last: Review | None) -> Record:
    stated = article.stated_reviews.first()
    owner, group = article.owner, article.owner_group
    is_active = owner.is_active if owner else bool(group and group.user_set.filter(is_active=True).exists())
    return Record(
        published_on=edition.published_on,
        reviewed_on=article.reviewed_on,
        next_review_on=article.next_review_on,
        stated_on=stated.reviewed_on if stated else None,
        review_months=article.review_months,
        policy=article.review_policy,
        banner_after_days=article.banner_after_days,
        owner=owners.name_of_owner(article),
        owner_is_active=is_active,
        reviewer_wrote_it=last.reviewer_name if last and _wrote(article, last) else "",
    )


def _wrote(article: Article, review: Review) -> bool:
    """Whether the reviewer had a hand in the text reviewed since it was last signed off. The account of a record is that
    of whoever typed it in, and the reviewer's only when both have one name."""
    reviewer, typist = Person(review.reviewer_name), Person(review.recorded_by, review.recorded_by_account)
    if reviewer.is_also(typist):
        reviewer = typist
    return any(writer.is_also(reviewer) for writer in workflow.writers(article, of=review.edition))


def _sources(references: list[dict]) -> list[Source]:
    """One query, and the same rule that asks for a review of the pages that cite a withdrawn source."""
    if not references:
        return []
    listed = list(WithdrawnSource.objects.all())
    return [Source(each, next((source for source in listed if is_cited(source, each)), None)) for each in references]


def _dead_sources(references: list[dict], links: list[LinkHealth]) -> dict[int, str]:
    gone = {link.url: link.verdict.detail or "gone" for link in links if _verdict(link) == Verdict.GONE}
    addresses = {number: urldefrag(each["address"])[0] for number, each in enumerate(references, start=1)}
    return {number: gone[address] for number, address in addresses.items() if address in gone}


_PAGE = re.compile(r"(?:/\w+)?/(?:articles|topics)/[^/]+/?\Z")


def _dead_paths(content: dict, *, at: datetime) -> dict[str, str]:
    """The addresses of articles and topics in the text and among the related links that open no page now, each with the
    heading of the section where it stands first. At most three queries, none without such links."""
    hrefs = [
        (name_of_section(part), link.href) for part in content["sections"] for link in read_body(part["body"]).links
    ]
    hrefs += [(SEE_ALSO, link["url"]) for link in content["links"]]
    places = {}
    for where, href in hrefs:
        path = urlsplit(href).path if href.startswith("/") else ""
        if _PAGE.match(path):
            places.setdefault(path if path.endswith("/") else f"{path}/", where)
    if not places:
        return {}
    kept = Redirect.objects.filter(path__in=places).select_related("article", "topic")
    leads_to = {redirect.path: redirect.target.get_absolute_url() for redirect in kept}
    wanted = {path: leads_to.get(path, path) for path in places}
    slugs = {path.rstrip("/").rpartition("/")[2] for path in wanted.values()}
    live = Edition.objects.live(at=at).filter(article__slug__in=slugs).select_related("article").defer("content")
    topics = Topic.objects.not_withdrawn(at=at).filter(slug__in=slugs)
    found = {page.get_absolute_url() for page in [*live, *topics]}
    return {path: places[path] for path, page in wanted.items() if page not in found}
