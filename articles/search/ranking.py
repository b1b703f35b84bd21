"""The order of the best results. The databases rank by different formulas; this one puts what they found first into the
same order, by how much of a page's name was asked for, and how much of the question a name answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from articles.plain_words import key_words
from articles.search.stop_words import STOP_WORDS
from articles.sorting import sort_key

NAME = 2.0  # what a name that is the whole question counts, when the best text counts 1
SUMMARY = 0.3  # what a summary that has the whole question counts
LATE = 0.7  # a page that is later than its policy bears counts so much


@dataclass(frozen=True)
class Candidate:
    entry: int
    title: str
    names: tuple[str, ...]
    summary: str
    holds_all: bool
    score: float  # of the text, the best 1
    next_review_on: date | None = None
    banner_after_days: int | None = None

    def is_late(self, *, today: date) -> bool:
        """Later than the policy bears, as the banner on the page says; a page without a policy for it never is."""
        if self.next_review_on is None or self.banner_after_days is None:
            return False
        return self.next_review_on + timedelta(days=self.banner_after_days) < today


def in_order(
    candidates: list[Candidate], *, asked: list[frozenset[str]], weight: Callable[[str], float], today: date
) -> list[int]:
    """The entries, the best first. Pages that hold all of the question stand before those that hold some of it; then the
    score decides, then the title, then the older row. `weight` says how telling a word is."""

    def place(candidate: Candidate):
        names = [key_words(name) for name in (candidate.title, *candidate.names)]
        summary = set(key_words(candidate.summary))
        score = candidate.score + max(_answers(names, summary, words, weight) for words in asked)
        if candidate.is_late(today=today):
            score *= LATE
        return (not candidate.holds_all, -round(score, 6), sort_key(candidate.title), candidate.entry)

    return [candidate.entry for candidate in sorted(candidates, key=place)]


def _answers(names: list[list[str]], summary: set[str], asked: frozenset[str], weight: Callable[[str], float]) -> float:
    whole = sum(map(weight, asked)) or 1.0
    best = max(_named(name, asked, whole, weight) for name in names)
    return NAME * best + SUMMARY * sum(map(weight, asked & summary)) / whole


def _named(name: list[str], asked: frozenset[str], whole: float, weight: Callable[[str], float]) -> float:
    """1 for a name that is the question itself. A name of which a part was asked for counts by the square of that part."""
    counting = {word for word in name if word not in STOP_WORDS} or set(name)
    shared = sum(map(weight, counting & asked))
    of_name = shared / (sum(map(weight, counting)) or 1.0)
    return of_name**2 * (0.25 + 0.75 * shared / whole)
