"""Finding pages by the words of their titles and other names."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from articles.models import Edition, Topic

MAX_QUERY = 200  # characters
MAX_WORDS = 10
MAX_RESULTS = 50  # of each sort


@dataclass(frozen=True)
class Results:
    articles: list[Edition]
    topics: list[Topic]

    def __len__(self):
        return len(self.articles) + len(self.topics)


def words_of(query: str) -> list[str]:
    """The words in any text whatever; quotes, operators and control characters only part words."""
    return re.findall(r"\w+", query[:MAX_QUERY])[:MAX_WORDS]


def search(query: str, *, at: datetime) -> Results:
    """Public pages whose title, or for a topic one of its other names, holds every word of the query."""
    words = words_of(query)
    if not words:
        return Results([], [])
    return Results(
        articles=list(_holding_every(words, Edition.objects.live(at=at).for_lists(), "title")[:MAX_RESULTS]),
        topics=list(
            _holding_every(words, Topic.objects.not_withdrawn(at=at), "title", "other_names__name").distinct()[
                :MAX_RESULTS
            ]
        ),
    )


def _holding_every(words: list[str], pages: QuerySet, *fields: str) -> QuerySet:
    in_one_field = Q()
    for field in fields:
        every_word = Q()
        for word in words:
            every_word &= Q(**{f"{field}__icontains": word})
        in_one_field |= every_word
    return pages.filter(in_one_field)


def near_titles(slug: str, *, at: datetime) -> Results:
    """Pages whose titles share words with an address that leads nowhere; the more words, the nearer."""
    words = [word for word in words_of(slug.replace("-", " ")) if len(word) > 3]
    if not words:
        return Results([], [])
    some_word = Q()
    for word in words:
        some_word |= Q(title__icontains=word[:5])  # a slip near the end of a word does no harm

    def nearest(pages):
        return sorted(pages, key=lambda page: -sum(word[:5] in page.title.casefold() for word in words))[:5]

    return Results(
        articles=nearest(Edition.objects.live(at=at).for_lists().filter(some_word)[:MAX_RESULTS]),
        topics=nearest(Topic.objects.not_withdrawn(at=at).filter(some_word)[:MAX_RESULTS]),
    )
