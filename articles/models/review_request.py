"""A review out of the cycle: something happened that the page should be looked at for."""

from django.db import models
from django.db.models import Q


class ReviewRequestQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)


class ReviewRequest(models.Model):
    """Opened by an event or a person; closed by a review, or by a person who says why. Only articles/review_requests.py
    writes it.

    `key` names the event, such as “article:12” for a related page or the address of a dead link: while a request is open,
    the same event opens no second one for the page. A request for a second reviewer names the account of the first in
    `not_by_account`, whose reviews don't answer it.
    """

    class Cause(models.TextChoices):
        RELATED = "related", "A related page is withdrawn or overdue"
        LINK = "link", "A link is dead"
        SOURCE = "source", "A source was withdrawn"
        REPORT = "report", "A reader reported something"
        SECOND = "second", "A second reviewer was drawn"
        OUTCOME = "outcome", "A review found something to be done"
        OTHER = "other", "Another reason"

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="review_requests")
    cause = models.CharField("reason", max_length=10, choices=Cause.choices)
    about = models.CharField("what happened", max_length=500)
    key = models.CharField(max_length=600, editable=False)
    opened_on = models.DateField("asked on", editable=False)
    due_on = models.DateField("wanted by")
    opened_by = models.CharField("asked by", max_length=200, editable=False)
    not_by_account = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("closed at", null=True, blank=True, editable=False)
    closed_by = models.CharField(max_length=200, blank=True, editable=False)
    closed_because = models.CharField("why it was closed without a review", max_length=300, blank=True)
    review = models.ForeignKey(
        "articles.Review",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="answered_requests",
    )

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["cause", "article"], condition=Q(closed_at=None), name="review_request_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "key"], condition=Q(closed_at=None), name="review_request_open_once_for_an_event"
            ),
            models.CheckConstraint(
                name="review_request_closed_for_a_reason",
                condition=Q(closed_at=None, review=None, closed_because="")
                | Q(closed_at__isnull=False, review__isnull=False)
                | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
                violation_error_message="Say why the request is closed without a review.",
            ),
        ]

    def __str__(self):
        return f"{self.article}: {self.about}"
