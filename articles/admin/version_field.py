"""The version of an article that a form started from, on its way through the browser and back."""

from django import forms
from django.core.exceptions import ValidationError

UNKNOWN = (
    "It is not known which version of the article this form started from. Copy what you wrote, open the article "
    "again and put it in there; nothing was saved."
)


class VersionField(forms.IntegerField):
    """Whatever is wrong with it, an editor can do one thing about it."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), UNKNOWN)
        super().__init__(min_value=0, max_value=2**31 - 1, error_messages=messages, **kwargs)


def version_in(sent) -> int | None:
    """The version that a POST names; None when it names none that there can be."""
    try:
        return VersionField().clean(sent.get("version"))
    except ValidationError:
        return None
