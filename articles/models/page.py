"""What articles and topics share: a title, an address that stays, a kind, and times in which they are withdrawn."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from articles import slugs
from articles.kinds import Kind
from articles.models.withdrawal import Withdrawal

ascii_slug_validator = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
    "Write lower-case letters from a to z, digits and single hyphens, such as “bone-scan”.",
)


class PageQuerySet(models.QuerySet):
    def withdrawn(self, *, at: datetime):
        return self.filter(self._in_force(at))

    def not_withdrawn(self, *, at: datetime):
        return self.filter(~self._in_force(at))

    def with_is_withdrawn(self, *, at: datetime):
        """Adds `is_withdrawn`, for lists."""
        return self.annotate(is_withdrawn=self._in_force(at))

    def _in_force(self, at: datetime) -> Exists:
        page = {self.model._meta.model_name: OuterRef("pk")}
        return Exists(Withdrawal.objects.in_force(at=at).filter(**page))


class Page(models.Model):
    """An address is a promise: the slug stays when the title changes, and a changed slug leaves a redirect."""

    title = models.CharField(max_length=200)
    slug = models.CharField(
        "address",
        max_length=slugs.MAX_LENGTH,
        unique=True,
        blank=True,
        validators=[ascii_slug_validator],
        error_messages={"unique": "Another page has this address. Choose a different one."},
        help_text="The last part of the page's address. Leave it empty and it is made from the title. It stays when "
        "the title changes; if you change it, the old address leads here.",
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    is_sample = models.BooleanField(
        "sample text",
        default=False,
        help_text="The public page says that this is sample text which no clinician has reviewed.",
    )

    path_prefix: str

    objects = PageQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_kind_is_known",
                condition=Q(kind__in=Kind.values),
                violation_error_message="Choose a kind from the list.",
            ),
            models.CheckConstraint(
                name="%(class)s_slug_is_not_empty",
                condition=~Q(slug=""),
                violation_error_message="A page needs an address.",
            ),
            models.CheckConstraint(
                name="%(class)s_title_is_not_empty",
                condition=~Q(title=""),
                violation_error_message="Give the page a title.",
            ),
        ]

    def __str__(self):
        return self.title

    @classmethod
    def from_db(cls, db, field_names, values):
        page = super().from_db(db, field_names, values)
        page._stored_slug = page.__dict__.get("slug")
        return page

    def get_absolute_url(self) -> str:
        return self.path_of(self.slug)

    @classmethod
    def path_of(cls, slug: str) -> str:
        return f"{cls.path_prefix}{slug}/"

    def withdrawal(self, *, at: datetime) -> Withdrawal | None:
        """The withdrawal that keeps the page from patients at that moment; None when none does."""
        return self.withdrawals.in_force(at=at).last()

    def clean(self):
        super().clean()
        promised = self.redirects_model().objects.filter(path=self.path_of(self.slug))
        if self.pk:
            promised = promised.exclude(**self._as_target())
        if self.slug and promised.exists():
            raise ValidationError(
                {"slug": "This was once the address of another page, and still leads there. Choose a different one."}
            )

    def validate_constraints(self, exclude=None):
        """Asks the database nothing: the fields say the same as the constraints above, and it refuses the rest."""

    def save(self, *args, update_fields=None, **kwargs):
        """Give a new page its slug; keep the old address when the slug has changed."""
        if not self.slug:
            self.slug = self.free_slug()
        ascii_slug_validator(self.slug)  # whichever door it came through: another alphabet would break the address
        if update_fields is not None and "slug" not in update_fields:
            return super().save(*args, update_fields=update_fields, **kwargs)
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            stored, self._stored_slug = getattr(self, "_stored_slug", None), self.slug
            if stored and stored != self.slug:
                self.redirects.filter(path=self.get_absolute_url()).delete()
                self.redirects.model.objects.create(path=self.path_of(stored), **self._as_target())

    def free_slug(self) -> str:
        """A slug from the title that no other page has and no redirect promises to another."""
        slug = slugs.ascii_slug(self.title, fallback=self._meta.model_name)
        others = type(self).objects.exclude(pk=self.pk)
        taken = set(others.filter(slug__startswith=slug[:90]).values_list("slug", flat=True))
        start = self.path_of(slug[:90])
        promised = self.redirects_model().objects.filter(path__startswith=start.removesuffix("/"))
        if self.pk:
            promised = promised.exclude(**self._as_target())
        taken |= {path.removeprefix(self.path_prefix).strip("/") for path in promised.values_list("path", flat=True)}
        return slugs.numbered(slug, taken)

    @classmethod
    def redirects_model(cls):
        return cls._meta.get_field("redirects").related_model

    def _as_target(self) -> dict:
        return {self._meta.model_name: self}
