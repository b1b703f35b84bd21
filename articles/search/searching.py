"""Searching: from what somebody typed to the pages of one screen. Nothing of the query is kept."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Q, QuerySet, Value
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.kinds import Kind
from articles.models import Article, BestBet, Edition, SearchEntry, Synonym, Topic
from articles.plain_words import key_of, key_words, singular
from articles.search import full_text, spelling
from articles.search.full_text import CLOSE, OPEN, Found, Where
from articles.search.query import Part, Query, query_of, runs, words_of
from articles.search.ranking import Candidate, in_order

PER_PAGE = 10
MAX_RESULTS = 1_000  # nobody turns a hundred pages
RERANKED = 50  # the best of them are compared by their names
ENOUGH = 100  # pages whose title, names or summary answer: then their texts need not be read
FEW = 3  # below, pages with some of the words are shown too
MOST_AT_ONCE = 10  # parts of a question that one page may be asked to hold; a longer one is a message
TELLING = 6  # words of a long question by which pages are looked for when none has all
MEANINGS = 5  # that are added to one word
UNNAMED = 0.2  # how telling a word is that stands in no name; of two names it is 0.7, of a thousand 0.1


@dataclass(frozen=True)
class Hit:
    """One result. The texts are escaped, and found words stand in <mark>."""

    entry: SearchEntry
    names: SafeString  # the other names among which a word was found, or empty
    summary: SafeString
    snippet: SafeString  # of the text, or empty when no word was found there
    is_best_bet: bool

    @property
    def page(self) -> Article | Topic:
        return self.entry.topic or self.entry.article

    @property
    def edition(self) -> Edition | None:
        return self.entry.edition

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def kind(self) -> Kind:
        return Kind(self.entry.kind)

    @property
    def url(self) -> str:
        return self.page.get_absolute_url()


@dataclass
class Answer:
    """What was found, the best first; nothing but numbers until a page of it is asked for."""

    order: list[int] = field(default_factory=list)  # entries
    kind_of: dict[int, str] = field(default_factory=dict)
    best_bets: frozenset[int] = frozenset()
    also: list[str] = field(default_factory=list)  # what was looked for besides
    suggestion: str = ""  # the query with other words in place of misspelt ones
    marked: list[Part] = field(default_factory=list)  # the words that stand in <mark>
    entries: dict[int, SearchEntry] = field(default_factory=dict)  # of the best
    at: datetime | None = None

    def __len__(self):
        return len(self.order)

    @property
    def is_cut(self) -> bool:
        return len(self.order) >= MAX_RESULTS

    @cached_property
    def kinds(self) -> list[tuple[Kind, int]]:
        """How many of the results are of each kind, in the order of the kinds."""
        counts = Counter(self.kind_of[entry] for entry in self.order)
        return [(kind, counts[kind]) for kind in Kind if counts[kind]]

    def page(self, number=1, *, kind: str = "") -> Page:
        """A page of ten hits, of one kind or of all; the nearest there is when there is none of that number. One query,
        and one more behind the first fifty hits."""
        entries = [entry for entry in self.order if not kind or self.kind_of[entry] == kind]
        page = Paginator(entries, PER_PAGE).get_page(number)
        page.object_list = self.hits(list(page.object_list))
        return page

    def hits(self, entries: list[int]) -> list[Hit]:
        """A page that was withdrawn between two questions is left out."""
        rows = self.entries
        if not rows.keys() >= set(entries):
            rows = _public(Q(pk__in=entries), at=self.at).in_bulk()
        texts = full_text.marked(entries, self.marked)
        return [self._hit(rows[entry], texts.get(entry)) for entry in entries if entry in rows]

    def _hit(self, entry: SearchEntry, texts: tuple[str, str, str] | None) -> Hit:
        names, summary, snippet = texts or ("", entry.summary, "")
        found = [name for name in names.splitlines() if OPEN in name]
        return Hit(
            entry=entry,
            names=_marked("; ".join(found)),
            summary=_marked(summary),
            snippet=_marked(snippet) if OPEN in snippet else mark_safe(""),
            is_best_bet=entry.pk in self.best_bets,
        )


def _marked(text: str) -> SafeString:
    return mark_safe(escape(text).replace(OPEN, "<mark>").replace(CLOSE, "</mark>"))


def search(query: str, *, at: datetime, language: str = "en") -> Answer:
    """Public pages for any text whatever. At most seven queries, and one for each page of the answer.

    First the pages that hold every word that counts, or what may stand for it; when they are fewer than three, also
    those that hold some of the words, or words that may have been meant.
    """
    words = words_of(query)
    if not words:
        return Answer()
    meanings, best_bets = _curated(words, language)
    asked = query_of(words, meanings)
    found = _with_all(asked.parts, at=at) if len(asked.parts) <= MOST_AT_ONCE else []
    with_all = frozenset(one.entry for one in found)
    meant, weight, marked = {}, _equal, list(asked.parts)
    if len(found) < FEW:
        frequency = spelling.frequencies([word for part in marked for word in part.leaves])
        meant, weight = spelling.corrections(marked, frequency), _telling_by(frequency)
        marked = [_with_correction(part, meant) for part in marked]
        where = Where.HEAD if sum(frequency.values()) >= ENOUGH else Where.WHOLE
        some = full_text.ranked(_most_telling(marked, weight), every=False, where=where, at=at, limit=MAX_RESULTS)
        found = (found + [one for one in some if one.entry not in with_all])[:MAX_RESULTS]
    asked = replace(asked, parts=tuple(marked))
    entries, favoured = _visible(found[:RERANKED], best_bets, at=at)
    candidates = _candidates(found[:RERANKED], entries, with_all)
    order = in_order(candidates, asked=asked.as_asked(), weight=weight, today=timezone.localdate(at))
    order = list(dict.fromkeys([*favoured, *order, *(one.entry for one in found[RERANKED:])]))
    return Answer(
        order=order[:MAX_RESULTS],
        kind_of={one.entry: one.kind for one in found} | {entry: entries[entry].kind for entry in favoured},
        best_bets=frozenset(favoured),
        also=list(dict.fromkeys(meaning for run in meanings.values() for meaning in run)),
        suggestion=_suggestion(asked, meant, candidates),
        marked=marked,
        entries=entries,
        at=at,
    )


def _curated(words: list[str], language: str) -> tuple[dict[tuple[int, int], list[str]], list[tuple[str, int]]]:
    """What the editors say these words mean, by their place in the query, and the pages that they want first.

    A negated row takes a meaning or a page away again: “breast cancer treatment” need not lead to “breast cancer”.
    One query.
    """
    places = defaultdict(list)
    for place, key in runs(words).items():
        places[key].append(place)
    meanings, refused, bets, refused_pages = defaultdict(list), set(), [], set()
    for row in _rows_of_editors(list(places)):
        if row["language"] != language:
            continue
        standing = [place for place in places[row["key"]] if not row["is_exact"] or place == (0, len(words))]
        page = ("topic", row["topic"]) if row["topic"] else ("article", row["article"])
        if row["meaning"] and row["is_negated"]:
            refused.add(key_of(row["meaning"]))
        elif row["meaning"]:
            for place in standing:
                meanings[place].append(row["meaning"])
        elif row["is_negated"]:
            refused_pages.add(page)
        elif standing:
            bets.append((-len(row["key"].split()), page))  # the more words, the more they mean it
    for place, found in meanings.items():
        said = key_of(" ".join(words[slice(*place)]))
        meanings[place] = [each for each in found if key_of(each) not in {*refused, said}][:MEANINGS]
    best_bets = [page for _, page in sorted(bets, key=lambda bet: bet[0]) if page not in refused_pages]
    return {place: found for place, found in meanings.items() if found}, list(dict.fromkeys(best_bets))


def _rows_of_editors(keys: list[str]) -> QuerySet:
    """The synonyms and best bets for runs of words, as dictionaries; of a best bet, `meaning` is empty.

    In every language: SQLite would rather look for all rows of a language than for a few keys."""
    nothing = Value(None, output_field=BigIntegerField())
    columns = ["key", "language", "is_exact", "is_negated", "sort", "meaning", "topic", "article", "pk"]
    synonyms = Synonym.objects.filter(key__in=keys).annotate(topic=nothing, article=nothing)
    bets = BestBet.objects.filter(key__in=keys).annotate(sort=Value(""), meaning=Value(""))
    both = [rows.order_by().values(*columns) for rows in (synonyms, bets)]
    return both[0].union(both[1], all=True).order_by("sort", "meaning", "pk")


def _with_all(parts: Iterable[Part], *, at: datetime) -> list[Found]:
    """What is called so or says so at its top; and when that is not enough, what says so anywhere. Two queries at most."""
    found = full_text.ranked(parts, every=True, where=Where.HEAD, at=at, limit=MAX_RESULTS)
    if len(found) < ENOUGH:
        found = full_text.ranked(parts, every=True, where=Where.WHOLE, at=at, limit=MAX_RESULTS)
    return found


def _visible(
    found: list[Found], best_bets: list[tuple[str, int]], *, at: datetime
) -> tuple[dict[int, SearchEntry], list[int]]:
    """The rows of these entries, and the entries of the best bets. One query.

    It asks the editions and topics themselves whether they are public, so that no fault of the index can show a page
    that patients must not see.
    """
    wanted = Q(pk__in=[one.entry for one in found])
    for page, pk in best_bets:
        wanted |= Q(**{page: pk})
    entries = {entry.pk: entry for entry in _public(wanted, at=at)}
    by_page = {
        ("topic", entry.topic_id) if entry.topic_id else ("article", entry.article_id): pk
        for pk, entry in entries.items()
    }
    return entries, [by_page[page] for page in best_bets if page in by_page]


def _public(wanted: Q, *, at: datetime) -> QuerySet:
    """Those of the entries that may be shown, with what a result prints.

    The inner queries are about the same entries once more: else PostgreSQL first collects what is public at all.
    """
    entries = SearchEntry.objects.filter(wanted)
    live = Edition.objects.live(at=at).filter(pk__in=entries.values("edition"))
    topics = Topic.objects.not_withdrawn(at=at).filter(pk__in=entries.values("topic"))
    return (
        entries.filter(Q(edition__in=live) | Q(topic__in=topics))
        .select_related("article", "topic", "edition")
        .only(
            *("article", "edition", "topic", "kind", "title", "names", "summary"),
            *("article__slug", "article__next_review_on", "article__banner_after_days", "topic__slug"),
            *("edition__published_on", "edition__updated_on", "edition__is_sample", "edition__article"),
        )
    )


def _candidates(found: list[Found], entries: dict[int, SearchEntry], with_all: frozenset[int]) -> list[Candidate]:
    best = {
        every: max((one.score for one in found if (one.entry in with_all) is every), default=1)
        for every in (False, True)
    }
    return [
        Candidate(
            entry=one.entry,
            title=entry.title,
            names=tuple(entry.names.splitlines()),
            summary=entry.summary,
            holds_all=one.entry in with_all,
            score=one.score / (best[one.entry in with_all] or 1),
            next_review_on=entry.article and entry.article.next_review_on,
            banner_after_days=entry.article and entry.article.banner_after_days,
        )
        for one in found
        if (entry := entries.get(one.entry))
    ]


def _equal(word: str) -> float:
    return 1.0


def _telling_by(frequency: dict[str, int]) -> Callable[[str], float]:
    """The fewer pages have a word in their names, the more it tells; one that none has can only stand in texts."""
    weights = {word: 1 / math.log(2 + pages) if pages else UNNAMED for word, pages in frequency.items()}
    return lambda word: weights.get(word, UNNAMED)


def _most_telling(parts: list[Part], weight: Callable[[str], float]) -> list[Part]:
    """The parts by which pages are looked for when none holds all: a long message has too many words of no weight."""
    return sorted(parts, key=lambda part: -max(weight(singular(word)) for word in part.leaves))[:TELLING]


def _with_correction(part: Part, meant: dict[str, str]) -> Part:
    right = meant.get(part.words[0]) if len(part.words) == 1 else None
    return replace(part, others=(*part.others, (right,))) if right else part


def _suggestion(asked: Query, meant: dict[str, str], found: list[Candidate]) -> str:
    """The query as it may have been meant; empty when none of the pages found is called by a corrected word.

    Words come from the names of all pages, also of those that are not public yet: only a found page can lend one.
    """
    called = {word for one in found for name in (one.title, *one.names) for word in key_words(name)}
    meant = {word: right for word, right in meant.items() if singular(right) in called}
    return " ".join(meant.get(word, word) for word in asked.words) if meant else ""
