"""The filters beside the lists of articles and topics. Each states its rule as a query."""

from django.contrib import admin
from django.db.models import Count, Q
from django.utils import timezone

from articles.models import Tag
from articles.workflow import State

TAGS_OFFERED = 30


class TagFilter(admin.SimpleListFilter):
    """The tags used most, and the one chosen, which the list of tags may have named."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request, model_admin):
        tags = Tag.objects.annotate(uses=Count(f"{model_admin.model._meta.model_name}_tags"))
        offered = [*tags.filter(uses__gt=0).order_by("-uses", "name")[:TAGS_OFFERED]]
        if self.value():
            offered += tags.filter(slug=self.value())
        return sorted({(tag.slug, tag.name) for tag in offered}, key=lambda choice: choice[1].casefold())

    def queryset(self, request, queryset):
        return queryset.filter(tags__slug=self.value()) if self.value() else queryset


class YesNoFilter(admin.SimpleListFilter):
    """Two answers, each with the condition that it puts on the list."""

    answers: dict[str, tuple[str, Q]]

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _) in self.answers.items()]

    def queryset(self, request, queryset):
        if self.value() in self.answers:
            return queryset.filter(self.answers[self.value()][1])
        return queryset


class StateFilter(admin.SimpleListFilter):
    """Without an answer the list leaves out what is in the archive."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        if self.value() in State.values:
            return queryset.filter(state=self.value())
        return queryset.filter(archived_at=None)


class ReadFilter(YesNoFilter):
    title = "patients read it"
    parameter_name = "live"
    answers = {"yes": ("Yes", Q(is_live=True)), "no": ("No", Q(is_live=False))}


class ReviewFilter(admin.SimpleListFilter):
    """Overdue is from the day after the review fell due, as the public page says it."""

    title = "review"
    parameter_name = "review"

    def lookups(self, request, model_admin):
        return [("never", "Never reviewed"), ("overdue", "Review overdue"), ("in-date", "Reviewed and in date")]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        if self.value() == "never":
            return queryset.filter(reviewed_on=None)
        if self.value() == "overdue":
            return queryset.filter(next_review_on__lt=today)
        if self.value() == "in-date":
            return queryset.filter(next_review_on__gte=today)
        return queryset


class WithdrawnFilter(YesNoFilter):
    title = "withdrawn"
    parameter_name = "withdrawn"
    answers = {"no": ("Not withdrawn", Q(is_withdrawn=False)), "yes": ("Withdrawn", Q(is_withdrawn=True))}


class DefinitionFilter(YesNoFilter):
    title = "definition"
    parameter_name = "definition"
    answers = {"no": ("No definition", Q(definition="")), "yes": ("With a definition", ~Q(definition=""))}
