"""Addresses that lead nowhere, elsewhere, or to a page that was withdrawn; and the page for our own faults."""

import logging
import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponsePermanentRedirect, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from articles import search
from articles.models import Redirect
from library.ready import depends_on
from library.serving import MISSING
from library.unavailable import unavailable

log = logging.getLogger("library.errors")


def moved_or_gone(request, model, slug, *, at, rest=""):
    """301 to where the page moved, 410 when it was withdrawn, else 404. Asked only when no live page was found. `rest` is
    what stands behind the address of the page: the same page of it is at its new address."""
    depends_on(request, "redirects")
    redirect = (
        Redirect.objects.select_related("article", "topic").filter(path=model.path_of(slug, get_language())).first()
    )
    if redirect:
        depends_on(request, f"link:article:{redirect.article_id}", f"link:topic:{redirect.topic_id}")
        return _cached(HttpResponsePermanentRedirect(f"{redirect.target.get_absolute_url()}{rest}"))
    page = model.objects.withdrawn(at=at).filter(slug=slug, language=get_language()).first()
    if page and (title := page.public_title(at=at)):
        depends_on(request, f"{model._meta.model_name}:{page.pk}")
        context = {"title": title, "withdrawal": page.withdrawal(at=at)}
        return _cached(render(request, "410.html", context, status=410))
    return page_not_found(request)


def page_not_found(request, exception=None):
    last_part = request.path.rstrip("/").rpartition("/")[2]
    try:
        near = search.near_titles(last_part, at=timezone.now(), language=get_language())
    except (DatabaseError, InterfaceError) as error:
        log.error("Near titles for a missing page could not be looked up: %s", error)
        near = search.NearTitles([], [])
    return _cached(render(request, "404.html", {"near": near}, status=404))


def server_error(request) -> HttpResponse:
    """Rendered without a database, a session or a request: any of them may be what failed. When it was the database, the
    page says what can be read meanwhile."""
    error = sys.exc_info()[1]
    if isinstance(error, (OperationalError, InterfaceError)):
        log.error("The database did not answer %s: %s", request.path, error)
        return unavailable(request, "database")
    return HttpResponseServerError(render_to_string("500.html"))


def _cached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = MISSING
    return response
