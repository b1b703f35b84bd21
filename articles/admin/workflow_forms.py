"""What is asked on the pages of the workflow. Each form belongs to one verb of articles/workflow/."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.admin.publish_form import PublishForm
from articles.admin.typed_text import TypedText

FURTHEST = timedelta(days=5 * 365)  # a later moment is a slip of the finger
CLOCKS_CHANGE = "The clocks are changed then, so that time comes twice or not at all. Choose another hour."
LINES = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
LINE = forms.TextInput(attrs={"class": "vTextField"})


class MomentField(forms.DateTimeField):
    """A moment by the clocks of the site, in the next five years. Nothing is filled in: a date is the result of an act."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def __init__(self, **kwargs):
        by_the_clocks = f"By the clocks of {timezone.get_default_timezone_name()}."
        messages = {"invalid": "Write a day and a time, such as 2026-11-30 09:00."}
        super().__init__(**{"help_text": by_the_clocks, "error_messages": messages, **kwargs})

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError as problem:
            raise ValidationError(CLOCKS_CHANGE) if problem.code == "ambiguous_timezone" else problem from None

    def clean(self, value):
        moment = super().clean(value)
        if moment > timezone.now() + FURTHEST:
            raise ValidationError("That is more than five years ahead. Check the year.")
        return moment


class SubmitForm(forms.Form):
    note = TypedText(
        required=False,
        max_length=2_000,
        label="Note for the reviewer",
        help_text="What you changed and why, and what to look at twice. May stay empty.",
        widget=LINES,
    )


class AskChangesForm(forms.Form):
    note = TypedText(
        max_length=2_000,
        label="What should change",
        help_text="The writers read it above the article until they send the text again.",
        widget=LINES,
    )


class SignOffForm(forms.Form):
    attested = forms.BooleanField(
        label="I have read this text as it stands below. It is correct, and I wrote none of it.",
        error_messages={"required": "Tick the box when you have read the text. Otherwise ask for changes."},
    )
    note = TypedText(
        required=False,
        max_length=2_000,
        label="Note",
        help_text="Such as what you checked it against. Staff and inspectors read it; patients don’t.",
        widget=LINES,
    )


class ScheduleForm(PublishForm):
    live_at = MomentField(label="Patients read it from")
    field_order = ["live_at", "change", "note"]


class EmergencyForm(PublishForm):
    reason = TypedText(
        max_length=300,
        label="Why patients can’t wait for a sign-off",
        help_text="It stands in the records. The edition stays in a queue until somebody else has signed it off.",
        widget=LINE,
    )
    field_order = ["reason", "change", "note"]


class EndForm(forms.Form):
    ends_at = MomentField(label="Patients read it until")
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="Patients who open the page’s address after that read it, such as “The vaccination campaign is over.”",
        widget=LINE,
    )


class ArchiveForm(forms.Form):
    reason = TypedText(max_length=300, label="Reason", help_text="For colleagues. Patients don’t read it.", widget=LINE)
