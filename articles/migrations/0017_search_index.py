"""The index of search: what may be found, and beside it the full-text index of the database, which follows by itself.

On SQLite that is an FTS5 table over the columns of text, kept by triggers; a later migration that remakes the table on
SQLite loses them and has to make them again (SQLITE below). On PostgreSQL these are two stored vectors, one of them
without the text of the page, with a text search configuration that stems English, folds accents and leaves no word out.
"""

import django.db.models.deletion
from django.db import DatabaseError, migrations, models, transaction

import articles.models.synonym

# Becomes spaces: PostgreSQL's parser takes "and/or" for a file and "e.g" for a host. SQLite parts words there anyway.
PUNCTUATION = "-/_.,;:@&#%+?!=~<>()[]{}|\\^*$\"'`\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u00b7"
WORDS = "asciiword, word, asciihword, hword, hword_asciipart, hword_part"
NUMBERS = "numword, numhword, hword_numpart"

NEEDS_UNACCENT = (
    "Search needs the extension “unaccent” of PostgreSQL, which could not be made here ({error}). Let an administrator of the "
    "database run “CREATE EXTENSION unaccent” in it once (Debian has it in postgresql-contrib), and start again."
)

SQLITE = [
    """CREATE VIRTUAL TABLE articles_search USING fts5(title, names, summary, body, content='articles_searchentry',
    content_rowid='id', tokenize='porter unicode61 remove_diacritics 2', prefix='2 3')""",
    """CREATE TRIGGER articles_search_insert AFTER INSERT ON articles_searchentry BEGIN
    INSERT INTO articles_search(rowid, title, names, summary, body)
        VALUES (new.id, new.title, new.names, new.summary, new.body); END""",
    """CREATE TRIGGER articles_search_delete AFTER DELETE ON articles_searchentry BEGIN
    INSERT INTO articles_search(articles_search, rowid, title, names, summary, body)
        VALUES ('delete', old.id, old.title, old.names, old.summary, old.body); END""",
    """CREATE TRIGGER articles_search_update AFTER UPDATE OF title, names, summary, body ON articles_searchentry BEGIN
    INSERT INTO articles_search(articles_search, rowid, title, names, summary, body)
        VALUES ('delete', old.id, old.title, old.names, old.summary, old.body);
    INSERT INTO articles_search(rowid, title, names, summary, body)
        VALUES (new.id, new.title, new.names, new.summary, new.body); END""",
]
NOT_ON_SQLITE = [
    "DROP TRIGGER articles_search_insert",
    "DROP TRIGGER articles_search_delete",
    "DROP TRIGGER articles_search_update",
    "DROP TABLE articles_search",
]


def _vector(weights: dict[str, str]) -> str:
    quoted = PUNCTUATION.replace("'", "''")
    words = "translate({column}, '{quoted}', repeat(' ', {length}))"
    return " || ".join(
        f"setweight(to_tsvector('articles_search', {words.format(column=column, quoted=quoted, length=len(PUNCTUATION))}), "
        f"'{weight}')"
        for column, weight in weights.items()
    )


HEAD = {"title": "A", "names": "B", "summary": "C"}
POSTGRESQL = [
    "CREATE TEXT SEARCH DICTIONARY articles_search_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION articles_search (COPY = simple)",
    f"ALTER TEXT SEARCH CONFIGURATION articles_search ALTER MAPPING FOR {WORDS} WITH unaccent, articles_search_stem",
    f"ALTER TEXT SEARCH CONFIGURATION articles_search ALTER MAPPING FOR {NUMBERS} WITH unaccent, simple",
    f"""ALTER TABLE articles_searchentry
    ADD COLUMN head tsvector GENERATED ALWAYS AS ({_vector(HEAD)}) STORED,
    ADD COLUMN document tsvector GENERATED ALWAYS AS ({_vector({**HEAD, "body": "D"})}) STORED""",
    "CREATE INDEX articles_searchentry_head ON articles_searchentry USING gin (head)",
    "CREATE INDEX articles_searchentry_document ON articles_searchentry USING gin (document)",
]
NOT_ON_POSTGRESQL = [
    "ALTER TABLE articles_searchentry DROP COLUMN document, DROP COLUMN head",
    "DROP TEXT SEARCH CONFIGURATION articles_search",
    "DROP TEXT SEARCH DICTIONARY articles_search_stem",
]


class SearchCanNotBeMade(Exception):
    """The message says what is missing and what to do."""


def make_full_text_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = SQLITE
    else:
        make_unaccent(schema_editor.connection)
        statements = POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_full_text_index(apps, schema_editor):
    """The extension stays: something else may use it by now."""
    for statement in NOT_ON_SQLITE if schema_editor.connection.vendor == "sqlite" else NOT_ON_POSTGRESQL:
        schema_editor.execute(statement, params=None)


def make_unaccent(connection):
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    except DatabaseError as error:
        raise SearchCanNotBeMade(NEEDS_UNACCENT.format(error=str(error).splitlines()[0])) from error


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0016_search_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='bestbet',
            name='key',
            field=articles.models.synonym.KeyField(db_index=True, default='', editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='synonym',
            name='key',
            field=articles.models.synonym.KeyField(db_index=True, default='', editable=False, max_length=200),
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('condition', 'Condition'), ('test', 'Test or procedure'), ('treatment', 'Treatment'), ('in_depth', 'In-depth'), ('expert_answer', 'Expert answer'), ('video', 'Video'), ('infographic', 'Infographic'), ('story', 'Personal story'), ('interview', 'Interview'), ('tool', 'Tool'), ('support', 'Support')], max_length=20)),
                ('live_from', models.DateTimeField(null=True)),
                ('live_until', models.DateTimeField(null=True)),
                ('title', models.CharField(max_length=200)),
                ('names', models.TextField()),
                ('summary', models.CharField(max_length=300)),
                ('body', models.TextField()),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('edition', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.edition')),
                ('topic', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.topic')),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=40)),
                ('first', models.CharField(max_length=1)),
                ('second', models.CharField(max_length=1)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='articles.searchentry')),
            ],
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article', None), ('edition', None), ('topic__isnull', False)), models.Q(('article__isnull', False), ('edition__isnull', False), ('live_from__isnull', False), ('topic', None)), _connector='OR'), name='search_entry_of_one_page'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['first', 'word'], name='search_word_first'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['second', 'word'], name='search_word_second'),
        ),
        migrations.RunPython(make_full_text_index, drop_full_text_index),
    ]
