"""Saving the working copy without losing anybody's text: versions, revisions, restore.

Whoever changes a working copy does it inside `revision(...)`: the version is claimed first, so of two saves that
started from the same version one wins and the other is told.
"""

from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from articles import auditing
from articles.comparing.comparison import Comparison, compare
from articles.models import Article, AuditEntry, Reference, Revision, Section, Topic
from articles.ordering import LinkRow, set_related_links
from articles.publishing import content_of

FIRST = "first version"


class StaleVersion(Exception):
    """Somebody else saved the article after this version was read. Nothing was changed.

    `article` is the article as it is stored now; None when it has been deleted.
    """

    def __init__(self, article: Article | None):
        super().__init__("Somebody else has saved this article since you opened it.")
        self.article = article


@contextmanager
def revision(article: Article, *, version: int, at: datetime, by: str, summary: str = ""):
    """Everything that is saved in this block is one revision, or none when nothing changed.

    `version` is the version of the article that the change started from. It is compared inside the UPDATE that
    claims the next one, and that UPDATE holds the row until the block ends: two blocks can't both pass. Raises
    StaleVersion before the block runs; an error inside the block undoes all of it.

    `summary` replaces the plain line that says what changed.
    """
    with transaction.atomic():
        claimed = Article.objects.filter(pk=article.pk, version=version).update(version=F("version") + 1)
        if not claimed:
            raise StaleVersion(Article.objects.filter(pk=article.pk).first())
        article.version = version + 1  # so that a plain save() in the block keeps the claim
        yield
        article.version = _keep(article, version + 1, at=at, by=by, summary=summary)


def _keep(article: Article, number: int, *, at: datetime, by: str, summary: str) -> int:
    """Store the revision; give the claimed number back when nothing changed. Returns the article's version."""
    content = content_of(Article.objects.get(pk=article.pk))
    before = article.revisions.order_by("-number").first()
    comparison = compare(before.content, content) if before else None
    if comparison is not None and not comparison:
        Article.objects.filter(pk=article.pk).update(version=number - 1)
        return number - 1
    said = summary or (comparison.summary if comparison else FIRST)
    # The first version stands whole in its revision; later ones are kept with what each field was before.
    versions = {"before": before.content, "after": content} if before else {}
    auditing.record(article, AuditEntry.Action.SAVED, at=at, by=by, summary=said, **versions)
    Revision.objects.create(
        article=article, number=number, content=content, summary=said[:300], saved_at=at, saved_by=by
    )
    return number


def changes_since(article: Article, number: int) -> Comparison:
    """What changed in the working copy from revision `number` to now; Revision.DoesNotExist when there is none."""
    return compare(article.revisions.get(number=number).content, content_of(article))


def restore(article: Article, wanted: Revision, *, version: int, at: datetime, by: str) -> Article:
    """Make the working copy what it was at a revision: text, references, links, topics, tags. Patients see nothing of it.

    The address stays. Links to topics and articles that have been deleted since can't come back. Raises StaleVersion.
    """
    with revision(article, version=version, at=at, by=by, summary=f"version {wanted.number} restored"):
        write_content(article, wanted.content)
    return article


def write_content(article: Article, content: dict) -> None:
    """Store content (schema 1) as the working copy of the article."""
    article.title, article.deck, article.kind = content["title"], content["deck"], content["kind"]
    article.is_sample = content["is_sample"]
    article.save(update_fields=["title", "deck", "kind", "is_sample"])
    article.sections.all().delete()
    Section.objects.bulk_create(
        Section(article=article, position=position, **section)
        for position, section in enumerate(content["sections"], 1)
    )
    article.references.all().delete()
    Reference.objects.bulk_create(
        Reference(
            article=article,
            position=position,
            **{name: row[name] for name in ("text", "year", "doi", "pmid", "url")},
            accessed_on=date.fromisoformat(row["accessed_on"]) if row["accessed_on"] else None,
        )
        for position, row in enumerate(content["references"], 1)
    )
    set_related_links(article, link_rows(content["links"]))
    article.about.set(Topic.objects.filter(pk__in=[row["topic"] for row in content["about"]]))
    article.tags.set([row["name"] for row in content["tags"]])


def link_rows(links: list[dict]) -> list[LinkRow]:
    """The links of stored content as rows to save; a label that is the title of its target is left to the target."""
    topics = dict(
        Topic.objects.filter(pk__in={row["topic"] for row in links if row["topic"]}).values_list("pk", "title")
    )
    articles = dict(
        Article.objects.filter(pk__in={row["article"] for row in links if row["article"]}).values_list("pk", "title")
    )
    rows = []
    for row in links:
        title = topics.get(row["topic"]) or articles.get(row["article"])
        if title or row["url"]:
            label = "" if row["label"] == title else row["label"]
            rows.append(LinkRow(row["topic"], row["article"], row["url"], label))
    return rows
