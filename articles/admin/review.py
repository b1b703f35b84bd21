"""Reviews: recorded here, and never changed afterwards. A mistake is corrected by a new record."""

from datetime import datetime

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from articles import reviewing
from articles.admin.article import DAY_INPUT
from articles.admin.ledger import ReadOnlyAdmin
from articles.admin.review_form import ArticleForm, ReviewForm, edition_to_show, open_request_with, review_with
from articles.comparing.comparison import compare
from articles.due import last_review
from articles.models import Edition, Review
from articles.page_health import page_health
from articles.people import name_of
from articles.review_requests import TRIGGERS, open_requests

COPIED = ("scope", "trigger", "reviewed_on", "outcome", "evidence", "note", "next_review_on")
REQUEST_GONE = (
    "The request that led here is closed already, or is of another page. You can review this page all the same."
)
REVIEWER = ("reviewer_name", "reviewer_role", "reviewer_credential")


def shown_beside(edition: Edition, *, at: datetime) -> dict:
    """The page as patients read it, why it is to be looked at, what changed since its last review, and its health."""
    last = last_review(edition.article)
    health = page_health(edition, last=last, at=at, today=timezone.localdate(at))
    return {
        "edition": edition,
        "content": edition.content,
        "last": last,
        "comparison": compare(last.edition.content, edition.content) if last else None,
        "requests": open_requests(edition.article),
        "health": health,
        "dead_links": len(edition.content["links"]) - len(health.see_also),
    }


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["article", "scope_in_words", "reviewed_on", "reviewer_name", "outcome", "next_review_on"]
    list_display_links = ["article", "reviewed_on"]
    list_filter = ["outcome", "scope"]
    list_select_related = ["article", "superseded_by"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "reviewed_on"
    search_fields = ["article__title", "reviewer_name"]
    search_help_text = "Words of the article’s title or of the reviewer’s name."
    add_form_template = "admin/articles/review/add.html"
    formfield_overrides = {
        **DAY_INPUT,
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})},
    }

    def get_fieldsets(self, request, obj=None):
        who = ("Who reviewed it", {"fields": list(REVIEWER)})
        found = ["outcome", "evidence", "note", "next_review_on"]
        if obj is None:
            what = ["article", "supersedes", "answers", "reviewed_on", "trigger", "scope"]
            folded = () if self._is_of_parts(request) else ("collapse",)
            parts = ("Parts, for a review of parts only", {"fields": ["parts"], "classes": folded})
            return [(None, {"fields": what}), parts, who, ("What was found", {"fields": [*found, "attested"]})]
        return [
            (None, {"fields": ["article", "scope_in_words", "reviewed_on", "trigger"]}),
            who,
            ("What was found", {"fields": found}),
            ("Record", {"fields": ["edition", "supersedes", "time_on_page", "recorded_at", "recorded_by"]}),
        ]

    def _is_of_parts(self, request) -> bool:
        """Whether the form is about parts already. Otherwise they are folded away: most reviews are of the whole page, and
        its keyboard needn't pass a box for each section."""
        wrong = review_with(request.GET.get("corrects", ""))
        return Review.Scope.PART in (request.POST.get("scope"), wrong and wrong.scope)

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, form=ReviewForm, **kwargs)
        form.user = request.user
        today = timezone.localdate()
        day = form.base_fields["reviewed_on"]
        day.help_text = f"The day on which the page was checked. Today is {today:%B} {today.day}, {today.year}."
        return form

    def has_add_permission(self, request):
        return request.user.has_perm("articles.add_review")

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Reviews", **(extra_context or {})})

    def add_view(self, request, form_url="", extra_context=None):
        """The form stands beside the page that it is about, so without one it asks for the article first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if asked := request.GET.get("corrects"):
            corrected = review_with(asked)
            if corrected is None:
                raise Http404
            if newer := getattr(corrected, "superseded_by", None):
                self.message_user(request, "That record has been corrected already, by this one.", messages.WARNING)
                return HttpResponseRedirect(self._address_of(newer))
            asked = str(corrected.article_id)
        is_sent = request.method == "POST"
        sent = request.POST if is_sent else request.GET
        article = sent.get("article") or asked or ""
        corrected = review_with(sent.get("supersedes") or sent.get("corrects"))
        if edition_to_show(article, corrects=corrected, is_sent=is_sent) is None:
            return self._choose_article(request, {"article": article} if "article" in sent or asked else None)
        return super().add_view(request, form_url, extra_context)

    def _choose_article(self, request, sent):
        form = ArticleForm(sent)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Which article was reviewed?",
            "add": True,
            "has_view_permission": self.has_view_permission(request),
            "errors": form.errors,
            "adminform": AdminForm(form, [(None, {"fields": ["article"]})], {}, model_admin=self),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/review/choose.html", context)

    def get_changeform_initial_data(self, request):
        """Who is signed in is likely to be the reviewer. No day is filled in: a date is the result of an act. A
        correction begins with what the wrong record says."""
        if wrong := review_with(request.GET.get("corrects", "")):
            copied = {name: getattr(wrong, name) for name in (*COPIED, *REVIEWER)}
            parts = [part["anchor"] for part in wrong.parts]
            return {"article": wrong.article_id, "supersedes": wrong.pk, "parts": parts, **copied}
        name = name_of(request.user)
        before = Review.objects.filter(reviewer_name=name).first()
        profile = getattr(request.user, "profile", None)
        asked = request.GET.get("request", "")
        wanted = open_request_with(asked, article=request.GET["article"])
        if asked and wanted is None:
            self.message_user(request, REQUEST_GONE, messages.WARNING)
        return {
            "article": request.GET["article"],
            **({"trigger": TRIGGERS[wanted.cause]} if wanted else {}),
            "reviewer_name": name,
            "reviewer_role": before.reviewer_role if before else "",
            "reviewer_credential": str(profile) if profile else before.reviewer_credential if before else "",
        }

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if add:
            form = context["adminform"].form
            context |= shown_beside(form.edition, at=timezone.now())
            context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
            act = "Correct the review of" if form["supersedes"].value() else "Review"
            context |= {"title": f"{act} “{form.edition.title}”", "opening": form.opening()}
        elif obj is not None:
            newer = getattr(obj, "superseded_by", None)
            context |= {"newer": newer, "can_correct": newer is None and self.has_add_permission(request)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request, review, form, change):
        corrected = review.supersedes  # mending a slip of the pen is no look at the page: the time of that look stays
        review.seconds_on_page = corrected.seconds_on_page if corrected else form.seconds_on_page()
        reviewing.record_review(review, **form.how())

    def _address_of(self, review) -> str:
        return reverse("admin:articles_review_change", args=[review.pk])

    @admin.display(description="scope", ordering="scope")
    def scope_in_words(self, review):
        said = review.get_scope_display()
        if review.scope == Review.Scope.PART:
            said = f"{said}: {', '.join(part['name'] for part in review.parts)}"
        return f"{said} (corrected)" if hasattr(review, "superseded_by") else said

    @admin.display(description="time on the page")
    def time_on_page(self, review):
        if review.seconds_on_page is None:
            return "not known"
        minutes, seconds = divmod(review.seconds_on_page, 60)
        return f"{minutes} min {seconds} s"
