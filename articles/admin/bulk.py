"""One act for many articles: a first page shows what it would do to each, a second press does it to each by itself.

Every article is done in a transaction of its own, with the version that the person has seen. Where one can't be done,
nothing of it changes, the page says why, and the others go on.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from articles.admin.acts import UNSEEN
from articles.admin.bulk_acts import BULK, BulkAct, row_name
from articles.admin.publish_form import in_words, proposal_in_words
from articles.admin.robust import is_id
from articles.admin.version_field import version_in
from articles.admin.workflow import ARTICLE_ACTS, published_in_words
from articles.comparing.comparison import Comparison, compare
from articles.models import Article, AuditEntry, Edition
from articles.publishing import change_proposed_by, content_of
from articles.revising import StaleVersion
from articles.workflow import MACHINE, Act, Refused

MOST = 100  # articles at once: nobody looks at more on one page
LONGEST_QUERY = 500  # characters of the list's filters; longer ones are forgotten
TOO_MANY = f"You chose {{:,}} articles. At most {MOST} can be done at once, so that each is looked at: choose fewer."
UNREADABLE = "Which articles you chose could not be read, so nothing was done. Choose them again."
NONE_TICKED = "No article is ticked, so nothing was done. Tick those that you mean."
DELETED = "It has been deleted since you opened the page."


@dataclass(eq=False)
class Row:
    """One of the articles: what the page shows of it, what the person said of it, what became of it."""

    article: Article
    version: int | None  # the one that the person has seen
    is_ticked: bool = True
    typed: dict = field(default_factory=dict)
    form: forms.Form | None = None
    is_stale: bool = False
    state: str = ""
    refusals: list[str] = field(default_factory=list)
    live: Edition | None = None  # what patients read, or read until the page was withdrawn
    comparison: Comparison | None = None
    done: str = ""
    problems: list[str] = field(default_factory=list)  # that no field of the form is to blame for
    is_over: bool = False  # done, or not to be done by another press

    @classmethod
    def read(cls, article: Article, bulk: BulkAct, sent) -> "Row":
        """What a POST says of the article. Of one that was saved meanwhile the kind of change is to be decided again."""
        name = row_name(article)
        row = cls(article, version_in({"version": sent.get(f"{name}-version")}), f"{name}-ticked" in sent)
        row.typed = {asked: sent.get(f"{name}-{asked}", "") for asked in ("change", "note")}
        if row.is_ticked and row.version != article.version:
            row.became_stale()
        elif row.is_ticked:
            row.form = bulk.form_for(article, sent)
        return row

    def became_stale(self) -> None:
        self.is_stale, self.problems, self.form = True, [UNSEEN], None
        self.typed.pop("change")

    @property
    def name(self) -> str:
        return row_name(self.article)

    @property
    def warnings(self) -> list[str]:
        return [in_words(warning) for warning in self.comparison.warnings] if self.comparison else []

    @property
    def proposal(self) -> str:
        return proposal_in_words(*change_proposed_by(self.comparison))

    @property
    def said(self) -> list[str]:
        """Everything that is wrong, as the result lists it."""
        in_fields = self.form.errors.values() if self.form else []
        return [*self.problems, *(sentence for errors in in_fields for sentence in errors)]


@dataclass(frozen=True)
class Gone:
    """An article that was chosen and is there no more."""

    article: str  # its last known title
    said: tuple[str, ...] = (DELETED,)


class BulkViews:
    """Put it before the views of single articles in the bases: `bulk` could be read as the id of one."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/<str:act>/", view, name="articles_article_bulk"), *super().get_urls()]

    def get_actions(self, request):
        allowed = [act for act in BULK if request.user.has_perm(MACHINE[act].permission)]
        return super().get_actions(request) | {act.value: (partial(_ask, act), act.value, act.label) for act in allowed}

    def ask_about_many(self, request, act: Act, listed):
        """The first page, about the articles that were ticked in the list, whether or not its filters still show them, or
        about all that are listed. None, with a message, when it can't be asked."""
        if request.POST.get("select_across") == "1":
            ids = list(listed.values_list("pk", flat=True))
        else:
            ids = _distinct(request.POST.getlist(ACTION_CHECKBOX_NAME))
        if len(ids) > MOST:
            self.message_user(request, TOO_MANY.format(len(ids)), messages.WARNING)
            return None
        found = self._articles(request, ids)
        for gone in _gone(ids, found):
            self.message_user(request, f"“{gone.article}” has been deleted meanwhile.", messages.WARNING)
        if not found:
            return None
        rows = [Row(found[pk], found[pk].version) for pk in ids if pk in found]
        self._look(request, act, rows)
        query = request.META.get("QUERY_STRING", "")
        return self._show(request, act, BULK[act].asked(), rows, number=len(rows), query=query)

    def bulk_view(self, request, act):
        """The second press: does it to every article that is ticked, and says what became of each."""
        if act not in BULK:
            raise Http404
        act = Act(act)
        if not request.user.has_perm(MACHINE[act].permission):
            raise PermissionDenied
        ids = request.POST.getlist("article")
        if problem := _unreadable(ids):
            if request.method == "POST":
                self.message_user(request, problem, messages.WARNING)
            return HttpResponseRedirect(self._list(request.POST.get("query", "")))
        ids = _distinct(ids)
        found, once = self._articles(request, ids), BULK[act].asked(request.POST)
        rows = [Row.read(found[pk], BULK[act], request.POST) for pk in ids if pk in found]
        if rows and not any(row.is_ticked for row in rows):
            once.add_error(None, NONE_TICKED)
        for row in rows:
            if row.is_ticked and not row.said and once.is_valid():
                self._do(request, act, once, row)
        return self._say_what_became(request, act, once, rows, gone=_gone(ids, found))

    def _do(self, request, act: Act, once: forms.Form, row: Row) -> None:
        asked = {**once.cleaned_data, **(row.form.cleaned_data if row.form else {})}
        try:
            result = BULK[act].verb(row.article, version=row.version, by=request.user, at=timezone.now(), **asked)
        except StaleVersion:
            row.became_stale()
        except Refused as rules:
            row.problems, row.is_over = rules.messages, True
        except ValidationError as problem:
            _put(problem, row, once)
        else:
            row.done = published_in_words(result) if isinstance(result, Edition) else BULK[act].done.capitalize()
            row.is_over = True
            self.log_change(request, row.article, row.done)

    def _say_what_became(self, request, act: Act, once: forms.Form, rows: list[Row], *, gone: list[Gone]):
        """The result and, when another press can help, the articles that are left, with what was typed."""
        now = self._articles(request, [row.article.pk for row in rows if not row.is_over])
        lost = [row for row in rows if not row.is_over and row.article.pk not in now]
        rows, gone = [row for row in rows if row not in lost], [*gone, *(Gone(row.article.title) for row in lost)]
        waiting = [row for row in rows if not row.is_over]
        for row in waiting:
            row.article = now[row.article.pk]
            if row.is_stale or not row.is_ticked:
                row.version = row.article.version
        self._look(request, act, waiting)
        for row in waiting:
            if row.is_ticked and row.refusals:
                row.problems, row.form, row.is_over = [*row.problems, *row.refusals], None, True
        left = [row for row in waiting if not row.is_over]
        return self._show(
            request,
            act,
            once,
            left if once.errors or any(row.said for row in left) else [],
            number=len(rows) + len(gone),
            query=request.POST.get("query", ""),
            status=409 if gone or any(row.problems for row in rows) else 200,
            is_result=True,
            done=[row for row in rows if row.done],
            failed=[*gone, *(row for row in rows if row.said)],
            left_out=[row for row in rows if not row.is_ticked],
        )

    def _look(self, request, act: Act, rows: list[Row]) -> None:
        """Fill in what the page shows of the articles."""
        live = _read_by_patients([row.article.pk for row in rows], at=timezone.now())
        for row in rows:
            row.state = self.state_in_words(row.article)
            row.refusals = ARTICLE_ACTS[act].against(request, row.article)
            row.live = live.get(row.article.pk)
            row.comparison = compare(row.live.content, content_of(row.article)) if row.live else None
            if row.form is None and not row.refusals:
                row.form = BULK[act].form_for(row.article, initial=row.typed)

    def _show(
        self, request, act: Act, once: forms.Form, rows: list[Row], *, number: int, query: str, status=200, **more
    ):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{act.label}: {number} article{'' if number == 1 else 's'}",
            "act": act.label,
            "bulk": BULK[act],
            "most": MOST,
            "warning": act == Act.WITHDRAW,
            "form": once,
            "rows": rows,
            "possible": sum(not row.refusals for row in rows),
            "action": reverse("admin:articles_article_bulk", args=[act.value]),
            "query": query,
            "back": self._list(query),
            **more,
        }
        return TemplateResponse(request, "admin/articles/bulk.html", context, status=status)

    def _articles(self, request, ids: list[int]) -> dict[int, Article]:
        """With the parts of the text that can be read for all articles in one query each."""
        chosen = self.get_queryset(request).filter(pk__in=ids).prefetch_related("sections", "references", "about")
        return {article.pk: article for article in chosen}

    def _list(self, query: str) -> str:
        """The list with the filters that the person came from."""
        address = reverse("admin:articles_article_changelist")
        return f"{address}?{query}" if 0 < len(query) <= LONGEST_QUERY else address


