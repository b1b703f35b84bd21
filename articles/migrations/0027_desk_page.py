"""The review desk counts its pages in a table that lives for one answer (articles/desk.py makes it). Nothing is made here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0026_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeskPage",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("title", models.TextField()),
                ("kind", models.TextField()),
                ("review_months", models.PositiveSmallIntegerField(null=True)),
                ("reviewed_on", models.DateField(null=True)),
                ("next_review_on", models.DateField(null=True)),
                ("is_changed", models.BooleanField(null=True)),
                ("is_asked", models.BooleanField()),
                ("has_bad_link", models.BooleanField()),
                ("has_withdrawn_source", models.BooleanField()),
                ("is_older_translation", models.BooleanField()),
            ],
            options={
                "db_table": "desk_page",
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
