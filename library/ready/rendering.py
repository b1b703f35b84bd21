"""Makes a page by asking Django, as a reader without a cookie would ask under the library's own address.

A kept page is the same for everybody, whatever host name, scheme or headers somebody sends: it names the library by SITE_URL.
"""

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import override

from articles.languages import language_of
from library.ready import RENDER, Render
from library.ready.page import FOR_EVER, Headers, Page, bodies_of
from library.serving import NEVER

KEPT_QUERY = {"letter": re.compile(r"[A-ZÑ]|0-9"), "page": re.compile(r"[1-9][0-9]{0,4}")}
MADE_ANEW = {"content-length", "etag", "content-encoding"}
# Whatever else a request carries has no say in the page.
FROM_READER = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL")


@dataclass(frozen=True)
class Answer:
    """What Django said, and under which circumstances."""

    render: Render
    status: str
    headers: Headers
    body: bytes

    @property
    def may_be_kept(self) -> bool:
        headers = {name.lower(): value for name, value in self.headers}
        return (
            self.render.kept
            and bool(self.render.keys)
            and self.status[:3] in ("200", "301", "410")
            and "set-cookie" not in headers
            and NEVER not in headers.get("cache-control", NEVER)
            and headers.get("vary", "Accept-Encoding") == "Accept-Encoding"
        )


def key_of(path: str, query: str) -> str | None:
    """Under which a page is kept: its path, and that of the query which it follows, in one way of writing it. None for
    addresses that are never kept."""
    try:
        with override(language_of(path)):  # the addresses of a language are known while it is active
            view = resolve(path).func
    except Resolver404:
        return None
    if not getattr(view, "can_be_kept", False):
        return None
    if not query or not view.query:
        return path
    asked = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in asked]
    if names != [name for name in view.query if name in names]:
        return None
    if not all(name in KEPT_QUERY and KEPT_QUERY[name].fullmatch(value) for name, value in asked):
        return None
    followed = "&".join(f"{name}={quote(value)}" for name, value in asked if (name, value) != ("page", "1"))
    return f"{path}?{followed}" if followed else path


def ask(application: Callable, key: str, *, at: datetime, environ: dict | None = None) -> Answer:
    """Django's answer at a key, as of a moment: for a reader whose request this is (`environ`), or ahead of all readers."""
    path, _, query = key.partition("?")
    site = urlsplit(settings.SITE_URL)
    render = Render(moment=at, for_reader=environ is not None)
    asked = {name: environ[name] for name in FROM_READER if name in environ} if environ else {}
    asked = {"SERVER_NAME": site.hostname, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", **asked}
    asked |= {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": site.netloc,
        "wsgi.url_scheme": "https" if settings.HTTPS else "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        RENDER: render,
    }
    if settings.BEHIND_PROXY:
        asked["HTTP_X_FORWARDED_PROTO"] = asked["wsgi.url_scheme"]
    said = []
    response = application(asked, lambda status, headers, *_: said.extend((status, headers)))
    try:
        body = b"".join(response)
    finally:
        response.close()
    return Answer(render, said[0], said[1], body)


def page_from(answer: Answer, key: str, *, number: int, timed: list, modified: int) -> Page:
    """`number` is that of the last change known before Django was asked. `timed` are the moments that are to come, with the
    keys that they touch: the page ends at the first that touches it."""
    render = answer.render
    keys = frozenset(render.keys)
    at = render.moment.timestamp()
    ends = [moment for moment, touched in timed if moment > at and not keys.isdisjoint(touched)]
    if render.until:
        ends.append(render.until.timestamp())
    return Page(
        key=key,
        status=answer.status,
        headers=[(name, value) for name, value in answer.headers if name.lower() not in MADE_ANEW],
        bodies=bodies_of(answer.status, answer.body),
        keys=keys,
        start=at,
        until=min(ends, default=FOR_EVER),
        number=number,
        modified=modified,
        length=len(answer.body),
    )


def start_of_today(at: datetime) -> float:
    """What is rendered now is true since midnight: a clock that is put back by an hour finds it, too."""
    local = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return local.astimezone(UTC).timestamp()
