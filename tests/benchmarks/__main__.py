"""`make bench`: everything is measured in one run, against references that are installed and started on the spot, and written
to docs/performance.md and docs/performance.json. BENCH_QUICK=1 only shows that it works.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import FOLDER, growth, prepare, ready, servers
from tests.benchmarks.results import OURS, PROJECT, Results
from tests.with_postgres import cluster

QUICK = bool(os.environ.get("BENCH_QUICK"))
SIZES = [100, 300] if QUICK else [100, 5_000, 50_000]
ROUNDS, SECONDS = (1, 1) if QUICK else (5, 3)
IN_ONE_PROCESS = [("pages", False), ("desk", False), ("desk", True), ("search", False), ("search", True)]


def main() -> None:
    servers.needed()
    prepare()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="library-bench-") as folder, tempfile.TemporaryDirectory() as data:
        folder = Path(folder)
        with cluster(Path(data), durable=True) as database:
            urls = growth.libraries(database, folder, SIZES)
            ready.measure(results, folder, database, urls[SIZES[0]], rounds=ROUNDS, seconds=SECONDS)
            growth.cold(results, folder, urls, rounds=ROUNDS, seconds=SECONDS)
            growth.at_work(results, folder, urls[SIZES[-1]], SIZES[-1], seconds=5 if QUICK else 60)
    if not QUICK:
        for module, on_postgresql in IN_ONE_PROCESS:
            in_one_process(results, module, on_postgresql=on_postgresql)
    goals(results)
    results.write()
    sys.exit(any(goal.met is False for goal in results.goals))


def in_one_process(results: Results, module: str, *, on_postgresql: bool) -> None:
    """The tables of pages, desk and search: what each page costs without a network, with its number of queries."""
    recorded = FOLDER / f"{module}-{on_postgresql}.jsonl"
    command = [sys.executable, "-m", f"tests.benchmarks.{module}"]
    if on_postgresql:
        command = [sys.executable, "-m", "tests.with_postgres", *command]
    env = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATA_DIR", "BENCH_FOLDER")
    }
    subprocess.run(command, cwd=PROJECT, env={**env, "BENCH_RECORD": str(recorded)}, check=True)
    for line in recorded.read_text(encoding="utf-8").splitlines():
        name, who, unit, *figures = json.loads(line)
        results.add(name, who, unit, *figures)


def goals(results: Results) -> None:
    """Ratios of one run on one machine, so that they hold on another."""
    ratio = results.ratio
    html, cold, smallest, largest = ready.PLAIN_HTML, ready.COLD_PAGE, SIZES[0], SIZES[-1]
    results.at_least("ready article, no proxy, against nginx with the same bytes", ratio(html, OURS, ready.NGINX), 0.33)
    for under, wanted in (("gunicorn", 10), ("Granian", 5)):
        wagtail = ready.CACHED.format(under)
        results.at_least(f"ready article against Wagtail 8 with its cache, {under}", ratio(html, OURS, wagtail), wanted)
    results.at_least("the same behind the shipped nginx, against nginx", ratio(html, ready.PROXIED, ready.NGINX), 0.9)
    results.at_most("time at one connection against nginx", ratio(ready.LATENCY, OURS, ready.NGINX), 1.8)
    for under in ready.SERVERS:
        wagtail = ready.UNCACHED.format(under)
        results.at_least(f"cold article against Wagtail 8 uncached, {under}", ratio(cold, OURS, wagtail), 3)
    first, last = (results.median(growth.COLD_ARTICLE.format(size)) for size in (smallest, largest))
    results.at_most(f"growth of a cold article, {smallest:,} to {largest:,}", first and last and last / first, 1.1)
    for size, most in ((5_000, 10), (50_000, 15)):
        what = growth.COLD_LETTER.format(size)
        results.at_most(what, results.median(what), most, "ms")
    results.at_most("commit to visible on another process", results.median(growth.VISIBLE), 1, "s")
    results.at_most(ready.ACTS["publish"], results.median(ready.ACTS["publish"]), 150, "ms")
    results.at_most(f"{growth.START}, {largest:,} articles", results.median(growth.START), 2, "s")
    results.at_most(f"{growth.MEMORY}, {largest:,} articles", results.median(growth.MEMORY), 400, "MiB")
    results.at_most(f"{growth.ALL}, 1% writes, {largest:,} articles", results.median(growth.ALL), 50, "ms")
    results.at_most(growth.WRONG, results.median(growth.WRONG), 0, "errors")


if __name__ == "__main__":
    main()
