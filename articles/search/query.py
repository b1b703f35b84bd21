"""What somebody asked, as words and what may stand for them."""

from collections.abc import Container
from dataclasses import dataclass, field, replace
from itertools import pairwise

from articles.plain_words import key_of, plain_words, singular
from articles.search.language import Language

MAX_QUERY = 500  # characters that are read
MAX_WORDS = 40  # of those
LONGEST_RUN = 6  # words of a synonym or best bet
SHORTEST_BEGINNING = 3  # letters of a word that may be the beginning of one
MOST_PARTS = 8  # of a message that are asked for: those of known meaning, and the longest, which tell the most
MESSAGE = 5  # words; a longer question is a message, and its chatter is left out


@dataclass(frozen=True)
class Part:
    """Words of the query, all of which a page has to hold, or instead all words of one of `others`."""

    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()
    is_guess: bool = False  # the others are guessed, for the case that no page has the word
    is_prefix: bool = False  # the last word may be the beginning of one

    @property
    def leaves(self) -> list[tuple[str, bool]]:
        """All words of it, its own first, and whether each may be the beginning of one."""
        ends = len(self.words) - 1
        own = [(word, self.is_prefix and place == ends) for place, word in enumerate(self.words)]
        return [*own, *((word, False) for other in self.others for word in other)]


@dataclass(frozen=True)
class Query:
    words: tuple[str, ...]  # all, in order
    parts: tuple[Part, ...] = field(default=())


def words_of(query: str) -> list[str]:
    """The words in any text whatever, folded; quotes, operators and control characters only part words."""
    return plain_words(query[:MAX_QUERY])[:MAX_WORDS]


def runs(words: list[str]) -> dict[tuple[int, int], str]:
    """Every run of neighbouring words by its place, with the key under which a synonym of it would stand."""
    keys = [singular(word) for word in words]
    return {
        (start, end): " ".join(keys[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST_RUN, len(words)) + 1)
    }


def joined_pairs(words: list[str], known: Container[tuple[int, int]], language: Language) -> list[str]:
    """Neighbours as one word, "breast feeding" as "breastfeeding", but for runs whose meaning is `known`; of a short question
    alone."""
    if len(words) > 2 * MESSAGE:
        return []
    pairs = {(place, place + 2): pair for place, pair in enumerate(pairwise(words))}
    return ["".join(pair) for run, pair in pairs.items() if run not in known and not language.stop_words & {*pair}]


def query_of(
    words: list[str], meanings: dict[tuple[int, int], list[str]], language: Language, refused: Container[str] = ()
) -> Query:
    """The words that count, in parts; a run that has meanings is one part, the longest run first. No meaning of which the
    key is `refused` is guessed."""
    taken: dict[int, tuple[int, int]] = {}
    for run in sorted(meanings, key=lambda run: (run[0] - run[1], run)):
        if not any(place in taken for place in range(*run)):
            taken |= dict.fromkeys(range(*run), run)
    counting = set(language.telling(words, message=MESSAGE))
    parts, seen = [], set()
    for place, word in enumerate(words):
        run = taken.get(place)
        if run and place == run[0]:
            others = (language.counting(words_of(meaning)) for meaning in meanings[run])
            parts.append(Part(language.counting(words[slice(*run)]), tuple(other for other in others if other)))
        elif not run and word not in seen and word in counting:
            guess = language.guess(word)
            is_guess = bool(guess) and key_of(guess) not in refused
            parts.append(Part((word,), (tuple(words_of(guess)),) if is_guess else (), is_guess=is_guess))
        seen.add(word)
    if parts and parts[-1].words[-1] == words[-1] and len(words[-1]) >= SHORTEST_BEGINNING:
        parts[-1] = replace(parts[-1], is_prefix=True)
    if len(parts) > MOST_PARTS:

        def tells_less(place: int) -> tuple[bool, int]:
            part = parts[place]
            return part.is_guess or not part.others, -len("".join(part.words))

        parts = [parts[place] for place in sorted(sorted(range(len(parts)), key=tells_less)[:MOST_PARTS])]
    return Query(tuple(words), tuple(parts))
