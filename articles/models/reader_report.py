"""What readers say about a page: that it did not answer them, or that something on it is wrong."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReaderReport(models.Model):
    """Sent without an account, and nothing is kept of who sent it: no name, no address, no time of the day. Staff settle it
    by asking for a review of the page, or with a note."""

    class Sort(models.TextChoices):
        ERROR = "error", _("Something on the page is wrong")
        NO_ANSWER = "no_answer", _("The page did not answer my question")

    sort = models.CharField("what it says", max_length=10, choices=Sort.choices)
    words = models.TextField("in the reader’s words", max_length=2_000)
    path = models.CharField("address of the page", max_length=200, blank=True)  # empty: of no page in particular
    article = models.ForeignKey(
        "articles.Article", on_delete=models.PROTECT, null=True, blank=True, related_name="reader_reports"
    )
    sent_on = models.DateField("sent on")
    settled_at = models.DateTimeField("settled at", null=True, blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    note = models.CharField("what was done", max_length=300, blank=True)
    request = models.ForeignKey(
        "articles.ReviewRequest", on_delete=models.PROTECT, null=True, blank=True, related_name="reader_reports"
    )

    class Meta:
        default_permissions = ()
        ordering = ["sent_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="reader_report_settled_with_note",
                condition=Q(settled_at=None, note="") | (Q(settled_at__isnull=False) & ~Q(note="")),
                violation_error_message="Say what was done about the report.",
            )
        ]

    def __str__(self):
        return f"{self.article or self.path or 'The library'}: {self.get_sort_display()}"
