"""Reviews of parts and corrections of reviews, stated reviews, policies, owners, and what the review desk asks of pages.

The triggers of the two ledgers that change come off and go on again: SQLite rebuilds a table to change it.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from articles.migrations._ledgers import grows_only, may_change


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0010_roles_of_the_workflow'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        may_change("articles_review", "A review"),
        may_change("articles_auditentry", "An entry of the audit trail"),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, choices=[('condition', 'Condition'), ('test', 'Test or procedure'), ('treatment', 'Treatment'), ('in_depth', 'In-depth'), ('expert_answer', 'Expert answer'), ('video', 'Video'), ('infographic', 'Infographic'), ('story', 'Personal story'), ('interview', 'Interview'), ('tool', 'Tool'), ('support', 'Support')], max_length=20)),
                ('months', models.PositiveSmallIntegerField(help_text='Calendar months from one review of the whole page to the next.', validators=[django.core.validators.MinValueValidator(1, 'A page needs at least one month between reviews.'), django.core.validators.MaxValueValidator(120, 'No page goes longer than 120 months without a review.')])),
                ('banner_after_days', models.PositiveSmallIntegerField(default=90, help_text='Days overdue after which patients read a banner above the text. The page stays where it is.')),
                ('reason', models.CharField(help_text='Such as “Hospital rule 12: medicines every year”. Staff read it.', max_length=300)),
            ],
            options={
                'verbose_name_plural': 'policies',
                'ordering': ['months', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RiskClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('description', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'verbose_name_plural': 'risk classes',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='StatedReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('next_review_on', models.DateField(blank=True, null=True)),
                ('source', models.CharField(max_length=300)),
                ('imported_at', models.DateTimeField()),
                ('imported_by', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='article',
            options={'ordering': ['title', 'id'], 'permissions': [('sign_off_article', 'Can sign off articles that others have written'), ('publish_article', 'Can publish, schedule, withdraw and archive articles, and withdraw topics'), ('use_review_desk', 'Can use the review desk'), ('plan_reviews', 'Can assign pages to owners, move review dates and apply policies'), ('publish_unsigned_article', 'Can publish an article in an emergency, without a sign-off')]},
        ),
        migrations.RemoveConstraint(
            model_name='review',
            name='review_due_after_reviewed',
        ),
        migrations.AddField(
            model_name='article',
            name='banner_after_days',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='next_review_on',
            field=models.DateField(blank=True, db_index=True, editable=False, null=True, verbose_name='next review due'),
        ),
        migrations.AddField(
            model_name='article',
            name='owner',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='owned_articles', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='article',
            name='owner_group',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='owned_articles', to='auth.group'),
        ),
        migrations.AddField(
            model_name='article',
            name='review_months',
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='review_policy',
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name='article',
            name='reviewed_edition',
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='reviewed_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='reviewed'),
        ),
        migrations.AddField(
            model_name='review',
            name='parts',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='review',
            name='recorded_by_account',
            field=models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name='id of the account'),
        ),
        migrations.AddField(
            model_name='review',
            name='scope',
            field=models.CharField(choices=[('whole', 'The whole page'), ('part', 'Parts of it')], default='whole', max_length=5),
        ),
        migrations.AddField(
            model_name='review',
            name='seconds_on_page',
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='review',
            name='supersedes',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='articles.review'),
        ),
        migrations.AddField(
            model_name='review',
            name='trigger',
            field=models.CharField(choices=[('planned', 'It fell due, or was about to'), ('change', 'The page was changed'), ('source', 'A source or guideline changed'), ('link', 'A link or a related page is dead or withdrawn'), ('report', 'A reader reported something'), ('other', 'Another reason')], default='planned', max_length=10, verbose_name='why now'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=[('saved', 'Saved'), ('published', 'Published'), ('submitted', 'Sent for review'), ('taken_back', 'Taken back from review'), ('changes_asked', 'Changes asked'), ('signed_off', 'Signed off'), ('signed_off_after', 'Signed off afterwards'), ('scheduled', 'Scheduled'), ('unscheduled', 'Schedule called off'), ('went_live', 'Went live as scheduled'), ('withdrawn', 'Withdrawn'), ('brought_back', 'Brought back'), ('end_set', 'End set'), ('end_called_off', 'End called off'), ('ended', 'Ended as scheduled'), ('archived', 'Archived'), ('unarchived', 'Taken out of the archive'), ('reviewed', 'Reviewed'), ('review_corrected', 'Review corrected'), ('due_moved', 'Review date moved'), ('policy_applied', 'Policy applied'), ('dates_stated', 'Dates stated by the source'), ('assigned', 'Assigned')], max_length=20),
        ),
        migrations.AlterField(
            model_name='review',
            name='next_review_on',
            field=models.DateField(blank=True, null=True, verbose_name='next review due'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('next_review_on', None), ('next_review_on__gt', models.F('reviewed_on')), _connector='OR'), name='review_due_after_reviewed', violation_error_message='The next review must fall due after the day of this review.'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_review_on__isnull', False), ('scope', 'whole')), models.Q(('next_review_on', None), ('scope', 'part')), _connector='OR'), name='review_of_parts_moves_no_date', violation_error_message='A review of the whole page says when the next one falls due; a review of parts moves no date.'),
        ),
        migrations.AddField(
            model_name='policy',
            name='article',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='policies', to='articles.article'),
        ),
        migrations.AddField(
            model_name='policy',
            name='tag',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='policies', to='articles.tag'),
        ),
        migrations.AddField(
            model_name='policy',
            name='risk_class',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='policies', to='articles.riskclass'),
        ),
        migrations.AddField(
            model_name='article',
            name='risk_class',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='articles', to='articles.riskclass'),
        ),
        migrations.AddField(
            model_name='statedreview',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stated_reviews', to='articles.article'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('kind', ''), _negated=True), ('article', None), ('risk_class', None), ('tag', None)), models.Q(('article', None), ('kind', ''), ('risk_class', None), ('tag__isnull', False)), models.Q(('article', None), ('kind', ''), ('risk_class__isnull', False), ('tag', None)), models.Q(('article__isnull', False), ('kind', ''), ('risk_class', None), ('tag', None)), _connector='OR'), name='policy_for_one_thing', violation_error_message='A policy is for one thing: a kind, a tag, a risk class or an article. Choose one of them and leave the others empty.'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('months__gte', 1), ('months__lte', 120)), name='policy_months_in_range', violation_error_message='Write 1 to 120 months.'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', ''), _negated=True), fields=('kind',), name='policy_once_for_each_kind', violation_error_message='There is a policy for this already. Change that one.'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('tag__isnull', False)), fields=('tag',), name='policy_once_for_each_tag', violation_error_message='There is a policy for this already. Change that one.'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('risk_class__isnull', False)), fields=('risk_class',), name='policy_once_for_each_risk_class', violation_error_message='There is a policy for this already. Change that one.'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(condition=models.Q(('article__isnull', False)), fields=('article',), name='policy_once_for_each_article', violation_error_message='There is a policy for this already. Change that one.'),
        ),
        migrations.AddIndex(
            model_name='statedreview',
            index=models.Index(fields=['article', '-id'], name='articles_st_article_1d9f4a_idx'),
        ),
        migrations.AddConstraint(
            model_name='statedreview',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_on__isnull', False), ('next_review_on__isnull', False), _connector='OR'), name='stated_review_has_a_day', violation_error_message='The row states no day.'),
        ),
        migrations.AddConstraint(
            model_name='statedreview',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_on', None), ('next_review_on', None), ('next_review_on__gt', models.F('reviewed_on')), _connector='OR'), name='stated_review_due_after_reviewed', violation_error_message='The next review must fall due after the day of this one.'),
        ),
        migrations.AddIndex(
            model_name='edition',
            index=models.Index(fields=['article', '-number', 'published_at'], name='edition_live_at'),
        ),
        grows_only("articles_review", "A review"),
        grows_only("articles_auditentry", "An entry of the audit trail"),
        grows_only("articles_statedreview", "A stated review"),
    ]
