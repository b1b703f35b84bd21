"""Tags, shared by articles and topics. A tag has a page, so it needs a slug that an address can hold."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from taggit.models import ItemBase, TagBase

from articles.slugs import ascii_slug


class Tag(TagBase):
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

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])


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
