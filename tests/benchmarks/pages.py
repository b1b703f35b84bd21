"""The pages of patients and the editors’ form, with the sample library and 5,000 more topics; then the import of 1,000 files."""

import os
import subprocess
import sys
import time
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from articles.kinds import Kind
from articles.models import Article, Topic
from articles.sorting import letter_of, sort_key
from tests.benchmarks import FOLDER, heading, prepare, record, row

PROJECT = Path(__file__).resolve().parents[2]
ARTICLE = "/articles/palliative-care-for-metastatic-breast-cancer/"
MORE_TOPICS = 5_000
PAGES = 1_000


def main() -> None:
    prepare()
    call_command("load_sample_library", stdout=open(os.devnull, "w"))  # noqa: SIM115
    add_topics()
    heading()
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
        name = f"{name}: {PAGES:,} pages of 99 links"
        print(f"{name:<54}{seconds:>10.1f} s")
        record(name, "s", seconds)


if __name__ == "__main__":
    main()
