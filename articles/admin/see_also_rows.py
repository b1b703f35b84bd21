"""The see-also list as an editor sends it: rows as JSON from the script, or one line of text for each link.

A line is a title (“MRI”), a title with its address (“MRI [topic:mri-2]”, “Tos [article:es/tos]”), or words
and a web address (“NHS on MRI https://www.nhs.uk/mri”). Where words and title differ, the link says the words.
"""

import json
import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

from articles import languages
from articles.addresses import MAX_LENGTH, validate_address
from articles.admin import lookup
from articles.sorting import same_title

MAX_ROWS = 1_000
MAX_LABEL = 200
UNREADABLE = "The list could not be read. Reload the page and try again; nothing was changed."

JSON_LIST = re.compile(r"\s*\[\s*[\]{]")
LINE_WITH_PAGE = re.compile(r"(?P<label>.*?)\s*\[(?P<model>topic|article):(?P<slug>[^\[\]\s]+)\]")
LINE_WITH_ADDRESS = re.compile(r"(?:(?P<label>.*\S)\s+)?(?P<url>(?:https?://|/)\S+)")


def parse(text: str) -> list[dict]:
    """The rows as they were sent. Each has one of topic, article (an id or a slug), url and text, and maybe a label.

    Raises ValidationError with a sentence for each row that is none.
    """
    if "\x00" in text:
        raise ValidationError(UNREADABLE)
    lines = [line.strip() for line in text.splitlines()] if not JSON_LIST.match(text) else None
    rows = _from_json(text) if lines is None else [_from_line(line) for line in lines if line]
    if len(rows) > MAX_ROWS:
        raise ValidationError(f"At most {MAX_ROWS:,} related links fit on a page; this list has {len(rows):,}.")
    return rows


def _from_line(line: str) -> dict:
    if match := LINE_WITH_PAGE.fullmatch(line):
        return {match["model"]: match["slug"], "label": match["label"], "text": line}
    if match := LINE_WITH_ADDRESS.fullmatch(line):
        return {"url": match["url"], "label": match["label"] or ""}
    return {"text": line}


def _from_json(text: str) -> list[dict]:
    try:
        sent = json.loads(text)
        json.dumps(sent, ensure_ascii=False).encode()  # half a character can't be stored
    except (ValueError, RecursionError) as error:
        raise ValidationError(UNREADABLE) from error
    rows, problems = [], []
    for number, row in enumerate(sent, start=1):
        if problem := _misshapen(row):
            problems.append(f"Row {number}: {problem}")
        elif _targets(row) == ["text"]:
            rows.append(_from_line(row["text"].strip()))
        else:
            [name] = _targets(row)
            rows.append({name: row[name], "label": row.get("label", "").strip()})
    if problems:
        raise ValidationError(problems)
    return rows


def _targets(row: dict) -> list[str]:
    return [name for name in ("topic", "article", "url", "text") if row.get(name) not in (None, "")]


def _misshapen(row) -> str:
    if not isinstance(row, dict):
        return "this is no link."
    if len(_targets(row)) != 1:
        return "a link leads to one thing: a topic, an article or a web address."
    [name] = _targets(row)
    value, label = row[name], row.get("label", "")
    if name in ("topic", "article"):
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    else:
        fits = isinstance(value, str) and "\x00" not in value
    if not fits or not isinstance(label, str) or "\x00" in label:
        return "this link could not be read."
    return ""


def settle(rows: list[dict], *, at: datetime, language: str = languages.DEFAULT) -> list[dict]:
    """The rows of a page in that language, which titles alone follow, with the title, kind and note of what they lead to; `problem` says why a row can't be stored."""
    topics = _pages(lookup.topics(at=at), {row["topic"] for row in rows if "topic" in row})
    articles = _pages(lookup.articles(at=at), {row["article"] for row in rows if "article" in row})
    titles = [row["text"] for row in rows if row.keys() == {"text"}]
    called = lookup.resolve(titles, language=language, at=at) if titles else {}
    settled = []
    for row in rows:
        if "url" in row:
            settled.append({**row, "title": row["label"], "kind": "", "note": "", "problem": _address_problem(row)})
        elif row.keys() == {"text"}:
            settled.append(_by_title(row["text"], called[row["text"]]))
        else:
            page = topics.get(row["topic"]) if "topic" in row else articles.get(row["article"])
            settled.append(_by_page(row, page))
    return settled


def _pages(queryset, keys) -> dict:
    """By id and by short address, whichever was asked for."""
    ids = [key for key in keys if isinstance(key, int)]
    slugs = [key.rpartition("/")[2] for key in keys if isinstance(key, str)]
    if not keys:
        return {}
    pages = list(queryset.filter(Q(pk__in=ids) | Q(slug__in=slugs)))
    return {page.pk: page for page in pages} | {page.short_address: page for page in pages}


def _by_page(row: dict, page) -> dict:
    if page is None:
        gone = f"[{'topic' if 'topic' in row else 'article'}:{row.get('topic') or row.get('article')}]"
        line = row.get("text") or f"{row['label']} {gone}".strip()
        problem = f"“{line}” leads to a page that the library doesn’t have. Choose another, or remove the row."
        return {"text": line, "title": line, "problem": problem}
    label = "" if same_title(row["label"]) == same_title(page.title) else row["label"]
    problem = _label_problem(label)
    return {**lookup.entry(page), "label": label, "problem": problem}


def _by_title(title: str, choices: list[dict]) -> dict:
    if len(choices) == 1:
        return {**choices[0], "label": "", "problem": ""}
    if choices:
        kinds = " and ".join(choice["kind"] for choice in choices)
        problem = f"“{title}” stands for {len(choices)} pages: {kinds}. Choose the one that you mean."
    else:
        problem = f"Nothing in the library is called “{title}”. Check the spelling, or add the topic first."
    return {"text": title, "title": title, "choices": choices, "problem": problem}


def _address_problem(row: dict) -> str:
    try:
        validate_address(row["url"])
    except ValidationError as error:
        return error.messages[0]
    if len(row["url"]) > MAX_LENGTH:
        return f"This address has {len(row['url'])} characters; at most {MAX_LENGTH} fit."
    if not row["label"]:
        return f"Write what the link to {row['url']} says."
    return _label_problem(row["label"])


def _label_problem(label: str) -> str:
    return f"The link’s words are {len(label)} characters; at most {MAX_LABEL} fit." if len(label) > MAX_LABEL else ""


def as_line(row: dict) -> str:
    """A settled row as the line of text that leads to the same link."""
    if "url" in row:
        return f"{row['label']} {row['url']}".strip()
    if "text" in row:
        return row["text"]
    model = "topic" if "topic" in row else "article"
    return f"{row['label'] or row['title']} [{model}:{row['slug']}]"
