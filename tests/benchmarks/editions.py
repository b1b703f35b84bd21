"""What patients read in the libraries of the bench."""

from datetime import datetime

from articles.models import Article, Edition


def an_edition(article: Article, body: str, *, at: datetime, number=1, **content) -> Edition:
    """Of one section without a heading, not saved. `content` is what else stands in it, such as its links."""
    empty = {"deck": article.deck, "kind": article.kind, "is_sample": False, "links": [], "references": []}
    sections = [{"anchor": "", "heading": "", "body": body}]
    return Edition(
        article=article,
        number=number,
        title=article.title,
        deck=article.deck,
        kind=article.kind,
        schema=1,
        content={**empty, "title": article.title, "sections": sections, "about": [], "tags": [], **content},
        change=Edition.Change.MAJOR,
        version=1,
        published_at=at,
        published_on=at.date(),
        published_by="make bench",
        bypass_reason="Made up for measuring.",
    )
