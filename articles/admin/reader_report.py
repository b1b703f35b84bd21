"""What readers say about pages. Staff ask for a review of the page, or say what was done instead."""

from django import forms
from django.contrib import admin
from django.db.models import F, Q
from django.utils import timezone
from django.utils.html import format_html

from articles import reader_reports
from articles.admin.acts import ActPage, ActViews, Deed
from articles.admin.article import DAY_INPUT
from articles.admin.filters import YesNoFilter
from articles.admin.for_desk import ForTheDesk
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.typed_text import TypedText
from articles.models import ReaderReport
from articles.permissions import USE
from articles.review_requests import ABOUT

NOTE = ReaderReport._meta.get_field("note").max_length


class StateFilter(YesNoFilter):
    title = "state"
    parameter_name = "state"
    answers = {"open": ("Open", Q(settled_at=None)), "settled": ("Settled", Q(settled_at__isnull=False))}


class SettleForm(forms.Form):
    note = TypedText(
        max_length=NOTE,
        label="What was done",
        help_text="Such as “The page says so under “Eating”; nothing to change”. The reader is not told.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class AskForm(forms.Form):
    about = TypedText(
        max_length=ABOUT,
        label="What the reviewer is to look at",
        help_text="Leave out what could tell who the reader is.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )
    due_on = forms.DateField(label="Wanted by", widget=next(iter(DAY_INPUT.values()))["widget"])

    def __init__(self, sent=None, *, report):
        super().__init__(sent, initial={"about": f"A reader reported: {report.words}"[:ABOUT]})


def settle(deed: Deed) -> str:
    note = deed.form.cleaned_data["note"]
    reader_reports.settle(deed.page, note=note, at=timezone.now(), by=deed.who)
    return f"Settled: {note}"


def ask(deed: Deed) -> str:
    reader_reports.ask_for_review(deed.page, **deed.form.cleaned_data, at=timezone.now(), by=deed.who)
    return "A review of the page is asked for"


def against_settling(request, report: ReaderReport) -> list[str]:
    return [f"{report.settled_by} has settled this report already: {report.note}"] if report.settled_at else []


def against_asking(request, report: ReaderReport) -> list[str]:
    if report.article is None:
        return ["This report is about no article, so there is nothing to review."]
    return against_settling(request, report)


@admin.register(ReaderReport)
class ReaderReportAdmin(ActViews, ForTheDesk, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["__str__", "start", "sent_on", "what_was_done"]
    list_filter = [StateFilter, "sort"]
    list_per_page = 50
    list_select_related = ["article"]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["path", "words"]
    search_help_text = "Part of the address, or words of the report."
    date_hierarchy = "sent_on"

    def acts(self):
        return {
            "ask": ActPage(
                "Ask for a review",
                USE,
                ask,
                form_class=AskForm,
                form_arguments=lambda report: {"report": report},
                against=against_asking,
            ),
            "settle": ActPage("Settle", USE, settle, form_class=SettleForm, against=against_settling),
        }

    def get_ordering(self, request):
        return [F("settled_at").desc(nulls_first=True), "sent_on", "pk"]

    def get_fieldsets(self, request, obj=None):
        became = ["settled_at", "settled_by", "note", *(["request"] if obj.request_id else [])]
        said = (None, {"fields": ["sort", "words", "page", "sent_on"]})
        return [said, ("What became of it", {"fields": became})] if obj.settled_at else [said]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "What readers say", **(extra_context or {})})

    @admin.display(description="page")
    def page(self, report):
        return format_html('<a href="{0}">{0}</a>', report.path) if report.path else "None in particular"

    @admin.display(description="in the reader’s words")
    def start(self, report):
        return report.words if len(report.words) <= 100 else f"{report.words[:99]}…"

    @admin.display(description="what was done")
    def what_was_done(self, report):
        return report.note or "Open"
