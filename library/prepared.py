"""Queries that Django writes once and asks again with other values.

A query of a public page is some thousand characters of SQL. Django takes longer to write it than the database to answer it,
and the database longer to plan it than to follow the plan; and from page to page only a few values differ. So the query is
written once, with marks in the places of its values, and PostgreSQL remembers its plan (the settings in env.py see to that).
What is asked stands where it stood: in the querysets.
"""

import json
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime

from django.db import NotSupportedError, connections, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BigAutoField, Lookup, QuerySet

Value = datetime | str | int | list[int]


class prepared:
    """Decorate a function that makes a queryset of its keywords: called, it gives the rows as a list, with one query.

    The keywords are moments, texts, ids, and lists of ids, which are asked for with `pk__among`. The function hands them to
    the database and decides nothing by them. Raises RuntimeError at the first call when one of the keywords is not
    in the query.
    """

    def __init__(self, make: Callable[..., QuerySet]):
        self.make = make
        self.written: _Written | None = None

    def __call__(self, **values: Value) -> list:
        if self.written is None:
            self.written = _Written(self.make, values)
        return self.written.rows(values)


@BigAutoField.register_lookup
class Among(Lookup):
    """`pk__among=ids` is `pk__in=ids` with one parameter, however many ids there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        one_of = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
        return f"{column} {one_of}", [*parameters, _parameter(self.rhs, connection)]


def _parameter(value: Value, connection):
    """A value as it stands among the parameters of a query."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, list) and connection.vendor == "sqlite":
        return json.dumps(value)
    return value


class _Written:
    """A queryset as SQL, and which of its parameters are which values."""

    def __init__(self, make: Callable[..., QuerySet], values: dict[str, Value]):
        marks = {name: _mark(number, value) for number, (name, value) in enumerate(values.items())}
        self.queryset = make(**marks)
        self.compiler = self.queryset.query.get_compiler(router.db_for_read(self.queryset.model))
        self.sql, parameters = self.compiler.as_sql()
        self.parameters = [
            (_name_of(parameter, marks, self.compiler.connection), parameter) for parameter in parameters
        ]
        if missing := marks.keys() - {name for name, _ in self.parameters}:
            raise RuntimeError(f"The query of {make.__qualname__} doesn't ask for: {', '.join(sorted(missing))}.")

    def rows(self, values: dict[str, Value]) -> list:
        """Of the values, and of Django's own way from rows to what the queryset gives."""
        queryset, compiler = self.queryset._chain(), copy(self.compiler)
        connection = compiler.connection = connections[queryset.db]
        parameters = [
            _parameter(values[name], connection) if name else parameter for name, parameter in self.parameters
        ]
        found = _answer(connection, self.sql, parameters)
        compiler.execute_sql = lambda *args, **kwargs: [found]
        queryset.query.get_compiler = lambda *args, **kwargs: compiler
        return list(queryset)


def _mark(number: int, value: Value) -> Value:
    """A value of the same sort that stands nowhere else."""
    if isinstance(value, datetime):
        return datetime(1, 1, 1 + number, tzinfo=UTC)
    if isinstance(value, str):
        return f"\x1a{number}"
    mark = -1_000_000_000 - number
    return [mark] if isinstance(value, list) else mark


def _name_of(parameter, marks: dict[str, Value], connection) -> str | None:
    return next((name for name, mark in marks.items() if parameter == _parameter(mark, connection)), None)


def _answer(connection, sql: str, parameters: list) -> list[tuple]:
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    try:
        return _planned_answer(connection, sql, parameters)
    except NotSupportedError:  # a table was altered since the plan was made
        if connection.in_atomic_block:
            raise
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        return _planned_answer(connection, sql, parameters)


def _planned_answer(connection, sql: str, parameters: list) -> list[tuple]:
    """With a cursor of Django's that hands over the query and its values apart; psycopg then prepares it."""
    connection.ensure_connection()
    with connection._prepare_cursor(ServerBindingCursor(connection.connection)) as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
