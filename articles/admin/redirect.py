"""Redirects: written when an address changes. To look at only, because an address is a promise."""

from django.contrib import admin

from articles.admin.ledger import ReadOnlyAdmin
from articles.models import Redirect


@admin.register(Redirect)
class RedirectAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["path", "target"]
    list_select_related = ["article", "topic"]
    list_per_page = 50
    search_fields = ["path"]
    search_help_text = "Part of the old address."

    @admin.display(description="leads to")
    def target(self, redirect):
        return redirect.target
