"""How good search is: queries with the page that should come first, and at which place it comes.

`success@1` is the share of queries whose page comes first, `success@5` of those whose page is among the first five.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from articles.importing.decoding import Finding
from articles.models import Article, Redirect, SavedQuery, SearchEntry, Topic
from articles.search import search

LOOKED_AT = 50  # results; what comes later nobody finds
MAX_QUERY = 500  # characters


class NotQueries(ValueError):
    """The file holds no queries; the message says why and what to do."""


@dataclass(frozen=True)
class Asked:
    """A query and the page that should come first. A topic is found as well by an article about it, and an article by
    a topic that it is about: both lead the patient there."""

    query: str
    expected: str  # its address, “/topics/mri/”
    place: int | None  # from 1; None: not among the results

    def is_among(self, first: int) -> bool:
        return self.place is not None and self.place <= first


@dataclass(frozen=True)
class Worse:
    asked: Asked
    before: int  # its place when it was checked last

    def __str__(self):
        now = f"now {self.asked.place}" if self.asked.place else "now not found"
        return f"“{self.asked.query}”: {self.asked.expected} was at place {self.before}, {now}"


def found(query: str, *, at: datetime, language: str) -> list[str]:
    """The addresses that search answers, best first: all that the measuring knows of the engine."""
    order = search(query, at=at, language=language).order[:LOOKED_AT]
    columns = ("pk", "topic__slug", "topic__language", "article__slug", "article__language")
    pages = {
        pk: Topic.path_of(topic, of_topic) if topic else Article.path_of(article, of_article)
        for pk, topic, of_topic, article, of_article in SearchEntry.objects.filter(pk__in=order).values_list(*columns)
    }
    return [pages[entry] for entry in order if entry in pages]


def ask(query: str, page: Topic | Article, *, at: datetime, language: str) -> Asked:
    good = {page.get_absolute_url(), *(twin.get_absolute_url() for twin in _twins(page))}
    answers = found(query, at=at, language=language)
    place = next((place for place, answer in enumerate(answers, start=1) if answer in good), None)
    return Asked(query, page.get_absolute_url(), place)


def _twins(page: Topic | Article) -> Iterable[Topic | Article]:
    return (page.articles_about if isinstance(page, Topic) else page.about).only("slug", "language")


def success(asked: list[Asked], first: int) -> float:
    """The share of queries whose page is among the first so many results; 0 without any query."""
    return sum(one.is_among(first) for one in asked) / len(asked) if asked else 0.0


def check_saved(*, at: datetime, progress: Callable = iter) -> tuple[list[Asked], list[Worse]]:
    """Ask every saved query, keep the place at which its page comes now, and say what got worse since the last time.

    Worse is a later place, or none where there was one. A query that is asked for the first time can't be worse.
    """
    saved = list(SavedQuery.objects.select_related("topic", "article"))
    asked, worse = [], []
    for query in progress(saved):
        now = ask(query.query, query.topic or query.article, at=at, language=query.language)
        asked.append(now)
        if query.last_place and not now.is_among(query.last_place):
            worse.append(Worse(now, query.last_place))
        query.last_place, query.checked_at = now.place, at
    SavedQuery.objects.bulk_update(saved, ["last_place", "checked_at"], batch_size=500)
    return asked, worse


def check_file(lines: Iterable[str], *, at: datetime, progress: Callable = iter) -> tuple[list[Asked], list[Finding]]:
    """Ask the queries of a table: on each line a query and, behind a tab, the address of the page that should come first.
    A query is asked in the language of its page.

    Returns what was asked, and the lines that can't be. Raises NotQueries when there is no line to ask.
    """
    asked, problems = [], []
    for number, line in enumerate(progress(list(lines)), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        query, _, address = (cell.strip() for cell in line.partition("\t"))
        page = page_at(address)
        if not query or len(query) > MAX_QUERY:
            problems.append(Finding(number, f"a query has between 1 and {MAX_QUERY} characters."))
        elif page is None:
            problems.append(Finding(number, f"no page has the address “{address[:100]}”. Write /topics/mri/, say."))
        else:
            asked.append(ask(query, page, at=at, language=page.language))
    if not asked and not problems:
        raise NotQueries("it holds no query. Write on each line a query, a tab and the address of a page.")
    return asked, problems


def page_at(address: str) -> Topic | Article | None:
    """The page of an address of this library, also of one that it had once; with or without the host."""
    path = "/" + re.sub(r"^https?://[^/]+", "", address).strip("/") + "/"
    for model in (Topic, Article):
        if model.address_in(path):
            if page := model.objects.at_path(path):
                return page
            moved = Redirect.objects.filter(path=path).select_related("topic", "article").first()
            return moved and moved.target
    return None
