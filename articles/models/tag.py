"""Tags, shared by articles and topics. A tag has a page, so it needs a slug that an address can hold."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, override
from taggit.models import ItemBase, TagBase

from articles.slugs import ascii_slug


class Tag(TagBase):
    """One tag serves the pages of all languages, and so does a policy that names it. Where a language has no name for it,
    patients don't see it."""

    name_es = models.CharField(
        "name in Spanish",
        max_length=100,
        blank=True,
        help_text="Without one, pages in Spanish don’t show the tag. It still counts for their review policy.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tag_slug_is_not_empty",
                condition=~Q(slug=""),
                violation_error_message="A tag needs an address: at least one letter from a to z or a digit.",
            )
        ]

    def slugify(self, tag, i=None):
        slug = ascii_slug(tag, fallback="tag")
        return slug if i is None else f"{slug}-{i}"

    def name_in(self, language: str) -> str:
        """Empty when it has none in that language."""
        return {"en": self.name, "es": self.name_es}[language]

    @property
    def public(self) -> str:
        """Its name in the active language; empty when it has none there."""
        return self.name_in(get_language())

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])

    def path_in(self, language: str) -> str:
        with override(language):
            return self.get_absolute_url()


class ArticleTag(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="article_tags")
    content_object = models.ForeignKey("articles.Article", on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="article_tag_once")]

    def __str__(self):
        return str(self.tag)


class TopicTag(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="topic_tags")
    content_object = models.ForeignKey("articles.Topic", on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="topic_tag_once")]

    def __str__(self):
        return str(self.tag)
