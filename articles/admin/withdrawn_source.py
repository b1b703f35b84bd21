"""Sources that were withdrawn. Before one is put on the list the page says which pages cite it; with it each of them is asked
to be reviewed."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from articles import withdrawn_sources
from articles.admin.article import DAY_INPUT
from articles.admin.for_desk import ForTheDesk
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.robust import is_id
from articles.admin.typed_text import TypedText
from articles.models import ReviewRequest, WithdrawnSource
from articles.people import Person
from articles.permissions import USE
from articles.withdrawn_sources import OtherPages

FIELDS = ["doi", "pmid", "url", "what_happened", "withdrawn_on"]
WHAT_HAPPENED = WithdrawnSource._meta.get_field("what_happened")
OUTDATED = "Other pages cite this source now than when you looked. Look at the list below, then decide again."
SHOWN = 200  # pages in the list


class SourceForm(forms.ModelForm):
    what_happened = TypedText(
        max_length=WHAT_HAPPENED.max_length,
        help_text=WHAT_HAPPENED.help_text,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    class Meta:
        model = WithdrawnSource
        fields = FIELDS
        widgets = {
            **{name: forms.TextInput(attrs={"class": "vTextField"}) for name in ("doi", "pmid", "url")},
            "withdrawn_on": next(iter(DAY_INPUT.values()))["widget"],
        }

    def _post_clean(self):
        """Ask the verb what it would refuse, in place of Django's own check, which knows fewer rules."""
        for name in self._meta.fields:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])
        if not self.errors:
            try:
                withdrawn_sources.check(self.instance, at=timezone.now())
            except ValidationError as refusal:
                self.add_error(None, refusal)


@admin.register(WithdrawnSource)
class WithdrawnSourceAdmin(ForTheDesk, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["__str__", "what_happened", "withdrawn_on", "recorded_by"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["doi", "pmid", "url", "what_happened"]
    search_help_text = "Part of the DOI, the PubMed id, the address or what happened."
    fields = [*FIELDS, "recorded_at", "recorded_by"]
    actions = None

    def has_add_permission(self, request):
        return request.user.has_perm(USE)

    def has_delete_permission(self, request, obj=None):
        """One that was put on the list by mistake is taken off; the history of the pages keeps what was asked."""
        return request.user.has_perm(USE)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Withdrawn sources", **(extra_context or {})})

    def add_view(self, request, form_url="", extra_context=None):
        """First the source is named and the pages that cite it are shown; then it is put on the list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, status, cited_in = SourceForm(request.POST or None), 200, None
        if form.is_bound and form.is_valid():
            seen = {int(pk) for pk in request.POST.get("cited_in", "").split(",") if is_id(pk)}
            if "rehearsed" in request.POST:
                try:
                    return self._record(request, form.instance, seen)
                except (OtherPages, ValidationError):  # also when one of them was withdrawn in this moment
                    form.instance.pk, status = None, 409
                    form.add_error(None, OUTDATED)
            cited_in = withdrawn_sources.citing(form.instance, at=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "A source was withdrawn",
            "act": "Add",
            "form": form,
            "back": reverse("admin:articles_withdrawnsource_changelist"),
            "is_rehearsed": cited_in is not None,
            "cited_in": cited_in,
            "cited_ids": ",".join(str(edition.article_id) for edition in cited_in or []),
            "shown": (cited_in or [])[:SHOWN],
            "more": max(0, len(cited_in or []) - SHOWN),
        }
        return TemplateResponse(request, "admin/articles/withdrawnsource/add.html", context, status=status)

    def _record(self, request, source: WithdrawnSource, seen: set[int]):
        by = Person.of(request.user)
        asked = withdrawn_sources.record(source, at=timezone.now(), by=by, seen=seen)
        self.log_addition(request, source, "Withdrawn")
        number = f"{len(asked)} page{'' if len(asked) == 1 else 's'} cite{'s' if len(asked) == 1 else ''} it"
        said = f"“{source}” is on the list. {number}{', and a review of each is asked for' if asked else ''}."
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_withdrawnsource_change", args=[source.pk]))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            cited_in = withdrawn_sources.citing(obj, at=timezone.now())
            asked = ReviewRequest.objects.filter(key=withdrawn_sources.key_of(obj)).select_related("article")
            context |= {"cited_in": len(cited_in), "shown": cited_in[:SHOWN], "more": max(0, len(cited_in) - SHOWN)}
            context |= {
                "title": "Withdrawn source",
                "subtitle": None,
                "asked": asked.order_by("closed_at", "due_on", "pk")[:SHOWN],
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def delete_model(self, request, obj):
        closed = withdrawn_sources.take_off(obj, at=timezone.now(), by=Person.of(request.user))
        if closed:
            closed_in_words = "1 request for a review was" if closed == 1 else f"{closed} requests for a review were"
            self.message_user(request, f"{closed_in_words} closed with it.", messages.INFO)
