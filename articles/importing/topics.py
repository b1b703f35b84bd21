"""Finding the topics of a see-also list again, and making those that are missing."""

from collections import defaultdict
from datetime import datetime

from articles import slugs
from articles.importing.decoding import Finding
from articles.importing.see_also_text import LinkText
from articles.kinds import Kind
from articles.models import Redirect, Topic
from articles.search import index
from articles.sorting import letter_of_key, same_title, sort_key

UNTOLD = Kind.IN_DEPTH  # the kind of a new topic when nothing says which; `kind_settled` is off until an editor chooses


def topics_for(
    links: list[LinkText], kinds: list[Kind | None], *, language: str, at: datetime
) -> tuple[list[Topic], list[Finding], int]:
    """A topic of the language for each link, in order; what an editor has to settle; and how many topics are new.

    A title with a kind means the topic of that title and kind. Without a kind the first line with a title means the
    first topic of that title, the second line the second, so that two lines never fold into one.
    """
    known = _known_topics({link.title for link in links}, language)
    findings: list[Finding] = []
    chosen: list[Topic | None] = []
    taken: set[int] = set()
    for link, kind in zip(links, kinds, strict=True):
        topic = _choose(known[same_title(link.title)], kind, taken)
        if topic:
            taken.add(topic.pk)
        chosen.append(topic)

    missing = [
        Topic(title=link.title, language=language, kind=kind or UNTOLD, kind_settled=kind is not None)
        for link, kind, topic in zip(links, kinds, chosen, strict=True)
        if topic is None
    ]
    _create(missing, language)
    new = iter(missing)
    topics = [topic or next(new) for topic in chosen]
    findings += _same_titles(links, topics)
    withdrawn = set(Topic.objects.withdrawn(at=at).filter(pk__in=taken).values_list("pk", flat=True))
    findings += [
        Finding(link.line, f"“{topic}” is withdrawn, so patients don't see this link")
        for link, topic in zip(links, topics, strict=True)
        if topic.pk in withdrawn
    ]
    if unsettled := sum(not topic.kind_settled for topic in missing):
        findings.append(
            Finding(
                0,
                f"{unsettled} new topics have no known kind and stand under {UNTOLD.plural}. Give --kinds, or settle them in the admin",
            )
        )
    return topics, findings, len(missing)


def _known_topics(titles: set[str], language: str) -> dict[str, list[Topic]]:
    """Topics by title, without regard to case; the sort key narrows the search because it has an index."""
    keys = {sort_key(title, language) for title in titles}
    letters = {letter_of_key(key, language) for key in keys}
    found = Topic.objects.filter(language=language, letter__in=letters, sort_key__in=keys).order_by("pk")
    found = found.only("title", "language", "slug", "kind", "kind_settled")
    known = defaultdict(list)
    for topic in found:
        known[same_title(topic.title)].append(topic)
    return known


def _choose(candidates: list[Topic], kind: Kind | None, taken: set[int]) -> Topic | None:
    free = [topic for topic in candidates if topic.pk not in taken]
    if kind is None:
        return free[0] if free else None
    for topic in free:
        if topic.kind == kind:
            if not topic.kind_settled:
                _settle(topic, kind)
            return topic
    for topic in free:
        if not topic.kind_settled:
            _settle(topic, kind)
            return topic
    return None


def _settle(topic: Topic, kind: Kind) -> None:
    topic.kind, topic.kind_settled = kind, True
    topic.save(update_fields=["kind", "kind_settled"])


def _create(topics: list[Topic], language: str) -> None:
    """In one statement, except for titles whose plain slug is taken or promised."""
    by_slug = defaultdict(list)
    for topic in topics:
        by_slug[slugs.ascii_slug(topic.title, fallback="topic")].append(topic)
    taken = set(Topic.objects.filter(language=language, slug__in=by_slug).values_list("slug", flat=True))
    promised = {Topic.path_of(slug, language): slug for slug in by_slug}
    kept = Redirect.objects.filter(path__in=promised).values_list("path", flat=True)
    taken |= {promised[path] for path in kept}
    plain, numbered = [], []
    for slug, same in by_slug.items():
        first, *rest = same
        if slug in taken:
            numbered.append(first)
        else:
            first.slug = slug
            first.place_in_alphabet()
            plain.append(first)
        numbered += rest
    Topic.objects.bulk_create(plain)
    index.topics_changed([topic.pk for topic in plain])
    for topic in numbered:
        topic.save()


def _same_titles(links: list[LinkText], topics: list[Topic]) -> list[Finding]:
    lines = defaultdict(list)
    for link, topic in zip(links, topics, strict=True):
        lines[same_title(link.title)].append((link, topic))
    findings = []
    for same in lines.values():
        if len({topic.kind for _, topic in same}) < len(same):
            places = ", ".join(str(link.line) for link, _ in same)
            addresses = ", ".join(topic.slug for _, topic in same)
            findings.append(
                Finding(
                    same[0][0].line,
                    f"“{same[0][0].title}” stands on the lines {places}: {len(same)} topics ({addresses}). "
                    "Tell them apart by kind with --kinds or in the admin, or delete the line that is a repetition",
                )
            )
    return findings
