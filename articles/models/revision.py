"""What the working copy of an article was after each save that changed something."""

from django.db import models


class Revision(models.Model):
    """`number` is the article's version that the save made; `content` has the form of an edition's content."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    summary = models.CharField(max_length=300)  # "2 sections changed, 3 related topics moved, 1 added"
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=200)
    saved_by_account = models.PositiveBigIntegerField(null=True, blank=True)  # None: an import

    class Meta:
        ordering = ["article", "-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once_in_article")]

    def __str__(self):
        return f"{self.article}, version {self.number}"
