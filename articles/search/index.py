"""Keeps the index of search in step with the pages, inside the transaction that changes them.

Which rows an article has follows from its ledger alone and from no clock: its newest edition, and the one before it when
the newest was scheduled, for patients read that until the moment comes. So the index is the same whether it grew with
the library or was made anew.
"""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from articles.models import Article, Edition, OtherName, SearchDigest, SearchEntry, SearchStems, SearchWord, Topic
from articles.search import digest, text
from articles.search.language import language_of

BATCH = 200  # pages in one transaction of a rebuild


@transaction.atomic
def articles_changed(articles: Iterable[int]) -> None:
    """Call it with the ids of articles of which an edition was made or called off."""
    articles = list(articles)
    wanted = {entry.edition_id: entry for entry in _entries_of_articles(articles)}
    known = {entry.edition_id: entry for entry in SearchEntry.objects.filter(article__in=articles)}
    if gone := [known[edition].pk for edition in known.keys() - wanted.keys()]:
        SearchEntry.objects.filter(pk__in=gone).delete()
    _write([(entry, known.get(edition)) for edition, entry in wanted.items()])


@transaction.atomic
def topics_changed(topics: Iterable[int]) -> None:
    """Call it with the ids of topics that were made or changed past `save()`; a save calls it itself."""
    topics = list(topics)
    known = {entry.topic_id: entry for entry in SearchEntry.objects.filter(topic__in=topics)}
    _write([(entry, known.get(entry.topic_id)) for entry in _entries_of_topics(topics)])


def rebuild() -> Iterator[int]:
    """Makes the whole index anew, and yields how many pages are done. Patients can search while it runs: each page is
    replaced in one transaction. Rows of pages that are gone were deleted with them."""
    done = 0
    for model, page, changed in ((Article, "article", articles_changed), (Topic, "topic", topics_changed)):
        ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            with transaction.atomic():
                SearchEntry.objects.filter(**{f"{page}__in": batch}).delete()
                changed(batch)
            done += len(batch)
            yield done


def _entries_of_articles(articles: list[int]) -> Iterator[SearchEntry]:
    """Two queries; an article may have hundreds of editions, and only the contents that count are read."""
    wanted, later = {}, {}  # edition: when the next takes its place; article: the same of the edition that follows
    editions = Edition.objects.not_cancelled().filter(article__in=articles).order_by("article", "-number")
    for article, edition, published_at, act in editions.values_list("article", "pk", "published_at", "scheduled_act"):
        if article not in later:
            wanted[edition], later[article] = None, published_at if act else None
        elif later[article]:
            wanted[edition], later[article] = later[article], None
    for edition in Edition.objects.filter(pk__in=wanted).order_by("pk"):
        yield SearchEntry(
            article_id=edition.article_id,
            edition=edition,
            kind=edition.kind,
            language=edition.language,
            live_from=edition.published_at,
            live_until=wanted[edition.pk],
            **text.of_content(edition.content),
        )


def _entries_of_topics(topics: list[int]) -> Iterator[SearchEntry]:
    for topic in Topic.objects.filter(pk__in=topics).order_by("pk").prefetch_related("other_names"):
        names = [other.name for other in topic.other_names.all()]
        yield SearchEntry(
            topic=topic, kind=topic.kind, language=topic.language, **text.of_topic(topic.title, topic.definition, names)
        )


def _write(rows: list[tuple[SearchEntry, SearchEntry | None]]) -> None:
    """Rows, beside what is known of the same pages: new ones in one statement, however many, changed ones one by one, and
    nothing for those that say the same already. Stems, words and digest of a row are made anew with it."""
    changed = [(entry, known) for entry, known in rows if known is not None and _facts(known) != _facts(entry)]
    for entry, known in changed:
        entry.pk = known.pk
        entry.save(force_update=True)
    written = [entry for entry, _ in changed]
    if written:
        for model in (SearchStems, SearchWord, SearchDigest):
            model.objects.filter(entry__in=written).delete()
    written += SearchEntry.objects.bulk_create(entry for entry, known in rows if known is None)
    SearchWord.objects.bulk_create(
        SearchWord(entry=entry, language=entry.language, **word)
        for entry in written
        for word in text.suggestible_words(entry.title, entry.names)
    )
    stems, digests = [], []
    for entry in written:
        of_entry = {name: getattr(entry, name) for name in ("title", "names", "summary", "body")}
        of_entry["language"] = language_of(entry.language)
        stems.append(SearchStems(entry=entry, **digest.stems_of(**of_entry)))
        digests.append(SearchDigest(entry=entry, **digest.of_texts(**of_entry)))
    SearchStems.objects.bulk_create(stems)
    SearchDigest.objects.bulk_create(digests)


def _facts(entry: SearchEntry) -> dict:
    return {field.attname: getattr(entry, field.attname) for field in SearchEntry._meta.fields if not field.primary_key}


def follow_topics() -> None:
    """A topic is public as it is saved, whichever door it came through: every save is followed. Deleting a topic takes
    its row along (the foreign key)."""
    post_save.connect(_topic_saved, sender=Topic, dispatch_uid="search")
    post_save.connect(_other_name_changed, sender=OtherName, dispatch_uid="search")
    post_delete.connect(_other_name_changed, sender=OtherName, dispatch_uid="search")


def _topic_saved(instance: Topic, raw=False, **kwargs) -> None:
    if not raw:
        topics_changed([instance.pk])


def _other_name_changed(instance: OtherName, raw=False, origin=None, **kwargs) -> None:
    """`origin` is what was deleted: with a topic its names go one by one while it still stands in the database."""
    goes_with_topic = isinstance(origin, Topic) or getattr(origin, "model", None) is Topic
    if not raw and not goes_with_topic:
        topics_changed([instance.topic_id])
