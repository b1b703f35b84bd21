"""What the ledger of reviews says of each page, written beside the page; and who may use the review desk."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["view_policy", "view_riskclass", "view_statedreview"]
PLAN = [f"{verb}_{model}" for model in ("policy", "riskclass") for verb in ("add", "change", "delete")]
ROLES = {
    "Author": LOOK,
    "Clinical reviewer": [*LOOK, "use_review_desk"],
    "Publisher": [*LOOK, "use_review_desk"],
    "Date reviewer": [*LOOK, *PLAN, "use_review_desk", "plan_reviews"],
    "Administrator": [*LOOK, *PLAN, "use_review_desk", "plan_reviews"],
}


def fill(apps, schema_editor):
    Article, Review = apps.get_model("articles", "Article"), apps.get_model("articles", "Review")
    for review in Review.objects.select_related("edition").order_by("reviewed_on", "id"):
        Article.objects.filter(pk=review.article_id).update(
            reviewed_on=review.reviewed_on,
            reviewed_edition=review.edition.number,
            next_review_on=review.next_review_on,
        )


def grant(apps, schema_editor):
    config = apps.get_app_config("articles")
    # The permissions of new tables are made after the last migration; they are needed now.
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(content_type__app_label="articles", codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0011_review_desk'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
