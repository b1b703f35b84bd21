"""The full-text search of the database: SQLite's FTS5 or PostgreSQL's, behind three functions.

Both stem English words and ignore case and accents. They say which pages hold the words, a bounded number of them, and
never rank: a rank reads every page that matches, and each database has its own (articles/search/ranking.py). Every word
that comes here has letters and digits only (articles/plain_words.py), so that quoting it is all that either syntax asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.db import connections, router

from articles.models import SearchEntry
from articles.search.query import Part

OPEN, CLOSE = "\x02", "\x03"  # around a found word; no indexed text has them (articles/search/text.py)
SNIPPET_WORDS = 30
COUNTED = 500  # pages; a word that more have is a frequent one, however many
MOST_CALLED, MOST_HOLDING = 200, 300
HEADLINE_FROM = 20_000  # characters of a text in which PostgreSQL looks for a snippet; it takes 1 ms for so many

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


@dataclass(frozen=True)
class Found:
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
    connection = _connection()
    if connection.vendor == "sqlite":
        rows = "SELECT 1 FROM articles_search WHERE articles_search MATCH %s LIMIT {}"
        matches = [_fts5_leaf(*word) for word in words]
    else:
        rows = "SELECT 1 FROM articles_searchentry WHERE document @@ to_tsquery('articles_search', %s) LIMIT {}"
        matches = [_tsquery_leaf(*word) for word in words]
    counts = ", ".join([f"(SELECT count(*) FROM ({rows.format(COUNTED)}) AS rows)"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", matches)
        return dict(zip(words, cursor.fetchone(), strict=True))


def holding(parts: Iterable[Part], *, every: bool, at: datetime, language: str) -> list[Found]:
    """Public pages of a language that hold every part, or some word of any: those that are called so first, then others, at most
    MOST_CALLED and MOST_HOLDING. They are in no order that means anything. One query."""
    parts = list(parts)
    tiers = [(Where.NAMES, MOST_CALLED), (Where.WHOLE, MOST_HOLDING)]
    connection = _connection()
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
    with connection.cursor() as cursor:
        cursor.execute(sql, {**named, "at": connection.ops.adapt_datetimefield_value(at), "language": language})
        rows = cursor.fetchall()
    return [Found(*row[:5], _day(row[5]), row[6]) for row in rows]


def _day(stored: date | str | None) -> date | None:
    """SQLite has no dates of its own."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def marked(entries: list[int], parts: Iterable[Part]) -> dict[int, tuple[str, str, str]]:
    """The other names, the summary and a snippet of the text of each entry, with OPEN and CLOSE around the found words.
    One query."""
    parts = list(parts)
    if not entries:
        return {}
    connection = _connection()
    if connection.vendor == "sqlite":
        match = _fts5(parts, every=False)
        sql = f"""
            SELECT rowid, highlight(articles_search, 1, '{OPEN}', '{CLOSE}'), highlight(articles_search, 2, '{OPEN}', '{CLOSE}'),
                snippet(articles_search, 3, '{OPEN}', '{CLOSE}', '…', {SNIPPET_WORDS})
            FROM articles_search
            WHERE articles_search MATCH %(match)s AND rowid IN ({", ".join(map(str, entries))})
        """
    else:
        match = _tsquery(parts, every=False)
        marks = f"StartSel={OPEN}, StopSel={CLOSE}"
        snippet = f"{marks}, MaxWords={SNIPPET_WORDS}, MinWords={SNIPPET_WORDS // 2}"
        sql = f"""
            SELECT e.id, ts_headline('articles_search', e.names, q, '{marks}, HighlightAll=true'),
                ts_headline('articles_search', e.summary, q, '{marks}, HighlightAll=true'),
                ts_headline('articles_search', left(e.body, {HEADLINE_FROM}), q, '{snippet}')
            FROM articles_searchentry e, to_tsquery('articles_search', %(match)s) q
            WHERE e.id IN ({", ".join(map(str, entries))})
        """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"match": match})
        return {entry: tuple(texts) for entry, *texts in cursor.fetchall()}


def _connection():
    """To the database that the index is to be read from at this moment."""
    return connections[router.db_for_read(SearchEntry)]


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
