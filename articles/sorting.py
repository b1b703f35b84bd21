"""How titles are ordered in the A to Z, and under which letter they stand."""

import re
import unicodedata

DIGITS = "0-9"
LETTERS = [DIGITS, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

# Latin letters that Unicode doesn't take apart into a plain one and a mark.
PLAIN_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})


def sort_key(title: str) -> str:
    """Case, accents, quotes and a leading article don't count; numbers sort by value ("3D" before "10").

    An article is a word of its own: "A healthy heart" stands under H, "A-scan" under A.
    """
    plain = unicodedata.normalize("NFKD", title.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(PLAIN_LETTERS)
    plain = re.sub(r"^[\W_]*(the|an|a)\s+(?=.*[^\W_])", "", plain)
    plain = " ".join(re.findall(r"[^\W_]+", re.sub(r"['’]", "", plain)))
    return re.sub(r"\d+", lambda number: number[0].zfill(6), plain)[:250]


def letter_of(title: str) -> str:
    """A to Z, or "0-9" for every title that starts with no Latin letter."""
    return letter_of_key(sort_key(title))


def letter_of_key(key: str) -> str:
    """The same for a title whose sort key is at hand."""
    first = key[:1].upper()
    return first if first in LETTERS[1:] else DIGITS


def same_title(title: str) -> str:
    """What two titles share when they are one title: case and the width of spaces don't count."""
    return " ".join(title.split()).casefold()
