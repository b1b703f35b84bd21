"""Saved queries: what patients ask, and the page that should come first; `manage.py check_search` asks them."""

from django.contrib import admin

from articles.admin.best_bet import OnePageAdmin
from articles.models import SavedQuery


@admin.register(SavedQuery)
class SavedQueryAdmin(OnePageAdmin):
    list_display = ["query", "page", "place", "checked_at", "language"]
    list_filter = ["language"]
    search_fields = ["query", "topic__title", "article__title"]
    search_help_text = "Part of the query or of the title of the page."
    fields = ["query", "topic", "article", "language", "place", "checked_at"]
    readonly_fields = ["place", "checked_at"]
    text_fields = ["query"]

    @admin.display(description="place", ordering="last_place")
    def place(self, query):
        if query.checked_at is None:
            return "not checked yet"
        return query.last_place or "not found"
