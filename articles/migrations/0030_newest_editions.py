"""An index for “Newly updated”. Without it a database sorts all editions for the six that the home page shows."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("articles", "0029_working_titles_are_not_public")]

    operations = [
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(
                F("language"), Coalesce("updated_on", "published_on").desc(), F("title"), name="edition_newest"
            ),
        ),
    ]
