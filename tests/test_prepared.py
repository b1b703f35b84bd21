"""Queries that are written once (library/prepared.py): the rows are those of the queryset, whatever the values."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from articles.models import Tag, Topic
from library.prepared import prepared
from tests.builders import a_topic

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


def of_topics(ids, language, at):
    topics = Topic.objects.not_withdrawn(at=at).filter(pk__in=ids, language=language).exclude(title="it's 100%")
    return topics.order_by("sort_key")


@prepared
def titles(*, ids, language, at):
    topics = Topic.objects.not_withdrawn(at=at).filter(pk__among=ids, language=language)
    return topics.exclude(title="it's 100%").order_by("sort_key").values_list("title", flat=True)


@prepared
def names_of_tags(*, name):
    return Tag.objects.filter(name=name).values_list("name_es", flat=True)


@prepared
def by_address(*, slug):
    return Topic.objects.filter(slug=slug).select_related("translation_of").only("title", "translation_of__title")


def test_the_rows_are_those_of_the_queryset_for_other_values_too():
    topics = [a_topic(f"Topic {number}", language="es" if number % 3 else "en") for number in range(20)]
    a_topic("it's 100%")
    everything = list(Topic.objects.values_list("pk", flat=True))
    for ids in ([topics[3].pk], [topic.pk for topic in topics], everything, [2**62], [0, -1, topics[0].pk] * 500, []):
        for language in ("en", "es", "xx", "\x1a1", "', %s --", "é🩺"):
            for at in (LONG_AGO, LONG_AGO + timedelta(days=20_000)):
                expected = [topic.title for topic in of_topics(ids, language, at)]
                assert titles(ids=ids, language=language, at=at) == expected


def test_rows_are_pages_with_what_was_asked_for_and_nothing_else_asks(django_assert_num_queries):
    original = a_topic("Nausea")
    a_topic("Náuseas", language="es", translation_of=original, slug="nauseas")
    assert by_address(slug="nausea")[0].translation_of is None
    with django_assert_num_queries(1):
        (topic,) = by_address(slug="nauseas")
        assert (topic.title, topic.translation_of.title) == ("Náuseas", "Nausea")
    assert by_address(slug="nowhere") == []


def test_django_writes_the_query_once(monkeypatch):
    a_topic("Nausea")
    by_address(slug="nausea")
    monkeypatch.setattr(by_address, "make", None)
    assert [topic.title for topic in by_address(slug="nausea")] == ["Nausea"]


def test_a_value_that_the_query_does_not_ask_for_is_a_fault():
    @prepared
    def decides(*, slug, language):
        return Topic.objects.filter(slug=slug) if language else Topic.objects.none()

    with pytest.raises(RuntimeError, match="doesn't ask for: language"):
        decides(slug="nausea", language="en")


def test_an_error_of_the_database_is_one_of_django(committing_db):
    @prepared
    def nowhere(*, slug):
        return Topic.objects.filter(slug=slug).extra(select={"one": "no_such_column"})

    with pytest.raises(DatabaseError):
        nowhere(slug="nausea")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps the last statements of its own accord.")
def test_postgresql_remembers_the_plan(committing_db):
    connection.close()
    with CaptureQueriesContext(connection) as asked:
        for slug in ("one", "two"):
            by_address(slug=slug)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%_topic%'")
        ((statement, times),) = cursor.fetchall()
    assert "$1" in statement and times == len(asked) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite makes a new plan by itself.")
def test_a_table_that_is_altered_while_the_library_runs_is_asked_anew(committing_db):
    Tag.objects.create(name="Nausea", name_es="Náuseas")
    other = connection.copy()
    with other.cursor() as cursor:
        for length in (100, 90, 100):
            assert names_of_tags(name="Nausea") == ["Náuseas"]
            cursor.execute(f"ALTER TABLE articles_tag ALTER name_es TYPE varchar({length})")
            assert names_of_tags(name="Nausea") == ["Náuseas"]
    other.close()
