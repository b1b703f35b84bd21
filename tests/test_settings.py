"""Unset means safe; a value that can't be understood stops the start with a sentence that says what to write."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from library import env
from tests.conftest import PROJECT


@pytest.fixture
def variable(monkeypatch):
    return lambda value: monkeypatch.setenv("VARIABLE", value)


@pytest.mark.parametrize(("value", "meaning"), [("true", True), ("ON", True), ("1", True), ("no", False), ("", True)])
def test_a_flag_is_yes_or_no(variable, value, meaning):
    variable(value)
    assert env.flag("VARIABLE", default=True) is meaning


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (
            lambda: env.flag("VARIABLE", default=True),
            "yse",
            "VARIABLE is “yse”, which is neither yes nor no. Write true or false.",
        ),
        (lambda: env.number("VARIABLE", default=1, least=1, most=9), "10", "Write a whole number from 1 to 9."),
        (lambda: env.number("VARIABLE", default=1, least=1, most=9), "²", "Write a whole number from 1 to 9."),
        (lambda: env.time_zone("VARIABLE", default="UTC"), "Chicago", "Write a name such as America/Chicago"),
        (lambda: env.time_zone("VARIABLE", default="UTC"), "../etc", "Write a name such as America/Chicago"),
        (
            lambda: env.database("VARIABLE", default=""),
            "mysql://localhost/x",
            "neither a SQLite nor a PostgreSQL address",
        ),
        (lambda: env.database("VARIABLE", default=""), "postgres://host:port/x", "can't be read"),
        (lambda: env.replica("VARIABLE"), "sqlite:///copy.sqlite3", "VARIABLE is no PostgreSQL address"),
        (lambda: env.database("VARIABLE", default=""), "sqlite://", "Write VARIABLE as sqlite:///var/library.sqlite3"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_advice(variable, read, value, sentence):
    variable(value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert sentence in str(refusal.value)


def test_a_postgresql_address_is_taken_apart(variable):
    variable("postgres://ana:p%40ss@db.example:5433/lib%2Drary?sslmode=require")
    settings = env.database("VARIABLE", default="")
    assert [settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "lib-rary",
        "ana",
        "p@ss",
        "db.example",
        "5433",
    ]
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert "statement_timeout" in settings["OPTIONS"]["options"]
    assert "lock_timeout" in settings["OPTIONS"]["options"]


def test_a_replica_is_used_only_when_it_is_named_and_refuses_to_be_written_to(variable):
    assert env.replica("VARIABLE") is None
    variable("postgres://ana@db.example/library?options=-c%20search_path%3Dx")
    options = env.replica("VARIABLE")["OPTIONS"]["options"]
    assert options == "-c search_path=x -c default_transaction_read_only=on"


def test_a_sqlite_address_is_relative_with_three_strokes_and_absolute_with_four(variable):
    variable("sqlite:///var/library.sqlite3")
    assert env.database("VARIABLE", default="")["NAME"] == "var/library.sqlite3"
    variable("sqlite:////srv/library.sqlite3")
    assert env.database("VARIABLE", default="")["NAME"] == "/srv/library.sqlite3"


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("VARIABLE_FILE", str(tmp_path / "key"))
    assert env.text("VARIABLE") == "from a file"
    monkeypatch.setenv("VARIABLE_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="Write the path of a text file"):
        env.text("VARIABLE")


def test_a_secret_that_is_not_given_is_made_once_for_its_owner_only(tmp_path):
    file = tmp_path / "data" / "secret-key"
    first = env.secret("NOT_SET_ANYWHERE", kept_in=file)
    assert len(first) > 50
    assert env.secret("NOT_SET_ANYWHERE", kept_in=file) == first
    assert file.stat().st_mode & 0o777 == 0o600


def start(**environment):
    base = {"PATH": os.environ["PATH"], "DATA_DIR": environment.pop("DATA_DIR", "/nonexistent"), "SECRET_KEY": "x"}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=PROJECT, env=base | environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DEBUG": "yse"}, "DEBUG is “yse”, which is neither yes nor no."),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE is “Mars”, which is no time zone."),
        ({"DATABASE_URL": "library.db"}, "DATABASE_URL is neither a SQLite nor a PostgreSQL address."),
        ({"SECRET_KEY": "", "DATA_DIR": "/proc/none"}, "SECRET_KEY is not set, and none can be kept in"),
    ],
)
def test_the_start_stops_with_one_sentence(environment, sentence):
    result = start(**environment)
    assert result.returncode != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_set_is_closed_and_safe(tmp_path):
    code = "from library import settings as s; print(s.DEBUG, s.ALLOWED_HOSTS, s.HTTPS, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False ['localhost', '127.0.0.1', '[::1]'] True True True"


def test_djangos_own_check_of_a_deployment_finds_nothing(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "ALLOWED_HOSTS": "library.example.org"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
