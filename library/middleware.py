"""What stands around every request: the log line, the security headers, the language, the guard of the session key."""

import base64
import hashlib
import re
import secrets
import time
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import translation
from django_prose_editor.widgets import importmap

from articles.languages import language_of
from library.logs import client_address, network_of, request_id, requests
from library.ready import NO_ANSWER, RENDER
from library.unavailable import unavailable


def request_log(get_response):
    """One line a request: method, path, status, milliseconds, network, the request's own name. No query, no browser, no whole address.

    What a patient searched for stands in the query, so the query is never written anywhere.
    """

    def middleware(request):
        started = time.perf_counter()
        token = request_id.set(secrets.token_hex(8))
        try:
            response = get_response(request)
        finally:
            named = request_id.get()
            request_id.reset(token)
        if RENDER in request.META and not request.META[RENDER].for_reader:
            return response  # nobody asked for it
        requests.info(
            "%s %s %s %dms %s %s",
            request.method,
            request.path,
            response.status_code,
            (time.perf_counter() - started) * 1000,
            network_of(client_address(request)),
            named,
        )
        return response

    return middleware


PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in [
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "interest-cohort",
        "browsing-topics",
    ]
)

HEADERS = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def security_headers(get_response):
    """The headers that Django's SecurityMiddleware doesn't know, on every response, static files included."""
    public = content_security_policy(script="'none'") + "; require-trusted-types-for 'script'"
    hashes = " ".join(editor_hashes())
    admin = content_security_policy(script=f"'self' {hashes}", style=f"'self' {editor_style_hash()}")

    def middleware(request):
        response = get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        policy = admin if request.path.startswith("/admin/") else public
        response.setdefault("Content-Security-Policy", policy)
        if response.status_code >= 500:
            response["Cache-Control"] = "no-store"
        return response

    return middleware


def content_security_policy(*, script: str, style: str = "'self'") -> str:
    """A policy that starts from nothing and allows this site's own files only."""
    rules = [
        "default-src 'none'",
        f"script-src {script}",
        f"style-src {style}",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
    if settings.HTTPS:
        rules.append("upgrade-insecure-requests")
    return "; ".join(rules)


def editor_hashes() -> list[str]:
    """The rich-text editor needs one inline script, its import map. Its hash follows the hashed file names."""
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", str(importmap.render()), re.S)
    return [source_hash(script) for script in scripts]


def editor_style_hash() -> str:
    """The editor adds one `<style>` to the page; its text stands in the editor's own file.

    Raises RuntimeError when a new release of the editor keeps it elsewhere: then the admin would
    look broken, and the start is the better moment to hear of it.
    """
    source = Path(finders.find("django_prose_editor/editor.js")).read_text(encoding="utf-8")
    found = re.search(EDITOR_STYLE, source)
    if not found:
        raise RuntimeError("The style of the rich-text editor was not found; see library.middleware.editor_style_hash.")
    return source_hash(found[1])


EDITOR_STYLE = r"(?s)`(\.ProseMirror \{.*?)`"


def source_hash(text: str) -> str:
    """A source expression of the Content Security Policy: the SHA-256 of the text, in base64."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def language_of_the_address(get_response):
    """The language that the path names, and nothing else: Django's own middleware would read a cookie and Accept-Language,
    and one address would be several pages."""

    def middleware(request):
        language = language_of(request.path_info)
        with translation.override(language):
            response = get_response(request)
        if response.get("Content-Type", "").startswith(("text/html", "application/atom+xml")):
            response.setdefault("Content-Language", language)
        return response

    return middleware


ASKED_BY_MACHINES = {"/healthz", "/readyz"}


def calm_when_off(get_response):
    """Asks nobody further in while the database is known to be away, or while too many wait: a calm page says so at once.
    Stands behind the static files, which need no database."""

    def middleware(request):
        why = request.META.get(NO_ANSWER)
        if why and request.path not in ASKED_BY_MACHINES:
            return unavailable(request, why)
        return get_response(request)

    return middleware


SESSION_KEY = re.compile(r"[a-z0-9]{32}")


def session_key_guard(get_response):
    """Drops a session cookie that can't be one of ours.

    Django takes any text of eight characters as a key and asks the database for it; PostgreSQL answers
    a NUL in it with an error, so one forged cookie would turn a page into a 500.
    """

    def middleware(request):
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES and not SESSION_KEY.fullmatch(request.COOKIES[name]):
            del request.COOKIES[name]
        return get_response(request)

    return middleware
