"""The verbs of the workflow. Each holds the article and asks the rules once more before it does anything; `version` is the
version of the text that the person has seen."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from articles import auditing, notices, publishing
from articles.models import Article, AuditEntry, Edition, Profile, Withdrawal, WorkflowStep
from articles.people import Person
from articles.revising import StaleVersion
from articles.workflow.machine import PUBLISH, SIGN_OFF, Act, Step, with_state
from articles.workflow.people import able_to_sign, who_may, writers
from articles.workflow.rules import refusals, sign_off_of


class Refused(ValidationError):
    """A rule of the workflow is against the act. `messages` are the sentences of `refusals()`."""


@transaction.atomic
def submit(article: Article, *, version: int, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Send the text for review. Raises StaleVersion, Refused, or ValidationError when the text is unfinished."""
    article = _hold(article, Act.SUBMIT, version=version, by=by, at=at)
    if problems := publishing.publishing_problems(article):
        raise ValidationError(problems)
    step = take_step(article, Step.SUBMITTED, by=by, at=at, note=note)
    notices.submitted(step, to=_signers(writers(article)))
    return step


@transaction.atomic
def take_back(article: Article, *, version: int, by: User, at: datetime) -> WorkflowStep:
    """Make a draft again of what was sent for review. Raises StaleVersion or Refused."""
    article = _hold(article, Act.TAKE_BACK, version=version, by=by, at=at)
    return take_step(article, Step.TAKEN_BACK, by=by, at=at)


@transaction.atomic
def ask_changes(article: Article, *, version: int, by: User, at: datetime, note: str) -> WorkflowStep:
    """Give the text back to its writers with a note that says what to change. Raises StaleVersion or Refused."""
    article = _hold(article, Act.ASK_CHANGES, version=version, by=by, at=at)
    if not note.strip():
        raise ValidationError({"note": "Say what should change. The writers read it."})
    step = take_step(article, Step.CHANGES_ASKED, by=by, at=at, note=note)
    notices.changes_asked(step, to=[*_submitters(article), *writers(article)])
    return step


