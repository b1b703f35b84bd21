"""The pages of the workflow: for every act of articles/workflow/ one that shows what it does and one that does it."""

from django.utils import timezone

from articles import workflow
from articles.admin.acts import ActPage, Deed, NothingToAsk, ReasonForm, shown_of_withdrawal
from articles.admin.history import changes_to_publish
from articles.admin.publish_form import PublishForm
from articles.admin.workflow_forms import (
    ArchiveForm,
    AskChangesForm,
    EmergencyForm,
    EndForm,
    ScheduleForm,
    SignOffForm,
    SubmitForm,
)
from articles.dates import in_words
from articles.models import Article
from articles.publishing import publishing_problems
from articles.workflow import MACHINE, Act


def page_of(act: Act, verb, form_class=NothingToAsk, *, done, **details) -> ActPage:
    """The admin page of an act: `verb` is called with the version that the person has seen and the fields of the form;
    `done(result)` says what happened."""

    def do(deed: Deed) -> str:
        asked = {name: value for name, value in deed.form.cleaned_data.items() if name != "attested"}
        result = verb(deed.page, version=deed.version, by=deed.request.user, at=timezone.now(), **asked)
        return done(result)

    def against(request, article: Article) -> list[str]:
        rules = workflow.refusals(article, act, by=request.user, at=timezone.now())
        return rules or (publishing_problems(article) if act in PROBLEMS_MATTER else [])

    return ActPage(act.label, MACHINE[act].permission, do, form_class=form_class, against=against, **details)


PROBLEMS_MATTER = {Act.SUBMIT, Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_UNSIGNED}


def shown_of_change(request, article: Article) -> dict:
    """The difference between what patients read and what they will read, and who made it."""
    step = article.steps.filter(edition=None).first()
    return {**changes_to_publish(article), "writers": workflow.writers(article), "step": step}


def about_the_article(article: Article) -> dict:
    return {"article": article}


def published_in_words(edition) -> str:
    change = edition.get_change_display().split(":")[0].lower()
    if edition.published_at > timezone.now():
        return f"Edition {edition.number} ({change} change) goes live {in_words(edition.published_at)}"
    return f"Published as edition {edition.number} ({change} change)"


CHANGE = {"template": "publish", "shown": shown_of_change}
PUBLISHING = {**CHANGE, "form_arguments": about_the_article, "done": published_in_words}

ARTICLE_ACTS = {
    Act.SUBMIT: page_of(
        Act.SUBMIT, workflow.submit, SubmitForm, done=lambda step: f"Sent for review: version {step.version}", **CHANGE
    ),
    Act.TAKE_BACK: page_of(Act.TAKE_BACK, workflow.take_back, done=lambda step: "Taken back from review"),
    Act.ASK_CHANGES: page_of(
        Act.ASK_CHANGES, workflow.ask_changes, AskChangesForm, done=lambda step: "Changes asked", **CHANGE
    ),
    Act.SIGN_OFF: page_of(
        Act.SIGN_OFF, workflow.sign_off, SignOffForm, done=lambda step: f"Signed off: version {step.version}", **CHANGE
    ),
    Act.PUBLISH: page_of(Act.PUBLISH, workflow.publish, PublishForm, **PUBLISHING),
    Act.SCHEDULE: page_of(Act.SCHEDULE, workflow.schedule, ScheduleForm, **PUBLISHING),
    Act.UNSCHEDULE: page_of(
        Act.UNSCHEDULE, workflow.unschedule, done=lambda _: "The schedule is called off", template="unschedule"
    ),
    Act.PUBLISH_UNSIGNED: page_of(
        Act.PUBLISH_UNSIGNED, workflow.publish_unsigned, EmergencyForm, warning=True, **PUBLISHING
    ),
    Act.WITHDRAW: page_of(
        Act.WITHDRAW,
        workflow.withdraw,
        ReasonForm,
        done=lambda withdrawal: f"Withdrawn: {withdrawal.reason}",
        template="withdraw",
        warning=True,
    ),
    Act.BRING_BACK: page_of(
        Act.BRING_BACK,
        workflow.bring_back,
        done=lambda _: "Brought back",
        template="bring_back",
        shown=shown_of_withdrawal,
    ),
    Act.SET_END: page_of(
        Act.SET_END,
        workflow.set_end,
        EndForm,
        done=lambda withdrawal: f"Patients read it until {in_words(withdrawal.from_at).removeprefix('on ')}",
        template="set_end",
    ),
    Act.CALL_OFF_END: page_of(
        Act.CALL_OFF_END, workflow.call_off_end, done=lambda _: "The end is called off", template="call_off_end"
    ),
    Act.ARCHIVE: page_of(Act.ARCHIVE, workflow.archive, ArchiveForm, done=lambda _: "Archived", template="archive"),
    Act.UNARCHIVE: page_of(Act.UNARCHIVE, workflow.unarchive, done=lambda _: "Taken out of the archive"),
}
