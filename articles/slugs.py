"""Addresses made from titles: ASCII, readable, and never changed behind anybody's back."""

import re
import unicodedata

MAX_LENGTH = 100


def ascii_slug(title: str, *, fallback: str) -> str:
    """The title in lower-case ASCII letters, digits and hyphens, cut at a word near 100 characters.

    Accents go (é is e), Greek letters are named (β is beta). A title without any letter or digit that
    ASCII knows gives `fallback`.
    """
    words = "".join(_in_ascii(char) for char in unicodedata.normalize("NFKD", title))
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", words.lower())).strip("-")
    if len(slug) > MAX_LENGTH:
        slug = slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]
    return slug or fallback


def _in_ascii(char: str) -> str:
    if char.isascii() or char == "’":
        return char
    name = unicodedata.name(char, "")
    if name.startswith("GREEK") and " LETTER " in name:
        return " " + name.rpartition(" LETTER ")[2].split(" WITH ")[0].split()[-1] + " "
    return "" if unicodedata.combining(char) else " "


def numbered(slug: str, taken: set[str]) -> str:
    """`slug`, or the first of `slug-2`, `slug-3`, … that nobody has taken."""
    candidate, number = slug, 1
    while candidate in taken:
        number += 1
        candidate = f"{slug[: MAX_LENGTH - len(str(number)) - 1].rstrip('-')}-{number}"
    return candidate
