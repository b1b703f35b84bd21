"""Titles such as “A-scan” and “Østrogen” get the place in the A to Z that a save would give them now."""

from django.db import migrations

from articles.sorting import letter_of_key, sort_key


def sort_anew(apps, schema_editor):
    for name, text in (("Topic", "title"), ("OtherName", "name")):
        model = apps.get_model("articles", name)
        changed = []
        for row in model.objects.only(text, "sort_key", "letter").iterator():
            key = sort_key(getattr(row, text))
            if key != row.sort_key:
                row.sort_key, row.letter = key, letter_of_key(key)
                changed.append(row)
        model.objects.bulk_update(changed, ["sort_key", "letter"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0018_fill_search_index'),
    ]

    operations = [migrations.RunPython(sort_anew, migrations.RunPython.noop)]
