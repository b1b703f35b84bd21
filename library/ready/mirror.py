"""The kept pages of this machine: one SQLite file beside the data, shared by its processes.

It is a copy. It may be deleted, be damaged, stand on a full disk or on one that can't be written: then it counts as empty,
the log says so once, and readers get their pages from Django. Processes of another release use a file of their own.
"""

import json
import logging
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable
from functools import wraps
from pathlib import Path

from articles.changes import Position
from library.ready.page import Page

log = logging.getLogger("library.ready")

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS page (
    key TEXT, start REAL, until REAL, number INTEGER, modified INTEGER, length INTEGER, status TEXT, headers TEXT, keys TEXT,
    encodings TEXT, bodies BLOB, checksum INTEGER, PRIMARY KEY (key, start));
CREATE TABLE IF NOT EXISTS depends (on_key TEXT, key TEXT, PRIMARY KEY (on_key, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS position (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER, mark TEXT, life TEXT);
"""
COLUMNS = "start, until, number, modified, length, status, headers, keys, encodings, bodies, checksum"
WAIT = 2  # seconds for another process that writes
REST = 5  # seconds after a fault of the file
MANY = 500  # parameters of one statement
DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_IOERR_SHORT_READ"}  # not a database, a wrong one, one cut off


def careful(otherwise):
    """A method that gets the open file, one thread at a time. A fault of the file is told once and gives `otherwise`; then the
    file rests for a while, and one that is damaged is deleted."""

    def decorate(method):
        @wraps(method)
        def guarded(self, *args, **kwargs):
            with self.lock:
                if time.monotonic() < self.rests_until:
                    return otherwise
                try:
                    return method(self, self._opened(), *args, **kwargs)
                except (sqlite3.Error, OSError) as error:
                    self._gave_up(error)
                    return otherwise

        return guarded

    return decorate


class Mirror:
    """No method raises because of the file. `life` tells a mirror from the one before it was emptied as a whole."""

    def __init__(self, path: Path):
        self.path = path
        self.lock = threading.Lock()
        self.connection: sqlite3.Connection | None = None
        self.inode: int | None = None
        self.rests_until = 0.0
        self.has_complained = False

    @careful(otherwise=None)
    def load(self, file, key: str, now: float) -> tuple[Page, str] | None:
        """The page that is true at that moment, if nothing has changed since, and the life of the mirror; None without one."""
        sql = f"SELECT {COLUMNS}, (SELECT life FROM position) FROM page WHERE key = ? AND start <= ? AND until > ?"
        row = file.execute(f"{sql} ORDER BY start DESC LIMIT 1", (key, now, now)).fetchone()
        if row is None or row[-1] is None:
            return None
        page = _page(key, row[:-1])
        if page is None:  # damaged
            with file:
                file.execute("DELETE FROM page WHERE key = ?", (key,))
        return (page, row[-1]) if page else None

    @careful(otherwise=None)
    def save(self, file, page: Page) -> None:
        row = _row(page)
        with file:
            file.execute(f"REPLACE INTO page VALUES ({', '.join('?' * (1 + len(row)))})", (page.key, *row))
            file.executemany("INSERT OR IGNORE INTO depends VALUES (?, ?)", ((on, page.key) for on in page.keys))

    @careful(otherwise=None)
    def position(self, file) -> tuple[Position, str] | None:
        """Until which change the mirror is right, and its life; None when it is new or can't be read."""
        row = file.execute("SELECT number, mark, life FROM position").fetchone()
        return (Position(row[0], row[1]), row[2]) if row else None

    @careful(otherwise=None)
    def move(self, file, to: Position, touched: set[str]) -> dict[str, Page | None] | None:
        """Remove what depends on the keys, and note the position: both or neither. The keys that were removed, each with
        what was true now; None when it could not be done, so that it is tried again."""
        gone: dict[str, Page | None] = {}
        now = time.time()
        with file:
            for keys in _parts(touched):
                found = f"SELECT key FROM depends WHERE on_key IN ({_marks(keys)})"
                gone |= dict.fromkeys(key for (key,) in file.execute(found, keys))
            for keys in _parts(gone):
                rows = file.execute(
                    f"SELECT key, {COLUMNS} FROM page WHERE key IN ({_marks(keys)}) ORDER BY start DESC", keys
                )
                gone |= {key: _page(key, row) for key, *row in rows if row[1] > now}
                file.execute(f"DELETE FROM page WHERE key IN ({_marks(keys)})", keys)
                file.execute(f"DELETE FROM depends WHERE key IN ({_marks(keys)})", keys)
            file.execute("UPDATE position SET number = ?, mark = ?", to)
        return gone

    @careful(otherwise=False)
    def clear(self, file, to: Position) -> bool:
        with file:
            for table in ("page", "depends", "position"):
                file.execute(f"DELETE FROM {table}")
            file.execute("INSERT INTO position VALUES (1, ?, ?, ?)", (*to, os.urandom(8).hex()))
        return True

    @careful(otherwise=None)
    def remove(self, file, key: str) -> None:
        with file:
            file.execute("DELETE FROM page WHERE key = ?", (key,))
            file.execute("DELETE FROM depends WHERE key = ?", (key,))

    @careful(otherwise=None)
    def forget_before(self, file, moment: float) -> None:
        with file:
            file.execute("DELETE FROM page WHERE until < ?", (moment,))

    @careful(otherwise=frozenset())
    def kept_until(self, file, moment: float) -> set[str]:
        """The keys of the pages that are known until that moment."""
        return {key for (key,) in file.execute("SELECT key FROM page WHERE until >= ?", (moment,))}

    def _opened(self) -> sqlite3.Connection:
        if self.connection and self.inode != _inode(self.path):
            self._close()
        if self.connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(self.path, timeout=WAIT, check_same_thread=False)
            self.connection.executescript(SCHEMA)
            self.inode = _inode(self.path)
        return self.connection

    def _close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _gave_up(self, error: Exception) -> None:
        self._close()
        self.rests_until = time.monotonic() + REST
        if getattr(error, "sqlite_errorname", None) in DAMAGED:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.rests_until = 0.0
        if not self.has_complained:
            self.has_complained = True
            log.error(
                "The pages kept in %s can't be used (%s: %s). Readers get their pages from the database; see that the folder "
                "has room and can be written.",
                self.path,
                type(error).__name__,
                error,
            )


def _row(page: Page) -> tuple:
    encodings = {encoding: len(body) for encoding, body in page.bodies.items()}
    bodies = b"".join(page.bodies.values())
    keys, headers = "\n".join(sorted(page.keys)), json.dumps(page.headers)
    checksum = zlib.crc32(bodies + headers.encode() + keys.encode())
    row = (page.start, page.until, page.number, page.modified, page.length, page.status, headers, keys)
    return (*row, json.dumps(encodings), bodies, checksum)


def _page(key: str, row: tuple) -> Page | None:
    """None for a row that is not as it was written."""
    start, until, number, modified, length, status, headers, keys, encodings, bodies, checksum = row
    if zlib.crc32(bodies + headers.encode() + keys.encode()) != checksum:
        return None
    parts, begin = {}, 0
    for encoding, size in json.loads(encodings).items():
        parts[encoding] = bodies[begin : begin + size]
        begin += size
    listed = [(name, value) for name, value in json.loads(headers)]
    return Page(key, status, listed, parts, frozenset(keys.split("\n")), start, until, number, modified, length)


def _parts(values: Iterable[str]) -> Iterable[list[str]]:
    listed = list(values)
    return (listed[start : start + MANY] for start in range(0, len(listed), MANY))


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
