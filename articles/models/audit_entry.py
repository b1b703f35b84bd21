"""Who changed what, when and why: one row for every act, written by articles/auditing.py."""

from django.db import models

from articles.models.ledger import LedgerQuerySet, LedgerRow


class AuditEntry(LedgerRow):
    """The actor and the page stand here as text, so that the row outlives both. `changes` is a list of
    {"field", "before", "after"}."""

    class Action(models.TextChoices):
        SAVED = "saved", "Saved"
        PUBLISHED = "published", "Published"
        SUBMITTED = "submitted", "Sent for review"
        TAKEN_BACK = "taken_back", "Taken back from review"
        CHANGES_ASKED = "changes_asked", "Changes asked"
        SIGNED_OFF = "signed_off", "Signed off"
        SIGNED_OFF_AFTERWARDS = "signed_off_after", "Signed off afterwards"
        SCHEDULED = "scheduled", "Scheduled"
        UNSCHEDULED = "unscheduled", "Schedule called off"
        WENT_LIVE = "went_live", "Went live as scheduled"
        WITHDRAWN = "withdrawn", "Withdrawn"
        BROUGHT_BACK = "brought_back", "Brought back"
        END_SET = "end_set", "End set"
        END_CALLED_OFF = "end_called_off", "End called off"
        ENDED = "ended", "Ended as scheduled"
        ARCHIVED = "archived", "Archived"
        UNARCHIVED = "unarchived", "Taken out of the archive"
        REVIEWED = "reviewed", "Reviewed"
        REVIEW_CORRECTED = "review_corrected", "Review corrected"
        DUE_MOVED = "due_moved", "Review date moved"
        POLICY_APPLIED = "policy_applied", "Policy applied"
        DATES_STATED = "dates_stated", "Dates stated by the source"
        ASSIGNED = "assigned", "Assigned"
        REVIEW_ASKED = "review_asked", "Review asked for"
        REQUEST_CLOSED = "request_closed", "Request for a review closed"

    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    by_account = models.PositiveBigIntegerField("id of the account", null=True, blank=True)
    action = models.CharField(max_length=20, choices=Action.choices)
    page_kind = models.CharField("what", max_length=10)  # "article" or "topic"
    page_id = models.BigIntegerField()
    page_title = models.CharField("page", max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=list)
    request_id = models.CharField("request", max_length=32, blank=True)  # empty for commands; the log has the same

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = "entry of the audit trail"
        verbose_name_plural = "entries of the audit trail"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["page_kind", "page_id", "-at"]), models.Index(fields=["-at", "-id"])]

    def __str__(self):
        return f"{self.page_title}: {self.get_action_display().lower()} by {self.by}"
