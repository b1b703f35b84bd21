"""The form of a review: of one article, whose page stands beside it. What the verb would refuse stands at its field."""

from copy import copy
from datetime import datetime

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils import timezone
from django.utils.formats import date_format

from articles import review_requests, reviewing
from articles.admin.robust import OneOfIds, SeveralOf, is_id
from articles.due import limit
from articles.models import Article, Edition, Review, ReviewRequest
from articles.people import Person

SALT = "articles.admin.review"
OPEN_AGAIN = "This form came back damaged, or under another account. Open the page of the review again."


def opening(edition: Edition, *, at: datetime, user) -> str:
    """What the page of a review sends along, signed: which edition somebody was shown, and when."""
    shown = {"article": edition.article_id, "number": edition.number, "user": user.pk, "at": at.timestamp()}
    return signing.dumps(shown, salt=SALT)


def edition_to_show(pk: str, *, corrects: Review | None, is_sent: bool) -> Edition | None:
    """What stands beside the form for the article with that id, which may be any text; `corrects` is the record to be
    corrected, if that is what the form is for. None when there is nothing that could be reviewed or corrected.

    A form that is sent comes back with what was typed when the page was withdrawn meanwhile, beside what patients read last.
    """
    if not is_id(pk):
        return None
    at = timezone.now()
    of_article = corrects if corrects and corrects.article_id == int(pk) else None
    try:
        return reviewing.edition_before_reviewer(int(pk), at=at, corrects=of_article)
    except ValidationError:
        begun = Edition.objects.not_cancelled().filter(article=pk, published_at__lte=at).order_by("-number")
        return begun.select_related("article").first() if is_sent else None


def review_with(pk) -> Review | None:
    """The record with that id, which may be any text."""
    return (
        Review.objects.select_related("article", "edition__article").filter(pk=pk).first() if is_id(str(pk)) else None
    )


def open_request_with(pk: str, *, article: str) -> ReviewRequest | None:
    """The open request with that id, of the article with that one; both may be any text."""
    if not (is_id(pk) and is_id(article)):
        return None
    return ReviewRequest.objects.open().filter(pk=pk, article=article).first()


class TickedRequests(forms.CheckboxSelectMultiple):
    """Boxes of requests. One that this person may not answer says why and can't be ticked: `refused` has its reason, by
    its id."""

    refused: dict[int, str] = {}

    def create_option(self, name, value, label, selected, index, subindex=None, attrs=None):
        why = self.refused.get(value.value)
        if why:
            label, selected, attrs = (
                f"{label} You can’t answer this one. {why}",
                False,
                {**(attrs or {}), "disabled": True},
            )
        return super().create_option(name, value, label, selected, index, subindex=subindex, attrs=attrs)


class RequestsField(SeveralOf):
    def label_from_instance(self, request):
        said = f"{request.get_cause_display()}, asked by {request.opened_by}, wanted by {date_format(request.due_on)}"
        return f"{request.about} ({said})"


class ArticleForm(forms.Form):
    """Asks for the article, before there is a page to review."""

    article = forms.ModelChoiceField(
        Article.objects.all(),
        widget=OneOfIds(Review._meta.get_field("article"), admin.site),
        help_text="A published one.",
    )

    def clean_article(self):
        article = self.cleaned_data["article"]
        reviewing.edition_before_reviewer(article.pk, at=timezone.now())
        return article


class ReviewForm(forms.ModelForm):
    """Of the article that its data name, or else `initial`; one of them must name an article with an edition to show.
    `user` is set on the class that the admin makes for each request."""

    user = None
    scope = forms.ChoiceField(choices=Review.Scope, widget=forms.RadioSelect, initial=Review.Scope.WHOLE)
    parts = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For a review of parts. It moves no date of the page.",
        error_messages={"invalid_choice": "“%(value)s” is not on the page that patients read. Open the page again."},
    )
    answers = RequestsField(
        ReviewRequest.objects.none(),
        required=False,
        label="This review answers",
        help_text="Untick a request that this review has nothing to do with: it stays open.",
        widget=TickedRequests,
        error_messages={
            "invalid_choice": "A request that you ticked was closed meanwhile. Below are those that are still open."
        },
    )
    attested = forms.BooleanField(
        label="I have read what this record says was reviewed, and the record is true.",
        error_messages={"required": "Tick the box when you have read it. Without that there is no review."},
    )
    opened = forms.CharField(widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        corrected = review_with(self.data.get("supersedes") or self.initial.get("supersedes"))
        article = self.data.get("article") or self.initial.get("article") or ""
        self.edition = edition_to_show(str(article), corrects=corrected, is_sent=self.is_bound)
        for name in ("article", "supersedes"):
            self.fields[name].widget = forms.HiddenInput()
        reviewed_then = {part["anchor"]: part["name"] for part in corrected.parts} if corrected else {}
        self.fields["parts"].choices = {**reviewing.parts_of(self.edition), **reviewed_then}.items()
        self.fields["next_review_on"].help_text = self._when_due()
        self._offer_requests(is_correction=corrected is not None)

    def _offer_requests(self, *, is_correction: bool) -> None:
        """All that are open are ticked at first. A correction says an old review again, so it answers none."""
        field = self.fields["answers"]
        offered = [] if is_correction else list(review_requests.open_requests(self.edition.article))
        if not offered:
            field.widget = forms.MultipleHiddenInput()
            return
        by = Person.of(self.user)
        field.widget.refused = {each.pk: why for each in offered if (why := review_requests.why_not(each, by))}
        field.queryset = review_requests.open_requests(self.edition.article)
        self.initial["answers"] = [each.pk for each in offered if each.pk not in field.widget.refused]

    def _when_due(self) -> str:
        article = self.edition.article
        last_day = limit(timezone.localdate(), article.review_months)
        if last_day is None:
            return "No policy covers this page, so a review of the whole page has to say when it is due again."
        return (
            "Empty means the last day that the policy allows. For a review of today that is "
            f"{last_day:%B} {last_day.day}, {last_day.year}: {article.review_policy}."
        )

    def clean_opened(self) -> dict:
        try:
            opened = signing.loads(self.cleaned_data["opened"], salt=SALT)
        except signing.BadSignature:
            raise ValidationError(OPEN_AGAIN) from None
        if (opened["user"], opened["article"]) != (self.user.pk, self.edition.article_id):
            raise ValidationError(OPEN_AGAIN)
        return opened

    def _post_clean(self):
        """Ask the verb what it would refuse, in place of Django's own check: the constraints hold for a record that has
        what follows from its fields. A copy takes what the verb fills in."""
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        if not self.errors:
            try:
                reviewing.check_review(copy(self.instance), **self.how())
            except ValidationError as refusal:
                self.add_error(None, refusal)

    def how(self) -> dict:
        """The moment, the person, the edition seen and the requests answered, as the verbs take them."""
        return {
            "at": timezone.now(),
            "by": Person.of(self.user),
            "seen": self.cleaned_data["opened"]["number"],
            "answers": self.cleaned_data["answers"],
        }

    def opening(self) -> str:
        """What the page sends along. The clock runs on when a form comes back with an error, and begins anew with
        another edition, which nobody has read yet."""
        opened = getattr(self, "cleaned_data", {}).get("opened")
        if opened and opened["number"] == self.edition.number:
            return self.data["opened"]
        return opening(self.edition, at=timezone.now(), user=self.user)

    def seconds_on_page(self) -> int:
        """From the moment at which this person was first shown this edition."""
        return max(0, int(timezone.now().timestamp() - self.cleaned_data["opened"]["at"]))
