"""The stems of a page, and its digest: these with their weights. Out of plain data, no database, so that a migration can ask
it too.

The weight is how often a word stands in the page, after Robertson and Zaragoza's BM25F (The probabilistic relevance
framework, 2009): where it stands counts, and a text that is longer than most counts a little less.
"""

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

from articles.plain_words import plain_words
from articles.search.language import Language
from articles.sorting import sort_key

NAME, SUMMARY, LEAD, BODY = 6.0, 2.5, 1.5, 1.0  # what a word counts there; in a name it counts once
GIVEN = 3.0  # in what a name may be written as besides
LONGEST_NAME = 5  # words; a longer name is written so only
LEAD_WORDS = 60  # of the text, which mostly say what the thing is
USUAL_LENGTH, LENGTH_COUNTS = 150, 0.3  # words of a text, and how much a longer one counts less
SCALE = 10  # weights are kept as whole numbers
MOST_WORDS = 600  # the heaviest
LINES, ALIKE = 32, 3  # lines of a digest; letters with which stems of one line begin alike


def of_texts(*, title: str, names: str, summary: str, body: str, language: Language) -> dict[str, str]:
    """The columns of SearchDigest, out of the texts of SearchEntry."""
    called = [_stems(name, language) for name in (title, *names.splitlines())]
    weights = {stem: NAME for name in called for stem in name}
    given = [_stems(name, language) for name in _given(f"{title}\n{names}", language)]
    called += [name for name in given if name not in called]
    weights |= {stem: GIVEN for name in given for stem in name if stem not in weights}
    for stem, times in Counter(_stems(summary, language)).items():
        weights[stem] = weights.get(stem, 0) + SUMMARY * min(times, 2)
    text = _stems(body, language)
    longer = 1 + LENGTH_COUNTS * (len(text) / USUAL_LENGTH - 1)
    for part, counts in ((text[:LEAD_WORDS], LEAD), (text[LEAD_WORDS:], BODY)):
        for stem, times in Counter(part).items():
            weights[stem] = weights.get(stem, 0) + counts * times / longer
    heaviest = sorted(weights.items(), key=lambda each: (-each[1], each[0]))[:MOST_WORDS]
    kept = [f"{stem}={max(1, round(SCALE * weight))}" for stem, weight in heaviest]
    return {
        "sort_key": sort_key(title)[:200],
        "names": "\n".join(" ".join(name) for name in called if name),
        "words": in_lines(kept),
    }


def in_lines(words: Iterable[str]) -> str:
    """Stems with their weights, "kidney=72", each in its line: a long question looks for thirty of them in two hundred pages,
    which is much quicker in short lines."""
    lines = [" "] * LINES
    for word in words:
        lines[line_of(word.partition("=")[0])] += f"{word} "
    return "\n".join(lines)


def line_of(stem: str) -> int:
    """The same of all that begin alike, so that a line is enough to find those of a beginning."""
    return crc32(stem[:ALIKE].encode()) % LINES


def stems_of(*, title: str, names: str, summary: str, body: str, language: Language) -> dict[str, str]:
    """The columns of SearchStems, out of the same."""
    called = _keys(f"{title}\n{names}", language)
    given = _keys(" ".join(_given(f"{title}\n{names}", language)), language)
    held = called | given | _keys(f"{summary}\n{body}", language)
    return {"called": " ".join(sorted(called)), "held": " ".join(sorted(held))}


def _given(names: str, language: Language) -> list[str]:
    """What the names, one a line, may be written as besides: by their first letters ("BM", Bowel Movement; not those in
    brackets), and with two words as one ("breastfeeding")."""
    given = []
    for name in names.splitlines():
        words = plain_words(name)
        if len(words) <= LONGEST_NAME:
            pairs = ((words[:at], words[at] + words[at + 1], words[at + 2 :]) for at in range(len(words) - 1))
            given += (" ".join([*before, pair, *behind]) for before, pair, behind in pairs)
        counting = [word for word in plain_words(name.partition("(")[0]) if word not in language.stop_words]
        if 1 < len(counting) <= LONGEST_NAME:
            given.append("".join(word[0] for word in counting))
    return given


def _keys(text: str, language: Language) -> set[str]:
    return set(map(language.key, set(plain_words(text))))


def _stems(text: str, language: Language) -> list[str]:
    return [language.stem(word) for word in plain_words(text)]
