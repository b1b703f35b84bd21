"""Review dates that come from another system: kept as stated, never as reviews; what can't be true stays out."""

import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles import due
from articles.importing import review_dates
from articles.importing.review_dates import NotReviewDates, import_review_dates
from articles.models import Article, AuditEntry, Review, StatedReview
from tests.builders import DAY, GRACE, NOON, an_article, published, reviewed

pytestmark = pytest.mark.django_db
HEADER = "url\tname\tgenre\tlast_reviewed\treview_due"


def a_file(*lines: str, header=HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def a_row(title="Asthma", reviewed_on="2025-03-12", next_on="2028-03-12", *, url=None) -> str:
    url = f"https://example.org/conditions/{title.lower()}/" if url is None else url
    return f"{url}\t{title}\tCondition\t{reviewed_on}\t{next_on}"


def read(*lines: str, raw: bytes | None = None, **options):
    raw = a_file(*lines) if raw is None else raw
    return import_review_dates(raw, name="dates.tsv", at=NOON, today=DAY, **options)


def problems(*lines: str, **options) -> list[str]:
    return [str(problem) for problem in read(*lines, **options).problems]


def stated() -> list[tuple]:
    return list(StatedReview.objects.order_by("id").values_list("article__title", "reviewed_on", "next_review_on"))


@pytest.fixture
def asthma():
    return an_article("Asthma")


def test_a_row_is_kept_with_where_it_came_from_and_becomes_no_review(asthma):
    outcome = read(a_row())
    assert (outcome.stated, outcome.unchanged, outcome.without_a_day, outcome.problems) == (1, 0, 0, [])
    kept = asthma.stated_reviews.get()
    assert (kept.reviewed_on, kept.next_review_on) == (date(2025, 3, 12), date(2028, 3, 12))
    assert (kept.source, kept.imported_at, kept.imported_by) == ("dates.tsv, line 2", NOON, "import of dates.tsv")
    asthma.refresh_from_db()
    assert (asthma.reviewed_on, asthma.next_review_on) == (None, date(2028, 3, 12))
    assert not Review.objects.exists()


def test_the_audit_trail_says_what_was_stated(asthma):
    read(a_row())
    entry = AuditEntry.objects.get(action=AuditEntry.Action.DATES_STATED)
    assert (entry.page_title, entry.by, entry.at, entry.summary) == (
        "Asthma",
        "import of dates.tsv",
        NOON,
        "dates.tsv, line 2",
    )
    assert entry.changes == [
        {"field": "stated_review_on", "before": None, "after": "2025-03-12"},
        {"field": "stated_next_review_on", "before": None, "after": "2028-03-12"},
        {"field": "next_review_on", "before": None, "after": "2028-03-12"},
    ]


def test_a_page_that_was_reviewed_here_keeps_its_days_even_one_that_was_moved():
    article = published(an_article("Asthma"))
    reviewed(article, next_on=date(2028, 1, 1))
    due.move(article, date(2027, 5, 1), at=NOON, today=DAY, by=GRACE, reason="Spread.")
    read(a_row())
    article.refresh_from_db()
    assert (article.reviewed_on, article.next_review_on) == (DAY, date(2027, 5, 1))
    assert article.stated_reviews.count() == 1
    entry = AuditEntry.objects.get(action=AuditEntry.Action.DATES_STATED)
    assert "next_review_on" not in {change["field"] for change in entry.changes}


def test_the_same_file_again_changes_nothing_and_a_newer_one_does(asthma):
    read(a_row())
    again = read(a_row())
    assert (again.stated, again.unchanged) == (0, 1)
    assert StatedReview.objects.count() == AuditEntry.objects.count() == 1
    assert read(a_row(reviewed_on="2026-03-12", next_on="2029-03-12")).stated == 1
    asthma.refresh_from_db()
    assert asthma.next_review_on == date(2029, 3, 12)
    assert StatedReview.objects.count() == 2


@pytest.mark.parametrize(
    ("moved_to", "newer", "due_on"),
    [
        (date(2027, 5, 1), "2029-03-12", date(2027, 5, 1)),  # a file knows nothing of the reason for the earlier day
        (date(2028, 6, 1), "2029-03-12", date(2028, 6, 1)),
        (date(2028, 6, 1), "2027-03-12", date(2027, 3, 12)),  # nobody here has looked at the page: the strictest day
        (date(2027, 5, 1), "", date(2027, 5, 1)),
    ],
)
def test_a_day_that_was_moved_here_stays_unless_a_newer_file_states_an_earlier_one(asthma, moved_to, newer, due_on):
    read(a_row())
    due.move(asthma, moved_to, at=NOON, today=DAY, by=GRACE, reason="The guideline is expected.")
    assert read(a_row(reviewed_on="2026-03-12", next_on=newer)).stated == 1
    asthma.refresh_from_db()
    assert (asthma.reviewed_on, asthma.next_review_on) == (None, due_on)
    entry = AuditEntry.objects.filter(action=AuditEntry.Action.DATES_STATED).latest("id")
    said = {change["field"]: change["after"] for change in entry.changes}
    assert said.get("next_review_on", moved_to.isoformat()) == due_on.isoformat()


def test_a_day_that_a_newer_file_has_set_follows_the_files_again(asthma):
    read(a_row())
    due.move(asthma, date(2028, 6, 1), at=NOON, today=DAY, by=GRACE, reason="The guideline is expected.")
    read(a_row(next_on="2027-03-12"))
    read(a_row(next_on="2029-03-12"))
    asthma.refresh_from_db()
    assert asthma.next_review_on == date(2029, 3, 12)


def test_the_address_comes_before_the_title_and_the_title_must_be_exact(asthma):
    other = an_article("Hay fever")
    read(
        a_row("Another name", url="https://example.org/a/ASTHMA?page=2#top"),
        a_row("Hay fever", "2024-01-01", "2027-01-01", url="https://example.org/allergy/"),
    )
    assert stated() == [
        ("Asthma", date(2025, 3, 12), date(2028, 3, 12)),
        (other.title, date(2024, 1, 1), date(2027, 1, 1)),
    ]
    assert problems(a_row("hay fever", url="")) == ["line 2: no article has the title “hay fever”."]


def test_an_address_of_the_past_leads_to_its_page(asthma):
    asthma.slug = "asthma-in-adults"
    asthma.save()
    read(a_row(title="No such title", url="https://example.org/conditions/asthma/"))
    assert stated() == [("Asthma", date(2025, 3, 12), date(2028, 3, 12))]


def test_a_title_that_two_articles_have_needs_an_address(asthma):
    an_article("Asthma", kind="video")
    assert problems(a_row(url="")) == [
        "line 2: 2 articles have the title “Asthma”. Write the address of the one that is meant."
    ]
    assert stated() == []


def test_either_of_the_columns_that_name_the_page_is_enough(asthma):
    assert read(raw=a_file("asthma\t2025-03-12\t", header="Address\tLast reviewed\tReview due")).stated == 1
    assert read(raw=a_file("Asthma\t2025-04-12\t", header="TITLE\tlast_reviewed\treview_due")).stated == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021-03-15", date(2021, 3, 15)),
        ("15 March 2021", date(2021, 3, 15)),
        ("March 15, 2021", date(2021, 3, 15)),
        ("15 Mar 2021", date(2021, 3, 15)),
        ("15/03/2021", date(2021, 3, 15)),
        ("03/15/2021", date(2021, 3, 15)),
        ("04/04/2021", date(2021, 4, 4)),
        ("29 February 2024", date(2024, 2, 29)),
        ("2026-11-22", DAY),
    ],
)
def test_a_day_is_read_as_people_write_it(asthma, written, day):
    assert problems(a_row(reviewed_on=written)) == []
    assert asthma.stated_reviews.get().reviewed_on == day


