"""Topics. A topic is public as it is saved, so only those who may publish write one."""

from django.contrib import admin
from django.template.defaultfilters import truncatewords
from django.utils import timezone

from articles import auditing
from articles.admin.acts import TOPIC_ACTS, ActViews
from articles.admin.filters import DefinitionFilter, TagFilter, WithdrawnFilter
from articles.admin.page import OneParagraph, PageForm, originals_for
from articles.admin.robust import RobustAdmin, RowsInline, is_id
from articles.models import AuditEntry, OtherName, Topic, TopicCode
from articles.people import Person
from articles.workflow import PUBLISH


class OtherNameInline(RowsInline):
    model = OtherName
    fields = ["name"]


class CodeInline(RowsInline):
    model = TopicCode
    fields = [("system", "code")]


@admin.register(Topic)
class TopicAdmin(ActViews, RobustAdmin, admin.ModelAdmin):
    form = PageForm
    inlines = [OtherNameInline, CodeInline]
    list_display = ["title", "kind", "kind_settled", "short_definition", "withdrawn"]
    list_filter = ["kind", "language", "kind_settled", WithdrawnFilter, DefinitionFilter, TagFilter]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title", "other_names__name"]
    search_help_text = "Words of the title or of another name."
    fields = ["title", ("kind", "kind_settled"), "definition", "source", "slug", "tags", "is_sample"]
    fields += [("language", "translation_of")]
    autocomplete_fields = ["translation_of"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "definition":
            kwargs |= {"form_class": OneParagraph, "widget": OneParagraph.widget}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """What the topic said before a save is asked before the form is bound: binding changes the object."""
        before = (
            Topic.objects.filter(pk=object_id).first() if request.method == "POST" and is_id(str(object_id)) else None
        )
        request.topic_before = auditing.topic_facts(before) if before else {}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request, form, formsets, change):
        """A topic is public as saved, so every change of it is kept: who, when, and what it said before."""
        super().save_related(request, form, formsets, change)
        topic = Topic.objects.get(pk=form.instance.pk)
        after = auditing.topic_facts(topic)
        if after != request.topic_before:
            by = Person.of(request.user)
            before = request.topic_before
            auditing.record(topic, AuditEntry.Action.SAVED, at=timezone.now(), by=by, before=before, after=after)

    def acts(self):
        return TOPIC_ACTS

    def get_readonly_fields(self, request, obj=None):
        """A topic is public as it is saved, and its address says the language."""
        return ["language"] if obj else []

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, originals_for(request, queryset), search_term)

    def get_queryset(self, request):
        return super().get_queryset(request).with_is_withdrawn(at=timezone.now())

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.user.has_perm(PUBLISH)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and request.user.has_perm(PUBLISH)

    def has_delete_permission(self, request, obj=None):
        return False  # a topic that patients should not see is withdrawn; its address then says why

    def view_on_site(self, topic):
        return None if topic.is_withdrawn else topic.get_absolute_url()

    @admin.display(description="definition")
    def short_definition(self, topic):
        return truncatewords(topic.definition, 12) or "none yet"

    @admin.display(description="withdrawn", boolean=True, ordering="is_withdrawn")
    def withdrawn(self, topic):
        return topic.is_withdrawn
