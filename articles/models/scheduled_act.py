"""What takes effect by itself at a moment: an edition that patients will read from then on, or the end of a page."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

LATE_AFTER = timedelta(minutes=5)  # `run_due` runs every minute; five missed runs are no accident


class ScheduledActQuerySet(models.QuerySet):
    def standing(self):
        """Those that nobody has called off."""
        return self.filter(cancelled_at=None)

    def waiting(self, *, at: datetime):
        """Those whose moment is still to come. What was carried out has had its moment, whatever clock says otherwise."""
        return self.standing().filter(due_at__gt=at, done_at=None)

    def due(self, *, at: datetime):
        """Those whose moment has come and whose side effects have not been carried out."""
        return self.standing().filter(due_at__lte=at, done_at=None)

    def late(self, *, at: datetime):
        return self.due(at=at - LATE_AFTER)

    def failed(self):
        return self.standing().filter(done_at=None).exclude(error="")


class ScheduledAct(models.Model):
    """Patients see the effect at `due_at` whether anything runs or not: `due_at` repeats the moment of the edition or
    the withdrawal. What remains for `manage.py run_due` are side effects, such as the entry of the audit trail."""

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="scheduled_acts")
    edition = models.OneToOneField(
        "articles.Edition", on_delete=models.PROTECT, null=True, blank=True, related_name="scheduled_act"
    )
    withdrawal = models.OneToOneField(
        "articles.Withdrawal", on_delete=models.PROTECT, null=True, blank=True, related_name="scheduled_act"
    )
    due_at = models.DateTimeField("takes effect at")
    made_at = models.DateTimeField("decided at")
    made_by = models.CharField("decided by", max_length=200)
    made_by_account = models.PositiveBigIntegerField("id of the account", null=True, blank=True)
    cancelled_at = models.DateTimeField("called off at", null=True, blank=True)
    done_at = models.DateTimeField("carried out at", null=True, blank=True)
    attempts = models.PositiveIntegerField("failed attempts", default=0)
    error = models.TextField("what went wrong", blank=True)

    objects = ScheduledActQuerySet.as_manager()

    class Meta:
        verbose_name = "scheduled act"
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at=None), name="scheduled_act_not_done")]
        constraints = [
            models.CheckConstraint(
                name="scheduled_act_does_one_thing",
                condition=Q(edition__isnull=False, withdrawal__isnull=True)
                | Q(edition__isnull=True, withdrawal__isnull=False),
                violation_error_message="A scheduled act publishes an edition or withdraws a page.",
            ),
        ]

    def __str__(self):
        return f"{self.article}: {self.what}"

    @property
    def what(self) -> str:
        return f"edition {self.edition.number} goes live" if self.edition_id else "the page is withdrawn"
