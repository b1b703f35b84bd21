"""Lists as CSV and XLSX: they come back as they went in, and nothing in them runs."""

import csv
import io
import re
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.urls import path
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from articles import spreadsheets
from articles.spreadsheets import csv_lines, download, file_name, xlsx_bytes
from tests.builders import NOON

COLUMNS = ["Page", "Owner", "Days"]
SPREADSHEETML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BEGINS_A_FORMULA = "=+-@＝＋－＠﹦﹢﹣﹫"
INVISIBLE = "\u00ad\u200b\u2060\ufeff"


def as_csv(rows, columns=COLUMNS):
    return b"".join(csv_lines(columns, rows))


def as_xlsx(rows, columns=COLUMNS, *, sheet="Overdue pages", made_at=NOON):
    return Workbook(xlsx_bytes(columns, rows, sheet=sheet, made_at=made_at))


def read(content, *, delimiter=","):
    """The rows of a CSV file as a spreadsheet parts them, the header first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


class Workbook:
    """What a spreadsheet program finds in an XLSX file of one sheet."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            self.parts = {name: parts.read(name).decode() for name in parts.namelist()}
        self.sheet = ElementTree.fromstring(self.parts["xl/worksheets/sheet1.xml"])
        styles = ElementTree.fromstring(self.parts["xl/styles.xml"])
        formats = {row.get("numFmtId"): row.get("formatCode") for row in styles.iter(f"{SPREADSHEETML}numFmt")}
        self.styles = [
            {**style.attrib, "format": formats.get(style.get("numFmtId"))}
            for style in styles.find(f"{SPREADSHEETML}cellXfs")
        ]

    @property
    def name(self):
        (sheet,) = ElementTree.fromstring(self.parts["xl/workbook.xml"]).iter(f"{SPREADSHEETML}sheet")
        return sheet.get("name")

    def one(self, tag):
        (element,) = self.sheet.iter(SPREADSHEETML + tag)
        return element.attrib

    def cells(self):
        return {cell.get("r"): cell for cell in self.sheet.iter(f"{SPREADSHEETML}c")}

    def style(self, reference):
        return self.styles[int(self.cells()[reference].get("s", 0))]

    def rows(self, width):
        """Texts, numbers and dates; None where there is no cell."""
        rows = []
        for row in self.sheet.iter(f"{SPREADSHEETML}row"):
            rows += [[None] * width for _ in range(int(row.get("r")) - len(rows))]
            for cell in row:
                letter = re.sub(r"\d", "", cell.get("r"))
                rows[-1][ord(letter) - ord("A")] = self._value(cell)
        return rows

    def _value(self, cell):
        assert cell.find(f"{SPREADSHEETML}f") is None
        if cell.get("t") == "inlineStr":
            text = "".join(part.text or "" for part in cell.iter(f"{SPREADSHEETML}t"))
            return re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code[1], 16)), text)
        number = float(cell.find(f"{SPREADSHEETML}v").text)
        if self.styles[int(cell.get("s", 0))]["format"] == "yyyy-mm-dd":
            return date(1899, 12, 30) + timedelta(days=number)
        return number


# What stands in a cell


