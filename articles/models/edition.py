"""What patients read: a numbered, frozen publication of an article."""

from datetime import date, datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles import languages
from articles.dates import day_after
from articles.kinds import Kind
from articles.models.ledger import LedgerQuerySet, LedgerRow
from articles.models.scheduled_act import ScheduledAct
from articles.models.withdrawal import Withdrawal

CHANGED_ON = Coalesce("updated_on", "published_on")  # the day of the last change of meaning


class EditionQuerySet(LedgerQuerySet):
    def not_cancelled(self):
        """All that patients have read, read, or will read: without the scheduled ones that were called off."""
        called_off = ScheduledAct.objects.filter(edition=OuterRef("pk"), cancelled_at__isnull=False)
        return self.filter(~Exists(called_off))

    def public(self, *, at: datetime):
        """The editions that patients may open at that moment, earlier ones too; none of a withdrawn article."""
        withdrawn = Withdrawal.objects.in_force(at=at).filter(article=OuterRef("article"))
        return self.not_cancelled().filter(~Exists(withdrawn), published_at__lte=at)

    def live(self, *, at: datetime):
        """The edition of each article that patients read at that moment: its newest, unless it is withdrawn."""
        return self.public(at=at).exclude(Exists(_later(at)))

    def on_day(self, article, day: date, *, at: datetime) -> "Edition | None":
        """What patients read when that day ended, by the clocks of the site (TIME_ZONE); for today, what they read now.

        None when nothing was published by then, when the page was withdrawn, or when the day has not begun at the
        moment `at`.
        """
        if day > timezone.localdate(at):
            return None
        return self.live(at=min(day_after(day) - datetime.resolution, at)).filter(article=article).first()

    def with_read_until(self, *, at: datetime):
        """Adds `read_until`, the moment at which the next edition took its place; None for the one still read."""
        return self.annotate(read_until=Subquery(_later(at).order_by("number").values("published_at")[:1]))

    def with_what_changed(self):
        """Adds `what_changed`, the public note of the major edition that moved the date Updated; None without one."""
        major = (
            Edition.objects.not_cancelled()
            .filter(article=OuterRef("article"), number__lte=OuterRef("number"), change=Edition.Change.MAJOR)
            .order_by("-number")
        )
        note = Case(When(updated_on__isnull=False, then=Subquery(major.values("note")[:1])))
        return self.annotate(what_changed=note)

    def with_review_dates(self):
        """Adds what the page says of its last review of the whole page (`reviewed_on`, `reviewed_by`,
        `reviewer_credential`, `reviewed_edition`), the day that its source states (`stated_review_on`),
        `next_review_on` and `banner_after_days`; None where there is none."""
        from articles.models.review import Review
        from articles.models.stated_review import StatedReview

        last = Review.objects.whole().filter(article=OuterRef("article")).order_by("-reviewed_on", "-id")
        stated = StatedReview.objects.filter(article=OuterRef("article")).order_by("-id")
        return self.annotate(
            reviewed_on=Subquery(last.values("reviewed_on")[:1]),
            reviewed_by=Subquery(last.values("reviewer_name")[:1]),
            reviewer_credential=Subquery(last.values("reviewer_credential")[:1]),
            reviewed_edition=Subquery(last.values("edition__number")[:1]),
            stated_review_on=Subquery(stated.values("reviewed_on")[:1]),
            next_review_on=F("article__next_review_on"),
            banner_after_days=F("article__banner_after_days"),
        )

    def signed_off(self):
        """Those that a second clinician has signed off, before they were published or afterwards."""
        return self.filter(Q(sign_off__isnull=False) | Q(signed_off_afterwards__isnull=False))

    def awaiting_sign_off(self):
        """The queue of editions that were published without a sign-off and have got none since. Sample text says on
        its page that nobody has checked it, so it is not in the queue."""
        unsigned = self.not_cancelled().filter(sign_off=None, signed_off_afterwards=None)
        return unsigned.filter(is_sample=False)

    def for_lists(self):
        """What a list of pages prints: the title, the deck, the kind and the dates, without the text."""
        return self.select_related("article").defer("content").order_by("title", "id")


def _later(at: datetime) -> models.QuerySet:
    """The editions of the same article that had taken the place of the outer one at that moment."""
    later = Edition.objects.not_cancelled().filter(article=OuterRef("article"), number__gt=OuterRef("number"))
    return later.filter(published_at__lte=at)


class Edition(LedgerRow):
    """`content` holds everything that the page says (articles/publishing.py describes it); the columns beside it
    repeat what lists and addresses need. `about`, `see_also` and `tags` are an index of the content, so that the
    page of a topic or tag can ask which live editions name it."""

    class Change(models.TextChoices):
        MAJOR = "major", "Major: the meaning changed"
        MINOR = "minor", "Minor: a correction that changes no meaning"

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=languages.MAX_LENGTH, choices=languages.choices, default=languages.DEFAULT)
    title = models.CharField(max_length=200)
    deck = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    is_sample = models.BooleanField(default=False)
    schema = models.PositiveSmallIntegerField("version of the content's form")
    content = models.JSONField()
    change = models.CharField(max_length=5, choices=Change.choices)
    note = models.CharField("public note", max_length=300, blank=True)
    version = models.PositiveIntegerField("version of the article", default=0)  # that it froze
    published_at = models.DateTimeField("published at")  # when patients read it first; may lie ahead
    published_by = models.CharField(max_length=200)
    published_by_account = models.PositiveBigIntegerField("id of the account", null=True, blank=True)
    sign_off = models.ForeignKey(
        "articles.WorkflowStep", on_delete=models.PROTECT, null=True, blank=True, related_name="editions"
    )
    bypass_reason = models.CharField("why it was published without a sign-off", max_length=300, blank=True)
    published_on = models.DateField("date Published")
    published_on_is_stated = models.BooleanField(default=False)
    updated_on = models.DateField("date Updated", null=True, blank=True)

    about = models.ManyToManyField("articles.Topic", related_name="editions_about", editable=False)
    see_also = models.ManyToManyField("articles.Topic", related_name="editions_naming", editable=False)
    tags = models.ManyToManyField("articles.Tag", related_name="editions", editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "-number"]
        indexes = [
            models.Index(fields=["kind", "title"]),
            models.Index(fields=["-published_at"]),
            models.Index("language", CHANGED_ON.desc(), "title", name="edition_newest"),
            models.Index(fields=["article", "-number", "published_at"], name="edition_live_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="edition_number_once_in_article"),
            models.CheckConstraint(name="edition_number_starts_at_1", condition=Q(number__gte=1)),
            models.CheckConstraint(name="edition_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="edition_signed_off_or_with_reason",
                condition=Q(sign_off__isnull=False) | ~Q(bypass_reason=""),
                violation_error_message="An edition is signed off, or it says why it was published without.",
            ),
        ]

    def __str__(self):
        return f"{self.title}, edition {self.number}"

    def get_absolute_url(self) -> str:
        return self.article.get_absolute_url()

    @property
    def kind_of_page(self) -> Kind:
        return Kind(self.kind)
