"""Reads a page as plain text: title, deck, lead, headings with paragraphs and lists, date line, references, see-also list.

The reader walks over blocks (lines without an empty line between them). What it can't be sure of it keeps as text and
reports; no word of a paragraph is dropped.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from html import escape

from articles.importing.citations import Citation, looks_like_citations, read_citation
from articles.importing.decoding import Finding, Line, NotAPage
from articles.importing.lists import Item, continues, item_of, list_html, nested
from articles.importing.stated_dates import DATE, read_date
from articles.kinds import Kind

MAX_TITLE = 200  # characters, as in the models
MAX_DECK = 300
MAX_HEADING = 100  # a longer line is a paragraph

_DATE_LINE = re.compile(
    rf"(?:(?P<label>[A-Z][a-z]+(?: [a-z]+)?)(?: on)?:? )?(?P<date>{DATE})?\s*(?P<more>See more (?P<kind>\w[\w -]*))?",
    re.I,
)
_GLUED = re.compile(rf"(?P<text>.*[.!?…”\")])\s+(?P<line>{DATE}(?: See more \w[\w -]*)?|See more \w[\w -]*)")
_BYLINE = re.compile(
    r"(?:By|Written by|Reviewed by|Medically reviewed by)(?: (?:[A-Z][\w.'’-]*,?|and|of|the|for|de|van|von|&))+", re.A
)
_SEE_ALSO = re.compile(r"(?:see also|related topics|related links|related information)\s*:?", re.I)
_REFERENCES = re.compile(r"(?:references?|sources?|bibliography|citations?)\s*:?", re.I)
_SENTENCE = re.compile(r"\w[.!?…:][\"”’)]*(?:\s|$)")
_SENTENCE_END = re.compile(r"[.!?…:;][\"”’)]*$")


@dataclass
class SectionText:
    heading: str
    line: int
    html: str = ""


@dataclass(frozen=True)
class LinkText:
    title: str
    line: int


@dataclass
class PageText:
    title: str
    deck: str = ""
    kind: Kind | None = None
    stated_on: date | None = None
    sections: list[SectionText] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    links: list[LinkText] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class _Heading:
    text: str
    line: int


@dataclass
class _Paragraph:
    text: str
    line: int


@dataclass
class _List:
    items: list[Item]


def read_page(lines: list[Line], *, today: date) -> PageText:
    """The page that the lines hold. Raises NotAPage, with the reason, when they hold none."""
    filled = [line for line in lines if line]
    if not filled:
        raise NotAPage("it is empty.")
    return _Reader(today, PageText(title=_title(filled[0]))).read(lines[filled[0].number :])


def _title(line: Line) -> str:
    if len(line.text) > MAX_TITLE:
        raise NotAPage(
            f"line {line.number} should be the title, but it has {len(line.text)} characters (at most {MAX_TITLE}). "
            "Put the title on a line of its own."
        )
    return line.text


class _Reader:
    def __init__(self, today: date, page: PageText):
        self.today = today
        self.page = page
        self.dates: dict[date, int] = {}  # every day that a date line states, with its line
        self.date_seen = False

    def report(self, line: int, message: str) -> None:
        self.page.findings.append(Finding(line, message))

    def read(self, lines: list[Line]) -> PageText:
        body, references, see_also = self.split(lines)
        parts = self.parts(body)
        if not references:
            references, parts = self.citations_at_end(parts)
        parts += self.read_links(see_also)
        self.take_glued_date(parts)
        self.build(parts)
        self.page.citations = [self.citation(item) for item in references]
        self.settle_date()
        if self.page.kind is None:
            self.report(0, "no line “See more …” names a kind. Choose it in the admin")
        if not self.page.deck:
            self.report(0, "no one-line summary was found under the title. Write one in the admin")
        return self.page

    # The three areas of a file: text, references, see-also list.

    def split(self, lines: list[Line]) -> tuple[list[Line], list[Item], list[Line] | None]:
        areas: dict[str, list[Line]] = {"body": [], "references": []}
        area = "body"
        for line in lines:
            if _SEE_ALSO.fullmatch(line.text):
                area = "see also"
                areas.setdefault(area, [])
            elif _REFERENCES.fullmatch(line.text) and area != "references":
                area = "references"
            elif line and self.is_date_line(line):
                self.take_date_line(line.text, line.number)
            else:
                areas[area].append(line)
        return areas["body"], self.reference_items(areas["references"]), areas.get("see also")

    def reference_items(self, lines: list[Line]) -> list[Item]:
        """A number or bullet starts a reference; so does an empty line when nothing is numbered."""
        items: list[Item] = []
        numbered = any(item_of(line) for line in lines)
        after_gap = True
        for line in lines:
            if not line:
                after_gap = True
                continue
            item = item_of(line)
            if item:
                items.append(item)
            elif items and (numbered or not after_gap):
                items[-1].text += f" {line.text}"
            else:
                items.append(Item(line.text, line.number, line.indent))
            after_gap = False
        return items

    def citation(self, item: Item) -> Citation:
        return read_citation(item.text, line=item.line, today=self.today)

    def citations_at_end(self, parts: list) -> tuple[list[Item], list]:
        """A numbered list that ends the text and reads like sources is the list of references."""
        if parts and isinstance(parts[-1], _List) and parts[-1].items[0].number == 1:
            items = parts[-1].items
            if looks_like_citations([item.text for item in items]):
                self.report(items[0].line, "the numbered list at the end was read as the references")
                return items, parts[:-1]
        return [], parts

    # The date line and the kind.

    def is_date_line(self, line: Line) -> bool:
        match = _DATE_LINE.fullmatch(line.text)
        if not match or not (match["date"] or match["more"]):
            return False
        return not match["label"] or bool(match["date"])

    def take_date_line(self, text: str, number: int) -> None:
        match = _DATE_LINE.fullmatch(text)
        if match["more"]:
            self.take_kind(match["kind"], number)
        if match["date"]:
            self.take_date(match["date"], (match["label"] or "").casefold(), number)

    def take_kind(self, words: str, number: int) -> None:
        kind = Kind.from_words(words)
        if kind is None:
            known = ", ".join(kind.plural for kind in Kind)
            self.report(number, f"“{words}” is no kind that the library knows. Write one of: {known}")
        elif self.page.kind not in (None, kind):
            self.report(number, f"“See more {words}” names a second kind; {self.page.kind.plural} was kept")
        else:
            self.page.kind = kind

    def take_date(self, text: str, label: str, number: int) -> None:
        if label and not label.startswith(("publish", "date", "posted")):
            self.report(number, f"“{label} {text}” is not the day of publication, so it was left out")
            return
        self.date_seen = True
        stated = read_date(text, today=self.today)
        if stated.day is None:
            self.report(number, f"the date {stated.problem}. Published stays empty until then")
        else:
            self.dates.setdefault(stated.day, number)

    def settle_date(self) -> None:
        if len(self.dates) == 1:
            self.page.stated_on = next(iter(self.dates))
        elif self.dates:
            days = " and ".join(f"{day:%B} {day.day}, {day.year} (line {line})" for day, line in self.dates.items())
            self.report(0, f"two days are printed: {days}. Published stays empty; leave one in the file")
        elif not self.date_seen:
            self.report(0, "no date is printed, so Published stays empty until the page is published")

    def take_glued_date(self, parts: list) -> None:
        """A date or "See more …" that stands on the last line of the text, behind its last sentence."""
        last = parts[-1] if parts else None
        if isinstance(last, _Paragraph) and (match := _GLUED.fullmatch(last.text)) and not self.dates:
            self.take_date_line(match["line"], last.line)
            self.report(last.line, f"“{match['line']}” was taken from the end of the paragraph")
            last.text = match["text"]

    # The text.

    def parts(self, lines: list[Line]) -> list:
        """Headings, paragraphs and lists, in order."""
        blocks: list[list[Line]] = [[]]
        for line in lines:
            if line:
                if not self.take_byline(line):
                    blocks[-1].append(line)
            elif blocks[-1]:
                blocks.append([])
        parts: list = []
        for block in blocks:
            for part in self.block_parts(block):
                self.append(parts, part)
        return self.with_headings(parts)

    def take_byline(self, line: Line) -> bool:
        if len(line.text) <= 80 and _BYLINE.fullmatch(line.text):
            self.report(
                line.number, f"the byline “{line.text}” was left out: who reviewed a page stands in its reviews"
            )
            return True
        return False

    def block_parts(self, block: list[Line]):
        """Lines before the first list item are one paragraph; an item takes the lines that continue it."""
        words: list[Line] = []
        items: list[Item] = []
        for line in block:
            item = item_of(line)
            if item and (item.text[:1] or items):
                yield from self.paragraphs(words)
                words = []
                items.append(item)
            elif items and (line.indent > items[-1].indent or line.text[0].islower()):
                items[-1].text += f" {line.text}"
            else:
                if items:
                    yield _List(items)
                    self.report(line.number, f"“{_short(line.text)}” interrupts a list; it was kept as text of its own")
                    items = []
                words.append(line)
        yield from self.paragraphs(words)
        if items:
            yield _List(items)

    def paragraphs(self, lines: list[Line]):
        """Hard-wrapped lines are one paragraph. A short first line above a long one is a heading."""
        if not lines:
            return
        if len(lines) > 1 and len(lines[0].text) <= 60 < 80 < len(lines[1].text) and _may_be_heading(lines[0].text):
            yield _Heading(lines[0].text, lines[0].number)
            lines = lines[1:]
        yield _Paragraph(" ".join(line.text for line in lines), lines[0].number)

    def append(self, parts: list, part) -> None:
        """Adds a part; a list whose items stand apart by empty lines stays one list."""
        before = parts[-1] if parts else None
        if isinstance(part, _List) and isinstance(before, _List) and continues(before.items, part.items[0]):
            before.items.extend(part.items)
            return
        parts.append(part)

    def with_headings(self, parts: list) -> list:
        """A short line without an end mark is a heading when text follows it."""
        for index, part in enumerate(parts[:-1]):
            if isinstance(part, _Paragraph) and _may_be_heading(part.text):
                parts[index] = _Heading(part.text, part.line)
        return parts

    def build(self, parts: list) -> None:
        if not any(_SENTENCE.search(text) for part in parts for text in _texts(part)):
            raise NotAPage("it holds no paragraph, only short lines such as a menu. Copy the text of the page into it.")
        self.take_deck(parts)
        section = SectionText("", parts[0].line if parts and not isinstance(parts[0], _List) else 0)
        sections = [section]
        for part in parts:
            if isinstance(part, _Heading) and (section.html or not section.heading):
                section = SectionText(part.text, part.line)
                sections.append(section)
            else:
                section.html += _html(part)
        self.page.sections = [section for section in sections if section.heading or section.html]

    def take_deck(self, parts: list) -> None:
        """The first paragraph is the deck when it is one line of one or two sentences and more text follows it."""
        if len(parts) < 2 or not all(isinstance(part, _Paragraph) for part in parts[:2]):
            return
        text = parts[0].text
        if len(text) <= min(MAX_DECK, 200) and len(re.findall(r"[.!?…](?= |$)", text)) <= 2:
            self.page.deck = text
            parts.pop(0)

    # The see-also list.

    def read_links(self, lines: list[Line] | None) -> list:
        """Fills the links; returns the paragraphs that stand behind the list, which belong to the text."""
        if lines is None:
            return []
        marked = any(item_of(line) for line in lines)
        behind: list = []
        for line in lines:
            if line:
                self.read_link(line, marked, behind)
        if not self.page.links:
            self.report(0, "“See also” stands there without a title below it, so the page has no related links")
        return behind

    def read_link(self, line: Line, marked: bool, behind: list) -> None:
        item = item_of(line)
        title = item.text if item else line.text
        if (not item or behind) and len(title) > 80 and _SENTENCE_END.search(title):
            self.report(line.number, "a paragraph stands behind the see-also list; it was kept as the end of the text")
            behind.append(_Paragraph(title, line.number))
        elif marked and not item and self.page.links and (line.indent > 3 or title[0].islower()):
            before = self.page.links.pop()
            self.add_link(f"{before.title} {title}", before.line)
        elif marked and not item:
            self.report(line.number, f"“{_short(title)}” has no number or bullet in the see-also list; it was left out")
        else:
            self.add_link(title, line.number)

    def add_link(self, title: str, line: int) -> None:
        if len(title) > MAX_TITLE:
            raise NotAPage(
                f"line {line} of the see-also list has {len(title)} characters (at most {MAX_TITLE}). "
                "Put each title on a line of its own."
            )
        if title.casefold() == self.page.title.casefold():
            self.report(line, "the see-also list names the page itself; that line was left out")
            return
        self.page.links.append(LinkText(title, line))


def _may_be_heading(text: str) -> bool:
    return len(text) <= MAX_HEADING and (not _SENTENCE_END.search(text) or text.endswith("?"))


def _texts(part) -> list[str]:
    return [item.text for item in part.items] if isinstance(part, _List) else [part.text]


def _html(part) -> str:
    if isinstance(part, _List):
        return list_html(nested(part.items))
    tag = "h3" if isinstance(part, _Heading) else "p"
    return f"<{tag}>{escape(part.text, quote=False)}</{tag}>"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
