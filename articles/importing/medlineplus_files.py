"""The files of MedlinePlus health topics: the official XML, and lines of JSON with the same facts. Either may be packed
with gzip."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from articles.addresses import MAX_LENGTH, is_safe_address
from articles.importing.decoding import Finding
from articles.importing.medlineplus_text import SectionText, sections_of_html, sections_of_lines

MAX_BYTES = 200 * 1024 * 1024  # unpacked; the official file of 2024 has about 30 MB
MAX_DEPTH = 20  # elements in elements; the grammar needs 4
CHUNK = 64 * 1024
MAX_NAME = 200  # characters of a title or another name
MAX_DEFINITION = 300  # characters
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # what a database or a page can't hold
LANGUAGES = {"English": "en", "Spanish": "es", None: "en"}  # as the file names them; a line of JSON may name none
_MESH = re.compile(r"[CD]\d{6,9}")


class NotHealthTopics(ValueError):
    """The file holds no health topics that could be read; the message says why and what to do."""


@dataclass(frozen=True)
class HealthTopic:
    line: int  # in the file, from 1
    id: int
    title: str
    url: str
    definition: str
    sections: list[SectionText]
    also_called: list[str] = field(default_factory=list)
    see_references: list[str] = field(default_factory=list)
    groups: list[tuple[str, str]] = field(default_factory=list)  # id, the same in each language, and name
    mesh: list[str] = field(default_factory=list)  # descriptors that stand without a qualifier
    related: list[tuple[int, str]] = field(default_factory=list)  # id and title
    institute: tuple[str, str] = ("", "")  # name and address of who wrote it
    created_on: date | None = None
    language: str = "en"
    original: int | None = None  # of a Spanish one the id of the English one


@dataclass
class HealthTopics:
    topics: list[HealthTopic] = field(default_factory=list)
    in_other_languages: int = 0
    problems: list[Finding] = field(default_factory=list)
    line_of: dict[int, int] = field(default_factory=dict)  # where each id stands first


def read_health_topics(path: Path) -> HealthTopics:
    """All the topics of a file, before anything is stored: a file that is broken at its end changes nothing.

    Raises NotHealthTopics for such a file and OSError for one that can't be opened.
    """
    read = HealthTopics()
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as file:
                start = file.read(CHUNK).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
                file.seek(0)
                records = _xml_records(file) if start == b"<" else _json_records(file, read) if start == b"{" else None
                if records is None:
                    raise NotHealthTopics("it is neither the XML of MedlinePlus nor lines of JSON.")
                for line, facts in records:
                    _take(line, facts, read)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise NotHealthTopics("it is damaged: it can't be unpacked to its end. Fetch it again.") from None
    if not (read.topics or read.in_other_languages or read.problems):
        raise NotHealthTopics("it holds no health topic.")
    return read


def _take(line: int, facts: dict, read: HealthTopics) -> None:
    if facts.get("language") not in LANGUAGES:
        read.in_other_languages += 1
        return
    try:
        topic = _health_topic(line, facts)
    except (ValueError, TypeError, AttributeError) as error:
        said = error.args[0] if type(error) is ValueError and error.args else "its fields can't be read."
        read.problems.append(Finding(line, said))
        return
    first = read.line_of.setdefault(topic.id, line)
    if first != line:
        read.problems.append(Finding(line, f"“{topic.title}” has the id {topic.id} of line {first}."))
    else:
        read.topics.append(topic)


def _health_topic(line: int, facts: dict) -> HealthTopic:
    """Raises ValueError, with a sentence, for facts that can't be stored."""
    title = _name(facts.get("title", ""))
    if not title:
        raise ValueError("it has no title.")
    if not re.fullmatch(r"\d{1,9}", str(facts.get("id"))):
        raise ValueError(f"“{title}” has no id.")
    url = str(facts.get("url", ""))
    if not is_safe_address(url) or len(url) > MAX_LENGTH - 100:  # it stands with its credit in a field of that length
        raise ValueError(f"“{title}” has no web address.")
    summary = _UNFIT.sub("", facts.get("summary", ""))
    sections = sections_of_html(summary) if facts.get("is_html") else sections_of_lines(summary)
    if not sections:
        raise ValueError(f"“{title}” has no summary.")
    return HealthTopic(
        line=line,
        id=int(facts["id"]),
        title=title,
        url=url,
        definition=_definition(facts.get("meta_desc", "")),
        sections=sections,
        also_called=_names(facts.get("also_called", []), but=[title]),
        see_references=_names(facts.get("see_reference", []), but=[title, *facts.get("also_called", [])]),
        groups=[(id, name) for id, text in facts.get("group", []) if (name := _name(text))],
        mesh=[code for code in dict.fromkeys(facts.get("mesh", [])) if _MESH.fullmatch(code)],
        related=[(int(pk), _name(name)) for pk, name in facts.get("related", []) if str(pk).isdigit()],
        institute=facts.get("institute", ("", "")),
        created_on=facts.get("created_on"),
        language=LANGUAGES[facts.get("language")],
        original=_original(facts),
    )


def _original(facts: dict) -> int | None:
    """Of a topic that is not in English the id of the English one that says the same."""
    if LANGUAGES[facts.get("language")] == "en":
        return None
    mapped = (int(pk) for language, pk in facts.get("mapped", []) if language == "English" and str(pk).isdigit())
    return next(mapped, None)


