"""Tables of words that mean the same: which rows become synonyms, with whose credit, and which are counted instead."""

import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles.importing import synonyms
from articles.importing.synonyms import NotSynonyms, import_synonyms
from articles.models import Synonym

pytestmark = pytest.mark.django_db
US_GOV = "source\tfocus\tsynonym\n"
NCI = "term\talso_called\n"


def load(text: str | bytes, **options):
    raw = text.encode() if isinstance(text, str) else text
    return import_synonyms(io.BytesIO(raw), **{"source": "MedQuAD", "sort": "also_called", **options})


def stored(*fields: str) -> list[tuple]:
    return list(Synonym.objects.order_by("pk").values_list(*(fields or ("words", "meaning"))))


def test_a_row_says_which_words_mean_what_and_where_that_comes_from():
    outcome = load(US_GOV + "GARD\tAlbinism\tABCD syndrome\n")
    assert (outcome.made, outcome.rows) == (1, 1)
    fields = ("words", "meaning", "sort", "source", "language", "is_exact", "is_negated")
    assert stored(*fields) == [("ABCD syndrome", "Albinism", "also_called", "MedQuAD (GARD)", "en", False, False)]


def test_terms_and_what_they_are_also_called_are_read_too():
    load(NCI + "abarelix\tPlenaxis\n", source="National Cancer Institute", sort="lay_term")
    assert stored("words", "meaning", "sort", "source") == [
        ("Plenaxis", "abarelix", "lay_term", "National Cancer Institute")
    ]


def test_columns_may_stand_in_any_order_and_others_beside_them():
    load("Synonym\tnumber\tFOCUS\r\nABCD\t7\tAlbinism\r\n")
    assert stored() == [("ABCD", "Albinism")]


def test_duplicates_and_words_that_mean_themselves_are_counted_and_left_out():
    outcome = load(NCI + "Flu\tGrippe\nFlu\tgrippe\nFlü\tGRIPPE\nFlu\tflu\nFlu\tFlu's\n\nFlu\tInfluenza\n")
    assert (outcome.made, outcome.known, outcome.of_themselves, outcome.problems) == (2, 2, 2, [])
    assert stored() == [("Grippe", "Flu"), ("Influenza", "Flu")]


def test_words_that_mean_several_things_keep_each_of_them():
    load(NCI + "Common cold\tcold\nHypothermia\tcold\n")
    assert stored() == [("cold", "Common cold"), ("cold", "Hypothermia")]


def test_a_second_import_makes_nothing():
    load(NCI + "Flu\tGrippe\n")
    outcome = load(NCI + "flu\tgrippe\n", source="Somebody else")
    assert (outcome.made, outcome.known) == (0, 1)
    assert stored("source") == [("MedQuAD",)]


def test_cells_are_read_as_a_spreadsheet_writes_them():
    load("\ufeff" + NCI + '"HDL: ""good"" cholesterol"\t  good\u200b   cholesterol \n')
    assert stored() == [("good cholesterol", 'HDL: "good" cholesterol')]


def test_rows_that_can_not_be_stored_are_named_and_the_others_stored():
    rows = [
        "Flu\tGrippe",
        "Flu",
        "Flu\t",
        "\tGrippe",
        "Flu\t?!",
        "Flu\ta\x00b",
        f"Flu\t{'x' * 201}",
        f"Flu\t{'ﬃ' * 80}",
    ]
    outcome = load(NCI + "\n".join(rows))
    assert (outcome.made, outcome.rows) == (1, 8)
    assert [str(problem) for problem in outcome.problems] == [
        "line 3: it has too few columns. Part them by tabs.",
        "line 4: the words are missing.",
        "line 5: what they mean is missing.",
        "line 6: the words are missing.",
        "line 7: it holds control characters.",
        f"line 8: “{'x' * 40}…” has 201 characters; at most 200 fit.",
        f"line 9: “{'ﬃ' * 40}…” has 240 characters; at most 200 fit.",
    ]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "its first line must name"),
        (b"word\tmeaning\nFlu\tGrippe\n", "its first line must name"),
        (b"term\tfocus\talso_called\n", "two columns for the meaning"),
        (NCI.encode() + b"Flu\tGrippe\nFlu\tGr\xfcppe\n", "line 3 is no UTF-8"),
        (NCI.encode() + b"Flu\tGrippe\n" + b"x" * 20_000, "line 3 has more than 10,000"),
    ],
)
def test_a_file_that_is_no_such_table_stores_nothing(raw, sentence):
    with pytest.raises(NotSynonyms, match=sentence):
        load(raw)
    assert not Synonym.objects.exists()


def test_a_table_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(synonyms, "MAX_ROWS", 3)
    with pytest.raises(NotSynonyms, match="Split it"):
        load(NCI + "".join(f"Flu\tname {number}\n" for number in range(4)))
    assert not Synonym.objects.exists()


def test_rows_are_written_in_batches(django_assert_max_num_queries):
    text = NCI + "".join(f"Term {number}\tname {number}\n" for number in range(2500))
    with django_assert_max_num_queries(40):  # SQLite takes some 120 rows in one statement
        outcome = load(text)
    assert outcome.made == Synonym.objects.count() == 2500


# The command


@pytest.fixture
def command(tmp_path):
    def run(text: str, *options) -> tuple[str, str, str]:
        file, out, err = tmp_path / "synonyms.tsv", StringIO(), StringIO()
        file.write_text(text)
        try:
            call_command("import_synonyms", str(file), *options, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), err.getvalue(), str(error)
        return out.getvalue(), err.getvalue(), ""

    return run


def test_the_command_says_what_became_of_the_rows(command):
    said, complaints, failure = command(NCI + "Flu\tGrippe\nFlu\tflu\nFlu\tgrippe\n", "--source", "NCI")
    assert said == "1 made, 1 known already, 1 that mean themselves, 0 kept out.\n"
    assert (complaints, failure) == ("", "")


def test_the_command_names_the_rows_that_were_kept_out_and_fails(command):
    said, complaints, failure = command(NCI + "Flu\tGrippe\n" + "Flu\n" * 30, "--source", "NCI", "--type", "lay_term")
    assert "1 made" in said
    assert "line 3: it has too few columns" in complaints
    assert complaints.endswith("and 10 more.\n")
    assert failure == "30 of 31 rows were kept out; see above."
    assert stored("sort") == [("lay_term",)]


def test_a_large_table_can_be_kept_out_of_longer_questions(command):
    command(NCI + "Flu\tGrippe\n", "--source", "NCI", "--exact")
    command(NCI + "Flu\tInfluenza\n", "--source", "NCI")
    assert stored("words", "is_exact") == [("Grippe", True), ("Influenza", False)]


@pytest.mark.parametrize("source", [" ", "x" * 201])
def test_the_credit_is_asked_for(command, source):
    _, _, failure = command(NCI + "Flu\tGrippe\n", "--source", source)
    assert "Say with --source where it comes from" in failure
    assert not Synonym.objects.exists()


def test_the_command_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="it can't be read"):
        call_command("import_synonyms", str(tmp_path / "none.tsv"), "--source", "NCI")
