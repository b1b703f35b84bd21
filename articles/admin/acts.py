"""What patients see changes by an act, on a page of its own: a GET asks, a POST does it, and the history keeps it."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from articles import publishing
from articles.admin.robust import is_id
from articles.admin.typed_text import TypedText
from articles.admin.version_field import version_in
from articles.models import Article
from articles.people import Person
from articles.revising import StaleVersion
from articles.workflow import PUBLISH, Refused

UNSEEN = "This article has been saved since you opened this page. Check what it says now, then decide again."


class ReasonForm(forms.Form):
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="Patients who open the page's address read it, such as “The advice has changed. Ask your care team.”",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class NothingToAsk(forms.Form):
    pass


@dataclass(frozen=True)
class Deed:
    """What a person wants to do: asked by a page, done by a POST."""

    request: object
    page: object
    form: forms.Form

    @property
    def version(self) -> int | None:
        """The version of the article that the person has seen."""
        return version_in(self.request.POST)

    @property
    def is_stale(self) -> bool:
        """Whether an article has been saved since the person opened the page of the act."""
        return isinstance(self.page, Article) and self.version != self.page.version

    @property
    def who(self) -> Person:
        return Person.of(self.request.user)


@dataclass(frozen=True)
class ActPage:
    """One act as the admin asks for it.

    `do(deed)` does it and returns what the history says of it; `against(request, page)` are the rules against it, known
    before anybody asks; `shown(request, page)` is what the template shows besides; `form(page)` what the form must know.
    """

    title: str
    permission: str
    do: Callable[[Deed], str]
    template: str = "act"
    form_class: type[forms.Form] = NothingToAsk
    form_arguments: Callable = lambda page: {}
    against: Callable = lambda request, page: []
    shown: Callable = lambda request, page: {}
    warning: bool = False  # the button is red


class ActViews:
    """Adds an address for each of the `acts()`, such as /admin/articles/topic/7/withdraw/."""

    def acts(self) -> dict[str, ActPage]:
        raise NotImplementedError

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            *(
                path(
                    f"<path:object_id>/{act}/",
                    self.admin_site.admin_view(self.act_view),
                    {"act": act},
                    name=name + act.replace("-", "_"),
                )
                for act in self.acts()
            ),
            *super().get_urls(),
        ]

    def act_view(self, request, object_id, act):
        return self.ask(request, object_id, self.acts()[act])

    def ask(self, request, object_id, act: ActPage):
        """Show the page of an act, or do it.

        A ValidationError of the verb is shown in the form, a rule that is against the act in its place; nothing has
        changed. So it is when an article was saved after the page was opened: nobody decides about a text that he has
        not seen.
        """
        if not request.user.has_perm(act.permission):
            raise PermissionDenied
        page = self._wanted(request, object_id)
        sent, status = request.POST if request.method == "POST" else None, 200
        form, refusals = act.form_class(sent, **act.form_arguments(page)), act.against(request, page)
        deed = Deed(request, page, form)
        if form.is_bound and deed.is_stale:
            status = 409  # told even when the form has errors: its next page shows the text as it is now
            form.add_error(None, UNSEEN)
        elif form.is_bound and refusals:
            status = 409
        elif form.is_bound and form.is_valid():
            try:
                done = act.do(deed)
            except Refused as rules:
                status, refusals = 409, rules.messages
            except ValidationError as refusal:
                form.add_error(None, refusal)
            except StaleVersion:
                status = 409
                form = act.form_class(sent, **act.form_arguments(self._wanted(request, object_id)))
                form.add_error(None, UNSEEN)
            else:
                self.log_change(request, page, done)
                self.message_user(request, format_html("“{}”: {}.", page, done.rstrip(".")), messages.SUCCESS)
                return HttpResponseRedirect(self.address_of(page))
            page = self._wanted(request, object_id)
            refusals = act.against(request, page) or refusals
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": page,
            "title": f"{act.title} “{page}”",
            "act": act.title,
            "warning": act.warning,
            "form": form,
            "back": self.address_of(page),
            "refusals": refusals,
            **act.shown(request, page),
        }
        return TemplateResponse(request, f"admin/articles/{act.template}.html", context, status=status)

    def _wanted(self, request, object_id):
        page = self.get_object(request, object_id) if is_id(object_id) else None
        if page is None:
            raise Http404
        return page

    def address_of(self, page) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[page.pk])

    def save_model(self, request, obj, form, change):
        """Write what was changed in the form and nothing else: the dates, the state and the version belong to the verbs."""
        columns = {field.name for field in self.opts.concrete_fields if field.editable}
        obj.save(update_fields=columns & set(form.changed_data) if change else None)


def withdraw_topic(deed: Deed) -> str:
    reason = deed.form.cleaned_data["reason"]
    publishing.withdraw(deed.page, at=timezone.now(), by=deed.who, reason=reason)
    return f"Withdrawn: {reason}"


def bring_back_topic(deed: Deed) -> str:
    publishing.bring_back(deed.page, at=timezone.now(), by=deed.who)
    return "Brought back"


def shown_of_withdrawal(request, page) -> dict:
    return {"withdrawal": page.withdrawal(at=timezone.now())}


def against_withdrawing(request, topic) -> list[str]:
    return [f"“{topic}” is withdrawn already."] if topic.withdrawal(at=timezone.now()) else []


def against_bringing_back(request, topic) -> list[str]:
    return [] if topic.withdrawal(at=timezone.now()) else [f"“{topic}” is not withdrawn."]


TOPIC_ACTS = {
    "withdraw": ActPage("Withdraw", PUBLISH, withdraw_topic, "withdraw", ReasonForm, against=against_withdrawing),
    "bring-back": ActPage(
        "Bring back",
        PUBLISH,
        bring_back_topic,
        "bring_back",
        against=against_bringing_back,
        shown=shown_of_withdrawal,
    ),
}
