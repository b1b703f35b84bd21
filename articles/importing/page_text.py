"""Reads a page as plain text: title, deck, lead, headings with paragraphs and lists, date line, references, see-also list.

What the reader can't be sure of it keeps as text and reports; no word of a paragraph is dropped.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from articles.importing.blocks import Block, blocks_of, part_at_see_also, take_references
from articles.importing.body import Heading, List, Paragraph, Part, has_sentence, html_of, may_be_heading, parts_of
from articles.importing.citations import Citation, looks_like_citations, read_citation
from articles.importing.decoding import Finding, Line, NotAPage
from articles.importing.lists import Item
from articles.importing.see_also_text import MAX_TITLE, LinkText, read_see_also
from articles.importing.stated_dates import DATE, GLUED, DateLine, read_date, read_date_line
from articles.kinds import Kind

MAX_DECK = 200  # characters of a first paragraph that is still one line

_MENU = re.compile(r"(?:skip to .*|home|menu|search|log ?in|sign in|navigation|contact us)", re.I)
_BYLINE_START = re.compile(r"(?:By|Written by|Reviewed by|Medically reviewed by) (?P<names>.+)")
_NOT_IN_NAMES = {"and", "of", "the", "for", "de", "la", "van", "von", "der", "&"}
_SPANISH_DATE = re.compile(r"\d{1,2} de [a-z]+ de \d{4}", re.I)


@dataclass
class SectionText:
    heading: str
    line: int
    html: str = ""


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


def read_page(lines: list[Line], *, today: date) -> PageText:
    """The page that the lines hold. Raises NotAPage, with the reason, when they hold none."""
    blocks = blocks_of(lines)
    if not blocks:
        raise NotAPage("it is empty.")
    return _Reader(today).read(blocks)


class _Reader:
    def __init__(self, today: date):
        self.today = today
        self.page = PageText("")
        self.dates: dict[date, int] = {}  # every day that a date line states, with its line
        self.date_seen = False

    def report(self, line: int, message: str) -> None:
        self.page.findings.append(Finding(line, message))

    def read(self, blocks: list[Block]) -> PageText:
        blocks = self.take_bylines(self.take_title(blocks))
        blocks, see_also = part_at_see_also(blocks)
        if see_also is not None:
            self.page.links, behind = read_see_also(see_also, page_title=self.page.title, report=self.report)
            blocks += behind
        areas = take_references(blocks)
        parts = parts_of(self.take_date_lines(areas.text), report=self.report)
        references = areas.references or self.take_citations_at_end(parts)
        self.take_glued_date(parts)
        self.build(parts)
        self.page.citations = [read_citation(item.text, line=item.line, today=self.today) for item in references]
        self.settle_date()
        if self.page.kind is None:
            self.report(0, "no line “See more …” names a kind. Choose it in the admin")
        if not self.page.deck:
            self.report(0, "no one-line summary was found under the title. Write one in the admin")
        return self.page

    # Title and byline.

    def take_title(self, blocks: list[Block]) -> list[Block]:
        """The first line; a second line of the same block belongs to it when both end without a full stop."""
        first, *rest = blocks[0]
        self.page.title = first.text
        if (
            len(rest) == 1
            and may_be_heading(first.text)
            and may_be_heading(rest[0].text)
            and not self.is_aside(rest[0])
        ):
            self.page.title += f" {rest[0].text}"
            self.report(rest[0].number, f"the title was read from two lines: “{self.page.title}”")
            rest = []
        if _MENU.fullmatch(self.page.title):
            raise NotAPage(
                f"line {first.number}, “{first.text}”, is part of a menu and no title. Delete the lines above the title."
            )
        if len(self.page.title) > MAX_TITLE:
            raise NotAPage(
                f"line {first.number} should be the title, but it has {len(self.page.title)} characters (at most "
                f"{MAX_TITLE}). Put the title on a line of its own."
            )
        return ([rest] if rest else []) + blocks[1:]

    def is_aside(self, line: Line) -> bool:
        return bool(_is_byline(line.text) or read_date_line(line.text))

    def take_bylines(self, blocks: list[Block]) -> list[Block]:
        """A line "By …" in the first two blocks under the title names who wrote the page; it is no text."""
        kept = []
        for index, block in enumerate(blocks):
            bylines = [line for line in block if index < 2 and _is_byline(line.text)]
            for line in bylines:
                self.report(
                    line.number, f"the byline “{line.text}” was left out: who reviewed a page stands in its reviews"
                )
            kept.append([line for line in block if line not in bylines])
        return [block for block in kept if block]

    # The date line and the kind.

    def take_date_lines(self, blocks: list[Block]) -> list[Block]:
        """Takes the date lines that stand under the title or behind the text. One in the midst of the text is text."""
        blocks = [list(block) for block in blocks]
        while blocks and (line := self.date_line_at_end(blocks[-1])):
            self.take_date_line(line, blocks[-1].pop().number)
            blocks = [block for block in blocks if block]
        for block in blocks[:2]:
            if (line := read_date_line(block[0].text)) and (len(block) == 1 or block is blocks[0]):
                self.take_date_line(line, block.pop(0).number)
        blocks = [block for block in blocks if block]
        for block in blocks:
            if len(block) == 1 and (read_date_line(block[0].text) or _SPANISH_DATE.fullmatch(block[0].text)):
                self.report(
                    block[0].number,
                    f"“{block[0].text}” stands in the midst of the text, or is no English date; it was kept as text",
                )
        return blocks

    def date_line_at_end(self, block: Block) -> DateLine | None:
        """The last line of the last block: a line of its own, not the wrapped end of a sentence."""
        line = read_date_line(block[-1].text)
        alone = len(block) == 1 or not may_be_heading(block[-2].text) or read_date_line(block[-2].text)
        return line if line and (alone or line.kind) else None

    def take_date_line(self, line: DateLine, number: int) -> None:
        if line.kind:
            self.take_kind(line.kind, number)
        if not line.date:
            return
        if not line.is_of_publication:
            self.report(number, f"“{line.text}” is not the day of publication, so it was left out")
            return
        self.date_seen = True
        stated = read_date(line.date, today=self.today)
        if stated.day is None:
            self.report(number, f"the date {stated.problem}. Published stays empty until then")
        else:
            self.dates.setdefault(stated.day, number)

    def take_kind(self, words: str, number: int) -> None:
        kind = Kind.from_words(words)
        if kind is None:
            known = ", ".join(kind.plural for kind in Kind)
            self.report(number, f"“{words}” is no kind that the library knows. Write one of: {known}")
        elif self.page.kind not in (None, kind):
            self.report(number, f"“See more {words}” names a second kind; {self.page.kind.plural} was kept")
        else:
            self.page.kind = kind

    def settle_date(self) -> None:
        if len(self.dates) == 1:
            self.page.stated_on = next(iter(self.dates))
        elif self.dates:
            days = " and ".join(
                f"{day:%B} {day.day}, {day.year} (line {line})" for day, line in sorted(self.dates.items())
            )
            self.report(0, f"two days are printed: {days}. Published stays empty; leave one in the file")
        elif not self.date_seen:
            self.report(0, "no date is printed, so Published stays empty until the page is published")

    def take_glued_date(self, parts: list[Part]) -> None:
        """A date, or "See more" with a kind that we know, behind the last sentence of the text."""
        last = parts[-1] if parts else None
        if self.date_seen or not isinstance(last, Paragraph):
            return
        match = GLUED.fullmatch(last.text)
        if not match:
            if date_at_end := re.search(rf"{DATE}$", last.text):
                self.report(
                    last.line,
                    f"“{date_at_end[0]}” ends the text and was kept in it. If it is the day of publication, give it a line of its own",
                )
            return
        line = read_date_line(match["line"])
        if line is None or (line.kind and Kind.from_words(line.kind) is None):
            return
        self.take_date_line(line, last.line)
        self.report(last.line, f"“{match['line']}” was taken from the end of the paragraph")
        last.text = match["text"]

    # References without a heading of their own.

    def take_citations_at_end(self, parts: list[Part]) -> list[Item]:
        """A numbered list that ends the text and reads like sources is the list of references."""
        last = parts[-1] if parts else None
        if not isinstance(last, List) or last.items[0].number != 1:
            return []
        if not looks_like_citations([item.text for item in last.items]):
            return []
        self.report(last.line, "the numbered list at the end was read as the references")
        parts.pop()
        if parts and isinstance(parts[-1], Heading):
            self.report(parts[-1].line, f"the heading “{parts[-1].text}” was left out: the references have their own")
            parts.pop()
        return last.items

    # Deck and sections.

    def build(self, parts: list[Part]) -> None:
        if not any(has_sentence(part) for part in parts):
            raise NotAPage("it holds no paragraph, only short lines such as a menu. Copy the text of the page into it.")
        self.take_deck(parts)
        section = SectionText("", parts[0].line)
        sections = [section]
        for part in parts:
            if isinstance(part, Heading) and (section.html or not section.heading):
                section = SectionText(part.text, part.line)
                sections.append(section)
            else:
                section.html += html_of(part)
        self.page.sections = [section for section in sections if section.heading or section.html]

    def take_deck(self, parts: list[Part]) -> None:
        """The first paragraph is the deck when it is one line of one or two sentences and more text follows it."""
        if len(parts) < 2 or not all(isinstance(part, Paragraph) for part in parts[:2]):
            return
        text = parts[0].text
        if len(text) <= MAX_DECK and len(re.findall(r"[.!?…](?= |$)", text)) <= 2:
            self.page.deck = text
            parts.pop(0)


def _is_byline(text: str) -> bool:
    """ "By" and names: every word starts with a capital letter, and no sentence ends."""
    match = _BYLINE_START.fullmatch(text)
    if not match or len(text) > 80:
        return False
    words = match["names"].split()
    return words[-1][-1] not in "!?" and all(word[0].isupper() or word in _NOT_IN_NAMES for word in words)
