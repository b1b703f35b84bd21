"""Pages have a language, and may be translations of one another; those that are stored already are in English.

Editions and the index of search get their column by SQL: SQLite would remake the tables, and with them lose the triggers
that keep editions from being changed and the full-text index in step."""

import re

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import articles.languages

SLUG = {
    "blank": True,
    "db_index": True,
    "help_text": "The last part of the page's address. Leave it empty and it is made from the title. It stays when the title changes; if you change it, the old address leads here.",
    "max_length": 100,
    "validators": [django.core.validators.RegexValidator(re.compile('^[a-z0-9]+(-[a-z0-9]+)*\\Z'), 'Write lower-case letters from a to z, digits and single hyphens, such as “bone-scan”.')],
    "verbose_name": "address",
}


def pages(model_name):
    """What an article and a topic get alike."""
    return [
        migrations.AddField(
            model_name=model_name,
            name='language',
            field=models.CharField(choices=articles.languages.choices, default='en', help_text='Of the text. It decides the address, and stays from the first publication on.', max_length=10),
        ),
        migrations.AddField(
            model_name=model_name,
            name='translation_of',
            field=models.ForeignKey(blank=True, help_text='The page in another language that this one translates. Patients find the one from the other.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='translations', to=f'articles.{model_name}'),
        ),
        migrations.AlterField(model_name=model_name, name='slug', field=models.CharField(**SLUG)),
        migrations.AddConstraint(
            model_name=model_name,
            constraint=models.UniqueConstraint(fields=('language', 'slug'), name=f'{model_name}_slug_once_in_language'),
        ),
        migrations.AddConstraint(
            model_name=model_name,
            constraint=models.UniqueConstraint(fields=('translation_of', 'language'), name=f'{model_name}_one_translation_a_language'),
        ),
        migrations.AddConstraint(
            model_name=model_name,
            constraint=models.CheckConstraint(condition=models.Q(('translation_of', None), models.Q(('translation_of', models.F('id')), _negated=True), _connector='OR'), name=f'{model_name}_translates_another'),
        ),
    ]


def column(table, model_name):
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD COLUMN language varchar(10) DEFAULT 'en' NOT NULL",
                f"ALTER TABLE {table} DROP COLUMN language",
            )
        ],
        state_operations=[
            migrations.AddField(
                model_name=model_name,
                name='language',
                field=models.CharField(choices=articles.languages.choices, default='en', max_length=10),
            )
        ],
    )


def refuse_to_lose_languages(apps, schema_editor):
    for name in ("Article", "Topic"):
        if other := apps.get_model("articles", name).objects.exclude(language="en").count():
            raise RuntimeError(
                f"Going back would make {other} pages in other languages English ones. Nothing was changed. Bring back the "
                "copy of the database that was made before the upgrade instead."
            )


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0022_search_digest'),
    ]

    operations = [
        *pages('article'),
        *pages('topic'),
        column('articles_edition', 'edition'),
        column('articles_searchentry', 'searchentry'),
        migrations.RunPython(migrations.RunPython.noop, refuse_to_lose_languages),
    ]
