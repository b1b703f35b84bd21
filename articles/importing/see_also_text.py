"""Reads the see-also list of a page: one title a line, numbered, with bullets, or with neither."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from articles.importing.blocks import Block, is_references_heading, starts_item
from articles.importing.decoding import Line, NotAPage
from articles.importing.lists import Item, item_of
from articles.importing.stated_dates import read_date_line

MAX_TITLE = 200  # characters, as in the models
_NAVIGATION = re.compile(r"(?:show (?:more|less|all)|view all|back to top|©.*|copyright\b.*|print|share)", re.I)

Report = Callable[[int, str], None]


@dataclass(frozen=True)
class LinkText:
    title: str
    line: int
    position: int  # in the list of the source, from 1, lines that are left out included


def read_see_also(blocks: list[Block], *, page_title: str, report: Report) -> tuple[list[LinkText], list[Block]]:
    """The titles in order, and the blocks behind the list, which belong to the text again."""
    marked = bool(blocks and item_of(blocks[0][0]))
    titles: list[Item] = []
    for index, block in enumerate(blocks):
        if _ends_list(block, blocks[index + 1 :], marked):
            behind = blocks[index:]
            if not is_references_heading(block) and not read_date_line(block[0].text):
                report(block[0].number, "text stands behind the see-also list; it was kept as the end of the text")
            break
        for line in block:
            _read_line(line, titles, marked, first=line is block[0], report=report)
    else:
        behind = []
    return _links(titles, page_title, report), behind


def _ends_list(block: Block, rest: list[Block], marked: bool) -> bool:
    first = block[0]
    if is_references_heading(block) or read_date_line(first.text):
        return True
    if marked:
        subheading = len(block) == 1 and len(first.text) <= 60 and rest and item_of(rest[0][0])
        return not item_of(first) and not subheading
    text = " ".join(line.text for line in block)
    return bool(re.search(r"[.!?] .*\.$", text)) or (len(text) > 80 and text.endswith("."))


def _read_line(line: Line, titles: list[Item], marked: bool, *, first: bool, report: Report) -> None:
    item = item_of(line)
    if item and starts_item(item, titles[-1] if titles else None):
        titles.append(item)
    elif marked and titles and not first and (line.indent > titles[-1].indent or line.text[0].islower()):
        titles[-1].text += f" {line.text}"  # a title that was too long for its line
    elif marked:
        report(line.number, f"“{line.text}” has no number or bullet in the see-also list; it was left out")
    elif _NAVIGATION.fullmatch(line.text):
        report(line.number, f"“{line.text}” is no title of the see-also list; it was left out")
    else:
        if line.text.endswith("."):
            report(line.number, f"“{line.text}” ends with a full stop; it was read as a title of the see-also list")
        titles.append(Item(line.text, line.number, line.indent, line.text))


def _links(titles: list[Item], page_title: str, report: Report) -> list[LinkText]:
    links = []
    for position, item in enumerate(titles, start=1):
        if len(item.text) > MAX_TITLE:
            raise NotAPage(
                f"line {item.line} of the see-also list has {len(item.text)} characters (at most {MAX_TITLE}). "
                "Put each title on a line of its own."
            )
        if item.text.casefold() == page_title.casefold():
            report(item.line, "the see-also list names the page itself; that line was left out")
        else:
            links.append(LinkText(item.text, item.line, position))
    if not links:
        report(0, "“See also” stands there without a title below it, so the page has no related links")
    return links
