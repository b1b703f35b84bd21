"""The history of an article: its revisions, what changed between any two, and the way back to one of them."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import F, Window
from django.db.models.functions import Lag
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from articles.admin.acts import ActViews, NothingToAsk, name_of
from articles.admin.robust import is_id
from articles.comparing.comparison import compare
from articles.models import Article, AuditEntry
from articles.publishing import content_of
from articles.revising import restore

PER_PAGE = 50
ACTS_SHOWN = 50
LIVE, NOW = "live", "now"
CHANGE = "articles.change_article"


@dataclass(frozen=True)
class Version:
    """One side of a comparison: its name in words and its content."""

    name: str
    content: dict


def newest_edition(article: Article) -> Version | None:
    """What patients read, or read until the page was withdrawn; None before it was first published."""
    edition = article.editions.order_by("-number").first()
    return edition and Version(f"edition {edition.number}", edition.content)


def changes_to_publish(article: Article) -> dict:
    """What the page before publishing shows: the difference between what patients read and what they will read."""
    live = newest_edition(article)
    return {"comparison": compare(live.content, content_of(article)) if live else None}


class HistoryViews(ActViews):
    """Put it before ModelAdmin in the bases."""

    def get_urls(self):
        view, name = self.admin_site.admin_view, "articles_article_"
        return [
            path("<path:object_id>/compare/", view(self.compare_view), name=f"{name}compare"),
            path("<path:object_id>/history/<str:number>/restore/", view(self.restore_view), name=f"{name}restore"),
            *super().get_urls(),
        ]

    def history_view(self, request, object_id, extra_context=None):
        article = self._readable(request, object_id)
        before = Window(Lag("number"), order_by=F("number").asc())
        revisions = article.revisions.defer("content").annotate(before=before).order_by("-number")
        page = self.get_paginator(request, revisions, PER_PAGE).get_page(request.GET.get("p"))
        acts = AuditEntry.objects.filter(page_kind="article", page_id=article.pk).defer("changes")
        context = {
            "title": f"History of “{article}”",
            "act": "History",
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "acts": acts.exclude(action=AuditEntry.Action.SAVED)[:ACTS_SHOWN],
            "can_restore": self.has_change_permission(request, article),
        }
        return self._show(request, "history", article, context)

    def compare_view(self, request, object_id):
        article = self._readable(request, object_id)
        before = self._version(article, request.GET.get("from", LIVE))
        after = self._version(article, request.GET.get("to", NOW))
        context = {
            "title": f"Compare “{article}”",
            "act": "Compare",
            "before": before,
            "after": after,
            "comparison": compare(before.content, after.content) if before and after else None,
        }
        return self._show(request, "compare", article, context)

    def restore_view(self, request, object_id, number):
        article = self._readable(request, object_id)
        wanted = article.revisions.filter(number=number).first() if is_id(number) else None
        if wanted is None:
            raise Http404

        def bring_back(page, form):
            restore(page, wanted, version=page.version, at=timezone.now(), by=name_of(request.user))
            return f"Version {wanted.number} restored"

        def what_it_does(page):
            return {"wanted": wanted, "comparison": compare(content_of(page), wanted.content)}

        return self.act(
            request,
            object_id,
            form_class=NothingToAsk,
            template="restore",
            title="Restore",
            do=bring_back,
            context_of=what_it_does,
            permission=CHANGE,
        )

    def _version(self, article, name: str) -> Version | None:
        """None for what patients read when they have read nothing; 404 for a version that there never was."""
        if name == LIVE:
            return newest_edition(article)
        if name == NOW:
            return Version("the article as it is saved now", content_of(article))
        revision = article.revisions.filter(number=name).first() if is_id(name) else None
        if revision is None:
            raise Http404
        return Version(f"version {revision.number}, saved by {revision.saved_by}", revision.content)

    def _readable(self, request, object_id):
        article = self.get_object(request, object_id) if is_id(object_id) else None
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        if article is None:
            raise Http404
        return article

    def _show(self, request, template, article, context):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": article,
            "back": self.address_of(article),
            **context,
        }
        return TemplateResponse(request, f"admin/articles/{template}.html", context)
