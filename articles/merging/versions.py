"""Two saves that started from the same version, brought together: what only one side changed is kept as it is.

A version is the content of an edition (schema 1, articles/publishing.py), or of a revision, which knows its address too.
Nothing is read or stored here.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial

from articles.comparing.lists import Entry, compare_lists
from articles.merging.paragraphs import both_changes
from articles.merging.words import HEADING_OF, PLACE, TITLE_OF_ROW, WORDS_OF, WORDS_OF_ROW

MINE = "mine"
ALIKE = 0.6  # two references that share this much of their words are one that was rewritten


@dataclass(frozen=True)
class Clash:
    """What both sides changed differently. `mine` and `theirs` are lines to read; empty where that side removed it."""

    key: str
    heading: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True)
class Merge:
    content: dict
    clashes: list[Clash]


def merge(base: dict | None, mine: dict, theirs: dict, choices: dict[str, str] | None = None) -> Merge:
    """Keep the changes of both sides. Where they clash, theirs stands unless `choices[key]` is "mine".

    - A field, a section, a reference, a link: changed by one side, it is as that side made it; by both alike, once.
      Two changes of one section go together when they touch different paragraphs.
    - Order: what a side added or moved stands behind the neighbour that it has there.
    - A removal clashes with a change of words and with a move: who moves a link up wants it to be there.
    - Tags and topics: added by either, removed by either.
    - The place (address, language, original): as theirs when mine doesn't know it; when only the base doesn't, two that
      differ are a clash.

    Without a base nobody knows who changed what, so each field or list that differs is a clash as a whole.
    """
    sides = _Sides(choices or {})
    mine = {**{name: theirs[name] for name in PLACE if name in theirs}, **mine}
    if base is None:
        content = {
            name: theirs[name]
            if mine[name] == theirs[name]
            else sides.ask(name, HEADING_OF[name], mine[name], theirs[name], WORDS_OF[name])
            for name in theirs
        }
        return Merge(content, sides.clashes)
    content = {
        name: sides.value(name, HEADING_OF[name], base.get(name), mine[name], theirs[name], WORDS_OF[name])
        for name in ("title", "deck", "kind", "is_sample", *PLACE)
        if name in theirs
    }
    content["sections"] = sides.rows(
        "sections", *(_by_key(side["sections"], "sections") for side in (base, mine, theirs))
    )
    references = _by_key(base["references"], "references")
    rewritten = [_by_key_of(references, side["references"]) for side in (mine, theirs)]
    content["references"] = _once(sides.rows("references", references, *rewritten), mine, theirs)
    content["links"] = sides.rows("links", *(_by_key(side["links"], "links") for side in (base, mine, theirs)))
    for name, order in (("about", "title"), ("tags", "name")):
        content[name] = _union(*(_by_key(side[name], name) for side in (base, mine, theirs)), order=order)
    return Merge(content, sides.clashes)


@dataclass
class _Sides:
    """Decides between two sides, and keeps what they clash about."""

    choices: dict[str, str]
    clashes: list[Clash] = field(default_factory=list)

    def ask(self, key: str, heading: str, mine, theirs, words: Callable):
        said = [tuple(words(side)) if side is not None else () for side in (mine, theirs)]
        self.clashes.append(Clash(key, heading, *said))
        return mine if self.choices.get(key) == MINE else theirs

    def value(self, key: str, heading: str, base, mine, theirs, words: Callable):
        if mine in (theirs, base):
            return theirs
        return mine if theirs == base else self.ask(key, heading, mine, theirs, words)

    def rows(self, name: str, base: dict, mine: dict, theirs: dict) -> list[dict]:
        """An ordered list of rows, each known by its key."""
        orders = [list(side) for side in (base, mine, theirs)]
        floats = [_put(orders[0], order) for order in orders[1:]]
        kept = {}
        for key in {**base, **theirs, **mine}:
            sides = [side.get(key) for side in (base, mine, theirs)]
            row = both_changes(*sides) if name == "sections" and all(sides) else None
            if row is None:
                some = next(filter(None, reversed(sides)))
                asked = f"{name}:{_printed(key)}", TITLE_OF_ROW[name](some)
                if place := _moved_and_removed(key, orders, floats):
                    row = self.ask(*asked, *sides[1:], partial(_words_of_moved, name, place))
                else:
                    row = self.value(*asked, *sides, WORDS_OF_ROW[name])
            if row is not None:
                kept[key] = row
        return [kept[key] for key in self.order(name, *orders, floats, kept)]

    def order(self, name: str, base: list, mine: list, theirs: list, floats: list[set], kept: dict) -> list:
        """What neither side moved stays in its order; the rest stands in the gaps where its side put it."""
        staying = [key for key in base if key in kept and not any(key in put for put in floats)]
        by_mine, by_theirs = (_gaps(staying, side, put) for side, put in zip((mine, theirs), floats, strict=True))
        gaps = {}
        for key in kept.keys() - set(staying):
            here, there = by_mine.get(key), by_theirs.get(key)
            if here is None or there is None:
                gaps[key] = there if here is None else here
            elif here == there or key not in base:
                gaps[key] = min(here, there)
            else:
                heading = f"The place of “{TITLE_OF_ROW[name](kept[key])}” in the list"
                places = mine.index(key) + 1, theirs.index(key) + 1
                place = self.ask(f"{name}:{_printed(key)}:place", heading, *places, lambda place: [f"Number {place}"])
                gaps[key] = here if place == places[0] else there
        ordered = []
        for gap in range(len(staying) + 1):
            ordered += staying[gap - 1 : gap] if gap else []
            ordered += _woven(
                *([key for key in put if gaps.get(key) == put[key] == gap] for put in (by_mine, by_theirs))
            )
        return ordered


def _put(base: list, side: list) -> set:
    """The keys that a side added or moved; as few as explain its order."""
    known = set(base)
    moves = compare_lists([Entry(key, "") for key in base], [Entry(key, "") for key in side])
    return {base[change.before - 1] for change in moves if change.what == "moved"} | {
        key for key in side if key not in known
    }


def _moved_and_removed(key: tuple, orders: list[list], floats: list[set]) -> int | None:
    """The place to which one side moved what the other side removed; None when they didn't."""
    base, *sides = orders
    for side, other, put in zip(sides, reversed(sides), floats, strict=True):
        if key in base and key in put and key not in other:
            return side.index(key) + 1
    return None


