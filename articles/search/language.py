"""What search knows of a language: its stems, the words that stand in nearly every text, and those of everyday chatter.

Another language is another entry of LANGUAGES, with a module of words beside english.py and spanish.py. Synonyms and best bets say their
language themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import snowballstemmer

from articles.search import english, medical_english, spanish

LONGEST_KEY = 100  # characters
SHORTEST_REST = 6  # letters of a word behind its prefix
CACHED = 50_000  # stems in memory; a stem takes 20 to 40 µs to find


@dataclass(frozen=True)
class Language:
    code: str
    stem: Callable[[str], str]
    stop_words: frozenset[str]
    chatter: frozenset[str]
    plain: Mapping[str, str] = field(default_factory=dict)  # words of doctors in plain ones
    plain_beginnings: Mapping[str, str] = field(default_factory=dict)  # the same of how words begin
    prefixes: tuple[str, ...] = ()  # before words that stand for themselves

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

    def guess(self, word: str) -> str:
        """What a word may have to do with, by how it begins; empty when that says nothing."""
        beginnings = (word[:length] for length in range(len(word), 1, -1))
        meaning = next((self.plain_beginnings[start] for start in beginnings if start in self.plain_beginnings), "")
        prefix = next((prefix for prefix in self.prefixes if word.startswith(prefix)), "")
        return meaning or (word.removeprefix(prefix) if prefix and len(word) - len(prefix) >= SHORTEST_REST else "")

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


def _stemmer(algorithm: str, one_form: Callable[[str], str]) -> Callable[[str], str]:
    """Whatever is changed here or in `one_form` reaches pages that are in the index by a migration alone, such as 0032."""
    stem = snowballstemmer.stemmer(algorithm).stemWord
    return lru_cache(CACHED)(lambda word: stem(one_form(word)))


LANGUAGES = {
    "en": Language(
        "en",
        _stemmer("english", english.one_spelling),
        english.STOP_WORDS,
        english.CHATTER,
        medical_english.WHOLE,
        medical_english.BEGINNINGS,
        medical_english.PREFIXES,
    ),
    "es": Language("es", _stemmer("spanish", spanish.singular_of_ea), spanish.STOP_WORDS, spanish.CHATTER),
}
DEFAULT = "en"


def language_of(code: str) -> Language:
    """The language of a code; English for one that search does not know."""
    return LANGUAGES.get(code, LANGUAGES[DEFAULT])
