"""Every page of a library that was filled before goes into the index of search, and each synonym gets its key."""

from django.db import migrations

from articles.search import text

BATCH = 200


def fill(apps, schema_editor):
    for name in ("Synonym", "BestBet"):
        for row in apps.get_model("articles", name).objects.all():
            row.save(update_fields=["key"])  # its field prepares it
    _write(apps, _editions(apps))
    _write(apps, _topics(apps))


def _editions(apps):
    """The newest edition of each article, and the one before it when the newest was scheduled (articles/search/index.py)."""
    Edition = apps.get_model("articles", "Edition")
    editions = Edition.objects.filter(scheduled_act__cancelled_at=None).select_related("scheduled_act")
    article = None
    for edition in editions.order_by("article_id", "-number").iterator(BATCH):
        if edition.article_id != article:
            article, left, later = edition.article_id, 2, None
        if not left:
            continue
        yield {
            "article_id": article,
            "edition_id": edition.pk,
            "kind": edition.kind,
            "live_from": edition.published_at,
            "live_until": later,
            **text.of_content(edition.content),
        }
        left, later = left - 1 if hasattr(edition, "scheduled_act") else 0, edition.published_at


def _topics(apps):
    for topic in apps.get_model("articles", "Topic").objects.prefetch_related("other_names").iterator(BATCH):
        names = [other.name for other in topic.other_names.all()]
        yield {"topic_id": topic.pk, "kind": topic.kind, **text.of_topic(topic.title, topic.definition, names)}


def _write(apps, rows):
    SearchEntry = apps.get_model("articles", "SearchEntry")
    for row in rows:
        SearchEntry.objects.create(**row)  # its words and its digest: migration 0022


def empty(apps, schema_editor):
    apps.get_model("articles", "SearchEntry").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0017_search_index'),
    ]

    operations = [
        migrations.RunPython(fill, empty),
    ]
