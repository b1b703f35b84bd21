from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page


class TopicPage(Page):
    definition = models.TextField(blank=True)
    content_panels = [*Page.content_panels, FieldPanel("definition")]
    template = "topic.html"


class ArticlePage(Page):
    deck = models.TextField(blank=True)
    day = models.DateField(null=True)
    body = RichTextField()
    content_panels = [
        *Page.content_panels,
        FieldPanel("deck"),
        FieldPanel("day"),
        FieldPanel("body"),
        InlinePanel("related_links", label="Related links"),
    ]
    template = "article.html"

    def get_context(self, request, *args, **kwargs):
        links = self.related_links.select_related("target")
        return {**super().get_context(request, *args, **kwargs), "links": links}


class RelatedLink(Orderable):
    article = ParentalKey(ArticlePage, on_delete=models.CASCADE, related_name="related_links")
    target = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    panels = [FieldPanel("target")]
