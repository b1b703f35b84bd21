"""What was asked and decided about a version of an article on its way to patients."""

from django.db import models
from django.db.models import Q

from articles.models.ledger import LedgerQuerySet, LedgerRow


class WorkflowStep(LedgerRow):
    """A step is bound to the version of the text that it is about: one more comma, and a sign-off is of another text.

    The person stands here as text, with the profession and registration number of that day, so that the record
    outlives the account. `edition` is named only by a sign-off that was given after the publication.
    """

    class Action(models.TextChoices):
        SUBMITTED = "submitted", "Sent for review"
        TAKEN_BACK = "taken_back", "Taken back from review"
        CHANGES_ASKED = "changes_asked", "Changes asked"
        SIGNED_OFF = "signed_off", "Signed off"
        SIGNED_OFF_AFTERWARDS = "signed_off_after", "Signed off afterwards"

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="steps")
    version = models.PositiveIntegerField()
    edition = models.OneToOneField(
        "articles.Edition", on_delete=models.PROTECT, null=True, blank=True, related_name="signed_off_afterwards"
    )
    action = models.CharField(max_length=20, choices=Action.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    by_account = models.PositiveBigIntegerField("id of the account")
    profession = models.CharField(max_length=100, blank=True)
    registration_number = models.CharField(max_length=100, blank=True)
    note = models.TextField(blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = "step of the workflow"
        verbose_name_plural = "steps of the workflow"
        ordering = ["-id"]
        indexes = [models.Index(fields=["article", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="sign_off_by_a_registered_clinician",
                condition=~Q(action__in=["signed_off", "signed_off_after"])
                | (~Q(profession="") & ~Q(registration_number="")),
                violation_error_message="A sign-off names the profession and the registration number of its clinician.",
            ),
            models.CheckConstraint(
                name="sign_off_afterwards_names_edition",
                condition=Q(action="signed_off_after", edition__isnull=False)
                | (~Q(action="signed_off_after") & Q(edition__isnull=True)),
                violation_error_message="A sign-off that is given afterwards names its edition, and no other step does.",
            ),
        ]

    def __str__(self):
        return f"{self.article}, version {self.version}: {self.get_action_display().lower()} by {self.by}"

    @property
    def credential(self) -> str:
        """ "Registered nurse, no. 12345"; empty for a step that needs none."""
        return f"{self.profession}, no. {self.registration_number}" if self.registration_number else ""
