"""The order of the results. The databases rank by different formulas; this one puts what they found into the same order
on both, out of the digests of the pages (articles/search/digest.py).

A word counts the more, the fewer pages have it and the heavier it is in the page (Robertson and Zaragoza's BM25F); on top
comes how much of a page's name was asked for, so that a short name that stands in a long message wins.
"""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from articles.search.digest import weight_in
from articles.search.full_text import COUNTED
from articles.search.language import Language
from articles.search.query import Part
from articles.sorting import sort_key

SATURATION = 1.2  # k1 of BM25: a word ten times in a page does not count ten times
NAMED = 2.5  # what a name counts that was asked for in full, beside its words
UNASKED = 4.0  # how telling a word of a name is that was not asked for: about as much as one of 1 page in 30
OTHER = 0.9  # what stands for a word counts less than the word
LATE = 0.7  # a page that is later than its policy bears counts so much


@dataclass(frozen=True, eq=False)
class Candidate:
    entry: int
    holds_all: bool
    title: str
    names: str  # of the digest
    words: str
    next_review_on: date | None = None
    banner_after_days: int | None = None

    def is_late(self, *, today: date) -> bool:
        """Later than the policy bears, as the banner on the page says; a page without a policy for it never is."""
        if self.next_review_on is None or self.banner_after_days is None:
            return False
        return self.next_review_on + timedelta(days=self.banner_after_days) < today


@dataclass(frozen=True)
class _Leaf:
    stem: str
    prefix: str  # the word itself where it may be the beginning of one, else empty
    tells: float

    def weight(self, words: str) -> float:
        weight = weight_in(words, self.stem)
        if not weight and self.prefix:
            weight = weight_in(words, self.prefix, is_prefix=True)
        return weight * (SATURATION + 1) / (weight + SATURATION)


def in_order(
    candidates: list[Candidate],
    *,
    parts: list[Part],
    pages: dict[tuple[str, bool], int],
    language: Language,
    today: date,
) -> list[int]:
    """The entries, the best first. Pages that hold all of the question stand before those that hold some of it; then the
    score decides, then the title, then the older row. `pages` says how many have each word."""
    alternatives = [_alternatives(part, pages, language) for part in parts]
    asked: dict[str, float] = {}
    for leaf in (leaf for part in alternatives for other in part for leaf in other):
        asked[leaf.stem] = max(leaf.tells, asked.get(leaf.stem, 0))
    prefix = next((leaf for part in alternatives for leaf in part[0] if leaf.prefix), None)
    whole = sum(sum(leaf.tells for leaf in part[0]) for part in alternatives) or 1.0
    unheard = {language.stem(word) for word in language.stop_words} - asked.keys()

    def place(candidate: Candidate) -> tuple[bool, float]:
        score = sum(
            max(sum(leaf.tells * leaf.weight(candidate.words) for leaf in other) for other in part) for part in alternatives
        )
        score += NAMED * max(
            (_named(name.split(), asked, prefix, whole, unheard) for name in candidate.names.splitlines()), default=0
        )
        if candidate.is_late(today=today):
            score *= LATE
        return (not candidate.holds_all, -round(score, 6))

    places = {candidate: place(candidate) for candidate in candidates}
    equal = Counter(places.values())

    def alphabetical(candidate: Candidate) -> tuple:
        """Asked of the few that are equal alone: it takes as long as the score."""
        return (sort_key(candidate.title), candidate.entry) if equal[places[candidate]] > 1 else ()

    return [each.entry for each in sorted(candidates, key=lambda each: (places[each], alphabetical(each)))]


def _tells(pages: int) -> float:
    return math.log(1 + 2 * COUNTED / max(1, pages))


def _alternatives(part: Part, pages: dict[tuple[str, bool], int], language: Language) -> list[list[_Leaf]]:
    """The words of a part, and what may stand for them: for several words together with the weight of all of them, for one
    word with its own."""
    leaves = part.leaves[: len(part.words)]
    own = [_Leaf(language.stem(word), word if begins else "", _tells(pages[word, begins])) for word, begins in leaves]
    others = []
    for other in part.others:
        share = sum(leaf.tells for leaf in own) / len(other) if len(own) > 1 else None
        others.append([_Leaf(language.stem(word), "", OTHER * (share or _tells(pages[word, False]))) for word in other])
    is_known = any(pages[leaf] for leaf in leaves)
    return [own, *others] if is_known or not others else others


def _named(name: list[str], asked: dict[str, float], prefix: _Leaf | None, whole: float, unheard: set[str]) -> float:
    """What was asked for of a name, by the square of the part that it is, and a little by the part of the question."""
    shared, left = 0.0, 0.0
    counting = {stem for stem in name if stem not in unheard} or set(name)
    for stem in counting:
        if stem in asked:
            shared += asked[stem]
        elif prefix and stem.startswith(prefix.prefix):
            shared += prefix.tells
        else:
            left += UNASKED
    return shared * (shared / (shared + left)) ** 2 * min(1.0, shared / whole) ** 0.25 if shared else 0.0
