"""A text reaches patients when a second clinician has signed it off: somebody who wrote none of it. In an emergency it
goes live without, and stands in a queue until somebody else has signed it off."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from articles import publishing, workflow
from articles.models import Article, AuditEntry, Edition, Profile, WorkflowStep
from articles.models.ledger import LedgerError
from articles.people import Person
from articles.revising import StaleVersion, restore
from articles.workflow import Act, Refused, State, refusals_afterwards, sign_off_afterwards, writers
from tests.acts import everything
from tests.builders import (
    IMPORT,
    NOON,
    YESTERDAY,
    a_publisher,
    a_reviewer,
    an_article,
    an_author,
    publish,
    sent,
    signed_and_published,
    signed_off,
    wrote,
)
from tests.verbs import TOMORROW, after, asked, do, edited, state_of

pytestmark = pytest.mark.django_db
SOMEBODY_ELSE = "You changed this text since it was last signed off, so somebody else has to sign it off"


def renamed(user: User, first: str, last: str) -> User:
    User.objects.filter(pk=user.pk).update(first_name=first, last_name=last)
    return User.objects.get(pk=user.pk)


def everything_allowed(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return User.objects.get(pk=user.pk)


# Who wrote the text that is sent, and who wants to sign it off.
WRITERS_WHO_WANT_TO_SIGN = {
    "wrote it": lambda article: (wrote(article, by=a_reviewer()), a_reviewer()),
    "wrote some of it before others did": lambda article: (
        edited(wrote(wrote(article), by=a_reviewer(), body="<p>Grace.</p>")),
        a_reviewer(),
    ),
    "has another name now": lambda article: (
        wrote(article, by=a_reviewer()),
        renamed(a_reviewer(), "Grace", "Obi-Lee"),
    ),
    "has a second account in the same name": lambda article: (
        wrote(article, by=a_reviewer()),
        a_reviewer(username="second.account", number="NMC 99999"),
    ),
    "has a second account in the same name in capitals": lambda article: (
        wrote(article, by=a_reviewer()),
        a_reviewer("GRACE OBI", username="second.account", number="NMC 99999"),
    ),
    "has a second account in the same name with another space": lambda article: (
        wrote(article, by=a_reviewer()),
        a_reviewer("Grace\u00a0 Obi", username="second.account", number="NMC 99999"),
    ),
    "has a second account with an accent of its own": lambda article: (
        wrote(article, by=a_reviewer("Zo\u00eb Obi")),
        a_reviewer("Zoe\u0308 Obi", username="second.account", number="NMC 99999"),
    ),
    "is a superuser": lambda article: (wrote(article, by=a_reviewer()), everything_allowed(a_reviewer())),
    "took the work of others back": lambda article: (
        wrote(edited(wrote(article)), by=a_reviewer(), body="<p>Small meals help.</p>"),
        a_reviewer(),
    ),
}


@pytest.mark.parametrize("who", WRITERS_WHO_WANT_TO_SIGN)
def test_nobody_signs_off_a_text_that_he_changed(who):
    article, user = WRITERS_WHO_WANT_TO_SIGN[who](an_article())
    article = sent(article)
    before = everything()
    with pytest.raises(Refused, match=SOMEBODY_ELSE):
        do(Act.SIGN_OFF, article, by=user)
    assert everything() == before


def test_who_wrote_none_of_it_signs_it_off():
    do(Act.SIGN_OFF, sent(), by=a_reviewer())
    assert state_of(Article.objects.get()) == State.APPROVED


def test_who_only_sent_it_for_review_may_sign_it_off():
    article = sent(by=everything_allowed(a_reviewer()))
    do(Act.SIGN_OFF, article, by=a_reviewer())
    assert state_of(article) == State.APPROVED


def test_anybody_may_sign_off_what_an_import_wrote():
    article = sent(wrote(by=IMPORT))
    assert writers(article) == [IMPORT]
    do(Act.SIGN_OFF, article, by=a_reviewer())
    assert state_of(article) == State.APPROVED


def test_who_wrote_it_may_publish_what_somebody_else_signed_off():
    author = everything_allowed(an_author())
    do(Act.PUBLISH, signed_off(), by=author)
    assert Edition.objects.get().sign_off.by == "Grace Obi"


def test_after_a_signed_edition_the_writers_are_those_since():
    article = wrote(by=a_reviewer())
    article = sent(article)
    workflow.sign_off(article, version=article.version, by=a_reviewer("Sam Hart"), at=YESTERDAY)
    do(Act.PUBLISH, article)
    article = edited(article)
    assert [writer.name for writer in writers(article)] == ["Ana Ruiz"]
    do(Act.SIGN_OFF, sent(article), by=a_reviewer())
    assert state_of(article) == State.APPROVED


def test_an_emergency_does_not_clear_those_who_wrote_before_it():
    article = after(Act.PUBLISH_UNSIGNED, wrote(by=a_reviewer()), by=a_publisher())
    article = sent(edited(article))
    assert [writer.name for writer in writers(article)] == ["Ana Ruiz", "Grace Obi"]
    with pytest.raises(Refused, match=SOMEBODY_ELSE):
        do(Act.SIGN_OFF, article, by=a_reviewer())


def test_an_import_that_publishes_does_not_clear_those_who_wrote_before_it():
    article = wrote(by=a_reviewer())
    publish(article, at=YESTERDAY, by=IMPORT)
    with pytest.raises(Refused, match=SOMEBODY_ELSE):
        do(Act.SIGN_OFF, sent(edited(article)), by=a_reviewer())


def test_a_sign_off_after_the_emergency_clears_them():
    article = after(Act.PUBLISH_UNSIGNED, wrote(by=a_reviewer()), by=a_publisher())
    sign_off_afterwards(Edition.objects.get(), by=a_reviewer("Sam Hart"), at=NOON)
    do(Act.SIGN_OFF, sent(edited(article)), by=a_reviewer())
    assert state_of(article) == State.APPROVED


def test_when_an_edition_is_called_off_its_writers_count_again():
    """Grace's words were in an edition that was to go live, signed off by Sam. When it is called off, the words that she
    signed off after that are no text of others any more."""
    article = sent(wrote(by=a_reviewer()))
    workflow.sign_off(article, version=1, by=a_reviewer("Sam Hart"), at=YESTERDAY)
    article = after(Act.SCHEDULE, article, by=a_publisher(), live_at=TOMORROW)
    article = sent(edited(article))
    do(Act.SIGN_OFF, article, by=a_reviewer())
    do(Act.UNSCHEDULE, article, by=a_publisher())
    for act in (Act.PUBLISH, Act.SCHEDULE):
        with pytest.raises(Refused) as refusal:
            do(act, article, by=a_publisher())
        assert refusal.value.messages == [
            "Grace Obi signed this text off, and changed it since the last edition that was signed off. It has to be "
            "taken back and sent for review again. Sam Hart can sign it off."
        ]
    article = sent(after(Act.TAKE_BACK, article))
    do(Act.SIGN_OFF, article, by=a_reviewer("Sam Hart"))
    do(Act.PUBLISH, article, by=a_publisher())
    assert state_of(article) == State.PUBLISHED


def test_who_wrote_what_is_brought_back_is_asked_although_a_later_text_was_signed_off():
    """Sam signed the text in which Ana had put Grace's dose right. Grace's dose itself nobody has signed off."""
    article = wrote(by=a_reviewer(), body="<p>Take 50 mg.</p>")
    article = sent(wrote(article, body="<p>Take 5 mg.</p>"))
    workflow.sign_off(article, version=article.version, by=a_reviewer("Sam Hart"), at=YESTERDAY)
    article = after(Act.PUBLISH, article)
    wanted = article.revisions.get(number=1)
    restore(article, wanted, version=article.version, at=YESTERDAY, by=Person.of(an_author()))
    article = sent(Article.objects.get())
    with pytest.raises(Refused, match=SOMEBODY_ELSE):
        do(Act.SIGN_OFF, article, by=a_reviewer())
    do(Act.SIGN_OFF, article, by=a_reviewer("Sam Hart"))


def test_a_text_that_was_signed_off_needs_no_second_look_at_its_writers_when_it_comes_back():
    article = edited(signed_and_published(wrote(by=a_reviewer("Sam Hart"))))
    restore(article, article.revisions.get(number=1), version=2, at=YESTERDAY, by=Person.of(an_author()))
    assert [writer.name for writer in writers(Article.objects.get())] == ["Ana Ruiz"]


# What a signer is.


@pytest.mark.parametrize(("profession", "number"), [("", ""), ("Registered nurse", ""), ("", "NMC 12345")])
def test_a_sign_off_needs_a_profession_and_a_registration_number(profession, number):
    article, user = sent(), a_reviewer()
    Profile.objects.update(profession=profession, registration_number=number)
    with pytest.raises(Refused, match="Your account names no profession and registration number"):
        do(Act.SIGN_OFF, article, by=User.objects.get(pk=user.pk))
    edition = publish(article)
    with pytest.raises(Refused, match="Your account names no profession and registration number"):
        sign_off_afterwards(edition, by=User.objects.get(pk=user.pk), at=NOON)
    for action in ("signed_off", "signed_off_after"):
        step = WorkflowStep(
            article=article,
            version=1,
            edition=edition if action == "signed_off_after" else None,
            action=action,
            at=NOON,
            by="Grace Obi",
            by_account=user.pk,
            profession=profession,
            registration_number=number,
        )
        with pytest.raises(IntegrityError, match="sign_off_by_a_registered_clinician"), transaction.atomic():
            step.save()


def test_an_account_without_a_profile_is_told_what_is_missing():
    article = sent()
    with pytest.raises(Refused) as refusal:
        do(Act.SIGN_OFF, article, by=a_reviewer("Ben Hale", number=""))
    assert refusal.value.messages == [
        "Your account names no profession and registration number, and a sign-off needs both. Ask an administrator to "
        "add them to your account."
    ]


def test_a_sign_off_says_who_the_clinician_was_that_day():
    article = signed_off()
    user = a_reviewer()
    Profile.objects.update(profession="Nurse consultant", registration_number="NMC 2")
    renamed(user, "Grace", "Lee")
    user.delete()
    step = WorkflowStep.objects.get(action="signed_off")
    assert (step.by, step.credential) == ("Grace Obi", "Registered nurse, no. NMC 12345")
    assert state_of(article) == State.APPROVED


def test_a_sign_off_is_neither_changed_nor_deleted():
    signed_off()
    step = WorkflowStep.objects.first()
    for attempt in [
        step.save,
        step.delete,
        WorkflowStep.objects.all().delete,
        lambda: WorkflowStep.objects.update(by="X"),
    ]:
        with pytest.raises(LedgerError, match="written once"):
            attempt()


# A sign-off is of one version of one text.


def test_one_more_save_and_the_sign_off_is_of_another_text():
    article = signed_off()
    edited(article)
    with pytest.raises(StaleVersion):
        do(Act.PUBLISH, article, version=1, by=a_publisher())
    with pytest.raises(Refused, match="No second clinician has signed this text off"):
        do(Act.PUBLISH, Article.objects.get(), by=a_publisher())
    assert not Edition.objects.exists()


def test_publishing_takes_no_sign_off_of_another_text():
    article, other = signed_off(), signed_off(an_article("Another page"))
    submitted, of_another = article.steps.get(action="submitted"), other.steps.get(action="signed_off")
    of_this = article.steps.get(action="signed_off")
    article = edited(article)
    for step in (submitted, of_another, of_this):
        with pytest.raises(ValidationError, match="The sign-off is of another text"):
            publishing.publish(article, at=NOON, by=Person("Paul Lee"), sign_off=step)
    assert not Edition.objects.exists()


def test_publishing_asks_for_a_sign_off_or_a_reason():
    with pytest.raises(ValidationError, match="Say why the page is published without a sign-off"):
        publishing.publish(wrote(), at=NOON, by=Person("Paul Lee"), bypass_reason="  ")
    assert not Edition.objects.exists()


def test_the_database_itself_asks_for_a_sign_off_or_a_reason():
    signed_and_published()
    row = Edition.objects.values().get()
    row |= {"id": None, "number": 2, "sign_off_id": None, "bypass_reason": ""}
    with pytest.raises(IntegrityError, match="edition_signed_off_or_with_reason"), transaction.atomic():
        Edition.objects.create(**row)
    assert Edition.objects.create(**{**row, "bypass_reason": "Imported."}).number == 2


def test_the_edition_names_its_sign_off_and_the_version_that_was_signed():
    article = signed_and_published(edited(wrote()))
    edition = Edition.objects.get()
    assert (edition.version, edition.sign_off.version, edition.sign_off.by) == (2, 2, "Grace Obi")
    assert (edition.published_by, edition.published_by_account) == ("Paul Lee", a_publisher().pk)
    assert edition.content["sections"][0]["body"] == article.sections.get().body


# The emergency.


def emergency(article: Article | None = None, *, by: User | None = None) -> Edition:
    article = article or wrote()
    do(Act.PUBLISH_UNSIGNED, article, by=by or a_publisher(), at=YESTERDAY, reason="The dose was wrong.")
    return Edition.objects.latest("id")


def test_an_emergency_says_why_and_stands_in_the_queue():
    edition = emergency()
    assert (edition.sign_off, edition.bypass_reason) == (None, "The dose was wrong.")
    assert list(Edition.objects.awaiting_sign_off()) == [edition]
    assert list(Edition.objects.live(at=NOON)) == [edition]
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.reason) == ("published", "Paul Lee", "The dose was wrong.")
    assert entry.summary == "edition 1, major, without a sign-off"


@pytest.mark.parametrize("who", [an_author, a_reviewer])
def test_an_emergency_needs_a_permission_of_its_own(who):
    with pytest.raises(Refused, match="Your account has no permission for this"):
        emergency(by=who())
    assert not Edition.objects.exists()


def test_an_edition_that_was_signed_off_is_not_in_the_queue():
    signed_and_published()
    assert not Edition.objects.awaiting_sign_off().exists()


def test_sample_text_is_not_in_the_queue_and_nobody_signs_it_off():
    edition = publish(wrote(an_article(is_sample=True)))
    assert not Edition.objects.awaiting_sign_off().exists()
    with pytest.raises(Refused, match="sample text"):
        sign_off_afterwards(edition, by=a_reviewer(), at=NOON)


def test_imported_text_is_in_the_queue():
    edition = publish(wrote(by=IMPORT), by=IMPORT)
    assert list(Edition.objects.awaiting_sign_off()) == [edition]


def test_somebody_else_signs_it_off_afterwards_once_and_it_leaves_the_queue():
    edition = emergency()
    step = sign_off_afterwards(edition, by=a_reviewer(), at=NOON, note="Read against the label.")
    assert (step.edition, step.version, step.credential) == (edition, 1, "Registered nurse, no. NMC 12345")
    assert not Edition.objects.awaiting_sign_off().exists()
    assert list(Edition.objects.signed_off()) == [edition]
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.summary, entry.reason) == (
        "signed_off_after",
        "edition 1, Registered nurse, no. NMC 12345",
        "Read against the label.",
    )
    somebody_else = a_reviewer("Sam Hart")
    before = everything()
    for again in (edition, Edition.objects.get()):
        with pytest.raises(Refused, match="This edition is signed off already"):
            sign_off_afterwards(again, by=somebody_else, at=NOON)
    assert everything() == before


def test_its_publisher_and_its_writers_do_not_sign_it_off_afterwards():
    publisher = everything_allowed(a_reviewer("Paul Lee"))
    edition = emergency(wrote(edited(wrote()), by=a_reviewer("Sam Hart"), body="<p>Sam.</p>"), by=publisher)
    a_reviewer()
    for user in (publisher, a_reviewer("Sam Hart"), everything_allowed(a_reviewer("Ana Ruiz"))):
        with pytest.raises(Refused) as refusal:
            sign_off_afterwards(edition, by=User.objects.get(pk=user.pk), at=NOON)
        assert refusal.value.messages == [
            "You wrote or published this edition, so somebody else has to sign it off. Grace Obi can sign it off."
        ]
    assert refusals_afterwards(edition, by=a_reviewer()) == []


def test_who_wrote_only_what_came_after_it_may_sign_it_off_afterwards():
    edition = emergency()
    wrote(edition.article, by=a_reviewer(), body="<p>Grace’s own text.</p>")
    assert refusals_afterwards(edition, by=a_reviewer()) == []


def test_who_may_not_sign_off_is_told_who_can():
    edition = emergency()
    a_reviewer()
    assert refusals_afterwards(edition, by=a_publisher("Lea Moss")) == [
        "Your account has no permission for this. Grace Obi can sign it off."
    ]


def test_a_newer_edition_does_not_take_it_out_of_the_queue():
    first = emergency()
    signed_and_published(edited(first.article))
    assert list(Edition.objects.awaiting_sign_off()) == [first]


def test_a_sign_off_afterwards_is_no_step_of_the_text_that_is_worked_on():
    article = sent(edited(emergency().article))
    sign_off_afterwards(Edition.objects.get(), by=a_reviewer("Sam Hart"), at=NOON)
    assert (state_of(article), asked(article).step_version) == (State.IN_REVIEW, 2)


def test_the_question_who_can_costs_few_queries_however_many_people_there_are(django_assert_max_num_queries):
    edition = emergency()
    for number in range(20):
        a_reviewer(f"Reviewer {number}")
    user = a_reviewer()
    with django_assert_max_num_queries(9):
        refusals_afterwards(Edition.objects.awaiting_sign_off().get(pk=edition.pk), by=user)