@pytest.mark.parametrize(
    ("value", "in_csv", "in_xlsx"),
    [
        ("Coping with nausea", "Coping with nausea", "Coping with nausea"),
        ("Übelkeit, “quoted” & <b>\n😀", "Übelkeit, “quoted” & <b>\n😀", "Übelkeit, “quoted” & <b>\n😀"),
        ('say "aah"', 'say "aah"', 'say "aah"'),
        (" 007 ", " 007 ", " 007 "),
        ("", "", None),
        (None, "", None),
        (True, "yes", "yes"),
        (False, "no", "no"),
        (0, "0", 0),
        (-5, "-5", -5),
        (0.25, "0.25", 0.25),
        (999_999_999_999_999, "999999999999999", 999_999_999_999_999),
        (1_234_567_890_123_456, "1234567890123456", "1234567890123456"),
        (-1e15, "'-1000000000000000.0", "-1000000000000000.0"),
        (float("nan"), "nan", "nan"),
        (float("inf"), "inf", "inf"),
        (date(2026, 11, 22), "2026-11-22", date(2026, 11, 22)),
        (date(2028, 2, 29), "2028-02-29", date(2028, 2, 29)),
        (date(9999, 12, 31), "9999-12-31", date(9999, 12, 31)),
        (date(1899, 12, 31), "1899-12-31", "1899-12-31"),
        ("_x0041_", "_x0041_", "_x0041_"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", "a\nb\nc\nd"),
        ("a\x00b\x1bc\x85\ud800d\uffff", "abc\nd", "abc\nd"),
        ("https://example.org/", "https://example.org/", "https://example.org/"),
        ("12", "12", "12"),
    ],
)
def test_a_value_and_its_cell(value, in_csv, in_xlsx):
    row = [["first", value, "last"]]
    assert read(as_csv(row))[1:] == [["first", in_csv, "last"]]
    (cells,) = as_xlsx(row).rows(3)[1:]
    assert cells == ["first", in_xlsx, "last"]
    assert type(cells[1]) is (float if isinstance(in_xlsx, int) else type(in_xlsx))


@pytest.mark.parametrize(
    ("zone", "moment", "written"),
    [
        ("UTC", NOON, "2026-11-22T12:00:00+00:00"),
        ("America/Chicago", datetime(2026, 11, 22, 2, 30, tzinfo=UTC), "2026-11-21T20:30:00-06:00"),
        ("Pacific/Kiritimati", NOON, "2026-11-23T02:00:00+14:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T03:00:00+02:00"),
        ("Asia/Kathmandu", NOON.replace(microsecond=999_999), "2026-11-22T17:45:00+05:45"),
        ("UTC", datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Tokyo")), "2026-11-22T00:00:00+00:00"),
    ],
)
def test_a_moment_is_written_by_the_clocks_of_the_site(settings, zone, moment, written):
    settings.TIME_ZONE = zone
    assert read(as_csv([[moment]]))[1] == [written]
    assert as_xlsx([[moment]]).rows(3)[1][0] == written


def test_a_moment_without_a_time_zone_is_refused():
    naive = datetime(2026, 11, 22, 12)
    for written in (as_csv, as_xlsx):
        with pytest.raises(ValueError, match="naive"):
            written([[naive]])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * 32_767, "a" * 32_767),
        ("a" * 32_768, "a" * 32_766 + "…"),
        ("😀" * 16_383 + "a", "😀" * 16_383 + "a"),  # each is two of Excel's characters
        ("😀" * 16_384, "😀" * 16_383 + "…"),
        ("a" + "😀" * 16_384, "a" + "😀" * 16_382 + "…"),
    ],
)
def test_a_text_too_long_for_a_cell_is_cut(text, kept):
    assert read(as_csv([[text]]))[1] == [kept]
    assert as_xlsx([[text]]).rows(3)[1][0] == kept


def test_the_sign_that_guards_a_text_counts_when_it_is_cut():
    (cell,) = read(as_csv([["=" + "a" * 32_766]]))[1]
    assert cell == "'=" + "a" * 32_764 + "…"


# Formulas


@pytest.mark.parametrize(
    ("text", "in_csv"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tindented", "'\tindented"),
        ("\rreturned", "'\nreturned"),
        ("＝1+1", "'＝1+1"),
        ("－1", "'－1"),
        ("＋1", "'＋1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ("\u200b\ufeff=1+1", "'\u200b\ufeff=1+1"),
        ("\x00=1+1", "'=1+1"),
        ("\x1b\x00\t=1+1", "'\t'=1+1"),
        ("Page;=1+1", "Page;'=1+1"),  # where “;” parts the cells
        ("Page\n=1+1\n", "Page\n'=1+1\n"),
        ('Page\n"=1+1;', "Page\n'\"=1+1;"),
        ("1 = 1, 2 - 1; a@example.org", "1 = 1, 2 - 1; a@example.org"),
        ("'=1+1", "'=1+1"),
    ],
)
def test_a_text_that_would_run_is_a_text(text, in_csv):
    assert read(as_csv([["Page", text]]))[1] == ["Page", in_csv]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "{=1+1}", "=HYPERLINK(1)"])
