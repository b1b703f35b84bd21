"""`make bench`: what things cost, in milliseconds of this machine. Times are for comparing, never for a test.

Importing this package starts Django over a database of its own: a SQLite file in a temporary folder, or the empty one
that DATABASE_URL names. Each module measures one part of the product and prints a table.
"""

import json
import logging
import os
import platform
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

# A process that another one of the bench starts has its folder, with the static files in it.
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="library-bench-"))
os.environ |= {
    "BENCH_FOLDER": str(FOLDER),
    "DJANGO_SETTINGS_MODULE": "library.settings",
    "DATA_DIR": str(FOLDER),
    "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{FOLDER}/library.sqlite3",
    "HTTPS": "false",
}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402


def prepare() -> None:
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def heading() -> None:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    print(f"{date.today()}, {machine}, {connection.display_name}\n")
    print(f"{'what':<46}{'queries':>8}{'median':>10}{'fastest':>10}{'slowest':>10}   (ms)")


def row(name: str, call, repeat: int = 50) -> None:
    """Measured in this process, through Django's whole handler, without a network: the median of many calls, with the
    fastest and the slowest."""
    call()
    settings.DEBUG = True  # counts queries
    reset_queries()
    call()
    queries = len(connection.queries)
    settings.DEBUG = False
    median, fastest, slowest = milliseconds(call, repeat=repeat)
    print(f"{name:<46}{queries:>8}{median:>10.1f}{fastest:>10.1f}{slowest:>10.1f}", flush=True)
    record(name, "ms", median, fastest, slowest)


def milliseconds(call, *, repeat: int) -> tuple[float, float, float]:
    """Median, fastest and slowest of many calls, after one that warms up."""
    call()
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), min(times), max(times)


def record(name: str, unit: str, *figures: float) -> None:
    """For the tables of docs/performance.md, when BENCH_RECORD names the file that collects them."""
    if path := os.environ.get("BENCH_RECORD"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps([name, connection.display_name, unit, *figures]) + "\n")
