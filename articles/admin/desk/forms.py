"""What is asked before many pages change hands or days: to whom, or to when, and why."""

from django import forms
from django.contrib.auth.models import Group, User

from articles.admin.robust import is_id
from articles.admin.typed_text import TypedText
from articles.people import name_of


class OneOf(forms.ModelChoiceField):
    """A row by its id; what can't be an id gets the field's own message."""

    def to_python(self, value):
        if value not in self.empty_values and not is_id(str(value)):
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(value)[:20]}
            )
        return super().to_python(value)


class PersonField(OneOf):
    def label_from_instance(self, user):
        return name_of(user)


class NewOwnerForm(forms.Form):
    """To a person, a role or both; or to nobody, which is a choice of its own and not two empty fields."""

    owner = PersonField(
        User.objects.filter(is_active=True, is_staff=True).order_by("first_name", "last_name", "username"),
        required=False,
        label="Person",
        empty_label="Nobody in person",
        error_messages={"invalid_choice": "This account is closed, or there is none any more. Choose one of the list."},
    )
    role = OneOf(
        Group.objects.order_by("name"),
        required=False,
        label="Role",
        empty_label="No role",
        error_messages={"invalid_choice": "There is no such role any more. Choose one of the list."},
    )
    nobody = forms.BooleanField(
        required=False,
        label="Nobody",
        help_text="Takes the owner away. A page with neither a person nor a role stands on the list “No owner”.",
    )

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            somebody = cleaned["owner"] or cleaned["role"]
            if somebody and cleaned["nobody"]:
                raise forms.ValidationError("Choose a person or a role, or tick “Nobody”, but not both.")
            if not somebody and not cleaned["nobody"]:
                raise forms.ValidationError("Choose a person, a role, or both. Tick “Nobody” to take the owner away.")
        return cleaned


class AssignForm(NewOwnerForm):
    reason = TypedText(
        max_length=300,
        required=False,
        label="Reason",
        help_text="May stay empty. It stands in the audit trail, such as “Ana is on leave until March”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class MoveForm(forms.Form):
    to = forms.DateField(
        label="Next review due",
        help_text="Today or later, and no later than the policy of each page allows.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="It stands in the audit trail, such as “The new guideline comes out in March”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
