"""The public dates stand in the editions, and withdrawals in their own table: the columns that repeated them go.

Going back is possible until something is decided that the old tables can't hold."""

from importlib import import_module

from django.db import migrations, models

from articles.migrations._ledgers import grows_only

BEFORE = import_module("articles.migrations.0008_fill_spans_and_sign_offs").BEFORE


def refuse_to_lose_decisions(apps, schema_editor):
    def rows(model):
        return apps.get_model("articles", model).objects

    decided = {
        "steps of the workflow": rows("WorkflowStep"),
        "scheduled acts": rows("ScheduledAct"),
        "professions and registration numbers": rows("Profile"),
        "reasons for publishing without a sign-off": rows("Edition").exclude(bypass_reason=BEFORE),
        "articles in the archive": rows("Article").exclude(archived_at=None),
    }
    if lost := [f"{found.count()} {name}" for name, found in decided.items() if found.exists()]:
        raise RuntimeError(
            f"Going back would lose {', '.join(lost)}. Nothing was changed. Bring back the copy of the database that "
            "was made before the upgrade instead."
        )


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0008_fill_spans_and_sign_offs'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('sign_off__isnull', False), models.Q(('bypass_reason', ''), _negated=True), _connector='OR'), name='edition_signed_off_or_with_reason', violation_error_message='An edition is signed off, or it says why it was published without.'),
        ),
        migrations.RemoveConstraint(
            model_name='article',
            name='article_withdrawn_with_reason',
        ),
        migrations.RemoveConstraint(
            model_name='topic',
            name='topic_withdrawn_with_reason',
        ),
        migrations.RemoveField(
            model_name='article',
            name='published_on',
        ),
        migrations.RemoveField(
            model_name='article',
            name='published_on_is_stated',
        ),
        migrations.RemoveField(
            model_name='article',
            name='updated_on',
        ),
        migrations.RemoveField(
            model_name='article',
            name='withdrawn_at',
        ),
        migrations.RemoveField(
            model_name='article',
            name='withdrawn_reason',
        ),
        migrations.RemoveField(
            model_name='topic',
            name='withdrawn_at',
        ),
        migrations.RemoveField(
            model_name='topic',
            name='withdrawn_reason',
        ),
        grows_only("articles_edition", "An edition"),
        grows_only("articles_auditentry", "An entry of the audit trail"),
        grows_only("articles_workflowstep", "A step of the workflow"),
        migrations.RunPython(migrations.RunPython.noop, refuse_to_lose_decisions),
    ]
