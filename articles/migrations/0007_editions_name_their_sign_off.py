"""An edition names the version that it froze and its sign-off; the audit trail names the account beside the name.

The triggers that make both tables grow only are taken off here and put on again by 0009: SQLite rebuilds a table to
change it, and 0008 fills the new columns."""

import django.db.models.deletion
from django.db import migrations, models

from articles.migrations._ledgers import may_change


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0006_workflow'),
    ]

    operations = [
        may_change("articles_edition", "An edition"),
        may_change("articles_auditentry", "An entry of the audit trail"),
        migrations.AddField(
            model_name='auditentry',
            name='by_account',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='id of the account'),
        ),
        migrations.AddField(
            model_name='edition',
            name='bypass_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='why it was published without a sign-off'),
        ),
        migrations.AddField(
            model_name='edition',
            name='published_by_account',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='id of the account'),
        ),
        migrations.AddField(
            model_name='edition',
            name='version',
            field=models.PositiveIntegerField(default=0, verbose_name='version of the article'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=[('saved', 'Saved'), ('published', 'Published'), ('submitted', 'Sent for review'), ('taken_back', 'Taken back from review'), ('changes_asked', 'Changes asked'), ('signed_off', 'Signed off'), ('signed_off_after', 'Signed off afterwards'), ('scheduled', 'Scheduled'), ('unscheduled', 'Schedule called off'), ('went_live', 'Went live as scheduled'), ('withdrawn', 'Withdrawn'), ('brought_back', 'Brought back'), ('end_set', 'End set'), ('end_called_off', 'End called off'), ('ended', 'Ended as scheduled'), ('archived', 'Archived'), ('unarchived', 'Taken out of the archive'), ('reviewed', 'Reviewed')], max_length=20),
        ),
        migrations.AddField(
            model_name='edition',
            name='sign_off',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='articles.workflowstep'),
        ),
    ]
