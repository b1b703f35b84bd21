"""The proof that somebody checked a page: who, when, against what, and with what result."""

from django.db import models
from django.db.models import F, Q

from articles.models.ledger import LedgerQuerySet, LedgerRow


class Review(LedgerRow):
    """A review of the whole page. The public dates Reviewed and Next review due are the last one's; nothing else
    can set them. The reviewer stands here as text, so that the record outlives the account."""

    class Outcome(models.TextChoices):
        NO_CHANGE = "no_change", "No change needed"
        MINOR = "minor", "Minor change needed"
        MAJOR = "major", "Major change needed"
        WITHDRAW = "withdraw", "Should be withdrawn"
        ESCALATE = "escalate", "Passed on for a decision"

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="reviews")
    edition = models.ForeignKey("articles.Edition", on_delete=models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField("reviewed on")
    reviewer_name = models.CharField(max_length=200)
    reviewer_role = models.CharField(max_length=200, blank=True, help_text="Such as “Oncology nurse specialist”.")
    reviewer_credential = models.CharField(
        max_length=200, blank=True, help_text="Profession and registration, such as “RN, no. 12345”."
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    evidence = models.TextField(
        "evidence checked",
        help_text="The guidelines, papers or colleagues that the page was checked against.",
    )
    note = models.TextField(blank=True)
    next_review_on = models.DateField("next review due")
    recorded_at = models.DateTimeField("recorded at", editable=False)
    recorded_by = models.CharField(max_length=200, editable=False)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-reviewed_on", "-id"]
        indexes = [models.Index(fields=["article", "-reviewed_on", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="review_due_after_reviewed",
                condition=Q(next_review_on__gt=F("reviewed_on")),
                violation_error_message="The next review must fall due after the day of this review.",
            )
        ]

    def __str__(self):
        return f"{self.article}, reviewed {self.reviewed_on}"
