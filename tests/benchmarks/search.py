"""Search over 50,000 pages of made-up words with the frequencies of a language: what a query and its page of results cost.

Two thirds are topics of a name, two other names and a definition; a third are articles of 300 words.
"""

import random
import statistics
import time
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from articles.kinds import Kind
from articles.models import Article, Edition, OtherName, SearchEntry, Synonym, Topic
from articles.search import index, search
from articles.sorting import letter_of, sort_key
from tests.benchmarks import prepare, record
from tests.benchmarks.editions import an_edition

TOPICS, ARTICLES, SYNONYMS = 33_000, 17_000, 14_000
WORDS = 12_000  # different ones
QUERIES = 400
STARTS = "b br c ch cl d dr f fl g gl h j k l m n p pl pr qu r s sc sh st t th tr v w"
MIDDLES = "a e i o u ai ea oi ou io"
ENDS = ["n", "r", "l", "s", "sis", "tion", "ma", "tic", "nal", "x", "t", "m", "ck", "rn"]


def main() -> None:
    prepare()
    chance = random.Random(1)  # the same library every time
    words = made_up_words(chance)
    # The law of Zipf and Mandelbrot; the fifty most frequent words of a language are left out when search asks anyway.
    often = [1 / (rank + 50) for rank in range(1, WORDS + 1)]

    def said(number: int) -> str:
        return " ".join(chance.choices(words, often, k=number))

    def called() -> str:
        return " ".join(chance.choices(words[50:], k=chance.choice([1, 2, 2, 3]))).capitalize()

    titles = fill(chance, said, called)
    started = time.perf_counter()
    *_, pages = index.rebuild()
    print(f"The index of {pages:,} pages: {time.perf_counter() - started:.0f} s, {SearchEntry.objects.count():,} rows")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM ANALYZE")  # a library that has run for a day has been analysed by the autovacuum
    at = timezone.now()
    for name, asked in {
        "a name": lambda: chance.choice(titles),
        "a name, its last word begun": lambda: chance.choice(titles)[:-2],
        "two words": lambda: " ".join(chance.choices(words, often, k=2)),
        "the most frequent words": lambda: chance.choice(words[:20]),
        "a slip in a name": lambda: misspelt(chance, chance.choice(titles)),
        "a message of 40 words": lambda: f"{said(38)} {chance.choice(titles)}",
    }.items():
        measure(name, [asked() for _ in range(QUERIES)], at=at)


def measure(name: str, queries: list[str], *, at) -> None:
    """Milliseconds by the clock, which a busy machine spoils, and of the processors: this process and the database's."""
    for query in queries[:5]:
        search(query, at=at).page(1)
    times, worked = [], []
    for query in queries:
        started, spent = time.perf_counter(), processor_seconds()
        search(query, at=at).page(1)
        times.append((time.perf_counter() - started) * 1000)
        worked.append((processor_seconds() - spent) * 1000)
    told = [
        f"{of:<10}p50 {statistics.median(values):>6.1f}   p95 {statistics.quantiles(values, n=20)[-1]:>6.1f}"
        for of, values in (("clock", times), ("processor", worked))
    ]
    p95 = statistics.quantiles(times, n=20)[-1]
    record(f"search: {name}, p50 and p95", "ms", statistics.median(times), min(times), p95)
    print(f"{name:<32}{'   '.join(told)}   ms", flush=True)


def processor_seconds() -> float:
    """Of this process and, on PostgreSQL, of the server process that answers it; the server is on this machine."""
    own = time.process_time()
    if connection.vendor == "sqlite":
        return own
    pid = connection.connection.info.backend_pid
    return own + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def made_up_words(chance: random.Random) -> list[str]:
    words = {}
    while len(words) < WORDS:
        syllables = "".join(
            chance.choice(STARTS.split()) + chance.choice(MIDDLES.split()) for _ in range(chance.choice([1, 2, 2, 3]))
        )
        words[syllables + chance.choice(ENDS)] = None
    return list(words)


def misspelt(chance: random.Random, title: str) -> str:
    place = chance.randrange(1, len(title))
    return title[:place] + chance.choice("aeiou") + title[place + 1 :]


def fill(chance: random.Random, said, called) -> list[str]:
    """Past the verbs, which would take minutes; the index is made afterwards."""
    now = timezone.now() - timedelta(days=1)
    titles = [called() for _ in range(TOPICS + ARTICLES)]
    topics = Topic.objects.bulk_create(
        (
            Topic(
                title=title,
                slug=f"topic-{number}",
                kind=chance.choice(Kind.values),
                definition=said(25)[:300],
                sort_key=sort_key(title),
                letter=letter_of(title),
            )
            for number, title in enumerate(titles[:TOPICS])
        ),
        batch_size=90,
    )
    names = ((topic, f"{called()} {number}") for topic in topics for number in range(2))
    OtherName.objects.bulk_create(
        (OtherName(topic=topic, name=name, sort_key=sort_key(name), letter=letter_of(name)) for topic, name in names),
        batch_size=200,
    )
    articles = Article.objects.bulk_create(
        (
            Article(title=title, slug=f"page-{number}", kind=chance.choice(Kind.values), deck=said(15)[:300])
            for number, title in enumerate(titles[TOPICS:])
        ),
        batch_size=40,
    )
    editions = (an_edition(article, f"<p>{said(300)}</p>", at=now) for article in articles)
    Edition.objects.bulk_create(editions, batch_size=40)
    synonyms = {called(): called() for _ in range(SYNONYMS)}
    Synonym.objects.bulk_create(
        (Synonym(words=words, meaning=meaning, sort=Synonym.Sort.LAY_TERM) for words, meaning in synonyms.items()),
        batch_size=90,
    )
    return titles


if __name__ == "__main__":
    main()
