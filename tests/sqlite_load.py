"""One process of the load on SQLite: `python -m tests.sqlite_load BEGIN SECONDS write|read`, and prints how many acts it did.

A writer saves an article as an editor does, in one transaction with its revision; readers are four threads at pages.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from articles.models import Article  # noqa: E402
from articles.people import Person  # noqa: E402
from articles.publishing import publish  # noqa: E402

PAGES = [
    "/articles/palliative-care-for-metastatic-breast-cancer/",
    "/topics/mri/",
    "/topics/?letter=M",
    "/search/?q=scan",
]


def write(until: float) -> int:
    done = 0
    while time.time() < until:
        with transaction.atomic():
            article = Article.objects.select_for_update().order_by("?").first()
            article.deck = f"Saved by {os.getpid()} for the {done}. time."
            article.save(update_fields=["deck"])
            publish(
                article,
                at=timezone.now(),
                by=Person("Ana Ruiz"),
                bypass_reason="Under load.",
                change="minor",
                note="Load.",
            )
        done += 1
    return done


def read(until: float) -> int:
    client, done = Client(headers={"host": "localhost"}), 0
    try:
        while time.time() < until:
            answer = client.get(PAGES[done % len(PAGES)])
            assert answer.status_code == 200, answer
            done += 1
    finally:
        connection.close()
    return done


def main(begin: str, seconds: str, role: str) -> None:
    time.sleep(max(0.0, float(begin) - time.time()))
    until = time.time() + float(seconds)
    if role == "write":
        print(write(until))
        return
    with ThreadPoolExecutor(4) as threads:
        print(sum(threads.map(read, [until] * 4)))


if __name__ == "__main__":
    main(*sys.argv[1:])
