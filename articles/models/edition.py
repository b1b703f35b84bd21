"""What patients read: a numbered, frozen publication of an article."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from articles.kinds import Kind
from articles.models.ledger import LedgerQuerySet, LedgerRow


class EditionQuerySet(LedgerQuerySet):
    def live(self, *, at: datetime):
        """The edition of each article that patients read at that moment: its newest, unless it is withdrawn."""
        later = Edition.objects.filter(article=OuterRef("article"), number__gt=OuterRef("number"), published_at__lte=at)
        in_force = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=at)
        return self.filter(in_force, published_at__lte=at).exclude(Exists(later))

    def with_review_dates(self):
        """Adds `reviewed_on`, `next_review_on` and `reviewed_by` of the last whole-page review; None without one."""
        from articles.models.review import Review

        last = Review.objects.filter(article=OuterRef("article")).order_by("-reviewed_on", "-id")
        return self.annotate(
            reviewed_on=Subquery(last.values("reviewed_on")[:1]),
            next_review_on=Subquery(last.values("next_review_on")[:1]),
            reviewed_by=Subquery(last.values("reviewer_name")[:1]),
            reviewer_credential=Subquery(last.values("reviewer_credential")[:1]),
        )

    def for_lists(self):
        """What a list of pages prints: the title, the deck, the kind and the dates, without the text."""
        return self.select_related("article").defer("content").order_by("title", "id")


class Edition(LedgerRow):
    """`content` holds everything that the page says (articles/publishing.py describes it); the columns beside it
    repeat what lists and addresses need. `about`, `see_also` and `tags` are an index of the content, so that the
    page of a topic or tag can ask which live editions name it."""

    class Change(models.TextChoices):
        MAJOR = "major", "Major: the meaning changed"
        MINOR = "minor", "Minor: a correction that changes no meaning"

    article = models.ForeignKey("articles.Article", on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    deck = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    is_sample = models.BooleanField(default=False)
    schema = models.PositiveSmallIntegerField("version of the content's form")
    content = models.JSONField()
    change = models.CharField(max_length=5, choices=Change.choices)
    note = models.CharField("public note", max_length=300, blank=True)
    published_at = models.DateTimeField("published at")
    published_by = models.CharField(max_length=200)
    published_on = models.DateField("date Published")
    published_on_is_stated = models.BooleanField(default=False)
    updated_on = models.DateField("date Updated", null=True, blank=True)

    about = models.ManyToManyField("articles.Topic", related_name="editions_about", editable=False)
    see_also = models.ManyToManyField("articles.Topic", related_name="editions_naming", editable=False)
    tags = models.ManyToManyField("articles.Tag", related_name="editions", editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "-number"]
        indexes = [models.Index(fields=["kind", "title"]), models.Index(fields=["-published_at"])]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="edition_number_once_in_article"),
            models.CheckConstraint(name="edition_number_starts_at_1", condition=Q(number__gte=1)),
            models.CheckConstraint(name="edition_kind_is_known", condition=Q(kind__in=Kind.values)),
        ]

    def __str__(self):
        return f"{self.title}, edition {self.number}"

    def get_absolute_url(self) -> str:
        return self.article.get_absolute_url()

    @property
    def kind_of_page(self) -> Kind:
        return Kind(self.kind)
