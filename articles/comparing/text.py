"""HTML as lines of words, and the words that came and went between two versions."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

BLOCKS = {"p", "h3", "h4", "li", "tr", "caption", "ul", "ol", "table"}
SIGNS = {"h3": "# ", "h4": "## ", "li": "• "}
MARKS = {"strong": "**", "em": "_", "sub": "~", "sup": "^"}
CELLS = {"td", "th"}


class _Lines(HTMLParser):
    """Every block of the text as a line. A link shows where it leads, because that can change under the same words."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.hrefs: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in BLOCKS:
            self.end_line()
            self.line = SIGNS.get(tag, "")
        elif tag == "a":
            self.hrefs.append(dict(attrs).get("href") or "")
        elif tag == "br":
            self.line += " "
        elif tag in CELLS:
            self.line += " | "
        self.line += MARKS.get(tag, "")

    def handle_endtag(self, tag):
        self.line += MARKS.get(tag, "")
        if tag == "a" and self.hrefs and (href := self.hrefs.pop()):
            self.line += f" [{href}]"
        if tag in BLOCKS:
            self.end_line()

    def handle_data(self, data):
        self.line += data

    def end_line(self):
        line = " ".join(self.line.split())
        if line and line not in {sign.strip() for sign in SIGNS.values()}:
            self.lines.append(line)
        self.line = ""


def lines_of(html: str) -> list[str]:
    """The blocks of clean HTML in order, as text. "# " is a heading, "• " a list item, "[/topics/mri/]" where a link leads."""
    parser = _Lines()
    parser.feed(html)
    parser.close()
    parser.end_line()
    return parser.lines


@dataclass(frozen=True)
class Piece:
    """A run of text that is "same" in both versions, "added" or "removed"."""

    state: str
    text: str


@dataclass(frozen=True)
class Row:
    """A line of the comparison. `folded` counts unchanged lines that are not worth printing; then `pieces` is empty."""

    pieces: tuple[Piece, ...] = ()
    folded: int = 0


_TOKEN = re.compile(r"\[[^\]\s]+\]|\w+(?:[.,]\w+)*|\s+|[^\w\s]")


def word_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """The words of two versions of one line. A number with its decimals, and the target of a link, is one word.

    A line that was rewritten stands there twice, whole: words that happen to be alike would only confuse.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if before and after and not _resemble(before, after):
        return (Piece("removed", before), Piece("added", after))
    pieces: list[Piece] = []
    for operation, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Piece("removed", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("added", "".join(new[c:d])))
    return tuple(pieces)


def compare_lines(before: list[str], after: list[str]) -> list[Row]:
    """Two versions of a text, line by line; lines that changed are compared word by word, unchanged ones are counted."""
    rows: list[Row] = []
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            rows.append(Row(folded=b - a))
        else:
            rows += _changed_lines(before[a:b], after[c:d])
    return rows


def _changed_lines(old: list[str], new: list[str]) -> list[Row]:
    """Pairs each new line with the next old line that it resembles; the others came or went as a whole."""
    rows, waiting = [], list(old)
    for line in new:
        match = next((index for index, before in enumerate(waiting) if _resemble(before, line)), None)
        if match is None:
            rows.append(Row((Piece("added", line),)))
            continue
        rows += [Row((Piece("removed", gone),)) for gone in waiting[:match]]
        rows.append(Row(word_pieces(waiting[match], line)))
        waiting = waiting[match + 1 :]
    return rows + [Row((Piece("removed", gone),)) for gone in waiting]


def _resemble(before: str, after: str) -> bool:
    """Whether enough words stayed for a comparison word by word."""
    old, new = ([token for token in _TOKEN.findall(line) if not token.isspace()] for line in (before, after))
    return SequenceMatcher(None, old, new, autojunk=False).ratio() > 0.4
