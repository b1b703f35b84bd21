"""The queue of editions that were published without a sign-off, until a second clinician has read them."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from articles.models import Article, Edition, WorkflowStep
from articles.people import Person
from articles.workflow.machine import SIGN_OFF, Step
from articles.workflow.people import NEEDED_TO_SIGN, able_to_sign, named, no_credential, who_may, writers
from articles.workflow.verbs import Refused, take_step


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
    rules = [no_credential(by)]
    if any(person.is_also(Person.of(by)) for person in concerned):
        rules.append(f"You wrote or published this edition, so somebody else has to sign it off. {who_can}")
    return [rule for rule in rules if rule]


@transaction.atomic
def sign_off_afterwards(edition: Edition, *, by: User, at: datetime, note: str = "") -> WorkflowStep:
    """Sign off an edition that was published without. Raises Refused."""
    article = Article.objects.select_for_update().get(pk=edition.article_id)
    if rules := refusals_afterwards(Edition.objects.get(pk=edition.pk), by=by):
        raise Refused(rules)
    return take_step(article, Step.SIGNED_OFF_AFTERWARDS, by=by, at=at, note=note, profile=by.profile, edition=edition)
