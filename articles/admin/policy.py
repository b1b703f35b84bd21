"""Policies and risk classes, and the page on which changed policies are rehearsed and then applied to the pages there are."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from articles import policies, spreadsheets
from articles.admin.robust import OneOfIds, RobustAdmin
from articles.admin.typed_text import TypedText
from articles.models import Article, Policy, RiskClass
from articles.models.policy import LONGEST
from articles.people import Person
from articles.permissions import PLAN
from articles.policies import PolicyChange, RehearsalOutdated

SHOWN = 200  # changed pages in the table of a rehearsal; the file has all
COLUMNS = ["Page", "Address", "Policy before", "Policy after", "Due before", "Due after"]
OUTDATED = "Policies or pages have changed since you opened this page. Look at what changes now, then decide again."
TARGETS = ["kind", "tag", "risk_class", "article"]
WHOLE_NUMBER = "Write a whole number of {}, in digits, such as {}."


class WhyForm(forms.Form):
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="It stays in the history of each page that changes, such as “Hospital rule 12 is in force”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "Say why. The reason stays in the history of each page that changes."},
    )


def shown_of(found: list[PolicyChange]) -> dict:
    """What the templates show of a rehearsal, and the digest that its form sends back."""
    more = len(found) - SHOWN
    return {
        "changes": found[:SHOWN],
        "summary": in_a_sentence(found),
        "more": f"{more:,}" if more > 0 else "",
        "digest": policies.digest(found),
    }


def in_a_sentence(found: list[PolicyChange]) -> str:
    """ "256 pages change: 214 become overdue, 30 fall due sooner, 2 lose their policy."; empty when none does.

    A page that becomes overdue is one of those that fall due sooner.
    """
    if not found:
        return ""
    numbers = policies.in_numbers(found, today=timezone.localdate())
    words = {
        "overdue": ("becomes overdue", "become overdue"),
        "sooner": ("falls due sooner", "fall due sooner"),
        "later": ("falls due later", "fall due later"),
        "new": ("had no policy and gets one", "had no policy and get one"),
        "lost": ("loses its policy", "lose their policy"),
    }
    said = [f"{numbers[name]:,} {word[numbers[name] != 1]}" for name, word in words.items() if numbers[name]]
    pages = "1 page changes" if len(found) == 1 else f"{len(found):,} pages change"
    return f"{pages}: {', '.join(said) or 'the wording of the policy or the banner, and no date'}."


class LeadsToRehearsal:
    """After something was saved or deleted on which policies depend, the rehearsal is shown to whoever may apply it."""

    actions = None  # deleted one by one: each leads to the rehearsal

    def response_post_save_add(self, request, obj):
        return self._rehearsal(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request, obj):
        return self._rehearsal(request) or super().response_post_save_change(request, obj)

    def response_delete(self, request, obj_display, obj_id):
        response = super().response_delete(request, obj_display, obj_id)
        return self._rehearsal(request) or response

    def _rehearsal(self, request):
        may = request.user.has_perm(PLAN)
        return HttpResponseRedirect(reverse("admin:articles_policy_apply")) if may else None


class Clearable(OneOfIds):
    """With the cross that takes the choice back: of four targets only one may be chosen."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "true"}


class PolicyForm(forms.ModelForm):
    class Meta:
        error_messages = {
            "months": {
                "invalid": WHOLE_NUMBER.format("months", f"24. At least 1, at most {LONGEST}"),
                "required": "Say after how many months a page is reviewed again.",
                "min_value": "A page needs at least one month between reviews.",
            },
            "banner_after_days": {"invalid": WHOLE_NUMBER.format("days", "90")},
            "reason": {"required": "Say why. Whoever asks about a date reads it."},
        }


@admin.register(Policy)
class PolicyAdmin(LeadsToRehearsal, RobustAdmin, admin.ModelAdmin):
    form = PolicyForm
    list_display = ["__str__", "banner_after_days", "reason"]
    list_select_related = ["tag", "risk_class"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (
            "For which pages",
            {"fields": TARGETS, "description": "Choose one of the four and leave the others empty."},
        ),
        ("How often", {"fields": ["months", "banner_after_days", "reason"]}),
    ]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        widget = forms.Select() if db_field.name == "risk_class" else Clearable(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **{"widget": widget, **kwargs})

    def get_urls(self):
        view = self.admin_site.admin_view(self.apply_view)
        return [path("apply/", view, name="articles_policy_apply"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        behind = in_a_sentence(policies.changes())
        return super().changelist_view(request, {"title": "Policies", "behind": behind, **(extra_context or {})})

    def apply_view(self, request):
        """Show what applying the policies would do, as a page or as a file, or do what was shown."""
        if not request.user.has_perm(PLAN):
            raise PermissionDenied
        found = policies.changes()
        if request.method == "GET" and request.GET.get("as") == "csv":
            return self._file(found)
        form, status = WhyForm(request.POST if request.method == "POST" else None), 200
        if form.is_bound:
            rehearsed = request.POST.get("digest", "")
            if rehearsed != policies.digest(found):
                status = 409
            elif form.is_valid():
                try:
                    done = policies.apply(
                        at=timezone.now(), by=Person.of(request.user), rehearsed=rehearsed, **form.cleaned_data
                    )
                except RehearsalOutdated:
                    found, status = policies.changes(), 409
                else:
                    said = f"The policies are applied. {in_a_sentence(done) or 'No page had to change.'}"
                    self.message_user(request, said, messages.SUCCESS)
                    return HttpResponseRedirect(reverse("admin:articles_policy_changelist"))
        if status == 409:
            form.add_error(None, OUTDATED)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Apply the policies",
            "act": "Apply the policies",
            "form": form,
            "back": reverse("admin:articles_policy_changelist"),
            **shown_of(found),
        }
        return TemplateResponse(request, "admin/articles/policy/apply.html", context, status=status)

    def _file(self, found: list[PolicyChange]):
        paths = {
            pk: Article.path_of(slug, language)
            for pk, slug, language in Article.objects.values_list("pk", "slug", "language")
        }
        rows = [
            [
                change.title,
                paths[change.article],
                change.policy_before,
                change.policy_after,
                change.due_before,
                change.due_after,
            ]
            for change in found
        ]
        title = "What the policies change"
        return spreadsheets.download(COLUMNS, rows, form="csv", title=title, made_at=timezone.now())


@admin.register(RiskClass)
class RiskClassAdmin(LeadsToRehearsal, RobustAdmin, admin.ModelAdmin):
    list_display = ["name", "description"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    fields = ["name", "description"]

    def has_delete_permission(self, request, obj=None):
        """One that pages have stays: without it they would lose their policy, and nobody would know why."""
        return super().has_delete_permission(request, obj) and not (obj and obj.articles.exists())
