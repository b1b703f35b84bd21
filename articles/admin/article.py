"""Articles: the working copy, its sections and references, and the acts that patients notice."""

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import OuterRef, Subquery
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from articles import publishing
from articles.admin.acts import PERMISSION, name_of
from articles.admin.conflict import ConflictViews
from articles.admin.editor import BodyField
from articles.admin.filters import PublishedFilter, ReviewFilter, TagFilter
from articles.admin.history import HistoryViews, changes_to_publish
from articles.admin.lookup import LookupViews
from articles.admin.page import OneParagraph, PageForm
from articles.admin.publish_form import PublishForm
from articles.admin.robust import RobustAdmin
from articles.admin.see_also import SeeAlsoField, rows_of
from articles.admin.version_field import VersionField
from articles.models import Article, Edition, Reference, Review, Section
from articles.ordering import set_related_links

DAY_INPUT = {models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}}


class PlacedFormSet(BaseInlineFormSet):
    """Rows without a number come after those with one."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["position"].required = False
        form.fields["position"].help_text = "Empty: at the end."

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        last = max((form.cleaned_data.get("position") or 0 for form in kept if form.is_valid()), default=0)
        for form in kept:
            if form.is_valid() and form.cleaned_data.get("position") is None:
                last += 1
                form.instance.position = last


class SectionFormSet(PlacedFormSet):
    def clean(self):
        """Asked here, where the new order is known: two sections may have changed places in one save."""
        super().clean()
        kept = [
            form for form in self.forms if form.is_valid() and form.has_content() and not self._should_delete_form(form)
        ]
        for form in sorted(kept, key=lambda form: form.cleaned_data["position"] or form.instance.position)[1:]:
            if not form.cleaned_data["heading"]:
                form.add_error("heading", "Give this section a heading. Only the first section may go without one.")


class SectionForm(forms.ModelForm):
    def has_content(self) -> bool:
        return bool(self.instance.pk or self.has_changed())


class SectionInline(admin.StackedInline):
    model = Section
    form = SectionForm
    formset = SectionFormSet
    extra = 0
    fields = [("heading", "position"), "body"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "body":
            return BodyField(label="Text", required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ReferenceInline(admin.StackedInline):
    model = Reference
    formset = PlacedFormSet
    extra = 0
    fields = ["text", ("year", "doi", "pmid"), ("url", "accessed_on", "position")]
    formfield_overrides = {
        **DAY_INPUT,
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})},
    }


class ArticleForm(PageForm):
    version = VersionField()  # that the editor has opened; a new article has none
    see_also = SeeAlsoField(label="See also")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["see_also"] = rows_of(self.instance) if self.instance.pk else []
        self.initial["version"] = self.instance.version
        self.fields["version"].required = self.instance.pk is not None


def edition_number(article: Article) -> int | None:
    """The number of the newest edition; an article that was made a moment ago has none."""
    return getattr(article, "edition_number", None)


@admin.register(Article)
class ArticleAdmin(ConflictViews, HistoryViews, LookupViews, RobustAdmin, admin.ModelAdmin):
    form = ArticleForm
    inlines = [SectionInline, ReferenceInline]
    list_display = ["title", "kind", "state", "published_on", "reviewed_on", "next_review_on"]
    list_filter = ["kind", PublishedFilter, ReviewFilter, TagFilter]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "published_on"
    search_fields = ["title", "deck", "sections__heading", "sections__body"]
    search_help_text = "Words of the title, the summary or the text."
    autocomplete_fields = ["about"]
    fieldsets = [
        (None, {"fields": ["title", "deck", ("kind", "is_sample"), "slug", "about", "tags"]}),
        ("See also", {"fields": ["see_also"]}),
    ]
    readonly_fields = ["state", "published_on", "updated_on", "reviewed_on", "next_review_on"]
    empty_value_display = "not yet"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "deck":
            kwargs |= {"form_class": OneParagraph, "widget": OneParagraph.widget}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request):
        editions = Edition.objects.filter(article=OuterRef("pk")).order_by("-number")
        reviews = Review.objects.filter(article=OuterRef("pk")).order_by("-reviewed_on", "-id")
        return (
            super()
            .get_queryset(request)
            .annotate(
                edition_number=Subquery(editions.values("number")[:1]),
                reviewed_on=Subquery(reviews.values("reviewed_on")[:1]),
                next_review_on=Subquery(reviews.values("next_review_on")[:1]),
            )
        )

    def get_search_results(self, request, queryset, search_term):
        """A review can be recorded of a published article only, so its field offers no other."""
        if request.GET.get("model_name") == Review._meta.model_name:
            queryset = queryset.published(at=timezone.now())
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="state")
    def state(self, article):
        if article.withdrawn_at:
            return "Withdrawn"
        return f"Edition {article.edition_number}" if article.edition_number else "Not published"

    @admin.display(description="reviewed", ordering="reviewed_on")
    def reviewed_on(self, article):
        return date_format(article.reviewed_on) if article.reviewed_on else "never"

    @admin.display(description="next review due", ordering="next_review_on")
    def next_review_on(self, article):
        return date_format(article.next_review_on) if article.next_review_on else "not set"

    def view_on_site(self, article):
        return article.get_absolute_url() if edition_number(article) and not article.withdrawn_at else None

    def has_delete_permission(self, request, obj=None):
        """What patients have once read is withdrawn, not deleted; and nothing is deleted by the dozen."""
        return obj is not None and not edition_number(obj) and super().has_delete_permission(request, obj)

    def get_fieldsets(self, request, obj=None):
        """A new article has no dates to show."""
        if obj is None:
            return self.fieldsets
        words, links = self.fieldsets
        dates = [("state", "published_on", "updated_on", "reviewed_on", "next_review_on")]
        return [words, ("What patients see", {"fields": dates, "classes": ["facts"]}), links]

    def save_model(self, request, obj, form, change):
        """A changed article is written below, after its version has been claimed."""
        if not change:
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        with self.saving(request, form.instance, form.cleaned_data["version"] if change else 0):
            if change:
                super().save_model(request, form.instance, form, change)
            super().save_related(request, form, formsets, change)
            set_related_links(form.instance, form.cleaned_data["see_also"])

    def response_add(self, request, obj, post_url_continue=None):
        self.say_what_patients_read(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        self.say_what_patients_read(request, obj)
        return super().response_change(request, obj)

    def say_what_patients_read(self, request, article):
        if article.withdrawn_at:
            said = "Saved, and patients see nothing of it: the page is withdrawn."
        elif number := edition_number(article):
            said = f"Saved, and not published: patients still read edition {number}."
        else:
            said = "Saved, and not published: patients see nothing of it yet."
        if request.user.has_perm(PERMISSION) and not article.withdrawn_at:
            address = reverse("admin:articles_article_publish", args=[article.pk])
            said = format_html('{} <a href="{}">Publish it</a>', said, address)
        self.message_user(request, said, messages.INFO)

    def more_acts(self):
        return [("publish", self.publish_view)]

    def publish_view(self, request, object_id):
        def publish(article, form):
            by = name_of(request.user)
            edition = publishing.publish(article, at=timezone.now(), by=by, **form.cleaned_data)
            return (
                f"Published as edition {edition.number} ({edition.get_change_display().split(':')[0].lower()} change)"
            )

        return self.act(
            request,
            object_id,
            form_class=PublishForm,
            form_arguments=lambda article: {"article": article},
            template="publish",
            title="Publish",
            do=publish,
            problems_of=publishing.publishing_problems,
            context_of=changes_to_publish,
        )
