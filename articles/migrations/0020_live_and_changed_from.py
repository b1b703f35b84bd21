"""Two moments beside each article, so that the review desk need not look through all editions; and an index for words of titles."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0019_sort_anew'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='live_from',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='changed_from',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(django.db.models.functions.text.Upper('title'), name='article_title_upper'),
        ),
    ]
