"""The schedule: what takes effect by itself, when, and what the job could not do. To look at only: an edition is called
off on the page of its article."""

from datetime import datetime

from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.html import format_html

from articles.admin.ledger import ReadOnlyAdmin
from articles.dates import in_words
from articles.models import ScheduledAct
from articles.models.scheduled_act import LATE_AFTER


class ActState(models.TextChoices):
    WAITS = "waits", "Waits"
    DUE = "due", "Due, the next run carries it out"
    LATE = "late", "Late"
    FAILED = "failed", "Failed"
    DONE = "done", "Carried out"
    DROPPED = "dropped", "Dropped"
    CALLED_OFF = "called-off", "Called off"


def in_state(acts: models.QuerySet, state: ActState, *, at: datetime) -> models.QuerySet:
    """Those of which `state_of` says this."""
    in_order = acts.filter(error="")
    return {
        ActState.WAITS: in_order.waiting(at=at),
        ActState.DUE: in_order.due(at=at).filter(due_at__gt=at - LATE_AFTER),
        ActState.LATE: in_order.late(at=at),
        ActState.FAILED: acts.failed(),
        ActState.DONE: in_order.standing().filter(done_at__isnull=False),
        ActState.DROPPED: acts.standing().filter(done_at__isnull=False).exclude(error=""),
        ActState.CALLED_OFF: acts.filter(cancelled_at__isnull=False),
    }[state]


def state_of(act: ScheduledAct, *, at: datetime) -> ActState:
    if act.cancelled_at:
        return ActState.CALLED_OFF
    if act.done_at:
        return ActState.DROPPED if act.error else ActState.DONE
    if act.error:
        return ActState.FAILED
    if act.due_at > at:
        return ActState.WAITS
    return ActState.DUE if act.due_at > at - LATE_AFTER else ActState.LATE


class ActStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return ActState.choices

    def queryset(self, request, queryset):
        if self.value() in ActState.values:
            return in_state(queryset, ActState(self.value()), at=timezone.now())
        return queryset


@admin.register(ScheduledAct)
class ScheduledActAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["article", "what", "due_at", "made_by", "state_in_words"]
    list_filter = [ActStateFilter]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-due_at", "-id"]
    search_fields = ["article__title"]
    search_help_text = "Words of the article’s title."
    fields = ["article", "what", "due_at", ("made_at", "made_by"), "state_in_words", "attempts"]

    def get_queryset(self, request):
        acts = super().get_queryset(request).select_related("article", "edition", "withdrawal")
        return acts.defer("edition__content")

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Schedule", **(extra_context or {})})

    @admin.display(description="what", ordering="edition")
    def what(self, act):
        return f"{act.what}: {act.withdrawal.reason}" if act.withdrawal_id else act.what

    @admin.display(description="state")
    def state_in_words(self, act):
        state = state_of(act, at=timezone.now())
        if state == ActState.FAILED:
            return format_html('<strong class="went-wrong">Failed: {}</strong>', act.error)
        if state == ActState.LATE:
            return format_html('<strong class="went-wrong">{}</strong>', state.label)
        moment = act.cancelled_at or act.done_at
        said = f"{state.label} {in_words(moment)}" if moment else state.label
        return f"{said}: {act.error}" if state == ActState.DROPPED else said
