"""Found words in <mark>, and the stretch of a text that has most of them: the same on both databases, by the stems of the
language. Texts are escaped here."""

import re
from bisect import bisect_left
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.plain_words import folded
from articles.search.language import Language
from articles.search.query import Part

SNIPPET_WORDS = 30
READ = 20_000  # characters of a text in which a snippet is looked for
_WORD = re.compile(r"[^\W_]+")
_ALIKE = 3  # letters with which a word and its stem begin alike


class Marker:
    """Marks the words of some parts of a question."""

    def __init__(self, parts: Iterable[Part], language: Language):
        leaves = [leaf for part in parts for leaf in part.leaves]
        self._stem = language.stem
        self._stems = {language.stem(word) for word, _ in leaves}
        self._beginnings = tuple(word for word, begins in leaves if begins)
        starts = {re.escape(start[:_ALIKE]) for start in (*self._stems, *self._beginnings)}
        self._candidate = re.compile(rf"(?:{'|'.join(starts)})[^\W_]*") if starts else None

    def marked(self, text: str) -> SafeString:
        return _in_html(text, self._found(text))

    def names(self, names: str) -> SafeString:
        """Those of the names, one a line, in which a word was found."""
        return mark_safe("; ".join(self.marked(name) for name in names.splitlines() if self._found(name)))

    def snippet(self, text: str) -> SafeString:
        """The first stretch with the most different words; empty when none was found."""
        text = text[:READ]
        found = self._found(text)
        if not found:
            return mark_safe("")
        words = [match.start() for match in _WORD.finditer(text)]
        said = [(bisect_left(words, start), self._stem(folded(text[start:end]))) for start, end in found]
        best = max(
            ((place, said[each : each + SNIPPET_WORDS]) for each, (place, _) in enumerate(said)),
            key=lambda one: (len({stem for place, stem in one[1] if place - one[0] < SNIPPET_WORDS}), -one[0]),
        )
        first = max(0, min(best[0] - SNIPPET_WORDS // 4, len(words) - SNIPPET_WORDS))
        last = min(len(words), first + SNIPPET_WORDS) - 1
        begin = words[first] if first else 0
        end = _WORD.match(text, words[last]).end() if last < len(words) - 1 else len(text)
        inside = [(start - begin, stop - begin) for start, stop in found if begin <= start and stop <= end]
        before, behind = "…" if begin else "", "…" if end < len(text) else ""
        return mark_safe(before + _in_html(text[begin:end], inside) + behind)

    def _found(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand."""
        if self._candidate is None:
            return []
        text = _folded_in_place(text)
        return [
            match.span()
            for match in self._candidate.finditer(text)
            if not (match.start() and text[match.start() - 1].isalnum()) and self._is_asked(match[0])
        ]

    def _is_asked(self, word: str) -> bool:
        return self._stem(word) in self._stems or word.startswith(self._beginnings)


def _folded_in_place(text: str) -> str:
    """Folded, each letter where it stood."""
    whole = folded(text)
    return whole if len(whole) == len(text) else "".join((folded(char) or " ")[0] for char in text)


def _in_html(text: str, found: list[tuple[int, int]]) -> SafeString:
    parts, last = [], 0
    for start, end in found:
        parts += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*parts, escape(text[last:])]))
