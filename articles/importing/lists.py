"""Bullets and numbers at the start of a line, and the lists they make."""

import re
from dataclasses import dataclass, field
from html import escape

from articles.importing.decoding import Line

_BULLET = re.compile(r"(?P<mark>[•‣▪●◦○·∙*+–—\uf0b7\uf0a7-]|o|§(?!\s*\d)) (?P<text>\S.*)")
_NUMBER = re.compile(r"\(?(?P<number>\d{1,3})[.)] (?P<text>\S.*)")
MAX_DEPTH = 6  # lists in lists; deeper ones join the sixth


@dataclass
class Item:
    text: str
    line: int
    indent: int
    raw: str  # the line with its mark
    number: int | None = None  # None: a bullet
    children: list["Item"] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return self.raw.partition(" ")[0]


def item_of(line: Line) -> Item | None:
    """The list item that a line starts, or None."""
    if match := _NUMBER.fullmatch(line.text):
        return Item(match["text"], line.number, line.indent, line.text, int(match["number"]))
    if (match := _BULLET.fullmatch(line.text)) and (match["mark"] != "o" or line.indent):
        return Item(match["text"], line.number, line.indent, line.text)
    return None


def nested(items: list[Item]) -> list[Item]:
    """The items as a tree: one that is indented deeper belongs to the one above it."""
    roots: list[Item] = []
    path: list[Item] = []
    for item in items:
        while path and path[-1].indent >= item.indent:
            path.pop()
        del path[MAX_DEPTH - 1 :]
        (path[-1].children if path else roots).append(item)
        path.append(item)
    return roots


def list_html(items: list[Item]) -> str:
    """Nested items as HTML. A change from bullets to numbers, or numbering that starts anew, starts another list."""
    html, run = "", []
    for item in items:
        if run and not follows(run[-1], item):
            html += _one_list(run)
            run = []
        run.append(item)
    return html + _one_list(run)


def continues(items: list[Item], item: Item) -> bool:
    """Whether an item that stands apart by an empty line goes on with the list above it."""
    before = next((before for before in reversed(items) if before.indent <= item.indent), None)
    return before is not None and (before.indent < item.indent or follows(before, item))


def follows(before: Item, item: Item) -> bool:
    if before.number is None or item.number is None:
        return before.number is item.number and (before.indent != item.indent or before.mark == item.mark)
    return item.number == before.number + 1


def _one_list(items: list[Item]) -> str:
    first = items[0].number
    opening = "<ul>" if first is None else "<ol>" if first == 1 else f'<ol start="{first}">'
    inner = "".join(
        f"<li>{escape(item.text, quote=False)}{list_html(item.children) if item.children else ''}</li>"
        for item in items
    )
    return f"{opening}{inner}</{opening[1:3]}>"
