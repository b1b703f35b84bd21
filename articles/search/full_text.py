"""The full-text search of the database: SQLite's FTS5 or PostgreSQL's, behind two functions.

They are given stems (SearchStems), and so know nothing of languages and find the same pages. They say which pages hold the
words, a bounded number of them, and never rank: a rank reads every page that matches, and each database has its own
(articles/search/ranking.py). A stem has letters, digits and the line behind its language only (articles/plain_words.py), so
that quoting it is all that either syntax asks for.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from articles.models import SearchEntry
from articles.search.language import Language
from articles.search.query import Part

COUNTED = 250  # pages; a word that more have is a frequent one, however many
COUNTED_TOGETHER = 1_600  # pages of all words of a question, of which each is counted as far
MOST_CALLED, MOST_HOLDING = 150, 200

# SearchEntryQuerySet has no part in this: the same rule over `e`, because neither rank can be written with the ORM.
VISIBLE = """
    e.language = %(language)s AND (e.live_from IS NULL OR e.live_from <= %(at)s) AND (e.live_until IS NULL OR e.live_until > %(at)s)
    AND (e.article_id IS NULL OR e.article_id NOT IN (
        SELECT w.article_id FROM articles_withdrawal w
        WHERE w.article_id IS NOT NULL AND w.from_at <= %(at)s AND (w.until_at IS NULL OR w.until_at > %(at)s)))
    AND (e.topic_id IS NULL OR e.topic_id NOT IN (
        SELECT w.topic_id FROM articles_withdrawal w
        WHERE w.topic_id IS NOT NULL AND w.from_at <= %(at)s AND (w.until_at IS NULL OR w.until_at > %(at)s)))
"""
IS_SQLITE = connection.vendor == "sqlite"
# The rows that hold what is asked for in one column of SearchStems. On PostgreSQL in the very words of the index.
_HOLDING = (
    "articles_search WHERE articles_search MATCH {match}"
    if IS_SQLITE
    else "articles_searchstems WHERE array_to_tsvector(string_to_array({column}, ' ')) @@ {match}::tsquery"
)
# Many expressions in one parameter, as rows: the database makes one plan for all of them.
_EACH = (
    "(SELECT key AS place, value AS leaf FROM json_each(%s)) AS asked"
    if IS_SQLITE
    else "unnest(%s::tsquery[]) WITH ORDINALITY AS asked(leaf, place)"
)
_ID = "rowid" if IS_SQLITE else "entry_id"


class Found(NamedTuple):
    """A public page, with what its place among the others depends on (SearchDigest)."""

    entry: int
    kind: str
    sort_key: str
    names: str
    words: str
    next_review_on: date | None
    banner_after_days: int | None


def pages_with(words: Iterable[tuple[str, bool]], language: Language) -> dict[tuple[str, bool], int]:
    """How many pages of the language have each word, or a word that begins so, counting to COUNTED, or less far when there
    are many words. One query, whatever the words, and none without any."""
    words = list(dict.fromkeys(words))
    if not words:
        return {}
    counted = max(MOST_HOLDING // 2 + 1, min(COUNTED, COUNTED_TOGETHER // len(words)))  # two are more than MOST_HOLDING
    rows = f"SELECT 1 FROM {_HOLDING.format(column='held', match='asked.leaf')} LIMIT {counted}"
    sql = f"SELECT (SELECT count(*) FROM ({rows}) AS rows) FROM {_EACH} ORDER BY asked.place"
    leaves = [_leaf(*word, language) for word in words]
    with _by_index(sql, [json.dumps(leaves) if IS_SQLITE else leaves], gin_fuzzy_search_limit=2 * counted) as cursor:
        return dict(zip(words, (pages for (pages,) in cursor.fetchall()), strict=True))


def holding(parts: Iterable[Part], *, every: bool, at: datetime, language: Language) -> list[Found]:
    """Public pages of a language that hold every part, or some word of any: at most MOST_CALLED that are called so, and
    MOST_HOLDING. They are in no order. One query."""
    held = _expression(list(parts), every, language)
    called = f"{{called}} : ({held})" if IS_SQLITE else held
    union = " UNION ".join(
        f"SELECT id FROM (SELECT {_ID} AS id FROM {_HOLDING.format(column=column, match=f'%({column})s')} LIMIT {limit}) AS {column}"
        for column, limit in (("called", MOST_CALLED), ("held", MOST_HOLDING))
    )
    sql = f"""
        SELECT e.id, e.kind, d.sort_key, d.names, d.words, a.next_review_on, a.banner_after_days
        FROM ({union}) AS hit
        JOIN articles_searchentry e ON e.id = hit.id JOIN articles_searchdigest d ON d.entry_id = e.id
        LEFT JOIN articles_article a ON a.id = e.article_id WHERE {VISIBLE}
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    with _by_index(sql, {"called": called, "held": held, "at": moment, "language": language.code}) as cursor:
        return [Found(*row[:5], as_day(row[5]), row[6]) for row in cursor.fetchall()]


@contextmanager
def _by_index(sql: str, parameters: list | dict, **settings) -> Iterator[CursorWrapper]:
    """A cursor that has asked. PostgreSQL holds it for cheap to look into a text, which it has to unpack, and for dear to look a few
    hundred rows up: left to itself it reads all pages. The settings are for this statement alone; gin_fuzzy_search_limit lets
    it stop early where a frequent word is only counted."""
    settings = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", **settings}
    with index_connection().cursor() as cursor:
        if IS_SQLITE:
            cursor.execute(sql, parameters)
        else:
            cursor.execute(
                "".join(f"SET LOCAL {name} = {value}; " for name, value in settings.items()) + sql, parameters
            )
            for _ in settings:
                cursor.nextset()
        yield cursor


def as_day(stored: date | str | None) -> date | None:
    """SQLite has no dates of its own."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def index_connection() -> BaseDatabaseWrapper:
    """To the database that the index is to be read from at this moment."""
    return connections[router.db_for_read(SearchEntry)]


_AND, _OR = (" AND ", " OR ") if IS_SQLITE else (" & ", " | ")


def _leaf(word: str, begins: bool, language: Language) -> str:
    """A word, or also those that begin so, in the syntax of the database."""
    quote, behind = ('"', " *") if IS_SQLITE else ("'", ":*")
    whole = f"{quote}{language.key(word)}{quote}"
    return f"({whole}{_OR}{quote}{language.beginning(word)}{quote}{behind})" if begins else whole


def _expression(parts: list[Part], every: bool, language: Language) -> str:
    joined = _AND if every else _OR
    expressions = []
    for part in parts:
        own = joined.join(_leaf(*each, language) for each in part.leaves[: len(part.words)])
        others = [joined.join(_leaf(word, False, language) for word in other) for other in part.others]
        expressions.append("(" + _OR.join(f"({each})" for each in [own, *others]) + ")")
    return joined.join(expressions)
