"""The groups that people are put into. What each may do is granted here and can be changed in the admin afterwards.

A group that exists already keeps its people and gets the permissions on top. Going back leaves the groups: people may
have been put into them.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

TEXT = ["article", "section", "reference"]
LOOK = [f"view_{model}" for model in [*TEXT, "topic", "othername", "topiccode", "tag", "edition", "redirect", "review", "auditentry"]]
WRITE = [f"{verb}_{model}" for model in TEXT for verb in ("add", "change")] + ["delete_section", "delete_reference"]
TOPICS = [f"{verb}_{model}" for model in ("topic", "tag", "othername", "topiccode") for verb in ("add", "change")]
TOPICS += ["delete_othername", "delete_topiccode"]
PUBLISH = ["publish_article", "delete_article", *TOPICS]
PEOPLE = [f"{verb}_{model}" for model in ("user", "group") for verb in ("add", "change", "view")]

ROLES = {
    "Author": [*LOOK, *WRITE],
    "Clinical reviewer": [*LOOK, "add_review"],
    "Publisher": [*LOOK, *WRITE, *PUBLISH],
    "Date reviewer": [*LOOK, "add_review"],
    "Administrator": [*LOOK, *WRITE, *PUBLISH, "add_review", *PEOPLE, "delete_tag"],
}


def make_groups(apps, schema_editor):
    for app in ("articles", "auth"):
        config = apps.get_app_config(app)
        # On a new database the permissions are not made yet: Django makes them after the last migration.
        config.models_module = True  # what Django asks for before it makes any
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        found = Permission.objects.filter(content_type__app_label__in=["articles", "auth"], codename__in=codenames)
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0004_audit_trail"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
