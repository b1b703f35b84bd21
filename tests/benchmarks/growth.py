"""How the library grows: cold pages over 100, 5,000 and 50,000 articles with as many topics, then the largest at work."""

import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.load import Target, in_turn, spread
from tests.benchmarks.ready import ACTS, ARTICLE, COLD, LETTER
from tests.benchmarks.results import OURS, PROJECT, Results
from tests.benchmarks.servers import Process, running
from tests.processes import environment, free_port, get, manage, wait_until
from tests.with_postgres import Cluster

CONNECTIONS = 8
COLD_ARTICLE, COLD_LETTER = "cold article, one connection, {:,} articles", "cold A to Z, one letter, {:,} topics"
VISIBLE = "from the commit to another process"
START = "start to the first answer"
MIRROR = "making the lists and articles of the largest library"
MEMORY, WITH_JOBS = "memory of the web server, all pages asked for", "memory of the web server and its two jobs"
READ, WRITTEN, ALL, WRONG = "mixed load: reads, p99", "mixed load: writes, p99", "mixed load: p99", "mixed load: errors"


def libraries(database: Cluster, folder: Path, sizes: list[int]) -> dict[int, str]:
    """The address of a database with so many articles and topics beside the sample library, for each size."""
    urls = {}
    for size in sizes:
        database.sql(f"CREATE DATABASE library_{size}")
        urls[size] = database.url_of(f"library_{size}")
        settings = environment(folder, urls[size])
        manage(settings, "prepare", "--sample-library")
        print(f"Filling a library with {size:,} articles ...", flush=True)
        patient = f"{urls[size]}&options=-c%20statement_timeout%3D0"
        command = [sys.executable, "-m", "tests.benchmarks.filling", str(size)]
        subprocess.run(command, cwd=PROJECT, env={**os.environ, "DATABASE_URL": patient}, check=True)
    return urls


def cold(results: Results, folder: Path, urls: dict[int, str], *, rounds: int, seconds: float) -> None:
    with ExitStack() as stack:
        ports = {
            size: stack.enter_context(running(servers.library(folder / f"cold-{size}", url, **COLD))).port
            for size, url in urls.items()
        }
        for what, path in ((COLD_ARTICLE, ARTICLE), (COLD_LETTER, LETTER)):
            targets = {str(size): Target(f"http://127.0.0.1:{port}{path}") for size, port in ports.items()}
            for size, done in in_turn(targets, rounds=rounds, seconds=seconds, connections=1).items():
                results.add(what.format(int(size)), OURS, "ms", **spread([each.p50 for each in done]))


def at_work(results: Results, folder: Path, url: str, size: int, *, seconds: float) -> None:
    """The largest library is started; then, with its lists and articles on disk, published in, read and changed, and weighed.
    Its topics, and its related links as pages of their own, are not waited for: nobody reads them here."""
    settings = servers.settings(folder / "work", url)
    starts = []
    for _ in range(3):
        port = free_port()
        command = [sys.executable, "manage.py", "serve"]
        with running(Process(command, port, path=ARTICLE, cwd=PROJECT, env={**settings, "PORT": str(port)})) as web:
            starts.append(web.seconds)
    results.add(START, OURS, "s", **spread(starts))
    results.add(MIRROR, OURS, "s", make_articles(settings, size))
    with ExitStack() as stack:
        web = stack.enter_context(running(servers.library(folder / "work", url)))
        other = stack.enter_context(running(servers.library(folder / "work", url)))
        visible(results, url, other.port)
        figures = json.loads(start_editing(url, "acts").communicate()[0])
        for name in ACTS:
            results.add(ACTS[name], OURS, "ms", *figures[name])
        other.stop()
        mixed = ("mixed", str(web.port), str(seconds), str(size))
        load = [start_editing(url, *mixed) for _ in range(CONNECTIONS)]
        done = [json.loads(process.communicate()[0]) for process in load]
        reads, writes = (sorted(time for each in done for time in each[name]) for name in ("reads", "writes"))
        results.add(READ, OURS, "ms", *percentiles(reads))
        results.add(WRITTEN, OURS, "ms", *percentiles(writes))
        results.add(ALL, OURS, "ms", *percentiles(sorted(reads + writes)))
        results.add(WRONG, OURS, "of all", sum(each["errors"] for each in done))
        for number in range(min(size, 20_000)):
            get(web.port, f"/articles/page-{number}/")
        results.add(MEMORY, OURS, "MiB", servers.memory(web.process.pid, with_jobs=False))
        results.add(WITH_JOBS, OURS, "MiB", servers.memory(web.process.pid, with_jobs=True))


def make_articles(settings: dict[str, str], size: int) -> float:
    """Seconds until they are on disk. The job makes them before other pages, and is stopped then."""
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "manage.py", "keep_ready", "--once"], cwd=PROJECT, env=settings) as job:
        wait_until(lambda: articles_on_disk(Path(settings["DATA_DIR"])) >= size, seconds=7200, every=5)
        job.terminate()
    return time.monotonic() - began


def articles_on_disk(data: Path) -> int:
    count = "SELECT count(DISTINCT key) FROM page WHERE key LIKE '/articles/page-%'"
    with contextlib.suppress(ValueError, sqlite3.OperationalError):  # there is no file yet, or nothing in it
        (file,) = data.glob("ready/*.sqlite3")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as mirror:
            return mirror.execute(count).fetchone()[0]
    return 0


def visible(results: Results, url: str, port: int) -> None:
    """A process publishes, another one is asked again and again until it shows that."""
    waits = []
    for _ in range(5):
        get(port, ARTICLE)
        with start_editing(url, "publish") as publisher:
            said = json.loads(publisher.stdout.readline())
            wait_until(lambda deck=said["deck"]: deck in get(port, ARTICLE)[1], seconds=10, every=0.01)
            waits.append(time.time() - said["committed_at"])
    results.add(VISIBLE, OURS, "s", **spread(waits))


def start_editing(url: str, *what: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.benchmarks.editing", *what]
    env = {**os.environ, "DATABASE_URL": url}
    return subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True)


def percentiles(times: list[float]) -> tuple[float, float, float]:
    """The 99th, between the median and the longest."""
    return statistics.quantiles(times, n=100)[98], statistics.median(times), times[-1]
