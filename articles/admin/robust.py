"""Admin lists that answer any address and any form with a page, never with a server error.

Stock Django hands query strings, ids and search terms to the database as they come. PostgreSQL refuses a NUL,
SQLite refuses a number of 20 digits or a pattern of 60,000 characters, and the reader gets a 500.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.http import HttpResponseRedirect

MAX_SEARCH = 200  # characters
MAX_PARAMETER = 500  # characters
MAX_ROWS = 500  # more would have more fields than a request may have (DATA_UPLOAD_MAX_NUMBER_FIELDS)


def searchable(term: str) -> str:
    """The part of any text that a database can look for."""
    return term.replace("\x00", "").strip()[:MAX_SEARCH]


def is_id(text: str) -> bool:
    """Whether the text can be the id of a row: a number that fits into 64 bits."""
    return text.isascii() and text.isdigit() and len(text) <= 18


class SeveralOf(forms.ModelMultipleChoiceField):
    """Several rows by their ids; what can't be an id gets the field's own message."""

    def _check_values(self, value):
        if isinstance(value, (list, tuple)) and (strange := [each for each in value if not is_id(str(each))]):
            raise forms.ValidationError(
                self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": strange[0][:20]}
            )
        return super()._check_values(value)


class OneOfIds(AutocompleteSelect):
    """Shows what was chosen before; what can't be an id was not."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        """Without the cross that empties the whole field: it stands in the list of choices, where no screen reader
        expects a button."""
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [pk for pk in value if is_id(str(pk))], attr)


class SeveralOfIds(OneOfIds, AutocompleteSelectMultiple):
    pass


class RowsInline(admin.StackedInline):
    """Rows below a page. A request that claims to have a million of them costs no more than one that has many."""

    extra = 0
    max_num = MAX_ROWS

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=MAX_ROWS, **kwargs)


class RobustLists:
    """Lists that survive any address. Put it before ModelAdmin in the bases."""

    def changelist_view(self, request, extra_context=None):
        if self._unreadable(request):
            return self._whole_list(request)
        try:
            return super().changelist_view(request, extra_context)
        except (ValueError, OverflowError):  # a day such as 31 December 9999, after which the calendar ends
            return self._whole_list(request)

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, searchable(search_term))

    def _unreadable(self, request) -> bool:
        parameters = [(name, value) for name, values in request.GET.lists() for value in values]
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return any(
            "\x00" in name + value or len(value) > MAX_PARAMETER for name, value in parameters if name != SEARCH_VAR
        ) or not all(is_id(pk) for pk in chosen)

    def _whole_list(self, request):
        self.message_user(request, "That address could not be read, so here is the whole list.", messages.WARNING)
        return HttpResponseRedirect(request.path)


class RobustAdmin(RobustLists):
    """The same, and forms whose choices survive any value."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without the icons that open a second window to add or change another page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        defaults = {"form_class": SeveralOf, "widget": SeveralOfIds(db_field, self.admin_site)}
        return super().formfield_for_manytomany(db_field, request, **{**defaults, **kwargs})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        defaults = {"widget": OneOfIds(db_field, self.admin_site)}
        return super().formfield_for_foreignkey(db_field, request, **{**defaults, **kwargs})
