"""What the index says of a page, out of plain data: no database, so that a migration can ask it too."""

import html
import re

from articles.plain_words import plain_words

MAX_BODY = 200_000  # characters; PostgreSQL refuses a vector of more than 1 MB
SHORTEST, LONGEST = 3, 40  # letters of a word that may be suggested

_INLINE = re.compile(r"</?(?:strong|em|a|sub|sup)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def plain(text: str) -> str:
    """One line without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def plain_text(body: str) -> str:
    """The text of constrained HTML. "H<sub>2</sub>O" stays one word; a paragraph ends one."""
    return plain(html.unescape(_TAG.sub(" ", _INLINE.sub("", body))))


def of_content(content: dict) -> dict:
    """The columns of text of an edition, from its content (schema 1, articles/publishing.py)."""
    parts = [part for section in content["sections"] for part in (section["heading"], plain_text(section["body"]))]
    return {
        "title": plain(content["title"]),
        "names": "",
        "summary": plain(content["deck"]),
        "body": plain(" ".join(parts))[:MAX_BODY],
    }


def of_topic(title: str, definition: str, names: list[str]) -> dict:
    return {
        "title": plain(title),
        "names": "\n".join(sorted(map(plain, names))),
        "summary": plain(definition),
        "body": "",
    }


def suggestible_words(title: str, names: str) -> list[dict[str, str]]:
    """The columns of SearchWord: the words of a title and its other names that may be offered instead of a misspelt one."""
    words = set(plain_words(f"{title}\n{names}"))
    kept = sorted(word for word in words if SHORTEST <= len(word) <= LONGEST and not word.isdecimal())
    return [{"word": word, **edges(word)} for word in kept]


def edges(word: str) -> dict[str, str]:
    """The columns by which near words are looked up."""
    return {"start": word[:2], "end": word[-3:]}
