"""A page as it is sent: a status, headers, and a body in each encoding, each with a strong ETag of its very bytes."""

import gzip
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.http import http_date

from library.serving import compress, etag_of

ENCODINGS = ("br", "gzip", "identity")  # the first that a reader takes as gladly as the others is sent
OF_THE_BODY = {"content-length", "content-encoding", "content-type", "etag", "last-modified"}
FOR_EVER = float("inf")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Variant:
    """The page in one encoding, ready to be handed to the web server."""

    headers: Headers
    body: bytes
    etag: str
    not_modified: Headers


@dataclass
class Page:
    """True from `start` until `until` (seconds since 1970), and as of change number `number`, for as long as nothing with
    one of its keys changes. `modified` is the second in which these bytes were new."""

    key: str
    status: str  # "200 OK"
    headers: Headers  # those that all encodings share
    bodies: dict[str, bytes]  # by encoding; a page that is no 200 has one
    keys: frozenset[str]
    start: float
    until: float
    number: int
    modified: int
    length: int  # of the body without any encoding
    made: dict[str, Variant] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of memory, at most and about."""
        return (
            self.length + sum(map(len, self.bodies.values())) + sum(map(len, self.keys)) + 60 * len(self.keys) + 4_000
        )

    @cached_property
    def digest(self) -> str:
        """Of what a reader sees."""
        return etag_of(self.status.encode() + self.plain)

    @property
    def plain(self) -> bytes:
        return self.bodies["identity"] if "identity" in self.bodies else gzip.decompress(self.bodies["gzip"])

    @property
    def has_encodings(self) -> bool:
        return self.status.startswith("200")

    def variant(self, encoding: str) -> Variant:
        """Made when it is first asked for. An answer that is no 200 is short and is sent as it is."""
        encoding = encoding if self.has_encodings else "identity"
        if encoding not in self.made:
            self.made[encoding] = self._make(encoding)
        return self.made[encoding]

    def _make(self, encoding: str) -> Variant:
        body = self.plain if encoding == "identity" else self.bodies[encoding]
        etag = etag_of(body)
        headers = list(self.headers)
        if self.has_encodings:
            headers.append(("ETag", etag))
            if not any(name == "Last-Modified" for name, _ in headers):
                headers.append(("Last-Modified", http_date(self.modified)))
            if encoding != "identity":
                headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
        not_modified = [
            (name, value)
            for name, value in headers
            if name.lower() not in OF_THE_BODY or name in ("ETag", "Last-Modified")
        ]
        return Variant(headers, body, etag, not_modified)


def bodies_of(status: str, body: bytes) -> dict[str, bytes]:
    """A 200 in both encodings: without any it is read out of the gzip when a reader asks for it."""
    if not status.startswith("200"):
        return {"identity": body}
    return {encoding: compress(body, encoding) for encoding in ("br", "gzip")}
