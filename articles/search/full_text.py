"""The full-text search of the database: SQLite's FTS5 or PostgreSQL's, behind two functions.

Both stem English words and ignore case and accents, and both weigh a word in a title or another name ten times as much as
one in the text. Every word that comes here has letters and digits only (articles/plain_words.py), so that quoting it is
all that either syntax asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import connection

from articles.search.query import Part

OPEN, CLOSE = "\x02", "\x03"  # around a found word; no indexed text has them (articles/search/text.py)
SNIPPET_WORDS = 30
HEADLINE_FROM = 20_000  # characters of a text in which PostgreSQL looks for a snippet; it takes 1 ms for so many

# SearchEntryQuerySet has no part in this: the same rule over `e`, because neither rank can be written with the ORM.
VISIBLE = """
    (e.live_from IS NULL OR e.live_from <= %(at)s) AND (e.live_until IS NULL OR e.live_until > %(at)s)
    AND (e.article_id IS NULL OR e.article_id NOT IN (
        SELECT w.article_id FROM articles_withdrawal w
        WHERE w.article_id IS NOT NULL AND w.from_at <= %(at)s AND (w.until_at IS NULL OR w.until_at > %(at)s)))
    AND (e.topic_id IS NULL OR e.topic_id NOT IN (
        SELECT w.topic_id FROM articles_withdrawal w
        WHERE w.topic_id IS NOT NULL AND w.from_at <= %(at)s AND (w.until_at IS NULL OR w.until_at > %(at)s)))
"""


class Where(Enum):
    HEAD = "title, other names and summary"
    WHOLE = "the text as well"


@dataclass(frozen=True)
class Found:
    entry: int
    kind: str
    score: float  # the higher, the better; comparable within one answer only


def ranked(parts: Iterable[Part], *, every: bool, where: Where, at: datetime, limit: int) -> list[Found]:
    """The best `limit` public pages that hold every part, or some word of any; the best first. One query."""
    parts = list(parts)
    if connection.vendor == "sqlite":
        match = _fts5(parts, every=every)
        if where is Where.HEAD:
            match = f"{{title names summary}} : ({match})"
        sql = f"""
            SELECT e.id, e.kind, -bm25(articles_search, 10.0, 10.0, 4.0, 1.0) AS score
            FROM articles_search JOIN articles_searchentry e ON e.id = articles_search.rowid
            WHERE articles_search MATCH %(match)s AND {VISIBLE}
            ORDER BY score DESC, e.id LIMIT %(limit)s
        """
    else:
        match = _tsquery(parts, every=every)
        vector = "head" if where is Where.HEAD else "document"
        sql = f"""
            SELECT e.id, e.kind, ts_rank('{{0.1, 0.4, 1.0, 1.0}}', e.{vector}, q, 1) AS score
            FROM articles_searchentry e, to_tsquery('articles_search', %(match)s) q
            WHERE e.{vector} @@ q AND {VISIBLE}
            ORDER BY score DESC, e.id LIMIT %(limit)s
        """
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"match": match, "at": moment, "limit": limit})
        return [Found(*row) for row in cursor.fetchall()]


def marked(entries: list[int], parts: Iterable[Part]) -> dict[int, tuple[str, str, str]]:
    """The other names, the summary and a snippet of the text of each entry, with OPEN and CLOSE around the found words.
    One query."""
    parts = list(parts)
    if not entries:
        return {}
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


def _fts5(parts: list[Part], *, every: bool) -> str:
    def leaf(word, begins):
        return f'("{word}" OR "{word}" *)' if begins else f'"{word}"'

    return _expression(parts, every, leaf=leaf, every_of=" AND ".join, any_of=" OR ".join)


def _tsquery(parts: list[Part], *, every: bool) -> str:
    def leaf(word, begins):
        return f"('{word}' | '{word}':*)" if begins else f"'{word}'"

    return _expression(parts, every, leaf=leaf, every_of=" & ".join, any_of=" | ".join)


def _expression(parts: list[Part], every: bool, *, leaf, every_of, any_of) -> str:
    """The parts in the syntax of a database, given how it writes a word and joins expressions."""
    joined = every_of if every else any_of
    expressions = []
    for part in parts:
        ends = len(part.words) - 1
        own = joined(leaf(word, part.is_prefix and place == ends) for place, word in enumerate(part.words))
        others = [joined(leaf(word, False) for word in other) for other in part.others]
        expressions.append("(" + any_of(f"({each})" for each in [own, *others]) + ")")
    return joined(expressions)
