"""Words of titles and other names that somebody may have meant by a word that no page has. The same on both databases."""

from datetime import datetime

from django.db import connection

from articles.plain_words import plain_words
from articles.search import showing
from articles.search.full_text import Found, index_connection
from articles.search.language import Language
from articles.search.query import Part
from articles.search.text import edges

SHORTEST = 4  # letters; below, another word is as near as the one that was meant
MAX_WRONG = 3  # words of one query that are corrected
FEW_SLIPS, MANY_SLIPS = 1, 2  # in a word of up to SHORT letters, and in a longer one
SHORT = 6
_ALIKE = (
    "SELECT word, count(*) FROM articles_searchword WHERE language = %s AND {column} = %s AND length(word) BETWEEN %s AND %s "
    "GROUP BY word"
)


def corrections(parts: list[Part], pages: dict[tuple[str, bool], int], *, language: str) -> dict[str, tuple[str, int]]:
    """What was meant by words that stand in none of the `pages`, and how many names have it.

    One query, and none when there are no such words.
    """
    unknown = [
        word
        for part in parts
        if not part.others or part.is_guess
        for word, is_prefix in part.leaves[: len(part.words)]
        if len(word) >= SHORTEST and word.isalpha() and not pages[word, is_prefix]
    ][:MAX_WRONG]
    return _meant_by({word: FEW_SLIPS if len(word) <= SHORT else MANY_SLIPS for word in unknown}, language)


def second_thoughts(
    parts: list[Part], found: list[Found], *, language: Language, at: datetime
) -> dict[str, tuple[str, int]]:
    """The same of longer words that were found by their stem alone, as "migrane" finds erythema migrans: the few pages found
    are not called so, and none of their texts, as far as a snippet reads, has the word itself. One slip explains it.

    Two queries, and none when the pages are called by all words, or when some word is guessed, which asked for near ones before.
    """
    if any(part.is_guess for part in parts):
        return {}
    called = {stem for one in found for stem in one.names.split()}
    words = {part.words[0] for part in parts if len(part.words) == 1 and not part.others and not part.is_prefix}
    words = {word for word in words if len(word) > SHORT and word.isalpha() and language.stem(word) not in called}
    if not words:
        return {}
    for page in showing.entries([one.entry for one in found], at=at).values():
        words -= set(plain_words(f"{page.summary} {page.body}"))
    return _meant_by(dict.fromkeys(sorted(words)[:MAX_WRONG], FEW_SLIPS), language.code)


def _meant_by(most: dict[str, int], language: str) -> dict[str, tuple[str, int]]:
    """What each word may mean, by at most so many slips. One query, and none without words."""
    if not most:
        return {}
    near = _words_near(most, language)
    meant = {word: _nearest(word, near, slips) for word, slips in most.items()}
    return {word: (right, near[right]) for word, right in meant.items() if right}


def _words_near(most: dict[str, int], language: str) -> dict[str, int]:
    """Words with the number of pages that have them: those of about the length that begin alike or end alike,
    for a slip seldom spoils both. In SQL, because the ORM takes as long to write it as the database to answer."""
    alike, asked = [], []
    for word, slips in most.items():
        for column, letters in edges(word).items():
            alike.append(_ALIKE.format(column=connection.ops.quote_name(column)))
            asked += [language, letters, len(word) - slips, len(word) + slips]
    with index_connection().cursor() as cursor:
        cursor.execute(" UNION ".join(alike), asked)
        return dict(cursor.fetchall())


def _nearest(word: str, near: dict[str, int], most: int) -> str:
    """The word with the fewest slips, at most `most`; among equals one that begins alike, then the more frequent. Empty when
    none is near."""
    letters = set(word)
    of_length = (known for known in near if abs(len(known) - len(word)) <= most)
    found = []
    for different, known in sorted((len(letters.symmetric_difference(known)), known) for known in of_length):
        if different > 2 * most:
            break
        if (slips := distance(word, known, most)) <= most:
            most = slips  # one with more of them is no longer wanted
            found.append((slips, known[0] != word[0], -near[known], known))
    return min(found)[-1] if found else ""


def distance(one: str, other: str, most: int) -> int:
    """How many letters are missing, too many, wrong or swapped with a neighbour (optimal string alignment: Boytsov,
    Indexing methods for approximate dictionary searching, 2011); `most` + 1 as soon as it is more than that."""
    alike = _alike(one, other)
    one, other = one[alike:], other[alike:]
    alike = _alike(one[::-1], other[::-1])
    one, other = one[: len(one) - alike], other[: len(other) - alike]
    before, last = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, against in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not before or min(last) > most):
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
