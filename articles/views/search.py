"""The page of search results."""

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from articles import search as searching
from library.serving import NEVER, NOWHERE, public_page


@public_page(cache=NEVER)
def search(request):
    """Nothing of the query is stored, logged or cached, and the title of the page doesn't repeat it."""
    try:
        response = _results(request)
    except DatabaseError as error:  # whose message may quote the statement, and this one is logged
        raise type(error)("The database could not answer a search.") from None
    response["Referrer-Policy"] = NOWHERE
    return response


def _results(request) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()
    answer = searching.search(query, at=timezone.now(), language=get_language())
    kind = next((kind for kind, _ in answer.kinds if kind.slug == request.GET.get("kind")), "")
    context = {
        "query": query[: searching.MAX_QUERY],
        "cut": len(query) > searching.MAX_QUERY,
        "answer": answer,
        "kind": kind,
        "page": answer.page(request.GET.get("page"), kind=kind),
    }
    return render(request, "articles/search.html", context)
