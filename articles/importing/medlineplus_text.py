"""From the summary of a MedlinePlus health topic to sections: as HTML in its XML, as plain lines in a copy of its text."""

import re
from dataclasses import dataclass
from html import escape

from articles import html

MAX_HEADING = 200  # characters; what is longer is a paragraph

_HEADING_TAG = re.compile(r"<(/?)h[1-6]\b[^>]*>", re.I)
_HEADING = re.compile(r"<h3>(.*?)</h3>", re.S)
_TAG = re.compile(r"<[^>]*>")
_SENTENCE_END = re.compile(r"[.!?][\"”’)]*(?=\s|$)")


@dataclass(frozen=True)
class SectionText:
    heading: str  # empty for the lead
    html: str


def sections_of_html(text: str) -> list[SectionText]:
    """The sections of an HTML summary, parted at its headings; everything passes the allow-list."""
    clean = html.clean(_HEADING_TAG.sub(r"<\1h3>", text))
    parts = ["", *_HEADING.split(clean)]  # heading, text, heading, text, ...
    sections = [(_words(heading), _in_blocks(body)) for heading, body in zip(parts[::2], parts[1::2], strict=True)]
    return _whole(sections)


def _words(markup: str) -> str:
    """The text of a heading, which is stored as plain text."""
    plain = _TAG.sub("", markup)
    for name, char in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):  # all that the sanitiser writes
        plain = plain.replace(name, char)
    return " ".join(plain.split())


def _in_blocks(body: str) -> str:
    """Text that stands in no paragraph is one; how the source breaks its lines says nothing."""
    body = re.sub(r"\s*\n\s*", " ", body).strip()
    return f"<p>{body}</p>" if body and not body.startswith("<") else body


def sections_of_lines(text: str) -> list[SectionText]:
    """The sections of a summary that lost its markup. A question on a line of its own is a heading. Behind a line that
    ends with a colon stands a list, one item a line, to the next empty line, heading or institute.

    A list that no empty line ends is read by its full stops: where items go without, the lines of several sentences
    at the end are paragraphs.
    """
    lines = _unwrapped(text)
    sections: list[tuple[str, str]] = [("", "")]
    place = 0
    while place < len(lines):
        line = lines[place]
        if _is_heading(lines, place):
            sections.append((line, ""))
        elif line:
            heading, body = sections[-1]
            body += f"<p>{escape(line, quote=False)}</p>"
            if line.endswith(":"):
                items, place = _items(lines, place + 1)
                body += _list(items)
            sections[-1] = (heading, body)
        place += 1
    return _whole(sections)


def _unwrapped(text: str) -> list[str]:
    """Lines without white space at the ends; one that begins with a small letter goes on with the line above it."""
    lines: list[str] = []
    for raw in text.splitlines():
        line = " ".join(raw.split())
        above = lines[-1] if lines else ""
        goes_on = line[:1].islower() and not raw[:1].isspace() and above and not re.search(r"[.:?!]$", above)
        if goes_on and len(above) > 60:  # a short line above is an item of a list whose items begin small
            lines[-1] = f"{above} {line}"
        else:
            lines.append(line)
    return lines


def _is_heading(lines: list[str], place: int) -> bool:
    """One question with text below it; several below one another are a list of questions."""
    line = lines[place]
    below = next((other for other in lines[place + 1 :] if other), "")
    return (
        line.endswith("?")
        and len(line) <= MAX_HEADING
        and len(_SENTENCE_END.findall(line)) == 1
        and bool(below)
        and not below.endswith("?")
        and not (place and lines[place - 1].endswith("?"))
    )


def _items(lines: list[str], start: int) -> tuple[list[str], int]:
    """The items of the list from that line on, and the place of the last line that was read."""
    place = start
    while place < len(lines) and not lines[place]:
        place += 1
    first = place
    while place < len(lines) and lines[place] and not _is_heading(lines, place) and not _is_institute(lines, place):
        place += 1
    items = lines[first:place]
    without_stop = [number for number, item in enumerate(items) if not item.endswith((".", ":"))]
    end = len(items)
    while without_stop and end - 1 > without_stop[-1] and len(_SENTENCE_END.findall(items[end - 1])) > 1:
        end -= 1
    return items[:end], first + end - 1


def _is_institute(lines: list[str], place: int) -> bool:
    """The last line of a summary often names the institute that wrote it."""
    return place == len(lines) - 1 and lines[place].startswith(("NIH:", "NIH ", "Centers for", "Food and Drug"))


def _list(items: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item, quote=False)}</li>' for item in items)}</ul>" if items else ""


def _whole(sections: list[tuple[str, str]]) -> list[SectionText]:
    """Every section has text. A heading that is too long, or without text of its own, stands in the text before it."""
    whole: list[SectionText] = []
    for heading, body in sections:
        if heading and (len(heading) > MAX_HEADING or not body):
            before = whole.pop() if whole else SectionText("", "")
            whole.append(SectionText(before.heading, f"{before.html}<p>{escape(heading, quote=False)}</p>{body}"))
        elif body:
            whole.append(SectionText(heading, body))
    return whole
