"""Lists to take along, as CSV and as XLSX: any table of texts, numbers and dates, and no text in it runs as a formula.

No database and no clock. In both forms None is an empty cell, a bool is “yes” or “no”, a date is yyyy-mm-dd, and a moment
is ISO 8601 by the clocks of the site, with its offset (the night in which the clocks go back has two o'clock twice); a
moment without a time zone raises ValueError. Anything else is written as `str` gives it.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from tempfile import TemporaryDirectory

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from articles.characters import clean
from articles.slugs import ascii_slug
from library.serving import NEVER

Value = str | int | float | date | datetime | bool | None

# Excel's limits. What is longer is cut in CSV too: Excel would go on in the next cell with the rest, “=” first or not.
LONGEST_TEXT = 32_767  # UTF-16 units of a cell
MOST_ROWS = 1_048_576  # of a sheet, the header among them
FIRST_DAY = date(1900, 1, 1)
ROUNDED_FROM = 10**15  # a spreadsheet keeps 15 digits of a number
LONGEST_SHEET_NAME = 31

BYTE_ORDER_MARK = "\ufeff"  # without it Excel doesn't read UTF-8
NARROWEST, WIDEST = 10, 60  # characters of a column

# What starts a formula (OWASP, “CSV injection”), behind blanks and invisible characters too, plain or full width. Not only
# at the start of the text: where a list separator is “;”, as in most of Europe, Excel parts the text there and at its line
# ends, and takes a quote that follows for its own. (A blank is no separator, or a text of tabs would take for ever.)
_BLANK = r"(?:[^\S\t\n]|[\"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff])*"
_FORMULA = re.compile(rf"(?:^|(?<=[;\t\n]))(?={_BLANK}[=+\-@＝＋－＠﹦﹢﹣﹫])|^(?=[\t\n])")


def download(
    columns: Sequence[str], rows: Iterable[Sequence[Value]], *, form: str, title: str, made_at: datetime
) -> HttpResponse:
    """The list as a file for the reader to keep: `form` is "csv" or "xlsx", `title` names the file and the sheet.

    The file is whole before its first byte is sent. Granian ends a stream that failed on the way as if it were complete,
    and half a list must not look like a whole one. Raises ValueError for another form, and as `xlsx_bytes` does.
    """
    if form == "csv":
        content, content_type = b"".join(csv_lines(columns, rows)), "text/csv; charset=utf-8; header=present"
    elif form == "xlsx":
        content = xlsx_bytes(columns, rows, sheet=title, made_at=made_at)
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        raise ValueError(f"A list can be taken along as “csv” or “xlsx”, not as “{form}”.")
    name = file_name(title, ending=form, made_at=made_at)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": disposition, "Cache-Control": NEVER}
    )


def file_name(title: str, *, ending: str, made_at: datetime) -> str:
    """ "overdue-pages-2026-11-22.csv": ASCII only, with the day by the clocks of the site."""
    return f"{ascii_slug(title, fallback='list')}-{timezone.localdate(made_at).isoformat()}.{ending}"


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The lines of a CSV file (RFC 4180, UTF-8 with a byte order mark), each made when it is asked for.

    A text that a spreadsheet would take for a formula gets a “'” in front, which makes it a text in all of them.
    """
    writer = csv.writer(_Passing())
    yield BYTE_ORDER_MARK.encode() + writer.writerow([_in_csv(column) for column in columns])
    for row in rows:
        yield writer.writerow([_in_csv(value) for value in row])


class _Passing:
    """Hands each line on instead of keeping it: `writerow` returns what `write` does."""

    def write(self, line: str) -> bytes:
        return line.encode()


