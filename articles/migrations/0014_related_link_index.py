"""Which articles point at a page, as an index."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0013_review_requests'),
    ]

    operations = [
        migrations.AlterField(
            model_name='relatedlink',
            name='target_article',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_to_it', to='articles.article'),
        ),
        migrations.AddIndex(
            model_name='relatedlink',
            index=models.Index(fields=['target_article', 'article'], name='articles_re_target__89d2b4_idx'),
        ),
    ]
