"""`import_page`: from text files to working copies, and on request to first editions."""

import os
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.importing import sample_library
from articles.kinds import Kind
from articles.models import Article, Edition, RelatedLink, Topic
from articles.publishing import withdraw
from articles.revising import restore
from tests.builders import ANA, NOON, a_topic, an_article
from tests.page_texts import PAGE, a_page, paragraphs_of

pytestmark = pytest.mark.django_db

TITLES = [entry["title"] for entry in sample_library._toml("topics.toml")["topic"]]
SAMPLE = sample_library.FOLDER / "palliative-care-for-metastatic-breast-cancer.txt"
SEED = Path(__file__).resolve().parents[2] / "shared/seeds/palliative-care-for-metastatic-breast-cancer.txt"
KINDS = SEED.parents[1] / "data/related-topics.tsv"


class Run:
    """What one call of the command printed, and whether it failed."""

    def __init__(self, *arguments, **options):
        out, err = StringIO(), StringIO()
        self.failure = ""
        try:
            call_command("import_page", *map(str, arguments), stdout=out, stderr=err, **options)
        except CommandError as error:
            self.failure = str(error)
        self.table, self.findings = out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text, name="page.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def body_blocks(path: Path) -> list[str]:
    """The lines of a page file from the lead to the date line: one paragraph, heading or list item each."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    end = next(index for index, line in enumerate(lines) if "See more" in line)
    return [line.removeprefix("* ") for line in lines[2:end]]


@pytest.mark.parametrize(
    "source",
    [SAMPLE, pytest.param(SEED, marks=pytest.mark.skipif(not SEED.exists(), reason="the seed page is not here"))],
)
def test_the_palliative_care_page_goes_in_whole(source):
    run = Run(source, "--publish")
    assert run.failure == ""

    article = Article.objects.get()
    assert article.slug == "palliative-care-for-metastatic-breast-cancer"
    assert paragraphs_of(article) == body_blocks(source)
    assert len(article.sections.all()) == 3
    assert article.stated_on == date(2021, 6, 29)
    assert article.kind == Kind.IN_DEPTH
    assert [link.text for link in article.related_links.select_related("topic")] == TITLES
    assert len(set(article.related_links.values_list("topic", flat=True))) == 99
    edition = article.editions.get()
    assert [link["label"] for link in edition.content["links"]] == TITLES
    assert (edition.number, edition.published_on) == (1, date(2021, 6, 29))


@pytest.mark.skipif(not KINDS.exists(), reason="the table of kinds is not here")
def test_the_table_of_kinds_tells_both_mris_and_both_tai_chis_apart():
    run = Run(SAMPLE, kinds=KINDS)
    assert "Tell them apart" not in run.findings
    found = RelatedLink.objects.filter(topic__title__in=["MRI", "Tai chi"]).order_by("position")
    assert [(link.position, link.topic.title, link.topic.kind) for link in found] == [
        (61, "MRI", "test"),
        (85, "Tai chi", "in_depth"),
        (93, "MRI", "video"),
        (94, "Tai chi", "video"),
    ]


def test_without_kinds_two_lines_of_one_title_are_two_topics_for_an_editor_to_settle(file):
    run = Run(file(PAGE))
    first, second = Topic.objects.filter(title="MRI").order_by("pk")
    assert (first.slug, second.slug) == ("mri", "mri-2")
    assert not first.kind_settled and not second.kind_settled
    assert "line 19: “MRI” stands on the lines 19, 20: 2 topics (mri, mri-2). Tell them apart by kind" in run.findings
    assert "3 new topics have no known kind" in run.findings


def test_a_table_of_kinds_given_later_settles_the_topics_that_were_made(file, tmp_path):
    path = file(PAGE)
    Run(path)
    kinds = file("position\ttitle\tkind\n1\tChemotherapy\ttreatment\n2\tMRI\ttest\n3\tMRI\tvideo\n", "kinds.tsv")
    run = Run(path, kinds=kinds)
    assert "updated" in run.table
    assert list(Topic.objects.order_by("pk").values_list("title", "kind", "kind_settled")) == [
        ("Chemotherapy", "treatment", True),
        ("MRI", "test", True),
        ("MRI", "video", True),
    ]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("title\tkind\n", "the first line must name the columns position, title and kind"),
        ("position\ttitle\tkind\nfirst\tMRI\ttest\n", "line 2: “first” is no position"),
        ("position\ttitle\tkind\n2\tMRI\tscan\n", "line 2: “scan” is no kind. Write one of: condition, test"),
    ],
)
def test_a_table_of_kinds_that_can_not_be_used_stops_before_anything_is_read(file, table, problem):
    run = Run(file(PAGE), kinds=file(table, "kinds.tsv"))
    assert problem in run.failure
    assert not Article.objects.exists()


def test_rows_of_the_table_that_fit_no_title_are_named(file):
    run = Run(file(PAGE), kinds=file("position\ttitle\tkind\n9\tScan of the moon\ttest\n", "kinds.tsv"))
    assert "fits no title of these files: position 9, “scan of the moon”" in run.findings


def test_topics_are_found_again_whatever_their_case(file):
    topic = a_topic("chemotherapy", kind=Kind.TREATMENT)
    Run(file(PAGE))
    assert RelatedLink.objects.get(position=1).topic == topic
    assert RelatedLink.objects.get(position=1).text == "Chemotherapy"


def test_a_withdrawn_topic_in_the_list_is_reported(file):
    withdraw(a_topic("Chemotherapy"), at=NOON, by=ANA, reason="Replaced.")
    assert "line 18: “Chemotherapy” is withdrawn, so patients don't see this link" in Run(file(PAGE)).findings


def test_a_second_run_changes_nothing_and_says_so(file, django_assert_num_queries):
    path = file(PAGE)
    Run(path, "--publish")
    before = list(RelatedLink.objects.values()), list(Article.objects.values())
    run = Run(path, "--publish")
    assert "0 made, 0 updated, 1 unchanged, 0 refused." in run.table
    assert "edition 1 is published" in run.table
    assert (list(RelatedLink.objects.values()), list(Article.objects.values())) == before
    assert Edition.objects.count() == 1


def test_a_changed_file_updates_the_working_copy_and_never_the_edition(file):
    Run(file(PAGE), "--publish")
    run = Run(file(PAGE.replace("Dry toast", "Plain rice")), "--publish")
    assert "edition 1 stays: publish the new text in the admin" in run.table
    assert "Plain rice" in Article.objects.get().sections.last().body
    assert "Plain rice" not in str(Edition.objects.get().content)


def test_sections_keep_their_anchors_when_a_file_changes(file):
    Run(file(a_page(body="It passes. It is common.\n\nMeals\n\nEat little. Drink more.")))
    Run(
        file(a_page(body="It passes. It is common.\n\nRest\n\nSleep well. Nap too.\n\nMeals\n\nEat often. Drink more."))
    )
    anchors = Article.objects.get().sections.values_list("heading", "anchor")
    assert list(anchors) == [("", "introduction"), ("Rest", "rest"), ("Meals", "meals")]


def test_an_import_takes_the_place_of_sample_text(file):
    sample_library.load(at=NOON)
    run = Run(file(SAMPLE.read_text().replace("Palliative care treats", "Palliative care eases")), "--publish")
    assert "published as edition 2" in run.table
    edition = Edition.objects.live(at=NOON.replace(year=2027)).get(article__slug=SAMPLE.stem)
    assert (edition.number, edition.is_sample, edition.published_on, edition.updated_on) == (
        2,
        False,
        date(2021, 6, 29),
        None,
    )


def test_a_translation_goes_in_with_what_it_translates(file):
    Run(file(PAGE))
    a_topic("Ginger", definition="In English.")
    spanish = PAGE.replace("Coping with nausea", "Cómo llevar las náuseas")
    run = Run(file(spanish, "es.txt"), "--language", "es", "--translation-of", "coping-with-nausea", "--publish")
    assert "/es/articles/como-llevar-las-nauseas/" in run.table
    article = Article.objects.get(language="es")
    assert article.translation_of == Article.objects.get(language="en")
    assert article.editions.get().language == "es"
    assert {link.topic.language for link in article.related_links.all()} == {"es"}
    assert "1 unchanged" in Run(file(spanish, "es.txt"), "--language", "es").table
    assert Article.objects.get(language="es").translation_of is not None
    again = file(PAGE.replace("Coping with nausea", "Otra vez"), "again.txt")
    run = Run(again, "--language", "es", "--translation-of", "coping-with-nausea")
    assert "has a translation into Español already" in run.table and run.failure
    for address, files in (("nowhere", [again]), ("coping-with-nausea", [again, file(PAGE)])):
        with pytest.raises(CommandError, match=r"No article has the address|is about one page"):
            call_command("import_page", *map(str, files), "--language", "es", "--translation-of", address)


def test_what_an_editor_changed_is_not_overwritten_unasked(file):
    Run(file(PAGE))
    section = Article.objects.get().sections.last()
    section.body = "<p>Written by an editor.</p>"
    section.save()
    changed = file(PAGE.replace("Dry toast", "Plain rice"))

    run = Run(changed)
    assert "was changed in the admin since it was imported" in run.table
    assert run.failure == "1 of 1 files were refused; the table says why."
    assert Article.objects.get().sections.last().body == "<p>Written by an editor.</p>"

    assert "1 updated" in Run(changed, "--replace-edits").table
    assert "Plain rice" in Article.objects.get().sections.last().body


def test_an_article_of_the_admin_is_not_overwritten_unasked(file):
    an_article("Coping with nausea", sections=[("", "<p>By hand.</p>")])
    run = Run(file(PAGE))
    assert "was written in the admin and would be overwritten" in run.table
    assert Article.objects.get().sections.get().body == "<p>By hand.</p>"


def test_one_bad_file_is_refused_by_name_and_the_others_go_in(file):
    good, empty, binary = file(PAGE), file("", "empty.txt"), file(b"\x00\x01", "scan.pdf")
    menu = file("Home\n\nSearch\n\nLog in\n", "menu.txt")
    missing = good.parent / "missing.txt"
    run = Run(empty, good, binary, menu, missing)
    assert Article.objects.get().title == "Coping with nausea"
    for name, reason in [
        ("empty.txt", "it is empty"),
        ("scan.pdf", "no text file"),
        ("menu.txt", "is part of a menu"),
        ("missing.txt", "can't be read"),
    ]:
        row = next(line for line in run.table.splitlines() if name in line)
        assert row.startswith("refused") and reason in row
    assert "1 made, 0 updated, 0 unchanged, 4 refused." in run.table
    assert run.failure == "4 of 5 files were refused; the table says why."


def test_two_files_of_one_page_in_one_run_are_refused(file):
    run = Run(file(PAGE, "a.txt"), file(PAGE.replace("Dry toast", "Rice"), "b.txt"))
    assert "it has the title and kind of" in run.table
    assert "Dry toast" in Article.objects.get().sections.last().body


def test_a_page_of_the_same_title_and_another_kind_is_another_page(file):
    run = Run(file(PAGE, "a.txt"), file(PAGE.replace("See more In-depth", "See more Videos"), "b.txt"))
    assert run.failure == ""
    assert set(Article.objects.values_list("slug", "kind")) == {
        ("coping-with-nausea", "in_depth"),
        ("coping-with-nausea-2", "video"),
    }


def test_a_dry_run_walks_the_same_path_and_writes_nothing(file):
    files = [file(PAGE, "a.txt"), file(PAGE.replace("Coping", "Living"), "b.txt")]
    rehearsal = Run(*files, "--dry-run", "--publish")
    assert not Article.objects.exists() and not Topic.objects.exists() and not Edition.objects.exists()
    assert "Nothing was written" in rehearsal.table
    assert rehearsal.table.replace(" Nothing was written: this was a dry run.", "") == Run(*files, "--publish").table


def test_the_cost_of_a_page_does_not_grow_with_its_links(file):
    def queries(number_of_links):
        titles = "\n".join(
            f"  {number}. Topic {number} of {number_of_links}" for number in range(1, number_of_links + 1)
        )
        path = file(a_page(title=f"Page with {number_of_links} links", end=f"See also\n\n{titles}"))
        with CaptureQueriesContext(connection) as captured:
            Run(path, "--publish")
        return len(captured)

    assert queries(99) <= queries(2) + 2  # SQLite takes 999 parameters a statement, so the rows go in two


def test_a_date_that_the_file_states_no_longer_goes(file):
    Run(file(PAGE))
    Run(file(PAGE.replace("June 29, 2021 ", "")))
    article = Article.objects.get()
    assert article.stated_on is None


def test_replacing_edits_works_with_a_file_that_did_not_change(file):
    path = file(PAGE)
    Run(path)
    Article.objects.get().sections.all().delete()
    assert "1 unchanged" in Run(path).table
    assert "1 updated" in Run(path, "--replace-edits").table
    assert Article.objects.get().sections.count() == 2


def test_a_file_under_a_new_title_makes_a_second_article_and_says_so(file):
    Run(file(PAGE))
    run = Run(file(PAGE.replace("Coping with", "Living with", 1)))
    assert "this file made “Coping with nausea” (coping-with-nausea) before" in run.findings


def test_a_folder_or_a_pipe_is_no_file(file, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    run = Run(tmp_path, tmp_path / "pipe.txt")
    assert run.table.count("it is no file. Name the text files one by one") == 2


def test_a_file_name_in_another_encoding_does_no_harm(file, tmp_path):
    path = os.fsencode(tmp_path) + b"/n\xe1useas.txt"
    with open(path, "wb") as target:
        target.write(PAGE.encode())
    assert "1 made" in Run(os.fsdecode(path)).table


def test_contradicting_rows_in_the_table_of_kinds_are_refused(file):
    run = Run(file(PAGE), kinds=file("position\ttitle\tkind\n2\tMRI\ttest\n2\tMRI\tvideo\n", "kinds.tsv"))
    assert "line 3: position 2 has two kinds" in run.failure


def test_two_long_titles_that_differ_at_the_end_get_two_addresses(file):
    long = "a" * 97
    run = Run(file(a_page(end=f"See also\n\n  1. {long} b\n  2. {long} b")))
    assert run.failure == ""
    assert Topic.objects.count() == 2


def test_an_import_that_changes_something_is_one_revision_and_restore_undoes_it(file):
    Run(file(PAGE))
    Run(file(PAGE))
    Run(file(PAGE.replace("Dry toast", "Plain rice")))
    article = Article.objects.get()
    rows = list(article.revisions.values_list("number", "summary", "saved_by"))
    assert rows == [(2, "1 section changed", "import of page.txt"), (1, "first version", "import of page.txt")]
    restore(article, article.revisions.get(number=1), version=2, at=NOON, by=ANA)
    assert "Dry toast" in article.sections.last().body
