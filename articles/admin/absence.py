"""Absences: everybody who uses the review desk keeps their own, and whoever plans the reviews keeps all of them."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone

from articles.admin.desk.forms import PersonField
from articles.admin.robust import RobustAdmin
from articles.models import Absence
from articles.people import name_of
from articles.permissions import PLAN, USE
from articles.reminders import absences
from articles.workflow import who_may

WHAT_IT_DOES = (
    "From the first day to the last, both included, the deputy gets the reminders of whoever is away. The pages stay "
    "whose they are."
)
NOT_ON_THE_DESK = "This account is closed, or may not use the review desk. Choose somebody of the list."


class AbsenceForm(forms.ModelForm):
    class Meta:
        widgets = dict.fromkeys(["from_on", "until_on"], forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        error_messages = {
            "user": {"invalid_choice": NOT_ON_THE_DESK},
            "from_on": {"required": "Write the first day away."},
            "until_on": {"required": "Write the last day away."},
            "deputy": {"required": "Choose who looks after the pages meanwhile.", "invalid_choice": NOT_ON_THE_DESK},
        }

    def clean(self):
        """The sentences of articles/reminders/absences.py, each beside its field."""
        cleaned = super().clean()
        if not self.errors:
            typed = Absence(pk=self.instance.pk, **{name: cleaned[name] for name in self.fields})
            for name, sentence in absences.problems(typed, today=timezone.localdate()).items():
                self.add_error(name, sentence)
        return cleaned


@admin.register(Absence)
class AbsenceAdmin(RobustAdmin, admin.ModelAdmin):
    form = AbsenceForm
    change_list_template = "admin/review_desk/change_list.html"
    list_display = ["who", "from_on", "until_on", "deputy_name"]
    list_select_related = ["user", "deputy"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-until_on", "-pk"]
    search_fields = [f"{who}__{name}" for who in ("user", "deputy") for name in ("first_name", "last_name", "username")]
    search_help_text = "Part of the name of who is away, or of the deputy."
    readonly_fields = ["who", "deputy_name"]
    actions = None  # each is somebody's own

    def has_module_permission(self, request):
        return request.user.has_perm(USE)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(USE)

    def has_add_permission(self, request):
        return request.user.has_perm(USE)

    def has_change_permission(self, request, obj=None):
        own = obj is None or obj.user_id == request.user.pk
        return request.user.has_perm(USE) and (own or request.user.has_perm(PLAN))

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Who is away", **(extra_context or {})})

    def get_fieldsets(self, request, obj=None):
        """Names for who may only look."""
        may_change = obj is None or self.has_change_permission(request, obj)
        people = ("user", "deputy") if may_change else ("who", "deputy_name")
        return [(None, {"fields": [people[0], "from_on", "until_on", people[1]], "description": WHAT_IT_DOES})]

    def get_changeform_initial_data(self, request):
        return {"user": request.user.pk}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """People who can be chosen; whoever doesn't plan the reviews is away him- or herself."""
        people = who_may(USE)
        if db_field.name == "user" and not request.user.has_perm(PLAN):
            people = people.filter(pk=request.user.pk)
        defaults = {"form_class": PersonField, "queryset": people, "widget": forms.Select}
        return super().formfield_for_foreignkey(db_field, request, **{**defaults, **kwargs})

    def save_model(self, request, absence, form, change):
        super().save_model(request, absence, form, change)
        if sentence := absences.warning(absence):
            self.message_user(request, sentence, messages.WARNING)

    @admin.display(description="who is away", ordering="user__last_name")
    def who(self, absence):
        return name_of(absence.user)

    @admin.display(description="deputy", ordering="deputy__last_name")
    def deputy_name(self, absence):
        return name_of(absence.deputy)
