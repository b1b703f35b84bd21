"""The verb that stores an article's ordered see-also list."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from articles.addresses import validate_address
from articles.models import Article, RelatedLink


@dataclass(frozen=True)
class LinkRow:
    """One line of the list: the id of a topic, the id of an article or an outside address, and what the link says."""

    topic: int | None = None
    article: int | None = None
    url: str = ""
    label: str = ""


def stored_rows(article: Article) -> list[LinkRow]:
    values = article.related_links.order_by("position").values_list("topic", "target_article", "url", "label")
    return [LinkRow(*row) for row in values]


def set_related_links(article: Article, rows: Sequence[LinkRow]) -> bool:
    """Make the see-also list of the article these rows in this order; say whether anything changed.

    A link that stays keeps its id, wherever it moves. A list that is stored already costs one query; any
    other list a handful, however long it is.

    Raises ValidationError when an address is unsafe, and changes nothing.
    """
    for row in rows:
        if row.url:
            validate_address(row.url)
    if stored_rows(article) == list(rows):
        return False
    with transaction.atomic(savepoint=False):  # inside a save that is one transaction it needs no place to go back to
        Article.objects.select_for_update().get(pk=article.pk)  # two editors who save at once take turns
        kept, new, gone = _sort_out(article, rows)
        article.related_links.filter(pk__in=[link.pk for link in gone]).delete()
        _renumber(article, kept)
        RelatedLink.objects.bulk_create(new)
    return True


def _sort_out(article, rows):
    """The links to keep, each with its new row and position, the links to make, and those to delete."""
    waiting = defaultdict(deque)
    for link in article.related_links.order_by("position"):
        waiting[link.topic_id, link.target_article_id, link.url].append(link)
    kept, new = [], []
    for position, row in enumerate(rows, start=1):
        if same := waiting[row.topic, row.article, row.url]:
            kept.append((same.popleft(), position, row.label))
        else:
            new.append(
                RelatedLink(
                    article=article,
                    position=position,
                    topic_id=row.topic,
                    target_article_id=row.article,
                    url=row.url,
                    label=row.label,
                )
            )
    return kept, new, [link for links in waiting.values() for link in links]


def _renumber(article, kept):
    """Every position may stand once in an article, in every statement: so all links step aside first."""
    changed = [(link, *after) for link, *after in kept if [link.position, link.label] != after]
    if not changed:
        return
    far = max(max(link.position, position) for link, position, _ in kept) + 1
    article.related_links.filter(pk__in=[link.pk for link, _, _ in changed]).update(position=F("position") + far)
    for link, position, label in changed:
        link.position, link.label = position, label
    RelatedLink.objects.bulk_update([link for link, _, _ in changed], ["position", "label"])
