"""What was measured, as rows: who did what, in which unit, the median and the spread. Kept as JSON, shown as Markdown."""

import json
import os
import platform
import re
import subprocess
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MARKDOWN, RAW = PROJECT / "docs/performance.md", PROJECT / "docs/performance.json"
OURS = "the library"
MARK = "<!-- Everything below is written by `make bench`. -->\n"


@dataclass(frozen=True)
class Row:
    what: str
    who: str
    unit: str  # "1/s", "ms", "s", "MiB"
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Goal:
    """`measured` is None when it could not be: what it is compared with is not there."""

    what: str
    wanted: str
    measured: float | None
    unit: str
    met: bool | None


class Results:
    def __init__(self):
        self.rows: list[Row] = []
        self.goals: list[Goal] = []

    def add(self, what: str, who: str, unit: str, median: float, low: float | None = None, high: float | None = None):
        row = Row(what, who, unit, median, median if low is None else low, median if high is None else high)
        self.rows.append(row)
        print(f"{what:<60.60} {who:<34.34} {show(median):>10} {unit}", flush=True)

    def median(self, what: str, who: str = OURS) -> float | None:
        return next((row.median for row in self.rows if (row.what, row.who) == (what, who)), None)

    def at_least(self, what: str, measured: float | None, wanted: float, unit="×"):
        met = None if measured is None else measured >= wanted
        self.goals.append(Goal(what, f"at least {show(wanted)} {unit}", measured, unit, met))

    def at_most(self, what: str, measured: float | None, wanted: float, unit="×"):
        met = None if measured is None else measured <= wanted
        self.goals.append(Goal(what, f"at most {show(wanted)} {unit}", measured, unit, met))

    def ratio(self, what: str, one: str, other: str) -> float | None:
        """How many times the figure of `other` that of `one` is."""
        first, second = self.median(what, one), self.median(what, other)
        return None if first is None or not second else first / second

    def write(self) -> None:
        about = {"date": str(date.today()), "machine": machine(), "revision": revision()}
        raw = {**about, "rows": list(map(asdict, self.rows)), "goals": list(map(asdict, self.goals))}
        RAW.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
        kept = MARKDOWN.read_text(encoding="utf-8").partition(MARK)[0]
        MARKDOWN.write_text(kept + MARK + self.markdown(about), encoding="utf-8")

    def markdown(self, about: dict) -> str:
        lines = ["", f"Measured on {about['date']} on {about['machine']}, at revision {about['revision']}.", ""]
        lines += ["## Goals", "", "| what | wanted | measured | met |", "| --- | --- | --- | --- |"]
        for goal in self.goals:
            measured = "not measured" if goal.measured is None else f"{show(goal.measured)} {goal.unit}"
            met = {True: "yes", False: "**no**", None: "–"}[goal.met]
            lines.append(f"| {goal.what} | {goal.wanted} | {measured} | {met} |")
        lines += ["", "## Figures", "", "| what | who | median | lowest | highest | unit |"]
        lines.append("| --- | --- | --: | --: | --: | --- |")
        for row in self.rows:
            figures = " | ".join(map(show, (row.median, row.low, row.high)))
            lines.append(f"| {row.what} | {row.who} | {figures} | {row.unit} |")
        return "\n".join(lines) + "\n"


def show(number: float) -> str:
    """Three digits that mean something: 0.33, 9.55, 135, 135,600."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.2f}" if number < 10 else f"{number:.1f}"


def machine() -> str:
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores ({models[0] if models else platform.machine()}), Linux {platform.release()}, Python {platform.python_version()}"


def revision() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
