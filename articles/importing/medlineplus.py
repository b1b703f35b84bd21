"""From MedlinePlus health topics to topics and published articles of this library.

    file -> HealthTopic         medlineplus_files.py, with medlineplus_text.py
    HealthTopic -> Topic, Article, first edition        here

Every health topic becomes a topic, and an article about it with the summary; a Spanish one becomes a translation of both
where the file says of which. The article remembers by the name of its import (`ImportedFile`) which health topic it was
made from.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from articles import auditing, languages
from articles.importing.decoding import Finding
from articles.importing.medlineplus_files import HealthTopic
from articles.importing.publishing import publish_imported
from articles.importing.storing import working_copy_digest
from articles.kinds import Kind
from articles.models import Article, AuditEntry, ImportedFile, Synonym, Tag, Topic, TopicCode
from articles.models.section import anchor_for
from articles.people import Person
from articles.revising import StaleVersion, revision, write_content
from articles.sorting import same_title

CREDIT = "Courtesy of MedlinePlus from the National Library of Medicine"  # the words that the library asks for
UNTOLD = Kind.IN_DEPTH  # `kind_settled` is off until an editor chooses

_TEST = re.compile(
    r"\b(tests?|testing|screening|scans?|x-?rays?|imaging|ultrasounds?|biops(y|ies)|endoscopy|colonoscopy|mammography)$",
    re.I,
)
_CONDITION = re.compile(
    r"(\b(diseases?|disorders?|syndromes?|cancers?|infections?|injuries|tumou?rs?|poisoning|deficiency|"
    r"leukemia|lymphoma)|\w(itis|emia|osis))$",
    re.I,
)
_IS = r"^(an?|the|your)? ?{title}( \([^)]*\))?,?( (also|or) [^,.]*,)? (is|are) (an?|the) ([\w-]+ ){{0,4}}?"
_CONDITION_NOUN = r"(disease|disorder|condition|infection|cancer|syndrome|illness|injury)s?\b"
_TEST_NOUN = r"(test|exam|scan|procedure that takes pictures)s?\b"


class Became(StrEnum):
    MADE = "made"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept as an editor changed them"


@dataclass
class Outcome:
    """What became of the health topics. `problems` are those that were kept out, one for each line."""

    became: dict[Became, int] = field(default_factory=lambda: dict.fromkeys(Became, 0))
    links_left_out: int = 0  # related topics that neither the file nor the library has
    waiting: int = 0  # working copies whose new text somebody has to publish
    remarks: list[Finding] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


class _KeptOut(ValueError):
    """The health topic can't be stored; the message says why and what to do."""


def import_health_topics(
    health_topics: list[HealthTopic], *, name: str, at: datetime, progress: Callable = iter
) -> Outcome:
    """Bring the library in line with the health topics: first all topics, so that articles can point at each of them,
    then the articles; of both the English ones first, so that the others can be their translations. Each is a transaction
    of its own.

    What an editor changed since the last import stays, topic and article; so do topics and articles that were here
    before. The first edition of an article is published; a newer text of one waits in its working copy.

    `name` is the file's. `progress` is laid around each of the two lists.
    """
    outcome = Outcome()
    storing = _Storing(health_topics, name, at, outcome)
    ordered = sorted(health_topics, key=lambda health_topic: health_topic.language != languages.DEFAULT)
    for take in (storing.take_topic, storing.take_article):
        for health_topic in progress(ordered):
            if health_topic.id in storing.kept_out:
                continue
            try:
                with transaction.atomic():
                    take(health_topic)
            except (_KeptOut, ValidationError, DatabaseError, StaleVersion) as error:
                storing.kept_out.add(health_topic.id)
                outcome.problems.append(Finding(health_topic.line, f"“{health_topic.title}”: {_sentence(error)}"))
    return outcome


def _sentence(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return f"the database refused it ({str(error).splitlines()[0]}). Run the import again."
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, StaleVersion):
        return "an editor saved the article at the same moment. Run the import again."
    return str(error)