@pytest.mark.parametrize(
    ("figures", "written", "day"),
    [
        ("day", "03/04/2021", date(2021, 4, 3)),
        ("month", "03/04/2021", date(2021, 3, 4)),
        ("day", "15.03.2021", date(2021, 3, 15)),
        ("day", "2021-03-04", date(2021, 3, 4)),
    ],
)
def test_whoever_knows_which_comes_first_may_say_it(asthma, figures, written, day):
    assert problems(a_row(reviewed_on=written), figures=figures) == []
    assert asthma.stated_reviews.get().reviewed_on == day


@pytest.mark.parametrize(
    ("reviewed_on", "next_on", "figures", "said"),
    [
        ("2024-10-23", "2024-09-06", "", "2024-09-06, is before the day of the review, 2024-10-23. Correct one"),
        (
            "2024-10-23",
            "9999-12-31",
            "",
            "due on 9999-12-31, in more than 120 months. Correct the day, or leave it out.",
        ),
        ("", "2036-11-23", "", "due on 2036-11-23, in more than 120 months."),
        ("2024-10-23", "2024-10-23", "", "2024-10-23, is the day of the review"),
        ("2026-11-23", "", "", "“2026-11-23” is in the future. Correct it."),
        ("2023-02-29", "", "", "“2023-02-29” is no day of the calendar. Correct it."),
        ("", "31 April 2027", "", "“31 April 2027” is no day of the calendar. Correct it."),
        (
            "03/04/2021",
            "",
            "",
            "can be read two ways (March 4 or April 3, 2021). Write the month in letters, or say --day-first or "
            "--month-first.",
        ),
        ("03/15/2021", "", "day", "“03/15/2021” has no month 15. Does the day come first everywhere in this file?"),
        ("soon", "", "", "“soon” is no day that can be read. Write it as 2021-03-15."),
        ("2021-03-15T10:00", "", "", "is no day that can be read"),
        ("March 2021", "", "", "names no day"),
        ("15/03/21", "", "", "has no full year"),
        ("1800-01-01", "", "", "“1800-01-01” is before 1900. Correct it."),
    ],
)
def test_a_row_that_can_not_be_true_is_kept_out_and_named(asthma, reviewed_on, next_on, figures, said):
    an_article("Measles")
    found = problems(a_row("Measles"), a_row(reviewed_on=reviewed_on, next_on=next_on), figures=figures)
    assert len(found) == 1
    assert found[0].startswith("line 3: ") and said in found[0]
    assert [title for title, *_ in stated()] == ["Measles"]


