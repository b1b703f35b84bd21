"""Reviews asked for out of the cycle and what they come from; absences, saved lists and private calendars of staff; and a
name for the mails that may be written only once."""

import articles.addresses
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0012_fill_reviewed_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='mail',
            name='key',
            field=models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=[('saved', 'Saved'), ('published', 'Published'), ('submitted', 'Sent for review'), ('taken_back', 'Taken back from review'), ('changes_asked', 'Changes asked'), ('signed_off', 'Signed off'), ('signed_off_after', 'Signed off afterwards'), ('scheduled', 'Scheduled'), ('unscheduled', 'Schedule called off'), ('went_live', 'Went live as scheduled'), ('withdrawn', 'Withdrawn'), ('brought_back', 'Brought back'), ('end_set', 'End set'), ('end_called_off', 'End called off'), ('ended', 'Ended as scheduled'), ('archived', 'Archived'), ('unarchived', 'Taken out of the archive'), ('reviewed', 'Reviewed'), ('review_corrected', 'Review corrected'), ('due_moved', 'Review date moved'), ('policy_applied', 'Policy applied'), ('dates_stated', 'Dates stated by the source'), ('assigned', 'Assigned'), ('review_asked', 'Review asked for'), ('request_closed', 'Request for a review closed')], max_length=20),
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LinkCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, unique=True, verbose_name='address')),
                ('checked_at', models.DateTimeField()),
                ('verdict', models.CharField(choices=[('fine', 'Answers'), ('moved', 'Has moved for good'), ('gone', 'Is gone'), ('failing', 'Does not answer'), ('unknown', 'Can’t be told: it turns machines away')], max_length=10)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('moved_to', models.CharField(blank=True, max_length=500)),
                ('bad_since', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['url'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('bad_since__isnull', False), ('verdict__in', ['gone', 'failing'])), models.Q(models.Q(('verdict__in', ['gone', 'failing']), _negated=True), ('bad_since', None)), _connector='OR'), name='link_check_bad_since_a_day')],
            },
        ),
        migrations.CreateModel(
            name='WithdrawnSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('doi', models.CharField(blank=True, max_length=200, validators=[django.core.validators.RegexValidator('^10\\.\\d{4,9}/\\S+\\Z', 'A DOI starts with 10. and a number, such as 10.1056/NEJMoa1000678.'), django.core.validators.MaxLengthValidator(200)], verbose_name='DOI')),
                ('pmid', models.CharField(blank=True, max_length=10, validators=[django.core.validators.RegexValidator('^\\d+\\Z', 'A PubMed id is a number, such as 20818875.'), django.core.validators.MaxLengthValidator(10)], verbose_name='PubMed id')),
                ('url', models.CharField(blank=True, max_length=500, validators=[articles.addresses.validate_address], verbose_name='web address')),
                ('what_happened', models.CharField(help_text='Such as “Retracted by the journal: wrong doses”.', max_length=300)),
                ('withdrawn_on', models.DateField(help_text='The day on which its publisher withdrew it.', verbose_name='withdrawn on')),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('recorded_by', models.CharField(editable=False, max_length=200)),
            ],
            options={
                'ordering': ['-withdrawn_on', '-id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('doi', ''), ('pmid', ''), ('url', ''), _negated=True), name='withdrawn_source_is_named', violation_error_message='Name the source by its DOI, its PubMed id or its web address.'), models.UniqueConstraint(condition=models.Q(('doi', ''), _negated=True), fields=('doi',), name='withdrawn_source_once_by_doi', violation_error_message='This source is on the list of withdrawn ones already.'), models.UniqueConstraint(condition=models.Q(('pmid', ''), _negated=True), fields=('pmid',), name='withdrawn_source_once_by_pmid', violation_error_message='This source is on the list of withdrawn ones already.'), models.UniqueConstraint(condition=models.Q(('url', ''), _negated=True), fields=('url',), name='withdrawn_source_once_by_url', violation_error_message='This source is on the list of withdrawn ones already.')],
            },
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField(verbose_name='first day away')),
                ('until_on', models.DateField(verbose_name='last day away')),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputises', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='who is away')),
            ],
            options={
                'ordering': ['from_on', 'id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='absence_ends_after_it_begins', violation_error_message='The last day away is before the first.'), models.CheckConstraint(condition=models.Q(('deputy', models.F('user')), _negated=True), name='absence_has_another_deputy', violation_error_message='Choose somebody else as deputy.')],
            },
        ),
        migrations.CreateModel(
            name='ReviewRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('related', 'A related page is withdrawn or overdue'), ('link', 'A link is dead'), ('source', 'A source was withdrawn'), ('report', 'A reader reported something'), ('second', 'A second reviewer was drawn'), ('other', 'Another reason')], max_length=10, verbose_name='reason')),
                ('about', models.CharField(max_length=500, verbose_name='what happened')),
                ('key', models.CharField(editable=False, max_length=600)),
                ('opened_on', models.DateField(editable=False, verbose_name='asked on')),
                ('due_on', models.DateField(verbose_name='wanted by')),
                ('opened_by', models.CharField(editable=False, max_length=200, verbose_name='asked by')),
                ('not_by_account', models.PositiveBigIntegerField(blank=True, editable=False, null=True)),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed at')),
                ('closed_by', models.CharField(blank=True, editable=False, max_length=200)),
                ('closed_because', models.CharField(blank=True, max_length=300, verbose_name='why it was closed without a review')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_requests', to='articles.article')),
                ('review', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answered_requests', to='articles.review')),
            ],
            options={
                'ordering': ['due_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['cause', 'article'], name='review_request_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('article', 'key'), name='review_request_open_once_for_an_event'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_because', ''), ('review', None)), models.Q(('closed_at__isnull', False), ('review__isnull', False)), models.Q(('closed_at__isnull', False), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='review_request_closed_for_a_reason', violation_error_message='Say why the request is closed without a review.')],
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('query', models.CharField(max_length=2000)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='saved_filter_name_once', violation_error_message='You have a saved list of this name. Choose another.')],
            },
        ),
    ]
