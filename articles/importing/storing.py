"""From the text of a page to the working copy of an article. One file is one transaction; patients see none of it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from articles import html, languages
from articles.importing.decoding import Finding, NotAPage, lines_of
from articles.importing.kinds_file import KindsFile
from articles.importing.page_text import PageText, read_page
from articles.importing.topics import topics_for
from articles.kinds import Kind
from articles.models import Article, ImportedFile, Reference, RelatedLink, Section
from articles.models.section import anchor_for
from articles.people import Person
from articles.revising import revision


class Outcome(StrEnum):
    MADE = "made"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass
class Imported:
    article: Article
    outcome: Outcome
    new_topics: int = 0
    findings: list[Finding] = field(default_factory=list)


@transaction.atomic
def import_page(
    raw: bytes,
    *,
    name: str,
    at: datetime,
    kinds: KindsFile | None = None,
    is_sample: bool = False,
    replace_edits: bool = False,
    language: str = languages.DEFAULT,
    translation_of: Article | None = None,
) -> Imported:
    """Bring the working copy of an article in line with a page of plain text.

    The article is the one of the language with the page's title and kind; it is made when there is none. `translation_of`
    is the page that this one says in another language; without one, what an article translates stays. A file that has not changed
    since its last import changes nothing. Raises NotAPage, and stores nothing, when the file holds no page, when it can't be
    that translation, or when an editor has changed the article since (unless `replace_edits`).
    """
    lines, findings = lines_of(raw)
    page = read_page(lines, today=timezone.localdate(at))
    findings += page.findings
    link_kinds = kinds.kinds_of(page.links) if kinds else [None] * len(page.links)
    file_digest = _digest([[(line.text, line.indent) for line in lines], link_kinds, is_sample])

    article = _find(page, language, findings)
    if article and article.archived_at:
        raise NotAPage(
            f"the article “{article}” is in the archive. Take it out in the admin, then import the page again."
        )
    imported = ImportedFile.objects.filter(article=article).first() if article else None
    edited = article is not None and (imported is None or imported.content_digest != working_copy_digest(article))
    if imported and imported.file_digest == file_digest and not (edited and replace_edits):
        return Imported(article, Outcome.UNCHANGED, findings=findings)
    if edited and not replace_edits:
        _refuse(article, imported)
    findings += _renamed(article, name)

    outcome = Outcome.UPDATED if article else Outcome.MADE
    article = article or Article(title=page.title, language=language, kind=page.kind or Kind.IN_DEPTH)
    article.translation_of = translation_of or article.translation_of
    if problem := article.translation_problem():
        raise NotAPage(f"it is no translation of “{article.translation_of}”. {problem}")
    if outcome == Outcome.MADE:
        article.save()
    with revision(article, version=article.version, at=at, by=Person(f"import of {name}"[:200])):
        _store_fields(article, page, is_sample)
        _store_sections(article, page)
        _store_references(article, page)
        topics, topic_findings, new_topics = topics_for(page.links, link_kinds, language=article.language, at=at)
        article.related_links.all().delete()
        RelatedLink.objects.bulk_create(
            RelatedLink(
                article=article, position=position, topic=topic, label="" if topic.title == link.title else link.title
            )
            for position, (topic, link) in enumerate(zip(topics, page.links, strict=True), start=1)
        )
    ImportedFile.objects.update_or_create(
        article=article,
        defaults={
            "name": name[-255:],
            "file_digest": file_digest,
            "content_digest": working_copy_digest(article),
            "imported_at": at,
        },
    )
    return Imported(article, outcome, new_topics, findings + topic_findings)


def _find(page: PageText, language: str, findings: list[Finding]) -> Article | None:
    same_title = Article.objects.filter(language=language, title=page.title).order_by("pk")
    if page.kind is None:
        return same_title.first()
    article = next((article for article in same_title if article.kind == page.kind), None)
    if article is None and (other := same_title.first()):
        findings.append(
            Finding(
                0,
                f"another article has this title under {Kind(other.kind).plural} ({other.slug}); this is a second one",
            )
        )
    return article


def _refuse(article: Article, imported: ImportedFile | None) -> None:
    """Nobody's text is silently lost."""
    if imported is None:
        raise NotAPage(
            f"an article “{article}” was written in the admin and would be overwritten. "
            "Give the file another title, or use --replace-edits to overwrite the article's working copy."
        )
    raise NotAPage(
        f"the article “{article}” was changed in the admin since it was imported, and the file has changed too. "
        "Make the change in the admin, or use --replace-edits to overwrite the article's working copy."
    )


def _renamed(article: Article | None, name: str) -> list[Finding]:
    """A file that made another article before was given another title or kind since; an editor should know of both."""
    earlier = None if article else ImportedFile.objects.filter(name=name).select_related("article").first()
    if earlier is None:
        return []
    made = f"this file made “{earlier.article}” ({earlier.article.slug}) before; its new title or kind makes a second article"
    return [Finding(0, made)]


def _store_fields(article: Article, page: PageText, is_sample: bool) -> None:
    article.deck = page.deck
    article.kind = page.kind or article.kind or Kind.IN_DEPTH
    article.is_sample = is_sample
    if page.stated_on:
        article.stated_on = page.stated_on
    elif article.pk and not article.editions.filter(is_sample=False).exists():
        article.stated_on = None  # the file states it no longer
    article.save(
        update_fields=["deck", "kind", "is_sample", "stated_on", "translation_of"]
    )  # the dates belong to the review desk


def _store_sections(article: Article, page: PageText) -> None:
    """Sections of the same heading keep their anchor: links to them must not break."""
    anchors = {section.heading: section.anchor for section in article.sections.all()}
    article.sections.all().delete()
    taken: set[str] = set()
    sections = []
    for position, section in enumerate(page.sections, start=1):
        anchor = anchors.get(section.heading, "")
        if not anchor or anchor in taken:
            anchor = anchor_for(section.heading, taken | set(anchors.values()))
        taken.add(anchor)
        sections.append(
            Section(article=article, position=position, heading=section.heading, anchor=anchor, body=section.html)
        )
    Section.objects.bulk_create(sections)


def _store_references(article: Article, page: PageText) -> None:
    article.references.all().delete()
    Reference.objects.bulk_create(
        Reference(
            article=article,
            position=position,
            text=citation.text,
            year=citation.year,
            doi=citation.doi,
            pmid=citation.pmid,
            url=citation.url,
            accessed_on=citation.accessed_on,
        )
        for position, citation in enumerate(page.citations, start=1)
    )


def working_copy_digest(article: Article) -> str:
    """A fingerprint of all that an import writes and an editor may have changed since."""
    return _digest(
        [
            [article.title, article.deck, article.kind],
            [[section.heading, html.clean(section.body)] for section in article.sections.all()],
            [
                [
                    reference.text,
                    reference.year,
                    reference.doi,
                    reference.pmid,
                    reference.url,
                    str(reference.accessed_on),
                ]
                for reference in article.references.all()
            ],
            list(article.related_links.values_list("topic", "target_article", "url", "label")),
        ]
    )


def _digest(data) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False).encode()).hexdigest()