def test_a_page_that_nobody_has_is_named(asthma):
    assert problems(a_row("Gout"), "\t\t\t2025-01-01\t") == [
        "line 2: no article has the address “gout” or the title “Gout”.",
        "line 3: it names neither an address nor a title.",
    ]


def test_a_page_that_stands_twice_with_different_days_is_not_believed(asthma):
    said = "the same article has different days on the lines 2, 4. Leave the one that is right."
    assert problems(a_row(), "", a_row(next_on="2027-01-01")) == [f"line 2: {said}", f"line 4: {said}"]
    assert stated() == []


def test_a_page_that_stands_twice_with_the_same_days_counts_once(asthma):
    outcome = read(a_row(), a_row())
    assert (outcome.stated, outcome.unchanged, outcome.rows) == (1, 1, 2)


def test_a_row_without_any_day_states_nothing(asthma):
    outcome = read(a_row(reviewed_on="", next_on=""), a_row("Unknown", "", ""))
    assert (outcome.without_a_day, outcome.problems, stated()) == (2, [], [])


@pytest.mark.parametrize(
    "raw",
    [
        a_file(a_row("Café")).replace(b"\n", b"\r\n"),
        a_file(a_row("Café")).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + a_file(a_row("Café")),
        a_file(a_row("Café")).decode().encode("utf-16"),
        a_file(a_row("Café")).decode().encode("latin-1"),
        a_file(a_row('"Café"')),
        a_file(a_row("Cafe\u0301")),
        a_file(a_row("Café") + "\tmore\tcells"),
    ],
    ids=["CRLF", "CR", "BOM", "UTF-16", "Latin-1", "quoted", "decomposed", "longer"],
)
def test_the_file_may_come_from_any_editor(raw):
    an_article("Café")
    assert read(raw=raw).stated == 1


