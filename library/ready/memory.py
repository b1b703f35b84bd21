"""The kept pages of this process: those that were read last, up to a number of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from library.ready.page import Page


class Memory:
    """Any number of threads may use it. `pages` is read without the lock: one step of the interpreter."""

    def __init__(self, most: int):
        self.most = most  # bytes
        self.size = 0
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: str, now: float) -> Page | None:
        page = self.pages.get(key)
        if page is None or not page.start <= now < page.until:
            return None
        try:
            self.pages.move_to_end(key)
        except KeyError:  # another thread dropped it just now
            return None
        return page

    def put(self, page: Page, is_true: Callable[[Page], bool]) -> None:
        """Keeps the page if it is still true: asked under the lock that `drop` takes, so no change slips in between."""
        with self.lock:
            self._remove(page.key)
            if page.size > self.most or not is_true(page):
                return
            self.pages[page.key] = page
            self.size += page.size
            while self.size > self.most:
                self._remove(next(iter(self.pages)))

    def drop(self, keys: set[str] | None, note: Callable[[], None]) -> None:
        """Forget what depends on the keys; None: everything. `note` is called under the same lock."""
        with self.lock:
            note()
            for page in list(self.pages.values()):
                if keys is None or not page.keys.isdisjoint(keys):
                    self._remove(page.key)

    def _remove(self, key: str) -> None:
        if page := self.pages.pop(key, None):
            self.size -= page.size
