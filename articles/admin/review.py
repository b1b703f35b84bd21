"""Reviews: recorded here, and never changed afterwards."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from articles import reviewing
from articles.admin.article import DAY_INPUT
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.robust import is_id
from articles.models import Review
from articles.people import Person, name_of


class ReviewForm(forms.ModelForm):
    def clean(self):
        """Ask for what the verb will refuse, so that the refusal stands beside the field."""
        cleaned = super().clean()
        if cleaned.get("article") and cleaned.get("reviewed_on"):
            try:
                article, day = cleaned["article"], cleaned["reviewed_on"]
                reviewing.reviewed_edition(article, reviewed_on=day, at=timezone.now())
            except ValidationError as refusal:
                self.add_error(None, refusal)
        return cleaned


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    form = ReviewForm
    list_display = ["article", "reviewed_on", "reviewer_name", "outcome", "next_review_on"]
    list_display_links = ["article", "reviewed_on"]
    list_filter = ["outcome"]
    list_select_related = ["article"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "reviewed_on"
    search_fields = ["article__title", "reviewer_name"]
    search_help_text = "Words of the article’s title or of the reviewer’s name."
    autocomplete_fields = ["article"]
    fieldsets = [
        (None, {"fields": ["article", "reviewed_on"]}),
        ("Who reviewed it", {"fields": ["reviewer_name", "reviewer_role", "reviewer_credential"]}),
        ("What was found", {"fields": ["outcome", "evidence", "note", "next_review_on"]}),
    ]
    formfield_overrides = {
        **DAY_INPUT,
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})},
    }

    def get_fieldsets(self, request, obj=None):
        recorded = ("Record", {"fields": ["edition", "recorded_at", "recorded_by"]})
        return [*self.fieldsets, recorded] if obj else self.fieldsets

    def has_add_permission(self, request):
        return request.user.has_perm("articles.add_review")

    def get_changeform_initial_data(self, request):
        """Who is signed in is likely to be the reviewer. No day is filled in: a date is the result of an act."""
        name = name_of(request.user)
        before = Review.objects.filter(reviewer_name=name).first()
        profile = getattr(request.user, "profile", None)
        article = request.GET.get("article", "")
        return {
            "article": article if is_id(article) else None,
            "reviewer_name": name,
            "reviewer_role": before.reviewer_role if before else "",
            "reviewer_credential": str(profile) if profile else before.reviewer_credential if before else "",
        }

    def save_model(self, request, review, form, change):
        reviewing.record_review(review, at=timezone.now(), by=Person.of(request.user))
