"""A table of review dates from the system that a library comes from. They are kept as the source stated them: nobody can
say who looked at what, so none of them becomes a review."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from articles import auditing, languages
from articles.dates import add_months
from articles.due import settle_stated
from articles.importing.decoding import Finding, NotAPage, text_of
from articles.importing.stated_dates import DATE, read_date
from articles.models import Article, AuditEntry, Redirect, StatedReview
from articles.models.policy import LONGEST
from articles.people import Person

MAX_BYTES = 50 * 1024 * 1024
BATCH = 500  # pages
COLUMNS = {"url": "address", "address": "address", "name": "title", "title": "title"} | {
    name: name for name in ("last_reviewed", "review_due")
}
FIGURES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.A)


class NotReviewDates(ValueError):
    """The file is no table of review dates; the message says why and what to do."""


@dataclass(frozen=True)
class StatedRow:
    line: int  # in the file, from 1
    slug: str  # the last part of the address, behind the language when it is one of ours; empty without one
    title: str
    reviewed_on: date | None
    next_review_on: date | None

    @property
    def days(self) -> tuple[date | None, date | None]:
        return self.reviewed_on, self.next_review_on


@dataclass
class Outcome:
    """What became of the rows of a file. `problems` are those that were kept out, one for each line."""

    stated: int = 0
    unchanged: int = 0
    without_a_day: int = 0
    problems: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)  # about the file, such as its encoding

    @property
    def rows(self) -> int:
        return self.stated + self.unchanged + self.without_a_day + len(self.problems)


@transaction.atomic
def import_review_dates(
    raw: bytes, *, name: str, at: datetime, today: date, figures: str = "", progress: Callable = iter
) -> Outcome:
    """Keep what each row of the file states of its page, and let the page fall due as stated when nobody has reviewed it
    here, nor moved it to an earlier day (articles/due.py says why). Days that the page's last statement has already are
    left alone.

    `figures` is "day" or "month", whichever comes first in a day such as 03/04/2021; without it such a day is kept out.
    `progress` is laid around the numbers of the batches. Raises NotReviewDates, and keeps nothing, when the file is no such table.
    """
    outcome = Outcome()
    rows = _read(raw, outcome, today=today, figures=figures)
    found = _one_for_each_page(_with_their_pages(rows, outcome.problems), outcome)
    by = Person(f"import of {name}"[:200])
    pages = sorted(found.items())
    for start in progress(range(0, len(pages), BATCH)):
        _keep(dict(pages[start : start + BATCH]), outcome, name=name, at=at, by=by)
    outcome.problems.sort(key=lambda problem: problem.line)
    return outcome


def _read(raw: bytes, outcome: Outcome, *, today: date, figures: str) -> list[StatedRow]:
    if len(raw) > MAX_BYTES:
        raise NotReviewDates("it is larger than 50 MB. Split it into several files.")
    try:
        text, outcome.remarks = text_of(raw)
    except NotAPage as error:
        raise NotReviewDates(str(error)) from None
    lines = re.split("\r\n|\r|\n", text)
    if not text.strip():
        raise NotReviewDates("it is empty.")
    columns = _columns(lines[0])
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            cells = [_unquoted(cell) for cell in line.split("\t")]
            said = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
            _take(number, said, rows, outcome, today=today, figures=figures)
    return rows


def _columns(header: str) -> dict[str, int]:
    """Where each column that is read stands. Raises NotReviewDates when one is missing or stands twice."""
    names = [COLUMNS.get(_unquoted(cell).casefold().replace(" ", "_")) for cell in header.split("\t")]
    columns = {name: place for place, name in enumerate(names) if name}
    if twice := [name for name in columns if names.count(name) > 1]:
        raise NotReviewDates(f"its first line names the {twice[0].replace('_', ' ')} twice. Leave one of the columns.")
    if not columns.keys() & {"address", "title"} or not {"last_reviewed", "review_due"} <= columns.keys():
        raise NotReviewDates(
            "its first line must name, parted by tabs, the columns “url” (or “name”), “last_reviewed” and “review_due”. "
            "A column may be empty, but it must be there."
        )
    return columns


def _unquoted(cell: str) -> str:
    """A cell as a spreadsheet means it, which puts some in quotation marks and doubles those inside."""
    cell = cell.strip()
    inside = cell[1:-1].replace('""', "")
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inside:
        cell = cell[1:-1].replace('""', '"')
    return " ".join(cell.split())


def _slug_in(address: str) -> str:
    path = re.sub("^https?://[^/]+", "", re.split("[?#]", address)[0].rstrip("/").lower())
    return f"{languages.prefix_of(languages.language_of(path))}/{path.rpartition('/')[2]}".removeprefix("/")


def _take(number: int, said: dict, rows: list, outcome: Outcome, *, today: date, figures: str) -> None:
    """One line: a row, a line that states no day, or a problem."""
    if not said["last_reviewed"] and not said["review_due"]:
        outcome.without_a_day += 1
        return
    reviewed_on, wrong = _day(said["last_reviewed"], latest=today, figures=figures)
    next_on, wrong_next = _day(said["review_due"], latest=date.max, figures=figures)
    wrong = wrong or wrong_next
    if not wrong and reviewed_on and next_on and next_on <= reviewed_on:
        same = "is the day of the review" if next_on == reviewed_on else "is before the day of the review"
        wrong = f"the day on which the next review is due, {next_on}, {same}, {reviewed_on}. Correct one of them."
    if not wrong and next_on and next_on > add_months(today, LONGEST):
        wrong = f"the next review is due on {next_on}, in more than {LONGEST} months. Correct the day, or leave it out."
    slug = _slug_in(said.get("address", ""))
    if not wrong:
        rows.append(StatedRow(number, slug, said.get("title", ""), reviewed_on, next_on))
    else:
        outcome.problems.append(Finding(number, wrong))


def _day(text: str, *, latest: date, figures: str) -> tuple[date | None, str]:
    """The day, or why there is none; neither for an empty cell."""
    if not text:
        return None, ""
    first, second, year = map(int, match.groups()) if (match := FIGURES.fullmatch(text)) else (0, 0, 0)
    if match and figures:
        day, month = (first, second) if figures == "day" else (second, first)
        if month > 12:
            return None, f"“{text}” has no month {month}. Does the {figures} come first everywhere in this file?"
        text = f"{year:04}-{month:02}-{day:02}"
    if not re.fullmatch(DATE, text, re.I | re.A):
        return None, f"“{text[:40]}” is no day that can be read. Write it as 2021-03-15."
    stated = read_date(text, today=latest)
    if match and not figures and first != second and max(first, second) <= 12:
        return None, f"{stated.problem}, or say --day-first or --month-first."
    return stated.day, stated.problem and f"{stated.problem}."


def _with_their_pages(rows: Iterable[StatedRow], problems: list[Finding]) -> dict[int, list[StatedRow]]:
    """The rows of each article, by its id. Rows that mean none, or perhaps another one, are problems."""
    by_slug, by_title = {}, defaultdict(list)
    for path, pk in Redirect.objects.filter(article__isnull=False).values_list("path", "article"):
        by_slug[_slug_in(path)] = pk  # an address of today, below, comes before one of the past
    for article in Article.objects.order_by().only("language", "slug", "title").iterator():
        by_slug[article.short_address] = article.pk
        if article.language != languages.DEFAULT:
            by_slug.setdefault(article.slug, article.pk)  # another system need not say the language in its addresses
        by_title[article.title].append(article.pk)
    found = defaultdict(list)
    for row in rows:
        pages = [by_slug[row.slug]] if row.slug in by_slug else by_title.get(row.title, [])
        if len(pages) == 1:
            found[pages[0]].append(row)
        else:
            problems.append(Finding(row.line, _which_page(row, len(pages))))
    return found


def _which_page(row: StatedRow, pages: int) -> str:
    if pages:
        return f"{pages} articles have the title “{row.title}”. Write the address of the one that is meant."
    named = [f"the address “{row.slug[:100]}”"] * bool(row.slug) + [f"the title “{row.title[:200]}”"] * bool(row.title)
    if not named:
        return "it names neither an address nor a title."
    return f"no article has {' or '.join(named)}."


def _one_for_each_page(found: dict[int, list[StatedRow]], outcome: Outcome) -> dict[int, StatedRow]:
    """Rows that say the same twice count once; of rows that contradict each other none is believed."""
    chosen = {}
    for pk, rows in found.items():
        if len({row.days for row in rows}) == 1:
            chosen[pk] = rows[0]
            outcome.unchanged += len(rows) - 1
            continue
        others = ", ".join(str(row.line) for row in rows)
        said = f"the same article has different days on the lines {others}. Leave the one that is right."
        outcome.problems += [Finding(row.line, said) for row in rows]
    return chosen


def _keep(rows: dict[int, StatedRow], outcome: Outcome, *, name: str, at: datetime, by: Person) -> None:
    """A batch in a handful of queries; the articles are held meanwhile, so that two imports don't state the same twice."""
    articles = list(Article.objects.select_for_update().filter(pk__in=rows).order_by("pk"))
    before = {last.article_id: last for last in StatedReview.objects.filter(article__in=rows).order_by("id")}
    new = [
        article
        for article in articles
        if article.pk not in before
        or (before[article.pk].reviewed_on, before[article.pk].next_review_on) != rows[article.pk].days
    ]
    StatedReview.objects.bulk_create(
        StatedReview(
            article=article,
            reviewed_on=rows[article.pk].reviewed_on,
            next_review_on=rows[article.pk].next_review_on,
            source=_source(name, rows[article.pk]),
            imported_at=at,
            imported_by=by.name,
        )
        for article in new
    )
    due_before = {article.pk: article.next_review_on for article in new}
    settle_stated(
        {article: rows[article.pk].next_review_on for article in new},
        before={pk: last.next_review_on for pk, last in before.items()},
    )
    AuditEntry.objects.bulk_create(
        auditing.entry(
            article,
            AuditEntry.Action.DATES_STATED,
            at=at,
            by=by,
            before=_facts(before.get(article.pk), due=due_before[article.pk]),
            after=_facts(rows[article.pk], due=article.next_review_on),
            summary=_source(name, rows[article.pk]),
        )
        for article in new
    )
    outcome.stated += len(new)
    outcome.unchanged += len(articles) - len(new)


def _source(name: str, row: StatedRow) -> str:
    return f"{name[:250]}, line {row.line}"


def _facts(stated: StatedReview | StatedRow | None, *, due: date | None) -> dict:
    days = {
        "stated_review_on": stated and stated.reviewed_on,
        "stated_next_review_on": stated and stated.next_review_on,
        "next_review_on": due,
    }
    return {field: day and day.isoformat() for field, day in days.items()}
