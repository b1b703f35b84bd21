"""Steps of the workflow, scheduled acts, withdrawals as spans of time, profiles of clinicians, mails and heartbeats."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0005_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=40, unique=True)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True, verbose_name='what went wrong')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profession', models.CharField(help_text='Such as “Registered nurse” or “Consultant oncologist”.', max_length=100)),
                ('registration_number', models.CharField(help_text='With the register, such as “NMC 12A3456E”. It stands under every sign-off.', max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='ScheduledAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(verbose_name='takes effect at')),
                ('made_at', models.DateTimeField(verbose_name='decided at')),
                ('made_by', models.CharField(max_length=200, verbose_name='decided by')),
                ('made_by_account', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='id of the account')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='called off at')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='carried out at')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='failed attempts')),
                ('error', models.TextField(blank=True, verbose_name='what went wrong')),
            ],
            options={
                'verbose_name': 'scheduled act',
                'ordering': ['due_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(max_length=300)),
            ],
            options={
                'ordering': ['from_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='WorkflowStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('action', models.CharField(choices=[('submitted', 'Sent for review'), ('taken_back', 'Taken back from review'), ('changes_asked', 'Changes asked'), ('signed_off', 'Signed off'), ('signed_off_after', 'Signed off afterwards')], max_length=20)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=200)),
                ('by_account', models.PositiveBigIntegerField(verbose_name='id of the account')),
                ('profession', models.CharField(blank=True, max_length=100)),
                ('registration_number', models.CharField(blank=True, max_length=100)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'step of the workflow',
                'verbose_name_plural': 'steps of the workflow',
                'ordering': ['-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='article',
            options={'ordering': ['title', 'id'], 'permissions': [('sign_off_article', 'Can sign off articles that others have written'), ('publish_article', 'Can publish, schedule, withdraw and archive articles, and withdraw topics'), ('publish_unsigned_article', 'Can publish an article in an emergency, without a sign-off')]},
        ),
        migrations.AddField(
            model_name='article',
            name='archived_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='stated_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='published, as printed in the source'),
        ),
        migrations.AddField(
            model_name='revision',
            name='saved_by_account',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('claimed_at', None)), fields=['made_at'], name='mail_not_claimed'),
        ),
        migrations.AddField(
            model_name='profile',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='scheduledact',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scheduled_acts', to='articles.article'),
        ),
        migrations.AddField(
            model_name='scheduledact',
            name='edition',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scheduled_act', to='articles.edition'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='article',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='withdrawals', to='articles.article'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='topic',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='withdrawals', to='articles.topic'),
        ),
        migrations.AddField(
            model_name='scheduledact',
            name='withdrawal',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scheduled_act', to='articles.withdrawal'),
        ),
        migrations.AddField(
            model_name='workflowstep',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='articles.article'),
        ),
        migrations.AddField(
            model_name='workflowstep',
            name='edition',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signed_off_afterwards', to='articles.edition'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['article', 'from_at'], name='articles_wi_article_91399a_idx'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['topic', 'from_at'], name='articles_wi_topic_i_ad3ddd_idx'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('topic__isnull', True)), models.Q(('article__isnull', True), ('topic__isnull', False)), _connector='OR'), name='withdrawal_of_one_page', violation_error_message='A withdrawal is of one page: an article or a topic.'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='withdrawal_with_reason', violation_error_message='Say why the page is withdrawn.'),
        ),
        migrations.AddIndex(
            model_name='scheduledact',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['due_at'], name='scheduled_act_not_done'),
        ),
        migrations.AddConstraint(
            model_name='scheduledact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('edition__isnull', False), ('withdrawal__isnull', True)), models.Q(('edition__isnull', True), ('withdrawal__isnull', False)), _connector='OR'), name='scheduled_act_does_one_thing', violation_error_message='A scheduled act publishes an edition or withdraws a page.'),
        ),
        migrations.AddIndex(
            model_name='workflowstep',
            index=models.Index(fields=['article', '-id'], name='articles_wo_article_8a4e0b_idx'),
        ),
        migrations.AddConstraint(
            model_name='workflowstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action__in', ['signed_off', 'signed_off_after']), _negated=True), models.Q(models.Q(('profession', ''), _negated=True), models.Q(('registration_number', ''), _negated=True)), _connector='OR'), name='sign_off_by_a_registered_clinician', violation_error_message='A sign-off names the profession and the registration number of its clinician.'),
        ),
        migrations.AddConstraint(
            model_name='workflowstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'signed_off_after'), ('edition__isnull', False)), models.Q(models.Q(('action', 'signed_off_after'), _negated=True), ('edition__isnull', True)), _connector='OR'), name='sign_off_afterwards_names_edition', violation_error_message='A sign-off that is given afterwards names its edition, and no other step does.'),
        ),
    ]
