"""The order of the results. The databases rank by different formulas; this one puts what they found into the same order
on both, out of the digests of the pages (articles/search/digest.py).

A word counts the more, the fewer pages have it and the heavier it is in the page (Robertson and Zaragoza's BM25F); on top
comes how much of a page's name was asked for, so that a short name that stands in a long message wins.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from articles.search.digest import GIVEN, LINES, SCALE, line_of
from articles.search.full_text import Found
from articles.search.language import Language
from articles.search.query import Part

SATURATION = 1.2  # k1 of BM25: a word ten times in a page does not count ten times
NAMED = 2.5  # what a name counts that was asked for in full, beside its words
UNASKED = 4.0  # how telling a word of a name is that was not asked for: about as much as one of 1 page in 30
OTHER = 0.9  # what stands for a word counts less than the word
RARE = 1000  # pages; about as many as a word must be in to tell nothing
LATE = 0.7  # a page that is later than its policy bears counts so much


def _saturated(weight: float) -> float:
    return weight * (SATURATION + 1) / (weight + SATURATION)


SAID_IN_A_NAME = _saturated(GIVEN)


@dataclass(frozen=True)
class _Leaf:
    stem: str
    prefix: str  # the word itself where it may be the beginning of one, else empty
    tells: float


def in_order(
    found: list[Found],
    *,
    with_all: frozenset[int],
    parts: Iterable[Part],
    pages: dict[tuple[str, bool], int],
    language: Language,
    today: date,
) -> list[int]:
    """The entries, the best first. Pages `with_all` of the question stand before those with some of it; then the score
    decides, then the title, then the older row. `pages` says how many have each word."""
    alternatives = [_alternatives(part, pages, language) for part in parts]
    asked: dict[str, float] = {}
    parts_with = defaultdict(list)
    for number, part in enumerate(alternatives):
        for leaf in (leaf for other in part for leaf in other):
            asked[leaf.stem] = max(leaf.tells, asked.get(leaf.stem, 0))
            parts_with[leaf.stem].append(number)
    tells = [[[(leaf.stem, leaf.tells) for leaf in other] for other in part] for part in alternatives]
    prefix = next((leaf for part in alternatives for leaf in part[0] if leaf.prefix), None)
    whole = sum(sum(leaf.tells for leaf in part[0]) for part in alternatives) or 1.0
    unheard = language.unheard - asked.keys()
    starts = [(stem, f" {stem}=", line_of(stem)) for stem in asked]

    def place(page: Found) -> tuple:
        lines = page.words.split("\n")
        if len(lines) < LINES:  # written by a process of an older release, while this one was installed
            lines = [page.words] * LINES
        said = {stem: _said(lines[line], start) for stem, start, line in starts if start in lines[line]}
        if prefix and prefix.stem not in said:
            start, line = f" {prefix.prefix}", lines[line_of(prefix.prefix)]
            if start in line:
                said[prefix.stem] = _said(line, start)
        score = 0.0
        for number in {number for stem in said for number in parts_with[stem]}:
            score += max([sum([tell * said.get(stem, 0) for stem, tell in other]) for other in tells[number]])
        if max(said.values(), default=0) >= SAID_IN_A_NAME:  # else none of the words stands in one
            names = [_named(name.split(), asked, prefix, whole, unheard) for name in page.names.splitlines()]
            score += NAMED * max(names, default=0)
        if _is_late(page, today=today):
            score *= LATE
        return (page.entry not in with_all, -round(score, 6), page.sort_key, page.entry)

    return [entry for *_, entry in sorted(map(place, found))]


def _said(line: str, start: str) -> float:
    """How much the first stem of a line of a digest that begins so is said in the page."""
    at = line.index(start)
    return _saturated(int(line[line.index("=", at) + 1 : line.index(" ", at + 1)]) / SCALE)


def _is_late(page: Found, *, today: date) -> bool:
    """Later than the policy bears, as the banner on the page says; a page without a policy for it never is."""
    if page.next_review_on is None or page.banner_after_days is None:
        return False
    return today - page.next_review_on > timedelta(days=page.banner_after_days)


def _tells(pages: int) -> float:
    return math.log(1 + RARE / max(1, pages))


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
