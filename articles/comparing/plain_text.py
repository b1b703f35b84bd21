"""A comparison as lines of plain text, for mails: what can hurt first, "- " before what went, "+ " before what came."""

from collections.abc import Iterator

from articles.comparing.comparison import Comparison, Part
from articles.comparing.lists import Change
from articles.comparing.text import Row
from articles.comparing.warnings import Warning

NAMES = {
    "number": "Numbers that changed",
    "negation": "Words such as “not” that changed",
    "urgency": "Words of urgency that changed",
}


def plain_lines(comparison: Comparison) -> list[str]:
    """A line that changed stands there twice, whole, as it was and as it is; unchanged lines are counted."""
    lines = []
    if comparison.warnings:
        lines += ["Look at these twice:", *map(_warning, comparison.warnings), ""]
    for part in comparison.parts:
        lines += [*_part(part), ""]
    return lines[:-1]


def _warning(warning: Warning) -> str:
    sides = [f"{sign} {', '.join(words)}" for sign, words in (("-", warning.gone), ("+", warning.came)) if words]
    return f"{NAMES[warning.kind]}: {'; '.join(sides)}"


def _part(part: Part) -> Iterator[str]:
    yield f"{part.heading} ({part.note})" if part.note else part.heading
    for row in part.rows:
        yield from _row(row)
    for change in part.changes:
        yield from _change(change)


def _row(row: Row) -> Iterator[str]:
    if row.folded:
        yield f"({row.folded} line{'' if row.folded == 1 else 's'} unchanged)"
        return
    states = {piece.state for piece in row.pieces}
    for sign, state in (("-", "removed"), ("+", "added")):
        if states & {state, "same"}:
            yield f"{sign} {''.join(piece.text for piece in row.pieces if piece.state in {state, 'same'})}"


def _change(change: Change) -> Iterator[str]:
    if change.what == "moved":
        yield f"“{change.words}” moved {change.before} → {change.after}"
    if change.what in {"removed", "renamed"}:
        yield f"- {change.words_before or change.words} (was number {change.before})"
    if change.what in {"added", "renamed"}:
        yield f"+ {change.words} (now number {change.after})"
