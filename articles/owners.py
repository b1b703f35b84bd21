"""Whose page it is: a person, a role, or both; and the acts by which pages change hands."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet

from articles import auditing
from articles.models import Article, AuditEntry
from articles.people import Person, name_of
from articles.policies import RehearsalOutdated, digest

BATCH = 500


@dataclass(frozen=True)
class NewOwner:
    """What changes for one page: the ids of its person and of its role, each None for none."""

    article: int
    title: str
    before: tuple[int | None, int | None]
    after: tuple[int | None, int | None]


def name_of_person(user: User) -> str:
    """Whoever has left is marked."""
    return name_of(user) + ("" if user.is_active else " (left)")


def name_of_owner(article: Article) -> str:
    """The person, or else the role; empty when the page has neither. One that left is marked."""
    if article.owner:
        return name_of_person(article.owner)
    return article.owner_group.name if article.owner_group else ""


def owning() -> list[User | Group]:
    """Who has pages, with how many as `number`: first those who have left, then the other people, then the roles.
    Drafts count, and what is withdrawn or in the archive. Two queries."""
    people = User.objects.annotate(number=Count("owned_articles")).filter(number__gt=0)
    roles = Group.objects.annotate(number=Count("owned_articles")).filter(number__gt=0)
    return [*people.order_by("is_active", "first_name", "last_name", "username"), *roles.order_by("name")]


@transaction.atomic
def assign(articles, *, owner: User | None, group: Group | None, at: datetime, by: Person, reason: str = "") -> int:
    """Give pages to a person, to a role, or to both; to nobody when both are None. Returns how many changed hands.

    Raises ValidationError when the account of the person is closed.
    """
    _check_open(owner)
    after = (owner and owner.pk, group and group.pk)
    found = _changes(_locked(articles), lambda before: after)
    _give(found, at=at, by=by, reason=reason)
    return len(found)


def handing_over(source: User | Group, *, owner: User | None, group: Group | None) -> list[NewOwner]:
    """What handing over all pages of a person or of a role changes, in the order of titles.

    The one whose pages they are is replaced: of a person's pages the person, of a role's pages the role, by nobody when
    none is chosen. The other one is replaced only when one is chosen.
    """
    pages = _of(source).order_by("title", "pk")
    if isinstance(source, User):
        return _changes(pages, lambda before: (owner and owner.pk, group.pk if group else before[1]))
    return _changes(pages, lambda before: (owner.pk if owner else before[0], group and group.pk))


@transaction.atomic
def hand_over(
    source: User | Group,
    *,
    owner: User | None,
    group: Group | None,
    at: datetime,
    by: Person,
    reason: str,
    rehearsed: str,
) -> int:
    """Do what `handing_over` shows, with one entry of the audit trail for each page. Returns how many changed hands.

    `rehearsed` is the digest of the changes that somebody has seen and agreed to. Raises RehearsalOutdated, and changes
    nothing, when they are not those that would be made; ValidationError without a reason, or when the account of the
    person is closed.
    """
    if not reason.strip():
        raise ValidationError("Say why. The reason stays in the history of each page.")
    _check_open(owner)
    list(_locked(_of(source)).values_list("pk"))
    found = handing_over(source, owner=owner, group=group)
    if rehearsed != digest(found):
        raise RehearsalOutdated
    _give(found, at=at, by=by, reason=reason)
    return len(found)


def _check_open(owner: User | None) -> None:
    if owner and not owner.is_active:
        raise ValidationError(f"The account of {name_of(owner)} is closed. Choose somebody else.")


def _of(source: User | Group) -> QuerySet[Article]:
    """All of them: drafts, and what is withdrawn or in the archive, too."""
    return Article.objects.filter(**{"owner" if isinstance(source, User) else "owner_group": source})


def _locked(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Always in the order of ids, so that two acts on the same pages wait for each other."""
    return articles.select_for_update(of=("self",)).order_by("pk")


def _changes(articles: QuerySet[Article], after) -> list[NewOwner]:
    """`after` says who has a page, given who had it; pages that change nothing are left out."""
    rows = articles.values_list("pk", "title", "owner", "owner_group")
    found = [NewOwner(pk, title, (owner, group), after((owner, group))) for pk, title, owner, group in rows]
    return [change for change in found if change.before != change.after]


def _give(found: list[NewOwner], *, at: datetime, by: Person, reason: str) -> None:
    pairs = {pair for change in found for pair in (change.before, change.after)}
    people = User.objects.in_bulk({owner for owner, _ in pairs if owner})
    roles = Group.objects.in_bulk({group for _, group in pairs if group})

    def facts(pair):
        owner, group = pair
        return {"owner": name_of(people[owner]) if owner else None, "role": roles[group].name if group else None}

    for_each_pair = defaultdict(list)
    for change in found:
        for_each_pair[change.after].append(change)
    for (owner, group), changes in for_each_pair.items():
        for start in range(0, len(changes), BATCH):
            part = changes[start : start + BATCH]
            pages = Article.objects.in_bulk([change.article for change in part])
            Article.objects.filter(pk__in=pages).update(owner=owner, owner_group=group)
            AuditEntry.objects.bulk_create(
                auditing.entry(
                    pages[change.article],
                    AuditEntry.Action.ASSIGNED,
                    at=at,
                    by=by,
                    before=facts(change.before),
                    after=facts(change.after),
                    reason=reason.strip()[:300],
                )
                for change in part
            )
