"""The page that says that an article is withdrawn names it as patients knew it, so no change of a working title is noted."""

from django.db import migrations

from articles.migrations._changes import follow_changes_anew


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0028_search_in_lines_and_lengths"),
    ]

    operations = [
        follow_changes_anew(),
    ]
