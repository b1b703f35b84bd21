"""The index of search: what may be found, with the words under which it is found.

Written by articles/search/index.py only. The database keeps its full-text index over SearchStems in step by itself, in the
same statement (migration 0026): an FTS5 table with triggers on SQLite, two GIN indexes on PostgreSQL.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from articles import languages
from articles.kinds import Kind


class SearchEntry(models.Model):
    """A topic, or an edition that patients read now or will read: from `live_from` until `live_until`, or for good.

    Withdrawals are not in it: they are asked when somebody searches. The columns of text come last, since SQLite reads a
    row from its beginning.
    """

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, null=True, related_name="+")
    edition = models.OneToOneField("articles.Edition", on_delete=models.CASCADE, null=True, related_name="+")
    topic = models.OneToOneField("articles.Topic", on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    language = models.CharField(max_length=languages.MAX_LENGTH, choices=languages.choices, default=languages.DEFAULT)
    live_from = models.DateTimeField(null=True)
    live_until = models.DateTimeField(null=True)
    title = models.CharField(max_length=200)
    names = models.TextField()  # the other names, one a line
    summary = models.CharField(max_length=300)  # the deck or the definition
    body = models.TextField()  # plain text

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="search_entry_of_one_page",
                condition=Q(topic__isnull=False, edition=None, article=None)
                | Q(topic=None, edition__isnull=False, article__isnull=False, live_from__isnull=False),
            )
        ]

    def __str__(self):
        return self.title


class SearchStems(models.Model):
    """What the full text of the database looks through: each stem of a page once, with the language before it ("en_kidney
    en_stone"), so that both databases find the same pages, and "come" in Spanish none that say it in English."""

    entry = models.OneToOneField(SearchEntry, on_delete=models.CASCADE, primary_key=True, related_name="stems")
    called = models.TextField()  # of the title and the other names
    held = models.TextField()  # of the whole page, the names included

    def __str__(self):
        return self.called


class SearchDigest(models.Model):
    """What the order of the results asks of a page, in one short row: no text is read to compare pages by it."""

    entry = models.OneToOneField(SearchEntry, on_delete=models.CASCADE, primary_key=True, related_name="digest")
    sort_key = models.CharField(max_length=200)  # of the title
    names = models.TextField()  # the title and the other names in stems, one a line
    words = models.TextField()  # in lines, each stem with its weight: " kidney=72 stone=70 "

    def __str__(self):
        return self.names.partition("\n")[0]


class SearchWord(models.Model):
    """A word of a title or other name, for "Did you mean". One row for each page that has it: rows that pages share would
    make two people who publish at once wait for each other."""

    entry = models.ForeignKey(SearchEntry, on_delete=models.CASCADE, related_name="words")
    language = models.CharField(max_length=languages.MAX_LENGTH)  # of the page, so that its row need not be read
    word = models.CharField(max_length=40)  # folded
    start = models.CharField(max_length=2)  # its first two letters, and its last three: a slip seldom spoils both
    end = models.CharField(max_length=3)

    class Meta:
        indexes = [
            models.Index("language", "start", Length("word"), "word", name="search_word_start"),
            models.Index("language", "end", Length("word"), "word", name="search_word_end"),
        ]

    def __str__(self):
        return self.word
