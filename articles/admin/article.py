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

from articles import workflow
from articles.admin.bulk import BulkViews
from articles.admin.conflict import ConflictViews
from articles.admin.editor import BodyField
from articles.admin.filters import ReadFilter, ReviewFilter, StateFilter, TagFilter
from articles.admin.history import HistoryViews
from articles.admin.lookup import LookupViews
from articles.admin.page import OneParagraph, PageForm, originals_for
from articles.admin.risk_class import RiskClassViews
from articles.admin.robust import RobustAdmin, RowsInline
from articles.admin.row_field import RowField
from articles.admin.see_also import SeeAlsoField, rows_of
from articles.admin.version_field import VersionField
from articles.admin.workflow import ARTICLE_ACTS
from articles.ancestry import Ancestry
from articles.models import Article, Edition, Reference, Review, Section
from articles.ordering import set_related_links
from articles.workflow import Act, State

DAY_INPUT = {models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}}


class PlacedFormSet(BaseInlineFormSet):
    """Rows without a number come after those with one."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["id"] = RowField(self, initial=form.fields["id"].initial)
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


class SectionInline(RowsInline):
    model = Section
    form = SectionForm
    formset = SectionFormSet
    fields = [("heading", "position"), "body"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "body":
            return BodyField(label="Text", required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ReferenceInline(RowsInline):
    model = Reference
    formset = PlacedFormSet
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
        self.fields["see_also"].widget.language = self.instance.language

    def clean(self):
        """The topics that an article explains are those of its language: patients find it on their pages."""
        cleaned = super().clean()
        foreign = [topic for topic in cleaned.get("about", ()) if topic.language != self.instance.language]
        for topic in foreign:
            said = f"“{topic}” is in {topic.get_language_display()}. Choose topics in {self.instance.get_language_display()}."
            self.add_error("about", said)
        return cleaned


@admin.register(Article)
class ArticleAdmin(BulkViews, ConflictViews, HistoryViews, LookupViews, RiskClassViews, RobustAdmin, admin.ModelAdmin):
    form = ArticleForm
    inlines = [SectionInline, ReferenceInline]
    list_display = ["title", "kind", "state_in_words", "published_on", "reviewed", "next_review"]
    list_filter = [StateFilter, ReadFilter, "kind", "language", ReviewFilter, TagFilter]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title", "deck", "sections__heading", "sections__body"]
    search_help_text = "Words of the title, the summary or the text."
    autocomplete_fields = ["about", "translation_of"]
    fieldsets = [
        (None, {"fields": ["title", "deck", ("kind", "is_sample"), "slug", "about", "tags"]}),
        ("Language", {"fields": [("language", "translation_of")]}),
        ("See also", {"fields": ["see_also"]}),
    ]
    readonly_fields = ["published_on", "updated_on", "reviewed", "next_review", "policy", "risk"]
    empty_value_display = "not yet"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "deck":
            kwargs |= {"form_class": OneParagraph, "widget": OneParagraph.widget}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request):
        at = timezone.now()
        editions = Edition.objects.not_cancelled().filter(article=OuterRef("pk"), published_at__lte=at)
        editions = editions.order_by("-number")
        return workflow.with_state(
            super()
            .get_queryset(request)
            .annotate(
                published_on=Subquery(editions.values("published_on")[:1]),
                updated_on=Subquery(editions.values("updated_on")[:1]),
            ),
            at=at,
        )

    def get_search_results(self, request, queryset, search_term):
        """A review can be recorded of a published article only, so its field offers no other."""
        if request.GET.get("model_name") == Review._meta.model_name:
            queryset = queryset.published(at=timezone.now())
        return super().get_search_results(request, originals_for(request, queryset), search_term)

    @admin.display(description="state", ordering="state")
    def state_in_words(self, article):
        state = State(article.state).label
        return f"{state}, edition {article.edition_number}" if article.edition_number else state

    @admin.display(description="published", ordering="published_on")
    def published_on(self, article):
        return date_format(article.published_on) if article.published_on else None

    @admin.display(description="updated", ordering="updated_on")
    def updated_on(self, article):
        return date_format(article.updated_on) if article.updated_on else None

    @admin.display(description="reviewed", ordering="reviewed_on")
    def reviewed(self, article):
        return date_format(article.reviewed_on) if article.reviewed_on else "never"

    @admin.display(description="next review due", ordering="next_review_on")
    def next_review(self, article):
        return date_format(article.next_review_on) if article.next_review_on else "not set"

    @admin.display(description="review policy")
    def policy(self, article):
        return article.review_policy or "none"

    @admin.display(description="risk class")
    def risk(self, article):
        return article.risk_class or "not set"

    def view_on_site(self, article):
        return article.get_absolute_url() if article.is_live else None

    def has_delete_permission(self, request, obj=None):
        """What was once published or sent for review is withdrawn or archived; and nothing is deleted by the dozen."""
        untouched = obj is not None and not (obj.edition_number or obj.step_action)
        return untouched and super().has_delete_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        """What is in the archive is taken out before anybody writes in it."""
        return super().has_change_permission(request, obj) and not (obj and obj.archived_at)

    def get_readonly_fields(self, request, obj=None):
        """The address says the language, so it stays once patients may have the address."""
        published = obj is not None and obj.edition_number
        return [*super().get_readonly_fields(request, obj), *(["language"] if published else [])]

    def get_fieldsets(self, request, obj=None):
        """A new article has no dates to show."""
        if obj is None:
            return self.fieldsets
        words, language, links = self.fieldsets
        dates = [("published_on", "updated_on", "reviewed", "next_review")]
        policy = [("policy", "risk")]
        return [
            words,
            language,
            ("What patients see", {"fields": dates, "classes": ["facts"]}),
            ("How often it is reviewed", {"fields": policy, "classes": ["facts"]}),
            links,
        ]

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

    def acts(self):
        return ARTICLE_ACTS

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and change:
            context |= workflow_panel(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(self, request, obj, post_url_continue=None):
        self.say_what_patients_read(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        self.say_what_patients_read(request, obj)
        return super().response_change(request, obj)

    def say_what_patients_read(self, request, article):
        article = self.get_object(request, str(article.pk))
        if article.is_withdrawn:
            said = "Saved, and patients see nothing of it: the page is withdrawn."
        elif article.is_live:
            said = f"Saved, and not published: patients still read edition {article.live_number}."
        else:
            said = "Saved, and not published: patients see nothing of it yet."
        at = timezone.now()
        if State(article.state) in {State.DRAFT, State.CHANGES_ASKED} and not workflow.refusals(
            article, Act.SUBMIT, by=request.user, at=at
        ):
            address = reverse("admin:articles_article_submit", args=[article.pk])
            said = format_html('{} <a href="{}">Send it for review</a>', said, address)
        self.message_user(request, said, messages.INFO)


def workflow_panel(article: Article, user) -> dict:
    """What stands above the form: where the article is on its way to patients, and what can be done with it now."""
    at = timezone.now()
    offered = workflow.offers(article, by=user, at=at)
    asked = article.steps.filter(edition=None).first() if article.state == State.CHANGES_ASKED else None
    return {
        "state": State(article.state),
        "waits": article.edition_at is not None and article.edition_at > at,
        "changes_asked": asked,
        "put_aside": Ancestry.of(article).put_aside(article.version),
        "possible": [offer.act for offer in offered if not offer.refusals],
        "refused": [offer for offer in offered if offer.refusals],
    }
