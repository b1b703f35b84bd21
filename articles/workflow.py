"""The way of an article from a draft to its patients: who may do what to it, and when.

The state is no column that could be forged or forgotten: it follows from the version of the text, the steps that were
taken about that version, and the moments of the editions and withdrawals. Each verb below asks the same question as the
page that offers it, `refusals()`, and asks it again while it holds the article.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from articles import auditing, notices, publishing
from articles.ancestry import Ancestry
from articles.dates import in_words
from articles.models import Article, AuditEntry, Edition, Profile, Withdrawal, WorkflowStep
from articles.people import Person
from articles.revising import StaleVersion

Step = WorkflowStep.Action


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    CHANGES_ASKED = "changes_asked", "Changes asked"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ARCHIVED = "archived", "Archived"


class Act(models.TextChoices):
    SUBMIT = "submit", "Send for review"
    TAKE_BACK = "take-back", "Take back from review"
    ASK_CHANGES = "ask-changes", "Ask for changes"
    SIGN_OFF = "sign-off", "Sign off"
    PUBLISH = "publish", "Publish"
    SCHEDULE = "schedule", "Schedule"
    UNSCHEDULE = "unschedule", "Call the schedule off"
    PUBLISH_UNSIGNED = "publish-unsigned", "Publish in an emergency"
    WITHDRAW = "withdraw", "Withdraw"
    BRING_BACK = "bring-back", "Bring back"
    SET_END = "set-end", "Set an end"
    CALL_OFF_END = "call-off-end", "Call the end off"
    ARCHIVE = "archive", "Archive"
    UNARCHIVE = "unarchive", "Take out of the archive"


WRITE = "articles.change_article"
SIGN_OFF = "articles.sign_off_article"
PUBLISH = "articles.publish_article"
PUBLISH_UNSIGNED = "articles.publish_unsigned_article"

UNPUBLISHED_TEXT = {State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED, State.WITHDRAWN}
NOT_ARCHIVED = set(State) - {State.ARCHIVED}
TO_PATIENTS = {Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED}
OF_A_NEW_TEXT = {Act.SUBMIT, Act.SIGN_OFF, *TO_PATIENTS}


@dataclass(frozen=True)
class Transition:
    """`words` end the sentence "Grace Obi can …". `before` are the states from which the act is possible, `after` the
    one that it leads to; a draft of a withdrawn page counts as withdrawn. Where `after` is None the state follows from
    the text: withdrawing, bringing back and calling off change what patients read, and no text."""

    words: str
    permission: str
    before: set[State]
    after: State | None


MACHINE = {
    Act.SUBMIT: Transition(
        "send it for review", WRITE, {State.DRAFT, State.CHANGES_ASKED, State.WITHDRAWN}, State.IN_REVIEW
    ),
    Act.TAKE_BACK: Transition("take it back", WRITE, {State.IN_REVIEW, State.APPROVED}, State.DRAFT),
    Act.ASK_CHANGES: Transition("ask for changes", SIGN_OFF, {State.IN_REVIEW, State.APPROVED}, State.CHANGES_ASKED),
    Act.SIGN_OFF: Transition("sign it off", SIGN_OFF, {State.IN_REVIEW}, State.APPROVED),
    Act.PUBLISH: Transition("publish it", PUBLISH, {State.APPROVED}, State.PUBLISHED),
    Act.SCHEDULE: Transition("schedule it", PUBLISH, {State.APPROVED}, State.SCHEDULED),
    Act.UNSCHEDULE: Transition("call it off", PUBLISH, NOT_ARCHIVED, None),
    Act.PUBLISH_UNSIGNED: Transition("publish it in an emergency", PUBLISH_UNSIGNED, UNPUBLISHED_TEXT, State.PUBLISHED),
    Act.WITHDRAW: Transition("withdraw it", PUBLISH, NOT_ARCHIVED - {State.WITHDRAWN}, None),
    Act.BRING_BACK: Transition("bring it back", PUBLISH, NOT_ARCHIVED, None),
    Act.SET_END: Transition("set an end", PUBLISH, NOT_ARCHIVED - {State.WITHDRAWN}, None),
    Act.CALL_OFF_END: Transition("call the end off", PUBLISH, NOT_ARCHIVED, None),
    Act.ARCHIVE: Transition("archive it", PUBLISH, {State.DRAFT, State.CHANGES_ASKED, State.WITHDRAWN}, State.ARCHIVED),
    Act.UNARCHIVE: Transition("take it out", PUBLISH, {State.ARCHIVED}, None),
}

NAMES_SHOWN = 5


def with_state(articles: QuerySet, *, at: datetime) -> QuerySet:
    """Adds what the workflow knows of each article at a moment, in one query: `state`, `is_withdrawn`, `is_live`, the
    newest edition (`edition_number`, `edition_version`, `edition_at`), the one that patients read (`live_number`), `ends_at`,
    and the last step."""
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk")).order_by("-number")
    steps = WorkflowStep.objects.filter(article=OuterRef("pk"), edition=None).order_by("-id")
    withdrawals = Withdrawal.objects.filter(article=OuterRef("pk"))
    fresh_step = Q(step_version=F("version"))
    return articles.annotate(
        edition_number=Subquery(editions.values("number")[:1]),
        edition_version=Subquery(editions.values("version")[:1]),
        edition_at=Subquery(editions.values("published_at")[:1]),
        live_number=Subquery(editions.filter(published_at__lte=at).values("number")[:1]),
        step_action=Subquery(steps.values("action")[:1]),
        step_version=Subquery(steps.values("version")[:1]),
        is_withdrawn=Exists(withdrawals.in_force(at=at)),
        is_live=Exists(Edition.objects.public(at=at).filter(article=OuterRef("pk"))),
        ends_at=Subquery(withdrawals.coming(at=at).values("from_at")[:1]),
    ).annotate(
        state=Case(
            When(archived_at__lte=at, then=Value(State.ARCHIVED)),
            When(edition_version=F("version"), is_withdrawn=True, then=Value(State.WITHDRAWN)),
            When(edition_version=F("version"), edition_at__gt=at, then=Value(State.SCHEDULED)),
            When(edition_version=F("version"), then=Value(State.PUBLISHED)),
            # A request for changes stands until the text is sent again; the others are about one version of it.
            When(
                step_action=Step.CHANGES_ASKED,
                step_version__gt=Coalesce("edition_version", -1),
                then=Value(State.CHANGES_ASKED),
            ),
            When(fresh_step, step_action=Step.SUBMITTED, then=Value(State.IN_REVIEW)),
            When(fresh_step, step_action=Step.SIGNED_OFF, then=Value(State.APPROVED)),
            When(is_withdrawn=True, then=Value(State.WITHDRAWN)),
            default=Value(State.DRAFT),
            output_field=models.CharField(),
        )
    )


def writers(article: Article, *, of: Edition | None = None) -> list[Person]:
    """Who changed the text since the last edition that a second clinician signed off. None of them may sign it off.

    The text is the working copy, or that of an edition: then it is asked who wrote what the edition says. Whoever wrote
    an older version is asked about when it was brought back, and whoever wrote a draft is not when it was put aside.
    """
    signed = article.editions.not_cancelled().signed_off()
    if of is not None:
        signed = signed.filter(number__lt=of.number)
    versions = set(signed.values_list("version", flat=True))
    return Ancestry.of(article).writers(of.version if of else article.version, signed=versions)


def refusals(article: Article, act: Act, *, by: User, at: datetime) -> list[str]:
    """Why this person can't do this to the article now, and who can; empty when nothing is against it.

    The article comes from `with_state()`. Each sentence names its rule.
    """
    return _Question(article, at).refusals(act, by)


@dataclass(frozen=True)
class Offer:
    """An act as the page of the article shows it: a button, or the reasons why it is none."""

    act: Act
    refusals: list[str]


def offers(article: Article, *, by: User, at: datetime) -> list[Offer]:
    """Every act that makes sense in the state of the article, allowed or not. The article comes from `with_state()`."""
    question = _Question(article, at)
    return [Offer(act, question.refusals(act, by)) for act in MACHINE if question.is_worth_showing(act)]


@dataclass
class _Question:
    """Asks the rules about one article at one moment; what the rules need is read once."""

    article: Article
    at: datetime
    _people: dict[str, list[User]] = field(default_factory=dict)
    _writers: list[Person] | None = None

    @property
    def state(self) -> State:
        return State(self.article.state)

    @property
    def waits(self) -> bool:
        """Whether an edition is scheduled."""
        return self.article.edition_at is not None and self.article.edition_at > self.at

    @property
    def unchanged(self) -> bool:
        """Whether the text is that of the newest edition."""
        return self.article.edition_version is not None and self.article.edition_version == self.article.version

    def is_worth_showing(self, act: Act) -> bool:
        """Not what the state makes pointless, except the next steps on the way to patients."""
        if act == Act.PUBLISH:
            return self.state in {State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED, State.APPROVED}
        if act == Act.SIGN_OFF:
            return self.state in {State.DRAFT, State.IN_REVIEW, State.CHANGES_ASKED}
        return self.state in MACHINE[act].before and not self._against(act)

    def refusals(self, act: Act, by: User) -> list[str]:
        rules = self._against(act)
        if not by.has_perm(MACHINE[act].permission):
            rules.append(f"Your account has no permission for this. {self._who_can(act)}")
        elif act == Act.SIGN_OFF:
            rules += self._against_signing(by)
        return rules

    def _against(self, act: Act) -> list[str]:
        """The rules that are against the act whoever does it."""
        if self.state == State.ARCHIVED and act != Act.UNARCHIVE:
            already = "already" if act == Act.ARCHIVE else "and nothing is done to it there"
            return [f"The article is in the archive {already}. {self._who_can(Act.UNARCHIVE)}"]
        rules = [self._waiting()] if act in TO_PATIENTS and self.waits else []
        if act in OF_A_NEW_TEXT and self.unchanged:
            return rules or [self._nothing_new()]
        if act == Act.ARCHIVE:
            return self._on_the_way_to_patients()
        if self.state not in MACHINE[act].before:
            return [*rules, self._wrong_state(act)]
        return [*rules, *filter(None, [self._without_object(act)])]

    def _waiting(self) -> str:
        return (
            f"Edition {self.article.edition_number} is to go live {in_words(self.article.edition_at)}. It has to be "
            f"called off first. {self._who_can(Act.UNSCHEDULE)}"
        )

    def _nothing_new(self) -> str:
        said = f"Nothing has changed since edition {self.article.edition_number}."
        if self.article.is_withdrawn:
            said += f" Patients read it again when the page is brought back. {self._who_can(Act.BRING_BACK)}"
        return said

    def _on_the_way_to_patients(self) -> list[str]:
        """What has to be undone before the article is put away."""
        rules = []
        if self.article.is_live:
            rules.append(f"Patients read this article. It has to be withdrawn first. {self._who_can(Act.WITHDRAW)}")
        if self.waits:
            rules.append(self._waiting())
        if self.state in MACHINE[Act.TAKE_BACK].before:
            sent = "signed off" if self.state == State.APPROVED else "in review"
            rules.append(f"This text is {sent}. It has to be taken back first. {self._who_can(Act.TAKE_BACK)}")
        return rules

    def _wrong_state(self, act: Act) -> str:
        """Why the act doesn't fit a text that differs from the newest edition, or none that is published."""
        state = self.state
        if act == Act.SUBMIT:
            return "This text has been sent for review already."
        if act == Act.ASK_CHANGES and state == State.CHANGES_ASKED:
            return "Changes have been asked for already, and the text has not been sent for review again."
        if act in {Act.TAKE_BACK, Act.ASK_CHANGES}:
            return "This text is not in review."
        if act == Act.SIGN_OFF and state == State.APPROVED:
            return "This text is signed off already."
        if act == Act.SIGN_OFF:
            again = " again since changes were asked for" if state == State.CHANGES_ASKED else ""
            return f"Nobody has sent this text for review{again}. {self._who_can(Act.SUBMIT)}"
        if act in {Act.PUBLISH, Act.SCHEDULE}:
            unsent = "" if state == State.IN_REVIEW else ", and it has to be sent for review first"
            return f"No second clinician has signed this text off{unsent}. {self._who_can(Act.SIGN_OFF)}"
        if act == Act.PUBLISH_UNSIGNED:
            return f"This text is signed off, so it needs no emergency. {self._who_can(Act.PUBLISH)}"
        if act == Act.UNARCHIVE:
            return "The article is not in the archive."
        return "The article is withdrawn already."

    def _without_object(self, act: Act) -> str:
        """Why there is nothing that the act could be done to, although the state allows it."""
        article = self.article
        if act == Act.UNSCHEDULE and not self.waits:
            return "No edition is scheduled."
        if act == Act.BRING_BACK and not article.is_withdrawn:
            return "The article is not withdrawn."
        if act == Act.CALL_OFF_END and article.ends_at is None:
            return "No end is set."
        if act in {Act.WITHDRAW, Act.SET_END} and not article.is_live:
            return "The article is withdrawn already." if article.is_withdrawn else "Patients don’t read this article."
        if act == Act.SET_END and article.ends_at is not None:
            end = f"The page ends {in_words(article.ends_at)} already"
            return f"{end}. That has to be called off first. {self._who_can(Act.CALL_OFF_END)}"
        if act == Act.SCHEDULE and article.is_withdrawn:
            return f"{publishing.WITHDRAWN_NOW} {self._who_can(Act.BRING_BACK)}"
        if act in {Act.PUBLISH, Act.SCHEDULE}:
            return self._signed_by_a_writer()
        return ""

    def _signed_by_a_writer(self) -> str:
        """Asked again before publishing: when an edition is called off, those who wrote it have changed the text since
        the edition before, and one of them may have signed a later version off."""
        signed = _sign_off_of(self.article)
        signer = Person(signed.by, signed.by_account)
        if not any(writer.is_also(signer) for writer in self.writers):
            return ""
        return (
            f"{signer.name} signed this text off, and changed it since the last edition that was signed off. It has to "
            f"be taken back and sent for review again. {self._who_can(Act.SIGN_OFF)}"
        )

    def _against_signing(self, by: User) -> list[str]:
        rules = []
        if any(writer.is_also(Person.of(by)) for writer in self.writers):
            rules.append(
                "You changed this text since it was last signed off, so somebody else has to sign it off. "
                f"{self._who_can(Act.SIGN_OFF)}"
            )
        return [*rules, *filter(None, [_no_credential(by)])]

    @property
    def writers(self) -> list[Person]:
        if self._writers is None:
            self._writers = writers(self.article)
        return self._writers

    def _who_can(self, act: Act) -> str:
        """The names of those who could do the act, or what to do when there is nobody."""
        permission = MACHINE[act].permission
        if permission not in self._people:
            self._people[permission] = list(who_may(permission))
        people = self._people[permission]
        if act == Act.SIGN_OFF:
            people = able_to_sign(people, concerned=self.writers)
        return named(people, MACHINE[act].words, needs=NEEDED_TO_SIGN if act == Act.SIGN_OFF else "the permission")


