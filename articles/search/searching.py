"""Searching: from what somebody typed to the pages of one screen. Nothing of the query is kept."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.kinds import Kind
from articles.plain_words import key_of
from articles.search import full_text, showing, spelling
from articles.search.full_text import Found
from articles.search.language import DEFAULT, Language, language_of
from articles.search.marking import Marker
from articles.search.query import Part, Query, joined_pairs, query_of, runs, words_of
from articles.search.ranking import in_order
from articles.search.showing import Shown

PER_PAGE = 10
MAX_RESULTS = full_text.MOST_HOLDING  # nobody turns thirty pages
FEW = 3  # below, pages with some of the words are shown too
KEYWORDS = 3  # words of a question of which a page should hold every one; of a longer one each counts for itself
TELLING = 8  # parts of a question by which pages are looked for when none has all, and that are marked in a result
MEANINGS = 5  # that are added to one word


@dataclass(frozen=True)
class Hit:
    """One result. The texts are escaped, and found words stand in <mark>."""

    page: Shown
    names: SafeString  # the other names among which a word was found, or empty
    summary: SafeString
    snippet: SafeString  # of the text, or empty when no word was found there
    is_best_bet: bool

    @property
    def edition(self) -> Shown | None:
        """What an article says of its dates; a topic has none."""
        return self.page if self.page.article else None

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def kind(self) -> Kind:
        return Kind(self.page.kind)

    @property
    def url(self) -> str:
        return self.page.path


@dataclass
class Answer:
    """What was found, the best first; nothing but numbers until a page of it is asked for."""

    order: list[int] = field(default_factory=list)  # entries
    kind_of: dict[int, str] = field(default_factory=dict)
    best_bets: frozenset[int] = frozenset()
    also: list[str] = field(default_factory=list)  # what was looked for besides
    suggestion: str = ""  # the query with other words in place of misspelt ones
    marked: list[Part] = field(default_factory=list)  # the words that stand in <mark>
    language: Language = field(default_factory=lambda: language_of(DEFAULT))
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
        """A page of ten hits, of one kind or of all; the nearest there is when there is none of that number. One
        query."""
        entries = [entry for entry in self.order if not kind or self.kind_of[entry] == kind]
        page = Paginator(entries, PER_PAGE).get_page(number)
        page.object_list = self.hits(list(page.object_list))
        return page

    def hits(self, entries: list[int]) -> list[Hit]:
        """Those of the entries that patients may see: it asks once more (showing.py)."""
        shown = showing.entries(entries, at=self.at)
        marker = Marker(self.marked, self.language)
        return [self._hit(shown[entry], marker) for entry in entries if entry in shown]

    def _hit(self, page: Shown, marker: Marker) -> Hit:
        return Hit(
            page=page,
            names=marker.names(page.names),
            summary=marker.marked(page.summary),
            snippet=marker.snippet(page.body),
            is_best_bet=page.entry in self.best_bets,
        )


def search(query: str, *, at: datetime, language: str = "en") -> Answer:
    """Public pages for any text whatever. At most seven queries, and one for each page of the answer.

    First the pages that hold every word that counts, or what may stand for it; when they are fewer than three, or the
    question is a long one, also those that hold some of the words.
    """
    words, speech = words_of(query), language_of(language)
    if not words:
        return Answer()
    meanings, refused, best_bets = _curated(words, speech)
    asked = query_of(words, meanings, speech, refused)
    joined = joined_pairs(words, meanings, speech)
    sure = [replace(part, others=()) if part.is_guess else part for part in asked.parts]
    whole = [(word, False) for word in (*(word for part in sure for word, _ in part.leaves), *joined)]
    pages = defaultdict(int, full_text.pages_with(whole, speech))
    unknown = [part for part in asked.parts if part.is_guess or part.is_prefix]
    pages |= full_text.pages_with(
        [leaf for part in unknown for leaf in part.leaves if not pages[leaf[0], False]], speech
    )
    asked = replace(asked, parts=tuple(_as_known(part, pages) for part in asked.parts))
    meant = spelling.corrections(asked.parts, pages, language=language)
    asked = _corrected(asked, meant, pages)
    found = []
    if len(words) <= KEYWORDS and all(any(pages[leaf] for leaf in part.leaves) for part in asked.parts):
        found = full_text.holding(asked.parts, every=True, at=at, language=speech)
    with_all = frozenset(one.entry for one in found)
    if 0 < len(found) < FEW and not meant and not best_bets:
        meant = spelling.second_thoughts(asked.parts, found, language=speech, at=at)
        asked = _corrected(asked, meant, pages)
    with_joined = (*asked.parts, *(Part((word,)) for word in joined if pages[word, False]))
    if len(found) < FEW and (telling := _most_telling(with_joined, pages)):
        some = full_text.holding(telling, every=False, at=at, language=speech)
        found += [one for one in some if one.entry not in with_all]
    favoured = _entries_of(best_bets, at=at, language=language)
    order = in_order(
        found,
        with_all=with_all,
        parts=with_joined,
        pages=pages,
        language=speech,
        today=timezone.localdate(at),
    )
    order = list(dict.fromkeys([*favoured, *order]))
    return Answer(
        order=order[:MAX_RESULTS],
        kind_of={one.entry: one.kind for one in found} | favoured,
        best_bets=frozenset(favoured),
        also=list(dict.fromkeys(_meant_also(asked, meanings))),
        suggestion=_suggestion(asked, meant, found, speech),
        marked=_rarest(asked.parts, pages)[:TELLING],
        language=speech,
        at=at,
    )


def _curated(
    words: list[str], speech: Language
) -> tuple[dict[tuple[int, int], list[str]], set[str], list[tuple[str, int]]]:
    """What these words mean, by their place in the query, as the editors say or any doctor; the keys of what they do not
    mean; and the pages that editors want first.

    A negated row takes a meaning or a page away again: “breast cancer treatment” need not lead to “breast cancer”.
    One query.
    """
    places = defaultdict(list)
    for place, key in runs(words).items():
        places[key].append(place)
    meanings, refused, bets, refused_pages = defaultdict(list), set(), [], set()
    for row in _rows_of_editors(list(places)):
        if row["language"] != speech.code:
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
    for place, word in enumerate(words):
        if word in speech.plain:
            meanings[place, place + 1].append(speech.plain[word])
    for place, found in meanings.items():
        said = key_of(" ".join(words[slice(*place)]))
        meanings[place] = [each for each in found if key_of(each) not in {*refused, said}][:MEANINGS]
    best_bets = [page for _, page in sorted(bets, key=lambda bet: bet[0]) if page not in refused_pages]
    return {place: found for place, found in meanings.items() if found}, refused, list(dict.fromkeys(best_bets))


def _meant_also(asked: Query, meanings: dict[tuple[int, int], list[str]]) -> Iterator[str]:
    for run in meanings.values():
        yield from run
    for part in asked.parts:
        if part.is_guess:
            yield from (" ".join(other) for other in part.others)


def _rows_of_editors(keys: list[str]) -> list[dict]:
    """The synonyms and best bets for runs of words; of a best bet, `meaning` is empty. One query.

    In every language: SQLite would rather look for all rows of a language than for a few keys. In SQL, because the keys of
    a long message are two hundred, for each of which the ORM takes its time."""
    columns = ["key", "language", "is_exact", "is_negated", "sort", "meaning", "topic", "article", "id"]
    connection = full_text.index_connection()
    is_sqlite = connection.vendor == "sqlite"  # one parameter: several hundred take their time as well
    some = "IN (SELECT value FROM json_each(%(keys)s))" if is_sqlite else "= ANY(string_to_array(%(keys)s, '|'))"
    sql = f"""
        SELECT key, language, is_exact, is_negated, sort, meaning, NULL AS topic, NULL AS article, id
        FROM articles_synonym WHERE key {some}
        UNION ALL SELECT key, language, is_exact, is_negated, '', '', topic_id, article_id, id
        FROM articles_bestbet WHERE key {some}
        ORDER BY 5, 6, 9
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"keys": json.dumps(keys) if is_sqlite else "|".join(keys)})
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _entries_of(best_bets: list[tuple[str, int]], *, at: datetime, language: str) -> dict[int, str]:
    """The entries of the best bets, in their order, with their kinds. One query, and none without any."""
    shown = showing.pages(best_bets, at=at)
    favoured = [shown[page] for page in best_bets if page in shown]
    return {page.entry: page.kind for page in favoured if page.language == language}


