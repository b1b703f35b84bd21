"""Nobody's text is silently lost: a save that started from an older version shows both texts and offers to save both.

The typed text travels in the page of the conflict, signed and with the account that typed it, so that nothing is stored
before its editor decides, and nothing in the name of another.
"""

from contextlib import contextmanager

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from articles import html
from articles.admin import see_also_rows
from articles.admin.robust import is_id
from articles.admin.version_field import version_in
from articles.comparing.comparison import compare
from articles.comparing.text import lines_of
from articles.merging.versions import Clash, merge
from articles.merging.words import HEADING_OF, PLACE, WORDS_OF
from articles.models import Article
from articles.people import Person
from articles.revising import StaleVersion, place_of, revision, working_copy, write_content

SALT = "articles.admin.conflict"
KEPT_FOR = 30 * 24 * 60 * 60  # seconds
CHOICE = "choice:"
SAVES_SHOWN = 20
DELETED = (
    "This article has been deleted since you opened it, so nothing could be saved. Here is what you wrote, to copy."
)
NO_FIT = (
    "This article has been changed so much since you opened it that your form fits it no more; nothing was saved. "
    "Here is what you wrote, to copy into the article as it is now."
)
UNREADABLE = (
    "What you wrote came back damaged, or after more than 30 days, so nothing was saved. Open the article again."
)
OF_ANOTHER = "Somebody wrote this under another account, so it was not saved in your name. Here it is, to copy."


class _Rehearsed(Exception):
    """Ends a save that was only tried; `content` is what it would have stored."""

    def __init__(self, content: dict):
        self.content = content


