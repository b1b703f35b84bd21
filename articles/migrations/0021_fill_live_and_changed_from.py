"""What the editions say: since when, or from when on, patients read a page, and a newer edition than was reviewed."""

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

BATCH = 1_000  # ids at once: no statement may take longer than 3 seconds


def fill(apps, schema_editor):
    Article, Edition = apps.get_model("articles", "Article"), apps.get_model("articles", "Edition")
    editions = Edition.objects.filter(article=OuterRef("pk"), scheduled_act__cancelled_at=None).order_by("number")
    newer = editions.filter(number__gt=OuterRef("reviewed_edition"))
    last = Article.objects.aggregate(Max("pk"))["pk__max"] or 0
    for start in range(0, last + 1, BATCH):
        Article.objects.filter(pk__gte=start, pk__lt=start + BATCH).update(
            live_from=Subquery(editions.values("published_at")[:1]),
            changed_from=Subquery(newer.values("published_at")[:1]),
        )


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0020_live_and_changed_from'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
