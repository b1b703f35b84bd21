"""What is asked before an article is published.

The publish view hands the article over, so that the form can say what the change looks like and ask for the note:
`PublishForm(data, article=article)`. Without one it asks the same, and publishing.publish() refuses what is missing.
"""

from django import forms
from django.utils.html import format_html

from articles.admin.typed_text import TypedText
from articles.comparing.warnings import Warning
from articles.models import Article, Edition
from articles.publishing import NOTE_MISSING, needs_note, proposed_change

SHOWN = 5  # words named of each sort; more would not be read


class PublishForm(forms.Form):
    """The kind of change has no choice made beforehand: a person decides, and the help text says what it looks like."""

    change = forms.ChoiceField(
        choices=Edition.Change.choices,
        widget=forms.RadioSelect,
        label="What kind of change is it?",
        help_text="A major change moves the date Updated to the day on which patients first read it, unless it is the "
        "first text or takes the place of sample text. A minor one never moves it.",
    )
    note = TypedText(
        max_length=300,
        required=False,
        label="Public note",
        help_text="What patients are told of the change, such as “New advice on eating before the test”. "
        "A major change of a published page needs one, unless the text before or after it is sample text.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, *args, article: Article | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.article = article
        if article and (said := what_it_looks_like(article)):
            field = self.fields["change"]
            field.help_text = format_html("{} {}", said, field.help_text)  # the admin prints help texts as HTML

    def clean(self):
        cleaned = super().clean()
        change, note = cleaned.get("change"), cleaned.get("note")
        if self.article and change and note == "" and needs_note(self.article, change):
            self.add_error("note", NOTE_MISSING)
        return cleaned


def what_it_looks_like(article: Article) -> str:
    """ "This looks like a major change: “5 mg” became “0.5 mg”." Nothing for the first edition: it changes nothing."""
    return proposal_in_words(*proposed_change(article))


def proposal_in_words(change: str, warnings: list[Warning]) -> str:
    if warnings:
        return f"This looks like a {change} change: {'; '.join(in_words(warning) for warning in warnings)}."
    if change == Edition.Change.MINOR:
        return "This looks like a minor change: no number, no “do not” and no word of urgency changed."
    return ""


def in_words(warning: Warning) -> str:
    gone, came = _named(warning.gone), _named(warning.came)
    if gone and came:
        return f"{gone} became {came}"
    return f"{gone} went" if gone else f"{came} came"


def _named(words: tuple[str, ...]) -> str:
    named = ", ".join(f"“{word}”" for word in words[:SHOWN])
    return f"{named} and {len(words) - SHOWN} more" if len(words) > SHOWN else named
