"""What the web server calls: a page that is ready is answered from its bytes, everything else goes to Django.

On the way of a ready page stand a look into a dictionary and the line of the log, and no query, template or middleware.
"""

import threading
import time
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.http import parse_http_date_safe

from articles.changes import EVERYTHING, Position
from library.logs import line_of_request
from library.ready import NO_ANSWER
from library.ready.memory import Memory
from library.ready.mirror import Mirror
from library.ready.page import Page
from library.ready.release import mirror_path
from library.ready.rendering import ask, key_of, page_from, start_of_today
from library.ready.watching import PATIENCE, Watcher
from library.serving import encoding_for

MOST_REMEMBERED = 50_000  # changed keys

TRUE_AT = "library.true_at"  # in the environment of a request: when what is kept was known to be true


class Front:
    """A WSGI application around Django's. `active` requests are answered by Django at the same time and `waiting` more
    wait; the rest is told to come again, so that threads stay free for pages that are ready."""

    def __init__(self, django: Callable, *, memory: Memory, mirror: Mirror, active: int, waiting: int):
        self.django = django
        self.memory = memory
        self.mirror = mirror
        self.places = threading.BoundedSemaphore(active + waiting)
        self.active = threading.BoundedSemaphore(active)
        self.watcher = Watcher(self._changed)
        self.life = self.void = ""  # of the mirror: the one whose pages are shown, and the one that came to its end
        self.has_looked = threading.Event()

    def watch(self) -> None:
        self.watcher.start(self.look)

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return self._django(environ, start_response)
        if "HTTP_COOKIE" in environ and not self.watcher.database_is_off:
            return self._django(environ, start_response)
        if not is_for_us(environ.get("HTTP_HOST", "")) or not is_secure_enough(environ):
            return self._django(environ, start_response)
        query = environ["QUERY_STRING"]
        path = environ["PATH_INFO"]
        if "?" in path:  # it was encoded, and is no query: beside the keys of pages it would look like one
            return self._django(environ, start_response)
        now = time.time()
        environ[TRUE_AT] = min(self.watcher.seen_at, now)  # the clock may have been put back since
        page = self.memory.get(f"{path}?{query}" if query else path, now)
        if page is None:
            return self._find(path, query, now, environ, start_response)
        return answer(page, now, environ, start_response)

    def _find(self, path: str, query: str, now: float, environ, start_response):
        key = key_of(path, query)
        if key is None:
            return self._django(environ, start_response)
        self.has_looked.wait(PATIENCE)  # only while the process starts
        page = self.memory.get(key, now) or self._from_mirror(key, now)
        if page:
            return answer(page, now, environ, start_response)
        if self.watcher.database_is_off:
            return self._django(environ, start_response)
        return self._in_turn(lambda: self._render(key, environ, start_response), environ, start_response)

    def _from_mirror(self, key: str, now: float) -> Page | None:
        found = self.mirror.load(key, now)
        if found is None or found[1] != self.life or not self.watcher.is_true(found[0]):
            return None
        self.memory.put(found[0], self.watcher.is_true)
        return found[0]

    def _render(self, key: str, environ, start_response):
        """Asks Django as nobody in particular, and keeps the answer when it may be kept."""
        at, position, timed = timezone.now(), self.watcher.position, self.watcher.timed
        said = ask(self.django, key, at=at, environ=environ)
        if position is None or not said.may_be_kept:
            start_response(said.status, said.headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [said.body]
        page = page_from(said, key, number=position.number, timed=timed, modified=int(at.timestamp()))
        page.start = start_of_today(at)
        self.memory.put(page, self.watcher.is_true)
        return answer(page, None, environ, start_response)

    def _django(self, environ, start_response):
        if self.watcher.database_is_off:
            environ[NO_ANSWER] = "database"
        return self._in_turn(lambda: self.django(environ, start_response), environ, start_response)

    def _in_turn(self, act: Callable, environ, start_response):
        if not self.places.acquire(blocking=False):
            environ[NO_ANSWER] = "busy"
            return self.django(environ, start_response)
        try:
            with self.active:
                return act()
        finally:
            self.places.release()

    def _changed(self, position: Position, changed: set[str], touched: set[str]) -> None:
        everything = EVERYTHING in touched
        self.memory.drop(None if everything else touched, lambda: self.watcher.remember(position, touched))
        if everything:
            self.life, self.void = "", self.life

    def look(self) -> bool:
        """See what changed. A mirror that is new to this process is right until its position, and what changed after that is
        looked up once more: from then on the process knows of each page in it whether it is still true."""
        found, life = self.mirror.position(), self.life
        if found and found[1] not in (self.life, self.void):
            self.watcher.look_again_from(found[0])
            life = found[1]
        answered = self.watcher.look()
        if life != self.void:
            self.life = life
        if len(self.watcher.changed) > MOST_REMEMBERED:
            self.life = ""  # begin anew: the mirror has made up for most of it by now
        self.has_looked.set()
        return answered


def in_front_of(django: Callable) -> Front:
    """As the settings say, with the watch started: once in a process, and after it was forked."""
    front = Front(
        django,
        memory=Memory(settings.READY_MEMORY_MIB * 1024 * 1024),
        mirror=Mirror(mirror_path()),
        active=settings.DJANGO_AT_ONCE,
        waiting=settings.DJANGO_WAITING,
    )
    front.watch()
    return front


def answer(page: Page, began: float | None, environ, start_response):
    """By RFC 9110: If-None-Match counts before If-Modified-Since, and HEAD has the headers of GET. The line of the log says
    how long it took since `began`; None: Django has written it.

    A proxy is told the second to whose end it may show the page without asking (docs/deployment.md): one second at most
    after the page was known to be true."""
    variant = page.variant(encoding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))
    status, headers, body = page.status, variant.headers, variant.body
    if page.has_encodings and has_it(page, variant.etag, environ):
        status, headers, body = "304 Not Modified", variant.not_modified, b""
    if settings.BEHIND_PROXY:
        headers = [*headers, ("X-Accel-Expires", f"@{int(environ[TRUE_AT])}")]
    start_response(status, headers)
    if began is not None:
        line_of_request(environ, status[:3], time.time() - began)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def has_it(page: Page, etag: str, environ) -> bool:
    if tags := environ.get("HTTP_IF_NONE_MATCH"):
        return etag in tags or tags.strip() == "*"
    if since := environ.get("HTTP_IF_MODIFIED_SINCE"):
        moment = parse_http_date_safe(since)
        return moment is not None and page.modified <= moment
    return False


@lru_cache(maxsize=256)
def is_for_us(host: str) -> bool:
    """As Django's `get_host`: the same hosts are known, with whatever port."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def is_secure_enough(environ) -> bool:
    """Whether Django would answer and not lead to https."""
    if not settings.HTTPS:
        return True
    if settings.BEHIND_PROXY and (forwarded := environ.get("HTTP_X_FORWARDED_PROTO")) is not None:
        return forwarded.split(",", 1)[0].strip() == "https"
    return environ["wsgi.url_scheme"] == "https"
