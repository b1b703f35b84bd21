"""What the review desk counts of a page, for as long as one answer takes."""

from django.conf import settings
from django.db import models


class DeskPage(models.Model):
    """An article, under its id, as articles/desk.py `pages()` found it. The fields have the names that they have there, so that
    a rule of the desk holds for both. The table is temporary and belongs to one connection: `written_down()` makes it
    and takes it away, and no migration does."""

    id = models.BigIntegerField(primary_key=True)
    title = models.TextField()
    kind = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, related_name="+")
    owner_group = models.ForeignKey("auth.Group", on_delete=models.DO_NOTHING, null=True, related_name="+")
    review_months = models.PositiveSmallIntegerField(null=True)
    reviewed_on = models.DateField(null=True)
    next_review_on = models.DateField(null=True)
    is_changed = models.BooleanField(null=True)
    is_asked = models.BooleanField()
    has_bad_link = models.BooleanField()
    has_withdrawn_source = models.BooleanField()
    is_older_translation = models.BooleanField()

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "desk_page"