def xlsx_bytes(columns: Sequence[str], rows: Iterable[Sequence[Value]], *, sheet: str, made_at: datetime) -> bytes:
    """An Excel workbook of one sheet: days are dates, numbers are numbers, all else is text as it stands.

    One row is held in memory at a time; the others wait in a temporary file. A day before 1900 and a number of more than
    15 digits, which Excel doesn't have, are texts. `made_at` becomes the workbook's own date.
    Raises ValueError when the rows don't fit into a sheet.
    """
    from xlsxwriter import Workbook  # a tenth of the start of every process, and few of them write a workbook

    file = BytesIO()
    with TemporaryDirectory(prefix="spreadsheet-") as folder:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True, "tmpdir": folder}
        book = Workbook(file, options)
        book.set_properties({"created": timezone.localtime(made_at, UTC)})
        page = _Sheet(book, sheet)
        page.write_header(columns)
        for row in rows:
            page.write_row(row)
        page.finish()
        book.close()
    return file.getvalue()


class _Sheet:
    """Writes rows from above to below and remembers how wide the columns must be."""

    def __init__(self, book, name: str) -> None:
        self.sheet = book.add_worksheet(_sheet_name(name))
        self.heading = book.add_format({"bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        # Excel then shows the text with a “'” in the input line, and leaves it a text when somebody edits the cell.
        self.quoted = book.add_format({"quote_prefix": True})
        self.widths: list[int] = []
        self.next_row = 0

    def write_header(self, columns: Sequence[str]) -> None:
        self.widths = [NARROWEST] * len(columns)
        for column, name in enumerate(columns):
            text = _in_xlsx(name)
            self.sheet.write_string(0, column, text, self.heading)
            self._widen(column, len(text) + 3)  # and the button of the filter
        self.sheet.freeze_panes(1, 0)
        self.next_row = 1

    def write_row(self, row: Sequence[Value]) -> None:
        if self.next_row == MOST_ROWS:
            raise ValueError(
                f"An Excel sheet holds {MOST_ROWS - 1:,} rows and this list is longer. Narrow it down, or take it as CSV."
            )
        for column, value in enumerate(row):
            self._write(column, _in_xlsx(value))
        self.next_row += 1

    def finish(self) -> None:
        self.sheet.autofilter(0, 0, self.next_row - 1, len(self.widths) - 1)
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)

    def _write(self, column: int, value: str | int | float | date) -> None:
        if isinstance(value, date):
            self.sheet.write_datetime(self.next_row, column, value, self.day)
            self._widen(column, 12)
        elif not isinstance(value, str):
            self.sheet.write_number(self.next_row, column, value)
        elif value:  # an empty text would not count as blank in the filter
            self.sheet.write_string(self.next_row, column, value, self.quoted if _FORMULA.match(value) else None)
            self._widen(column, len(value) + 1)

    def _widen(self, column: int, width: int) -> None:
        self.widths[column] = max(self.widths[column], min(width, WIDEST))


def _in_csv(value: Value) -> str | int | float:
    plain = _plain(value)
    if isinstance(plain, date):
        return plain.isoformat()
    return _cut(_FORMULA.sub("'", plain), LONGEST_TEXT) if isinstance(plain, str) else plain


def _in_xlsx(value: Value) -> str | int | float | date:
    plain = _plain(value)
    if isinstance(plain, date) and plain < FIRST_DAY:
        return plain.isoformat()
    if not isinstance(plain, str):
        return plain
    if plain.startswith("<r>") and plain.endswith("</r>"):
        plain += " "  # XlsxWriter 3.3.1 takes such a text for finished XML and escapes nothing in it
    return _cut(plain, LONGEST_TEXT)


def _plain(value: Value) -> str | int | float | date:
    """A number that a spreadsheet keeps as it is, a day, or a text of characters that a file can hold."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case date():
            return value
        case int() | float() if abs(value) < ROUNDED_FROM:  # which neither infinity nor "not a number" is
            return value
    return clean(str(value))


def _cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, which is what Excel counts; the last one is “…” when something is missing."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", errors="ignore") + "…"


def _sheet_name(title: str) -> str:
    """As Excel allows it: 31 characters, none of []:*?/\\, no “'” at either end; “History” it keeps to itself."""
    name = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(title)).split())
    name = _cut(name.strip("' "), LONGEST_SHEET_NAME)
    return name if name and name.casefold() != "history" else f"List {name}".strip()
