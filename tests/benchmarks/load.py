"""Readers on 16 connections, or one, made by wrk; rounds of all contestants in turn, so that a busy minute hits them all."""

import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

MANY = 16  # connections that are kept open
WRK_MISSING = "wrk was not found, so nothing can be measured. Install it with: apt-get install wrk"
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Target:
    """What is asked: an address on this machine and the headers of the reader."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """Answers a second; the median and the 99th percentile of their times in milliseconds; answers that were errors."""

    rate: float
    p50: float
    p99: float
    errors: int


def wrk(target: Target, *, connections: int, seconds: float) -> Round:
    if not shutil.which("wrk"):
        sys.exit(WRK_MISSING)
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s", "--latency"]
    command += [part for name, value in target.headers.items() for part in ("--header", f"{name}: {value}")]
    said = subprocess.run([*command, target.url], check=True, capture_output=True, text=True).stdout
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", said)))
    errors += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    return Round(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), _time("50%", said), _time("99%", said), errors)


def _time(percentile: str, said: str) -> float:
    number, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s|m)\b", said).groups()
    return float(number) * MILLISECONDS[unit]


def in_turn(contestants: dict[str, Target], *, rounds: int, seconds: float, connections: int = MANY) -> dict[str, list]:
    """So many rounds of each, after a short one that warms up and isn't counted. Raises RuntimeError for an error: a fast
    error would look like a fast page."""
    done = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, target in contestants.items():
            result = wrk(target, connections=connections, seconds=seconds if number else 1)
            if result.errors:
                raise RuntimeError(f"{name} answered {result.errors} times with an error: {target}")
            if number:
                done[name].append(result)
    return done


def spread(values: list[float]) -> dict[str, float]:
    """The median, and how far the rounds were apart."""
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}
