"""The kept pages of this machine: one SQLite file beside the data, shared by its processes.

It is a copy. It may be deleted, be damaged, stand on a full disk or on one that can't be written: then it counts as empty,
the log says so once, and readers get their pages from Django. Processes of another release use a file of their own.

Each row is sealed with the key under which it is found, and what is not as it was written is deleted: a wrong page is worse
than none.
"""

import json
import logging
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
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
    key TEXT, start REAL, until REAL, seal INTEGER, checksum INTEGER, content BLOB, PRIMARY KEY (key, start));
CREATE TABLE IF NOT EXISTS depends (on_key TEXT, key TEXT, PRIMARY KEY (on_key, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS position (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER, mark TEXT, life TEXT);
"""
COLUMNS = "start, until, seal, checksum, content"
WAIT = 2  # seconds for another process that writes
REST = 5  # seconds after a fault of the file
MANY = 500  # parameters of one statement
# What is no fault of the file: another process is at it, the disk is full or can't be reached. SQLite says much of a file
# in which some bytes are wrong, such as that a column is missing or that it can't be written.
PASSING = ("BUSY", "LOCKED", "FULL", "CANTOPEN", "IOERR", "PERM", "PROTOCOL", "READONLY_")
CUT_OFF = "SQLITE_IOERR_SHORT_READ"


class OutOfOrderError(Exception):
    """Some rows can't be found, and will not be found when they are made anew."""


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
                except Exception as error:
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
        if page is None or not page.start <= now < page.until:  # the index may say otherwise than the row
            _delete(file, [key])
            return None
        return page, row[-1]

    @careful(otherwise=None)
    def save(self, file, page: Page) -> None:
        with file:
            file.execute(f"REPLACE INTO page (key, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", (page.key, *_row(page)))
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
                before = [(key, _page(key, row)) for key, *row in rows]
                gone |= {key: page for key, page in before if page and page.until > now}
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
    def forget_before(self, file, moment: float) -> None:
        with file:
            file.execute("DELETE FROM page WHERE until < ?", (moment,))

    @careful(otherwise=frozenset())
    def kept_until(self, file, moment: float) -> set[str]:
        """The keys of the pages that are known until that moment. It goes through the index, as `load` does, and through all
        of it. Rows with a wrong seal are deleted, so that they are made anew; a content that is not as it was written shows
        when it is read."""
        rows = file.execute(
            "SELECT key, start, until, seal FROM page INDEXED BY sqlite_autoindex_page_1 ORDER BY key, start"
        )
        kept, damaged, last = set(), set(), None
        for key, start, until, seal in rows:
            if last and last >= (key, start):
                raise OutOfOrderError("the index of the pages is not in its order")
            last = key, start
            if seal != _seal(key, start, until):
                damaged.add(key)
            elif until >= moment:
                kept.add(key)
        _delete(file, damaged)
        return kept - damaged

    def _opened(self) -> sqlite3.Connection:
        if self.connection and self.inode != _inode(self.path):
            self._close()
        if self.connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(self.path, timeout=WAIT, check_same_thread=False)
            self.connection.text_factory = lambda text: text.decode(errors="replace")  # a wrong seal, and no error
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
        if _is_damage(error):
            with suppress(OSError):
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


def _is_damage(error: Exception) -> bool:
    name = getattr(error, "sqlite_errorname", "")  # what SQLite does not name went wrong with what was read
    is_passing = isinstance(error, (OSError, MemoryError)) or name.removeprefix("SQLITE_").startswith(PASSING)
    return name == CUT_OFF or not is_passing


def _row(page: Page) -> tuple:
    """The content is a line of JSON and, behind it, the bodies one after the other."""
    told = {name: getattr(page, name) for name in ("status", "headers", "number", "modified", "length")}
    sizes = {encoding: len(body) for encoding, body in page.bodies.items()}
    head = json.dumps({**told, "keys": "\n".join(sorted(page.keys)), "sizes": sizes}).encode()
    content = b"\n".join([head, b"".join(page.bodies.values())])
    seal = _seal(page.key, page.start, page.until)
    return page.start, page.until, seal, zlib.crc32(content, seal), content


def _seal(key: str, start: float, until: float) -> int:
    return zlib.crc32(f"{key}\n{start}\n{until}".encode())


def _page(key: str, row: tuple) -> Page | None:
    """None for a row that is not as it was written, or not under this key."""
    start, until, seal, checksum, content = row
    try:
        if seal != _seal(key, start, until) or checksum != zlib.crc32(content, seal):
            return None
        begin = content.index(b"\n") + 1
        told = json.loads(content[:begin])
        bodies = {}
        for encoding, size in told.pop("sizes").items():
            bodies[encoding] = content[begin : begin + size]
            begin += size
        headers = [(name, value) for name, value in told.pop("headers")]
        keys = frozenset(told.pop("keys").split("\n"))
        return Page(key=key, start=start, until=until, headers=headers, bodies=bodies, keys=keys, **told)
    except Exception:  # whatever it is: bytes that anybody may have changed are no page
        return None


def _delete(file: sqlite3.Connection, keys: Iterable[str]) -> None:
    with file:
        file.executemany("DELETE FROM page WHERE key = ?", ((key,) for key in keys))


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
