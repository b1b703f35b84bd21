"""What changed for patients, written down by the database itself: the stamp, the changes, and the triggers."""

from django.db import migrations, models

from articles.migrations._changes import follow_changes


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0025_search_stems'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(null=True)),
                ('mark', models.CharField(default='', max_length=32)),
                ('key', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [
                    models.Index(fields=['number'], condition=models.Q(('number__isnull', False)), name='change_in_order'),
                    models.Index(fields=['key'], condition=models.Q(('number__isnull', True)), name='change_to_be_numbered'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Stamp',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('mark', models.CharField(max_length=32)),
            ],
        ),
        follow_changes(),
    ]
