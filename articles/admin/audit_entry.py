"""The audit trail: to read, to search, and never to change."""

import json

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from articles.admin.ledger import ReadOnlyAdmin
from articles.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["at", "by", "action", "page_title", "page_kind", "summary", "reason"]
    list_filter = ["action", "page_kind"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    date_hierarchy = "at"
    search_fields = ["page_title", "by"]
    search_help_text = "Words of the page’s title or of the person’s name."
    fields = ["at", "by", "action", "page_kind", "page_title", "summary", "reason", "what_changed", "request_id"]

    def get_queryset(self, request):
        """The list doesn't need what changed, which can be long."""
        rows = super().get_queryset(request)
        return rows if request.resolver_match.kwargs.get("object_id") else rows.defer("changes")

    @admin.display(description="what changed")
    def what_changed(self, entry):
        rows = ((change["field"], _text(change["before"]), _text(change["after"])) for change in entry.changes)
        return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd><dd>→ {}</dd>", rows))


def _text(value) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
