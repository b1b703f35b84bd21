"""What editors do, in a process of its own over the library of DATABASE_URL:

python -m tests.benchmarks.editing acts       how long the form and the publication of the article with 99 links take
python -m tests.benchmarks.editing publish    publishes it once, and says when its transaction was committed
python -m tests.benchmarks.editing mixed PORT SECONDS PAGES    reads a hundred times and publishes once, over and over
"""

import http.client
import json
import random
import sys
import time

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from articles.models import Article
from articles.people import Person
from articles.publishing import publish
from tests.benchmarks import milliseconds

SLUG = "palliative-care-for-metastatic-breast-cancer"
BY = Person("make bench")
READS = 99  # to one publication


def republish(slug: str, deck: str) -> None:
    article = Article.objects.get(slug=slug)
    article.deck = deck
    article.save(update_fields=["deck"])
    publish(article, at=timezone.now(), by=BY, change="minor", note="Measured.", bypass_reason="Measured.")


def acts() -> dict:
    article = Article.objects.get(slug=SLUG)
    editor = Client(headers={"host": "127.0.0.1"})
    editor.force_login(get_user_model().objects.get(username="admin"))
    address = f"/admin/articles/article/{article.pk}/change/"
    return {
        "edit": milliseconds(lambda: editor.get(address), repeat=20),
        "publish": milliseconds(lambda: republish(SLUG, f"Published at {time.time()}."), repeat=20),
    }


def publish_once() -> dict:
    deck = f"Published at {time.time()}."
    began = time.perf_counter()
    republish(SLUG, deck)
    return {"deck": deck, "committed_at": time.time(), "ms": (time.perf_counter() - began) * 1000}


def mixed(port: str, seconds: str, pages: str) -> dict:
    chance = random.Random()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    done = {"reads": [], "writes": [], "errors": 0}
    somewhere = f"page-{chance.randrange(int(pages))}"  # others publish at the same moment
    republish(somewhere, "The connection to the database is made before the clock runs.")
    until = time.time() + float(seconds)
    while time.time() < until:
        for _ in range(READS):
            began = time.perf_counter()
            try:
                connection.request("GET", f"/articles/page-{chance.randrange(int(pages))}/")
                answer = connection.getresponse()
                answer.read()
                done["errors"] += answer.status != 200
            except (OSError, http.client.HTTPException):
                connection.close()
                done["errors"] += 1
            done["reads"].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        republish(f"page-{chance.randrange(int(pages))}", f"Published at {time.time()}.")
        done["writes"].append((time.perf_counter() - began) * 1000)
    return done


if __name__ == "__main__":
    what = {"acts": acts, "publish": publish_once, "mixed": mixed}[sys.argv[1]]
    print(json.dumps(what(*sys.argv[2:])), flush=True)