def _name(text: str) -> str:
    """A name on one line. Raises ValueError when it is too long to be stored."""
    name = " ".join(_UNFIT.sub("", text).split())
    if len(name) > MAX_NAME:
        raise ValueError(f"“{name[:40]}…” has {len(name)} characters; at most {MAX_NAME} fit.")
    return name


def _names(texts: list[str], *, but: list[str]) -> list[str]:
    """Each name once, whatever its case, and none of those that are known already. Raises TypeError for no list."""
    if not isinstance(texts, list):
        raise TypeError
    known = {_name(name).casefold() for name in but}
    names = {}
    for name in map(_name, texts):
        if name and name.casefold() not in known:
            names.setdefault(name.casefold(), name)
    return list(names.values())


def _definition(meta_description: str) -> str:
    """The description in at most 300 characters, cut behind a sentence; empty when its first is longer."""
    text = " ".join(_UNFIT.sub("", meta_description).split())
    if len(text) <= MAX_DEFINITION:
        return text
    ends = [match.end() for match in re.finditer(r"[.!?](?= )", text[: MAX_DEFINITION + 1])]
    return text[: ends[-1]] if ends else ""


# Lines of JSON


def _json_records(file: BinaryIO, read: HealthTopics) -> Iterator[tuple[int, dict]]:
    total = 0
    for number, line in enumerate(iter(lambda: file.readline(MAX_BYTES), b""), start=1):
        total += len(line)
        if total > MAX_BYTES:
            raise NotHealthTopics(TOO_LARGE)
        if not line.strip():
            continue
        try:
            facts = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            facts = None
        if isinstance(facts, dict):
            yield number, {name: value for name, value in facts.items() if name in FIELDS_OF_JSON}
        else:
            read.problems.append(Finding(number, "it is no line of JSON with the facts of a topic."))


FIELDS_OF_JSON = {"id", "title", "language", "url", "meta_desc", "also_called", "summary"}
TOO_LARGE = f"it is larger than {MAX_BYTES // 1024**2} MB unpacked. Is this the right file?"
ENTITIES = (
    "it declares entities of its own, which MedlinePlus never does and which can hide an attack. It was not read."
)


# The official XML. `site` and `other-language` are left out: addresses of others.


class _Reader:
    """Builds one `health-topic` at a time. A document type may be named, as the official file does; nothing is ever
    fetched for it, and a file that declares entities, or uses one that XML doesn't know, is refused."""

    def __init__(self):
        self.ready: list[tuple[int, Element]] = []
        self._builder: TreeBuilder | None = None
        self._depth = self._line = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.parser.SkippedEntityHandler = self._refuse

    def _refuse(self, *_):
        raise NotHealthTopics(ENTITIES)

    def _start(self, name, attributes):
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotHealthTopics(f"line {self.parser.CurrentLineNumber}: its elements stand too deep in one another.")
        if self._depth == 1 and name != "health-topics":
            raise NotHealthTopics(f"it is XML of another sort: its first element is “{name[:40]}”.")
        if self._depth == 2 and name == "health-topic":
            self._builder, self._line = TreeBuilder(), self.parser.CurrentLineNumber
        if self._builder:
            self._builder.start(name, attributes)

    def _end(self, name):
        self._depth -= 1
        if self._builder:
            self._builder.end(name)
            if self._depth == 1:
                self.ready.append((self._line, self._builder.close()))
                self._builder = None

    def _text(self, text):
        if self._builder:
            self._builder.data(text)


def _xml_records(file: BinaryIO) -> Iterator[tuple[int, dict]]:
    reader, total = _Reader(), 0
    try:
        while chunk := file.read(CHUNK):
            total += len(chunk)
            if total > MAX_BYTES:
                raise NotHealthTopics(TOO_LARGE)
            reader.parser.Parse(chunk)
            yield from ((line, _facts(topic)) for line, topic in reader.ready)
            reader.ready.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise NotHealthTopics(
            f"line {error.lineno}: it is no well-formed XML ({expat.ErrorString(error.code)})."
        ) from None


def _facts(topic: Element) -> dict:
    """The facts of an element under the names that the lines of JSON use."""

    def texts(name: str) -> list[str]:
        return [element.text or "" for element in topic.findall(name)]

    institute = topic.find("primary-institute")
    headings = [heading for heading in topic.findall("mesh-heading") if heading.find("qualifier") is None]
    return {
        "id": topic.get("id"),
        "title": topic.get("title", ""),
        "language": topic.get("language"),
        "url": topic.get("url", ""),
        "meta_desc": topic.get("meta-desc", ""),
        "summary": "".join(texts("full-summary")),
        "is_html": True,
        "also_called": texts("also-called"),
        "see_reference": texts("see-reference"),
        "group": [(group.get("id", ""), group.text or "") for group in topic.findall("group")],
        "mapped": [(mapped.get("language"), mapped.get("id")) for mapped in topic.findall("language-mapped-topic")],
        "mesh": [part.get("id", "") for heading in headings for part in heading.findall("descriptor")],
        "related": [(related.get("id"), related.text or "") for related in topic.findall("related-topic")],
        "institute": _institute(institute) if institute is not None else ("", ""),
        "created_on": _day(topic.get("date-created", "")),
    }


def _institute(element: Element) -> tuple[str, str]:
    url = element.get("url", "")
    return " ".join((element.text or "").split()), url if is_safe_address(url) and len(url) <= MAX_LENGTH else ""


def _day(text: str) -> date | None:
    """MedlinePlus writes the month first."""
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()
    except ValueError:
        return None
