"""The verbs that decide what patients see: publish and withdraw.

The sign-off by a second clinician belongs before `publish()`: whatever checks it will call this verb and no other.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from articles import auditing
from articles.comparing.comparison import compare
from articles.comparing.warnings import Warning
from articles.models import Article, AuditEntry, Edition
from articles.models.page import Page

SCHEMA = 1  # raise it when the form of the content below changes; old editions keep theirs


def publishing_problems(article: Article) -> list[str]:
    """Why the article can't be published as it stands, in sentences for its editor; empty when it can."""
    problems = []
    sections = list(article.sections.all())
    if not any(section.body.strip() for section in sections):
        problems.append("The page has no text. Write at least one section.")
    for number, section in enumerate(sections, start=1):
        if number > 1 and not section.heading:
            problems.append(f"Section {number} has no heading. Only the first section may go without one.")
        if section.heading and not section.body.strip():
            problems.append(f"The section “{section.heading}” is empty. Write it, or delete the section.")
    return problems


NOTE_MISSING = "Tell patients what changed. A major change needs a public note of one sentence."


def needs_note(article: Article, change: str) -> bool:
    """Whether this change of the article, as it is saved now, must tell patients what changed: a major one after the
    first edition. Sample text, and the text that takes its place, need not."""
    newest = article.editions.order_by("-number").first()
    replaces_text = newest is not None and not newest.is_sample and not article.is_sample
    return change == Edition.Change.MAJOR and replaces_text


def proposed_change(article: Article) -> tuple[str, list[Warning]]:
    """What kind of change publishing the working copy looks like, and the changed words that say so.

    Major when nothing is published yet, or when numbers, negations or words of urgency changed. The list of words
    proves nothing, so this is a proposal: a person decides.
    """
    newest = article.editions.order_by("-number").first()
    if newest is None:
        return Edition.Change.MAJOR, []
    warnings = compare(newest.content, content_of(article)).warnings
    return (Edition.Change.MAJOR if warnings else Edition.Change.MINOR), warnings


@transaction.atomic
def publish(article: Article, *, at: datetime, by: str, change: str = Edition.Change.MAJOR, note: str = "") -> Edition:
    """Freeze the working copy into the article's next edition, which patients read from `at` on.

    `at` is an aware datetime, `by` the name of who publishes, `note` what patients are told of the change.
    Published is the day of the first edition, or the day that the imported source states. Updated is the
    day of the last major edition after the first; a minor one moves no date. Editions of sample text don't
    count: the text that replaces the sample is the first.

    Raises ValidationError, with a sentence for each problem, and changes nothing when the page can't be published or
    when a major change has no note.
    """
    note = note.strip()
    article = Article.objects.select_for_update().get(pk=article.pk)
    problems = publishing_problems(article)
    if article.withdrawn_at is not None:
        problems.append("The page is withdrawn. Bring it back before you publish it.")
    newest = article.editions.order_by("-number").first()
    if newest and newest.published_at > at:
        problems.append(f"Edition {newest.number} is dated later than this moment. Check the clock of this machine.")
    if problems:
        raise ValidationError(problems)
    if not note and needs_note(article, change):
        raise ValidationError({"note": NOTE_MISSING})

    _move_dates(article, newest, change, today=timezone.localdate(at))
    edition = Edition(
        article=article,
        number=newest.number + 1 if newest else 1,
        title=article.title,
        deck=article.deck,
        kind=article.kind,
        is_sample=article.is_sample,
        schema=SCHEMA,
        content=content_of(article),
        change=change,
        note=note,
        published_at=at,
        published_by=by,
        published_on=article.published_on,
        published_on_is_stated=article.published_on_is_stated,
        updated_on=article.updated_on,
    )
    edition.clean_fields(exclude=["article"])
    edition.save()
    edition.about.add(*article.about.values_list("pk", flat=True))
    edition.see_also.add(*{link["topic"] for link in edition.content["links"] if link["topic"]})
    edition.tags.add(*article.tags.values_list("pk", flat=True))
    auditing.record(
        article,
        AuditEntry.Action.PUBLISHED,
        at=at,
        by=by,
        before={"edition": newest.number if newest else None},
        after={"edition": edition.number, "change": change},
        summary=f"edition {edition.number}, {change}",
        reason=note,
    )
    return edition


def _move_dates(article: Article, newest: Edition | None, change: str, *, today: date) -> None:
    """Published by the first edition that is no sample, Updated by every later major one; nothing else writes them."""
    if newest is None or newest.is_sample:
        if not article.published_on_is_stated:
            article.published_on = today
        article.updated_on = None
    elif change == Edition.Change.MAJOR:
        article.updated_on = today
    article.save(update_fields=["published_on", "updated_on"])


def content_of(article: Article) -> dict:
    """All that the page says, as plain data (schema 1).

    A link keeps the words and the kind that patients read, and the id of its topic or article: whether
    that is still public, and at which address, is asked when the page is shown.
    """
    return {
        "title": article.title,
        "deck": article.deck,
        "kind": article.kind,
        "is_sample": article.is_sample,
        "sections": [
            {"anchor": section.anchor, "heading": section.heading, "body": section.body}
            for section in article.sections.all()
        ],
        "references": [
            {
                "text": reference.text,
                "year": reference.year,
                "doi": reference.doi,
                "pmid": reference.pmid,
                "url": reference.url,
                "accessed_on": reference.accessed_on.isoformat() if reference.accessed_on else None,
                "address": reference.address,
            }
            for reference in article.references.all()
        ],
        "links": [_link_content(link) for link in article.related_links.values(*LINK_COLUMNS)],
        "about": [{"topic": topic.pk, "title": topic.title} for topic in article.about.all()],
        "tags": [{"name": tag.name, "slug": tag.slug} for tag in article.tags.order_by("name")],
    }


LINK_COLUMNS = ["label", "url", "topic", "topic__title", "topic__kind"]
LINK_COLUMNS += ["target_article", "target_article__title", "target_article__kind"]


def _link_content(link: dict) -> dict:
    return {
        "label": link["label"] or link["topic__title"] or link["target_article__title"],
        "kind": link["topic__kind"] or link["target_article__kind"],
        "topic": link["topic"],
        "article": link["target_article"],
        "url": link["url"],
    }


@transaction.atomic
def withdraw(page: Page, *, at: datetime, by: str, reason: str) -> None:
    """Take an article or topic away from patients: its address answers 410 with the reason, links to it vanish.

    Raises ValidationError when no reason is given or the page is withdrawn already; then nothing changes.
    """
    page = type(page).objects.select_for_update().get(pk=page.pk)
    if page.withdrawn_at is not None:
        raise ValidationError(f"“{page}” is withdrawn already.")
    if not reason.strip():
        raise ValidationError("Say why the page is withdrawn. Patients who open its address read the reason.")
    page.withdrawn_at, page.withdrawn_reason = at, reason.strip()
    page.full_clean(exclude=["slug", "kind", "title"])
    page.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    auditing.record(page, AuditEntry.Action.WITHDRAWN, at=at, by=by, reason=page.withdrawn_reason)


@transaction.atomic
def bring_back(page: Page, *, at: datetime, by: str) -> None:
    """Undo a withdrawal: patients read the newest edition again.

    Raises ValidationError when the page is not withdrawn.
    """
    page = type(page).objects.select_for_update().get(pk=page.pk)
    if page.withdrawn_at is None:
        raise ValidationError(f"“{page}” is not withdrawn.")
    page.withdrawn_at, page.withdrawn_reason = None, ""
    page.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    auditing.record(page, AuditEntry.Action.BROUGHT_BACK, at=at, by=by)