def _ask(act: Act, articles_admin: BulkViews, request, listed):
    return articles_admin.ask_about_many(request, act, listed)


def _distinct(ids: list[str]) -> list[int]:
    return list(dict.fromkeys(map(int, ids)))


def _read_by_patients(ids: list[int], *, at: datetime) -> dict[int, Edition]:
    """The newest edition of each article that patients read, or read until it was withdrawn; in one query."""
    begun = Edition.objects.not_cancelled().filter(article=OuterRef("article"), published_at__lte=at)
    newest = Subquery(begun.order_by("-number").values("number")[:1])
    return {edition.article_id: edition for edition in Edition.objects.filter(article__in=ids, number=newest)}


def _unreadable(ids: list[str]) -> str:
    if len(ids) > MOST:
        return TOO_MANY.format(len(ids))
    return "" if ids and all(map(is_id, ids)) else UNREADABLE


def _put(problem: ValidationError, row: Row, once: forms.Form) -> None:
    """Put a problem where it can be repaired: at a field of the article, at one that is asked once, or beside both."""
    fields = getattr(problem, "error_dict", {}).keys()
    for form in (row.form, once):
        if form and fields and fields <= form.fields.keys():
            form.add_error(None, problem)
            return
    row.problems = problem.messages


def _gone(ids: list[int], found: dict[int, Article]) -> list[Gone]:
    missing = [pk for pk in ids if pk not in found]
    if not missing:
        return []
    known = AuditEntry.objects.filter(page_kind="article", page_id__in=missing).order_by("at", "id")
    titles = dict(known.values_list("page_id", "page_title"))
    return [Gone(titles.get(pk, f"Article no. {pk}")) for pk in missing]
