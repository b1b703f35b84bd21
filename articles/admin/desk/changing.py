"""Many pages of the desk at once: another owner, another due day. Each is changed by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles import due, owners
from articles.admin.bulk import MOST
from articles.admin.desk.forms import AssignForm, MoveForm
from articles.admin.robust import is_id
from articles.desk import pages
from articles.models import Article
from articles.people import Person
from articles.permissions import PLAN

LONGEST_QUERY = 2_000  # characters of the list's filters that a change remembers; longer ones are forgotten


@dataclass(frozen=True)
class Change:
    """One change to each of the pages that are ticked. `do(article, answers, at, by)` says what became of the page, and
    raises ValidationError where it can't be."""

    label: str
    explained: str
    done: str
    form: type[forms.Form]
    do: Callable[[Article, dict, datetime, Person], str]


def _assign(article: Article, answers: dict, at: datetime, by: Person) -> str:
    chosen = {"owner": answers["owner"], "group": answers["role"]}
    one = Article.objects.filter(pk=article.pk)
    changed = owners.assign(one, **chosen, at=at, by=by, reason=answers["reason"])
    if answers["nobody"]:
        return "has no owner now" if changed else "had no owner already"
    return "assigned" if changed else "was theirs already"


def _move(article: Article, answers: dict, at: datetime, by: Person) -> str:
    day = answers["to"]
    due.move(article, day, at=at, today=timezone.localdate(at), by=by, reason=answers["reason"])
    return f"next review due {date_format(day)}"


CHANGES = {
    "assign": Change(
        "Assign",
        "These pages get the owner that you choose. Both the person and the role they had are replaced.",
        "changed",
        AssignForm,
        _assign,
    ),
    "move": Change(
        "Move the due day",
        "The next review of these pages falls due on the day that you choose. Reviewed stays as it is.",
        "moved",
        MoveForm,
        _move,
    ),
}


def change(request):
    """Ask about the pages that are ticked, then change each by itself: where one can't be changed, the others are."""
    if not request.user.has_perm(PLAN):
        raise PermissionDenied
    query = request.POST.get("query", "")
    back = reverse("admin:review_desk")
    if 0 < len(query) <= LONGEST_QUERY:
        back += f"?{QueryDict(query).urlencode()}"
    ids = list(dict.fromkeys(pk for pk in request.POST.getlist("article") if is_id(pk)))
    act = CHANGES.get(request.POST.get("act", ""))
    if problem := _problem(request, act, ids):
        if request.method == "POST":
            messages.warning(request, problem)
        return HttpResponseRedirect(back)
    at = timezone.now()
    on_desk = pages(at=at, today=timezone.localdate(at)).filter(pk__in=ids).order_by("title", "pk")
    articles = list(on_desk.select_related("owner", "owner_group"))
    form = act.form(request.POST if "confirmed" in request.POST else None)
    context = {
        **admin.site.each_context(request),
        "title": act.label,
        "change": act,
        "slug": request.POST["act"],
        "form": form,
        "query": query if len(query) <= LONGEST_QUERY else "",
        "back": back,
        "missing": len(ids) - len(articles),
    }
    if form.is_bound and form.is_valid():
        done, refused = _each(articles, act, form.cleaned_data, at=at, by=Person.of(request.user))
        context |= {"is_result": True, "done": done, "refused": refused}
        articles = [article for article, _ in refused]
    context["rows"] = [(article, owners.name_of_owner(article) or "No owner") for article in articles]
    return TemplateResponse(request, "admin/review_desk/change.html", context)


def _problem(request, act: Change | None, ids: list[str]) -> str:
    if request.method != "POST" or act is None:
        return "What you meant to do could not be read, so nothing was done. Choose it again."
    if not ids:
        return "No page is ticked, so nothing was done. Tick those that you mean."
    if len(ids) > MOST:
        return f"You chose {len(ids):,} pages. At most {MOST} can be changed at once: choose fewer."
    return ""


def _each(articles: list[Article], act: Change, answers: dict, *, at: datetime, by: Person) -> tuple[list, list]:
    """What became of each, and the sentences of those that could not be changed. Each has its own transaction."""
    done, refused = [], []
    for article in articles:
        try:
            done.append((article, act.do(article, answers, at, by)))
        except ValidationError as refusal:
            refused.append((article, refusal.messages))
    return done, refused
