"""The history of an article: its revisions, what changed between any two, and the way back to one of them."""

from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import Lag
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from articles.admin.acts import ActPage, Deed
from articles.admin.correcting import CorrectingViews, against_writing, can_correct, refuse
from articles.ancestry import Ancestry
from articles.checks import check_text, in_groups
from articles.comparing.comparison import compare
from articles.models import Article, AuditEntry
from articles.publishing import content_of, newest_edition
from articles.revising import restore, working_copy
from articles.workflow import WRITE

PER_PAGE = 50
ACTS_SHOWN = 50
LIVE, NOW = "live", "now"


@dataclass(frozen=True)
class Version:
    """One side of a comparison: its name in words and its content."""

    name: str
    content: dict


def live_edition(article: Article) -> Version | None:
    """What patients read, or read until the page was withdrawn; None before they first could."""
    begun = article.editions.not_cancelled().filter(published_at__lte=timezone.now())
    edition = begun.order_by("-number").first()
    return edition and Version(f"edition {edition.number}", edition.content)


def changes_to_publish(article: Article) -> dict:
    """What the pages before publishing show: the difference between the newest edition, which may be scheduled, and the
    working copy, and what the checks find in that. Before the first edition everything is new."""
    edition, content = newest_edition(article), content_of(article)
    return {
        "edition": edition,
        "comparison": compare(edition and edition.content, content),
        "findings": in_groups(check_text(content, language=article.language)),
    }


class HistoryViews(CorrectingViews):
    """Put it before ModelAdmin in the bases."""

    def get_urls(self):
        view, name = self.admin_site.admin_view, "articles_article_"
        return [
            path("<path:object_id>/compare/", view(self.compare_view), name=f"{name}compare"),
            path("<path:object_id>/history/<str:number>/restore/", view(self.restore_view), name=f"{name}restore"),
            *super().get_urls(),
        ]

    def history_view(self, request, object_id, extra_context=None):
        article = self.readable(request, object_id)
        ancestry = Ancestry.of(article)
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
            "can_change": self.has_change_permission(request, article),
            "can_correct": can_correct(article),
            "left_behind": ancestry.left_behind(article.version),
            "put_aside": ancestry.put_aside(article.version),
        }
        return self._show_versions(request, "history", article, context)

    def compare_view(self, request, object_id):
        article = self.readable(request, object_id)
        before = self._version(article, request.GET.get("from", LIVE))
        after = self._version(article, request.GET.get("to", NOW))
        context = {
            "title": f"Compare “{article}”",
            "act": "Compare",
            "before": before,
            "after": after,
            "comparison": compare(before.content, after.content) if before and after else None,
            "can_change": self.has_change_permission(request, article),
            "can_correct": can_correct(article),
        }
        return self._show_versions(request, "compare", article, context)

    def restore_view(self, request, object_id, number):
        wanted = self.revision_or_404(self.readable(request, object_id), number)

        def bring_back(deed: Deed) -> str:
            refuse(against_writing(deed.page))
            restore(deed.page, wanted, version=deed.version, at=timezone.now(), by=deed.who)
            return f"Version {wanted.number} restored"

        def what_it_does(request, page):
            return {"wanted": wanted, "comparison": compare(content_of(page), wanted.content)}

        def against(request, page):
            return against_writing(page)

        act = ActPage("Restore", WRITE, bring_back, "restore", against=against, shown=what_it_does)
        return self.ask(request, object_id, act)

    def _version(self, article, name: str) -> Version | None:
        """None for what patients read when they have read nothing; 404 for a version that there never was."""
        if name == LIVE:
            return live_edition(article)
        if name == NOW:
            return Version("the article as it is saved now", working_copy(article))
        revision = self.revision_or_404(article, name)
        return Version(f"version {revision.number}, saved by {revision.saved_by}", revision.content)

    def _show_versions(self, request, template, article, context):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": article,
            "back": self.address_of(article),
            **context,
        }
        return TemplateResponse(request, f"admin/articles/{template}.html", context)
