from django.db import models
from django.db.models import Q


class Redirect(models.Model):
    """An address that a page once had. It leads to the page for ever, wherever the page has moved since."""

    path = models.CharField(max_length=200, unique=True, help_text="Such as /articles/old-address/.")
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, null=True, blank=True, related_name="redirects"
    )
    topic = models.ForeignKey(
        "articles.Topic", on_delete=models.CASCADE, null=True, blank=True, related_name="redirects"
    )

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="redirect_has_one_target",
                condition=Q(article__isnull=False, topic__isnull=True) | Q(article__isnull=True, topic__isnull=False),
                violation_error_message="A redirect leads to one page: an article or a topic.",
            ),
            models.CheckConstraint(name="redirect_path_starts_with_slash", condition=Q(path__startswith="/")),
        ]

    def __str__(self):
        return self.path

    @property
    def target(self):
        return self.article or self.topic
