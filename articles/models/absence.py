"""Who is away, and who looks after the pages meanwhile."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Absence(models.Model):
    """From the first day to the last, both included. What would be sent to `user` goes to the deputy; the pages stay
    whose they are."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences", verbose_name="who is away"
    )
    from_on = models.DateField("first day away")
    until_on = models.DateField("last day away")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputises")

    class Meta:
        default_permissions = ()
        ordering = ["from_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins",
                condition=Q(until_on__gte=F("from_on")),
                violation_error_message="The last day away is before the first.",
            ),
            models.CheckConstraint(
                name="absence_has_another_deputy",
                condition=~Q(deputy=F("user")),
                violation_error_message="Choose somebody else as deputy.",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.from_on} to {self.until_on}"