def test_in_a_workbook_it_stands_as_it_is_and_stays_a_text_when_somebody_edits_it(text):
    workbook = as_xlsx([[text, "plain"]])
    assert workbook.rows(3)[1] == [text, "plain", None]
    assert workbook.cells()["A2"].get("t") == "inlineStr"
    assert workbook.style("A2").get("quotePrefix") == ("1" if text[0] != "{" else None)
    assert workbook.style("B2").get("quotePrefix") is None


def test_a_workbook_has_no_link_no_formula_and_nothing_outside_it():
    workbook = as_xlsx([["https://example.org", "mailto:ana@example.org", "=1"], ["external:c.xlsx", "internal:A1", 1]])
    assert {name for name in workbook.parts if "rels" in name} == {"xl/_rels/workbook.xml.rels", "_rels/.rels"}
    assert not any("External" in part for part in workbook.parts.values())
    assert {element.tag.removeprefix(SPREADSHEETML) for element in workbook.sheet.iter()}.isdisjoint({"f", "hyperlink"})


@pytest.mark.parametrize("text", ["<r></r>", "<r><t>=1</t></r>", "<r>&</r>"])
def test_a_text_that_looks_like_the_xml_of_a_workbook_is_a_text(text):
    assert as_xlsx([[text]]).rows(3)[1][0] == f"{text} "
    longest = text.ljust(32_763, "a") + "</r>"
    assert as_xlsx([[longest]]).rows(3)[1][0] == longest.removesuffix(">") + "…"


def test_a_column_name_is_guarded_as_well():
    assert read(as_csv([], ["=1", "Page"])) == [["'=1", "Page"]]
    assert as_xlsx([], ["=1", "<r>&</r>"]).rows(2) == [["=1", "<r>&</r> "]]


# Any table


texts = st.one_of(
    st.text(),
    st.builds(
        "".join,
        st.lists(
            st.one_of(
                st.sampled_from([*BEGINS_A_FORMULA, *INVISIBLE, *" \t\r\n\x00;,\"'|", "\u00a0", "\r\n", "1+1", "<r>"]),
                st.text(max_size=3),
            ),
            max_size=8,
        ),
    ),
)
values = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)),
)
tables = st.lists(st.lists(values, min_size=3, max_size=3), max_size=6)


def holdable(text):
    """The characters of a text that any file can hold, by their Unicode categories."""
    text = text.replace("\r\n", "\n")
    for end in "\r\x0b\x0c\x85\u2028\u2029":
        text = text.replace(end, "\n")
    kept = [char for char in text if char in "\t\n" or not (ord(char) < 32 or 127 <= ord(char) <= 159)]
    return "".join(kept).replace("\ufffe", "").replace("\uffff", "")


def would_run(cell):
    """Whether a spreadsheet program may calculate with this cell of a CSV file."""
    return cell.lstrip(" \t\r\n\u00a0\u3000" + INVISIBLE).startswith(tuple(BEGINS_A_FORMULA))


def is_a_number(cell):
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell) is not None


@given(tables)
@example([["=1", "-1", "@x"], ["\x00\t=1", "＝1", "x"], ["", None, 0]])
def test_a_csv_file_comes_back_as_it_went_in_and_nothing_in_it_runs(table):
    content = as_csv(table)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    header, *rows = read(content)
    assert header == COLUMNS
    assert len(rows) == len(table)
    for row, given_row in zip(rows, table, strict=True):
        for cell, value in zip(row, given_row, strict=True):
            assert not would_run(cell) or (not isinstance(value, str) and is_a_number(cell))
            assert not cell.startswith(("\t", "\r", "\n"))
            match value:
                case str():
                    assert cell.replace("'", "") == holdable(value).replace("'", "")
                    assert cell == holdable(value) or any(
                        sign in value for sign in "\t\r\n\x0b\x0c\x85\u2028\u2029" + BEGINS_A_FORMULA
                    )
                case None:
                    assert cell == ""
                case bool():
                    assert cell == {True: "yes", False: "no"}[value]
                case int():
                    assert int(cell.lstrip("'")) == value
                case float():
                    assert float(cell.lstrip("'")) == value or value != value
                case datetime():
                    assert datetime.fromisoformat(cell) == value.replace(microsecond=0)
                case date():
                    assert date.fromisoformat(cell) == value


