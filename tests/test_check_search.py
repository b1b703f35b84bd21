"""Measuring search: saved queries and tables of queries, at which place the right page comes, and what got worse."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles import search_quality
from articles.models import SavedQuery
from articles.publishing import withdraw
from articles.search_quality import Asked, NotQueries, ask, check_file, check_saved, found, page_at, success
from tests.builders import ANA, NOON, a_topic, an_article, published

pytestmark = pytest.mark.django_db
MRI = "/topics/mri/"


def asked(*places: int | None) -> list[Asked]:
    return [Asked("mri", MRI, place) for place in places]


def test_success_is_the_share_of_queries_whose_page_is_among_the_first():
    some = asked(1, 2, 5, 6, None)
    assert (success(some, 1), success(some, 5)) == (1 / 5, 3 / 5)
    assert success([], 1) == 0.0


def test_what_search_answers_is_asked_of_search_itself():
    a_topic("MRI")
    assert found("mri", at=NOON, language="en") == [MRI]
    assert found("surgery", at=NOON, language="en") == []


def test_a_page_is_found_at_its_place_or_not_at_all():
    topic = a_topic("MRI")
    assert ask("mri", topic, at=NOON, language="en") == Asked("mri", MRI, 1)
    assert ask("surgery", topic, at=NOON, language="en") == Asked("surgery", MRI, None)


def test_a_topic_and_an_article_about_it_are_found_by_one_another():
    topic = a_topic("Magnetic resonance imaging")
    article = published(an_article("Lying in the tube", about=[topic]))
    assert ask("tube", topic, at=NOON, language="en").place == 1
    assert ask("resonance", article, at=NOON, language="en").place == 1
    assert ask("tube", a_topic("Bone scan"), at=NOON, language="en").place is None


# Saved queries


def save(query="mri", **fields) -> SavedQuery:
    return SavedQuery.objects.create(query=query, **fields)


def test_a_check_keeps_the_place_of_each_page_and_when_it_was():
    topic = a_topic("MRI")
    hit, miss = save("mri", topic=topic), save("surgery", topic=topic)
    asked, worse = check_saved(at=NOON)
    assert [one.place for one in asked] == [1, None]
    assert worse == []
    for query, place in ((hit, 1), (miss, None)):
        query.refresh_from_db()
        assert (query.last_place, query.checked_at) == (place, NOON)


@pytest.mark.parametrize(
    ("before", "is_worse"),
    [({"last_place": 1}, True), ({"last_place": 7}, True), ({"last_place": None}, False)],
)
def test_a_page_that_is_found_no_longer_is_worse(before, is_worse):
    topic = a_topic("MRI")
    query = save("surgery", topic=topic, checked_at=NOON - timedelta(days=1), **before)
    _, worse = check_saved(at=NOON)
    assert bool(worse) is is_worse
    query.refresh_from_db()
    assert query.last_place is None
    assert check_saved(at=NOON)[1] == []  # said once: it is compared with the last time


@pytest.mark.parametrize(("before", "is_worse"), [(1, False), (3, False)])
def test_a_page_that_comes_as_early_or_earlier_is_not_worse(before, is_worse):
    save("mri", topic=a_topic("MRI"), last_place=before, checked_at=NOON)
    assert bool(check_saved(at=NOON)[1]) is is_worse


def test_a_later_place_is_worse(monkeypatch):
    monkeypatch.setattr(search_quality, "found", lambda query, **asked: ["/topics/ct/", MRI])
    save("mri", topic=a_topic("MRI"), last_place=1, checked_at=NOON)
    assert [str(one) for one in check_saved(at=NOON)[1]] == ["“mri”: /topics/mri/ was at place 1, now 2"]


def test_a_withdrawn_page_is_found_no_longer():
    article = published(an_article("Lying in the tube"))
    query = save("tube", article=article)
    check_saved(at=NOON)
    withdraw(article, at=NOON, by=ANA, reason="Wrong.")
    _, worse = check_saved(at=NOON)
    assert [str(one) for one in worse] == ["“tube”: /articles/lying-in-the-tube/ was at place 1, now not found"]
    query.refresh_from_db()
    assert query.last_place is None


# A table of queries


def test_a_table_names_queries_and_addresses():
    a_topic("MRI")
    published(an_article("Lying in the tube"))
    lines = ["# ours", "", "mri\t/topics/mri/", "tube\thttps://library.example.org/articles/lying-in-the-tube/"]
    asked, problems = check_file(lines, at=NOON)
    assert [(one.query, one.place) for one in asked] == [("mri", 1), ("tube", 1)]
    assert problems == []


def test_a_table_asks_in_the_language_of_each_page_and_takes_none_of_another_for_it():
    english = a_topic("Tai chi")
    a_topic("Tai chi", language="es", translation_of=english)
    a_topic("Mamografía", language="es")
    lines = ["mamografia\t/es/topics/mamografia/", "tai chi\t/topics/tai-chi/", "tai chi\t/es/topics/tai-chi/"]
    assert [one.place for one in check_file(lines, at=NOON)[0]] == [1, 1, 1]
    assert ask("tai chi", english, at=NOON, language="es").place is None  # its namesake is another page


def test_lines_that_can_not_be_asked_are_named():
    a_topic("MRI")
    _, problems = check_file(["mri", "\t/topics/mri/", "x\t/topics/none/", "x" * 501 + "\t/topics/mri/"], at=NOON)
    assert [str(problem) for problem in problems] == [
        "line 1: no page has the address “”. Write /topics/mri/, say.",
        "line 2: a query has between 1 and 500 characters.",
        "line 3: no page has the address “/topics/none/”. Write /topics/mri/, say.",
        "line 4: a query has between 1 and 500 characters.",
    ]


def test_a_table_without_queries_is_refused():
    with pytest.raises(NotQueries, match="it holds no query"):
        check_file(["# nothing", ""], at=NOON)


def test_an_address_that_a_page_once_had_leads_to_it():
    topic = a_topic("MRI")
    topic.slug = "magnetic-resonance-imaging"
    topic.save()
    assert page_at("/topics/mri/") == page_at("topics/magnetic-resonance-imaging") == topic
    assert page_at("/articles/mri/") is None
    assert page_at("/topics/\x00/") is None


# The command


def check_search(*options) -> tuple[str, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_search", *map(str, options), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


def test_the_command_prints_how_good_search_is():
    topic = a_topic("MRI")
    save("mri", topic=topic), save("surgery", topic=topic)
    assert check_search() == ("2 queries: success@1 0.50, success@5 0.50.\n", "", "")
    assert check_search("--misses")[0].splitlines()[0] == "not found   /topics/mri/  surgery"


def test_the_command_fails_when_a_query_got_worse():
    save("surgery", topic=a_topic("MRI"), last_place=2, checked_at=NOON)
    said, complaints, failure = check_search()
    assert said == "1 queries: success@1 0.00, success@5 0.00.\n"
    assert complaints == "worse: “surgery”: /topics/mri/ was at place 2, now not found\n"
    assert failure == "1 of 1 queries got worse since the last time."


def test_the_command_says_that_there_is_nothing_to_ask():
    assert check_search()[0] == "There are no saved queries. Add some in the admin, or name a file.\n"


def test_a_table_is_asked_and_nothing_kept(tmp_path):
    query = save("mri", topic=a_topic("MRI"))
    file = tmp_path / "queries.tsv"
    file.write_text("\ufeffmri\t/topics/mri/\n")
    assert check_search(file) == ("1 queries: success@1 1.00, success@5 1.00.\n", "", "")
    query.refresh_from_db()
    assert query.checked_at is None


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (None, "it can't be read"),
        (b"mri\t/topics/\xfc/", "it is no UTF-8"),
        (b"\n", "it holds no query"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"mri\t/topics/none/", "1 lines could not be asked"),
    ],
)
def test_a_table_that_can_not_be_asked_fails_with_a_sentence(tmp_path, raw, sentence):
    file = tmp_path / "queries.tsv"
    if raw is not None:
        file.write_bytes(raw)
    assert sentence in check_search(file)[2]
