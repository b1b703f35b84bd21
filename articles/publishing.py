"""The verbs that decide what patients see: publish and withdraw, now or from a later moment.

Who may do it, and when, is asked before in articles/workflow/. An import publishes without it, and says so.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Value
from django.utils import timezone

from articles import auditing, due, languages, policies
from articles.comparing.comparison import Comparison, compare
from articles.comparing.warnings import Warning
from articles.dates import in_words
from articles.models import Article, AuditEntry, Edition, ScheduledAct, Withdrawal, WorkflowStep
from articles.models.page import Page
from articles.people import Person
from articles.search import index

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
BYPASS_WITHOUT_REASON = "Say why the page is published without a sign-off."
WITHDRAWN_NOW = "The page is withdrawn. Publish it now, or bring it back before an edition is scheduled."


def newest_edition(article: Article) -> Edition | None:
    """What patients read, will read when its moment comes, or read until the page was withdrawn."""
    return article.editions.not_cancelled().order_by("-number").first()


def needs_note(article: Article, change: str) -> bool:
    """Whether this change of the article, as it is saved now, must tell patients what changed: a major one after the
    first edition. Sample text, and the text that takes its place, need not."""
    newest = newest_edition(article)
    replaces_text = newest is not None and not newest.is_sample and not article.is_sample
    return change == Edition.Change.MAJOR and replaces_text


def proposed_change(article: Article) -> tuple[str, list[Warning]]:
    """What kind of change publishing the working copy looks like, and the changed words that say so.

    Major when nothing is published yet, or when numbers, negations or words of urgency changed. The list of words
    proves nothing, so this is a proposal: a person decides.
    """
    newest = newest_edition(article)
    return change_proposed_by(compare(newest.content, content_of(article)) if newest else None)


def change_proposed_by(comparison: Comparison | None) -> tuple[str, list[Warning]]:
    """The same, when the newest edition was compared with the working copy already; None when there is no edition."""
    warnings = comparison.warnings if comparison is not None else []
    return (Edition.Change.MINOR if comparison is not None and not warnings else Edition.Change.MAJOR), warnings


@transaction.atomic
def publish(
    article: Article,
    *,
    at: datetime,
    by: Person,
    change: str = Edition.Change.MAJOR,
    note: str = "",
    sign_off: WorkflowStep | None = None,
    bypass_reason: str = "",
    live_at: datetime | None = None,
) -> Edition:
    """Freeze the working copy into the article's next edition, which patients read from `live_at` on.

    `at` is the moment of the act, an aware datetime, and `live_at` is the same unless the edition is scheduled. `note`
    is what patients are told of the change. `sign_off` is the step by which a second clinician signed this version
    off; without one `bypass_reason` says why patients read it all the same.

    Published is the day of the first edition, or the day that the imported source states. Updated is the
    day of the last major edition after the first; a minor one moves no date. Editions of sample text don't
    count: the text that replaces the sample is the first. A page that is withdrawn comes back with its new edition.

    Raises ValidationError, with a sentence for each problem, and changes nothing when the page can't be published or
    when a major change has no note.
    """
    note, bypass_reason, live_at = note.strip(), bypass_reason.strip(), live_at or at
    article = Article.objects.select_for_update().get(pk=article.pk)
    newest = newest_edition(article)
    if problems := _against_publishing(article, newest, at=at, live_at=live_at):
        raise ValidationError(problems)
    _check_sign_off(article, sign_off, bypass_reason)
    if not note and needs_note(article, change):
        raise ValidationError({"note": NOTE_MISSING})

    edition = Edition(
        article=article,
        number=(article.editions.aggregate(Max("number"))["number__max"] or 0) + 1,
        version=article.version,
        language=article.language,
        title=article.title,
        deck=article.deck,
        kind=article.kind,
        is_sample=article.is_sample,
        schema=SCHEMA,
        content=content_of(article),
        change=change,
        note=note,
        published_at=live_at,
        published_by=by.name,
        published_by_account=by.account,
        sign_off=sign_off,
        bypass_reason="" if sign_off else bypass_reason,
        **_dates(article, newest, change, day=timezone.localdate(live_at)),
    )
    edition.clean_fields(exclude=["article"])
    edition.save()
    edition.about.add(*article.about.values_list("pk", flat=True))
    edition.see_also.add(*{link["topic"] for link in edition.content["links"] if link["topic"]})
    edition.tags.add(*article.tags.values_list("pk", flat=True))
    article.withdrawals.in_force(at=at).update(until_at=at)
    due.follow_editions(Article.objects.filter(pk=article.pk))
    if newest is None or not article.review_policy:
        policies.adopt(article)
    if live_at > at:
        _plan(article, edition=edition, due_at=live_at, by=by, at=at)
    index.articles_changed([article.pk])
    auditing.record(
        article,
        AuditEntry.Action.PUBLISHED if live_at <= at else AuditEntry.Action.SCHEDULED,
        at=at,
        by=by,
        before={"edition": newest.number if newest else None},
        after={
            "edition": edition.number,
            "change": change,
            "live from": live_at.isoformat(),
            "public note": note,
            "signed off by": sign_off.by if sign_off else None,
        },
        summary=f"edition {edition.number}, {change}{'' if sign_off else ', without a sign-off'}",
        reason=edition.bypass_reason or note,
    )
    return edition


def _against_publishing(article: Article, newest: Edition | None, *, at: datetime, live_at: datetime) -> list[str]:
    problems = publishing_problems(article)
    if article.archived_at:
        problems.append("The article is in the archive. Take it out before you publish it.")
    if newest and newest.published_at > at:
        problems.append(
            f"Edition {newest.number} is to go live {in_words(newest.published_at)}. Call that off first: it would "
            "take the place of what you publish now."
        )
    if live_at > at and (end := article.withdrawals.coming(at=at).filter(from_at__lte=live_at).first()):
        problems.append(
            f"The page ends {in_words(end.from_at)}, before this edition goes live. Call the end off first."
        )
    if live_at > at and article.withdrawal(at=at):
        problems.append(WITHDRAWN_NOW)
    return problems


def _check_sign_off(article: Article, sign_off: WorkflowStep | None, bypass_reason: str) -> None:
    if sign_off is None:
        if not bypass_reason:
            raise ValidationError({"bypass_reason": BYPASS_WITHOUT_REASON})
        return
    signed = (sign_off.article_id, sign_off.version, sign_off.action)
    if signed != (article.pk, article.version, WorkflowStep.Action.SIGNED_OFF):
        raise ValidationError("The sign-off is of another text. Send this one for review.")


def _dates(article: Article, before: Edition | None, change: str, *, day: date) -> dict:
    """Published by the first edition that is no sample, Updated by every later major one; nothing else writes them."""
    first = before is None or before.is_sample
    if article.stated_on:
        published = {"published_on": article.stated_on, "published_on_is_stated": True}
    elif first:
        published = {"published_on": day, "published_on_is_stated": False}
    else:
        published = {
            "published_on": before.published_on,
            "published_on_is_stated": before.published_on_is_stated,
        }
    if first:
        return {**published, "updated_on": None}
    return {**published, "updated_on": day if change == Edition.Change.MAJOR else before.updated_on}


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
        **_topics_and_tags(article),
    }


def _topics_and_tags(article: Article) -> dict:
    """The topics in the order of the alphabet and the tags by name, in one query. `public` is the name of a tag in the
    language of a page that is not in English, and empty when it has none there."""
    columns = (Value("topic"), "sort_key", "kind", "pk", "title", "slug", Value(""))
    topics = article.about.order_by().values_list(*columns)
    tags = article.tags.order_by().values_list(Value("tag"), "name", Value(""), "pk", "name", "slug", "name_es")
    rows = list(topics.union(tags, all=True).order_by("sort_key", "kind", "pk"))
    public = (lambda name: {}) if article.language == languages.DEFAULT else (lambda name: {"public": name})
    return {
        "about": [{"topic": pk, "title": title} for what, _, _, pk, title, _, _ in rows if what == "topic"],
        "tags": [
            {"name": name, "slug": slug, **public(local)} for what, _, _, _, name, slug, local in rows if what == "tag"
        ],
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
def withdraw(page: Page, *, at: datetime, by: Person, reason: str, from_at: datetime | None = None) -> Withdrawal:
    """Take an article or topic away from patients: its address answers 410 with the reason, links to it vanish.

    From now on, or an article from the later moment `from_at`; an end that was set before gives way. Raises
    ValidationError when no reason is given, when the page is withdrawn already or when a scheduled edition would go
    live after the end; then nothing changes.
    """
    page = type(page).objects.select_for_update().get(pk=page.pk)
    if page.withdrawal(at=at):
        raise ValidationError(f"“{page}” is withdrawn already.")
    if not reason.strip():
        raise ValidationError("Say why the page is withdrawn. Patients who open its address read the reason.")
    if from_at and (later := page.editions.not_cancelled().filter(published_at__gte=from_at).first()):
        raise ValidationError(
            f"Edition {later.number} is to go live {in_words(later.published_at)}. Choose a later end, or call the "
            "edition off first."
        )
    _forget_end(page, at=at)
    withdrawal = Withdrawal(from_at=from_at or at, reason=reason.strip(), **{page._meta.model_name: page})
    withdrawal.full_clean()
    withdrawal.save()
    now = withdrawal.from_at <= at
    if not now:
        _plan(page, withdrawal=withdrawal, due_at=withdrawal.from_at, by=by, at=at)
    auditing.record(
        page,
        AuditEntry.Action.WITHDRAWN if now else AuditEntry.Action.END_SET,
        at=at,
        by=by,
        after={} if now else {"ends": withdrawal.from_at.isoformat()},
        reason=withdrawal.reason,
    )
    return withdrawal


@transaction.atomic
def bring_back(page: Page, *, at: datetime, by: Person) -> None:
    """Undo a withdrawal: patients read the newest edition again.

    Raises ValidationError when the page is not withdrawn.
    """
    page = type(page).objects.select_for_update().get(pk=page.pk)
    if not page.withdrawals.in_force(at=at).update(until_at=at):
        raise ValidationError(f"“{page}” is not withdrawn.")
    auditing.record(page, AuditEntry.Action.BROUGHT_BACK, at=at, by=by)


@transaction.atomic
def call_off_edition(edition: Edition, *, at: datetime, by: Person) -> None:
    """Take a scheduled edition back before any patient has read it. It keeps its number, which stays unused.

    Raises ValidationError when it is not waiting any more.
    """
    acts = ScheduledAct.objects.waiting(at=at).filter(edition=edition)
    if not acts.update(cancelled_at=at):
        raise ValidationError(f"Edition {edition.number} is not waiting to go live any more.")
    due.follow_editions(Article.objects.filter(pk=edition.article_id))
    index.articles_changed([edition.article_id])
    said = f"edition {edition.number}, which was to go live {in_words(edition.published_at)}"
    auditing.record(edition.article, AuditEntry.Action.UNSCHEDULED, at=at, by=by, summary=said)


@transaction.atomic
def call_off_end(article: Article, *, at: datetime, by: Person) -> None:
    """Let a page stay that was to end. Raises ValidationError when no end is set."""
    end = article.withdrawals.coming(at=at).filter(scheduled_act__done_at=None).first()
    if end is None:
        raise ValidationError(f"“{article}” has no end that could be called off.")
    _forget_end(article, at=at)
    said = f"the page was to end {in_words(end.from_at)}"
    auditing.record(article, AuditEntry.Action.END_CALLED_OFF, at=at, by=by, summary=said)


def _forget_end(page: Page, *, at: datetime) -> None:
    coming = page.withdrawals.coming(at=at)
    ScheduledAct.objects.filter(withdrawal__in=list(coming)).update(cancelled_at=at)
    coming.update(until_at=at)


def _plan(article: Article, *, due_at: datetime, by: Person, at: datetime, **what) -> None:
    plan = ScheduledAct(article=article, due_at=due_at, made_at=at, made_by=by.name, made_by_account=by.account, **what)
    plan.full_clean()
    plan.save()
