"""The words of a digest in lines, so that a question looks for each of its words in a short one; and near words are looked up
by their length as well."""

from django.db import migrations, models
from django.db.models.functions import Length

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
        migrations.RemoveIndex(model_name="searchword", name="search_word_start"),
        migrations.RemoveIndex(model_name="searchword", name="search_word_end"),
        migrations.AddIndex(
            model_name="searchword",
            index=models.Index("language", "start", Length("word"), "word", name="search_word_start"),
        ),
        migrations.AddIndex(
            model_name="searchword",
            index=models.Index("language", "end", Length("word"), "word", name="search_word_end"),
        ),
    ]
