"""Synonyms, best bets and saved queries of search."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0015_reader_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='As a patient would type it, such as “chemo sickness”.', max_length=200)),
                ('is_exact', models.BooleanField(default=False, help_text='On: the whole query must be these words. Off: they may stand among others.', verbose_name='only when nothing else is asked')),
                ('is_negated', models.BooleanField(default=False, help_text='On: where these words stand in a query, what the other words would add is left out.', verbose_name='not when these words are asked')),
                ('language', models.CharField(default='en', help_text='Of the words: en, es.', max_length=10)),
                ('sort', models.CharField(choices=[('also_called', 'Another name'), ('see_reference', 'A name that leads to it'), ('misspelling', 'Misspelling'), ('abbreviation', 'Abbreviation'), ('lay_term', 'Everyday words')], max_length=20, verbose_name='what it is')),
                ('meaning', models.CharField(help_text='As the pages say it, such as “nausea and vomiting”.', max_length=200)),
                ('source', models.CharField(blank=True, help_text='Where it comes from, with the credit it asks for.', max_length=200)),
            ],
            options={
                'ordering': ['words', 'meaning', 'id'],
                'constraints': [models.UniqueConstraint(fields=('language', 'words', 'meaning'), name='synonym_once', violation_error_message='These words have this meaning already.'), models.CheckConstraint(condition=models.Q(models.Q(('words', ''), _negated=True), models.Q(('meaning', ''), _negated=True)), name='synonym_says_something', violation_error_message='Write both the words and what they mean.')],
            },
        ),
        migrations.CreateModel(
            name='BestBet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='As a patient would type it, such as “chemo sickness”.', max_length=200)),
                ('is_exact', models.BooleanField(default=False, help_text='On: the whole query must be these words. Off: they may stand among others.', verbose_name='only when nothing else is asked')),
                ('is_negated', models.BooleanField(default=False, help_text='On: where these words stand in a query, what the other words would add is left out.', verbose_name='not when these words are asked')),
                ('language', models.CharField(default='en', help_text='Of the words: en, es.', max_length=10)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='articles.article')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='articles.topic')),
            ],
            options={
                'ordering': ['words', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('article', None), ('topic__isnull', False)), models.Q(('article__isnull', False), ('topic', None)), _connector='OR'), name='best_bet_has_one_page', violation_error_message='Choose one page: a topic or an article.')],
            },
        ),
        migrations.CreateModel(
            name='SavedQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('query', models.CharField(max_length=500)),
                ('language', models.CharField(default='en', max_length=10)),
                ('last_place', models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name='place when it was checked last')),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='articles.article')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='articles.topic')),
            ],
            options={
                'verbose_name_plural': 'saved queries',
                'ordering': ['query', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('article', None), ('topic__isnull', False)), models.Q(('article__isnull', False), ('topic', None)), _connector='OR'), name='saved_query_has_one_page', violation_error_message='Choose one page: a topic or an article.')],
            },
        ),
    ]
