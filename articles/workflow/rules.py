"""What is against an act, in sentences: asked by the page that offers the act, and again by the verb that does it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User

from articles import publishing
from articles.dates import in_words
from articles.models import Article, WorkflowStep
from articles.people import Person
from articles.workflow.machine import MACHINE, OF_A_NEW_TEXT, TO_PATIENTS, Act, State, Step
from articles.workflow.people import NEEDED_TO_SIGN, able_to_sign, named, no_credential, who_may, writers


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
        signed = sign_off_of(self.article)
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
        return [*rules, *filter(None, [no_credential(by)])]

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


def sign_off_of(article: Article) -> WorkflowStep:
    return article.steps.filter(version=article.version, action=Step.SIGNED_OFF).latest("id")
