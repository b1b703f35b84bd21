"""What changed for patients since somebody last looked, and which pages that touches.

The database writes the changes down (articles/migrations/_changes.py); here they are read. A kept page names what it was
made from (`depends_on` in library/ready/): it is touched when one of its keys is among those of `touched`.

    article:1        an edition, a withdrawal or the address of the article; the history of what it named before stays
    review:1         the dates of its review
    link:article:1   where a link to it leads, or whether it leads anywhere; the same for link:topic:1
    topic:1          what the topic says of itself; for its own page also everything that stands there beside it
    name:topic:1     what others print or sort of it: title, kind, tags
    words:topic:1    what it means and by which names, for the list of words of an article
    translations:article:1    which of the article and its translations can be read, where, and since when; for topics, too
    kind:test tag:1  the list of a kind or tag
    articles reviews topics redirects saved-topics search    anything of that sort
    *                everything: something was deleted, or too much has happened
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from articles import languages
from articles.models import Article, Change, Edition, Stamp, Tag, Topic, TopicTag, Withdrawal
from library.prepared import prepared

EVERYTHING = "*"
MOST = 20_000  # changed things; more of them change everything
BATCH = 500  # things that are asked for at once
KEPT_FOR = timedelta(days=2)  # a process that looks away for longer has to forget all that it kept


class Position(NamedTuple):
    """How far somebody has read. Numbers grow; the mark tells a number from the same number of another past."""

    number: int
    mark: str


def position() -> Position:
    """Where the library stands now. One query, of one row."""
    row = next(iter(_stamp()), None)
    return Position(*row) if row else Position(0, "")


@prepared
def _stamp() -> QuerySet:
    return Stamp.objects.values_list("number", "mark")


def since(seen: Position, now: Position) -> set[str]:
    """The keys of what changed after `seen`, until `now`. Two queries. EVERYTHING is among them when nobody can say: the
    changes behind `seen` are not kept any more, or the database is another one than it was."""
    if now == seen:
        return set()
    known = Change.objects.filter(number=max(seen.number, 1), **({"mark": seen.mark} if seen.mark else {}))
    if now.number < seen.number or not known.exists():
        return {EVERYTHING}
    after = Change.objects.filter(number__gt=seen.number, number__lte=now.number)
    keys = after.values_list("key", flat=True).distinct()[: MOST + 1]
    return set(keys) if len(keys) <= MOST else {EVERYTHING}


def touched(changed: Iterable[str]) -> set[str]:
    """All keys whose pages the changes touch. A dozen queries for 500 things.

    What an article named in any of its editions counts, so that a page it left is touched as well as one it came to.
    """
    keys = set(changed)
    if EVERYTHING in keys:
        return {EVERYTHING}
    editions = Edition.objects.filter(pk__in=_ids(keys, "edition:"))
    keys |= {f"article:{article}" for article in editions.order_by().values_list("article", flat=True)}
    articles, topics = _ids(keys, "article:"), _ids(keys, "topic:")
    for ids in _batches(articles):
        keys |= _keys("translations:article:", _originals(Article, ids), "original")
    for ids in _batches(topics):
        keys |= _keys("translations:topic:", _originals(Topic, ids), "original")
    named = _ids(keys, "name:topic:") | _ids(keys, "link:topic:")
    keys |= {"articles"} if articles else set()
    keys |= {"reviews"} if any(key.startswith("review:") for key in keys) else set()
    keys |= {"topics"} if topics else set()
    for ids in _batches(articles):
        keys |= _named_by(Edition.objects.filter(article__in=ids))
    for ids in _batches(topics):
        keys |= _keys("kind:", Topic.objects.filter(pk__in=ids), "kind")
        keys |= _keys("tag:", TopicTag.objects.filter(content_object__in=ids), "tag")
    for ids in _batches(named):
        naming = Edition.objects.filter(see_also__in=ids)
        keys |= _keys("topic:", Edition.see_also.through.objects.filter(edition__in=naming), "topic")
    return keys


def _named_by(editions) -> set[str]:
    keys = _keys("kind:", editions, "kind")
    for field in (Edition.about, Edition.see_also):
        keys |= _keys("topic:", field.through.objects.filter(edition__in=editions), "topic")
    return keys | _keys("tag:", Edition.tags.through.objects.filter(edition__in=editions), "tag")


def _originals(model, ids):
    return model.objects.filter(pk__in=ids).annotate(original=Coalesce("translation_of", "pk"))


def _keys(prefix: str, rows, column: str) -> set[str]:
    return {f"{prefix}{value}" for value in rows.order_by().values_list(column, flat=True).distinct()}


def _ids(keys: Iterable[str], prefix: str) -> set[int]:
    return {int(key.removeprefix(prefix)) for key in keys if key.startswith(prefix)}


def _batches(ids: set[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


def coming(*, at: datetime) -> list[tuple[datetime, frozenset[str]]]:
    """What will change by itself: the moments after `at` at which an edition goes live or a withdrawal begins or ends, each
    with the keys that change then, in order. Two queries."""
    moments = []
    editions = Edition.objects.not_cancelled().filter(published_at__gt=at).order_by()
    for moment, article in editions.values_list("published_at", "article"):
        moments.append((moment, frozenset({f"article:{article}", f"link:article:{article}"})))
    withdrawals = Withdrawal.objects.filter(Q(from_at__gt=at) | Q(until_at__gt=at)).order_by()
    for from_at, until_at, article, topic in withdrawals.values_list("from_at", "until_at", "article", "topic"):
        page = f"article:{article}" if article else f"topic:{topic}"
        moments += [
            (moment, frozenset({page, f"link:{page}"})) for moment in (from_at, until_at) if moment and moment > at
        ]
    return sorted(moments, key=lambda pair: pair[0])


def addresses_of(changed: Iterable[str]) -> list[str]:
    """The addresses of the pages that the changes are about, whether they can be read or not. Three queries for 500."""
    paths = []
    for prefix, model in (("article:", Article), ("topic:", Topic)):
        for ids in _batches(_ids(changed, prefix)):
            addresses = model.objects.filter(pk__in=ids).order_by("pk").values_list("slug", "language")
            paths += [model.path_of(*address) for address in addresses]
    for ids in _batches(_ids(changed, "tag:")):
        tags = Tag.objects.filter(pk__in=ids)
        paths += [tag.path_in(code) for tag in tags for code, _ in languages.choices() if tag.name_in(code)]
    return paths


def prune(*, at: datetime) -> None:
    """Forget old changes, but for the last: whoever has seen that one has missed nothing."""
    Change.objects.filter(at__lt=at - KEPT_FOR, number__lt=position().number).delete()
