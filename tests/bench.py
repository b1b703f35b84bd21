"""`make bench`: what a page costs, in milliseconds of this machine. Times are for comparing, never for a test.

Each row is measured in this process, through Django's whole handler, without a network: the median of many calls,
with the fastest and the slowest. The database is a SQLite file with the sample library and 5,000 more topics.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="library-bench-"))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "library.settings",
    "DATA_DIR": str(FOLDER),
    "DATABASE_URL": f"sqlite:///{FOLDER}/library.sqlite3",
    "HTTPS": "false",
}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402

from articles.kinds import Kind  # noqa: E402
from articles.models import Article, Topic  # noqa: E402
from articles.sorting import letter_of, sort_key  # noqa: E402

PROJECT = Path(__file__).resolve().parent.parent
ARTICLE = "/articles/palliative-care-for-metastatic-breast-cancer/"
MORE_TOPICS = 5_000
PAGES = 1_000


def main() -> None:
    import logging

    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    call_command("load_sample_library", stdout=open(os.devnull, "w"))  # noqa: SIM115
    call_command("collectstatic", interactive=False, verbosity=0)
    add_topics()
    print(f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, SQLite\n")
    print(f"{'what':<46}{'queries':>8}{'median':>10}{'fastest':>10}{'slowest':>10}   (ms)")
    reader = Client(headers={"host": "localhost"})
    for name, address in [
        ("article, 99 related links", ARTICLE),
        ("article, all links in one list", f"{ARTICLE}see-also/"),
        ("topic", "/topics/mri/"),
        (f"A to Z, {MORE_TOPICS + 99:,} topics", "/topics/?letter=M"),
        ("kind", "/kinds/test/"),
        ("home", "/"),
        ("search", "/search/?q=breast+scan"),
        ("missing page", "/articles/paliative-care/"),
    ]:
        row(name, lambda address=address: reader.get(address))
    editor = Client(headers={"host": "localhost"})
    editor.force_login(get_user_model().objects.create_superuser("bench"))
    article = Article.objects.get(slug=ARTICLE.split("/")[2])
    row("admin: edit the article with 99 links", lambda: editor.get(f"/admin/articles/article/{article.pk}/change/"))
    row("admin: list of articles", lambda: editor.get("/admin/articles/article/"))
    bench_import()


def row(name: str, call, repeat: int = 50) -> None:
    settings.DEBUG = True  # counts queries
    reset_queries()
    call()
    queries = len(connection.queries)
    settings.DEBUG = False
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    print(f"{name:<46}{queries:>8}{statistics.median(times):>10.1f}{min(times):>10.1f}{max(times):>10.1f}")


def add_topics() -> None:
    titles = [f"{chr(65 + number % 26)}ondition number {number}" for number in range(MORE_TOPICS)]
    Topic.objects.bulk_create(
        Topic(
            title=title,
            slug=f"condition-{number}",
            kind=Kind.CONDITION,
            definition="A made-up condition for measuring.",
            sort_key=sort_key(title),
            letter=letter_of(title),
        )
        for number, title in enumerate(titles)
    )


def bench_import() -> None:
    """The command itself, as a process of its own: 1,000 files of the sample article's length with 99 links each."""
    sample = (PROJECT / f"articles/sample_library/{ARTICLE.split('/')[2]}.txt").read_text(encoding="utf-8")
    files = []
    for number in range(PAGES):
        path = FOLDER / f"page-{number:04}.txt"
        path.write_text(sample.replace("Palliative care for", f"Page {number} about", 1), encoding="utf-8")
        files.append(str(path))
    for name, extra in [
        ("import", []),
        ("import again, nothing changed", []),
        ("publish what was imported", ["--publish"]),
    ]:
        command = [sys.executable, "manage.py", "import_page", *extra, *files]
        started = time.perf_counter()
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        print(f"{name + f': {PAGES:,} pages of 99 links':<54}{seconds:>10.1f} s")


if __name__ == "__main__":
    main()
