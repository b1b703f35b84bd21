"""What a missing page offers: pages whose titles share words with an address that leads nowhere."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from articles.models import Edition, Topic
from articles.plain_words import plain_words

MAX_WORDS = 10
LOOKED_AT = 50  # of each sort


@dataclass(frozen=True)
class NearTitles:
    articles: list[Edition]
    topics: list[Topic]

    def __len__(self):
        return len(self.articles) + len(self.topics)


def near_titles(slug: str, *, at: datetime, language: str) -> NearTitles:
    """The more words, the nearer."""
    words = [word for word in plain_words(slug[:200].replace("-", " "))[:MAX_WORDS] if len(word) > 3]
    if not words:
        return NearTitles([], [])
    some_word = Q()
    for word in words:
        some_word |= Q(title__icontains=word[:5])  # a slip near the end of a word does no harm

    def nearest(pages):
        return sorted(pages, key=lambda page: -sum(word[:5] in page.title.casefold() for word in words))[:5]

    return NearTitles(
        articles=nearest(Edition.objects.live(at=at).for_lists().filter(some_word, language=language)[:LOOKED_AT]),
        topics=nearest(Topic.objects.not_withdrawn(at=at).filter(some_word, language=language)[:LOOKED_AT]),
    )
