"""The words of a digest in lines, so that a question looks for each of its words in a short one."""

from django.db import migrations

from articles.search import digest

BATCH = 500


def part(apps, schema_editor):
    """Of digests as they stand, so that no text has to be stemmed again."""
    digests = apps.get_model("articles", "SearchDigest").objects
    last = 0
    while rows := list(digests.filter(pk__gt=last).order_by("pk").values_list("pk", "words")[:BATCH]):
        for last, words in rows:
            digests.filter(pk=last).update(words=digest.in_lines(words.split()))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0027_desk_page"),
    ]

    operations = [
        migrations.RunPython(part, migrations.RunPython.noop),
    ]
