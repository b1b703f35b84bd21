"""Keeps the mirror complete: every page that patients can read, as it is now and as it will be within two days.

One process a machine does it, beside the web server and with the lowest priority. After a change it removes what the change
touches, at once, and makes those pages anew; the rest of the library stays. Whether it runs or not, no wrong page is shown:
web processes see for themselves what a change has touched (watching.py).
"""

import fcntl
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import Error, connections
from django.utils import timezone

from articles import changes
from articles.changes import EVERYTHING, Position
from articles.public_addresses import every_address
from library.ready.mirror import Mirror
from library.ready.page import Page
from library.ready.rendering import ask, key_of, page_from, start_of_today
from library.ready.watching import EVERY, WHILE_OFF, Watcher

log = logging.getLogger("library.ready")

AHEAD = timedelta(hours=48)  # of now, at which pages are known when they are made
ENOUGH = timedelta(hours=30)  # so much is left of it at any time: a day without a database, and time to make it anew
LOOK_THROUGH_EVERY = 600  # seconds between two looks at all addresses while nothing happens
AFTER_A_CHANGE = 15  # seconds
OLD = 24 * 3600  # seconds after which the file of another release is deleted


class Keeper:
    def __init__(self, application: Callable, mirror: Mirror):
        self.application = application
        self.mirror = mirror
        self.rest = time.sleep  # between two pages
        found = mirror.position()
        self.watcher = Watcher(self._changed, found[0] if found else None)
        self.is_new = found is None
        self.pending: set[str] = set()  # touched keys that the file could not be told yet
        self.waiting: dict[str, Page | None] = {}  # addresses to be made, and what was there before
        self.look_at = 0.0  # when all addresses are looked through next
        self.passed_until = time.time()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Until it is over. Half of its time it leaves to others, but for what a change has touched."""
        while not is_over():
            answered = self.step(is_over)
            time.sleep(EVERY if answered else WHILE_OFF)

    def complete(self) -> bool:
        """Make all that is missing, whatever changes meanwhile, and leave no time to others: somebody waits for it. Whether the
        database answered until the end."""
        self.rest = lambda seconds: None
        while self.step():
            if not self.waiting and time.monotonic() < self.look_at:
                return True
        return False

    def step(self, is_over: Callable[[], bool] = lambda: False) -> bool:
        """Follow what changed, then make what is missing until something changes again. Whether the database answered."""
        if not self.watcher.look():
            return False
        self._time_passes()
        try:
            self._make_waiting(is_over)
            if time.monotonic() >= self.look_at:
                self._look_through(is_over)
        except Error as error:
            log.error("The pages could not be made: %s", error)
            connections["default"].close()
            return False
        return True

    def _changed(self, position: Position, changed: set[str], touched: set[str]) -> None:
        self.watcher.remember(position, touched)
        self.pending |= touched
        if self.is_new:
            self.pending.add(EVERYTHING)
        self._tell(changed)

    def _tell(self, changed: Iterable[str] = ()) -> None:
        """Take what was touched out of the file, and set its addresses down to be made."""
        position = self.watcher.position
        if EVERYTHING in self.pending:
            done, gone = self.mirror.clear(position), {}
            self.look_at = 0.0
        else:
            gone = self.mirror.move(position, self.pending)
            done = gone is not None
        if done:
            self.pending, self.is_new = set(), False
            self.waiting = {**self.waiting, **gone}
            for key in changes.addresses_of(changed):
                self.waiting.setdefault(key, None)
            if gone or changed:
                self.look_at = min(self.look_at, time.monotonic() + AFTER_A_CHANGE)

    def _time_passes(self) -> None:
        """Moments that have come change pages as an act does; those pages were made ahead, and are looked through."""
        if self.mirror.position() is None:  # it is new, or was deleted
            self.is_new = True
            self.pending.add(EVERYTHING)
        if self.pending:
            self._tell()
        now = time.time()
        if self.watcher.passed(self.passed_until, now):
            self.look_at = 0.0
        self.passed_until = now

    def _make_waiting(self, is_over: Callable[[], bool]) -> None:
        while self.waiting and not is_over():
            key = next(iter(self.waiting))
            self.make(key, before=self.waiting.pop(key))
            self.watcher.look()

    def _look_through(self, is_over: Callable[[], bool]) -> None:
        """Make what is missing of all addresses. Ends early when something changed, and begins again then."""
        at = timezone.now()
        self.mirror.forget_before((at - timedelta(hours=1)).timestamp())
        there = self.mirror.kept_until((at + ENOUGH).timestamp())
        looked = time.monotonic()
        for key in every_address(at=at):
            if is_over() or self.waiting:
                return
            if key not in there:
                began = time.monotonic()
                self.make(key)
                self.rest(time.monotonic() - began)
            if time.monotonic() - looked > EVERY:
                if not self.watcher.look():
                    return
                looked = time.monotonic()
        for key in self._addresses_to_come(at):
            self.make(key)
        self.look_at = time.monotonic() + LOOK_THROUGH_EVERY

    def _addresses_to_come(self, at: datetime) -> list[str]:
        """Of pages that nobody can read yet, and everybody before the next two days are over."""
        soon = [keys for moment, keys in changes.coming(at=at) if moment < at + AHEAD]
        return changes.addresses_of(set().union(*soon))

    def make(self, key: str, *, before: Page | None = None) -> int:
        """Make the page as it is now and as it will be in the hours to come; how often Django was asked. `before` is what
        was kept until now: where nothing that a reader sees has changed, its age stays."""
        now, asked = timezone.now(), 0
        moment, end = now, now + AHEAD
        path, _, query = key.partition("?")
        if key_of(path, query) is None:
            return 0
        while moment < end:
            found = self.mirror.load(key, moment.timestamp())
            page = found[0] if found else None
            if page is None:
                asked += 1
                page = self._made(key, moment, now, before)
            if page is None:
                moment = self._next_moment(key, moment)
            else:
                moment = datetime.fromtimestamp(min(page.until, end.timestamp()), UTC)
        return asked

    def _made(self, key: str, moment: datetime, now: datetime, before: Page | None) -> Page | None:
        position = self.watcher.position
        answer = ask(self.application, key, at=moment)
        if not answer.may_be_kept:
            return None
        page = page_from(
            answer, key, number=position.number, timed=self.watcher.timed, modified=int(max(moment, now).timestamp())
        )
        if moment == now:
            page.start = start_of_today(now)
        if before and before.digest == page.digest:
            page.modified = before.modified
        self.mirror.save(page)
        return page

    def _next_moment(self, key: str, after: datetime) -> datetime:
        """When a page that can't be kept now may be another one: an edition that goes live, a withdrawal that ends."""
        moments = [moment for moment, _ in self.watcher.timed if moment > after.timestamp()]
        return datetime.fromtimestamp(min(moments), UTC) if moments else after + AHEAD


def alone(folder: Path, name: str):
    """The lock of a release's keeper, held while the result lives; None while another process has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{name}.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    except OSError:
        return None


def delete_old(folder: Path, name: str) -> None:
    """The files of releases that nobody has written to for a day."""
    for path in folder.glob("*"):
        if not path.name.startswith(name) and path.stat().st_mtime < time.time() - OLD:
            path.unlink(missing_ok=True)
