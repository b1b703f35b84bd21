"""The sample library: topics and articles in our own words, so that a new installation has something to read.

`articles/sample_library/` holds `topics.toml` (every topic), one text file an article, and `library.toml` (what each
article is about, and its tags). A folder beside them, such as `es/`, holds the same in another language, with what each page
translates and the names of tags. Articles go in through the same door as any other page. With them come the everyday words
that search knows (`articles/search/everyday_words_en.tsv`), as synonyms that editors may change.
"""

import tomllib
from datetime import datetime
from pathlib import Path

from django.db import transaction

from articles import languages
from articles.importing.publishing import publish_imported
from articles.importing.storing import Imported, Outcome, import_page
from articles.importing.synonyms import import_synonyms
from articles.models import Article, Synonym, Tag, Topic
from articles.people import Person
from articles.revising import revision

FOLDER = Path(__file__).resolve().parent.parent / "sample_library"
EVERYDAY_WORDS = FOLDER.parent / "search/everyday_words_en.tsv"


def is_empty() -> bool:
    return not Article.objects.exists() and not Topic.objects.exists()


@transaction.atomic
def load(*, at: datetime) -> tuple[int, list[Imported]]:
    """Make the topics, articles and everyday words that are missing, and publish the articles.

    What is there already stays as it is, with every change an editor made. Returns the number of new topics and what
    became of each article.
    """
    with EVERYDAY_WORDS.open("rb") as words:
        import_synonyms(words, source="Health Library", sort=Synonym.Sort.LAY_TERM)
    new_topics, imported = 0, []
    for language, _ in languages.choices():  # the default, whose pages the others translate, is the first
        folder = "" if language == languages.DEFAULT else f"{language}/"
        new_topics += sum(_load_topic(entry, language) for entry in _toml(f"{folder}topics.toml")["topic"])
        library = _toml(f"{folder}library.toml")
        for name, local in library.get("tag_names", {}).items():
            Tag.objects.filter(name=name, **{f"name_{language}": ""}).update(**{f"name_{language}": local})
        imported += [_load_article(entry, folder, language, at) for entry in library["article"]]
    return new_topics, imported


def _toml(name: str) -> dict:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _original(model: type[Article | Topic], entry: dict, language: str) -> Article | Topic | None:
    """What the page translates; None when that has a translation already, such as an editor's."""
    original = model.objects.at_short_address(entry.get("translation_of", ""))
    is_translated = original is not None and original.translations.filter(language=language).exists()
    return None if is_translated else original


def _load_topic(entry: dict, language: str) -> bool:
    named = {"language": language, "title": entry["title"], "kind": entry["kind"]}
    if Topic.objects.filter(**named).exists():
        return False
    fields = {"definition": entry["definition"], "source": entry["source"], "is_sample": True}
    topic = Topic.objects.create(**named, **fields, translation_of=_original(Topic, entry, language))
    for name in entry["other_names"]:
        topic.other_names.create(name=name)
    for system, code in entry.get("codes", {}).items():
        topic.codes.create(system=topic.codes.model.System[system], code=code)
    topic.tags.set(entry["tags"])
    return True


def _load_article(entry: dict, folder: str, language: str, at: datetime) -> Imported:
    name = entry["file"]
    of = {"language": language, "translation_of": _original(Article, entry, language)}
    imported = import_page((FOLDER / folder / name).read_bytes(), name=name, at=at, is_sample=True, **of)
    if imported.outcome == Outcome.MADE:
        article = imported.article
        with revision(article, version=article.version, at=at, by=Person(f"import of {name}")):
            article.about.set(Topic.objects.filter(language=language, title__in=entry["about"]))
            article.tags.set(entry["tags"])
        publish_imported(imported.article, at=at, source=name)
    return imported
