"""Walking over all that patients read, in bounded memory and in queries that stay short, however large the library is."""

import re
from collections.abc import Iterator
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import Cast

from articles.models import Article, Edition

BATCH = 200  # articles at a time: their texts fit into memory together, and no query runs longer than a second


def batches(*, at: datetime) -> Iterator[list[Edition]]:
    """The live editions in the order of their articles. Two queries for each batch."""
    for ids in _ids():
        yield list(Edition.objects.live(at=at).filter(article__in=ids).select_related("article").order_by("article"))


def containing(text: str, *, at: datetime) -> Iterator[Edition]:
    """The live editions that may say the text: the database looks for its longest stretch that is stored as it is typed,
    without regard to capitals. The caller looks whether it stands where it should."""
    stretch = max(re.findall(r"[A-Za-z0-9._/:-]+", text), key=len, default="")
    for ids in _ids():
        live = Edition.objects.live(at=at).filter(article__in=ids).select_related("article").order_by("article")
        yield from live.annotate(stored=Cast("content", TextField())).filter(stored__icontains=stretch)


def _ids() -> Iterator[list[int]]:
    last = 0
    while ids := list(Article.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]
