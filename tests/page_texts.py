"""Pages as plain text, in the shape that the importer reads, and a way to say what became of them."""

import re
from datetime import date
from html import unescape

from articles.importing.decoding import lines_of
from articles.importing.page_text import PageText, read_page
from articles.models import Article

TODAY = date(2026, 11, 22)

PAGE = """Coping with nausea

Small changes to meals can help.

Chemotherapy can make you feel sick. Medicine helps most people, and so do small meals through the day.

Eating

Eat little and often. Cold food smells less than warm food, so many people find it easier.

  * Dry toast
  * Ginger tea

June 29, 2021 See more In-depth

See also

  1. Chemotherapy
  2. MRI
  3. MRI
"""


def read(text: str | bytes, *, today=TODAY) -> PageText:
    raw = text.encode() if isinstance(text, str) else text
    lines, findings = lines_of(raw)
    page = read_page(lines, today=today)
    page.findings = findings + page.findings
    return page


def a_page(
    *,
    title="Coping with nausea",
    deck="Small changes to meals can help.",
    body="Chemotherapy can make you feel sick. Medicine helps most people.\n\nRest helps too. Lie down after meals if you can.",
    date_line="June 29, 2021 See more In-depth",
    end="See also\n\n  1. Chemotherapy",
) -> str:
    return "\n\n".join(part for part in (title, deck, body, date_line, end) if part) + "\n"


def text_of(html: str) -> str:
    """The words of stored HTML, in order, single spaces between them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def paragraphs_of(article: Article) -> list[str]:
    """The headings, paragraphs and list items of the working copy, in order."""
    texts = []
    for section in article.sections.all():
        texts += [section.heading] * bool(section.heading)
        texts += [text_of(block) for block in re.split(r"</(?:p|li|h3)>|<[uo]l[^>]*>", section.body) if text_of(block)]
    return texts


def messages(page) -> str:
    return "\n".join(str(finding) for finding in page.findings)
