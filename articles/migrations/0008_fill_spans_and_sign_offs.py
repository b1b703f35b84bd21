"""Fill what 0006 and 0007 made: spans of withdrawal from the audit trail, stated days, and the version and reason of
editions that were published before sign-offs were kept. Going back fills the old columns, which 0009 gives back empty.
"""

from django.db import migrations
from django.db.models import Exists, F, OuterRef, Subquery

BEFORE = "Published before sign-offs were kept here."


def fill_withdrawals(apps, schema_editor):
    """One row for each time in which a page was away. The page itself says whether it is away now: then it has no end."""
    AuditEntry, Withdrawal = apps.get_model("articles", "AuditEntry"), apps.get_model("articles", "Withdrawal")
    for kind in ("article", "topic"):
        pages = apps.get_model("articles", kind.capitalize()).objects
        known = set(pages.values_list("pk", flat=True))
        acts = AuditEntry.objects.filter(page_kind=kind, action__in=["withdrawn", "brought_back"]).order_by("at", "id")
        open_rows = {}
        for act in acts:
            if act.page_id not in known:
                continue
            if act.page_id in open_rows:
                row = open_rows.pop(act.page_id)
                row.until_at = act.at
                row.save()
            if act.action == "withdrawn":
                page = {f"{kind}_id": act.page_id}
                open_rows[act.page_id] = Withdrawal.objects.create(from_at=act.at, reason=act.reason or "Withdrawn.", **page)
        away = pages.exclude(withdrawn_at=None)
        for pk in open_rows.keys() - set(away.values_list("pk", flat=True)):
            open_rows[pk].delete()  # it came back at a moment that nobody wrote down
        for page in away:
            if page.pk not in open_rows:
                Withdrawal.objects.create(
                    from_at=page.withdrawn_at, reason=page.withdrawn_reason, **{f"{kind}_id": page.pk}
                )


def fill_columns_of_withdrawals(apps, schema_editor):
    """Going back: what is away stays away."""
    for row in apps.get_model("articles", "Withdrawal").objects.filter(until_at=None):
        kind, pk = ("Article", row.article_id) if row.article_id else ("Topic", row.topic_id)
        page = apps.get_model("articles", kind).objects.filter(pk=pk)
        page.update(withdrawn_at=row.from_at, withdrawn_reason=row.reason)


def fill_stated_days(apps, schema_editor):
    for article in apps.get_model("articles", "Article").objects.filter(published_on_is_stated=True):
        article.stated_on = article.published_on
        article.save(update_fields=["stated_on"])


def fill_columns_of_dates(apps, schema_editor):
    """Going back: an article has the dates of its newest edition, or the day that its source states."""
    Article, Edition = apps.get_model("articles", "Article"), apps.get_model("articles", "Edition")
    editions = Edition.objects.filter(article=OuterRef("pk")).order_by("-number")
    dates = ("published_on", "published_on_is_stated", "updated_on")
    newest = {name: Subquery(editions.values(name)[:1]) for name in dates}
    Article.objects.filter(Exists(editions)).update(**newest)
    Article.objects.exclude(stated_on=None).update(published_on=F("stated_on"), published_on_is_stated=True)


def fill_editions(apps, schema_editor):
    """An edition froze the last version that was saved before it was published."""
    Edition, Revision = apps.get_model("articles", "Edition"), apps.get_model("articles", "Revision")
    for edition in Edition.objects.only("pk", "article_id", "published_at"):
        saved = Revision.objects.filter(article=edition.article_id, saved_at__lte=edition.published_at)
        version = saved.order_by("-number").values_list("number", flat=True).first() or 0
        Edition.objects.filter(pk=edition.pk).update(version=version, bypass_reason=BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0007_editions_name_their_sign_off'),
    ]

    operations = [
        migrations.RunPython(fill_withdrawals, fill_columns_of_withdrawals),
        migrations.RunPython(fill_stated_days, fill_columns_of_dates),
        migrations.RunPython(fill_editions, migrations.RunPython.noop),
    ]