class _Storing:
    """One run of the import."""

    def __init__(self, health_topics: list[HealthTopic], name: str, at: datetime, outcome: Outcome):
        self.name, self.at, self.outcome = name, at, outcome
        self.by = Person(f"import of {name}"[:200])
        self.kept_out: set[int] = set()
        self.topics: dict[int, Topic] = {}  # by the id of the health topic, as the next two
        self.articles: dict[int, Article] = {}
        self.groups = {
            id: name for each in health_topics if each.language == languages.DEFAULT for id, name in each.groups
        }
        earlier = ImportedFile.objects.filter(name__startswith=_name_of("")).select_related("article")
        self.earlier = {imported.name: imported for imported in earlier}
        self.by_title: dict[tuple[str, str], list[Topic]] = {}  # by language and title
        for topic in Topic.objects.order_by("pk"):
            self._remember(topic)

    def _remember(self, topic: Topic) -> None:
        self.by_title.setdefault((topic.language, same_title(topic.title)), []).append(topic)

    def take_topic(self, health_topic: HealthTopic) -> None:
        """The topic of an earlier import, one of this title that is here, or a new one."""
        topic = self._earlier_topic(health_topic) or self._topic_of_title(health_topic)
        if topic is None:
            original = self.topics.get(health_topic.original)
            kind, is_plain = (original.kind, original.kind_settled) if original else kind_of(health_topic)
            topic = Topic(title=health_topic.title, language=health_topic.language, kind=kind, kind_settled=is_plain)
            topic.translation_of = _to_translate(original, health_topic)
            self._describe(topic, health_topic)
            self._remember(topic)
        self.topics[health_topic.id] = topic

    def _earlier_topic(self, health_topic: HealthTopic) -> Topic | None:
        imported = self.earlier.get(_name_of(health_topic.id))
        return imported and imported.article.about.order_by("pk").first()

    def _topic_of_title(self, health_topic: HealthTopic) -> Topic | None:
        """A title alone can mean a video or a story; so its kind has to fit, where the kind is plain."""
        kind, is_plain = kind_of(health_topic)
        same = self.by_title.get((health_topic.language, same_title(health_topic.title)), [])
        told = {Kind.CONDITION, Kind.TEST, Kind.TREATMENT, UNTOLD}
        fits = [topic for topic in same if (topic.kind == kind if is_plain else topic.kind in told)]
        return next(iter(fits), None)

    def take_article(self, health_topic: HealthTopic) -> None:
        imported = self.earlier.get(_name_of(health_topic.id))
        article = imported.article if imported else None
        topic = self.topics[health_topic.id]
        if article:
            self.articles[health_topic.id] = article
        links = self._links(health_topic)
        record_digest = _digest([asdict(health_topic) | {"line": 0}, [link["topic"] for link in links]])
        if imported and imported.file_digest == record_digest:
            self.outcome.became[Became.UNCHANGED] += 1
            return
        if imported and imported.content_digest != _fingerprint(article, topic):
            self.outcome.became[Became.KEPT] += 1
            said = f"“{article}” was changed in the admin since it was imported, so it stays as it is."
            self.outcome.remarks.append(Finding(health_topic.line, said))
            return
        self._check(health_topic, article)
        if imported and topic.source.startswith(CREDIT):
            self._describe_anew(topic, health_topic)
        if article is None:
            article = Article(title=health_topic.title, language=health_topic.language, kind=topic.kind)
            article.translation_of = _to_translate(self.articles.get(health_topic.original), health_topic)
            article.save()
            self.articles[health_topic.id] = article
        self._write(article, topic, health_topic, links)
        self._publish(article)
        ImportedFile.objects.update_or_create(
            article=article,
            defaults={
                "name": _name_of(health_topic.id),
                "file_digest": record_digest,
                "content_digest": _fingerprint(article, topic),
                "imported_at": self.at,
            },
        )
        self.outcome.became[Became.UPDATED if imported else Became.MADE] += 1

    def _check(self, health_topic: HealthTopic, article: Article | None) -> None:
        if article and article.archived_at:
            raise _KeptOut("its article is in the archive. Take it out in the admin, then import again.")
        same = Article.objects.filter(language=health_topic.language, title__iexact=health_topic.title)
        if article is None and (other := same.first()):
            raise _KeptOut(
                f"an article of this title is here already ({other.slug}) and was not imported from MedlinePlus. "
                "Give it another title in the admin, then import again."
            )

    def _links(self, health_topic: HealthTopic) -> list[dict]:
        """The see-also list: each related topic that is known once, in the order of the source."""
        found: dict[int, Topic] = {}
        for pk, title in health_topic.related:
            topic = self.topics.get(pk) or next(
                iter(self.by_title.get((health_topic.language, same_title(title)), [])), None
            )
            if topic is None:
                self.outcome.links_left_out += 1
            elif topic.pk != self.topics[health_topic.id].pk:
                found.setdefault(topic.pk, topic)
        return [{"topic": topic.pk, "article": None, "url": "", "label": topic.title} for topic in found.values()]

    def _describe_anew(self, topic: Topic, health_topic: HealthTopic) -> None:
        """A topic is public as saved, so the change of one is kept: who, when, and what it said before."""
        before = auditing.topic_facts(topic)
        topic.title = health_topic.title
        kind, is_plain = kind_of(health_topic)
        if is_plain and health_topic.original is None:
            topic.kind, topic.kind_settled = kind, True
        self._describe(topic, health_topic)
        after = auditing.topic_facts(topic)
        if after != before:
            auditing.record(topic, AuditEntry.Action.SAVED, at=self.at, by=self.by, before=before, after=after)

    def _describe(self, topic: Topic, health_topic: HealthTopic) -> None:
        """All that a topic says, and the names that lead to it without standing on its page."""
        topic.definition = health_topic.definition
        topic.source = f"{CREDIT}, {health_topic.url}"[:200]
        topic.save()
        topic.other_names.exclude(name__in=health_topic.also_called).delete()
        known = set(topic.other_names.values_list("name", flat=True))
        for name in health_topic.also_called:
            if name not in known:
                topic.other_names.create(name=name)
        topic.codes.filter(system=TopicCode.System.MESH).exclude(code__in=health_topic.mesh).delete()
        for code in health_topic.mesh:
            topic.codes.get_or_create(system=TopicCode.System.MESH, code=code)
        topic.tags.set(self._tags(health_topic))
        for name in health_topic.see_references:
            if not Synonym.objects.that_say(name, topic.title, language=topic.language):
                details = {"sort": Synonym.Sort.SEE_REFERENCE, "source": topic.source}
                Synonym.objects.create(language=topic.language, words=name, meaning=topic.title, **details)

    def _tags(self, health_topic: HealthTopic) -> list[str]:
        """The groups by the names of their tags. A group has one id in all languages and so one tag, which gets its Spanish
        name from the first Spanish topic that has it; a group that no English topic has goes by its Spanish name."""
        names = [self.groups.get(id, name) for id, name in health_topic.groups]
        if health_topic.language != languages.DEFAULT:
            for name, (_, spanish) in zip(names, health_topic.groups, strict=True):
                tag, _ = Tag.objects.get_or_create(name=name)
                if not tag.name_es:
                    tag.name_es = spanish
                    tag.save(update_fields=["name_es"])
        return names

    def _write(self, article: Article, topic: Topic, health_topic: HealthTopic, links: list[dict]) -> None:
        if not article.editions.exists():
            article.stated_on = health_topic.created_on
            article.save(update_fields=["stated_on"])
        content = {
            "title": health_topic.title,
            "deck": health_topic.definition,
            "kind": topic.kind,
            "is_sample": False,
            "sections": _sections(article, health_topic),
            "references": _references(health_topic),
            "links": links,
            "about": [{"topic": topic.pk}],
            "tags": [{"name": name} for name in self._tags(health_topic)],
        }
        with revision(article, version=article.version, at=self.at, by=self.by):
            write_content(article, content)

    def _publish(self, article: Article) -> None:
        said = publish_imported(article, at=self.at, source=self.name[:150])
        self.outcome.waiting += "in the admin" in said


