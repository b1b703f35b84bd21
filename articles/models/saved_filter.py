from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """A list of the review desk that somebody has given a name: the query of its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=2_000)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_filter_name_once",
                violation_error_message="You have a saved list of this name. Choose another.",
            )
        ]

    def __str__(self):
        return self.name
