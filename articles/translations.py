"""A page in the languages in which patients can read it, and whether a translation lags behind its original."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from articles import languages
from articles.models import Article, Edition, Topic
from articles.models.edition import CHANGED_ON
from library.prepared import prepared


@dataclass(frozen=True)
class Version:
    """The page in one language. `changed_on` is the day of its last change of meaning; None for a topic, which has no
    editions."""

    language: str
    path: str
    is_original: bool
    changed_on: date | None = None

    @property
    def own_name(self) -> str:
        return dict(languages.choices())[self.language]


@dataclass(frozen=True)
class Lag:
    """A translation is older than its original."""

    translated_on: date
    original: Version


def key(page: Article | Topic) -> str:
    """What a page depends on that names its versions (articles/changes.py)."""
    return f"translations:{page._meta.model_name}:{page.translation_of_id or page.pk}"


def versions(page: Article | Topic, *, at: datetime) -> list[Version]:
    """The page and its translations that are public at that moment, in the order of the languages. One query."""
    original = page.translation_of_id or page.pk
    ask = _of_topics if isinstance(page, Topic) else _of_articles
    return _by_original(type(page), ask(original=original, at=at)).get(original, [])


def translated(model: type[Article | Topic], *, of: QuerySet, at: datetime) -> dict[int, list[Version]]:
    """The same for many pages, by the id of the original; those that are in one language alone are left out. One query."""
    in_several = model.objects.filter(translation_of__isnull=False).values("translation_of")
    originals = of.annotate(original=Coalesce("translation_of", "pk")).filter(original__in=in_several)
    found = _by_original(model, _rows(model, originals.order_by().values("original"), at=at))
    return {original: own for original, own in found.items() if len(own) > 1}


def _rows(model: type[Article | Topic], originals, *, at: datetime) -> QuerySet:
    """Language, slug, id, that of the original if it is another, and the day of the last change of meaning."""
    of_pages = Q(pk__in=originals) | Q(translation_of__in=originals)
    if model is Topic:
        rows = Topic.objects.not_withdrawn(at=at).filter(of_pages).annotate(day=Value(None, output_field=DateField()))
        return rows.order_by().values_list("language", "slug", "pk", "translation_of", "day")
    # The articles first, by an index each: asked of both tables at once, a database looks through every edition.
    articles = Article.objects.filter(of_pages).order_by().values("pk")
    live = Edition.objects.live(at=at).filter(article__in=articles).annotate(day=CHANGED_ON)
    return live.order_by().values_list("language", "article__slug", "article", "article__translation_of", "day")


@prepared
def _of_articles(*, original: int, at: datetime) -> QuerySet:
    return _rows(Article, [original], at=at)


@prepared
def _of_topics(*, original: int, at: datetime) -> QuerySet:
    return _rows(Topic, [original], at=at)


def _by_original(model: type[Article | Topic], rows: Iterable[tuple]) -> dict[int, list[Version]]:
    order = [code for code, _ in languages.choices()]
    found = defaultdict(list)
    for language, slug, pk, original, day in sorted(rows, key=lambda row: order.index(row[0])):
        found[original or pk].append(Version(language, model.path_of(slug, language), original is None, day))
    return found


def lag(own: list[Version], language: str) -> Lag | None:
    """Whether the version of that language is a translation whose original changed in meaning on a later day. An original
    that patients can't read now is compared with nothing."""
    original = next((version for version in own if version.is_original), None)
    this = next((version for version in own if version.language == language), None)
    if original is None or this is None or this is original or original.changed_on <= this.changed_on:
        return None
    return Lag(this.changed_on, original)


def homes() -> list[Version]:
    """The home of every language."""
    codes = [code for code, _ in languages.choices()]
    return [Version(code, f"{languages.prefix_of(code)}/", code == languages.DEFAULT) for code in codes]


def links(own: list[Version], site: str) -> list[tuple[str, str]]:
    """For each `rel="alternate"` of a page its hreflang and its whole address, with that for readers of any other language;
    none for a page in one language. `site` is scheme and host."""
    if len(own) < 2:
        return []
    default = next((version for version in own if version.is_original), own[0])
    return [(version.language, site + version.path) for version in own] + [("x-default", site + default.path)]
