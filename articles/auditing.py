"""The audit trail: every act on an article or topic leaves one row, in the transaction of the act."""

from datetime import datetime

from articles.models import Article, AuditEntry, Topic
from articles.people import Person
from library.logs import request_id


def record(page: Article | Topic, action: AuditEntry.Action, **details) -> AuditEntry:
    """Write the act down: the `entry` of it."""
    written = entry(page, action, **details)
    written.save()
    return written


def entry(
    page: Article | Topic,
    action: AuditEntry.Action,
    *,
    at: datetime,
    by: Person,
    before: dict | None = None,
    after: dict | None = None,
    summary: str = "",
    reason: str = "",
) -> AuditEntry:
    """What each field was `before` and is `after` the act. Fields that are equal are left out. Not saved: an act on many
    pages saves all its entries at once."""
    before, after = before or {}, after or {}
    changes = [
        {"field": field, "before": before.get(field), "after": after.get(field)}
        for field in dict.fromkeys([*before, *after])
        if before.get(field) != after.get(field)
    ]
    return AuditEntry(
        at=at,
        by=by.name,
        by_account=by.account,
        action=action,
        page_kind=page._meta.model_name,
        page_id=page.pk,
        page_title=page.title,
        summary=summary[:300],
        reason=reason,
        changes=changes,
        request_id=request_id.get(),
    )


def topic_facts(topic: Topic) -> dict:
    """All that a topic says, for the comparison of before and after."""
    fields = ("title", "language", "slug", "kind", "kind_settled", "definition", "source", "is_sample")
    return {
        **{field: getattr(topic, field) for field in fields},
        "translation_of": topic.translation_of and topic.translation_of.get_absolute_url(),
        "other_names": sorted(topic.other_names.values_list("name", flat=True)),
        "codes": sorted(f"{code}" for code in topic.codes.all()),
        "tags": sorted(topic.tags.values_list("name", flat=True)),
    }
