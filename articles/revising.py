"""Saving the working copy without losing anybody's text: versions, revisions, and the ways back.

Whoever changes a working copy does it inside `revision(...)`: the version is claimed first, so of two saves that
started from the same version one wins and the other is told.
"""

from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from articles import auditing
from articles.ancestry import Ancestry, brought_together, restored, taken_up
from articles.comparing.comparison import compare
from articles.merging.versions import merge
from articles.merging.words import PLACE
from articles.models import Article, AuditEntry, Edition, Reference, Revision, Section, Topic
from articles.ordering import LinkRow, set_related_links
from articles.people import Person
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
def revision(article: Article, *, version: int, at: datetime, by: Person, summary: str = ""):
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
        before = _content_before(article)
        yield
        article.version = _keep(article, version + 1, before, at=at, by=by, summary=summary)


def working_copy(article: Article) -> dict:
    """All that a revision keeps: what the page says, and its place: address, language, and what it translates.

    An edition holds no place, because a new one acts as soon as it is saved. But two editors can change it from the
    same version as they can change the title, so a revision names it, and a merge asks about it. Revisions that were
    kept before they did so name none: there it is unknown.
    """
    return {**content_of(article), **place_of(article)}


def place_of(article: Article) -> dict:
    original = article.translation_of
    return {
        "slug": article.slug,
        "language": article.language,
        "translation_of": original.get_absolute_url() if original else "",
    }


def _content_before(article: Article) -> dict | None:
    """The newest revision, with the address that the article has; None before the first one."""
    newest = article.revisions.annotate(slug=F("article__slug")).order_by("-number").first()
    return newest and {**newest.content, "slug": newest.slug}


def _keep(article: Article, number: int, before: dict | None, *, at: datetime, by: Person, summary: str) -> int:
    """Store the revision; give the claimed number back when nothing changed. Returns the article's version."""
    content = working_copy(Article.objects.get(pk=article.pk))
    comparison = compare(before, content) if before else None
    if comparison is not None and not comparison:
        Article.objects.filter(pk=article.pk).update(version=number - 1)
        return number - 1
    said = summary or (comparison.summary if comparison else FIRST)
    # The first version stands whole in its revision; later ones are kept with what each field was before.
    versions = {"before": before, "after": content} if before else {}
    auditing.record(article, AuditEntry.Action.SAVED, at=at, by=by, summary=said, **versions)
    Revision.objects.create(
        article=article,
        number=number,
        content=content,
        summary=said[:300],
        saved_at=at,
        saved_by=by.name,
        saved_by_account=by.account,
    )
    return number


def restore(article: Article, wanted: Revision, *, version: int, at: datetime, by: Person) -> Article:
    """Make the working copy what it was at a revision: text, references, links, topics, tags. Patients see nothing of it.

    The address stays. Links to topics and articles that have been deleted since can't come back. Raises StaleVersion.
    """
    with revision(article, version=version, at=at, by=by, summary=restored(wanted.number)):
        write_content(article, wanted.content)
    return article


@transaction.atomic
def take_up(article: Article, edition: Edition, *, version: int, at: datetime, by: Person) -> Article:
    """Make the working copy what an edition says, so that it can be corrected without the draft that was there.

    The draft is kept as the version that it is: `bring_together()` takes it up again. Raises StaleVersion.
    """
    if not article.revisions.filter(number=version).exists():  # a text from before versions were kept
        with revision(article, version=version, at=at, by=by):
            pass
        version = article.version
    with revision(article, version=version, at=at, by=by, summary=taken_up(edition.number, draft=version)):
        write_content(article, edition.content)
    return article


def bring_together(
    article: Article, wanted: Revision, choices: dict[str, str], *, version: int, at: datetime, by: Person
) -> Article:
    """Put what a revision changed into the working copy, with all that was changed there meanwhile. Where both clash,
    the working copy stands unless `choices[key]` is "mine", as in merge(). Raises StaleVersion."""
    with revision(article, version=version, at=at, by=by, summary=brought_together(wanted.number, version)):
        sides = both_sides(Article.objects.get(pk=article.pk), wanted, version=version)
        write_content(article, merge(*sides, choices).content)
    return article


def both_sides(article: Article, wanted: Revision, *, version: int) -> tuple[dict | None, dict, dict]:
    """What the revision and version `version` of the article, its working copy, were both made from, and both of them.

    None stands for a text that no revision and no edition has kept.
    """
    base = _content_at(article, Ancestry.of(article).common(wanted.number, version))
    return base, _text_of(wanted.content), content_of(article)


def _content_at(article: Article, number: int) -> dict | None:
    kept = article.revisions.filter(number=number).first() or article.editions.filter(version=number).first()
    return kept and _text_of(kept.content)


def _text_of(content: dict) -> dict:
    """Without the place: the one that an article had once is no part of the text that is brought back."""
    return {name: value for name, value in content.items() if name not in PLACE}


def write_content(article: Article, content: dict) -> None:
    """Store content (schema 1) as the working copy of the article. Its address stays."""
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
