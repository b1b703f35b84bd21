"""Whose page it is: a person, a role, or both."""

from datetime import datetime

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction

from articles import auditing
from articles.models import Article, AuditEntry
from articles.people import Person, name_of


def name_of_owner(article: Article) -> str:
    """The person, or else the role; empty when the page has neither. One that left is marked."""
    if article.owner:
        return name_of(article.owner) + ("" if article.owner.is_active else " (left)")
    return article.owner_group.name if article.owner_group else ""


@transaction.atomic
def assign(articles, *, owner: User | None, group: Group | None, at: datetime, by: Person, reason: str = "") -> int:
    """Give pages to a person, to a role, or to both; to nobody when both are None. Returns how many changed hands.

    Raises ValidationError when the account of the person is closed.
    """
    if owner and not owner.is_active:
        raise ValidationError(f"The account of {name_of(owner)} is closed. Choose somebody else.")
    changed = 0
    after = {"owner": name_of(owner) if owner else None, "role": group.name if group else None}
    for article in articles.select_for_update(of=("self",)).select_related("owner", "owner_group"):
        before = {
            "owner": name_of(article.owner) if article.owner else None,
            "role": article.owner_group.name if article.owner_group else None,
        }
        if (article.owner, article.owner_group) == (owner, group):
            continue
        Article.objects.filter(pk=article.pk).update(owner=owner, owner_group=group)
        auditing.record(
            article, AuditEntry.Action.ASSIGNED, at=at, by=by, before=before, after=after, reason=reason[:300]
        )
        changed += 1
    return changed