def test_a_cell_in_quotation_marks_is_read_as_a_spreadsheet_means_it():
    an_article("“Why me?”"), an_article('"Seeing" things'), an_article('"A" and "B"')
    rows = [a_row(title, url="") for title in ("“Why me?”", '"""Seeing"" things"', '"A" and "B"')]
    assert read(*rows).stated == 3


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "it is empty."),
        (b"\r\n \r\n", "it is empty."),
        (b"url,last_reviewed,review_due\n", "its first line must name, parted by tabs, the columns “url”"),
        (b"url\tlast_reviewed\n", "“last_reviewed” and “review_due”"),
        (b"genre\tlast_reviewed\treview_due\n", "the columns “url”"),
        (b"url\taddress\tlast_reviewed\treview_due\n", "its first line names the address twice."),
        (b"PK\x03\x04\x00\x00\x08", "it is no text file."),
        (b"\x1f\x8b\x08ab", "control characters"),
        (b"\xff\xfea", "can't be read as UTF-16"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(asthma, raw, said):
    with pytest.raises(NotReviewDates, match=re.escape(said)):
        read(raw=raw)


def test_a_file_that_is_far_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(review_dates, "MAX_BYTES", 100)
    with pytest.raises(NotReviewDates, match="larger than"):
        read(raw=a_file(a_row()) + b"\n" * 100)


def test_when_one_batch_fails_nothing_of_the_file_is_kept(asthma, monkeypatch):
    an_article("Measles")
    monkeypatch.setattr(review_dates, "BATCH", 1)

    def killed_in_between(batches):
        yield batches[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(a_row(), a_row("Measles"), progress=killed_in_between)
    assert stated() == [] and not AuditEntry.objects.exists()


def test_100_000_rows_cost_the_queries_of_the_pages_they_mean(django_assert_max_num_queries):
    Article.objects.bulk_create(
        Article(title=f"Page {number}", slug=f"page-{number}", kind="condition") for number in range(1200)
    )
    rows = [a_row(f"page-{number}") for number in range(100_000)]
    with django_assert_max_num_queries(80):
        outcome = read(*rows)
    assert (outcome.stated, len(outcome.problems), outcome.rows) == (1200, 98_800, 100_000)
    with django_assert_max_num_queries(20):
        assert read(*rows).unchanged == 1200


# The command


def command(path, *options) -> tuple[str, str, str]:
    """Its output, what it complained of, and how it ended."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_review_dates", path, *options, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


@pytest.fixture
def path(tmp_path, asthma):
    path = tmp_path / "dates.tsv"
    path.write_bytes(a_file(a_row(), a_row("Eczema", "", "")))
    return path


def test_the_command_counts_what_it_did(path):
    assert command(path) == ("1 stated, 0 unchanged, 1 without a day, 0 kept out.\n", "", "")
    assert command(path) == ("0 stated, 1 unchanged, 1 without a day, 0 kept out.\n", "", "")
    assert StatedReview.objects.get().source == "dates.tsv, line 2"


def test_the_rehearsal_says_the_same_and_writes_nothing(path):
    out, err, end = command(path, "--dry-run")
    assert out.startswith("1 stated, 0 unchanged, 1 without a day, 0 kept out. Nothing was written")
    assert (err, end) == ("", "")
    assert stated() == [] and not AuditEntry.objects.exists()
    assert Article.objects.get().next_review_on is None


def test_the_command_names_the_rows_it_kept_out_and_ends_as_a_failure(path):
    path.write_bytes(a_file(a_row(), a_row("Gout"), a_row("Eczema", "soon")))
    out, err, end = command(path)
    assert out == "1 stated, 0 unchanged, 0 without a day, 2 kept out.\n"
    assert err.splitlines() == [
        f"{path}: line 3: no article has the address “gout” or the title “Gout”.",
        f"{path}: line 4: “soon” is no day that can be read. Write it as 2021-03-15.",
    ]
    assert end == "2 of 3 rows were kept out; see above."
    assert len(stated()) == 1


def test_the_command_is_told_which_comes_first(path):
    path.write_bytes(a_file(a_row(reviewed_on="03/04/2021")))
    assert command(path, "--day-first")[2] == ""
    assert StatedReview.objects.get().reviewed_on == date(2021, 4, 3)
    assert "not allowed with" in command(path, "--day-first", "--month-first")[2]


def test_the_command_says_why_a_file_can_not_be_read(tmp_path):
    assert "No such file" in command(tmp_path / "gone.tsv")[2]
    assert "it can't be read" in command(tmp_path)[2]
    (tmp_path / "empty.tsv").write_bytes(b"")
    assert command(tmp_path / "empty.tsv")[2] == f"{tmp_path / 'empty.tsv'}: it is empty."


def test_the_command_says_when_it_had_to_guess_the_encoding(path):
    an_article("Café")
    path.write_bytes(a_file(a_row("Café")).decode().encode("latin-1"))
    assert "read as Windows-1252" in command(path)[1]
