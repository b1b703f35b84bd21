"""The page on which an article gets its risk class: first what that changes for the page, then the reason and the button."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from articles import policies
from articles.admin.policy import OUTDATED, WhyForm, shown_of
from articles.models import RiskClass
from articles.people import Person
from articles.permissions import PLAN
from articles.policies import RehearsalOutdated


class RiskClassForm(forms.Form):
    risk_class = forms.ModelChoiceField(
        RiskClass.objects.all(),
        required=False,
        empty_label="None",
        label="Risk class",
        error_messages={"invalid_choice": "There is no such risk class any more. Choose one of the list."},
    )


class RiskClassViews:
    """Adds /admin/articles/article/7/set-risk-class/. The class is chosen in the address, so that looking at what it would
    change changes nothing."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.set_risk_class_view)
        name = "articles_article_set_risk_class"
        return [path("<path:object_id>/set-risk-class/", view, name=name), *super().get_urls()]

    def set_risk_class_view(self, request, object_id):
        if not request.user.has_perm(PLAN):
            raise PermissionDenied
        article, status = self._wanted(request, object_id), 200
        sent = request.POST if request.method == "POST" else request.GET
        choice = RiskClassForm(sent if "risk_class" in sent else None, initial={"risk_class": article.risk_class_id})
        why = WhyForm(request.POST if request.method == "POST" else None)
        shown = {}
        if choice.is_valid():
            chosen = choice.cleaned_data["risk_class"]
            if chosen == article.risk_class:
                choice.add_error(
                    "risk_class", f"It is {policies.in_words(chosen)} already. Choose another to see what it changes."
                )
            else:
                shown = shown_of(policies.changes_by_risk_class(article, chosen))
        if why.is_bound and shown:
            try:
                if request.POST.get("digest") != shown["digest"]:
                    raise RehearsalOutdated
                if why.is_valid():
                    policies.set_risk_class(
                        article,
                        chosen,
                        at=timezone.now(),
                        by=Person.of(request.user),
                        rehearsed=shown["digest"],
                        **why.cleaned_data,
                    )
                    said = f"“{article}”: the risk class is {policies.in_words(chosen)}."
                    self.message_user(request, said, messages.SUCCESS)
                    return HttpResponseRedirect(self.address_of(article))
            except RehearsalOutdated:
                status = 409
                why.add_error(None, OUTDATED)
                shown = shown_of(policies.changes_by_risk_class(article, chosen))
            except ValidationError as refusal:
                status, shown = 409, {}
                choice.add_error(None, refusal)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": article,
            "title": f"Set the risk class of “{article}”",
            "act": "Set the risk class",
            "form": why if shown else choice,
            "choice": choice,
            "chosen": shown and policies.in_words(chosen),
            "back": self.address_of(article),
            **shown,
        }
        return TemplateResponse(request, "admin/articles/policy/set_risk_class.html", context, status=status)
