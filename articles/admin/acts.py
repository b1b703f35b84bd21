"""What patients see changes by an act, on a page of its own: a GET asks, a POST does it, and the history keeps it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from articles import publishing
from articles.admin.robust import is_id
from articles.admin.version_field import version_in
from articles.models import Article
from articles.revising import StaleVersion

PERMISSION = "articles.publish_article"
UNSEEN = "This article has been saved since you opened this page. Check what it says now, then decide again."


def name_of(user) -> str:
    """The name that stands in the records: it must mean something when the account is gone."""
    return user.get_full_name() or user.get_username()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text="Patients who open the page's address read it, such as “The advice has changed. Ask your care team.”",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class NothingToAsk(forms.Form):
    pass


class ActViews:
    """Adds addresses such as /admin/articles/topic/7/withdraw/ for withdrawing and bringing back."""

    def get_urls(self):
        acts = [("withdraw", self.withdraw_view), ("bring-back", self.bring_back_view), *self.more_acts()]
        name = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            *(
                path(f"<path:object_id>/{act}/", self.admin_site.admin_view(view), name=name + act.replace("-", "_"))
                for act, view in acts
            ),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        """Write what the form holds and nothing else: the dates, the state and the version belong to the verbs."""
        columns = {field.name for field in self.opts.concrete_fields if field.editable}
        obj.save(update_fields=columns & form.cleaned_data.keys() if change else None)

    def more_acts(self) -> list:
        return []

    def withdraw_view(self, request, object_id):
        def withdraw(page, form):
            publishing.withdraw(page, at=timezone.now(), by=name_of(request.user), reason=form.cleaned_data["reason"])
            return f"Withdrawn: {form.cleaned_data['reason']}"

        return self.act(request, object_id, form_class=ReasonForm, template="withdraw", title="Withdraw", do=withdraw)

    def bring_back_view(self, request, object_id):
        def bring_back(page, form):
            publishing.bring_back(page, at=timezone.now(), by=name_of(request.user))
            return "Brought back"

        template, title = "bring_back", "Bring back"
        return self.act(request, object_id, form_class=NothingToAsk, template=template, title=title, do=bring_back)

    def act(
        self,
        request,
        object_id,
        *,
        form_class,
        template,
        title,
        do,
        form_arguments=lambda page: {},
        problems_of=lambda page: [],
        context_of=lambda page: {},
        permission=PERMISSION,
    ):
        """Ask with `form_class`, then call `do(page, form)`, which returns what the history says of it.

        `form_arguments(page)` is what the form must know; `problems_of(page)` are the reasons against the act, known
        before anybody asks; `context_of(page)` is what the template shows besides. A ValidationError of the verb is shown in the form, and nothing has changed. So it is
        when an article was saved after the page was opened: nobody decides about a text that he has not seen.
        """
        if not request.user.has_perm(permission):
            raise PermissionDenied
        page = self.get_object(request, object_id) if is_id(object_id) else None
        if page is None:
            raise Http404
        sent, status = request.POST if request.method == "POST" else None, 200
        form = form_class(sent, **form_arguments(page))
        if form.is_bound:
            allowed = form.is_valid()
            try:
                with transaction.atomic():
                    self._refuse_unseen(request, page)
                    done = do(page, form) if allowed else None
            except ValidationError as refusal:
                form.add_error(None, refusal)
            except StaleVersion:
                page, status = self.get_object(request, object_id), 409
                if page is None:
                    raise Http404 from None
                form = form_class(sent, **form_arguments(page))
                form.add_error(None, UNSEEN)
            else:
                if allowed:
                    self.log_change(request, page, done)
                    self.message_user(request, format_html("“{}”: {}.", page, done.rstrip(".")), messages.SUCCESS)
                    return HttpResponseRedirect(self.address_of(page))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": page,
            "title": f"{title} “{page}”",
            "act": title,
            "form": form,
            "back": self.address_of(page),
            "problems": problems_of(page),
            **context_of(page),
        }
        return TemplateResponse(request, f"admin/articles/{template}.html", context, status=status)

    def _refuse_unseen(self, request, page):
        """The UPDATE changes nothing; it holds the row until the act is done."""
        if isinstance(page, Article):
            seen = Article.objects.filter(pk=page.pk, version=version_in(request.POST))
            if not seen.update(version=F("version")):
                raise StaleVersion(page)

    def address_of(self, page) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[page.pk])
