"""Requests for a review out of the cycle: asked for by an event or by staff, answered by a review or closed with a reason."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from articles import review_requests
from articles.admin.acts import ActPage, ActViews, Deed
from articles.admin.article import DAY_INPUT
from articles.admin.filters import YesNoFilter
from articles.admin.for_desk import ForTheDesk
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.typed_text import TypedText
from articles.models import ReviewRequest
from articles.people import Person
from articles.permissions import USE
from articles.review_requests import ABOUT, BECAUSE, BY_HAND, LONGEST


class StateFilter(YesNoFilter):
    title = "state"
    parameter_name = "state"
    answers = {"open": ("Open", Q(closed_at=None)), "closed": ("Closed", Q(closed_at__isnull=False))}


class LateFilter(admin.SimpleListFilter):
    title = "late"
    parameter_name = "late"

    def lookups(self, request, model_admin):
        return [("yes", "Open, and wanted before today")]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(closed_at=None, due_on__lt=timezone.localdate())
        return queryset


class RequestForm(forms.ModelForm):
    cause = forms.ChoiceField(choices=[(cause.value, cause.label) for cause in BY_HAND], label="Reason")
    about = TypedText(
        label="What happened",
        max_length=ABOUT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="In the words of whoever said it, without the name of a patient, such as “A reader found that the "
        "telephone number of the helpline is wrong”.",
    )

    def clean(self):
        """Ask the verb what it would refuse, so that it stands at its field."""
        cleaned = super().clean()
        if not self.errors:
            try:
                review_requests.check(
                    cleaned["article"], about=cleaned["about"], due_on=cleaned["due_on"], at=timezone.now()
                )
            except ValidationError as refusal:
                self.add_error(None, refusal)
        return cleaned


class WhyClosedForm(forms.Form):
    reason = TypedText(
        max_length=BECAUSE,
        label="Why no review is needed",
        help_text="It stays with the request and in the history of the page, such as “The helpline confirmed the number”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


def close(deed: Deed) -> str:
    because = deed.form.cleaned_data["reason"]
    review_requests.close(deed.page, because=because, at=timezone.now(), by=deed.who)
    return f"Closed without a review: {because}"


def against_closing(request, asked: ReviewRequest) -> list[str]:
    why = review_requests.why_not_closed(asked, Person.of(request.user))
    return [why] if why else []


@admin.register(ReviewRequest)
class ReviewRequestAdmin(ActViews, ForTheDesk, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["page", "due", "about", "cause"]
    list_display_links = ["page", "about"]
    list_filter = [StateFilter, LateFilter, "cause"]
    list_select_related = ["article"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["article__title", "about"]
    search_help_text = "Words of the article’s title or of what happened."
    formfield_overrides = DAY_INPUT

    def acts(self):
        return {
            "close": ActPage(
                "Close without a review",
                USE,
                close,
                "reviewrequest/close",
                form_class=WhyClosedForm,
                against=against_closing,
            )
        }

    def get_ordering(self, request):
        return [F("closed_at").desc(nulls_first=True), "due_on", "pk"]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["article", "cause", "about", "due_on"]})]
        asked = ["article", "cause", "about", "opened_on", "opened_by", "due_on"]
        became = ["closed_at", "closed_by", "closed_because" if obj.review_id is None else "review"]
        return [(None, {"fields": asked}), *([("What became of it", {"fields": became})] if obj.closed_at else [])]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        help_texts = {
            "article": "A published one.",
            "due_on": f"Today or later, and within {LONGEST} months. It moves no date that patients see.",
        }
        return super().get_form(request, obj, change, form=RequestForm, help_texts=help_texts, **kwargs)

    def has_add_permission(self, request):
        return request.user.has_perm(USE)

    def save_model(self, request, obj, form, change):
        by = Person.of(request.user)
        obj.pk = review_requests.ask_by_hand(**form.cleaned_data, at=timezone.now(), by=by).pk

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Extra reviews asked for", **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if add:
            context |= {"title": "Ask for a review", "show_save_and_continue": False}
        elif obj is not None:
            address = f"{reverse('admin:articles_review_add')}?article={obj.article_id}&request={obj.pk}"
            why = review_requests.why_not(obj, Person.of(request.user))
            may = request.user.has_perm("articles.add_review") and not why
            context |= {
                "title": f"Request for a review of “{obj.article}”",
                "subtitle": None,
                "record": address if may else "",
                "why": why,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="article", ordering="article__title")
    def page(self, asked):
        """As text, so that long titles wrap: a foreign key keeps to one line."""
        return asked.article.title

    @admin.display(description="wanted by", ordering="due_on")
    def due(self, asked):
        if asked.closed_at:
            return "Answered by a review" if asked.review_id else "Closed without one"
        if asked.due_on < timezone.localdate():
            return format_html('<strong class="went-wrong">{}, late</strong>', date_format(asked.due_on))
        return asked.due_on
