"""Editions: what patients read, and have read. To look at only."""

from django.contrib import admin

from articles.admin.ledger import ReadOnlyAdmin
from articles.models import Edition


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["title", "number", "change", "note", "published_at", "published_by"]
    list_filter = ["change", "kind"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-published_at", "-id"]
    date_hierarchy = "published_at"
    search_fields = ["title"]
    search_help_text = "Words of the title."
    view_on_site = False
    fields = [
        "article",
        "number",
        "title",
        "deck",
        "kind",
        "is_sample",
        ("change", "note"),
        ("published_at", "published_by"),
        ("published_on", "published_on_is_stated", "updated_on"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("article").defer("content")
