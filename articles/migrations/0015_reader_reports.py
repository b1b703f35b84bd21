"""What readers say about pages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0014_related_link_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReaderReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(choices=[('error', 'Something on the page is wrong'), ('no_answer', 'The page did not answer my question')], max_length=10, verbose_name='what it says')),
                ('words', models.TextField(max_length=2000, verbose_name='in the reader’s words')),
                ('path', models.CharField(blank=True, max_length=200, verbose_name='address of the page')),
                ('sent_on', models.DateField(verbose_name='sent on')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled at')),
                ('settled_by', models.CharField(blank=True, max_length=200)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='what was done')),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reader_reports', to='articles.article')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reader_reports', to='articles.reviewrequest')),
            ],
            options={
                'ordering': ['sent_on', 'id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('note', ''), ('settled_at', None)), models.Q(('settled_at__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='reader_report_settled_with_note', violation_error_message='Say what was done about the report.')],
            },
        ),
    ]
