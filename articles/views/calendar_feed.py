"""The private calendar that staff subscribe to: no sign-in, no cookie, the address is the secret."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles import calendar_feeds
from articles.people import name_of

HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
UNKNOWN = "There is no calendar at this address. It may have been revoked: make a new one on the review desk.\n"


@csrf_exempt  # a POST changes nothing: it is told that it can't be
@require_safe
def calendar_feed(request, token):
    """The calendar of whoever made this address; the same 404 for all the reasons that there is none."""
    at = timezone.now()
    user = calendar_feeds.holder(token)
    if user is None:
        return HttpResponse(UNKNOWN, status=404, content_type="text/plain; charset=utf-8", headers=HEADERS)
    from articles.calendars import calendar_bytes  # see articles/day_events.py

    content = calendar_bytes(
        calendar_feeds.events(user, at=at, today=timezone.localdate(at)),
        name=f"Reviews of {name_of(user)}",
        made_at=at,
        host=urlsplit(settings.SITE_URL).hostname,
    )
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": 'inline; filename="reviews.ics"'},
    )
