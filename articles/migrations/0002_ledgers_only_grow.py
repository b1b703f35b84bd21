"""Editions and reviews are evidence. The database itself refuses to change or delete one."""

from django.db import migrations

from articles.migrations._ledgers import grows_only


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [grows_only("articles_edition", "An edition"), grows_only("articles_review", "A review")]
