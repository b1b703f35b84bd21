"""Blocks are lines without an empty line between them. This finds the areas of a page: text, references, see-also list."""

import re
from dataclasses import dataclass

from articles.importing.citations import looks_like_citations
from articles.importing.decoding import Line, NotAPage
from articles.importing.lists import Item, item_of
from articles.importing.stated_dates import read_date_line

Block = list[Line]

_SEE_ALSO = re.compile(r"(?:See also|Related (?:topics|links|information|content))\s*:?|SEE ALSO\s*:?")
_REFERENCES = re.compile(r"(?:references?|sources?|bibliography|citations?|further reading)\s*:?", re.I)


def blocks_of(lines: list[Line]) -> list[Block]:
    blocks: list[Block] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def part_at_see_also(blocks: list[Block]) -> tuple[list[Block], list[Block] | None]:
    """The blocks before the heading "See also" and those behind it; None behind when there is no such heading.

    Raises NotAPage when there are two: then the file holds two pages, and mixing them would be worse than stopping.
    """
    places = [
        (index, place)
        for index, block in enumerate(blocks)
        for place, line in enumerate(block)
        if _SEE_ALSO.fullmatch(line.text) and (place == 0 or place + 1 == len(block) or item_of(block[place + 1]))
    ]
    if not places:
        return blocks, None
    if len(places) > 1:
        second = blocks[places[1][0]][places[1][1]]
        raise NotAPage(
            f"line {second.number} is a second “{second.text}”. Put each page into a file of its own, and each list into one."
        )
    index, place = places[0]
    before = [*blocks[:index], blocks[index][:place]]
    behind = [blocks[index][place + 1 :], *blocks[index + 1 :]]
    return [block for block in before if block], [block for block in behind if block]


def is_references_heading(block: Block) -> bool:
    return bool(_REFERENCES.fullmatch(block[0].text))


@dataclass
class Areas:
    text: list[Block]
    references: list[Item]


def take_references(blocks: list[Block]) -> Areas:
    """Takes the references out of the text: a heading such as "References" and the numbered list, or the paragraphs
    that read like sources, below it. A heading "Sources" above ordinary text is a heading of the text."""
    for index, block in enumerate(blocks):
        if is_references_heading(block):
            below = [part for part in [block[1:], *blocks[index + 1 :]] if part]
            items, number_of_blocks = _references(below)
            if items:
                return Areas(blocks[:index] + below[number_of_blocks:], items)
    return Areas(blocks, [])


def _references(blocks: list[Block]) -> tuple[list[Item], int]:
    items: list[Item] = []
    marked = bool(blocks and item_of(blocks[0][0]))
    for count, block in enumerate(blocks):
        if read_date_line(block[0].text) or (marked and not item_of(block[0]) and block[0].indent == 0):
            return items, count
        if marked:
            for line in block:
                _add_line(items, line)
        elif looks_like_citations([_joined(block)]):
            items.append(Item(_joined(block), block[0].number, 0, block[0].text))
        else:
            return items, count
    return items, len(blocks)


def _joined(block: Block) -> str:
    return " ".join(line.text for line in block)


def _add_line(items: list[Item], line: Line) -> None:
    """A number starts an item when it is the next one: "733-" may go on with "742." on the line below."""
    item = item_of(line)
    if item and starts_item(item, items[-1] if items else None):
        items.append(item)
    else:
        items[-1].text += f" {line.text}"


def starts_item(item: Item, before: Item | None) -> bool:
    """Whether a marked line is an item of its own and not the wrapped end of the one before it."""
    if before is None or item.number is None or before.number is None:
        return True
    return item.number == before.number + 1 or item.indent <= before.indent
