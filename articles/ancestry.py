"""Which versions the text of a version was made from.

A version continues the one before it, unless somebody restored an older one, took an edition up again or brought two
versions together. Then the line that sums the version up says so; those lines are written and read here.
"""

import re
from collections.abc import Set
from dataclasses import dataclass

from articles.models import Article
from articles.people import Person

_RESTORED = re.compile(r"version (\d+) restored")
_TAKEN_UP = re.compile(r"edition (\d+) taken up again; the draft is version (\d+)")
_BROUGHT_TOGETHER = re.compile(r"version (\d+) brought together with version (\d+)")


def restored(version: int) -> str:
    return f"version {version} restored"


def taken_up(edition: int, *, draft: int) -> str:
    return f"edition {edition} taken up again; the draft is version {draft}"


def brought_together(version: int, other: int) -> str:
    return f"version {version} brought together with version {other}"


@dataclass(frozen=True)
class Ancestry:
    """`summaries` are the lines of the kept versions by their numbers, `savers` who saved them, and `frozen` the
    versions of which the editions were made, by the numbers of the editions."""

    summaries: dict[int, str]
    savers: dict[int, Person]
    frozen: dict[int, int]

    @classmethod
    def of(cls, article: Article) -> "Ancestry":
        rows = list(article.revisions.order_by().values_list("number", "summary", "saved_by", "saved_by_account"))
        summaries = {number: summary for number, summary, *_ in rows}
        named = any(_TAKEN_UP.fullmatch(summary) for summary in summaries.values())
        frozen = dict(article.editions.order_by().values_list("number", "version")) if named else {}
        return cls(summaries, {number: Person(*person) for number, _, *person in rows}, frozen)

    def versions(self, number: int, *, back_to: Set[int] = frozenset()) -> set[int]:
        """The version itself and all versions that its text was made from; what those of `back_to` were made from is
        not asked. Version 0 is the text that an article had before its first version was kept."""
        found, waiting = set(), [number]
        while waiting:
            if (version := waiting.pop()) not in found | back_to:
                found.add(version)
                waiting += self._sources(version)
        return found

    def _sources(self, number: int) -> list[int]:
        summary = self.summaries.get(number, "")
        if match := _RESTORED.fullmatch(summary):
            return [int(match[1])]
        if match := _TAKEN_UP.fullmatch(summary):
            return [self.frozen[int(match[1])]]
        if match := _BROUGHT_TOGETHER.fullmatch(summary):
            return [int(match[1]), int(match[2])]
        return [number - 1] if number else []

    def common(self, one: int, other: int) -> int:
        """The newest version that both were made from."""
        return max(self.versions(one) & self.versions(other))

    def left_behind(self, number: int) -> set[int]:
        """The kept versions that the text of this one was not made from."""
        return self.summaries.keys() - self.versions(number)

    def put_aside(self, number: int) -> list[int]:
        """The drafts that gave way to the correction of an edition and have not been brought together with it since."""
        made_from = self.versions(number)
        matches = [_TAKEN_UP.fullmatch(self.summaries.get(version, "")) for version in sorted(made_from)]
        drafts = [int(match[2]) for match in matches if match]
        return [draft for draft in drafts if draft not in made_from]

    def writers(self, number: int, *, signed: Set[int]) -> list[Person]:
        """Who saved the versions that the text of this one was made from, back to those that were `signed` off. A version
        that a signed one was made from is not signed itself: its text has been changed since."""
        made_from = self.versions(number, back_to=signed)
        savers = {self.savers[version] for version in made_from if version in self.savers}
        return sorted(savers, key=lambda person: (person.name, person.account or 0))
