"""How the page speaks (L1, L2, L5).

Thresholds: sentences of at most 20 words and abbreviations spelled out at first use by the NHS content style guide; CDC
Clear Communication Index 6 and 7; grade 6 is the AMA's goal and 6 to 8 that of the NIH. Fifteen NHS pages that their
writers were content with have 5 to 35 % of sentences over 20 words, and Flesch-Kincaid 6.1 to 10.7.
"""

import re
from collections.abc import Iterator

from articles.checks.finding import Finding, Severity
from articles.checks.reading import Grades, grades
from articles.checks.structure import name_of_section, quoted
from articles.checks.text import read_body, sentences_of, words_of

LONG, TOO_LONG = 20, 35  # words of a sentence
SHARE = 0.2  # of long sentences
FEWEST = 10  # sentences of which a share says something
HARD = 8  # grade by Flesch-Kincaid
WHOLE_PAGE = "The whole text"

# Known to everybody, or known by no other name.
KNOWN = {
    "UK", "US", "USA", "EU", "UN", "WHO", "NHS", "TV", "PDF", "CD", "DVD", "ID", "PIN", "SMS", "GP", "DNA", "RNA", "HIV",
    "AIDS", "AM", "PM", "OK", "FAQ", "COVID", "ZIP",
}  # fmt: skip
_ROMAN = re.compile(r"[IVX]+\Z")
_SHORT = re.compile(r"(?<![\w-])(?:[A-Z]{2,6}\d{0,2})(?=s?(?![\w]))")


def check_language(content: dict, *, language: str) -> list[Finding]:
    """The formulas of reading.py were made for English, and say nothing of another language."""
    texts = _prose(content)
    grade = _grade(texts) if language == "en" else []
    return [*_too_long(texts), *_share(texts), *grade, *_abbreviations(content, texts)]


def grades_of(content: dict) -> Grades | None:
    """Of the paragraphs of the page; None when they are too few."""
    return grades(text for _, body in _prose(content) for text in body.paragraphs)


def _prose(content: dict) -> list[tuple[str, object]]:
    return [(name_of_section(section), read_body(section["body"])) for section in content["sections"]]


def _too_long(texts) -> Iterator[Finding]:
    """A sentence of more than 35 words, wherever it stands."""
    for where, body in texts:
        sentences = [sentence for text in body.prose for sentence in sentences_of(text)]
        long = [sentence for sentence in sentences if len(words_of(sentence)) > TOO_LONG]
        if long:
            said = f"{len(long)} sentence{'s have' if len(long) > 1 else ' has'} more than {TOO_LONG} words. Make two of each."
            yield Finding("L1", Severity.WARNS, where, said, tuple(quoted(sentence) for sentence in long))


def _share(texts) -> Iterator[Finding]:
    """More than a fifth of the sentences with more than 20 words, of the paragraphs only: items are fragments."""
    sentences = [sentence for _, body in texts for text in body.paragraphs for sentence in sentences_of(text)]
    long = [sentence for sentence in sentences if len(words_of(sentence)) > LONG]
    if len(sentences) >= FEWEST and len(long) > SHARE * len(sentences):
        said = (
            f"{len(long)} of {len(sentences)} sentences ({len(long) / len(sentences):.0%}) have more than {LONG} words. "
            f"On a page that reads easily it is one in five at most."
        )
        yield Finding("L1", Severity.WARNS, WHOLE_PAGE, said, tuple(quoted(sentence) for sentence in long))


def _grade(texts) -> Iterator[Finding]:
    """Never more than something to look at: a formula judges the form only."""
    found = grades(text for _, body in texts for text in body.paragraphs)
    if found and found.flesch_kincaid > HARD:
        said = (
            f"The paragraphs read like grade {found.flesch_kincaid:.1f} (Flesch-Kincaid); {HARD} or less is the goal. Shorter "
            "sentences and everyday words bring it down."
        )
        yield Finding("L2", Severity.NOTES, WHOLE_PAGE, said)


def _abbreviations(content: dict, texts) -> Iterator[Finding]:
    """Those that nothing spells out where they are used first, “magnetic resonance imaging (MRI)” or “MRI (magnetic
    resonance imaging)”. Headings and the title may be short; the text under them is what explains."""
    seen = set(KNOWN)
    unexplained = []
    for where, prose in [("Summary", [content["deck"]]), *((where, body.prose) for where, body in texts)]:
        for text in prose:
            if text.isupper():
                continue  # set in capitals: no abbreviation can be told
            for match in _SHORT.finditer(text):
                short = match[0]
                if short in seen or _ROMAN.match(short):
                    continue
                seen.add(short)
                if not _is_explained(text, match):
                    unexplained.append((short, where))
    for short, where in unexplained:
        said = (
            f"“{short}” is not spelled out where it is used first. Write the full name, and the short form in brackets."
        )
        yield Finding("L5", Severity.WARNS, where, said)


def _is_explained(text: str, match: re.Match) -> bool:
    before, after = text[: match.start()].rstrip(), text[match.end() :]
    return before.endswith(("(", "(called", "(or", "known as", "also called")) or bool(re.match(r"s?\s*\(", after))
