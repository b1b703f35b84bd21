"""A table of words that mean the same, from another vocabulary, kept with the credit that it asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from django.db import transaction

from articles.importing.decoding import CONTROL, INVISIBLE, Finding
from articles.models import Synonym
from articles.plain_words import key_of

COLUMNS = {"focus": "meaning", "term": "meaning", "synonym": "words", "also_called": "words", "source": "source"}
BATCH = 1000  # rows
MAX_ROWS = 1_000_000  # each costs about 70 bytes of memory, for the search for duplicates
MAX_LINE = 10_000  # bytes; a longer line is no row
MAX_LENGTH = 200  # characters of the words and of what they mean
MAX_SOURCE = 200


class NotSynonyms(ValueError):
    """The file is no table of synonyms; the message says why and what to do."""


@dataclass
class Outcome:
    """What became of the rows of a file. `problems` are those that were kept out, one for each line."""

    made: int = 0
    known: int = 0  # in the library already, or twice in the file
    of_themselves: int = 0  # words that mean themselves
    problems: list[Finding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.made + self.known + self.of_themselves + len(self.problems)


@transaction.atomic
def import_synonyms(
    file: BinaryIO,
    *,
    source: str,
    sort: str,
    is_exact: bool = False,
    language: str = "en",
    progress: Callable = iter,
) -> Outcome:
    """Keep each row of the file as a synonym of that sort, all of them or none.

    The first line names the columns, parted by tabs: `focus` and `synonym`, or `term` and `also_called`; a column `source`
    is kept behind the credit, which is `source`. Case, accents, punctuation and the s of a plural make no other
    words (articles/plain_words.py): such a row is known.
    `is_exact` makes them count only when nothing else is asked. `progress` is laid around the batches. Raises NotSynonyms.
    """
    outcome = Outcome()
    lines = _lines(file, outcome)
    columns = _columns(next(lines, (0, ""))[1])
    known = {
        _digest(words, meaning)
        for words, meaning in Synonym.objects.filter(language=language).values_list("words", "meaning").iterator()
    }
    rows = _rows(lines, columns, known, outcome)
    for batch in progress(iter(lambda: list(islice(rows, BATCH)), [])):
        Synonym.objects.bulk_create(
            [
                Synonym(
                    words=words,
                    meaning=meaning,
                    source=_credit(source, of_row),
                    sort=sort,
                    is_exact=is_exact,
                    language=language,
                )
                for words, meaning, of_row in batch
            ],
            ignore_conflicts=True,  # another import may have stored the same meanwhile
        )
        outcome.made += len(batch)
    return outcome


def _lines(file: BinaryIO, outcome: Outcome) -> Iterator[tuple[int, str]]:
    """Numbered lines of text; one at a time, however large the file is."""
    for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE), b""), start=1):
        if number > MAX_ROWS:
            raise NotSynonyms(f"it has more than {MAX_ROWS:,} rows. Split it into several files.")
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            raise NotSynonyms(f"line {number} has more than {MAX_LINE:,} characters, so this is no such table.")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise NotSynonyms(f"line {number} is no UTF-8. Save the table as UTF-8.") from None
        if text.strip():
            yield number, text.rstrip("\r\n")


def _columns(header: str) -> dict[str, int]:
    """Where the words, the meaning and perhaps the source stand."""
    columns: dict[str, int] = {}
    for place, name in enumerate(header.split("\t")):
        column = COLUMNS.get(name.strip().strip('"').casefold())
        if column and column in columns:
            raise NotSynonyms(f"its first line names two columns for the {column}. Leave one of them.")
        if column:
            columns[column] = place
    if not {"words", "meaning"} <= columns.keys():
        raise NotSynonyms(
            "its first line must name, parted by tabs, the columns “focus” and “synonym”, or “term” and “also_called”."
        )
    return columns


def _rows(
    lines: Iterator[tuple[int, str]], columns: dict[str, int], known: set[int], outcome: Outcome
) -> Iterator[tuple[str, str, str]]:
    """Words, meaning and source of each row that says something new."""
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) <= max(columns["words"], columns["meaning"]):
            outcome.problems.append(Finding(number, "it has too few columns. Part them by tabs."))
            continue
        words, meaning = _cell(cells[columns["words"]]), _cell(cells[columns["meaning"]])
        if problem := _problem(words, meaning):
            outcome.problems.append(Finding(number, problem))
        elif key_of(words) == key_of(meaning):
            outcome.of_themselves += 1
        elif (digest := _digest(words, meaning)) in known:
            outcome.known += 1
        else:
            known.add(digest)
            place = columns.get("source", len(cells))
            yield words, meaning, _cell(cells[place]) if place < len(cells) else ""


def _cell(text: str) -> str:
    """A cell as a spreadsheet means it, which puts some in quotation marks and doubles those inside."""
    text = text.strip()
    inside = text[1:-1].replace('""', "")
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in inside:
        text = text[1:-1].replace('""', '"')
    return " ".join(text.translate(INVISIBLE).split())


def _problem(words: str, meaning: str) -> str:
    for what, text in (("the words", words), ("what they mean", meaning)):
        if CONTROL.search(text):
            return "it holds control characters."
        if not key_of(text):
            return f"{what} are missing." if what == "the words" else f"{what} is missing."
        if (length := max(len(text), len(key_of(text)))) > MAX_LENGTH:  # a key can be longer: a ligature is two letters
            return f"“{text[:40]}…” has {length} characters; at most {MAX_LENGTH} fit."
    return ""


def _digest(words: str, meaning: str) -> int:
    """64 bits of both, so that a large table needs little memory; of a million rows two are alike by chance once in
    about 37 million files."""
    return hash((key_of(words), key_of(meaning)))


def _credit(source: str, of_row: str) -> str:
    return f"{source} ({of_row})"[:MAX_SOURCE] if of_row else source
