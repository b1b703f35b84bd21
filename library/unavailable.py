"""The calm page for the minutes in which the database is away, or more is asked than can be answered."""

from django.http import HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER = {"database": 30, "busy": 5}  # seconds


def unavailable(request, why: str) -> HttpResponse:
    """503, made without a database and without a session. `why` is "database" or "busy"."""
    context = {"why": why, "is_admin": request.path.startswith("/admin/")}
    headers = {"Cache-Control": "no-store", "Retry-After": str(RETRY_AFTER[why])}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)
