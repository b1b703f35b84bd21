"""The full-text search of the database: SQLite's FTS5 or PostgreSQL's, behind two functions.

Both stem English words and ignore case and accents. They say which pages hold the words, a bounded number of them, and
never rank: a rank reads every page that matches, and each database has its own (articles/search/ranking.py). Every word
that comes here has letters and digits only (articles/plain_words.py), so that quoting it is all that either syntax asks for.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from articles.search.query import Part

COUNTED = 500  # pages; a word that more have is a frequent one, however many
MOST_CALLED, MOST_HOLDING = 200, 300

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


class Where(Enum):
    NAMES = "title and other names"
    WHOLE = "the whole page"


class Found(NamedTuple):
    """A public page, with what its place among the others depends on (SearchDigest)."""

    entry: int
    kind: str
    sort_key: str
    names: str
    words: str
    next_review_on: date | None
    banner_after_days: int | None


def pages_with(words: Iterable[tuple[str, bool]]) -> dict[tuple[str, bool], int]:
    """How many pages have each word, or a word that begins so, counting to COUNTED. One query, whatever the words."""
    words = list(dict.fromkeys(words))
    if connection.vendor == "sqlite":
        rows = "SELECT 1 FROM articles_search WHERE articles_search MATCH %s LIMIT {}"
        matches = [_fts5_leaf(*word) for word in words]
    else:
        rows = "SELECT 1 FROM articles_searchentry WHERE document @@ to_tsquery('articles_search', %s) LIMIT {}"
        matches = [_tsquery_leaf(*word) for word in words]
    counts = ", ".join([f"(SELECT count(*) FROM ({rows.format(COUNTED)}) AS rows)"] * len(words))
    with _by_index(f"SELECT {counts}", matches) as cursor:
        return dict(zip(words, cursor.fetchone(), strict=True))


def holding(parts: Iterable[Part], *, every: bool, at: datetime, language: str) -> list[Found]:
    """Public pages of a language that hold every part, or some word of any: those that are called so first, then others, at most
    MOST_CALLED and MOST_HOLDING. They are in no order that means anything. One query."""
    parts = list(parts)
    tiers = [(Where.NAMES, MOST_CALLED), (Where.WHOLE, MOST_HOLDING)]
    if connection.vendor == "sqlite":
        match = _fts5(parts, every=every)
        tier = """
            SELECT rowid AS id, {place} AS tier FROM articles_search WHERE articles_search MATCH %({name})s LIMIT {limit}
        """
        matches = {Where.NAMES: f"{{title names}} : ({match})", Where.WHOLE: match}
    else:
        tier = """
            SELECT id, {place} AS tier FROM articles_searchentry WHERE {vector} @@ to_tsquery('articles_search', %({name})s) LIMIT {limit}
        """
        matches = dict.fromkeys(Where, _tsquery(parts, every=every))
    vectors = {Where.NAMES: "called", Where.WHOLE: "document"}
    union = " UNION ALL ".join(
        f"SELECT * FROM ({tier.format(place=place, name=where.name, limit=limit, vector=vectors[where])}) AS t{place}"
        for place, (where, limit) in enumerate(tiers)
    )
    sql = f"""
        SELECT e.id, e.kind, d.sort_key, d.names, d.words, a.next_review_on, a.banner_after_days FROM (SELECT id, min(tier) AS tier FROM ({union}) AS hits GROUP BY id) AS hit
        JOIN articles_searchentry e ON e.id = hit.id JOIN articles_searchdigest d ON d.entry_id = e.id
        LEFT JOIN articles_article a ON a.id = e.article_id WHERE {VISIBLE} ORDER BY hit.tier, e.id
    """
    named = {where.name: match for where, match in matches.items()}
    moment = connection.ops.adapt_datetimefield_value(at)
    with _by_index(sql, {**named, "at": moment, "language": language}) as cursor:
        rows = cursor.fetchall()
    return [Found(*row[:5], as_day(row[5]), row[6]) for row in rows]


@contextmanager
def _by_index(sql: str, parameters: list | dict) -> Iterator[CursorWrapper]:
    """A cursor that has asked. PostgreSQL holds it for cheap to look into a vector, which it has to unpack, and would rather
    read page after page than ask the index for a frequent word: twice the work. The setting is for this statement alone."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(sql, parameters)
        else:
            cursor.execute(f"SET LOCAL enable_seqscan = off; {sql}", parameters)
            cursor.nextset()
        yield cursor


def as_day(stored: date | str | None) -> date | None:
    """SQLite has no dates of its own."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def _fts5_leaf(word: str, begins: bool) -> str:
    return f'("{word}" OR "{word}" *)' if begins else f'"{word}"'


def _tsquery_leaf(word: str, begins: bool) -> str:
    return f"('{word}' | '{word}':*)" if begins else f"'{word}'"


def _fts5(parts: list[Part], *, every: bool) -> str:
    return _expression(parts, every, leaf=_fts5_leaf, every_of=" AND ".join, any_of=" OR ".join)


def _tsquery(parts: list[Part], *, every: bool) -> str:
    return _expression(parts, every, leaf=_tsquery_leaf, every_of=" & ".join, any_of=" | ".join)


def _expression(parts: list[Part], every: bool, *, leaf, every_of, any_of) -> str:
    """The parts in the syntax of a database, given how it writes a word and joins expressions."""
    joined = every_of if every else any_of
    expressions = []
    for part in parts:
        own = joined(leaf(*each) for each in part.leaves[: len(part.words)])
        others = [joined(leaf(word, False) for word in other) for other in part.others]
        expressions.append("(" + any_of(f"({each})" for each in [own, *others]) + ")")
    return joined(expressions)