class ConflictViews:
    """Put it before ModelAdmin in the bases; it saves with `with self.saving(request, article, version):`."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<path:object_id>/merge/", view, name="articles_article_merge"), *super().get_urls()]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or not is_id(object_id or ""):
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            self._refuse_stale(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleVersion as stale:
            return self._conflict(request, stale.article)

    def _refuse_stale(self, request, object_id):
        """Asked before the form is read, because rows that it names may be gone, and the form would complain of them."""
        article = self.get_object(request, object_id)
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        sent = version_in(request.POST)
        if article is None or sent not in (None, article.version):
            raise StaleVersion(article)

    @contextmanager
    def saving(self, request, article, version: int):
        if getattr(request, "is_rehearsal", False):
            yield
            raise _Rehearsed(working_copy(Article.objects.get(pk=article.pk)))
        with revision(article, version=version, at=timezone.now(), by=Person.of(request.user)):
            yield

    def _conflict(self, request, article):
        if article is None:
            return self._typed_page(request, DELETED, _typed(request.POST))
        number = version_in(request.POST)
        base = article.revisions.filter(number=number).first()
        try:
            response = self._rehearse(request, article, base)
        except _Rehearsed as rehearsed:
            typed = {"article": article.pk, "by": request.user.pk, "base": number, "content": rehearsed.content}
            return self._conflict_page(request, article, typed)
        return response or self._typed_page(request, NO_FIT, _typed(request.POST), article)

    def _rehearse(self, request, article, base):
        """Save the form as if nobody had saved meanwhile, and undo it all. Raises _Rehearsed with what it stores.

        Returns the form with its errors when it has some, or None when the version that it started from can't be
        brought back.
        """
        with transaction.atomic():
            started_there = base is not None and self._rewind(request, article.pk, base.content)
            request.is_rehearsal = True
            response = super().changeform_view(request, str(article.pk))
            response.render()
            transaction.set_rollback(True)
        return response if started_there else None

    def _rewind(self, request, pk, content) -> bool:
        """Bring back the rows from which the form started; they have new ids, so the form is told them."""
        article = Article.objects.get(pk=pk)
        write_content(article, content)
        sent = request.POST.copy()
        for prefix, rows in (("sections", article.sections.all()), ("references", article.references.all())):
            if sent.get(f"{prefix}-INITIAL_FORMS") != str(len(rows)):
                return False
            for number, row in enumerate(rows):
                sent[f"{prefix}-{number}-id"] = row.pk
        request.POST = sent
        return True

    def merge_view(self, request, object_id):
        """Save what was typed together with what is stored now."""
        if not is_id(object_id):
            raise Http404
        article = self.get_object(request, object_id)
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[object_id]))
        try:
            typed = signing.loads(request.POST.get("mine", ""), salt=SALT, max_age=KEPT_FOR)
        except signing.BadSignature:
            typed = {"article": None}
        if typed["article"] != int(object_id):
            return self._typed_page(request, UNREADABLE, [], article, status=400)
        if typed.get("by") != request.user.pk:
            return self._typed_page(request, OF_ANOTHER, _words(typed["content"]), article)
        try:
            return self._save_both(request, article, typed)
        except StaleVersion as stale:
            if stale.article is None:
                return self._typed_page(request, DELETED, _words(typed["content"]))
            return self._conflict_page(request, stale.article, typed)
        except ValidationError as refusal:  # another page has got the address since it was typed
            article = self.get_object(request, object_id)
            typed["content"] |= place_of(article)
            said = f"The address stays “{article.slug}” in this save."
            return self._conflict_page(request, article, typed, [*refusal.messages, said])

    def _save_both(self, request, article, typed):
        if article is None:
            raise StaleVersion(None)
        base = article.revisions.filter(number=typed["base"]).first()
        with self.saving(request, article, version_in(request.POST)):
            theirs = working_copy(Article.objects.get(pk=article.pk))
            merged = merge(base and base.content, typed["content"], theirs, choices_in(request.POST))
            _move(article, merged.content)
            write_content(article, merged.content)
        self.log_change(request, article, "Saved together with what was changed meanwhile")
        self.say_what_patients_read(request, article)
        return HttpResponseRedirect(self.address_of(article))

    def _conflict_page(self, request, article, typed, problems=()):
        base = article.revisions.filter(number=typed["base"]).first()
        theirs, mine = working_copy(article), typed["content"]
        saves = article.revisions.defer("content").filter(number__gt=typed["base"])[:SAVES_SHOWN]
        by = f" (by {saves[0].saved_by})" if len(saves) == 1 else ""
        context = {
            "title": f"“{article}” was saved meanwhile",
            "problems": problems,
            "saves": saves,
            "base": base,
            "their_changes": compare(base.content, theirs) if base else None,
            "your_changes": compare(base.content, mine) if base else None,
            "clashes": to_choose(merge(base and base.content, mine, theirs).clashes, choices_in(request.POST)),
            "their_label": f"The text that is saved{by}",
            "your_label": "Your text",
            "mine": signing.dumps(typed, salt=SALT, compress=True),
        }
        return self._page(request, "conflict", article, context, status=409)

    def _typed_page(self, request, said, texts, article=None, *, status=409):
        title = f"“{article}” was not saved" if article else "The article was not saved"
        return self._page(request, "typed", article, {"title": title, "said": said, "texts": texts}, status=status)

    def _page(self, request, template, article, context, *, status):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": article,
            "act": "Not saved",
            "back": self.address_of(article) if article else reverse("admin:articles_article_changelist"),
            **context,
        }
        return TemplateResponse(request, f"admin/articles/{template}.html", context, status=status)


def choices_in(sent) -> dict[str, str]:
    """What was chosen in a form, as merge() reads it."""
    return {name.removeprefix(CHOICE): value for name, value in sent.items() if name.startswith(CHOICE)}


def to_choose(clashes: list[Clash], choices: dict[str, str]) -> list[dict]:
    """The clashes as _clashes.html asks about them, with what was chosen before."""
    return [
        {"name": CHOICE + clash.key, "is_mine": choices.get(clash.key) == "mine", "clash": clash} for clash in clashes
    ]


def _move(article: Article, content: dict) -> None:
    """Give the article another address, language or original. Raises ValidationError when it can't have that place, such
    as an address that another page has, or had once."""
    if {name: content[name] for name in PLACE} != place_of(article):
        article.slug, article.language = content["slug"], content["language"]
        article.translation_of = Article.objects.at_path(content["translation_of"])
        article.full_clean(exclude={field.name for field in article._meta.fields} - set(PLACE))
        article.save(update_fields=PLACE)


def _words(content: dict) -> list[tuple[str, str]]:
    """All that a version says, as text to copy: the name of each part and its lines."""
    parts = [(HEADING_OF[name], "\n".join(WORDS_OF[name](content[name]))) for name in HEADING_OF if name in content]
    return [(heading, text) for heading, text in parts if text]


def _typed(sent) -> list[tuple[str, str]]:
    """The words of a form that can't be read as a form any more, because what it belonged to is gone."""
    names = {"title": "Title", "deck": "Summary", "slug": "Address", "tags": "Tags"}
    texts = [(heading, sent.get(name, "")) for name, heading in names.items()]
    for number in range(_count(sent, "sections")):
        heading, body = (sent.get(f"sections-{number}-{name}", "") for name in ("heading", "body"))
        texts.append((f"Section {number + 1}", "\n".join([heading, *lines_of(html.clean(body))]).strip()))
    for number in range(_count(sent, "references")):
        names = ("text", "year", "doi", "pmid", "url", "accessed_on")
        words = [sent.get(f"references-{number}-{name}", "") for name in names]
        texts.append((f"Reference {number + 1}", " ".join(filter(None, words))))
    texts.append(("See also", _typed_links(sent.get("see_also", ""))))
    return [(heading, text) for heading, text in texts if text]


def _typed_links(text: str) -> str:
    try:
        rows = see_also_rows.settle(see_also_rows.parse(text), at=timezone.now())
    except ValidationError:
        return text
    return "\n".join(map(see_also_rows.as_line, rows))


def _count(sent, prefix: str) -> int:
    number = sent.get(f"{prefix}-TOTAL_FORMS", "")
    return min(int(number), 1_000) if is_id(number) else 0
