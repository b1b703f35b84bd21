"""What programs read: robots.txt, the sitemap and the feed. Public, cacheable, and as true as the pages themselves."""

from collections.abc import Iterable
from datetime import date
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import get_language

from articles import feeds, languages, sitemaps, translations
from library.ready import depends_on, moment_of
from library.serving import public_page

# What is for staff, what only its owner knows, and results that nobody should find by another search.
CLOSED = ["/admin/", "/calendar/"]
CLOSED += [f"{languages.prefix_of(code)}{path}" for code, _ in languages.choices() for path in ("/report/", "/search/")]
OF_SITEMAP = ("articles", "reviews", "topics", "saved-topics")
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


@public_page
def robots(request):
    """By RFC 9309. The address of the sitemap must be whole there, so this is no file."""
    depends_on(request, "robots")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_page
def sitemap(request):
    depends_on(request, *OF_SITEMAP)
    parts = sitemaps.parts(at=moment_of(request))
    rows = (sitemaps.Row(reverse("sitemap-part", args=[part.sort, part.number]), part.changed_on) for part in parts)
    return _xml("sitemapindex", "sitemap", rows)


@public_page
def sitemap_part(request, sort, number):
    depends_on(request, *OF_SITEMAP)
    rows = list(sitemaps.rows(sort, number, at=moment_of(request)))
    if not rows:
        raise Http404
    return _xml("urlset", "url", rows)


def _xml(root: str, element: str, rows: Iterable[sitemaps.Row]) -> HttpResponse:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root} {SITEMAP}>"]
    for path, day, versions in rows:
        alternates = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(address)}"/>'
            for code, address in translations.links(versions, settings.SITE_URL)
        )
        lines.append(f"<{element}><loc>{escape(settings.SITE_URL + path)}</loc>{_lastmod(day)}{alternates}</{element}>")
    lines += [f"</{root}>", ""]
    return HttpResponse("\n".join(lines), content_type="application/xml; charset=utf-8")


def _lastmod(day: date | None) -> str:
    return f"<lastmod>{day.isoformat()}</lastmod>" if day else ""


@public_page
def updates(request):
    depends_on(request, "articles", "reviews", "topics")
    language = get_language()
    entries = feeds.updates(at=moment_of(request), language=language)
    updated = feeds.last_updated(entries)
    context = {
        "id": feeds.feed_id(language),
        "updated": updated,
        "address": f"{settings.SITE_URL}{request.path}",
        "home": f"{settings.SITE_URL}{reverse('home')}",
        "entries": [(entry, f"{settings.SITE_URL}{entry.path}") for entry in entries],
    }
    response = render(request, "articles/feed.xml", context, content_type="application/atom+xml; charset=utf-8")
    response["Last-Modified"] = http_date(updated.timestamp())
    return response
