"""The words in a text, as search compares them: without case, accents, punctuation and the s of a plural."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE_S = re.compile(r"['’]s\b", re.IGNORECASE)


def folded(text: str) -> str:
    """Lower case and without accents: "Café" is "cafe"."""
    if text.isascii():  # nearly every text, and ten times as quick
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def plain_words(text: str) -> list[str]:
    """The folded words in any text whatever; quotes, operators and control characters only part words.

    "Crohn's" is one word, and the one letter after its apostrophe is none.
    """
    return _WORD.findall(folded(_APOSTROPHE_S.sub("", text)))


def singular(word: str) -> str:
    """An English plural as its singular, by Harman's S stemmer (How effective is suffixing?, JASIS 42, 1991)."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and len(word) > 2:
        return word[:-1]
    return word


def key_words(text: str) -> list[str]:
    return [singular(word) for word in plain_words(text)]


def key_of(text: str) -> str:
    """What two ways of writing the same words share: "Kidney Stones" and "kidney stone"."""
    return " ".join(key_words(text))
