"""The acts that can be done to many articles at once, and what each asks.

A sign-off is not among them: nobody signs clinical text off by the dozen.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.html import format_html

from articles import workflow
from articles.admin.acts import NothingToAsk, ReasonForm
from articles.admin.publish_form import PublishForm
from articles.admin.workflow_forms import ArchiveForm, MomentField, SubmitForm
from articles.models import Article, Edition
from articles.workflow import Act


class MomentForm(forms.Form):
    live_at = MomentField(label="Patients read them from")


class ChangeForm(PublishForm):
    """What is asked before one of many articles is published. The labels name it, for those who hear the page; what the
    change looks like stands above the form, where the page has compared the texts already."""

    change = forms.ChoiceField(
        choices=Edition.Change.choices,
        widget=forms.RadioSelect,
        label="What kind of change is it?",
        error_messages={"required": "Choose whether the change is major or minor."},
    )
    field_order = ["change", "note"]

    def __init__(self, *args, article: Article, **kwargs):
        # The browser may not insist on a field: nothing is asked of an article that is left out.
        super().__init__(*args, label_suffix="", use_required_attribute=False, **kwargs)
        self.article = article
        self.fields["note"].help_text = ""  # said once, above all articles
        for asked in self.fields.values():
            asked.label = format_html('{}<span class="visually-hidden"> “{}”</span>', asked.label, article.title)


@dataclass(frozen=True)
class BulkAct:
    """`verb` does it to one article, which then is `done`; `explained` stands above the articles. `asked` is asked once
    for all of them, `asked_of_each` of each."""

    verb: Callable
    done: str
    explained: str
    asked: type[forms.Form] = NothingToAsk
    asked_of_each: type[ChangeForm] | None = None

    def form_for(self, article: Article, sent=None, **details) -> ChangeForm | None:
        if self.asked_of_each is None:
            return None
        return self.asked_of_each(sent, article=article, prefix=row_name(article), **details)


def row_name(article: Article) -> str:
    """What the names of an article's fields start with, and its place on the page."""
    return f"row-{article.pk}"


KINDS_OF_CHANGE = (
    "A major change moves the date Updated and needs a public note, such as “New advice on eating before the test”, "
    "unless it is the first text or takes the place of sample text; a minor one never moves that date."
)
BULK = {
    Act.SUBMIT: BulkAct(
        workflow.submit,
        "sent for review",
        "A second clinician reads each article and signs it off, or asks for changes.",
        asked=SubmitForm,
    ),
    Act.PUBLISH: BulkAct(
        workflow.publish,
        "published",
        f"Patients read each article at once as it is saved now. {KINDS_OF_CHANGE}",
        asked_of_each=ChangeForm,
    ),
    Act.SCHEDULE: BulkAct(
        workflow.schedule,
        "scheduled",
        f"Each article is frozen as it is saved now, and patients read it from one moment on. {KINDS_OF_CHANGE}",
        asked=MomentForm,
        asked_of_each=ChangeForm,
    ),
    Act.WITHDRAW: BulkAct(
        workflow.withdraw,
        "withdrawn",
        "Withdrawing takes the pages away from patients at once. Their addresses answer with the reason below, and "
        "links to them vanish from other pages. You can bring each back at any time; nothing is deleted.",
        asked=ReasonForm,
    ),
    Act.ARCHIVE: BulkAct(
        workflow.archive,
        "archived",
        "Articles in the archive leave the lists of work and can’t be changed. Nothing is deleted, and each can be taken "
        "out at any time.",
        asked=ArchiveForm,
    ),
}
