"""Addresses that lead nowhere, elsewhere, or to a page that was withdrawn; and the page for our own faults."""

import logging

from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse, HttpResponsePermanentRedirect, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from articles import search
from articles.models import Redirect
from library.serving import MISSING

log = logging.getLogger("library.errors")


def moved_or_gone(request, model, slug, *, at):
    """301 to where the page moved, 410 when it was withdrawn, else 404. Asked only when no live page was found."""
    redirect = (
        Redirect.objects.select_related("article", "topic").filter(path=model.path_of(slug, get_language())).first()
    )
    if redirect:
        return _cached(HttpResponsePermanentRedirect(redirect.target.get_absolute_url()))
    page = model.objects.withdrawn(at=at).filter(slug=slug, language=get_language()).first()
    if page:
        return _cached(render(request, "410.html", {"page": page, "withdrawal": page.withdrawal(at=at)}, status=410))
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
    """Rendered without a database, a session or a request: any of them may be what failed."""
    return HttpResponseServerError(render_to_string("500.html"))


def _cached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = MISSING
    return response
