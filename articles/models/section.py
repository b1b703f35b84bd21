from django.db import models

from articles import slugs
from articles.html import CleanHTMLField

LEAD = "introduction"


class Section(models.Model):
    """A heading and its text. The first section may go without a heading: it is the lead."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField("order")
    heading = models.CharField(
        max_length=200, blank=True, help_text="Only the first section may have none: it is the introduction."
    )
    anchor = models.CharField(max_length=slugs.MAX_LENGTH, editable=False)
    body = CleanHTMLField(blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["article", "anchor"], name="section_anchor_once_in_article")]

    def __str__(self):
        return self.heading or "Introduction"

    def save(self, *args, **kwargs):
        """Links to a section must not break, so its anchor is made once and stays when the heading changes."""
        if not self.anchor:
            taken = set(self.article.sections.exclude(pk=self.pk).values_list("anchor", flat=True))
            self.anchor = anchor_for(self.heading, taken)
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "anchor"}
        super().save(*args, **kwargs)


RESERVED = {"main", "contents", "references", "see-also", "dates"}  # the page itself uses these


def anchor_for(heading: str, taken: set[str]) -> str:
    return slugs.numbered(slugs.ascii_slug(heading, fallback=LEAD), taken | RESERVED)
