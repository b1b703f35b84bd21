"""Two versions of a page, part by part, and one plain line that sums the difference up.

A version is the content of an edition (schema 1, articles/publishing.py), or of a revision, which knows its address too.
"""

from dataclasses import dataclass, field, replace

from articles.comparing.lists import Change, Entry, compare_lists
from articles.comparing.text import Row, compare_lines, lines_of, word_pieces
from articles.comparing.warnings import Warning, warnings_between
from articles.kinds import Kind


@dataclass(frozen=True)
class Part:
    """A part of the page that changed: rows of text, changes of a list, or both."""

    heading: str
    rows: tuple[Row, ...] = ()
    changes: tuple[Change, ...] = ()
    note: str = ""  # what happened to the part as a whole: "new", "removed", "moved 3 → 1"


@dataclass(frozen=True)
class Comparison:
    parts: list[Part] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    summary: str = "nothing changed"

    def __bool__(self):
        return bool(self.parts)


FIELDS = {"title": "Title", "deck": "Summary", "kind": "Kind", "slug": "Address", "language": "Language"}
FIELDS["translation_of"] = "Translation of"
NOTHING = {"title": "", "deck": "", "kind": "", "is_sample": False}
NOTHING |= {"sections": [], "references": [], "links": [], "about": [], "tags": []}


def compare(before: dict | None, after: dict) -> Comparison:
    """What changed from one version to the other. Unchanged parts are left out, unchanged lines are counted.

    Before the first version there was None: then everything is new, and no number has changed. An address, a language
    or an original that one of the two doesn't know is not compared.
    """
    if before is None:
        return replace(compare(NOTHING, after), warnings=[], summary="all of it is new")
    known = [name for name in FIELDS if name in before and name in after]
    parts = [_field(name, before[name], after[name]) for name in known if before[name] != after[name]]
    if before["is_sample"] != after["is_sample"]:
        state = "now marked as sample text" if after["is_sample"] else "no longer marked as sample text"
        parts.append(Part("Sample text", note=state))
    sections = _sections(before["sections"], after["sections"])
    lists = [
        part
        for name, heading, entries in (
            ("links", "See also", _link),
            ("references", "References", _reference),
            ("about", "About", _about),
            ("tags", "Tags", _tag),
        )
        if (part := _list(heading, before[name], after[name], entries))
    ]
    parts += sections + lists
    if not parts:
        return Comparison()
    summary = _summary([part.heading for part in parts if part.heading in FIELDS.values()], sections, lists)
    return Comparison(parts, warnings_between(_all_lines(before), _all_lines(after)), summary)


def _field(name: str, before: str, after: str) -> Part:
    if name == "kind":
        before, after = (str(Kind(kind).label) if kind else "" for kind in (before, after))
    return Part(FIELDS[name], rows=(Row(word_pieces(before, after)),))


def _sections(before: list[dict], after: list[dict]) -> list[Part]:
    """Sections are known by their anchors, which stay when a heading changes."""
    old, new = ({section["anchor"]: section for section in version} for version in (before, after))
    moves = {
        change.after: f"moved {change.before} → {change.after}"
        for change in compare_lists([Entry(anchor, "") for anchor in old], [Entry(anchor, "") for anchor in new])
        if change.what == "moved"
    }
    parts = []
    for number, (anchor, section) in enumerate(new.items(), start=1):
        earlier = old.get(anchor)
        if earlier is None:
            parts.append(Part(_name(section), tuple(compare_lines([], _section_lines(section))), note="new"))
        elif earlier != section or number in moves:
            rows = compare_lines(_section_lines(earlier), _section_lines(section))
            parts.append(Part(_name(section), tuple(rows), note=moves.get(number, "")))
    parts += [
        Part(_name(section), tuple(compare_lines(_section_lines(section), [])), note="removed")
        for anchor, section in old.items()
        if anchor not in new
    ]
    return parts


def _name(section: dict) -> str:
    return section["heading"] or "Introduction"


def _section_lines(section: dict) -> list[str]:
    return [section["heading"]] * bool(section["heading"]) + lines_of(section["body"])


def _all_lines(version: dict) -> list[str]:
    lines = [version["title"], version["deck"]]
    for section in version["sections"]:
        lines += _section_lines(section)
    return lines


def _list(heading: str, before: list[dict], after: list[dict], entry) -> Part | None:
    changes = compare_lists([entry(row) for row in before], [entry(row) for row in after])
    return Part(heading, changes=tuple(changes)) if changes else None


def _link(row: dict) -> Entry:
    key = row["url"] or ("topic", row["topic"]) if not row["article"] else ("article", row["article"])
    return Entry(key, f"{row['label']} [{row['url']}]" if row["url"] else row["label"])


def _reference(row: dict) -> Entry:
    accessed = f" (accessed {row['accessed_on']})" if row["accessed_on"] else ""
    address = f" [{row['address']}]" if row["address"] else ""
    return Entry(row["doi"] or row["pmid"] or row["text"], f"{row['text']}{address}{accessed}")


def _about(row: dict) -> Entry:
    return Entry(row["topic"], row["title"])


def _tag(row: dict) -> Entry:
    return Entry(row["slug"], row["name"])


NOUNS = {
    "See also": ("related topic", "related topics"),
    "References": ("reference", "references"),
    "About": ("topic", "topics"),
    "Tags": ("tag", "tags"),
}
VERBS = {"added": "added", "removed": "removed", "moved": "moved", "renamed": "changed"}


def _summary(fields: list[str], sections: list[Part], lists: list[Part]) -> str:
    """ "2 sections changed, 3 related topics moved, 1 added"."""
    said = [f"{name.lower()} changed" for name in fields]
    for verb, notes in (("changed", ""), ("added", "new"), ("removed", "removed"), ("moved", "moved")):
        number = sum((part.note[:5] == notes[:5] if notes else not part.note) for part in sections)
        if number:
            said.append(f"{number} section{'' if number == 1 else 's'} {verb}")
    for part in lists:
        singular, plural = NOUNS[part.heading]
        counts = [(verb, sum(change.what == what for change in part.changes)) for what, verb in VERBS.items()]
        for index, (verb, number) in enumerate((verb, number) for verb, number in counts if number):
            noun = f" {singular if number == 1 else plural}" if index == 0 else ""
            said.append(f"{number}{noun} {verb}")
    return ", ".join(said) or "marked or unmarked as sample text"
