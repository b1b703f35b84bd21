"""Who may sign off and who may publish without a sign-off, granted to the groups of 0005."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ["view_scheduledact", "view_workflowstep", "view_mail"]
ROLES = {
    "Author": LOOK,
    "Clinical reviewer": [*LOOK, "sign_off_article"],
    "Publisher": [*LOOK, "publish_unsigned_article"],
    "Date reviewer": LOOK,
    "Administrator": [*LOOK, "sign_off_article", "publish_unsigned_article", "add_profile", "change_profile", "view_profile"],
}


def grant(apps, schema_editor):
    config = apps.get_app_config("articles")
    # The permissions of new tables are made after the last migration; they are needed now.
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for codename, name in apps.get_model("articles", "Article")._meta.permissions:
        # Django names a permission once; what may be done with it has grown since.
        Permission.objects.filter(content_type__app_label="articles", codename=codename).update(name=name)
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(content_type__app_label="articles", codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0009_dates_stand_in_editions'),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
