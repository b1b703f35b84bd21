"""The working copy of a page. Only staff see it; patients read its editions."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
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
    the editions. `version` is counted by articles/revising.py.

    What the review desk asks of many pages at once stands here again: `reviewed_on`, `reviewed_edition`, `next_review_on`,
    `live_from` and `changed_from` are written by articles/due.py out of the ledgers, the day by articles/policies.py too,
    which writes `review_months`, `review_policy` and `banner_after_days` as well; the owners by articles/owners.py."""

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
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="owned_articles",
    )
    owner_group = models.ForeignKey(
        "auth.Group", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="owned_articles"
    )
    risk_class = models.ForeignKey(
        "articles.RiskClass",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="articles",
    )
    review_months = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    review_policy = models.CharField(max_length=300, blank=True, editable=False)  # "12 months, because ..."
    banner_after_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    reviewed_on = models.DateField("reviewed", null=True, blank=True, editable=False)
    reviewed_edition = models.PositiveIntegerField(null=True, blank=True, editable=False)  # its number
    next_review_on = models.DateField("next review due", null=True, blank=True, editable=False, db_index=True)
    live_from = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # patients read its first edition; may lie ahead
    changed_from = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # they read a newer one than was reviewed
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)  # of the working copy; 0 until its first save

    path_prefix = "/articles/"

    objects = ArticleQuerySet.as_manager()

    class Meta(Page.Meta):
        ordering = ["title", "id"]
        # For its statistics: without them PostgreSQL takes it that hardly any title has the word that is looked for, and
        # looks through all pages one by one.
        indexes = [models.Index(Upper("title"), name="article_title_upper")]
        permissions = [
            ("sign_off_article", "Can sign off articles that others have written"),
            ("publish_article", "Can publish, schedule, withdraw and archive articles, and withdraw topics"),
            ("use_review_desk", "Can use the review desk"),
            ("plan_reviews", "Can assign pages to owners, move review dates and apply policies"),
            ("publish_unsigned_article", "Can publish an article in an emergency, without a sign-off"),
        ]

    def has_been_public(self) -> bool:
        return self.editions.exists()

    def public_title(self, *, at: datetime) -> str:
        went_live = self.editions.not_cancelled().filter(published_at__lte=at)
        return went_live.order_by("-number").values_list("title", flat=True).first() or ""