@given(st.lists(st.lists(texts, min_size=3, max_size=3), max_size=6), st.sampled_from([";", "\t"]))
@example([["Page", "a;=1", "b\n=1\n"], ['x";=1', "", ""]], ";")
@example([["Page", 'a\n"=1+1;b', ""]], ";")
def test_nothing_runs_either_where_the_cells_are_parted_by_another_sign(table, delimiter):
    for row in read(as_csv(table), delimiter=delimiter):
        assert not any(would_run(cell) for cell in row)


@settings(deadline=None)
@given(tables)
@example([["=1", "-1", "@x"], ["\x00\t=1", "＝1", "x"], ["", None, 0]])
def test_a_workbook_comes_back_as_it_went_in_and_nothing_in_it_runs(table):
    # “_x0041_” is a code of Excel's for a character; XlsxWriter keeps one as text, but not two that share a sign.
    assume(not any(isinstance(value, str) and "_x" in value for row in table for value in row))
    header, *rows = as_xlsx(table).rows(3)
    assert header == COLUMNS
    rows += [[None] * 3] * (len(table) - len(rows))  # an empty row at the end has no trace
    for row, given_row in zip(rows, table, strict=True):
        for cell, value in zip(row, given_row, strict=True):
            match value:
                case str():
                    assert (cell or "") == holdable(value)
                case None:
                    assert cell is None
                case bool():
                    assert cell == {True: "yes", False: "no"}[value]
                case int() if abs(value) < 10**15:
                    assert cell == value
                case float() if abs(value) < 1e15:
                    assert cell == pytest.approx(value, rel=1e-15, abs=0)
                case datetime():
                    assert datetime.fromisoformat(cell) == value.replace(microsecond=0)
                case date() if value >= date(1900, 3, 1):  # before it Excel has a 29 February that never was
                    assert cell == value
                case date():
                    assert cell == value.isoformat() or abs((cell - value).days) <= 1
                case _:
                    assert cell == str(value)


# The sheet


def test_the_header_stays_in_sight_and_filters():
    workbook = as_xlsx([["A", "Ana", 1], ["B", "Grace", 2]])
    assert workbook.one("pane") == {"ySplit": "1", "topLeftCell": "A2", "activePane": "bottomLeft", "state": "frozen"}
    assert workbook.one("autoFilter")["ref"] == "A1:C3"
    assert workbook.one("dimension")["ref"] == "A1:C3"


def test_an_empty_list_is_its_header():
    assert as_csv([]) == b"\xef\xbb\xbfPage,Owner,Days\r\n"
    workbook = as_xlsx([])
    assert workbook.rows(3) == [COLUMNS]
    assert workbook.one("autoFilter")["ref"] == "A1:C1"


def test_a_column_is_as_wide_as_its_longest_cell_within_reason():
    widths = [
        float(column.get("width"))
        for column in as_xlsx(
            [["short", "x", date(2026, 1, 1)], ["y" * 40, "x" * 500, None]], ["Page", "Owner", "Due"]
        ).sheet.iter(f"{SPREADSHEETML}col")
    ]
    assert [int(width) for width in widths] == [41, 60, 12]


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        ("Overdue pages", "Overdue pages"),
        ("Überfällig & “neu”", "Überfällig & “neu”"),
        ("[due]: owner/kind? *\\", "due owner kind"),
        ("'quoted'", "quoted"),
        ("It’s Ana's", "It’s Ana's"),
        ("a" * 32, "a" * 30 + "…"),
        ("History", "List History"),
        ("", "List"),
        ("?*\x00", "List"),
    ],
)
def test_the_sheet_has_a_name_that_excel_takes(sheet, name):
    assert as_xlsx([["A", "B", 1]], sheet=sheet).name == name


def test_a_workbook_says_when_it_was_made_and_is_the_same_whenever_it_is_written():
    made_at = datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    first, second = (xlsx_bytes(COLUMNS, [["A", "B", 1]], sheet="List", made_at=made_at) for _ in range(2))
    assert first == second
    assert ">2026-11-22T00:30:00Z</dcterms:created>" in Workbook(first).parts["docProps/core.xml"]


# Long lists


def many(count):
    for number in range(count):
        yield f"Page {number} " + "about many things " * 10, f"Owner {number}", number, date(2026, 11, 22)


