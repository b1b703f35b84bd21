"""What search knows of a language: its stems, the words that stand in nearly every text, and those of everyday chatter.

Another language is another entry of LANGUAGES, with a module of words beside english.py and spanish.py. Synonyms and best bets say their
language themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import snowballstemmer

from articles.search import english, spanish

LONGEST_KEY = 100  # characters
CACHED = 50_000  # stems in memory; a stem takes 20 to 40 µs to find


@dataclass(frozen=True)
class Language:
    code: str
    stem: Callable[[str], str]
    stop_words: frozenset[str]
    chatter: frozenset[str]

    @cached_property
    def unheard(self) -> frozenset[str]:
        """The stems of the stop words."""
        return frozenset(map(self.stem, self.stop_words))

    def key(self, word: str) -> str:
        """The stem as the full text of the database has it (SearchStems). PostgreSQL takes no word of 2,000 bytes."""
        return self.beginning(self.stem(word))

    def beginning(self, letters: str) -> str:
        """With what the keys of words begin that begin so."""
        return f"{self.code}_{letters}"[:LONGEST_KEY]

    def counting(self, words: Iterable[str]) -> tuple[str, ...]:
        """The words without those of nearly every text, unless there are no others."""
        words = tuple(words)
        return tuple(word for word in words if word not in self.stop_words) or words

    def telling(self, words: Iterable[str], *, message: int) -> tuple[str, ...]:
        """The words that count. Where more than `message` are left, somebody tells a story, and its chatter goes too."""
        words = self.counting(words)
        if len(set(words)) <= message:
            return words
        return tuple(word for word in words if word not in self.chatter) or words


def _stemmer(algorithm: str) -> Callable[[str], str]:
    return lru_cache(CACHED)(snowballstemmer.stemmer(algorithm).stemWord)


LANGUAGES = {
    "en": Language("en", _stemmer("english"), english.STOP_WORDS, english.CHATTER),
    "es": Language("es", _stemmer("spanish"), spanish.STOP_WORDS, spanish.CHATTER),
}
DEFAULT = "en"


def language_of(code: str) -> Language:
    """The language of a code; English for one that search does not know."""
    return LANGUAGES.get(code, LANGUAGES[DEFAULT])
