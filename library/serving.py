"""How a public page is sent: whole, compressed, with an ETag, and with nothing of the reader in it."""

import gzip
import hashlib
from functools import wraps

from django.http import HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe, quote_etag
from django.views.decorators.http import require_safe

# A minute in the browser, five in a shared cache; a copy may be shown for a minute while a new one is fetched,
# and for a day when the library is down.
PUBLISHED = "public, max-age=60, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400"
MISSING = "public, max-age=60"
NEVER = "no-store"
# Referrer-Policy of a page whose address holds what a reader typed: many a proxy writes down where a request came from.
NOWHERE = "no-referrer"


def public_page(view=None, *, cache=PUBLISHED):
    """Decorate a view that patients read: GET and HEAD only, cache headers, gzip, strong ETag, 304."""
    if view is None:
        return lambda view: public_page(view, cache=cache)

    @require_safe
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        response.setdefault("Cache-Control", cache)
        return with_etag(request, compressed(request, response))

    return wrapper


def compressed(request, response):
    """gzip when the reader takes it. Nothing secret stands on a public page, so its length may be seen."""
    response["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, compresslevel=6, mtime=0)
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
    return response


def with_etag(request, response):
    """A strong ETag of the very bytes sent, beside the Last-Modified that a view may have set; 304 without a body when
    the reader has them."""
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    answer = get_conditional_response(request, etag=etag, last_modified=changed, response=response)
    if isinstance(answer, HttpResponseNotModified):
        answer["Cache-Control"] = response["Cache-Control"]
    return answer
