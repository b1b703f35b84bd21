"""The outside addresses that pages lead to, and what they answered `manage.py check_links` last. To look at only."""

from django.contrib import admin
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from articles.admin.for_desk import ForTheDesk
from articles.admin.ledger import ReadOnlyAdmin
from articles.links import checking
from articles.models import LinkCheck, ReviewRequest


@admin.register(LinkCheck)
class LinkCheckAdmin(ForTheDesk, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["url", "verdict", "bad_since", "said", "requests"]
    list_filter = ["verdict"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["url"]
    search_help_text = "Part of the address."
    fields = ["url", "verdict", "detail", "moved_to", "bad_since", "checked_at"]

    def get_ordering(self, request):
        """What is bad for the longest time first."""
        return [F("bad_since").asc(nulls_last=True), "url"]

    def get_queryset(self, request):
        open_requests = ReviewRequest.objects.open().filter(key=Concat(Value("link:"), OuterRef("url")))
        counted = open_requests.order_by().values("key").annotate(number=Count("pk")).values("number")
        return super().get_queryset(request).annotate(open_requests=Coalesce(Subquery(counted), 0))

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Links to other sites", **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        pages = checking.pages_leading_to(obj.url, at=timezone.now())
        context |= {"title": "Link to another site", "subtitle": None, "pages": pages}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="what it said")
    def said(self, check):
        return f"It is now at {check.moved_to}" if check.moved_to else check.detail

    @admin.display(description="reviews asked for", ordering="open_requests")
    def requests(self, check):
        return check.open_requests or "none"
