"""One thing that a check found."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How serious a finding is: its rank (0 is the worst) and the heading that stands above such findings."""

    BLOCKS = (0, "Must be mended")
    WARNS = (1, "Look at")
    NOTES = (2, "Notes")

    def __init__(self, rank: int, heading: str):
        self.rank = rank
        self.heading = heading


@dataclass(frozen=True)
class Finding:
    """`where` is the heading of a section or the name of a part of the page. `said` says what is wrong and what to do;
    `quotes` are the passages that are meant."""

    code: str
    severity: Severity
    where: str
    said: str
    quotes: tuple[str, ...] = ()


def in_groups(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings under the headings of their severities, the worst first; no empty group."""
    groups = [(level.heading, [each for each in findings if each.severity is level]) for level in Severity]
    return [(heading, found) for heading, found in groups if found]
