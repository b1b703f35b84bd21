"""The working copy of a page. Only staff see it; patients read its editions."""

from datetime import datetime

from django.db import models
from taggit.managers import TaggableManager

from articles.models.page import Page, PageQuerySet
from articles.models.tag import ArticleTag


class ArticleQuerySet(PageQuerySet):
    def published(self, *, at: datetime):
        """Articles that a patient can open at that moment."""
        from articles.models.edition import Edition

        return self.filter(pk__in=Edition.objects.live(at=at).values("article"))


class Article(Page):
    """`stated_on` is written by an import that found the day in its source, never by a form; the public dates stand in
    the editions. `version` is counted by articles/revising.py."""

    deck = models.CharField(
        "summary",
        max_length=300,
        blank=True,
        help_text="One line under the title with the main message: one sentence, at most 25 words.",
    )
    about = models.ManyToManyField(
        "articles.Topic",
        blank=True,
        related_name="articles_about",
        help_text="The topics that this article explains. Their pages list it first.",
    )
    tags = TaggableManager(through=ArticleTag, blank=True)
    stated_on = models.DateField("published, as printed in the source", null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)  # of the working copy; 0 until its first save

    path_prefix = "/articles/"

    objects = ArticleQuerySet.as_manager()

    class Meta(Page.Meta):
        ordering = ["title", "id"]
        permissions = [
            ("sign_off_article", "Can sign off articles that others have written"),
            ("publish_article", "Can publish, schedule, withdraw and archive articles, and withdraw topics"),
            ("publish_unsigned_article", "Can publish an article in an emergency, without a sign-off"),
        ]
