"""How many months a page may go without a review: by its kind, a tag, its risk class, or for one page."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from articles.kinds import Kind

LONGEST = 120  # months: ten years; longer is a slip of the finger
NO_LONGER = f"No page goes longer than {LONGEST} months without a review."


class RiskClass(models.Model):
    """How much harm a wrong sentence can do, such as “medicines and doses”. Staff give it to a page; patients don't
    see it."""

    name = models.CharField(max_length=100, unique=True)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "risk classes"
        ordering = ["name"]

    def __str__(self):
        return self.name


class Policy(models.Model):
    """Of all that match a page the one with the fewest months holds. Articles keep the answer (`Article.review_months`),
    so a changed policy reaches them by an act of its own, with a rehearsal: articles/policies.py."""

    kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    tag = models.ForeignKey("articles.Tag", on_delete=models.CASCADE, null=True, blank=True, related_name="policies")
    risk_class = models.ForeignKey(RiskClass, on_delete=models.CASCADE, null=True, blank=True, related_name="policies")
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, null=True, blank=True, related_name="policies"
    )
    months = models.PositiveSmallIntegerField(
        validators=[
            MinValueValidator(1, "A page needs at least one month between reviews."),
            MaxValueValidator(LONGEST, NO_LONGER),
        ],
        help_text="Calendar months from one review of the whole page to the next.",
    )
    banner_after_days = models.PositiveSmallIntegerField(
        default=90,
        help_text="Days overdue after which patients read a banner above the text. The page stays where it is.",
    )
    reason = models.CharField(
        max_length=300, help_text="Such as “Hospital rule 12: medicines every year”. Staff read it."
    )

    class Meta:
        verbose_name_plural = "policies"
        ordering = ["months", "id"]
        constraints = [
            models.CheckConstraint(
                name="policy_for_one_thing",
                condition=(
                    (~Q(kind="") & Q(tag=None, risk_class=None, article=None))
                    | Q(kind="", tag__isnull=False, risk_class=None, article=None)
                    | Q(kind="", tag=None, risk_class__isnull=False, article=None)
                    | Q(kind="", tag=None, risk_class=None, article__isnull=False)
                ),
                violation_error_message="A policy is for one thing: a kind, a tag, a risk class or an article. Choose one "
                "of them and leave the others empty.",
            ),
            models.CheckConstraint(
                name="policy_months_in_range",
                condition=Q(months__gte=1, months__lte=LONGEST),
                violation_error_message=f"Write 1 to {LONGEST} months.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[field],
                    condition=~Q(kind="") if field == "kind" else Q(**{f"{field}__isnull": False}),
                    name=f"policy_once_for_each_{field}",
                    violation_error_message="There is a policy for this already. Change that one.",
                )
                for field in ("kind", "tag", "risk_class", "article")
            ),
        ]

    def __str__(self):
        return f"{self.months} month{'' if self.months == 1 else 's'}, because {self.because}"

    @property
    def because(self) -> str:
        """Which property of the page the policy is about, as the page says it."""
        if self.kind:
            return f"its kind is {Kind(self.kind).label}"
        if self.tag_id:
            return f"it is tagged “{self.tag.name}”"
        if self.risk_class_id:
            return f"its risk class is “{self.risk_class.name}”"
        return "this page has a policy of its own"
