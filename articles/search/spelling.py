"""Words of titles and other names that somebody may have meant, when little is found. The same on both databases."""

from django.db.models import Count, Q
from django.db.models.functions import Length

from articles.models import SearchWord
from articles.plain_words import singular
from articles.search.query import Part

SHORTEST = 4  # letters; below, another word is as near as the one that was meant
MAX_WRONG = 3  # words of one query that are corrected
FEW_SLIPS, MANY_SLIPS = 1, 2  # in a word of up to SHORT letters, and in a longer one
SHORT = 6


def frequencies(words: list[str]) -> dict[str, int]:
    """In how many titles and other names the words stand, by their singular; 0 for those that stand in none. One query."""
    forms = {form for word in words for form in (word, singular(word), f"{word}s", f"{word}es")}
    known = SearchWord.objects.filter(first__in={form[0] for form in forms}, word__in=forms)
    frequency = dict.fromkeys(map(singular, words), 0)
    for word, pages in known.order_by().values_list("word").annotate(pages=Count("pk")):
        frequency[singular(word)] = frequency.get(singular(word), 0) + pages
    return frequency


def corrections(parts: list[Part], frequency: dict[str, int]) -> dict[str, str]:
    """What was meant by words that no title and no other name has. One query, and none when there are no such words."""
    unknown = [
        (word, part.is_prefix)
        for part in parts
        if not part.others
        for word in part.words
        if len(word) >= SHORTEST and word.isalpha() and not frequency[singular(word)]
    ][:MAX_WRONG]
    if not unknown:
        return {}
    near = _words_near([word for word, _ in unknown])
    meant = {
        word: _nearest(word, near)
        for word, may_go_on in unknown
        if not (may_go_on and any(known.startswith(word) for known in near))  # the beginning of a word is no slip
    }
    return {word: right for word, right in meant.items() if right}


def _words_near(words: list[str]) -> dict[str, int]:
    """Words with the number of pages that have them. A slip seldom changes the first letter; when it does, the letter is
    mostly missing ("neumonia")."""
    letters = {word[0] for word in words}
    lengths = [len(word) for word in words]
    near = SearchWord.objects.filter(Q(first__in=letters) | Q(second__in=letters))
    near = near.annotate(length=Length("word"))
    near = near.filter(length__range=(min(lengths) - MANY_SLIPS, max(lengths) + MANY_SLIPS))
    return dict(near.order_by().values_list("word").annotate(pages=Count("pk")))


def _nearest(word: str, near: dict[str, int]) -> str:
    """The word with the fewest slips; among equals one that begins alike, then the more frequent. Empty when none is near."""
    most = FEW_SLIPS if len(word) <= SHORT else MANY_SLIPS
    letters = set(word)
    found = [
        (slips, known[0] != word[0], -pages, known)
        for known, pages in near.items()
        if abs(len(known) - len(word)) <= most
        and len(letters.symmetric_difference(known)) <= 2 * most
        and (slips := distance(word, known, most)) <= most
    ]
    return min(found)[-1] if found else ""


def distance(one: str, other: str, most: int) -> int:
    """How many letters are missing, too many, wrong or swapped with a neighbour (optimal string alignment: Boytsov,
    Indexing methods for approximate dictionary searching, 2011); `most` + 1 as soon as it is more than that."""
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