@transaction.atomic
def sign_off(article: Article, *, version: int, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Sign this version of the text off, as a clinician who wrote none of it. Raises StaleVersion or Refused."""
    article = _hold(article, Act.SIGN_OFF, version=version, by=by, at=at)
    step = take_step(article, Step.SIGNED_OFF, by=by, at=at, note=note, profile=by.profile)
    notices.signed_off(step, to=[*_submitters(article), *map(Person.of, who_may(PUBLISH))])
    return step


@transaction.atomic
def publish(article: Article, *, version: int, by: User, at: datetime, change: str, note: str = "") -> Edition:
    """Publish the version that was signed off. Raises StaleVersion or Refused."""
    article = _hold(article, Act.PUBLISH, version=version, by=by, at=at)
    signed = sign_off_of(article)
    return publishing.publish(article, at=at, by=Person.of(by), change=change, note=note, sign_off=signed)


@transaction.atomic
def schedule(
    article: Article, *, version: int, by: User, at: datetime, live_at: datetime, change: str, note: str = ""
) -> Edition:
    """Freeze the version that was signed off into an edition that patients read from `live_at` on.

    Raises StaleVersion, Refused, or ValidationError when the moment has passed.
    """
    article = _hold(article, Act.SCHEDULE, version=version, by=by, at=at)
    if live_at <= at:
        raise ValidationError({"live_at": "That moment has passed. Choose a later one, or publish now."})
    signed, who = sign_off_of(article), Person.of(by)
    return publishing.publish(article, at=at, by=who, change=change, note=note, sign_off=signed, live_at=live_at)


@transaction.atomic
def unschedule(article: Article, *, version: int, by: User, at: datetime) -> None:
    """Call a scheduled edition off, before any patient has read it. Raises StaleVersion or Refused."""
    article = _hold(article, Act.UNSCHEDULE, version=version, by=by, at=at)
    edition = article.editions.get(number=article.edition_number)
    publishing.call_off_edition(edition, at=at, by=Person.of(by))


@transaction.atomic
def publish_unsigned(
    article: Article, *, version: int, by: User, at: datetime, change: str, reason: str, note: str = ""
) -> Edition:
    """Publish without a sign-off because patients can't wait. The edition stands in a queue until somebody else signs
    it off. Raises StaleVersion, Refused, or ValidationError without a reason."""
    article = _hold(article, Act.PUBLISH_UNSIGNED, version=version, by=by, at=at)
    if not reason.strip():
        raise ValidationError({"reason": publishing.BYPASS_WITHOUT_REASON})
    who = Person.of(by)
    edition = publishing.publish(article, at=at, by=who, change=change, note=note, bypass_reason=reason)
    notices.published_unsigned(edition, to=_signers([*writers(article, of=edition), who]))
    return edition


@transaction.atomic
def withdraw(article: Article, *, version: int, by: User, at: datetime, reason: str) -> Withdrawal:
    """Take the page from patients at once. Raises StaleVersion or Refused."""
    article = _hold(article, Act.WITHDRAW, version=version, by=by, at=at)
    return publishing.withdraw(article, at=at, by=Person.of(by), reason=reason)


@transaction.atomic
def bring_back(article: Article, *, version: int, by: User, at: datetime) -> None:
    """Let patients read the newest edition again. Raises StaleVersion or Refused."""
    article = _hold(article, Act.BRING_BACK, version=version, by=by, at=at)
    publishing.bring_back(article, at=at, by=Person.of(by))


@transaction.atomic
def set_end(article: Article, *, version: int, by: User, at: datetime, ends_at: datetime, reason: str) -> Withdrawal:
    """Withdraw the page at a later moment. Raises StaleVersion, Refused, or ValidationError when the moment has
    passed or lies before that of a scheduled edition."""
    article = _hold(article, Act.SET_END, version=version, by=by, at=at)
    if ends_at <= at:
        raise ValidationError({"ends_at": "That moment has passed. Choose a later one, or withdraw the page now."})
    return publishing.withdraw(article, at=at, by=Person.of(by), reason=reason, from_at=ends_at)


@transaction.atomic
def call_off_end(article: Article, *, version: int, by: User, at: datetime) -> None:
    """Let the page stay for good. Raises StaleVersion or Refused."""
    article = _hold(article, Act.CALL_OFF_END, version=version, by=by, at=at)
    publishing.call_off_end(article, at=at, by=Person.of(by))


@transaction.atomic
def archive(article: Article, *, version: int, by: User, at: datetime, reason: str) -> None:
    """Put an article away that nobody works on and no patient reads. Raises StaleVersion or Refused."""
    article = _hold(article, Act.ARCHIVE, version=version, by=by, at=at)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the article is put away. Colleagues read it."})
    Article.objects.filter(pk=article.pk).update(archived_at=at)
    auditing.record(article, AuditEntry.Action.ARCHIVED, at=at, by=Person.of(by), reason=reason.strip())


@transaction.atomic
def unarchive(article: Article, *, version: int, by: User, at: datetime) -> None:
    """Take an article out of the archive to work on it again. Raises StaleVersion or Refused."""
    article = _hold(article, Act.UNARCHIVE, version=version, by=by, at=at)
    Article.objects.filter(pk=article.pk).update(archived_at=None)
    auditing.record(article, AuditEntry.Action.UNARCHIVED, at=at, by=Person.of(by))


def _hold(article: Article, act: Act, *, version: int, by: User, at: datetime) -> Article:
    """The article as it is now, held until the transaction ends: the UPDATE changes nothing, and nobody else's passes."""
    if not Article.objects.filter(pk=article.pk, version=version).update(version=F("version")):
        raise StaleVersion(Article.objects.filter(pk=article.pk).first())
    held = with_state(Article.objects.all(), at=at).get(pk=article.pk)
    if rules := refusals(held, act, by=by, at=at):
        raise Refused(rules)
    return held


def take_step(
    article: Article,
    action: Step,
    *,
    by: User,
    at: datetime,
    note: str = "",
    profile: Profile | None = None,
    edition: Edition | None = None,
) -> WorkflowStep:
    """Write the step down, and in the audit trail: about the text as it is now, or about an edition."""
    person = Person.of(by)
    step = WorkflowStep(
        article=article,
        version=edition.version if edition else article.version,
        edition=edition,
        action=action,
        at=at,
        by=person.name,
        by_account=person.account,
        note=note.strip(),
        profession=profile.profession if profile else "",
        registration_number=profile.registration_number if profile else "",
    )
    step.full_clean()
    step.save()
    text = f"edition {edition.number}" if edition else f"version {step.version}"
    said = f"{text}, {step.credential}" if step.credential else text
    auditing.record(article, AuditEntry.Action(action), at=at, by=person, summary=said, reason=step.note[:300])
    return step


def _signers(concerned: list[Person]) -> list[Person]:
    return [Person.of(user) for user in able_to_sign(who_may(SIGN_OFF), concerned=concerned)]


def _submitters(article: Article) -> list[Person]:
    """Who sent this version for review."""
    steps = article.steps.filter(version=article.version, action=Step.SUBMITTED)
    return [Person(name, account) for name, account in steps.values_list("by", "by_account")]
