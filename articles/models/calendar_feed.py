from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """The private address of somebody's calendar of reviews. Only a digest of its token is kept: who reads the database
    can't read the calendar. A new token takes the old one's place, and deleting the row revokes it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    token_digest = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"Calendar of {self.user}"
