"""Words that mean the same to search: what patients write, and what pages say."""

from django.db import models
from django.db.models import Q

from articles.plain_words import key_of

MAX_KEY = 200  # characters


class KeyField(models.CharField):
    """The key of `words`, prepared by `save()` and `bulk_create()` alike; `update()` has to write both."""

    def pre_save(self, model_instance, add):
        model_instance.key = key_of(model_instance.words)[: self.max_length]
        return model_instance.key


class SearchWords(models.Model):
    """Words that a query is compared with, whatever their case, accents and punctuation."""

    words = models.CharField(max_length=200, help_text="As a patient would type it, such as “chemo sickness”.")
    is_exact = models.BooleanField(
        "only when nothing else is asked",
        default=False,
        help_text="On: the whole query must be these words. Off: they may stand among others.",
    )
    is_negated = models.BooleanField(
        "not when these words are asked",
        default=False,
        help_text="On: where these words stand in a query, what the other words would add is left out.",
    )
    language = models.CharField(max_length=10, default="en", help_text="Of the words: en, es.")
    key = KeyField(max_length=MAX_KEY, default="", editable=False, db_index=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.words


class SynonymQuerySet(models.QuerySet):
    def that_say(self, words: str, meaning: str, *, language: str) -> "list[Synonym]":
        """Those that search can't tell from a synonym of these words with that meaning. The database refuses only what is
        written in the very same letters."""
        of_words = self.filter(language=language, key=key_of(words)[:MAX_KEY])
        return [synonym for synonym in of_words if key_of(synonym.meaning) == key_of(meaning)]


class Synonym(SearchWords):
    """A query with `words` also finds pages with `meaning`; the results say so, and the patient's words stay."""

    class Sort(models.TextChoices):
        ALSO_CALLED = "also_called", "Another name"
        SEE_REFERENCE = "see_reference", "A name that leads to it"
        MISSPELLING = "misspelling", "Misspelling"
        ABBREVIATION = "abbreviation", "Abbreviation"
        LAY_TERM = "lay_term", "Everyday words"

    sort = models.CharField("what it is", max_length=20, choices=Sort.choices)
    meaning = models.CharField(max_length=200, help_text="As the pages say it, such as “nausea and vomiting”.")
    source = models.CharField(max_length=200, blank=True, help_text="Where it comes from, with the credit it asks for.")

    objects = SynonymQuerySet.as_manager()

    class Meta:
        ordering = ["words", "meaning", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "words", "meaning"],
                name="synonym_once",
                violation_error_message="These words have this meaning already.",
            ),
            models.CheckConstraint(
                name="synonym_says_something",
                condition=~Q(words="") & ~Q(meaning=""),
                violation_error_message="Write both the words and what they mean.",
            ),
        ]


class BestBet(SearchWords):
    """The page that editors want first for these words."""

    topic = models.ForeignKey("articles.Topic", on_delete=models.CASCADE, null=True, blank=True)
    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        ordering = ["words", "id"]
        constraints = [
            models.CheckConstraint(
                name="best_bet_has_one_page",
                condition=Q(topic__isnull=False, article=None) | Q(topic=None, article__isnull=False),
                violation_error_message="Choose one page: a topic or an article.",
            )
        ]


class SavedQuery(models.Model):
    """A query and the page that should come first, for `manage.py check_search`."""

    query = models.CharField(max_length=500)
    language = models.CharField(max_length=10, default="en")
    topic = models.ForeignKey("articles.Topic", on_delete=models.CASCADE, null=True, blank=True)
    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, null=True, blank=True)
    last_place = models.PositiveIntegerField("place when it was checked last", null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "saved queries"
        ordering = ["query", "id"]
        constraints = [
            models.CheckConstraint(
                name="saved_query_has_one_page",
                condition=Q(topic__isnull=False, article=None) | Q(topic=None, article__isnull=False),
                violation_error_message="Choose one page: a topic or an article.",
            )
        ]

    def __str__(self):
        return self.query
