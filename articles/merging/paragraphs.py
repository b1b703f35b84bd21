"""One section that two people changed: their changes go together when they touch different paragraphs."""

from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import pairwise


def both_changes(base: dict, mine: dict, theirs: dict) -> dict | None:
    """The section with the changes of both sides; None when they changed the same words."""
    if (heading := _either(base["heading"], mine["heading"], theirs["heading"])) is None:
        return None
    body = _either(base["body"], mine["body"], theirs["body"])
    if body is None:
        body = _both_edits(*(blocks(side["body"]) for side in (base, mine, theirs)))
    return None if body is None else {**theirs, "heading": heading, "body": body}


def _either(base: str, mine: str, theirs: str) -> str | None:
    if mine in (theirs, base):
        return theirs
    return mine if theirs == base else None


def _both_edits(base: list[str], mine: list[str], theirs: list[str]) -> str | None:
    """The text with the paragraphs that each side changed; None when a paragraph was changed by both."""
    edits, others = (
        [
            (start, end, tuple(side[c:d]))
            for operation, start, end, c, d in SequenceMatcher(None, base, side, autojunk=False).get_opcodes()
            if operation != "equal"
        ]
        for side in (mine, theirs)
    )
    if any(edit != other and _touch(edit, other) for edit in edits for other in others):
        return None
    text = list(base)
    for start, end, words in sorted({*edits, *others}, reverse=True):
        text[start:end] = words
    return "".join(text)


def _touch(edit: tuple, other: tuple) -> bool:
    """Whether two edits meet. What is put in between two paragraphs touches a change of either."""
    (a, b, _), (c, d, _) = edit, other
    return (a < d and c < b) if a < b and c < d else (a <= d and c <= b)


class _Blocks(HTMLParser):
    """Where the outermost elements of clean HTML end."""

    def __init__(self, html: str):
        super().__init__()
        self.html, self.depth, self.ends = html, 0, [0]
        self.lines = [0, *(place for place, letter in enumerate(html, start=1) if letter == "\n")]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.depth += tag != "br"

    def handle_endtag(self, tag):
        self.depth -= tag != "br"
        if self.depth == 0:
            line, column = self.getpos()
            self.ends.append(self.html.index(">", self.lines[line - 1] + column) + 1)


def blocks(html: str) -> list[str]:
    """The outermost elements, which make up the whole text."""
    ends = [*_Blocks(html).ends, len(html)]
    return [html[start:end] for start, end in pairwise(ends) if start < end]
