"""How each reviewer reviews, in numbers for the lead: a reason to ask, never a verdict.

Counted are the standing reviews: one that a correction has taken the place of is not, its correction is.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Length, Replace

from articles.models import Review, ReviewRequest
from articles.people import plain
from articles.review_requests import SECOND_KEY

FEWEST = 5  # reviews of which a share says something
MINUTE = 60  # seconds
FASTEST = 400  # words a minute: nobody reads a clinical text faster and understands it
SHORTEST_WORD = 3  # characters with the blank behind it, markup counted in


@dataclass
class Reviewer:
    """One person in one period. `whole` and `parts` count reviews; `no_change` and all that concerns the time is about
    reviews of the whole page. `seconds` are the times that are known; one typed in for somebody else is the typist's, and
    not among them."""

    name: str
    whole: int = 0
    parts: int = 0
    no_change: int = 0
    seconds: list[int] = field(default_factory=list)
    faster_than_reading: int = 0
    drawn: int = 0  # for a second review
    seconded: int = 0  # of those, the ones that a second reviewer has looked at
    differed: int = 0  # of those, the ones with another outcome

    @property
    def share_of_no_change(self) -> float | None:
        """From 0 to 1; None for fewer than five reviews, of which a share says nothing."""
        return self.no_change / self.whole if self.whole >= FEWEST else None

    @property
    def median_seconds(self) -> int | None:
        return round(median(self.seconds)) if self.seconds else None

    @property
    def under_a_minute(self) -> int:
        return sum(seconds < MINUTE for seconds in self.seconds)


def reviewers(*, since: date, until: date) -> list[Reviewer]:
    """Everybody with a review whose day lies between both, both included; the most reviews of whole pages first.

    A person is an account. Who has none, because somebody else typed the record in, is known by name, and counted with
    the account that reviews under that name when there is exactly one. Two queries.
    """
    rows = list(_reviews(since, until))
    seconds = _second_outcomes(since)
    plain_names = {name: plain(name) for row in rows for name in (row.reviewer_name, row.recorded_by)}
    accounts = defaultdict(set)
    for row in rows:
        if row.recorded_by_account and plain_names[row.reviewer_name] == plain_names[row.recorded_by]:
            accounts[plain_names[row.reviewer_name]].add(row.recorded_by_account)
    found: dict[str | int, Reviewer] = {}
    for row in rows:
        name = plain_names[row.reviewer_name]
        is_own = name == plain_names[row.recorded_by]
        account = row.recorded_by_account if is_own else None
        if not account and len(accounts[name]) == 1:
            (account,) = accounts[name]
        person = found.setdefault(account or name, Reviewer(row.reviewer_name))
        _count(row, person, is_own=is_own, seconds=seconds)
    return sorted(found.values(), key=lambda person: (-person.whole, -person.parts, person.name.casefold()))


def _count(row, person: Reviewer, *, is_own: bool, seconds: dict[str, str | None]) -> None:
    if row.scope == Review.Scope.PART:
        person.parts += 1
        return
    person.whole += 1
    person.no_change += row.outcome == Review.Outcome.NO_CHANGE
    if is_own and row.seconds_on_page is not None:
        person.seconds.append(row.seconds_on_page)
        person.faster_than_reading += row.is_fast
    for key in (str(row.pk), str(row.supersedes)):
        if key in seconds:
            person.drawn += 1
            person.seconded += seconds[key] is not None
            person.differed += seconds[key] not in (None, row.outcome)


def _reviews(since: date, until: date) -> QuerySet:
    """The newest first, so that who has changed name goes by the new one. Whether a page could be read in the time is
    asked of the database, which needn't send 20,000 texts for it."""
    could_be = Q(scope=Review.Scope.WHOLE, seconds_on_page__lt=Length("text") / SHORTEST_WORD * 60 / FASTEST)
    is_fast = Q(seconds_on_page__lt=_blanks(F("text")) * 60 / FASTEST)
    columns = (
        "scope",
        "outcome",
        "seconds_on_page",
        "reviewer_name",
        "recorded_by",
        "recorded_by_account",
        "supersedes",
    )
    rows = Review.objects.standing().filter(reviewed_on__range=(since, until)).order_by("-reviewed_on", "-id")
    rows = rows.annotate(text=KeyTextTransform("sections", "edition__content"))
    rows = rows.annotate(
        is_fast=Case(When(could_be, then=Case(When(is_fast, then=True), default=False)), default=False)
    )
    return rows.values_list("pk", *columns, "is_fast", named=True)


def _blanks(text):
    """About how many words the sections have: the blanks between them. Where a paragraph ends there is none, so they are
    rather too few, in favour of the reviewer. The blanks that PostgreSQL writes between the values are taken out."""
    for between in ('": "', '", "', "}, {"):
        text = Replace(text, Value(between), Value(between.replace(" ", "")))
    return Length(text) - Length(Replace(text, Value(" "), Value("")))


def _second_outcomes(since: date) -> dict[str, str | None]:
    """By the id of a review that was drawn: what the second reviewer found, None when nobody has looked yet. Of a second
    review that was corrected it is the correction that counts."""
    asked = ReviewRequest.objects.filter(cause=ReviewRequest.Cause.SECOND, opened_on__gte=since)
    outcome = Coalesce("review__superseded_by__outcome", "review__outcome")
    return {key.removeprefix(SECOND_KEY): found for key, found in asked.values_list("key", outcome)}
