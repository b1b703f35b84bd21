"""How hard a text is to read, by two formulas that look at its form only: good for a trend, never a verdict.

A formula knows nothing of a good order, an explained word or a picture, so the NHS advises to use them to choose what to
look at first, and no more (NHS content style guide, “Health literacy”).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from articles.checks.text import sentences_of, words_of

FEWEST_SENTENCES = 10  # of fewer no grade says anything
LONGEST_WORD = 60  # letters; the longest of medicine has 45
SMOG_SENTENCES = 30  # what McLaughlin's formula was fitted on

_EXCEPTIONS = {
    "area": 3, "areas": 3, "business": 2, "diabetes": 4, "diarrhea": 4, "evening": 2, "every": 2, "idea": 3, "lion": 2, "nausea": 3,
    "people": 2, "recipe": 3, "recipes": 3, "science": 2, "someone": 2, "sometimes": 2, "something": 2, "trial": 2,
    "trials": 2, "surgeon": 2, "surgeons": 2, "doesn't": 2, "isn't": 2, "wasn't": 2, "didn't": 2, "hasn't": 2, "hadn't": 2,
    "couldn't": 2, "wouldn't": 2, "shouldn't": 2, "haven't": 2,
}  # fmt: skip
_VOWELS = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüÿ]+")
# Neighbouring vowels that are said apart, and endings that are a syllable without a vowel of their own.
_APART = re.compile(
    r"(?<![ctg])ia(?!ge|r\b)|ia(?=t[aeio])"  # diabetes, radiation; not special, marriage, familiar
    r"|(?<![cstgxhnl])io|iu"  # period, medium; not question, million
    r"|(?<!g)eo(?!u)"  # video, osteoporosis
    r"|rea(?=ct|lit)|crea(?=t(?!ur))|thea(?=t)|pancrea"
    r"|(?<![qg])ua|(?<![qg])uen"  # gradual, influence
    r"|flui|rui(?=n)|sui(?=c)|ui(?=ty|tio)"
    r"|ie(?=t)|(?<![tcr])ien|(?<!f)rien|(?<=[^aeiou])ier\Z"  # diet, ingredient, carrier; not patient, friend
    r"|yi(?=ng)|[eoui]ing\Z|oe(?=[mt])|(?<=[aou])ye(?=[er])"  # trying, being, poem, layer
    r"|(?:s|th)m\Z"  # mechanism, rhythm
)
_SILENT_INSIDE = re.compile(r"[aeiouy][^aeiou]+e(?:ly|ful|less|made|style)|[gr]ement")  # safely, lifestyle, management
_LAST_E = re.compile(r"(?:(?<![aeiouy])e|(?<=[gq])ue)[ds]?\Z")
_SAID_LAST_E = re.compile(
    r"[^aeiouylr]le[ds]?\Z"  # table, muscles, handled
    r"|[td]ed\Z"  # wanted
    r"|(?:[cgszx]|[cs]h)es\Z"  # diseases, washes
)


def syllables(word: str) -> int:
    """How many syllables an English word has, right for nineteen of twenty words of health pages: its groups of vowels,
    and the exceptions above. A number counts as one; the parts of a word with a hyphen are counted apart."""
    parts = re.split(r"[-‑]", word.casefold().replace("’", "'"))
    return sum(_syllables_of_part(part[:LONGEST_WORD]) for part in parts if part) or 1


def _syllables_of_part(word: str) -> int:
    if word not in _EXCEPTIONS:
        word = re.sub(r"'(?:s|re|ve|ll|d|m|t)?\Z", "", word)
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    number = len(_VOWELS.findall(word)) + len(_APART.findall(word)) - len(_SILENT_INSIDE.findall(word))
    if _LAST_E.search(word) and not _SAID_LAST_E.search(word):
        number -= 1
    return max(1, number)


@dataclass(frozen=True)
class Grades:
    """School years that a reader needs, by American count; one decimal is as much as they mean."""

    flesch_kincaid: float
    smog: float | None  # None: fewer sentences than its formula was fitted on


def flesch_kincaid(*, words: int, sentences: int, syllables: int) -> float:
    """Kincaid, Fishburne, Rogers and Chissom, Research Branch Report 8-75, Naval Technical Training Command, 1975."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def smog(*, polysyllables: int, sentences: int) -> float:
    """McLaughlin, “SMOG grading: a new readability formula”, Journal of Reading 12 (1969), 639 to 646. `polysyllables` are
    the words of three syllables and more, each time that they stand there."""
    return 1.0430 * math.sqrt(polysyllables * 30 / sentences) + 3.1291


def grades(paragraphs: Iterable[str]) -> Grades | None:
    """Of running text: headings, items of lists and tables are no sentences. None for fewer than ten sentences."""
    sentences = [words for text in paragraphs for sentence in sentences_of(text) if (words := words_of(sentence))]
    if len(sentences) < FEWEST_SENTENCES:
        return None
    counts = [syllables(word) for words in sentences for word in words]
    grade = flesch_kincaid(words=len(counts), sentences=len(sentences), syllables=sum(counts))
    if len(sentences) < SMOG_SENTENCES:
        return Grades(grade, None)
    return Grades(grade, smog(polysyllables=sum(count >= 3 for count in counts), sentences=len(sentences)))


def in_words(now: Grades | None, before: Grades | None) -> str:
    """What the formulas say now, and what they said of an earlier text; empty when there is too little text now."""
    if now is None:
        return ""
    said = f"The paragraphs read like grade {_named(now)}"
    return f"{said}. At the last review it was {_named(before)}." if before else f"{said}."


def _named(found: Grades) -> str:
    flesch = f"{found.flesch_kincaid:.1f} by Flesch-Kincaid"
    return flesch if found.smog is None else f"{flesch} and {found.smog:.1f} by SMOG"
