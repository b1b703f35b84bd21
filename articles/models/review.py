"""The proof that somebody checked a page: who, when, against what, and with what result."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from articles.models.ledger import LedgerQuerySet, LedgerRow


class ReviewQuerySet(LedgerQuerySet):
    def standing(self):
        """Without those that a correction has taken the place of."""
        return self.filter(superseded_by=None)

    def whole(self):
        """Those of the whole page, which alone move the dates Reviewed and Next review due."""
        return self.standing().filter(scope=Review.Scope.WHOLE)


class Review(LedgerRow):
    """A review of a page, or of named parts of it. The public date Reviewed is that of the last review of the whole page;
    nothing else can set it. The reviewer stands here as text, so that the record outlives the account.

    A mistake is corrected by a new record that supersedes the old one. `parts` names what a review of parts looked at:
    the heading of a section as it was then, or one of the words in `OTHER_PARTS`.
    """

    class Scope(models.TextChoices):
        WHOLE = "whole", "The whole page"
        PART = "part", "Parts of it"

    class Trigger(models.TextChoices):
        PLANNED = "planned", "It fell due, or was about to"
        CHANGE = "change", "The page was changed"
        SOURCE = "source", "A source or guideline changed"
        LINK = "link", "A link or a related page is dead or withdrawn"
        REPORT = "report", "A reader reported something"
        OTHER = "other", "Another reason"

    # With a colon, which no anchor of a section has.
    OTHER_PARTS = {
        "part:see-also": gettext_noop("The list of related topics"),
        "part:media": gettext_noop("Pictures and videos"),
    }

    class Outcome(models.TextChoices):
        NO_CHANGE = "no_change", _("No change needed")
        MINOR = "minor", _("Minor change needed")
        MAJOR = "major", _("Major change needed")
        WITHDRAW = "withdraw", _("Should be withdrawn")
        ESCALATE = "escalate", _("Passed on for a decision")

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="reviews")
    edition = models.ForeignKey("articles.Edition", on_delete=models.PROTECT, related_name="reviews")
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.WHOLE)
    parts = models.JSONField(default=list, blank=True)  # [{"anchor": "meals", "name": "Meals"}, ...]
    trigger = models.CharField("why now", max_length=10, choices=Trigger.choices, default=Trigger.PLANNED)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
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
    next_review_on = models.DateField("next review due", null=True, blank=True)  # None: a review of parts
    seconds_on_page = models.PositiveIntegerField(null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField("recorded at", editable=False)
    recorded_by = models.CharField(max_length=200, editable=False)
    recorded_by_account = models.PositiveBigIntegerField("id of the account", null=True, blank=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-reviewed_on", "-id"]
        indexes = [models.Index(fields=["article", "-reviewed_on", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="review_due_after_reviewed",
                condition=Q(next_review_on=None) | Q(next_review_on__gt=F("reviewed_on")),
                violation_error_message="The next review must fall due after the day of this review.",
            ),
            models.CheckConstraint(
                name="review_of_parts_moves_no_date",
                condition=Q(scope="whole", next_review_on__isnull=False) | Q(scope="part", next_review_on=None),
                violation_error_message="A review of the whole page says when the next one falls due; a review of parts "
                "moves no date.",
            ),
        ]

    def __str__(self):
        return f"{self.article}, reviewed {self.reviewed_on}"
