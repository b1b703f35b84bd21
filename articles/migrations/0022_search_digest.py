"""What the order of the results asks of each page, and words that are looked up by both of their ends.

On PostgreSQL the names get a stored vector of their own in place of the one that had the summary too: to ask a vector for
words of one weight, every page that has them anywhere must be read.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models

from articles.search import digest, text
from articles.search.language import DEFAULT, language_of

BATCH = 200
_index = importlib.import_module("articles.migrations.0017_search_index")
POSTGRESQL = [
    "ALTER TABLE articles_searchentry DROP COLUMN head, "
    f"ADD COLUMN called tsvector GENERATED ALWAYS AS ({_index._vector({'title': 'A', 'names': 'B'})}) STORED",
    "CREATE INDEX articles_searchentry_called ON articles_searchentry USING gin (called)",
]
NOT_ON_POSTGRESQL = [
    "ALTER TABLE articles_searchentry DROP COLUMN called, "
    f"ADD COLUMN head tsvector GENERATED ALWAYS AS ({_index._vector(_index.HEAD)}) STORED",
    "CREATE INDEX articles_searchentry_head ON articles_searchentry USING gin (head)",
]


def make_vector_of_names(apps, schema_editor):
    _execute(schema_editor, POSTGRESQL)


def make_vector_of_heads(apps, schema_editor):
    _execute(schema_editor, NOT_ON_POSTGRESQL)


def _execute(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement, params=None)


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


def forget_words(apps, schema_editor):
    """The columns of before have no value for them; `manage.py rebuild_search` of before makes them anew."""
    apps.get_model("articles", "SearchWord").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0021_fill_live_and_changed_from"),
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
        migrations.RunPython(make_vector_of_names, make_vector_of_heads),
        migrations.RunPython(fill, forget_words),
    ]