def test_twenty_thousand_rows_are_all_there():
    columns = ["Page", "Owner", "Days", "Due"]
    expected = [[page, owner, str(days), due.isoformat()] for page, owner, days, due in many(20_000)]
    assert read(as_csv(many(20_000), columns))[1:] == expected
    assert as_xlsx(many(20_000), columns).rows(4)[1:] == [list(row) for row in many(20_000)]


def test_a_csv_line_is_made_when_it_is_asked_for():
    rows = many(20_000)
    lines = csv_lines(["Page", "Owner", "Days", "Due"], rows)
    assert next(lines).decode("utf-8-sig") == "Page,Owner,Days,Due\r\n"
    next(lines)
    assert next(rows)[2] == 1


def test_a_workbook_holds_one_row_in_memory_at_a_time():
    tracemalloc.start()
    try:
        content = xlsx_bytes(["Page", "Owner", "Days", "Due"], many(20_000), sheet="List", made_at=NOON)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - 2 * len(content) < 3_000_000  # bytes; the texts alone are four million


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 4)
    assert len(as_xlsx([["A"]] * 3).rows(3)) == 4
    with pytest.raises(ValueError, match=r"holds 3 rows and this list is longer\. Narrow it down, or take it as CSV\."):
        as_xlsx([["A"]] * 4)
    assert len(read(as_csv([["A"]] * 4))) == 5


def test_a_list_that_fails_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["A", "B", 1]
        assert list(tmp_path.rglob("*"))  # the rows wait here
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        as_xlsx(rows())
    assert list(tmp_path.iterdir()) == []


# The file


def overdue(request, form):
    return download(COLUMNS, [["Übelkeit", "Ana", 5]], form=form, title="Überfällige pages", made_at=NOON)


urlpatterns = [path("overdue.<form>", overdue)]


@override_settings(ROOT_URLCONF="tests.test_spreadsheets")
@pytest.mark.parametrize(
    ("form", "content_type", "read_back"),
    [
        ("csv", "text/csv; charset=utf-8; header=present", read),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda content: [[str(value) for value in row] for row in Workbook(content).rows(3)],
        ),
    ],
)
def test_a_list_is_a_file_to_keep_and_no_cache_keeps_it(client, form, content_type, read_back):
    response = client.get(f"/overdue.{form}", secure=True, headers={"host": "localhost"})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="uberfallige-pages-2026-11-22.{form}"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Length"] == str(len(response.content))
    header, row = read_back(response.content)
    assert header == COLUMNS
    assert row[:2] == ["Übelkeit", "Ana"]
    assert float(row[2]) == 5


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_list_that_fails_on_the_way_is_no_file(form):
    def rows():
        yield ["A", "B", 1]
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        download(COLUMNS, rows(), form=form, title="List", made_at=NOON)


@pytest.mark.parametrize("form", ["", "CSV", "xls", "pdf"])
def test_another_form_is_refused(form):
    with pytest.raises(ValueError, match=f"“csv” or “xlsx”, not as “{form}”"):
        download(COLUMNS, [], form=form, title="List", made_at=NOON)


@pytest.mark.parametrize(
    ("title", "zone", "at", "name"),
    [
        ("Overdue pages", "UTC", NOON, "overdue-pages-2026-11-22.csv"),
        ("Overdue: Ana’s / “late”", "UTC", NOON, "overdue-anas-late-2026-11-22.csv"),
        ("../../etc/passwd\r\nX: 1", "UTC", NOON, "etc-passwd-x-1-2026-11-22.csv"),
        ("期限切れ", "UTC", NOON, "list-2026-11-22.csv"),
        ("", "UTC", NOON, "list-2026-11-22.csv"),
        ("Late", "America/Chicago", datetime(2026, 3, 1, 5, 59, tzinfo=UTC), "late-2026-02-28.csv"),
        ("Late", "Pacific/Kiritimati", datetime(2028, 2, 28, 10, tzinfo=UTC), "late-2028-02-29.csv"),
    ],
)
def test_a_file_is_named_in_ascii_after_its_list_and_the_day_of_the_site(settings, title, zone, at, name):
    settings.TIME_ZONE = zone
    assert file_name(title, ending="csv", made_at=at) == name
