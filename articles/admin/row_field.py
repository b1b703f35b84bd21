"""Which stored row a form of a formset is about."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseModelFormSet


class RowField(forms.ModelChoiceField):
    """Finds the row among those that the formset has read for all of its forms; Django's own field reads each again."""

    def __init__(self, formset: BaseModelFormSet, **kwargs):
        super().__init__(formset.get_queryset(), required=False, widget=forms.HiddenInput, **kwargs)
        self.formset = formset

    def to_python(self, value):
        if value in self.empty_values:
            return None
        for row in self.formset.get_queryset():
            if str(row.pk) == str(value):
                return row
        raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
