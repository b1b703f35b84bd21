"""Reasons and notes: text that one person types and others read, some of them patients."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError

UNSHOWN = "The text holds a character that no screen shows, as pasted text sometimes does. Type it again here."


class TypedText(forms.CharField):
    """On one line unless the field offers more. Blanks and invisible characters alone are nothing: a reason has words."""

    def to_python(self, value):
        text = super().to_python(value)
        if not isinstance(self.widget, forms.Textarea):
            text = " ".join(text.split())
        return text if any(unicodedata.category(character)[0] not in "ZC" for character in text) else ""

    def validate(self, value):
        super().validate(value)
        if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in value):
            raise ValidationError(UNSHOWN)