def who_may(permission: str) -> QuerySet[User]:
    """The staff who have a permission, themselves or through a group."""
    backend = "django.contrib.auth.backends.ModelBackend"
    staff = User.objects.with_perm(permission, backend=backend).filter(is_staff=True)
    return staff.select_related("profile").order_by("first_name", "last_name", "username")


def able_to_sign(reviewers: Iterable[User], *, concerned: list[Person]) -> list[User]:
    """Those reviewers who have named what they are, and are none of the people concerned."""
    able = [user for user in reviewers if not _no_credential(user)]
    return [user for user in able if not any(person.is_also(Person.of(user)) for person in concerned)]


def _no_credential(user: User) -> str:
    profile = getattr(user, "profile", None)
    if profile and profile.profession and profile.registration_number:
        return ""
    return (
        "Your account names no profession and registration number, and a sign-off needs both. Ask an administrator to "
        "add them to your account."
    )


NEEDED_TO_SIGN = "the permission, and a profession and registration number"


def named(people: Iterable[User], act: str, *, needs: str = "the permission") -> str:
    """ "Grace Obi or Paul Lee can sign it off.", of at most five people; what to do when there are none."""
    names = [Person.of(user).name for user in people]
    if not names:
        return f"Nobody here can {act} now: ask an administrator to give somebody {needs}."
    if len(names) > NAMES_SHOWN:
        more = len(names) - NAMES_SHOWN
        return f"{', '.join(names[:NAMES_SHOWN])} and {more} other{'s' if more > 1 else ''} can {act}."
    return f"{' or '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)} can {act}."


