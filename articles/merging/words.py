"""What the parts of a version are called and how they read, for the person who must choose between two."""

from articles import languages
from articles.comparing.text import lines_of
from articles.kinds import Kind

PLACE = ("slug", "language", "translation_of")  # what a version knows beside its text


def _section_words(section: dict) -> list[str]:
    return [section["heading"]] * bool(section["heading"]) + lines_of(section["body"])


def _link_words(link: dict) -> list[str]:
    return [f"{link['label']} [{link['url']}]" if link["url"] else link["label"]]


def _reference_words(reference: dict) -> list[str]:
    address = f" [{reference['address']}]" if reference["address"] else ""
    accessed = f" (accessed {reference['accessed_on']})" if reference["accessed_on"] else ""
    return [f"{reference['text']}{address}{accessed}"]


TITLE_OF_ROW = {
    "sections": lambda row: row["heading"] or "Introduction",
    "references": lambda row: row["text"],
    "links": lambda row: row["label"],
}
WORDS_OF_ROW = {
    "sections": _section_words,
    "references": _reference_words,
    "links": _link_words,
    "about": lambda row: [row["title"]],
    "tags": lambda row: [row["name"]],
}
HEADING_OF = {
    "title": "Title",
    "deck": "Summary",
    "kind": "Kind",
    "is_sample": "Sample text",
    "slug": "Address",
    "language": "Language",
    "translation_of": "Translation of",
    "sections": "The text",
    "references": "References",
    "links": "See also",
    "about": "About",
    "tags": "Tags",
}
WORDS_OF = {
    "title": lambda title: [title],
    "deck": lambda deck: [deck],
    "kind": lambda kind: [str(Kind(kind).label)],
    "slug": lambda slug: [slug],
    "language": lambda language: [dict(languages.choices()).get(language, language)],
    "translation_of": lambda path: [path or "no other page"],
    "is_sample": lambda is_sample: ["Marked as sample text" if is_sample else "Not marked as sample text"],
} | {
    name: lambda rows, words=words: [line for row in rows for line in words(row)]
    for name, words in WORDS_OF_ROW.items()
}
