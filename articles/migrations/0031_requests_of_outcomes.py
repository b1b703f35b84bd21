"""A cause for requests that a review opens itself: something is to be done about the page. The table stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0030_newest_editions")]

    operations = [
        migrations.AlterField(
            model_name="reviewrequest",
            name="cause",
            field=models.CharField(
                "reason",
                max_length=10,
                choices=[
                    ("related", "A related page is withdrawn or overdue"),
                    ("link", "A link is dead"),
                    ("source", "A source was withdrawn"),
                    ("report", "A reader reported something"),
                    ("second", "A second reviewer was drawn"),
                    ("outcome", "A review found something to be done"),
                    ("other", "Another reason"),
                ],
            ),
        ),
    ]
