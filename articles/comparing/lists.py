"""An ordered list in two versions: what came, went, moved or says something else."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One line of a list: what it is (`key`) and what is printed (`words`)."""

    key: Hashable
    words: str


@dataclass(frozen=True)
class Change:
    """`what` is "added", "removed", "moved" or "renamed"; positions count from 1 and are None where there is none."""

    what: str
    words: str
    before: int | None = None
    after: int | None = None
    words_before: str = ""


def compare_lists(before: Sequence[Entry], after: Sequence[Entry]) -> list[Change]:
    """The changes, in the order of the new list, removals last.

    As few entries as possible count as moved: taking the last of 99 to the top moves one and not 99. An entry that
    only slid because of others is not mentioned.
    """
    pairs, added, removed = _pair(before, after)
    staying = _longest_rising([old for old, _ in pairs])
    changes = [Change("added", after[new].words, after=new + 1) for new in added]
    for index, (old, new) in enumerate(pairs):
        if index not in staying:
            changes.append(Change("moved", after[new].words, old + 1, new + 1))
        if before[old].words != after[new].words:
            changes.append(Change("renamed", after[new].words, old + 1, new + 1, before[old].words))
    changes.sort(key=lambda change: change.after)
    return changes + [Change("removed", before[old].words, before=old + 1) for old in removed]


def _pair(before, after) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Which place of the old list is which of the new one, by key; equal keys pair in their order."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, entry in enumerate(before):
        waiting[entry.key].append(index)
    pairs, added = [], []
    for index, entry in enumerate(after):
        if waiting[entry.key]:
            pairs.append((waiting[entry.key].popleft(), index))
        else:
            added.append(index)
    return pairs, added, sorted(index for indexes in waiting.values() for index in indexes)


def _longest_rising(numbers: list[int]) -> set[int]:
    """The places of a longest rising run (patience sorting): those entries kept their order."""
    tops: list[int] = []
    top_places: list[int] = []
    behind: dict[int, int | None] = {}
    for place, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        if pile == len(tops):
            tops.append(number)
            top_places.append(place)
        else:
            tops[pile], top_places[pile] = number, place
        behind[place] = top_places[pile - 1] if pile else None
    run = set()
    place = top_places[-1] if top_places else None
    while place is not None:
        run.add(place)
        place = behind[place]
    return run