def _name_of(id: int | str) -> str:
    return f"MedlinePlus health topic {id}"


def _to_translate(original: Topic | Article | None, health_topic: HealthTopic):
    """What a new page of the health topic is a translation of; None when there is nothing, or it has one already."""
    if original is None or original.translations.filter(language=health_topic.language).exists():
        return None
    return original


def kind_of(health_topic: HealthTopic) -> tuple[Kind, bool]:
    """The kind, and whether it is plain: by the group “Diagnostic Tests”, by how the title ends (“Disease”, “Scan”,
    “arthritis”), or because the first sentence says “A1C is a blood test”. These are our own rules; what they leave
    open an editor settles, and the kind of one in another language as well."""
    if health_topic.language != languages.DEFAULT:
        return UNTOLD, False
    title, first = health_topic.title, re.sub(r"<[^>]*>", "", health_topic.sections[0].html)[:300]
    says = _IS.format(title=re.escape(title).rstrip("s") + "s?")
    if (
        "Diagnostic Tests" in dict(health_topic.groups).values()
        or _TEST.search(title)
        or re.match(says + _TEST_NOUN, first, re.I)
    ):
        return Kind.TEST, True
    if _CONDITION.search(title) or re.match(says + _CONDITION_NOUN, first, re.I):
        return Kind.CONDITION, True
    return UNTOLD, False


def _sections(article: Article, health_topic: HealthTopic) -> list[dict]:
    """Sections of the same heading keep their anchor: links to them must not break."""
    anchors = {section.heading: section.anchor for section in article.sections.all()}
    taken: set[str] = set()
    sections = []
    for section in health_topic.sections:
        anchor = anchors.get(section.heading, "")
        if not anchor or anchor in taken:
            anchor = anchor_for(section.heading, taken | set(anchors.values()))
        taken.add(anchor)
        sections.append({"anchor": anchor, "heading": section.heading, "body": section.html})
    return sections


def _references(health_topic: HealthTopic) -> list[dict]:
    """The credit, and who wrote the summary where the source says so."""
    none = {"year": None, "doi": "", "pmid": "", "accessed_on": None}
    credit = {"text": f"{CREDIT}: “{health_topic.title}”.", "url": health_topic.url, **none}
    name, url = health_topic.institute
    return [credit, {"text": name, "url": url, **none}] if name else [credit]


def _fingerprint(article: Article, topic: Topic) -> str:
    """Of all that the import writes and an editor may have changed since, in the article and in its topic."""
    stored = Article.objects.get(pk=article.pk)
    tags = sorted(stored.tags.values_list("name", flat=True))
    facts = auditing.topic_facts(Topic.objects.get(pk=topic.pk))
    return _digest([working_copy_digest(stored), tags, list(stored.about.values_list("pk", flat=True)), facts])


def _digest(data) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, default=str).encode()).hexdigest()
