"""Accounts and groups: what a clinician is, and what somebody may do, in words."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count
from django.forms.models import BaseInlineFormSet
from django.utils.html import format_html

from articles.admin.robust import RobustLists, SeveralOf
from articles.models import Profile
from articles.people import name_of

admin.site.unregister([User, Group])

# What people may do with a permission, in the words of those who give it.
IN_WORDS = {
    "view_article": "reads everything",
    "change_article": "writes articles and sends them for review",
    "sign_off_article": "signs off what others have written",
    "publish_article": "publishes, schedules, withdraws and archives",
    "publish_unsigned_article": "publishes in an emergency without a sign-off",
    "change_topic": "keeps the topics and tags",
    "add_review": "records reviews",
    "change_user": "manages accounts",
}


def what_it_may(group: Group) -> str:
    """ "reads everything, records reviews": what the people of a group may do, as its permissions are now."""
    granted = {permission.codename for permission in group.permissions.all()}
    said = [words for codename, words in IN_WORDS.items() if codename in granted]
    return ", ".join(said) or ("nothing of the editors’ work" if granted else "nothing yet")


class GroupsField(SeveralOf):
    def label_from_instance(self, group):
        return format_html("<strong>{}</strong>: {}", group.name, what_it_may(group))


class ProfileForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def clean(self):
        """Both or neither: under a sign-off the one says nothing without the other."""
        cleaned = super().clean()
        missing = [name for name in ("profession", "registration_number") if name in cleaned and not cleaned[name]]
        if len(missing) == 1:
            name = self.fields[missing[0]].label.lower()
            self.add_error(missing[0], f"Write the {name} too, or leave both empty. A sign-off names both.")
        return cleaned


class ProfileFormSet(BaseInlineFormSet):
    def _should_delete_form(self, form):
        """A profile that says nothing any more goes. The sign-offs under which it stands keep their own words."""
        return not (form.cleaned_data.get("profession") or form.cleaned_data.get("registration_number") or form.errors)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields.pop("DELETE", None)  # both fields are emptied instead


class ProfileInline(admin.StackedInline):
    model = Profile
    form = ProfileForm
    formset = ProfileFormSet
    verbose_name = "profession and registration"
    fields = [("profession", "registration_number")]

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, **{**kwargs, "can_delete": True})


@admin.register(User)
class AccountAdmin(RobustLists, UserAdmin):
    list_display = ["username", "full_name", "roles", "credential", "is_staff", "is_active"]
    list_select_related = ["profile"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["username", "first_name", "last_name", "email", "profile__registration_number"]
    search_help_text = "A name, an address for mail or a registration number."
    filter_horizontal = ["user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Who it is", {"fields": [("first_name", "last_name"), "email"]}),
        (
            "What they may do",
            {
                "fields": ["is_active", "is_staff", "groups"],
                "description": "Everybody who works in this admin is staff and in at least one group. Who signs off "
                "needs a profession and a registration number as well: they stand at the end of this page.",
            },
        ),
        ("Beyond the groups", {"fields": ["is_superuser", "user_permissions"], "classes": ["collapse"]}),
        ("Dates", {"fields": [("last_login", "date_joined")], "classes": ["facts"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_inlines(self, request, obj):
        return [ProfileInline] if obj else []

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Groups are made on their own page: without the icon that opens a second window for it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.widget = field.widget.widget
        return field

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name == "groups":
            groups = Group.objects.prefetch_related("permissions").order_by("name")
            kwargs |= {"form_class": GroupsField, "widget": forms.CheckboxSelectMultiple, "queryset": groups}
        return super().formfield_for_manytomany(db_field, request, **{"form_class": SeveralOf, **kwargs})

    def get_readonly_fields(self, request, obj=None):
        """Only who may do everything can give that away."""
        return [*self.readonly_fields, *([] if request.user.is_superuser else ["is_superuser"])]

    def has_change_permission(self, request, obj=None):
        """Whoever sets the password of an account can sign in with it."""
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not beyond

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user):
        return name_of(user)

    @admin.display(description="groups")
    def roles(self, user):
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="profession and registration", ordering="profile__profession")
    def credential(self, user):
        return str(user.profile) if hasattr(user, "profile") else None


@admin.register(Group)
class RoleAdmin(RobustLists, GroupAdmin):
    list_display = ["name", "may", "people"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request):
        groups = super().get_queryset(request).annotate(people_count=Count("user"))
        return groups.prefetch_related("permissions")

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, **{"form_class": SeveralOf, **kwargs})

    @admin.display(description="what its people may do")
    def may(self, group):
        return what_it_may(group)

    @admin.display(ordering="people_count")
    def people(self, group):
        return group.people_count
