"""How a public page is sent: whole, compressed, with an ETag, and with nothing of the reader in it."""

import gzip
import hashlib
from functools import lru_cache, wraps

import brotli
from django.http import HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe, quote_etag
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from library import replica

# A minute in the browser, five in a shared cache; a copy may be shown for a minute while a new one is fetched,
# and for a day when the library is down.
PUBLISHED = "public, max-age=60, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400"
MISSING = "public, max-age=60"
NEVER = "no-store"
# Referrer-Policy of a page whose address holds what a reader typed: many a proxy writes down where a request came from.
NOWHERE = "no-referrer"


def public_page(view=None, *, cache=PUBLISHED, query=()):
    """Decorate a view that patients read: GET and HEAD only, cache headers, brotli or gzip, strong ETag, 304.

    `query` names what of the query the page follows; the rest of it changes nothing. A page that caches may keep is also
    kept ready (library/ready/), when the view says what it depends on.
    """
    if view is None:
        return lambda view: public_page(view, cache=cache, query=query)

    @csrf_exempt  # what is not read here changes nothing: it is told that it can't be
    @require_safe
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = replica.read(view, request, *args, **kwargs)
        if response.status_code != 200:
            return response
        response.setdefault("Cache-Control", cache)
        return with_etag(request, compressed(request, response))

    wrapper.can_be_kept = cache == PUBLISHED
    wrapper.query = query
    return wrapper


def compressed(request, response):
    """In the encoding that the reader takes. Nothing secret stands on a public page, so its length may be seen."""
    response["Vary"] = "Accept-Encoding"
    encoding = encoding_for(request.headers.get("Accept-Encoding", ""))
    if encoding != "identity":
        response.content = compress(response.content, encoding)
        response["Content-Encoding"] = encoding
        response["Content-Length"] = str(len(response.content))
    return response


def compress(body: bytes, encoding: str) -> bytes:
    """The same bytes for the same body, on every machine: the ETag follows from them."""
    if encoding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
    return gzip.compress(body, compresslevel=6, mtime=0)


@lru_cache(maxsize=256)
def encoding_for(accepted: str) -> str:
    """ "br", "gzip" or "identity": the one that a reader likes best by Accept-Encoding (RFC 9110, 12.5.3), and of those
    that it likes as well the shortest. What can't be read is not taken."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.replace(" ", "").removeprefix("q=") or "1"
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            weights[name.strip()] = 0.0
    liked = {name: weights.get(name, weights.get("*", 0.0)) for name in ("br", "gzip")}
    liked = {name: weight for name, weight in liked.items() if weight > 0 and weight >= weights.get("identity", 0.0)}
    return max(liked, key=liked.get, default="identity")


def etag_of(body: bytes) -> str:
    return quote_etag(hashlib.sha256(body).hexdigest()[:32])


def with_etag(request, response):
    """A strong ETag of the very bytes sent, beside the Last-Modified that a view may have set; 304 without a body when
    the reader has them."""
    etag = etag_of(response.content)
    response["ETag"] = etag
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    answer = get_conditional_response(request, etag=etag, last_modified=changed, response=response)
    if isinstance(answer, HttpResponseNotModified):
        answer["Cache-Control"] = response["Cache-Control"]
    return answer
