"""The full text of both databases looks through stems that the library made itself, in the language of each page: English
rules for English words and Spanish ones for Spanish, where each database had its own English rules for all.

On PostgreSQL a digest stays as it is in its row, where it was packed or put aside: three hundred are read for one question.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models

from articles.search import digest, text
from articles.search.language import language_of

BATCH = 200
COLUMNS = ("title", "names", "summary", "body")
_index, _digest = (importlib.import_module(f"articles.migrations.{name}") for name in ("0017_search_index", "0022_search_digest"))

SQLITE = [
    """CREATE VIRTUAL TABLE articles_search USING fts5(called, held, content='articles_searchstems', content_rowid='entry_id',
    tokenize="unicode61 remove_diacritics 0 tokenchars '_'", prefix='6 7')""",
    """CREATE TRIGGER articles_search_insert AFTER INSERT ON articles_searchstems BEGIN
    INSERT INTO articles_search(rowid, called, held) VALUES (new.entry_id, new.called, new.held); END""",
    """CREATE TRIGGER articles_search_delete AFTER DELETE ON articles_searchstems BEGIN
    INSERT INTO articles_search(articles_search, rowid, called, held)
        VALUES ('delete', old.entry_id, old.called, old.held); END""",
    """CREATE TRIGGER articles_search_update AFTER UPDATE ON articles_searchstems BEGIN
    INSERT INTO articles_search(articles_search, rowid, called, held)
        VALUES ('delete', old.entry_id, old.called, old.held);
    INSERT INTO articles_search(rowid, called, held) VALUES (new.entry_id, new.called, new.held); END""",
]
REBUILD_ON_SQLITE = "INSERT INTO articles_search(articles_search) VALUES ('rebuild')"
POSTGRESQL = [
    f"CREATE INDEX articles_searchstems_{column} ON articles_searchstems "
    f"USING gin (array_to_tsvector(string_to_array({column}, ' ')))"
    for column in ("called", "held")
]
INLINE = "ALTER TABLE articles_searchdigest SET (toast_tuple_target = 8160)"


def drop_old_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _execute(schema_editor, _index.NOT_ON_SQLITE)
    else:
        _execute(schema_editor, ["ALTER TABLE articles_searchentry DROP COLUMN called, DROP COLUMN document"])
        _execute(schema_editor, _index.NOT_ON_POSTGRESQL[1:])


def make_old_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _execute(schema_editor, [*_index.SQLITE, REBUILD_ON_SQLITE])
    else:
        _execute(schema_editor, [*_index.POSTGRESQL, *_digest.POSTGRESQL])


def make_index(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    _execute(schema_editor, SQLITE if on_sqlite else POSTGRESQL)


def drop_index(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    _execute(schema_editor, _index.NOT_ON_SQLITE if on_sqlite else [])  # PostgreSQL drops an index with its table


def keep_digests_in_rows(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        _execute(schema_editor, [INLINE])


def _execute(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def fill(apps, schema_editor):
    """Stems of every page, digests anew, for one that was stored before stays packed otherwise, and words with their language."""
    SearchEntry, SearchStems, SearchDigest, SearchWord = (
        apps.get_model("articles", f"Search{name}") for name in ("Entry", "Stems", "Digest", "Word")
    )
    SearchDigest.objects.all().delete()
    SearchWord.objects.all().delete()
    stems, digests, words = [], [], []

    def store():
        SearchStems.objects.bulk_create(stems)
        SearchDigest.objects.bulk_create(digests)
        SearchWord.objects.bulk_create(words)
        stems.clear(), digests.clear(), words.clear()

    for pk, code, *texts in SearchEntry.objects.order_by("pk").values_list("pk", "language", *COLUMNS).iterator(BATCH):
        of_entry = dict(zip(COLUMNS, texts, strict=True)) | {"language": language_of(code)}
        called = text.suggestible_words(of_entry["title"], of_entry["names"])
        words += (SearchWord(entry_id=pk, language=code, **word) for word in called)
        stems.append(SearchStems(entry_id=pk, **digest.stems_of(**of_entry)))
        digests.append(SearchDigest(entry_id=pk, **digest.of_texts(**of_entry)))
        if len(stems) == BATCH:
            store()
    store()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0024_spanish_tag_names"),
    ]

    operations = [
        migrations.RunPython(drop_old_index, make_old_index),
        migrations.CreateModel(
            name="SearchStems",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stems",
                        serialize=False,
                        to="articles.searchentry",
                    ),
                ),
                ("called", models.TextField()),
                ("held", models.TextField()),
            ],
        ),
        migrations.RemoveIndex(model_name="searchword", name="search_word_start"),
        migrations.RemoveIndex(model_name="searchword", name="search_word_end"),
        migrations.AddField(
            model_name="searchword",
            name="language",
            field=models.CharField(default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="searchword",
            index=models.Index(fields=["language", "start", "word"], name="search_word_start"),
        ),
        migrations.AddIndex(
            model_name="searchword", index=models.Index(fields=["language", "end", "word"], name="search_word_end")
        ),
        migrations.RunPython(keep_digests_in_rows, migrations.RunPython.noop),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
