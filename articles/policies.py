"""Which policy holds for a page, and the act that brings changed policies to the pages there are.

Of all policies that match a page the one with the fewest months holds; of two with as many, the older one. A page keeps
its answer, so that a save, a new tag or an import moves no date: `changes()` shows what applying the policies would do,
`apply()` does it. A page that is published first is given its policy then, and still no date: `adopt()`.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from articles import auditing
from articles.due import limit
from articles.models import Article, ArticleTag, AuditEntry, Edition, Policy, RiskClass, StatedReview
from articles.people import Person

BATCH = 500


class RehearsalOutdated(Exception):
    """Policies or pages have changed since somebody rehearsed: what he saw is not what would happen."""


@dataclass(frozen=True)
class PolicyChange:
    """What applying the policies does to one page. A day is None where the page has none."""

    article: int
    title: str
    policy_before: str  # "24 months, because ..."; empty for none
    policy_after: str
    months_after: int | None
    banner_after: int | None
    due_before: date | None
    due_after: date | None

    def becomes_overdue(self, *, today: date) -> bool:
        was = self.due_before is not None and self.due_before < today
        return self.due_after is not None and self.due_after < today and not was


def published() -> QuerySet:
    """The articles that policies are applied to. A draft gets its policy with its first edition, what is in the archive
    when it is taken out and the policies are applied again."""
    return Article.objects.filter(Exists(Edition.objects.filter(article=OuterRef("pk"))), archived_at=None)


def strictest(articles, *, risk_classes: Mapping[int, int | None] | None = None) -> dict[int, Policy]:
    """The policy that holds for each article of a queryset, by its id; articles that none matches are left out.

    `risk_classes` are those that some articles are to have instead of their own, by the ids of both, for a rehearsal.
    Three queries, however many articles there are, and one when there is no policy.
    """
    policies = list(Policy.objects.select_related("tag", "risk_class"))
    if not policies:
        return {}
    by_tag = {policy.tag_id: policy for policy in policies if policy.tag_id}
    tags = defaultdict(list)
    if by_tag:
        tagged = ArticleTag.objects.filter(tag__in=by_tag, content_object__in=articles.order_by().values("pk"))
        tagged = tagged.values_list("content_object", "tag")
        for article, tag in tagged:
            tags[article].append(by_tag[tag])
    by_kind = {policy.kind: policy for policy in policies if policy.kind}
    by_risk = {policy.risk_class_id: policy for policy in policies if policy.risk_class_id}
    by_article = {policy.article_id: policy for policy in policies if policy.article_id}
    risk_classes = risk_classes or {}
    found = {}
    for pk, kind, risk in articles.order_by().values_list("pk", "kind", "risk_class"):
        risk = risk_classes.get(pk, risk)
        matching = [by_kind.get(kind), by_risk.get(risk), by_article.get(pk), *tags.get(pk, [])]
        if matching := [policy for policy in matching if policy]:
            found[pk] = min(matching, key=lambda policy: (policy.months, policy.pk))
    return found


def changes(articles=None, *, risk_classes: Mapping[int, int | None] | None = None) -> list[PolicyChange]:
    """What applying the policies would change, page by page, in the order of titles; empty when all pages follow them.

    Of a queryset of articles, or of all that are `published()`; `risk_classes` as in `strictest`.

    The next review falls due that many months after the last one, or after the one that the source states while the page
    has not been reviewed here. An earlier day that somebody chose stays; one that was as late as the old policy allowed
    moves with the policy, sooner or later, but not beyond a day that the source states.
    """
    articles = published() if articles is None else articles
    held = strictest(articles, risk_classes=risk_classes)
    stated = StatedReview.objects.filter(article=OuterRef("pk"), article__reviewed_on=None).order_by("-id")
    pages = articles.annotate(
        stated_review_on=Subquery(stated.values("reviewed_on")[:1]),
        stated_next_on=Subquery(stated.values("next_review_on")[:1]),
    )
    found = []
    columns = ("pk", "title", "review_months", "review_policy", "banner_after_days", "next_review_on")
    days = ("reviewed_on", "stated_review_on", "stated_next_on")
    rows = pages.order_by("title", "pk").values_list(*columns, *days)
    for pk, title, months, said, banner, due, reviewed_on, stated_on, stated_next in rows:
        policy = held.get(pk)
        months_after = policy.months if policy else None
        said_after = _said(policy) if policy else ""
        before, after = (limit(reviewed_on or stated_on, number) for number in (months, months_after))
        chosen_earlier = due is not None and (before is None or due < before)
        due_after = due if after is None else min(due, after) if chosen_earlier else after
        if due_after and stated_next:
            due_after = min(due_after, max(stated_next, due or stated_next))
        banner_after = policy.banner_after_days if policy else None
        if (months, said, banner, due) != (months_after, said_after, banner_after, due_after):
            found.append(PolicyChange(pk, title, said, said_after, months_after, banner_after, due, due_after))
    return found


def in_numbers(found: list[PolicyChange], *, today: date) -> Counter:
    """How many pages become overdue, fall due sooner, fall due later, get a policy, lose theirs."""
    numbers = Counter()
    for change in found:
        numbers["overdue"] += change.becomes_overdue(today=today)
        if change.due_before and change.due_after:
            numbers["sooner"] += change.due_after < change.due_before
            numbers["later"] += change.due_after > change.due_before
        numbers["new"] += not change.policy_before
        numbers["lost"] += not change.policy_after
    return numbers


def digest(found: list) -> str:
    """A short text that is another one when anything that a rehearsal shows or would write is another."""
    rows = [asdict(change) for change in found]
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


@transaction.atomic
def apply(*, at: datetime, by: Person, reason: str, rehearsed: str | None = None) -> list[PolicyChange]:
    """Bring all pages in line with the policies as they are now; says what changed. Each page has its entry of the
    audit trail.

    `rehearsed` is the digest of the changes that somebody has seen and agreed to. Raises RehearsalOutdated, and changes
    nothing, when they are not those that would be made; ValidationError without a reason.
    """
    _check(reason)
    _lock(published())
    found = changes()
    if rehearsed not in {None, digest(found)}:
        raise RehearsalOutdated
    _write(found)
    for part in _batches(found):
        pages = Article.objects.in_bulk([change.article for change in part])
        entries = [_entry(pages[change.article], change, at=at, by=by, reason=reason) for change in part]
        AuditEntry.objects.bulk_create(entries)
    return found


def adopt(article: Article) -> None:
    """Give a page that is being published first the policy that holds for it, so that its first review knows its limit.
    No date moves, and what is left of the policies, if anything, waits for `apply`."""
    policy = strictest(Article.objects.filter(pk=article.pk)).get(article.pk)
    if policy:
        Article.objects.filter(pk=article.pk).update(
            review_months=policy.months, review_policy=_said(policy), banner_after_days=policy.banner_after_days
        )


@transaction.atomic
def set_risk_class(
    article: Article,
    risk_class: RiskClass | None,
    *,
    at: datetime,
    by: Person,
    reason: str,
    rehearsed: str | None = None,
) -> list[PolicyChange]:
    """Give a page its risk class, or take it away, and bring this page alone in line with the policies.

    `rehearsed`, what is raised and what is returned are as in `apply`; besides, ValidationError when the page has this
    class already.
    """
    _check(reason)
    _lock(Article.objects.filter(pk=article.pk))
    article = Article.objects.select_related("risk_class").get(pk=article.pk)
    before = article.risk_class
    if before == risk_class:
        raise ValidationError(f"The risk class of “{article}” is {in_words(risk_class)} already.")
    found = changes_by_risk_class(article, risk_class)
    if rehearsed not in {None, digest(found)}:
        raise RehearsalOutdated
    Article.objects.filter(pk=article.pk).update(risk_class=risk_class)
    _write(found)
    facts = {"risk class": str(before or "")}, {"risk class": str(risk_class or "")}
    for change in found:
        policy = _facts(change)
        facts = facts[0] | policy[0], facts[1] | policy[1]
    auditing.record(
        article,
        AuditEntry.Action.POLICY_APPLIED,
        at=at,
        by=by,
        before=facts[0],
        after=facts[1],
        summary=f"the risk class is {in_words(risk_class)}",
        reason=reason.strip()[:300],
    )
    return found


def changes_by_risk_class(article: Article, risk_class: RiskClass | None) -> list[PolicyChange]:
    """What another risk class would change for the page: one change, or none."""
    one = Article.objects.filter(pk=article.pk)
    return changes(one, risk_classes={article.pk: risk_class.pk if risk_class else None})


def in_words(risk_class: RiskClass | None) -> str:
    return f"“{risk_class}”" if risk_class else "none"


def _check(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason stays in the history of each page that changes."})


def _lock(articles) -> None:
    """Nobody records a review of these pages between the rehearsal and the writing. Always in the order of ids."""
    list(articles.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _said(policy: Policy) -> str:
    return str(policy)[:300]


def _write(found: list[PolicyChange]) -> None:
    """Pages that get the same are written together. On SQLite nobody else writes meanwhile, and this takes a tenth of the
    time of a statement with a value for each page."""
    policies, days = defaultdict(list), defaultdict(list)
    for change in found:
        policies[change.months_after, change.policy_after, change.banner_after].append(change.article)
        if change.due_after != change.due_before:
            days[change.due_after].append(change.article)
    for (months, said, banner), pages in policies.items():
        for part in _batches(pages):
            columns = {"review_months": months, "review_policy": said, "banner_after_days": banner}
            Article.objects.filter(pk__in=part).update(**columns)
    for day, pages in days.items():
        for part in _batches(pages):
            Article.objects.filter(pk__in=part).update(next_review_on=day)


def _batches(rows: list) -> Iterator[list]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _facts(change: PolicyChange) -> tuple[dict, dict]:
    return (
        {"policy": change.policy_before, "next_review_on": _day(change.due_before)},
        {"policy": change.policy_after, "next_review_on": _day(change.due_after)},
    )


def _entry(page: Article, change: PolicyChange, *, at: datetime, by: Person, reason: str) -> AuditEntry:
    before, after = _facts(change)
    return auditing.entry(
        page,
        AuditEntry.Action.POLICY_APPLIED,
        at=at,
        by=by,
        before=before,
        after=after,
        reason=reason.strip()[:300],
    )


def _day(day: date | None) -> str | None:
    return day and day.isoformat()
