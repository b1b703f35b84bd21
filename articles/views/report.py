"""“This page did not answer my question”: a form without account, cookie or script, and without a trace of who sent it."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django import forms
from django.core.cache import cache
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles import reader_reports
from articles.models import Article, Edition, ReaderReport, Topic
from library.logs import client_address
from library.serving import NEVER, NOWHERE, public_page

HOUR = 3_600  # seconds
MOST_OF_ONE = 5  # reports in an hour from one network address, and process of the web server
MOST_OF_ALL = 200
TOO_MANY = _("Too many reports came in a short time, so this one was not kept. Please send it again in an hour.")
_key = secrets.token_bytes(32)  # of this process alone: what counts the reports of an address can't be led back to it


class ReportForm(forms.Form):
    sort = forms.ChoiceField(
        choices=ReaderReport.Sort.choices,
        widget=forms.RadioSelect,
        label=_("What do you want to tell us?"),
        error_messages={"required": _("Choose one of the two.")},
    )
    words = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        label=_("In your words"),
        help_text=_("What did you look for, or what is wrong? At most 2,000 characters."),
        error_messages={
            "required": _("Write what you looked for, or what is wrong."),
            "max_length": _("Write at most %(limit_value)d characters. These are %(show_value)d."),
        },
    )
    # Machines fill in every field; people don't see this one.
    website = forms.CharField(required=False, label=_("Leave this field empty"))


@csrf_exempt  # the form acts for nobody: there is no session that another site could use, and readers get no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def report(request):
    path, title = _page_of(request.POST.get("page") or request.GET.get("page", ""), at=timezone.now())
    form = ReportForm(request.POST if request.method == "POST" else None)
    status, problem = 200, ""
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound and not form.cleaned_data["website"] and _too_many(client_address(request)):
        status, problem = 429, TOO_MANY
    elif form.is_bound:
        if not form.cleaned_data["website"]:
            sort, words = form.cleaned_data["sort"], form.cleaned_data["words"]
            reader_reports.keep(sort=sort, words=words, path=path, today=timezone.localdate())
        return HttpResponseRedirect(reverse("report-sent"), status=303)
    context = {"form": form, "page": path, "title": title, "problem": problem}
    page = render(request, "articles/report.html", context, status=status)
    page["Cache-Control"], page["Referrer-Policy"] = NEVER, NOWHERE
    return page


@public_page
def sent(request):
    return render(request, "articles/report_sent.html")


def _page_of(path: str, *, at: datetime) -> tuple[str, str]:
    """The path and the title of a page that patients can read; both empty for any other text, which is kept nowhere."""
    for model, of_article, pages in (
        (Article, "article__", Edition.objects.live(at=at)),
        (Topic, "", Topic.objects.not_withdrawn(at=at)),
    ):
        if address := model.address_in(path):
            slug, language = address
            named = {f"{of_article}slug": slug, f"{of_article}language": language}
            title = pages.order_by().filter(**named).values_list("title", flat=True).first()
            return (path, title) if title else ("", "")
    return "", ""


def _too_many(address: str) -> bool:
    """Counts this report, too. Only numbers are kept, in the memory of this process, for an hour."""
    one = "report:" + hmac.new(_key, address.encode(), hashlib.sha256).hexdigest()
    return any(_count(name) > most for name, most in ((one, MOST_OF_ONE), ("report:all", MOST_OF_ALL)))


def _count(name: str) -> int:
    cache.add(name, 0, HOUR)
    try:
        return cache.incr(name)
    except ValueError:  # its hour ended in between
        return 1
