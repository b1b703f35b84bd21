"""What patients search for gets into no log: not into that of PostgreSQL, and not with a fault of the database into ours."""

import os
import time
from pathlib import Path

import pytest
from django.db import DatabaseError, ProgrammingError, connection
from django.test import Client
from django.utils import timezone

from articles import search
from library.statement_log import SILENT, silence

WAIT = 10  # seconds at most until the server has written what it wrote


@pytest.fixture
def server_log(committing_db):
    """The log of a server that notes every statement in this database, read from here on."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no log.")
    path = Path(connection.settings_dict["HOST"]) / "log"
    if not os.access(path, os.R_OK):
        pytest.skip("This PostgreSQL was not started by tests.with_postgres, and its log can't be read.")
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    run(f"ALTER DATABASE {name} SET log_min_duration_statement = 0")
    reconnect()
    start = path.stat().st_size
    yield lambda: path.read_text(errors="replace")[start:]
    run(f"ALTER DATABASE {name} RESET ALL", "ALTER ROLE library RESET ALL")
    reconnect()


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def reconnect():
    connection.close()
    connection.close_pool()


def look_for(word: str) -> None:
    reader = Client(headers={"host": "localhost"})
    assert reader.get("/search/", {"q": f"{word} nausea"}, secure=True).status_code == 200
    assert reader.get(f"/articles/{word}/", secure=True).status_code == 404  # looks for pages of a similar name
    with pytest.raises(DatabaseError):  # what goes wrong is written down with its statement
        run(f"SELECT 1 / 0 FROM articles_topic RIGHT JOIN (SELECT '{word}') AS said ON true")


def test_words_of_patients_are_in_no_log_of_statements(server_log):
    look_for("firstsecretword")
    assert silence() == ""
    reconnect()
    look_for("othersecretword")
    run("DO $$ BEGIN RAISE LOG 'the end of the test'; END $$")
    for _ in range(WAIT * 10):
        if "the end of the test" in server_log():
            break
        time.sleep(0.1)
    said = server_log()
    assert "the end of the test" in said
    assert said.count("firstsecretword") > 3  # the control: this log would have told
    assert "ERROR:  division by zero" in said
    assert "othersecretword" not in said
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*SILENT]])
        assert dict(cursor.fetchall()) == SILENT


def test_who_may_not_change_it_is_told_what_its_superuser_is_to_run(server_log):
    run("DROP ROLE IF EXISTS somebody", "CREATE ROLE somebody", "SET ROLE somebody")
    try:
        said = silence()
    finally:
        run("RESET ROLE", "DROP ROLE somebody")
    assert 'ALTER ROLE "library" SET log_min_error_statement = panic;' in said
    assert "SET log_min_duration_statement = -1;" in said


@pytest.mark.django_db
def test_sqlite_keeps_no_log(django_assert_num_queries):
    if connection.vendor != "sqlite":
        pytest.skip("Another database.")
    with django_assert_num_queries(0):
        assert silence() == ""


@pytest.mark.django_db
def test_a_fault_of_the_database_is_logged_without_the_words(caplog):
    def fail(execute, sql, params, many, context):
        raise ProgrammingError(f"syntax error at or near {params}")

    with connection.execute_wrapper(fail):
        with pytest.raises(ProgrammingError, match="secretword"):  # the control
            search.search("secretword", at=timezone.now())
        reader = Client(raise_request_exception=False, headers={"host": "localhost"})
        assert reader.get("/search/", {"q": "secretword"}, secure=True).status_code == 500
    assert "ProgrammingError: The database could not answer a search." in caplog.text
    assert "secretword" not in caplog.text
