"""Editions: what patients read, and have read. To look at only, but for the sign-off that one of them still needs."""

from datetime import datetime

from django.contrib import admin
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.html import format_html

from articles import workflow
from articles.admin.acts import ActPage, ActViews, Deed
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.workflow_forms import SignOffForm
from articles.comparing.comparison import compare
from articles.dates import in_words
from articles.models import Edition, WorkflowStep
from articles.people import Person
from articles.workflow import SIGN_OFF

WAITING = "waiting"


class SignOffFilter(admin.SimpleListFilter):
    """Each edition has one answer, whatever became of it."""

    title = "sign-off"
    parameter_name = "sign_off"

    def lookups(self, request, model_admin):
        return [
            ("before", "Signed off before publication"),
            ("afterwards", "Signed off afterwards"),
            (WAITING, "Published without, waiting for a sign-off"),
            ("sample", "Sample text, without"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "before":
            return queryset.exclude(sign_off=None)
        if self.value() == "afterwards":
            return queryset.exclude(signed_off_afterwards=None)
        if self.value() == WAITING:
            return queryset.awaiting_sign_off()
        if self.value() == "sample":
            return queryset.filter(is_sample=True, sign_off=None, signed_off_afterwards=None)
        return queryset


def share_in_words(*, at: datetime) -> str:
    """ "3 of 120 editions were published without a sign-off (3%); 2 are waiting for one." Sample text is not counted:
    its page says that nobody has checked it."""
    begun = Edition.objects.not_cancelled().filter(published_at__lte=at, is_sample=False)
    counts = begun.aggregate(all=Count("pk"), without=Count("pk", filter=Q(sign_off=None)))
    number, without = counts["all"], counts["without"]
    if not number:
        return "No edition but sample text has been published yet."
    waiting = Edition.objects.awaiting_sign_off().count()
    percent = "under 1" if 0 < without / number < 0.01 else round(100 * without / number)
    return format_html(
        '{} of {} edition{} {} published without a sign-off ({}%); <a href="?sign_off={}">{} waiting for one</a>.',
        without,
        number,
        "" if number == 1 else "s",
        "was" if without == 1 else "were",
        percent,
        WAITING,
        "none is" if not waiting else "1 is" if waiting == 1 else f"{waiting} are",
    )


def sign_off_afterwards(deed: Deed) -> str:
    note = deed.form.cleaned_data["note"]
    step = workflow.sign_off_afterwards(deed.page, by=deed.request.user, at=timezone.now(), note=note)
    return f"Signed off afterwards by {step.by}, {step.credential}"


def shown_of_edition(request, edition: Edition) -> dict:
    """The text that is asked about, as the difference from the last edition before it that was signed off."""
    earlier = edition.article.editions.not_cancelled().signed_off().filter(number__lt=edition.number)
    before = earlier.order_by("-number").first()
    publisher = Person(edition.published_by, edition.published_by_account)
    return {
        "before": before,
        "comparison": compare(before and before.content, edition.content),
        "writers": workflow.writers(edition.article, of=edition),
        "publisher": publisher,
    }


EDITION_ACTS = {
    "sign-off": ActPage(
        "Sign off",
        SIGN_OFF,
        sign_off_afterwards,
        "edition/sign_off",
        SignOffForm,
        against=lambda request, edition: workflow.refusals_afterwards(edition, by=request.user),
        shown=shown_of_edition,
    )
}


@admin.register(Edition)
class EditionAdmin(ActViews, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["title", "number", "size_of_change", "read_from", "published_by", "sign_off_or_why_none"]
    list_filter = [SignOffFilter, "change", "kind"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    ordering = ["-published_at", "-id"]
    date_hierarchy = "published_at"
    search_fields = ["title"]
    search_help_text = "Words of the title."
    view_on_site = False
    fieldsets = [
        (
            None,
            {"fields": ["article", ("number", "version"), "title", "deck", ("kind", "is_sample"), ("change", "note")]},
        ),
        ("Sign-off", {"fields": ["sign_off_in_words", "signed_off_at", "sign_off_note", "bypass_reason"]}),
        (
            "What patients see",
            {
                "fields": [("read_from", "published_by"), ("published_on", "published_on_is_stated", "updated_on")],
                "classes": ["facts"],
            },
        ),
    ]

    def get_queryset(self, request):
        beside = ("article", "sign_off", "signed_off_afterwards", "scheduled_act")
        return super().get_queryset(request).select_related(*beside).defer("content")

    def acts(self):
        return EDITION_ACTS

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"share": share_in_words(at=timezone.now()), **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Above an edition of the queue stands how to sign it off, or why this person can't."""
        if obj is not None and Edition.objects.awaiting_sign_off().filter(pk=obj.pk).exists():
            context |= {"waits": True, "refusals": workflow.refusals_afterwards(obj, by=request.user)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="patients read it from", ordering="published_at")
    def read_from(self, edition):
        act = getattr(edition, "scheduled_act", None)
        if act is not None and act.cancelled_at:
            return f"never: called off {in_words(act.cancelled_at)}"
        return in_words(edition.published_at).removeprefix("on ")

    @admin.display(description="change", ordering="change")
    def size_of_change(self, edition):
        return edition.get_change_display().partition(":")[0]

    @admin.display(description="sign-off")
    def sign_off_or_why_none(self, edition):
        said = self.sign_off_in_words(edition)
        waits = step_of(edition) is None and not edition.is_sample
        return f"{said} ({edition.bypass_reason.rstrip('.')})" if waits else said

    @admin.display(description="sign-off")
    def sign_off_in_words(self, edition):
        step = step_of(edition)
        if step is None:
            return "none: sample text" if edition.is_sample else "none: waiting for one"
        afterwards = "" if edition.sign_off_id else "afterwards: "
        return f"{afterwards}{step.by}, {step.credential}"

    @admin.display(description="signed off")
    def signed_off_at(self, edition):
        step = step_of(edition)
        return in_words(step.at) if step else "not yet"

    @admin.display(description="note of the sign-off")
    def sign_off_note(self, edition):
        step = step_of(edition)
        return (step.note if step else "") or "none"


def step_of(edition: Edition) -> WorkflowStep | None:
    """The sign-off of an edition, given before it was published or afterwards."""
    return edition.sign_off or getattr(edition, "signed_off_afterwards", None)
