"""What the library is about and what a related link points at. A topic holds no advice: that lives in articles."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from taggit.managers import TaggableManager

from articles.models.page import Page
from articles.models.tag import TopicTag
from articles.sorting import letter_of_key, sort_key


class InAlphabet(models.Model):
    """Stands in the A to Z: where it is sorted and under which letter follows from its title."""

    sort_key = models.CharField(max_length=250, editable=False)
    letter = models.CharField(max_length=3, editable=False)

    class Meta:
        abstract = True

    def sorted_text(self) -> tuple[str, str]:
        """The text and its language."""
        raise NotImplementedError

    def place_in_alphabet(self) -> None:
        text, language = self.sorted_text()
        self.sort_key = sort_key(text, language)
        self.letter = letter_of_key(self.sort_key, language)

    def save(self, *args, update_fields=None, **kwargs):
        self.place_in_alphabet()
        if update_fields is not None:
            update_fields = {*update_fields, "sort_key", "letter"}
        with transaction.atomic():  # articles/search/index.py follows each save
            super().save(*args, update_fields=update_fields, **kwargs)


class Topic(InAlphabet, Page):
    kind_settled = models.BooleanField(
        "kind is settled",
        default=True,
        help_text="Off when an import could not tell the kind and an editor still has to choose it.",
    )
    definition = models.CharField(
        max_length=300,
        blank=True,
        help_text="What it is, in one or two plain sentences (at most 300 characters). No advice. Public as soon as you save.",
    )
    source = models.CharField(
        max_length=200,
        blank=True,
        help_text="Where the definition was checked, such as “NCI Dictionary of Cancer Terms, “biopsy””.",
    )
    tags = TaggableManager(through=TopicTag, blank=True)

    path_prefix = "/topics/"

    class Meta(Page.Meta):
        ordering = ["sort_key", "kind", "id"]
        indexes = [models.Index(fields=["letter", "sort_key"]), models.Index(fields=["kind", "sort_key"])]

    def sorted_text(self) -> tuple[str, str]:
        return self.title, self.language

    def has_been_public(self) -> bool:
        return True  # as soon as it was saved

    def public_title(self, *, at: datetime) -> str:
        return self.title


class OtherName(InAlphabet):
    """Another name of a topic: "CBC" for "Complete blood count". The A to Z lists it with "see"."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["sort_key", "id"]
        indexes = [models.Index(fields=["letter", "sort_key"])]
        constraints = [
            models.UniqueConstraint(fields=["topic", "name"], name="other_name_once"),
            models.CheckConstraint(name="other_name_is_not_empty", condition=~Q(name="")),
        ]

    def __str__(self):
        return self.name

    def sorted_text(self) -> tuple[str, str]:
        return self.name, self.topic.language


class TopicCode(models.Model):
    """What a topic is called in a code system. The values of `system` are the object identifiers of HL7's registry."""

    class System(models.TextChoices):
        ICD_10 = "2.16.840.1.113883.6.3", "ICD-10"
        ICD_10_CM = "2.16.840.1.113883.6.90", "ICD-10-CM"
        SNOMED_CT = "2.16.840.1.113883.6.96", "SNOMED CT"
        LOINC = "2.16.840.1.113883.6.1", "LOINC"
        MESH = "2.16.840.1.113883.6.177", "MeSH"
        RXNORM = "2.16.840.1.113883.6.88", "RxNorm"

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="codes")
    system = models.CharField(max_length=40, choices=System.choices)
    code = models.CharField(max_length=40)

    class Meta:
        verbose_name = "code"
        ordering = ["system", "code"]
        constraints = [
            models.UniqueConstraint(fields=["topic", "system", "code"], name="topic_code_once"),
            models.CheckConstraint(name="topic_code_is_not_empty", condition=~Q(code="")),
        ]

    def __str__(self):
        return f"{self.get_system_display()} {self.code}"
