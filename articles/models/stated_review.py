"""Review dates that a source printed, before the page came to this library."""

from django.db import models
from django.db.models import F, Q

from articles.models.ledger import LedgerQuerySet, LedgerRow


class StatedReview(LedgerRow):
    """No review made here: nobody can say who looked at what. The page shows it “as stated by the source”, and the first
    review made here takes its place. Of several the one imported last counts."""

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="stated_reviews")
    reviewed_on = models.DateField(null=True, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)  # the file and the line that it came from
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=200)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["article", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="stated_review_has_a_day",
                condition=Q(reviewed_on__isnull=False) | Q(next_review_on__isnull=False),
                violation_error_message="The row states no day.",
            ),
            models.CheckConstraint(
                name="stated_review_due_after_reviewed",
                condition=Q(reviewed_on=None) | Q(next_review_on=None) | Q(next_review_on__gt=F("reviewed_on")),
                violation_error_message="The next review must fall due after the day of this one.",
            ),
        ]

    def __str__(self):
        return f"{self.article}, as stated by {self.source}"
