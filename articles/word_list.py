"""The medical words of a page and what they mean: definitions of the topics that the page is about or leads to.

Words are matched as the glossary of cancer.gov matches them: the longest first, whole words, and each stretch of text for
one of them only, so that “breast cancer” leaves no “cancer” behind. Case, accents and the s of a plural don't count, but
what is written in capitals is found in capitals only: “AIDS” is not in “hearing aids”.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from articles.checks.text import Body, sentences_of
from articles.kinds import Kind
from articles.models import Edition, Topic
from articles.plain_words import folded, singular
from library.prepared import prepared

MOST = 12  # words: a longer list is not read
# The others are works, and their definitions say what is in them rather than what a word means.
KINDS = [Kind.CONDITION, Kind.TEST, Kind.TREATMENT, Kind.IN_DEPTH, Kind.SUPPORT]
_TOKEN = re.compile(r"[^\W_]+")
_APOSTROPHE_S = re.compile(r"['’]s\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Word:
    title: str
    definition: str
    path: str


def word_list(edition: Edition, bodies: list[Body], *, at: datetime) -> list[Word]:
    """The words that stand in the text of an edition (`bodies_of` it), from A to Z. One query, however many links there are.

    Of two topics with one name that counts which the edition names first. What is sample text means nothing on a page that
    is none, nor do definitions in another language.
    """
    named = _named(edition)
    if not named:
        return []
    rows = _topics(ids=sorted(set(named)), language=edition.language, at=at)
    order = {pk: number for number, pk in reversed([*enumerate(named)])}
    topics, meanings = {}, {}
    for pk, sort_key, title, definition, slug, is_sample, other_name in sorted(rows, key=lambda row: order[row[0]]):
        if is_sample and not edition.is_sample:
            continue
        names = [other_name or ""]
        if pk not in topics:
            topics[pk] = (sort_key, pk, title, definition, slug)
            names += [title, _BRACKETS.sub(" ", title)]
        for name in names:
            if len(key := _key_of_name(name)) > 1:
                meanings.setdefault(key, pk)
    found = sorted(topics[pk] for pk in _found(meanings, _text_of(edition.content, bodies)))
    return [Word(title, definition, Topic.path_of(slug, edition.language)) for _, _, title, definition, slug in found]


@prepared
def _topics(*, ids: list[int], language: str, at: datetime) -> QuerySet:
    topics = Topic.objects.not_withdrawn(at=at).filter(pk__among=ids, kind__in=KINDS, language=language)
    rows = topics.exclude(definition="").order_by()
    return rows.values_list("pk", "sort_key", "title", "definition", "slug", "is_sample", "other_names__name")


def keys_of_words(edition: Edition) -> list[str]:
    """What a page depends on that prints the list (articles/changes.py)."""
    return [key for topic in _named(edition) for key in (f"words:topic:{topic}", f"link:topic:{topic}")]


def _named(edition: Edition) -> list[int]:
    named = [topic["topic"] for topic in edition.content["about"]]
    return named + [link["topic"] for link in edition.content["links"] if link["topic"]]


def _found(meanings: dict[str, int], text: str) -> set[int]:
    found, words = set(), set(text.split())
    possible = [key for key in meanings if words.issuperset(key.split())]
    for key in sorted(possible, key=lambda key: (-len(key), key)):
        if f" {key} " in text and len(found) < MOST:
            text = text.replace(f" {key} ", " | ")
            found.add(meanings[key])
    return found


def _text_of(content: dict, bodies: list[Body]) -> str:
    """What a patient reads, as _key() writes it. No word reaches over the end of a sentence, nor over what was found."""
    blocks = [content["deck"]]
    for section, body in zip(content["sections"], bodies, strict=True):
        blocks += [section["heading"], *body.headings, *body.prose, *body.cells]
    sentences = (sentence for block in blocks for sentence in sentences_of(block))
    return f" {'  |  '.join(map(_key, sentences))} "


def _key(text: str) -> str:
    """The words with two blanks between them, so that each has one on either side that is its own."""
    return "  ".join(map(_key_of, _TOKEN.findall(_APOSTROPHE_S.sub("", text))))


@lru_cache(maxsize=20_000)  # the names of topics are the same on many pages: without it this is a tenth of their time
def _key_of_name(name: str) -> str:
    return _key(name)


@lru_cache(maxsize=20_000)  # the words of all pages are few, and this was another tenth
def _key_of(token: str) -> str:
    capitals = token.removesuffix("s")
    return capitals if len(capitals) > 1 and capitals.isupper() else singular(folded(token))