# The verbs. `version` is the version of the text that the person has seen.


class Refused(ValidationError):
    """A rule of the workflow is against the act. `messages` are the sentences of `refusals()`."""


@transaction.atomic
def submit(article: Article, *, version: int, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Send the text for review. Raises StaleVersion, Refused, or ValidationError when the text is unfinished."""
    article = _hold(article, Act.SUBMIT, version=version, by=by, at=at)
    if problems := publishing.publishing_problems(article):
        raise ValidationError(problems)
    step = _take(article, Step.SUBMITTED, by=by, at=at, note=note)
    notices.submitted(step, to=_signers(writers(article)))
    return step


@transaction.atomic
def take_back(article: Article, *, version: int, by: User, at: datetime) -> WorkflowStep:
    """Make a draft again of what was sent for review. Raises StaleVersion or Refused."""
    article = _hold(article, Act.TAKE_BACK, version=version, by=by, at=at)
    return _take(article, Step.TAKEN_BACK, by=by, at=at)


@transaction.atomic
def ask_changes(article: Article, *, version: int, by: User, at: datetime, note: str) -> WorkflowStep:
    """Give the text back to its writers with a note that says what to change. Raises StaleVersion or Refused."""
    article = _hold(article, Act.ASK_CHANGES, version=version, by=by, at=at)
    if not note.strip():
        raise ValidationError({"note": "Say what should change. The writers read it."})
    step = _take(article, Step.CHANGES_ASKED, by=by, at=at, note=note)
    notices.changes_asked(step, to=[*_submitters(article), *writers(article)])
    return step


@transaction.atomic
def sign_off(article: Article, *, version: int, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Sign this version of the text off, as a clinician who wrote none of it. Raises StaleVersion or Refused."""
    article = _hold(article, Act.SIGN_OFF, version=version, by=by, at=at)
    step = _take(article, Step.SIGNED_OFF, by=by, at=at, note=note, profile=by.profile)
    notices.signed_off(step, to=[*_submitters(article), *map(Person.of, who_may(PUBLISH))])
    return step


@transaction.atomic
def publish(article: Article, *, version: int, by: User, at: datetime, change: str, note: str = "") -> Edition:
    """Publish the version that was signed off. Raises StaleVersion or Refused."""
    article = _hold(article, Act.PUBLISH, version=version, by=by, at=at)
    signed = _sign_off_of(article)
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
    signed, who = _sign_off_of(article), Person.of(by)
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


def _take(
    article: Article,
    action: Step,
    *,
    by: User,
    at: datetime,
    note: str = "",
    profile: Profile | None = None,
    edition: Edition | None = None,
) -> WorkflowStep:
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


def _sign_off_of(article: Article) -> WorkflowStep:
    return article.steps.filter(version=article.version, action=Step.SIGNED_OFF).latest("id")


# The queue of editions that were published without a sign-off.


def refusals_afterwards(edition: Edition, *, by: User) -> list[str]:
    """Why this person can't sign off an edition that patients read already, and who can; empty when they can."""
    if edition.sign_off_id or hasattr(edition, "signed_off_afterwards"):
        return ["This edition is signed off already."]
    if edition.is_sample:
        return ["This edition is sample text, and its page says that no clinician has reviewed it."]
    concerned = [*writers(edition.article, of=edition), Person(edition.published_by, edition.published_by_account)]
    who_can = named(able_to_sign(who_may(SIGN_OFF), concerned=concerned), "sign it off", needs=NEEDED_TO_SIGN)
    if not by.has_perm(SIGN_OFF):
        return [f"Your account has no permission for this. {who_can}"]
    rules = [_no_credential(by)]
    if any(person.is_also(Person.of(by)) for person in concerned):
        rules.append(f"You wrote or published this edition, so somebody else has to sign it off. {who_can}")
    return [rule for rule in rules if rule]


@transaction.atomic
def sign_off_afterwards(edition: Edition, *, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Sign off an edition that was published without. Raises Refused."""
    article = Article.objects.select_for_update().get(pk=edition.article_id)
    if rules := refusals_afterwards(Edition.objects.get(pk=edition.pk), by=by):
        raise Refused(rules)
    return _take(article, Step.SIGNED_OFF_AFTERWARDS, by=by, at=at, note=note, profile=by.profile, edition=edition)
