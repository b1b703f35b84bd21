"""Reminders: what each person has to look after, in one mail a day at most, and only when it says something.

All of it is asked of dates and of the mails that were written before, so a day on which nothing ran loses nothing and a
run that is repeated repeats nothing. audience.py says who gets a page, wording.py has the words.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from articles.desk import pages
from articles.models import Article, AuditEntry, Edition, Mail, ReaderReport, ReviewRequest
from articles.outbox import WAITS
from articles.reminders import wording
from articles.reminders.audience import Audience
from articles.reminders.wording import (
    AHEAD,
    CHASED_AFTER,
    ESCALATED_AFTER,
    ESCALATION,
    SECOND_REVIEWER,
    Item,
    Letter,
    Section,
)
from articles.running import Outcome

REPEATED_AFTER = timedelta(days=7)  # since a person's last reminder, when nothing is new and something still waits
LOOKED_BACK = REPEATED_AFTER + timedelta(days=2)  # older reminders decide nothing, whatever the hour of the run
DAY = timedelta(days=1)

KEY = "review-digest:"  # then the id of the account, and the day: “review-digest:12:2026-11-23”
REMINDERS = Q(key__startswith=KEY)

# After these a page is in another mail, or in another part of it, though none of its days has come.
MOVED = [
    AuditEntry.Action.ASSIGNED,
    AuditEntry.Action.BROUGHT_BACK,
    AuditEntry.Action.DATES_STATED,
    AuditEntry.Action.DUE_MOVED,
    AuditEntry.Action.POLICY_APPLIED,
    AuditEntry.Action.REVIEW_ASKED,
    AuditEntry.Action.UNARCHIVED,
]


@dataclass(frozen=True)
class Written:
    """A reminder of before. Its day stands in its key; `claimed_at` is None while it waits to be sent."""

    key: str
    made_at: datetime
    claimed_at: datetime | None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.key.rpartition(":")[2])

    def is_stale(self, today: date) -> bool:
        """It waits since an earlier day, so it may name work that is done."""
        return self.claimed_at is None and self.day < today

    def reaches_on(self, today: date) -> bool:
        """It is the mail of that day: written for it, or handed over on it."""
        return self.day >= today or (self.claimed_at is not None and timezone.localdate(self.claimed_at) >= today)


def write(*, at: datetime) -> Iterator[Outcome]:
    """Writes the reminders of the day, one mail for each person, and yields after each.

    A reminder of an earlier day that still waits to be sent is taken back; what is left of it stands in the new one.
    Any number of runs may go on at once, and each may be stopped at any point.
    """
    today = timezone.localdate(at)
    before = _written(at=at)
    letters, untold = _letters(at=at, today=today)
    moved = _moved(before)
    stale = [account for account, mails in before.items() if any(mail.is_stale(today) for mail in mails)]
    for account in sorted({*letters, *stale}):
        mails = before.get(account, [])
        letter = letters.get(account)
        if letter and not _says_something(letter, [mail for mail in mails if not mail.is_stale(today)], moved, today):
            letter = None
        if (letter or account in stale) and (outcome := _replace(account, letter, mails, at=at, today=today)):
            yield outcome
    if untold:
        yield Outcome(
            f"{untold:,} page{' needs' if untold == 1 else 's need'} somebody, and nobody could be told: no account "
            "that plans the reviews is active and has an address for mail.",
            failed=True,
        )


def _written(account: int | None = None, *, at: datetime) -> dict[int, list[Written]]:
    """The reminders of all accounts, or of one, that decide about the next: the newest first."""
    since = at - LOOKED_BACK
    found = Mail.objects.filter(key__startswith=KEY if account is None else f"{KEY}{account}:")
    found = found.filter(WAITS | Q(made_at__gt=since) | Q(claimed_at__gt=since))
    mails = defaultdict(list)
    for row in found.order_by("-key").values_list("key", "made_at", "claimed_at"):
        mails[int(row[0].split(":")[1])].append(Written(*row))
    return mails


def _moved(before: dict[int, list[Written]]) -> dict[int, datetime]:
    """When each page was moved last since the oldest of those reminders, by the id of the page."""
    if not before:
        return {}
    oldest = min(mail.made_at for mails in before.values() for mail in mails)
    entries = AuditEntry.objects.filter(page_kind="article", action__in=MOVED, at__gt=oldest)
    return dict(entries.order_by().values_list("page_id").annotate(Max("at")))


def _says_something(letter: Letter, mails: list[Written], moved: dict[int, datetime], today: date) -> bool:
    """Whether the person is told today: there is something new, or enough days have passed."""
    if any(mail.reaches_on(today) for mail in mails):
        return False
    if not mails or today - mails[0].day >= REPEATED_AFTER:
        return True
    last = mails[0]
    if letter.last_report_on and letter.last_report_on >= last.day:  # of a report only its day is known
        return True
    for part, sections in letter.parts.items():
        if part.since and part.since > last.day:
            return True
        for item in (item for items in sections.values() for item in items):
            came_at = max(item.at or last.made_at, moved.get(item.article.pk, last.made_at))
            if item.since > last.day or came_at > last.made_at:
                return True
    return False


def _replace(
    account: int, letter: Letter | None, before: list[Written], *, at: datetime, today: date
) -> Outcome | None:
    """Takes back what is stale and writes the letter, if there is one. None when another run was quicker: it has done
    the same, or the next run sees what is left."""
    stale = [mail.key for mail in before if mail.is_stale(today)]
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=account).first()
        if user is None or _written(account, at=at).get(account, []) != before:
            return None
        if Mail.objects.filter(WAITS, key__in=stale).delete()[0] != len(stale):
            transaction.set_rollback(True)  # one is being sent at this moment
            return None
        if letter is None:
            return Outcome(f"The reminder to {user.email} is taken back: nothing on it is left to do today.")
        subject, text = wording.subject(letter), wording.text(letter, today=today)
        Mail.objects.create(to=user.email, subject=subject, text=text, made_at=at, key=f"{KEY}{account}:{today}")
        return Outcome(f"“{subject}” is written to {user.email}")


def _letters(*, at: datetime, today: date) -> tuple[dict[int, Letter], int]:
    """What each person has to look after, by the id of the account, and how many pages nobody can be told of. Whoever plans
    the reviews also reads how many reports of readers wait."""
    found = _needing_somebody(at=at, today=today)
    audience = Audience({(article.owner_id, article.owner_group_id) for article in found}, today=today)
    requests = defaultdict(list)
    for request in ReviewRequest.objects.open():
        requests[request.article_id].append(request)
    letters, untold = {}, 0

    def letter_to(user):
        return letters.setdefault(user.pk, Letter(user, may_review=user.pk in audience.reviewers))

    def add(users, part, section, item):
        for user in users:
            letter_to(user).parts[part][section].append(item)

    reports = ReaderReport.objects.filter(settled_at=None).aggregate(number=Count("pk"), last_on=Max("sent_on"))
    for user in audience.leads if reports["number"] else []:
        letter_to(user).reports, letter_to(user).last_report_on = reports["number"], reports["last_on"]

    for article in found:
        told = audience.of(article)
        untold += not told
        for section, item in _items(article, today=today):
            for user, part in told.items():
                add([user], part, section, item)
        for request in requests[article.pk]:
            able = {user: part for user, part in told.items() if user.pk != request.not_by_account}
            item = _asked(article, request, today=today)
            for user, part in able.items():
                add([user], part, Section.ASKED, item)
            if not able:
                others = [user for user in audience.leads if user.pk != request.not_by_account]
                add(others, SECOND_REVIEWER, Section.ASKED, item)
        if article.next_review_on and today - article.next_review_on >= ESCALATED_AFTER:
            item = Item(article, article.next_review_on, since=article.next_review_on + ESCALATED_AFTER)
            add([user for user in audience.leads if user not in told], ESCALATION, Section.ESCALATED, item)
    return letters, untold


def _needing_somebody(*, at: datetime, today: date) -> QuerySet[Article]:
    """Pages that patients read and somebody has to look after, each with `is_changed` and `live_at`."""
    editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk"), published_at__lte=at)
    found = pages(at=at, today=today).filter(
        Q(next_review_on__lte=today + AHEAD) | Q(is_changed=True) | Q(is_asked=True)
    )
    found = found.annotate(live_at=Subquery(editions.order_by("-number").values("published_at")[:1]))
    shown = ("title", "owner", "owner_group", "next_review_on", "reviewed_on", "reviewed_edition")
    of_owner = ("owner__first_name", "owner__last_name", "owner__username", "owner__is_active", "owner_group__name")
    return found.select_related("owner", "owner_group").only(*shown, *of_owner)


def _items(article: Article, *, today: date) -> Iterator[tuple[Section, Item]]:
    due = article.next_review_on
    if due and due < today:
        if due + CHASED_AFTER <= today:
            yield Section.CHASED, Item(article, due, since=due + CHASED_AFTER)
        else:
            yield Section.OVERDUE, Item(article, due, since=due + DAY)
    elif due and due <= today + AHEAD:
        yield Section.SOON, Item(article, due, since=due - AHEAD)
    if article.is_changed:
        changed_on = timezone.localdate(article.live_at)
        yield Section.CHANGED, Item(article, changed_on, since=changed_on, at=article.live_at)


def _asked(article: Article, request: ReviewRequest, *, today: date) -> Item:
    """New again on the day after it was wanted by."""
    since = request.due_on + DAY if request.due_on < today else request.opened_on
    return Item(article, request.due_on, since=since, about=request.about)
