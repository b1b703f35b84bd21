"""Fills the library of DATABASE_URL with made-up articles and as many topics: `python -m tests.benchmarks.filling 5000`.

Past the verbs, which would take an hour for 50,000. Each article has ten related links.
"""

import random
import sys
from datetime import timedelta

from django.db import connection
from django.utils import timezone

import tests.benchmarks  # noqa: F401  (starts Django)
from articles.kinds import Kind
from articles.models import Article, Edition, Section, Topic
from articles.search import index
from articles.sorting import letter_of, sort_key
from tests.benchmarks.editions import an_edition

LINKS = 10
TEXT = f"<p>{'Most people feel better within days. ' * 80}</p>"


def main(number: int) -> None:
    chance = random.Random(number)  # the same library every time
    titles = [f"{chr(65 + place % 26)}ondition number {place}" for place in range(number)]
    topics = Topic.objects.bulk_create(
        (
            Topic(
                title=title,
                slug=f"condition-{place}",
                kind=Kind.CONDITION,
                definition="A made-up condition for measuring.",
                sort_key=sort_key(title),
                letter=letter_of(title),
            )
            for place, title in enumerate(titles)
        ),
        batch_size=500,
    )
    articles = Article.objects.bulk_create(
        (
            Article(title=f"Page number {place} about nausea", slug=f"page-{place}", kind=chance.choice(Kind.values))
            for place in range(number)
        ),
        batch_size=500,
    )
    Section.objects.bulk_create(
        (Section(article=article, position=1, body=TEXT) for article in articles), batch_size=500
    )
    named = [chance.sample(topics, min(LINKS, number)) for _ in articles]
    # A page that is some days old says another age tomorrow, and is made for each day; few pages of a library are so young.
    now = timezone.now()
    made = (
        an_edition(
            article,
            TEXT,
            at=now - timedelta(days=chance.randrange(400, 2_000)),
            links=[link(topic) for topic in topics],
        )
        for article, topics in zip(articles, named, strict=True)
    )
    editions = Edition.objects.bulk_create(made, batch_size=200)
    through = Edition.see_also.through
    through.objects.bulk_create(
        (
            through(edition_id=edition.pk, topic_id=topic.pk)
            for edition, links in zip(editions, named, strict=True)
            for topic in links
        ),
        batch_size=5_000,
    )
    for _ in index.rebuild():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def link(topic: Topic) -> dict:
    return {"label": topic.title, "kind": topic.kind, "topic": topic.pk, "article": None, "url": ""}


if __name__ == "__main__":
    main(int(sys.argv[1]))
