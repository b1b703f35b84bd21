"""The sample library: topics and articles in our own words, so that a new installation has something to read.

`articles/sample_library/` holds `topics.toml` (every topic), one text file an article, and `library.toml` (what each
article is about, and its tags). Articles go in through the same door as any other page.
"""

import tomllib
from datetime import datetime
from pathlib import Path

from django.db import transaction

from articles.importing.publishing import publish_imported
from articles.importing.storing import Imported, Outcome, import_page
from articles.models import Article, Topic
from articles.people import Person
from articles.revising import revision

FOLDER = Path(__file__).resolve().parent.parent / "sample_library"


def is_empty() -> bool:
    return not Article.objects.exists() and not Topic.objects.exists()


@transaction.atomic
def load(*, at: datetime) -> tuple[int, list[Imported]]:
    """Make the topics and articles that are missing, and publish the articles.

    What is there already stays as it is, with every change an editor made. Returns the number of new topics and what
    became of each article.
    """
    new_topics = sum(_load_topic(entry) for entry in _toml("topics.toml")["topic"])
    return new_topics, [_load_article(entry, at) for entry in _toml("library.toml")["article"]]


def _toml(name: str) -> dict:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _load_topic(entry: dict) -> bool:
    fields = {"definition": entry["definition"], "source": entry["source"], "is_sample": True}
    topic, made = Topic.objects.get_or_create(title=entry["title"], kind=entry["kind"], defaults=fields)
    if made:
        for name in entry["other_names"]:
            topic.other_names.create(name=name)
        for system, code in entry.get("codes", {}).items():
            topic.codes.create(system=topic.codes.model.System[system], code=code)
        topic.tags.set(entry["tags"])
    return made


def _load_article(entry: dict, at: datetime) -> Imported:
    name = entry["file"]
    imported = import_page((FOLDER / name).read_bytes(), name=name, at=at, is_sample=True)
    if imported.outcome == Outcome.MADE:
        article = imported.article
        with revision(article, version=article.version, at=at, by=Person(f"import of {name}")):
            article.about.set(Topic.objects.filter(title__in=entry["about"]))
            article.tags.set(entry["tags"])
        publish_imported(imported.article, at=at, source=name)
    return imported
