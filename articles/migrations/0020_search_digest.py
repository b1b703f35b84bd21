"""What the order of the results asks of each page, and words that are looked up by both of their ends."""

import django.db.models.deletion
from django.db import migrations, models

from articles.search import digest, text
from articles.search.language import DEFAULT, language_of

BATCH = 200


def fill(apps, schema_editor):
    SearchEntry, SearchWord, SearchDigest = (
        apps.get_model("articles", name) for name in ("SearchEntry", "SearchWord", "SearchDigest")
    )
    SearchWord.objects.all().delete()
    words, digests = [], []

    def store():
        SearchWord.objects.bulk_create(words)
        SearchDigest.objects.bulk_create(digests)
        words.clear(), digests.clear()

    columns = ("title", "names", "summary", "body")
    for pk, *texts in SearchEntry.objects.order_by("pk").values_list("pk", *columns).iterator(BATCH):
        texts = dict(zip(columns, texts, strict=True))
        of_texts = digest.of_texts(**texts, language=language_of(DEFAULT))
        digests.append(SearchDigest(entry_id=pk, **of_texts))
        words += (SearchWord(entry_id=pk, **word) for word in text.suggestible_words(texts["title"], texts["names"]))
        if len(digests) == BATCH:
            store()
    store()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0019_sort_anew"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDigest",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="digest",
                        serialize=False,
                        to="articles.searchentry",
                    ),
                ),
                ("sort_key", models.CharField(max_length=200)),
                ("names", models.TextField()),
                ("words", models.TextField()),
            ],
        ),
        migrations.RemoveIndex(model_name="searchword", name="search_word_first"),
        migrations.RemoveIndex(model_name="searchword", name="search_word_second"),
        migrations.RemoveField(model_name="searchword", name="first"),
        migrations.RemoveField(model_name="searchword", name="second"),
        migrations.AddField(
            model_name="searchword",
            name="start",
            field=models.CharField(default="", max_length=2),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchword",
            name="end",
            field=models.CharField(default="", max_length=3),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="searchword", index=models.Index(fields=["start", "word"], name="search_word_start")
        ),
        migrations.AddIndex(
            model_name="searchword", index=models.Index(fields=["end", "word"], name="search_word_end")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
