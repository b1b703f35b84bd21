"""Copies of the test database, to come back to in a moment: what takes long to make is made once."""

import shutil
from pathlib import Path

from django.db import connection


class Copies:
    """Each is a file beside that of SQLite, or a database beside that of PostgreSQL. Nobody else may be connected."""

    def __init__(self):
        self.names = []

    def keep(self, name: str) -> None:
        """A copy of the database as it is now."""
        self._copy(_database(), self._of(name))
        self.names.append(name)

    def back_to(self, name: str) -> None:
        """The database is as it was when the copy was made."""
        self.empty(of_what=self._of(name))

    def empty(self, *, of_what: str | None = None) -> None:
        """The database has no tables."""
        self._remove(_database())
        self._copy(of_what, _database())

    def forget(self) -> None:
        for name in self.names:
            self._remove(self._of(name))

    def _of(self, name: str) -> str:
        return f"{_database()}_{name}"

    def _copy(self, source: str | None, target: str) -> None:
        _disconnect()
        if connection.vendor != "sqlite":
            _outside(f'CREATE DATABASE "{target}" TEMPLATE "{source or "template1"}"')
        elif source:
            shutil.copyfile(source, target)

    def _remove(self, name: str) -> None:
        _disconnect()
        if connection.vendor != "sqlite":
            _outside(f'DROP DATABASE "{name}"')
        else:
            Path(name).unlink()


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _disconnect() -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def _outside(statement: str) -> None:
    """Of a database that nobody is in."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
