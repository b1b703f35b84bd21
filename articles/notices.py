"""What the mails of the library say. Each is written in the transaction of the act that it tells of, and sent later
(articles/outbox.py). Who is told is decided by the verbs; never the one who acted, and everybody once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from articles.comparing.comparison import Comparison, compare
from articles.comparing.plain_text import plain_lines
from articles.dates import in_words
from articles.models import Article, Edition, Mail, ScheduledAct, WorkflowStep
from articles.people import Person
from articles.publishing import content_of

MOST_LINES = 200  # of a comparison; the page shows the rest
LONGEST_LINE = 2_000  # characters
LISTS = ["sections", "references", "links", "about", "tags"]


def submitted(step: WorkflowStep, *, to: Iterable[Person]) -> None:
    said = f"{step.by} sent version {step.version} of “{step.article}” for review {in_words(step.at)}. You may sign it off."
    _of_step(step, "please sign it off", said, to=to)


def changes_asked(step: WorkflowStep, *, to: Iterable[Person]) -> None:
    _of_step(step, "changes asked", f"{step.by} asked for changes to “{step.article}” {in_words(step.at)}.", to=to)


def signed_off(step: WorkflowStep, *, to: Iterable[Person]) -> None:
    said = (
        f"{step.by} ({step.credential}) signed version {step.version} of “{step.article}” off {in_words(step.at)}. "
        "It can be published or scheduled now; patients read nothing of it before."
    )
    _of_step(step, "signed off", said, to=to)


def published_unsigned(edition: Edition, *, to: Iterable[Person]) -> None:
    """Sample text says on its page that nobody has checked it, so nobody is asked to."""
    if edition.is_sample:
        return
    at, by = edition.published_at, Person(edition.published_by, edition.published_by_account)
    said = (
        f"{by.name} published edition {edition.number} of “{edition.title}” {in_words(at)} without a sign-off. "
        "Patients read it now. Read it and sign it off, or correct it."
    )
    _write(
        edition.article,
        "published in an emergency, please check",
        [said, _quoted(edition.bypass_reason)],
        at=at,
        to=to,
        but=by,
        after=edition.content,
        before=_read_before(edition.article, number=edition.number, at=at),
    )


def went_live(act: ScheduledAct, *, at: datetime) -> None:
    edition = act.edition
    said = f"Edition {edition.number} of “{edition.title}”, which you scheduled, went live {in_words(act.due_at)}."
    _write(
        act.article,
        f"edition {edition.number} is live",
        [said],
        at=at,
        to=[_scheduled_by(act)],
        after=edition.content,
        before=_read_before(act.article, number=edition.number, at=act.due_at),
    )


def ended(act: ScheduledAct, *, at: datetime) -> None:
    said = f"“{act.article}” ended {in_words(act.due_at)}, as you decided. Its address gives patients your reason:"
    paragraphs = [said, _quoted(act.withdrawal.reason)]
    _write(act.article, "the page has ended", paragraphs, at=at, to=[_scheduled_by(act)])


def dropped(act: ScheduledAct, why: str, *, at: datetime) -> None:
    """`why` is a sentence."""
    said = f"Edition {act.edition.number} of “{act.article}”, which you scheduled, did not reach patients. {why}"
    _write(act.article, "a scheduled edition was dropped", [said], at=at, to=[_scheduled_by(act)])


def not_carried_out(act: ScheduledAct, why: str, *, at: datetime, to: Iterable[Person]) -> None:
    """`why` is what went wrong, as the schedule shows it."""
    paragraphs = [
        f"Something that {act.made_by} scheduled for “{act.article}” went wrong: {act.what} {in_words(act.due_at)}.",
        _quoted(why),
        "It is tried again every time the job runs. You get this mail once; the schedule shows what became of it:\n"
        f"{settings.SITE_URL}{reverse('admin:articles_scheduledact_changelist')}",
    ]
    _write(act.article, "a scheduled act failed", paragraphs, at=at, to=to)


def _of_step(step: WorkflowStep, what: str, said: str, *, to: Iterable[Person]) -> None:
    article = step.article
    _write(
        article,
        what,
        [said, _quoted(step.note)],
        at=step.at,
        to=to,
        but=Person(step.by, step.by_account),
        after=content_of(article),
        before=_read_before(article, at=step.at),
    )


def _scheduled_by(act: ScheduledAct) -> Person:
    return Person(act.made_by, act.made_by_account)


def _read_before(article: Article, *, at: datetime, number: int | None = None) -> Edition | None:
    """The newest edition that patients could read at that moment, or until the page was withdrawn; before the one with
    this number."""
    begun = article.editions.not_cancelled().filter(published_at__lte=at)
    if number is not None:
        begun = begun.filter(number__lt=number)
    return begun.order_by("-number").first()


def _write(
    article: Article,
    what: str,
    paragraphs: list[str],
    *,
    at: datetime,
    to: Iterable[Person],
    but: Person | None = None,
    after: dict | None = None,
    before: Edition | None = None,
) -> None:
    addresses = _addresses(to, but)
    if not addresses:
        return
    subject = one_line(f"{settings.SITE_NAME}: {one_line(article.title, 150)}: {what}", 300)
    parts = [part for part in paragraphs if part]
    if after is not None:
        parts.append(_what_changed(before, after))
    parts.append(f"The page: {settings.SITE_URL}{reverse('admin:articles_article_change', args=[article.pk])}")
    text = "\n\n".join(parts) + "\n"
    Mail.objects.bulk_create(Mail(to=address, subject=subject, text=text, made_at=at) for address in addresses)


def _addresses(to: Iterable[Person], but: Person | None) -> list[str]:
    """One address for each account that is in use and has one, without that of the person who acted."""
    accounts = {person.account for person in to} - {None, but and but.account}
    found = User.objects.filter(pk__in=accounts, is_active=True).exclude(email="").order_by("pk")
    addresses = {address.lower(): address for address in found.values_list("email", flat=True) if is_address(address)}
    return list(addresses.values())


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _what_changed(before: Edition | None, after: dict) -> str:
    if before is None:
        whole = compare({**after, **{name: [] for name in LISTS}}, after)
        lines = _limited(replace(whole, warnings=[]))  # no number has changed
        return "\n".join(["Nothing was published before, so all of it is new:", "", *lines])
    comparison = compare(before.content, after)
    said = f"Compared with edition {before.number}, which patients read: {comparison.summary}."
    return "\n".join([said, "", *_limited(comparison)]).rstrip()


def _limited(comparison: Comparison) -> list[str]:
    lines = [one_line(line, LONGEST_LINE) for line in plain_lines(comparison)]
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], "", f"… and {len(lines) - MOST_LINES} more lines; see the page."]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def one_line(text: str, longest: int) -> str:
    """A newline in a title must not begin a header of its own."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
