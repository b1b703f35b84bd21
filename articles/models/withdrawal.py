"""The times in which an article or topic is taken away from patients."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class WithdrawalQuerySet(models.QuerySet):
    def in_force(self, *, at: datetime):
        """Those that keep a page from patients at that moment: past, present or future."""
        return self.filter(from_at__lte=at).exclude(until_at__lte=at)

    def all_through(self, start: datetime, end: datetime):
        """Those that kept a page from patients from the first of both moments to the second."""
        return self.in_force(at=start).exclude(until_at__lte=end)

    def coming(self, *, at: datetime):
        """Those that have been decided and begin later."""
        return self.filter(from_at__gt=at, until_at=None)

    def that_happened(self, *, at: datetime):
        """Those that had begun by that moment; not the ones that were called off before."""
        return self.filter(from_at__lte=at).exclude(until_at__lte=models.F("from_at"))


class Withdrawal(models.Model):
    """A page is withdrawn from `from_at`, which may lie in the future, until `until_at`; for good when that is empty.

    Called off before it began, `until_at` lies before `from_at`, and no moment falls between. The rows are written by
    articles/publishing.py, and each decision stands in the audit trail.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, null=True, blank=True, related_name="withdrawals"
    )
    topic = models.ForeignKey(
        "articles.Topic", on_delete=models.CASCADE, null=True, blank=True, related_name="withdrawals"
    )
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ["from_at", "id"]
        indexes = [models.Index(fields=["article", "from_at"]), models.Index(fields=["topic", "from_at"])]
        constraints = [
            models.CheckConstraint(
                name="withdrawal_of_one_page",
                condition=Q(article__isnull=False, topic__isnull=True) | Q(article__isnull=True, topic__isnull=False),
                violation_error_message="A withdrawal is of one page: an article or a topic.",
            ),
            models.CheckConstraint(
                name="withdrawal_with_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why the page is withdrawn.",
            ),
        ]

    def __str__(self):
        return f"{self.article or self.topic}, withdrawn {self.from_at:%Y-%m-%d}"
