from django.db import models
from django.db.models import Q

from articles.addresses import MAX_LENGTH, validate_address


class RelatedLink(models.Model):
    """One line of an article's see-also list: a topic, an article or an outside address."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="related_links")
    position = models.PositiveIntegerField()
    topic = models.ForeignKey(
        "articles.Topic", on_delete=models.PROTECT, null=True, blank=True, related_name="links_to_it"
    )
    target_article = models.ForeignKey(
        "articles.Article",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="links_to_it",
        db_index=False,  # the index below serves it as well
    )
    url = models.CharField("web address", max_length=MAX_LENGTH, blank=True, validators=[validate_address])
    label = models.CharField(
        max_length=200, blank=True, help_text="What the link says. Empty: the title of the topic or article."
    )

    class Meta:
        ordering = ["position", "id"]
        # The review desk asks which articles point at one of many pages, and reads the answer from the index alone.
        indexes = [models.Index(fields=["target_article", "article"])]
        constraints = [
            models.UniqueConstraint(fields=["article", "position"], name="related_link_position_once_in_article"),
            models.CheckConstraint(
                name="related_link_has_one_target",
                condition=Q(topic__isnull=False, target_article__isnull=True, url="")
                | Q(topic__isnull=True, target_article__isnull=False, url="")
                | (Q(topic__isnull=True, target_article__isnull=True) & ~Q(url="")),
                violation_error_message="A related link leads to one thing: a topic, an article or a web address.",
            ),
            models.CheckConstraint(
                name="related_link_to_address_has_label",
                condition=Q(url="") | ~Q(label=""),
                violation_error_message="A link to a web address needs a label.",
            ),
        ]

    def __str__(self):
        return self.text

    @property
    def target(self):
        """The topic or article; None for an outside address."""
        return self.topic or self.target_article

    @property
    def text(self) -> str:
        return self.label or self.target.title
