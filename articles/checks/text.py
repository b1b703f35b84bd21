"""The body of a section taken apart: its blocks, its lists, its links; and prose as sentences and words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

HEADINGS = {"h3": 3, "h4": 4}
BLOCKS = {"p", "li", "h3", "h4", "caption", "td", "th"}


@dataclass
class Item:
    """An item of a list: its own text, without that of lists inside it."""

    text: str = ""
    has_list: bool = False


@dataclass
class Link:
    href: str
    text: str = ""


@dataclass
class Body:
    """All texts have their spaces made single. `levels` are those of its headings (3 or 4), in order; `lists` and `items`
    in the order in which they begin. What stands outside of any block counts as a paragraph."""

    paragraphs: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    lists: list[list[Item]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def items(self) -> list[str]:
        return [item.text for items in self.lists for item in items if item.text]

    @property
    def prose(self) -> list[str]:
        """What is read as running text: paragraphs and items."""
        return [*self.paragraphs, *self.items]

    @property
    def number_of_words(self) -> int:
        return sum(len(words_of(text)) for text in [*self.headings, *self.prose, *self.cells])


class _Reader(HTMLParser):
    """Runs over HTML that has passed the allow-list (articles/html.py), where elements are closed in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.body = Body()
        self.open_blocks: list[str] = []
        self.open_lists: list[list[Item]] = []
        self.open_items: list[Item] = []
        self.open_link: Link | None = None
        self.text = ""

    def handle_starttag(self, tag, attrs):
        if tag in BLOCKS | {"ul", "ol"}:
            self.end_text()
        if tag in {"ul", "ol"}:
            if self.open_items:
                self.open_items[-1].has_list = True
            self.open_lists.append([])
            self.body.lists.append(self.open_lists[-1])
        elif tag == "li" and self.open_lists:
            self.open_items.append(Item())
            self.open_lists[-1].append(self.open_items[-1])
        elif tag == "a":
            self.open_link = Link(dict(attrs).get("href") or "")
            self.body.links.append(self.open_link)
        elif tag == "br":
            self.text += " "
        if tag in BLOCKS:
            self.open_blocks.append(tag)
        if tag in HEADINGS:
            self.body.levels.append(HEADINGS[tag])

    def handle_endtag(self, tag):
        if tag == "a" and self.open_link:
            self.open_link.text = single_spaces(self.open_link.text)
            self.open_link = None
        if tag in BLOCKS | {"ul", "ol"}:
            self.end_text()
        if tag in BLOCKS and tag in self.open_blocks:
            self.open_blocks.pop()
        if tag in {"ul", "ol"} and self.open_lists:
            self.open_lists.pop()
        if tag == "li" and self.open_items:
            self.open_items.pop()

    def handle_data(self, data):
        self.text += data
        if self.open_link:
            self.open_link.text += data

    def end_text(self):
        text, self.text = single_spaces(self.text), ""
        if not text:
            return
        block = self.open_blocks[-1] if self.open_blocks else "p"
        if block in HEADINGS:
            self.body.headings.append(text)
        elif block in {"td", "th", "caption"}:
            self.body.cells.append(text)
        elif self.open_items:
            self.open_items[-1].text = f"{self.open_items[-1].text} {text}".strip()
        else:
            self.body.paragraphs.append(text)


def read_body(html: str) -> Body:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_text()
    return reader.body


def bodies_of(content: dict) -> list[Body]:
    """Of the sections of an edition. It takes a while, so a page does it once."""
    return [read_body(section["body"]) for section in content["sections"]]


def single_spaces(text: str) -> str:
    return " ".join(text.split())


# After these a sentence goes on, whatever follows; after the others only when a number does: “a fig. Then”, “Fig. 2”.
_TITLES = {"Dr", "Mr", "Mrs", "Ms", "Prof", "St", "Rev", "vs", "e.g", "i.e", "E.g", "I.e", "eg", "ie", "cf", "al"}
_NUMBERED = {"no", "nos", "fig"}
# The marks, what closes behind them, and the number of a source.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*(?:\[\d[\d,–-]*\])?(?=\s+[\"'“‘(\[]*[A-Z0-9À-Þ])")
LONGEST_TOKEN = 60  # characters in which a title or an initial and the word before it stand
_LAST_TOKEN = re.compile(r"\S+\Z")
_INITIAL = re.compile(r"(?:\b[A-Z]\.)+")


def sentences_of(text: str) -> list[str]:
    """A paragraph as sentences. A sentence ends at a mark that is followed by a blank and a capital letter or a digit.

    It goes on after titles and shortened words (“Dr. Obi”, “e.g. Ginger”, “No. 5”), after an initial at its start or after
    a title (“J. Smith says”), and inside decimals (“2.5 mg”), after which there is no blank. “a.m.” and “U.S.” end one when
    a capital letter follows, and so does a letter that is part of a name: “hepatitis B. Wash your hands.”
    """
    found, start = [], 0
    for end in _END.finditer(text):
        follows = text[end.end() : end.end() + 2].lstrip()
        if _goes_on(text[max(start, end.end() - LONGEST_TOKEN) : end.end()], follows):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _goes_on(sentence: str, follows: str) -> bool:
    last = _LAST_TOKEN.search(sentence)[0].lstrip("\"'“‘([")
    word = last.removesuffix(".")
    if word != last and (word in _TITLES or (word.casefold() in _NUMBERED and follows[:1].isdigit())):
        return True
    if not _INITIAL.fullmatch(last):
        return False
    before = sentence[: -len(last)].rstrip("\"'“‘([ ").rpartition(" ")[2]
    is_initial = not before or before.rstrip(".") in _TITLES or _INITIAL.fullmatch(before) is not None
    return is_initial and len(last) == 2


_WORD = re.compile(r"\d+(?:[.,:/]\d+)*%?|[^\W\d_]+(?:[’'\-‑][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """A number with its decimals is one word, and so is “breast-conserving”; marks such as [1] are those of sources."""
    return _WORD.findall(re.sub(r"\[\d+(?:[,–-] ?\d+)*\]", "", text))
