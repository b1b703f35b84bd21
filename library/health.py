"""Is this process alive, and can it reach its database? For load balancers and container engines."""

import logging

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from library.ready import NO_ANSWER

log = logging.getLogger("library.health")


@csrf_exempt
@require_safe
@never_cache
def process(request):
    return HttpResponse("ok\n", content_type="text/plain")


@csrf_exempt
@require_safe
@never_cache
def database(request):
    """503 names the store that does not answer; the reason goes to the log, not to strangers."""
    if request.META.get(NO_ANSWER) == "database":  # known already, and asking again would take seconds
        return _does_not_answer()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        log.error("The %s database does not answer: %s", connection.vendor, error)
        return _does_not_answer()
    return HttpResponse("ok\n", content_type="text/plain")


def _does_not_answer():
    return HttpResponse(f"{connection.vendor} does not answer\n", status=503, content_type="text/plain")
