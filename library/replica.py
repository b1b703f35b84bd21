"""Patients read from a copy of the database, when DATABASE_REPLICA_URL names one.

Only the views of public pages ask it, and only for readers without a session: staff read what they have just written. It is
asked while it has everything that the primary had a quarter of a second ago at most; a copy that lags, that is down or that
can't answer costs nobody a page, because the primary answers instead. Nothing is ever written to it.
"""

import logging
import threading
import time
from contextvars import ContextVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from library.ready import RENDER

log = logging.getLogger("library.replica")

PRIMARY, REPLICA = "default", "replica"
LOOK_EVERY = 0.25  # seconds between two looks at how far the copy is, of one process
PAUSE = 5.0  # seconds in which a copy that failed is left alone
FAILURES = (DatabaseError, InterfaceError)
TIMED_OUT = "57014"  # PostgreSQL's state for a statement that took too long

_reading: ContextVar[bool] = ContextVar("reading_from_replica", default=False)


class Router:
    """Django's router of queries: reads of public pages to the copy, all else to the primary."""

    def db_for_read(self, model, **hints):
        return REPLICA if _reading.get() else PRIMARY

    def db_for_write(self, model, **hints):
        return PRIMARY

    def allow_relation(self, first, second, **hints):
        return True  # both hold the same rows

    def allow_migrate(self, db, app_label, **hints):
        return db == PRIMARY


class _Copy:
    """What this process knows of the copy. Moments are of the monotonic clock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.look_at = 0.0  # when to look next
        self.is_fresh = False

    def may_be_asked(self) -> bool:
        """One thread looks; the others go by what it saw last."""
        if time.monotonic() >= self.look_at and self.lock.acquire(blocking=False):
            try:
                self.is_fresh = _has_all_of_primary()
                self.look_at = time.monotonic() + LOOK_EVERY
            except FAILURES as error:
                self.failed(error)
            finally:
                self.lock.release()
        return self.is_fresh

    def failed(self, error: Exception) -> None:
        self.is_fresh, self.look_at = False, time.monotonic() + PAUSE
        log.warning("The replica is not asked for %.0f seconds: %s", PAUSE, error)


_copy = _Copy()


def _has_all_of_primary() -> bool:
    """Has the copy replayed all that the primary has committed?"""
    with connections[PRIMARY].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()")
        (committed,) = cursor.fetchone()
    with connections[REPLICA].cursor() as cursor:
        cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [committed])
        return cursor.fetchone()[0] is True  # null: this is no copy


def read(view, request, *args, **kwargs):
    """The answer of a view that only reads, from the copy where that is right, else from the primary. A page that is to be
    kept is made once, and from the primary: it has to be as new as the change that it is known to follow."""
    for_primary = RENDER in request.META or settings.SESSION_COOKIE_NAME in request.COOKIES
    if REPLICA not in settings.DATABASES or for_primary or not _copy.may_be_asked():
        return view(request, *args, **kwargs)
    token = _reading.set(True)
    try:
        return view(request, *args, **kwargs)
    except FAILURES as error:
        if getattr(error.__cause__, "sqlstate", None) == TIMED_OUT:
            raise  # the primary would take as long
        _copy.failed(error)
    finally:
        _reading.reset(token)
    return view(request, *args, **kwargs)
