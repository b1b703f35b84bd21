"""Learns what changed: asks the database for its stamp four times a second, in a thread of its own.

No reader waits for that. While the database does not answer, what is kept stays true as far as anybody can know; when it
answers again, everything that changed meanwhile is made up for.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connections
from django.utils import timezone

from articles import changes
from articles.changes import EVERYTHING, Position
from library.ready.page import Page

log = logging.getLogger("library.ready")

EVERY = 0.25  # seconds
WHILE_OFF = 1.0
PATIENCE = 3  # seconds for a connection; the settings of the database say how long a query may take
ATTEMPTS = 3


class Watcher:
    """`position` is the last change that was seen; None until the database or the mirror told one. `timed` are the moments
    to come (seconds since 1970) with the keys that they touch. `on_change` is called with the new position, the raw keys and
    the touched ones; among them is "*" when everything has to go."""

    def __init__(self, on_change: Callable[[Position, set[str], set[str]], None], position: Position | None = None):
        self.on_change = on_change
        self.position = position
        self.timed: list[tuple[float, set[str]]] = []
        self.off_since: float | None = None  # by the monotonic clock
        self.seen_at = 0.0  # when the last look that was answered began: what is kept was true then
        self.floor = 0  # pages made before this change are worth nothing
        self.changed: dict[str, int] = {}  # when each key changed last
        self._is_new = True
        self._attempts = 0

    @property
    def database_is_off(self) -> bool:
        return self.off_since is not None

    def is_true(self, page: Page) -> bool:
        """Whether nothing that the page depends on has changed since it was made, as far as this process has seen."""
        if page.number < self.floor:
            return False
        return all(self.changed.get(key, 0) <= page.number for key in page.keys)

    def remember(self, position: Position, touched: set[str]) -> None:
        """Called by `on_change`, under whatever lock it holds."""
        if EVERYTHING in touched:
            self.floor, self.changed = position.number, {}
        self.changed |= dict.fromkeys(touched, position.number)
        self.position = position

    def look(self) -> bool:
        """Whether the database answered. One query, and more only when something changed."""
        connection, began = connections["default"], time.time()
        try:
            if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
                raise OperationalError("The file of the database is not there.")  # and is not made, empty, by a look
            now = changes.position()
            if now != self.position or self._is_new:
                self._follow(now)
            if connection.vendor == "sqlite":
                connection.close()  # another file may take its place
        except (DatabaseError, InterfaceError, OSError) as error:
            connection.close()
            if self.off_since is None:
                log.error("The database does not answer; pages that are kept stay readable: %s", error)
                self.off_since = time.monotonic()
            return False
        if self.off_since is not None:
            log.warning("The database answers again, after %.0f seconds.", time.monotonic() - self.off_since)
            self.off_since = None
        self.seen_at = began
        return True

    def _follow(self, now: Position) -> None:
        """A change that can't be looked into, though the database answers, changes everything: after three attempts, because
        the database may be on its way down; at once when the fault is ours."""
        self._attempts += 1
        try:
            changed = changes.since(self.position, now) if self.position else set()
            touched = changes.touched(changed)
            timed = [(moment.timestamp(), changes.touched(keys)) for moment, keys in changes.coming(at=timezone.now())]
        except Exception as error:
            if isinstance(error, Error) and self._attempts < ATTEMPTS:
                raise
            log.exception("What changed could not be looked into, so every page is made anew.")
            changed, touched, timed = {EVERYTHING}, {EVERYTHING}, []
        self.timed, self._attempts, self._is_new = timed, 0, False
        self.on_change(now, changed, touched)

    def passed(self, since: float, now: float) -> set[str]:
        """The keys that changed by themselves between two moments."""
        return set().union(*(keys for moment, keys in self.timed if since < moment <= now))

    def look_again_from(self, position: Position) -> None:
        """Follow the changes after that one once more, at the next look."""
        self.position, self.changed, self._is_new = position, {}, True

    def start(self, look: Callable[[], bool]) -> None:
        """Look for as long as the process lives. `look` says whether the database answered."""
        threading.Thread(target=self._run, args=[look], name="watch-changes", daemon=True).start()

    def _run(self, look: Callable[[], bool]) -> None:
        use_own_connection()
        while True:
            began = time.monotonic()
            answered = look()
            time.sleep(max(0.01, (EVERY if answered else WHILE_OFF) - (time.monotonic() - began)))


def use_own_connection() -> None:
    """In this thread: one connection outside the pool, which readers may have used up, and which gives up soon."""
    own = connections["default"].copy()
    if own.vendor == "postgresql":
        options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
        own.settings_dict["OPTIONS"] = {"connect_timeout": PATIENCE, **options}
        own.settings_dict["CONN_MAX_AGE"] = None  # whoever makes pages here asks for one after the other
    connections["default"] = own
