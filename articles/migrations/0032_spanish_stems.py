"""Stems and digests of Spanish pages anew, in which the singular and the plural of “náusea” have one stem.

Backwards nothing is done: `manage.py rebuild_search` of the release before makes its own.
"""

from django.db import migrations

from articles.search import digest
from articles.search.language import language_of

BATCH = 200
COLUMNS = ("title", "names", "summary", "body")


def stem_anew(apps, schema_editor):
    SearchEntry, SearchStems, SearchDigest = (
        apps.get_model("articles", f"Search{name}") for name in ("Entry", "Stems", "Digest")
    )
    spanish, last = SearchEntry.objects.filter(language="es").order_by("pk"), 0
    while rows := list(spanish.filter(pk__gt=last).values_list("pk", *COLUMNS)[:BATCH]):
        for last, *texts in rows:
            of_entry = dict(zip(COLUMNS, texts, strict=True)) | {"language": language_of("es")}
            SearchStems.objects.filter(pk=last).update(**digest.stems_of(**of_entry))
            SearchDigest.objects.filter(pk=last).update(**digest.of_texts(**of_entry))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0031_requests_of_outcomes"),
    ]

    operations = [
        migrations.RunPython(stem_anew, migrations.RunPython.noop),
    ]
