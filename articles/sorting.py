"""How titles are ordered in the A to Z, and under which letter they stand."""

import re
import unicodedata

DIGITS = "0-9"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = {"en": [DIGITS, *LATIN], "es": [DIGITS, *"ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"]}
LEADING_ARTICLES = {"en": "the|an|a", "es": "el|la|los|las|un|una"}
# Ñ is a letter of its own, behind every N. No Spanish word has these letters, and every collation sorts them alike; CH
# and LL are no letters any more (Ortografía de la lengua española, 2010).
OWN_LETTERS = {"es": {"ñ": "nzz"}}

# Latin letters that Unicode doesn't take apart into a plain one and a mark.
PLAIN_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})


def sort_key(title: str, language: str = "en") -> str:
    """Case, accents, quotes and a leading article don't count; numbers sort by value ("3D" before "10").

    An article is a word of its own: "A healthy heart" stands under H, "A-scan" under A. Two keys of one language compare
    as its alphabet does.
    """
    plain = unicodedata.normalize("NFC", title.casefold())
    for letter, key in OWN_LETTERS.get(language, {}).items():
        plain = plain.replace(letter, key)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(PLAIN_LETTERS)
    plain = re.sub(rf"^[\W_]*({LEADING_ARTICLES[language]})\s+(?=.*[^\W_])", "", plain)
    plain = " ".join(re.findall(r"[^\W_]+", re.sub(r"['’]", "", plain)))
    return re.sub(r"\d+", lambda number: number[0].zfill(6), plain)[:250]


def letter_of(title: str, language: str = "en") -> str:
    """A letter of the alphabet, or "0-9" for every title that starts with no Latin letter."""
    return letter_of_key(sort_key(title, language), language)


def letter_of_key(key: str, language: str = "en") -> str:
    """The same for a title whose sort key is at hand."""
    for letter, start in OWN_LETTERS.get(language, {}).items():
        if key.startswith(start):
            return letter.upper()
    first = key[:1].upper()
    return first if first in LATIN and first else DIGITS


def same_title(title: str) -> str:
    """What two titles share when they are one title: case and the width of spaces don't count."""
    return " ".join(title.split()).casefold()
