"""Whether the outside addresses that pages lead to still answer."""

from django.db import models
from django.db.models import Q

from articles.addresses import MAX_LENGTH


class LinkCheck(models.Model):
    """What one address answered when it was asked last, by `manage.py check_links`. It is kept by address, because many
    pages lead to the same one."""

    class Verdict(models.TextChoices):
        FINE = "fine", "Answers"
        MOVED = "moved", "Has moved for good"
        GONE = "gone", "Is gone"
        FAILING = "failing", "Does not answer"
        UNKNOWN = "unknown", "Can’t be told: it turns machines away"

    url = models.CharField("address", max_length=MAX_LENGTH, unique=True)
    checked_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    detail = models.CharField(max_length=300, blank=True)  # "404 Not Found", "The name of the host is not known"
    moved_to = models.CharField(max_length=MAX_LENGTH, blank=True)
    bad_since = models.DateField(null=True, blank=True)  # the first of the days on which it was gone or failing

    class Meta:
        default_permissions = ()
        ordering = ["url"]
        constraints = [
            models.CheckConstraint(
                name="link_check_bad_since_a_day",
                condition=Q(verdict__in=["gone", "failing"], bad_since__isnull=False)
                | (~Q(verdict__in=["gone", "failing"]) & Q(bad_since=None)),
            )
        ]

    def __str__(self):
        return self.url
