"""Two people, or a person and a job, at the same page at the same moment: the record and the dates fit together, and
whoever came second is told."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from articles import due, owners, rescheduling, review_requests
from articles.models import Absence, Article, AuditEntry, Mail, Review
from articles.policies import RehearsalOutdated, digest
from articles.reminders import digest as reminders
from articles.rescheduling import PlanOutdated
from tests.builders import ANA, DAY, GRACE, NOON, an_account, an_article, published, reviewed
from tests.test_workflow_races import ROUNDS, at_once

AGO = NOON - timedelta(400)
NEXT = date(2027, 11, 22)


def live(title="Nausea", **columns) -> Article:
    page = published(an_article(title), at=AGO)
    Article.objects.filter(pk=page.pk).update(**columns)
    return Article.objects.get(pk=page.pk)


def told(*kinds: type[Exception]):
    """Turns what an act raises when it came second into what `at_once` reports."""

    def of(act):
        def tried():
            try:
                act()
            except kinds as late:
                raise ValidationError("Too late") from late

        return tried

    return of


def dates(article: Article) -> tuple:
    return Article.objects.values_list("reviewed_on", "reviewed_edition", "next_review_on").get(pk=article.pk)


def test_of_two_reviews_at_the_same_moment_both_are_kept_and_the_last_one_gives_the_dates(committing_db):
    for number in range(ROUNDS):
        page = live(f"Page {number}")
        days = [NEXT, NEXT - timedelta(90)]
        assert at_once(*[lambda day=day, page=page: reviewed(page, next_on=day) for day in days]) == ["done"] * 2
        last = due.last_review(page)
        assert page.reviews.count() == 2 and dates(page) == (DAY, 1, last.next_review_on)


def test_of_two_corrections_of_one_record_one_is_kept(committing_db):
    for number in range(ROUNDS):
        page = live(f"Page {number}")
        wrong = reviewed(page)
        days = [DAY - timedelta(1), DAY - timedelta(2)]
        acts = [lambda day=day, page=page, wrong=wrong: reviewed(page, on=day, supersedes=wrong) for day in days]
        assert sorted(at_once(*acts)) == ["ValidationError", "done"]
        right = Review.objects.get(supersedes=wrong)
        assert dates(page)[0] == right.reviewed_on


def test_a_review_stands_though_a_plan_that_moves_the_page_is_applied_at_that_moment(committing_db):
    """Whichever comes first: the plan is refused after the review, and the review takes the place of its day."""
    for number in range(ROUNDS):
        Article.objects.update(archived_at=NOON)
        soon, limits = DAY + timedelta(1), {"review_months": 24, "reviewed_on": DAY - timedelta(30)}
        pages = [live(f"Page {number} {each}", next_review_on=soon, reviewed_edition=1, **limits) for each in "abcd"]
        planned = Article.objects.filter(archived_at=None)
        plan = rescheduling.plan(planned, today=DAY, per_week=1)
        page = next(page for page in pages if page.pk == plan.moves[-1].article)
        agreed = {"per_week": 1, "shown": plan.digest, "at": NOON, "today": DAY, "by": ANA, "reason": "A bulge."}

        def apply(planned=planned, agreed=agreed):
            rescheduling.apply(planned, **agreed)

        became = at_once(lambda page=page: reviewed(page, next_on=NEXT), told(PlanOutdated)(apply))
        assert became[0] == "done" and dates(page) == (DAY, 1, NEXT)
        moved = AuditEntry.objects.filter(action=AuditEntry.Action.DUE_MOVED, page_id__in=[each.pk for each in pages])
        assert moved.count() == (len(plan.moves) if became[1] == "done" else 0)


def test_of_two_handovers_of_the_same_pages_one_is_done_and_the_other_person_is_told(committing_db):
    leaver, heirs = an_account("Author", "Ana Ruiz"), [an_account("Author", name) for name in ("Dee Wood", "Eve Moss")]
    for number in range(ROUNDS):
        pages = [live(f"Page {number} {each}", owner=leaver) for each in "ab"]

        def hand_over(heir):
            shown = digest(owners.handing_over(leaver, owner=heir, group=None))
            agreed = {"at": NOON, "by": ANA, "reason": "Ana left.", "rehearsed": shown}
            return told(RehearsalOutdated)(lambda: owners.hand_over(leaver, owner=heir, group=None, **agreed))

        assert sorted(at_once(*map(hand_over, heirs))) == ["ValidationError", "done"]
        found = Article.objects.filter(pk__in=[page.pk for page in pages])
        assert found.values("owner").distinct().count() == 1 and not found.filter(owner=leaver).exists()
        entries = AuditEntry.objects.filter(action=AuditEntry.Action.ASSIGNED, page_id__in=found.values("pk"))
        assert entries.count() == len(pages)


def test_a_request_that_is_answered_and_closed_at_the_same_moment_is_one_of_both(committing_db):
    for number in range(ROUNDS):
        page = live(f"Page {number}")
        wanted = {"cause": "report", "about": "A wrong dose.", "due_on": DAY + timedelta(3), "at": NOON, "by": ANA}
        asked = review_requests.ask_by_hand(page, **wanted)

        def answer(page=page, asked=asked):
            reviewed(page, answers=[asked])

        def close(asked=asked):
            review_requests.close(asked, because="Not this page.", at=NOON, by=GRACE)

        answered, closed = at_once(answer, close)
        assert sorted([answered, closed]) == ["ValidationError", "done"]
        asked.refresh_from_db()
        assert (asked.review_id is not None, bool(asked.closed_because)) == (answered == "done", closed == "done")
        assert page.reviews.count() == (answered == "done")


def test_reminders_that_are_written_while_somebody_goes_away_reach_one_of_both(committing_db):
    owner, deputy = (an_account("Clinical reviewer", name) for name in ("Rita Hall", "Dee Wood"))
    for user in (owner, deputy):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.org")
    live(owner=owner, next_review_on=DAY - timedelta(1), reviewed_on=DAY - timedelta(300), reviewed_edition=1)
    for _ in range(ROUNDS):
        Mail.objects.all().delete()
        Absence.objects.all().delete()

        def goes_away():
            Absence.objects.create(user=owner, deputy=deputy, from_on=DAY, until_on=DAY + timedelta(7))

        assert at_once(goes_away, lambda: list(reminders.write(at=NOON))) == ["done", "done"]
        (mail,) = Mail.objects.all()
        assert mail.to in {f"{user.username}@example.org" for user in (owner, deputy)} and "Nausea" in mail.text
