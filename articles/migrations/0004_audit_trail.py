"""Who changed what, when and why; the table grows only. Those who may look at articles may look at it."""


from django.db import migrations, models

from articles.migrations._ledgers import grows_only


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0003_revisions'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=200)),
                ('action', models.CharField(choices=[('saved', 'Saved'), ('published', 'Published'), ('withdrawn', 'Withdrawn'), ('brought_back', 'Brought back'), ('reviewed', 'Reviewed')], max_length=12)),
                ('page_kind', models.CharField(max_length=10, verbose_name='what')),
                ('page_id', models.BigIntegerField()),
                ('page_title', models.CharField(max_length=200, verbose_name='page')),
                ('summary', models.CharField(blank=True, max_length=300)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('changes', models.JSONField(default=list)),
                ('request_id', models.CharField(blank=True, max_length=32, verbose_name='request')),
            ],
            options={
                'verbose_name': 'entry of the audit trail',
                'verbose_name_plural': 'entries of the audit trail',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['page_kind', 'page_id', '-at'], name='articles_au_page_ki_543b5e_idx'), models.Index(fields=['-at', '-id'], name='articles_au_at_11a2e1_idx')],
            },
        ),
        grows_only("articles_auditentry", "An entry of the audit trail"),
    ]
