"""A mistake in what patients read, while a draft is half written: the live text is corrected alone, and then the draft
is brought together with it.

In an emergency that is six presses from the page of the article: “Correct the live text”, the button of the same name,
“Save and continue editing” when the mistake is mended, “Publish in an emergency”, the kind of change, and its button.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from django.utils import timezone

from articles import workflow
from articles.admin.acts import ActPage, ActViews, Deed
from articles.admin.conflict import choices_in, to_choose
from articles.admin.robust import is_id
from articles.ancestry import Ancestry
from articles.comparing.comparison import compare
from articles.merging.versions import merge
from articles.models import Article, Edition, Revision
from articles.publishing import content_of
from articles.revising import both_sides, bring_together, take_up
from articles.workflow import PUBLISH, WRITE, Refused

CORRECT = "Correct the live text"
BRING_TOGETHER = "Bring this draft together with what is saved now"


class CorrectingViews(ActViews):
    """Put it before ModelAdmin in the bases."""

    def get_urls(self):
        view, name = self.admin_site.admin_view, "articles_article_"
        return [
            path("<path:object_id>/correct/<str:number>/", view(self.correct_view), name=f"{name}correct"),
            path(
                "<path:object_id>/history/<str:number>/bring-together/",
                view(self.bring_together_view),
                name=f"{name}bring_together",
            ),
            *super().get_urls(),
        ]

    def correct_view(self, request, object_id, number):
        """The address names the edition, so that nobody takes up another one than he has seen."""
        article = self.readable(request, object_id)
        edition = article.editions.not_cancelled().filter(number=number).first() if is_id(number) else None
        if edition is None:
            raise Http404

        def correct(deed: Deed) -> str:
            refuse(against_correcting(deed.page, edition))
            take_up(deed.page, edition, version=deed.version, at=timezone.now(), by=deed.who)
            return f"Edition {edition.number} taken up again: correct it here. The draft is kept in the history"

        act = ActPage(
            CORRECT,
            WRITE,
            correct,
            "correct",
            against=lambda request, page: against_correcting(page, edition),
            shown=lambda request, page: shown_of_correcting(page, edition),
        )
        return self.ask(request, object_id, act)

    def bring_together_view(self, request, object_id, number):
        wanted = self.revision_or_404(self.readable(request, object_id), number)

        def together(deed: Deed) -> str:
            refuse(against_bringing_together(deed.page, wanted))
            choices = choices_in(deed.request.POST)
            bring_together(deed.page, wanted, choices, version=deed.version, at=timezone.now(), by=deed.who)
            if deed.page.version == deed.version:
                return f"Nothing of version {wanted.number} was taken, so nothing was saved"
            return f"Version {wanted.number} brought together with version {deed.version}"

        act = ActPage(
            BRING_TOGETHER,
            WRITE,
            together,
            "bring_together",
            against=lambda request, page: against_bringing_together(page, wanted),
            shown=lambda request, page: shown_of_both(request, page, wanted),
        )
        return self.ask(request, object_id, act)

    def readable(self, request, object_id) -> Article:
        article = self.get_object(request, object_id) if is_id(object_id) else None
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        if article is None:
            raise Http404
        return article

    def revision_or_404(self, article: Article, number: str) -> Revision:
        revision = article.revisions.filter(number=number).first() if is_id(number) else None
        if revision is None:
            raise Http404
        return revision


def refuse(rules: list[str]) -> None:
    if rules:
        raise Refused(rules)


def against_writing(article: Article) -> list[str]:
    """Why nobody can write in the article now: it is in the archive."""
    if not article.archived_at:
        return []
    who_can = workflow.named(workflow.who_may(PUBLISH), "take it out of the archive")
    return [f"The article is in the archive, where nobody writes in it. {who_can}"]


def can_correct(article: Article) -> bool:
    """Whether patients read another version than the one that is saved. The article comes from `with_state()`."""
    return article.is_live and article.state != workflow.State.PUBLISHED


def against_correcting(article: Article, edition: Edition) -> list[str]:
    """The article comes from `with_state()`."""
    if rules := against_writing(article):
        return rules
    if not article.is_live:
        return ["Patients don’t read this article, so no live text has to be corrected: change what is saved."]
    if edition.number != article.live_number:
        return [
            f"Patients read edition {article.live_number} now, not edition {edition.number}. Go back to the article and "
            "start again from there."
        ]
    if article.version == edition.version or not compare(edition.content, content_of(article)):
        return ["What is saved is what patients read, so no draft is in the way: correct it in the article."]
    return []


def shown_of_correcting(article: Article, edition: Edition) -> dict:
    return {
        "title": f"Correct the live text of “{article}”",
        "edition": edition,
        "draft": article.revisions.filter(number=article.version).defer("content").first(),
        "comparison": compare(content_of(article), edition.content),
    }


def against_bringing_together(article: Article, wanted: Revision) -> list[str]:
    if rules := against_writing(article):
        return rules
    if wanted.number in Ancestry.of(article).versions(article.version):
        return [f"What is saved now was made from version {wanted.number}, so there is nothing to bring together."]
    return []


def shown_of_both(request, article: Article, wanted: Revision) -> dict:
    base, mine, theirs = both_sides(article, wanted, version=article.version)
    return {
        "title": f"Bring version {wanted.number} of “{article}” together with what is saved now",
        "wanted": wanted,
        "base": base,
        "their_changes": compare(base, theirs) if base else None,
        "your_changes": compare(base, mine) if base else None,
        "clashes": to_choose(merge(base, mine, theirs).clashes, choices_in(request.POST)),
        "their_label": "The text that is saved now",
        "your_label": f"Version {wanted.number}, saved by {wanted.saved_by}",
    }
