"""What articles and topics share: a title, a language, an address that stays, a kind, and times in which they are withdrawn."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q

from articles import languages, slugs
from articles.kinds import Kind
from articles.models.withdrawal import Withdrawal

ASCII_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\Z")
ascii_slug_validator = RegexValidator(
    ASCII_SLUG,
    "Write lower-case letters from a to z, digits and single hyphens, such as “bone-scan”.",
)


class PageQuerySet(models.QuerySet):
    def at_path(self, path: str) -> "Page | None":
        """The page, public or not, that has this public path now."""
        address = self.model.address_in(path)
        return self.filter(slug=address[0], language=address[1]).first() if address else None

    def at_short_address(self, short: str) -> "Page | None":
        """The same for what staff write: "bone-scan", or "es/gammagrafia-osea"."""
        language, _, slug = f"/{short}".rpartition("/")
        return self.at_path(f"{language}{self.model.path_prefix}{slug}/")

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


SLUG_TAKEN = "Another page has this address. Choose a different one."
LANGUAGE_STAYS = "Patients may have read this page in its language already, so the language stays."
SLUG_PROMISED = "This was once the address of another page, and still leads there. Choose a different one."


class Page(models.Model):
    """An address is a promise: the slug stays when the title changes, and a changed slug leaves a redirect.

    A page has one language for good, and two pages of different languages may have one slug. `translation_of` is the page
    that this one says in another language; translations lead to their original, never to one another.
    """

    title = models.CharField(max_length=200)
    language = models.CharField(
        max_length=languages.MAX_LENGTH,
        choices=languages.choices,
        default=languages.DEFAULT,
        help_text="Of the text. It decides the address, and stays from the first publication on.",
    )
    translation_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="translations",
        help_text="The page in another language that this one translates. Patients find the one from the other.",
    )
    slug = models.CharField(
        "address",
        max_length=slugs.MAX_LENGTH,
        db_index=True,  # for the beginnings that free_slug() asks for
        blank=True,
        validators=[ascii_slug_validator],
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
            models.UniqueConstraint(fields=["language", "slug"], name="%(class)s_slug_once_in_language"),
            models.UniqueConstraint(fields=["translation_of", "language"], name="%(class)s_one_translation_a_language"),
            models.CheckConstraint(
                name="%(class)s_translates_another",
                condition=Q(translation_of=None) | ~Q(translation_of=F("id")),
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def kind_of_page(self) -> Kind:
        """Long lists take the label from here: `get_kind_display` translates and hashes all kinds for each page."""
        return Kind(self.kind)

    @classmethod
    def from_db(cls, db, field_names, values):
        page = super().from_db(db, field_names, values)
        page._stored_address = page._address()
        return page

    def _address(self) -> tuple[str, str] | None:
        """None while it is not known: a new page, or one that was read without these columns."""
        slug, language = self.__dict__.get("slug"), self.__dict__.get("language")
        return (slug, language) if slug and language else None

    def get_absolute_url(self) -> str:
        return self.path_of(self.slug, self.language)

    @property
    def short_address(self) -> str:
        """What staff write for the address where the sort of page is known: "bone-scan", or "es/gammagrafia-osea"."""
        return f"{languages.prefix_of(self.language)}/{self.slug}".removeprefix("/")

    @classmethod
    def path_of(cls, slug: str, language: str) -> str:
        return f"{languages.prefix_of(language)}{cls.path_prefix}{slug}/"

    @classmethod
    def address_in(cls, path: str) -> tuple[str, str] | None:
        """The slug and the language that a path names, whether or not there is such a page; None for a path of anything
        else."""
        language = languages.language_of(path)
        slug = path.removeprefix(cls.path_of("", language).removesuffix("/")).removesuffix("/")
        named = ASCII_SLUG.match(slug) and len(slug) <= slugs.MAX_LENGTH and path == cls.path_of(slug, language)
        return (slug, language) if named else None

    def withdrawal(self, *, at: datetime) -> Withdrawal | None:
        """The withdrawal that keeps the page from patients at that moment; None when none does."""
        return self.withdrawals.in_force(at=at).last()

    def clean(self):
        super().clean()
        others = type(self).objects.exclude(pk=self.pk)
        promised = self.redirects_model().objects.filter(path=self.get_absolute_url())
        if self.pk:
            promised = promised.exclude(**self._as_target())
        problems = {}
        if self.slug and others.filter(language=self.language, slug=self.slug).exists():
            problems["slug"] = SLUG_TAKEN
        elif self.slug and promised.exists():
            problems["slug"] = SLUG_PROMISED
        if problem := self.translation_problem():
            problems["translation_of"] = problem
        stored = getattr(self, "_stored_address", None)
        if stored and stored[1] != self.language and self.has_been_public():
            problems["language"] = LANGUAGE_STAYS
        if problems:
            raise ValidationError(problems)

    def has_been_public(self) -> bool:
        raise NotImplementedError

    def public_title(self, *, at: datetime) -> str:
        """The title under which patients read the page last, up to that moment; empty when they never did."""
        raise NotImplementedError

    def translation_problem(self) -> str:
        """Why this page can't be the translation that it says it is, in a sentence for its editor; empty when it can."""
        if self.pk and self.translations.filter(language=self.language).exists():
            return f"This page has a translation into {self.get_language_display()} already, so it can't be in that language."
        original = self.translation_of
        if original is None:
            return ""
        if self.pk and (original.pk == self.pk or self.translations.exists()):
            return "Other pages are translations of this one, so it can't be a translation itself."
        if original.translation_of_id:
            return f"“{original}” is a translation itself. Choose the original that it translates."
        if original.language == self.language:
            return f"“{original}” is in {self.get_language_display()} as well. Choose a page in another language."
        if original.translations.filter(language=self.language).exclude(pk=self.pk).exists():
            return f"“{original}” has a translation into {self.get_language_display()} already."
        return ""

    def validate_constraints(self, exclude=None):
        """Asks the database nothing: the fields say the same as the constraints above, and it refuses the rest."""

    def save(self, *args, update_fields=None, **kwargs):
        """Give a new page its slug; keep the old address when the slug has changed."""
        if not self.slug:
            self.slug = self.free_slug()
        ascii_slug_validator(self.slug)  # whichever door it came through: another alphabet would break the address
        if update_fields is not None and not {"slug", "language"} & set(update_fields):
            return super().save(*args, update_fields=update_fields, **kwargs)
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            stored, self._stored_address = getattr(self, "_stored_address", None), self._address()
            if stored and stored != self._stored_address:
                self.redirects.filter(path=self.get_absolute_url()).delete()
                self.redirects.model.objects.create(path=self.path_of(*stored), **self._as_target())

    def free_slug(self) -> str:
        """A slug from the title that no other page of the language has and no redirect promises to another."""
        slug = slugs.ascii_slug(self.title, fallback=self._meta.model_name)
        others = type(self).objects.filter(language=self.language).exclude(pk=self.pk)
        taken = set(others.filter(slug__startswith=slug[:90]).values_list("slug", flat=True))
        start = self.path_of(slug[:90], self.language)
        promised = self.redirects_model().objects.filter(path__startswith=start.removesuffix("/"))
        if self.pk:
            promised = promised.exclude(**self._as_target())
        before = self.path_of("", self.language).removesuffix("/")
        taken |= {path.removeprefix(before).strip("/") for path in promised.values_list("path", flat=True)}
        return slugs.numbered(slug, taken)

    @classmethod
    def redirects_model(cls):
        return cls._meta.get_field("redirects").related_model

    def _as_target(self) -> dict:
        return {self._meta.model_name: self}
