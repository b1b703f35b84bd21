"""Turns the blocks of the text into headings, paragraphs and lists."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from articles.importing.blocks import Block, starts_item
from articles.importing.decoding import Line
from articles.importing.lists import Item, continues, follows, item_of, list_html, nested

MAX_HEADING = 100  # characters; a longer line is a paragraph
WRAPPED = 100  # no line of a hard-wrapped text is longer
SENTENCE = re.compile(r"\w[.!?…:][\"”’)]*(?:\s|$)")
_SENTENCE_END = re.compile(r"[.!?…:;][\"”’)]*$")

Report = Callable[[int, str], None]


@dataclass
class Heading:
    text: str
    line: int


@dataclass
class Paragraph:
    text: str
    line: int


@dataclass
class List:
    items: list[Item]

    @property
    def line(self) -> int:
        return self.items[0].line


Part = Heading | Paragraph | List


def parts_of(blocks: list[Block], *, report: Report) -> list[Part]:
    parts: list[Part] = []
    for block in blocks:
        for part in _block_parts(block, report):
            _append(parts, part)
    return _with_headings(_without_lone_items(parts))


def _block_parts(block: Block, report: Report):
    """Lines before the first item are text; an item takes the lines that continue it."""
    words: list[Line] = []
    items: list[Item] = []
    for index, line in enumerate(block):
        item = item_of(line)
        if item and ((items and starts_item(item, items[-1])) or (not items and _begins_list(block, index))):
            yield from _paragraphs(words, report)
            words = []
            if items and item.number is None and item.indent == items[-1].indent and not follows(items[-1], item):
                yield List(items)
                items = []
            items.append(item)
        elif items and (line.indent > items[-1].indent or line.text[0].islower()):
            items[-1].text = _join(items[-1].text, line, report)
        else:
            if items:
                yield List(items)
                report(line.number, f"“{_short(line.text)}” interrupts a list; it was kept as text of its own")
                items = []
            words.append(line)
    yield from _paragraphs(words, report)
    if items:
        yield List(items)


def _begins_list(block: Block, index: int) -> bool:
    """A mark under a line of text begins a list when the text announces it, when it is indented, or when more follow."""
    if index == 0:
        return True
    above, line = block[index - 1], block[index]
    marks = [item.mark for later in block[index:] if (item := item_of(later))]
    more_follow = len(marks) > 1 and (marks[0] == marks[1] or marks[0][0].isdigit())
    return above.text.endswith(":") or line.indent > above.indent or more_follow


def _paragraphs(lines: list[Line], report: Report):
    """Hard-wrapped lines are one paragraph; a short first line above a long one is a heading. Lines that no wrapping
    makes so long are a paragraph each."""
    if not lines:
        return
    if max(len(line.text) for line in lines) > WRAPPED and len(lines) > 1:
        for line in lines:
            yield Paragraph(line.text, line.number)
        return
    if len(lines) > 1 and len(lines[0].text) <= 60 < 80 < len(lines[1].text) and may_be_heading(lines[0].text):
        yield Heading(lines[0].text, lines[0].number)
        lines = lines[1:]
    text = lines[0].text
    for line in lines[1:]:
        text = _join(text, line, report)
    yield Paragraph(text, lines[0].number)


def _join(text: str, line: Line, report: Report) -> str:
    """Two lines of one paragraph. A word parted by a hyphen is put together, the hyphen kept: it may belong there."""
    if re.search(r"[a-z]-$", text) and line.text[0].islower():
        report(
            line.number, f"“{text.split()[-1]}{line.text.split()[0]}” was parted at the end of a line. Check its hyphen"
        )
        return f"{text}{line.text}"
    return f"{text} {line.text}"


def _append(parts: list[Part], part: Part) -> None:
    """Adds a part; a list whose items stand apart by empty lines stays one list."""
    before = parts[-1] if parts else None
    if isinstance(part, List) and isinstance(before, List) and continues(before.items, part.items[0]):
        before.items.extend(part.items)
    else:
        parts.append(part)


def _without_lone_items(parts: list[Part]) -> list[Part]:
    """One marked line alone, not indented and not announced, is text: "- 5 degrees" must keep its sign."""
    kept: list[Part] = []
    for part in parts:
        announced = kept and isinstance(kept[-1], Paragraph) and kept[-1].text.endswith(":")
        if isinstance(part, List) and len(part.items) == 1 and part.items[0].indent == 0 and not announced:
            item = part.items[0]
            kept.append(Paragraph(f"{item.mark} {item.text}", item.line))
        else:
            kept.append(part)
    return kept


def _with_headings(parts: list[Part]) -> list[Part]:
    """A short line without an end mark is a heading when text follows it."""
    last = len(parts) - 1
    return [
        Heading(part.text, part.line)
        if isinstance(part, Paragraph) and index < last and may_be_heading(part.text)
        else part
        for index, part in enumerate(parts)
    ]


def may_be_heading(text: str) -> bool:
    return len(text) <= MAX_HEADING and (not _SENTENCE_END.search(text) or text.endswith("?"))


def has_sentence(part: Part) -> bool:
    texts = [item.text for item in part.items] if isinstance(part, List) else [part.text]
    return any(SENTENCE.search(text) for text in texts)


def html_of(part: Part) -> str:
    if isinstance(part, List):
        return list_html(nested(part.items))
    tag = "h3" if isinstance(part, Heading) else "p"
    return f"<{tag}>{escape(part.text, quote=False)}</{tag}>"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