def _rarest(parts: Iterable[Part], pages: dict[tuple[str, bool], int]) -> list[Part]:
    """The parts that some page has, those of the fewest pages first."""
    most = {part: max(pages[leaf] for leaf in part.leaves) for part in parts}
    return sorted((part for part in most if most[part]), key=most.get)


def _most_telling(parts: Iterable[Part], pages: dict[tuple[str, bool], int]) -> list[Part]:
    """The rarest parts, by which pages are looked for when none has all: as many as few enough pages have together."""
    rarest, together = [], 0
    for part in _rarest(parts, pages)[:TELLING]:
        together += sum(pages[leaf] for leaf in part.leaves)
        if rarest and together > full_text.MOST_HOLDING:
            break
        rarest.append(part)
    return rarest


def _as_known(part: Part, pages: dict[tuple[str, bool], int]) -> Part:
    """A last word that some page has is a whole one: "can" is no beginning of "cancer". And of a word that some page has nothing
    is guessed."""
    if part.is_guess and any(pages[word, False] or pages[word, part.is_prefix] for word in part.words):
        part = replace(part, others=(), is_guess=False)
    return replace(part, is_prefix=part.is_prefix and not pages[part.words[-1], False])


def _corrected(asked: Query, meant: dict[str, tuple[str, int]], pages: dict[tuple[str, bool], int]) -> Query:
    """With what was `meant` beside the words; how many names have it is added to `pages`."""
    pages |= {(right, False): named for right, named in meant.values()}
    return replace(asked, parts=tuple(_with_correction(part, meant) for part in asked.parts)) if meant else asked


def _with_correction(part: Part, meant: dict[str, tuple[str, int]]) -> Part:
    right, _ = meant.get(part.words[0], ("", 0))
    return replace(part, others=((right,),), is_guess=False) if right and len(part.words) == 1 else part


def _suggestion(asked: Query, meant: dict[str, tuple[str, int]], found: list[Found], speech: Language) -> str:
    """The query as it may have been meant; empty when none of the pages found is called by a corrected word.

    Words come from the names of all pages, also of those that are not public yet: only a found page can lend one.
    """
    if not meant:
        return ""
    called = {stem for one in found for stem in one.names.split()}
    right = {word: right for word, (right, _) in meant.items() if speech.stem(right) in called}
    return " ".join(right.get(word, word) for word in asked.words) if right else ""