def _words_of_moved(name: str, place: int, row: dict) -> list[str]:
    return [*WORDS_OF_ROW[name](row), f"(moved to number {place})"]


def _gaps(staying: list, side: list, put: set) -> dict:
    """Behind which of the staying keys the side put its own: 0 is the top. In the side's order."""
    places = {key: number for number, key in enumerate(staying, start=1)}
    gaps, behind = {}, 0
    for key in side:
        behind = places.get(key, behind)
        if key in put:
            gaps[key] = behind
    return gaps


def _woven(one: list, other: list) -> list:
    """Both runs in one, each in its order; the same whichever comes first."""
    first, second = sorted((one, other), key=repr)
    woven, place = list(first), 0
    for key in second:
        if key in woven:
            place = woven.index(key) + 1
        else:
            woven.insert(place, key)
            place += 1
    return woven


def _by_key(rows: list[dict], name: str) -> dict:
    """The rows by what they are; what stands twice in a list is told apart by its number."""
    seen = Counter()
    keyed = {}
    for row in rows:
        key = KEYS[name](row)
        seen[key] += 1
        keyed[key, seen[key]] = row
    return keyed


def _by_key_of(base: dict, rows: list[dict]) -> dict:
    """References by their keys in `base`, where a rewritten one keeps the key that it had."""
    keyed = _by_key(rows, "references")
    gone = [key for key in base if key not in keyed]
    known = {}
    for key, row in keyed.items():
        if key not in base and (before := next((old for old in gone if _alike(base[old], row)), None)):
            gone.remove(before)
            key = before
        known[key] = row
    return known


def _alike(one: dict, other: dict) -> bool:
    return SequenceMatcher(None, one["text"].split(), other["text"].split(), autojunk=False).ratio() >= ALIKE


def _once(references: list[dict], *sides: dict) -> list[dict]:
    """No reference more often than a side has it: one side may have added what the other made of an older one."""
    left = Counter()
    for side in sides:
        left |= Counter(key for key, _ in _by_key(side["references"], "references"))
    kept = []
    for row in references:
        if left[KEYS["references"](row)] > 0:
            left[KEYS["references"](row)] -= 1
            kept.append(row)
    return kept


def _union(base: dict, mine: dict, theirs: dict, *, order: str) -> list[dict]:
    rows = {key: row for key, row in {**mine, **theirs}.items() if key not in base or (key in mine and key in theirs)}
    return sorted(rows.values(), key=lambda row: row[order])


KEYS = {
    "sections": lambda row: row["anchor"],
    "references": lambda row: row["doi"] or row["pmid"] or row["text"],
    "links": lambda row: row["url"] or ("topic" if row["topic"] else "article", row["topic"] or row["article"]),
    "about": lambda row: row["topic"],
    "tags": lambda row: row["slug"],
}


def _printed(key: tuple) -> str:
    what, number = key
    what = "-".join(map(str, what)) if isinstance(what, tuple) else what
    return what if number == 1 else f"{what}:{number}"
