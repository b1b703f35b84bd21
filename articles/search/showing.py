"""What a result prints of a page, and once more whether patients may see it: asked of the editions, topics and withdrawals
themselves, so that no fault of the index can show a page that they must not see.

In SQL, because putting these conditions together with the ORM took as long as all the rest of a search. The rules are those of
Edition.objects.live() and Topic.objects.not_withdrawn(); a test compares the answers.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from articles.models import Article, Topic
from articles.search.full_text import as_day, index_connection
from articles.search.marking import READ

_SHOWN = """
    SELECT e.id, e.kind, e.title, e.names, e.summary, substr(e.body, 1, {read}), e.topic_id, e.article_id,
        coalesce(t.slug, a.slug), e.language,
        n.published_on, n.updated_on, n.is_sample
    FROM articles_searchentry e LEFT JOIN articles_topic t ON t.id = e.topic_id
    LEFT JOIN articles_edition n ON n.id = e.edition_id LEFT JOIN articles_article a ON a.id = n.article_id
    WHERE ({wanted})
    AND (t.id IS NOT NULL OR n.id = (
        SELECT l.id FROM articles_edition l LEFT JOIN articles_scheduledact s ON s.edition_id = l.id
        WHERE l.article_id = n.article_id AND l.published_at <= %s AND s.cancelled_at IS NULL
        ORDER BY l.number DESC LIMIT 1))
    AND NOT EXISTS (
        SELECT 1 FROM articles_withdrawal w WHERE (w.topic_id = t.id OR w.article_id = n.article_id)
        AND w.from_at <= %s AND (w.until_at IS NULL OR w.until_at > %s))
"""


class Shown(NamedTuple):
    """A page that patients may see. A topic has none of the days and is never a sample."""

    entry: int
    kind: str
    title: str
    names: str
    summary: str
    body: str  # the beginning
    topic: int | None
    article: int | None
    slug: str
    language: str
    published_on: date | None
    updated_on: date | None
    is_sample: bool

    @property
    def path(self) -> str:
        return (Topic if self.topic else Article).path_of(self.slug, self.language)


def entries(wanted: Iterable[int], *, at: datetime) -> dict[int, Shown]:
    """Those of the entries that may be shown. One query, and none without any."""
    return {row.entry: row for row in _shown({"e.id": list(wanted)}, at)}


def pages(wanted: Iterable[tuple[str, int]], *, at: datetime) -> dict[tuple[str, int], Shown]:
    """The same of pages, each named as ("topic" or "article", id)."""
    ids = {"e.topic_id": [], "e.article_id": []}
    for page, pk in wanted:
        ids[f"e.{page}_id"].append(pk)
    return {("topic", row.topic) if row.topic else ("article", row.article): row for row in _shown(ids, at)}


def _shown(ids: dict[str, list[int]], at: datetime) -> list[Shown]:
    wanted = " OR ".join(f"{column} IN ({', '.join(['%s'] * len(some))})" for column, some in ids.items() if some)
    if not wanted:
        return []
    connection = index_connection()
    asked = [pk for some in ids.values() for pk in some] + [connection.ops.adapt_datetimefield_value(at)] * 3
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN.format(wanted=wanted, read=READ), asked)
        return [Shown(*row[:10], as_day(row[10]), as_day(row[11]), bool(row[12])) for row in cursor.fetchall()]
