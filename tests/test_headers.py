"""Security headers, cookies and the log line, on every kind of response."""

import logging
import re

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import path

from articles.publishing import withdraw
from library import urls as library_urls
from library.logs import OneLineFormatter, network_of
from tests.builders import ANA, NOON, a_topic, an_article, published, with_see_also

pytestmark = pytest.mark.django_db

PUBLIC_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; upgrade-insecure-requests; "
    "require-trusted-types-for 'script'"
)
EXPECTED = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), interest-cohort=(), browsing-topics=()",
}


def broken(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [*library_urls.urlpatterns, path("broken/", broken)]
handler404, handler500 = library_urls.handler404, library_urls.handler500


class BrowserOverHTTPS(Client):
    def generic(self, *args, **kwargs):
        return super().generic(*args, **{**kwargs, "secure": True})


@pytest.fixture
def patient():
    """A browser that comes over HTTPS and would show an error page rather than raise it."""
    return BrowserOverHTTPS(raise_request_exception=False, headers={"host": "localhost"})


@pytest.fixture
def pages():
    topic = a_topic("MRI", tags=["imaging"])
    published(with_see_also(an_article(tags=["nausea"], about=[topic]), [topic]), at=NOON.replace(year=2025))
    gone = published(an_article("Gone"), at=NOON.replace(year=2025))
    withdraw(gone, at=NOON.replace(year=2025), by=ANA, reason="Out of date.")
    topic.slug = "magnetic-resonance-imaging"
    topic.save()


ADDRESSES = [
    ("/", 200),
    ("/articles/coping-with-nausea/", 200),
    ("/articles/coping-with-nausea/see-also/", 200),
    ("/articles/coping-with-nausea/history/", 200),
    ("/articles/coping-with-nausea/history/?day=2025-12-01", 302),
    ("/articles/coping-with-nausea/history/?day=30+February", 200),
    ("/articles/coping-with-nausea/editions/1/", 200),
    ("/articles/coping-with-nausea/editions/2/", 404),
    ("/articles/gone/history/", 410),
    ("/articles/gone/editions/1/", 410),
    ("/topics/", 200),
    ("/topics/magnetic-resonance-imaging/", 200),
    ("/topics/mri/", 301),
    ("/kinds/in-depth/", 200),
    ("/tags/imaging/", 200),
    ("/search/?q=nausea", 200),
    ("/freshness/", 200),
    ("/feeds/updates/", 200),
    ("/robots.txt", 200),
    ("/sitemap.xml", 200),
    ("/sitemap-lists-1.xml", 200),
    ("/sitemap-drafts-1.xml", 404),
    ("/articles/gone/", 410),
    ("/articles/never-was/", 404),
    ("/nothing/here", 404),
    ("/articles/coping-with-nausea", 301),
    ("/broken/", 500),
    ("/healthz", 200),
    ("/readyz", 200),
]


@override_settings(ROOT_URLCONF="tests.test_headers")
@pytest.mark.parametrize(("address", "status"), ADDRESSES)
def test_every_public_answer_has_the_headers_and_sets_no_cookie(patient, pages, address, status):
    response = patient.get(address)
    assert response.status_code == status
    expected = {**EXPECTED, "Referrer-Policy": "no-referrer" if "?q=" in address else "same-origin"}
    assert {name: response.headers.get(name) for name in EXPECTED} == expected
    assert response.headers["Content-Security-Policy"] == PUBLIC_POLICY
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/articles/article/add/", "/admin/nothing/"])
def test_every_admin_answer_has_the_headers_and_a_policy_without_inline_script(patient, admin_user, address):
    for signed_in in (False, True):
        if signed_in:
            patient.force_login(admin_user)
        response = patient.get(address)
        assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED
        policy = dict(rule.partition(" ")[::2] for rule in response.headers["Content-Security-Policy"].split("; "))
        assert re.fullmatch(r"'self'( 'sha256-[\w+/=]+')+", policy["script-src"])
        assert re.fullmatch(r"'self' 'sha256-[\w+/=]+'", policy["style-src"])
        assert policy["default-src"] == "'none'"


def test_static_files_have_the_headers(patient, settings, tmp_path):
    """WhiteNoise answers before Django's views; the headers are set around it."""
    (tmp_path / "file.css").write_text("body {}")
    settings.STATIC_ROOT = tmp_path
    response = patient.get("/static/file.css")
    assert response.status_code == 200
    assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "Access-Control-Allow-Origin" not in response.headers


@override_settings(ROOT_URLCONF="tests.test_headers")
@pytest.mark.parametrize(
    ("address", "cache"),
    [
        (
            "/articles/coping-with-nausea/",
            "public, max-age=60, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400",
        ),
        (
            "/articles/coping-with-nausea/history/",
            "public, max-age=60, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400",
        ),
        (
            "/articles/coping-with-nausea/editions/1/",
            "public, max-age=60, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400",
        ),
        ("/articles/coping-with-nausea/history/?day=2025-12-01", "no-store"),
        ("/articles/coping-with-nausea/history/?day=1999-12-01", "no-store"),
        ("/articles/gone/editions/1/", "public, max-age=60"),
        ("/search/?q=nausea", "no-store"),
        ("/articles/never-was/", "public, max-age=60"),
        ("/articles/gone/", "public, max-age=60"),
        ("/topics/mri/", "public, max-age=60"),
        ("/broken/", "no-store"),
    ],
)
def test_what_a_cache_may_keep(patient, pages, address, cache):
    assert patient.get(address).headers["Cache-Control"] == cache


def test_a_reader_who_has_the_page_is_told_so_without_a_body(patient, pages):
    for encoding in ("gzip", "identity"):
        first = patient.get("/articles/coping-with-nausea/", headers={"accept-encoding": encoding})
        assert first.headers["Vary"] == "Accept-Encoding"
        assert re.fullmatch(r'"\w+"', first.headers["ETag"])
        again = patient.get(
            "/articles/coping-with-nausea/",
            headers={"accept-encoding": encoding, "if-none-match": first.headers["ETag"]},
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


READ_ONLY = [
    "/",
    "/es/",
    "/articles/coping-with-nausea/",
    "/topics/",
    "/search/",
    "/es/search/",
    "/feeds/updates/",
    "/healthz",
]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace", "options"])
def test_public_pages_are_for_reading_only(pages, method):
    """And say so to everybody: a form that changes nothing needs no token."""
    stranger = BrowserOverHTTPS(enforce_csrf_checks=True, headers={"host": "localhost"})
    for address in READ_ONLY:
        response = getattr(stranger, method)(address)
        assert (response.status_code, response.headers.get("Allow")) == (405, "GET, HEAD"), address


def test_a_form_of_staff_needs_its_token(admin_user):
    staff = BrowserOverHTTPS(enforce_csrf_checks=True, headers={"host": "localhost"})
    staff.force_login(admin_user)
    for address in ("/admin/articles/article/add/", "/admin/logout/", "/admin/login/"):
        response = staff.post(address, {"title": "Forged"})
        assert response.status_code == 403
        assert "The form could not be accepted" in response.text


def test_the_cookies_of_the_admin_are_bound_to_this_host_and_out_of_reach_for_scripts(patient, admin_user):
    admin_user.set_password("a long enough password")
    admin_user.save()
    page = patient.get("/admin/login/")
    response = patient.post(
        "/admin/login/",
        {
            "username": admin_user.username,
            "password": "a long enough password",
            "csrfmiddlewaretoken": page.cookies["__Host-csrftoken"].value,
        },
        headers={"referer": "https://localhost/admin/login/"},
    )
    assert set(response.cookies) == {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in response.cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            True,
            "Lax",
            "/",
            "",
        )
        assert cookie["expires"] == ""  # ends with the browser
    assert settings.SESSION_COOKIE_AGE == 8 * 60 * 60


@pytest.mark.parametrize("key", ['"\\000aaaaaaaaaaaaaa"', "short", "A" * 32, "a" * 33])
def test_a_forged_session_cookie_is_nobody(patient, key):
    patient.cookies["__Host-sessionid"] = key
    assert patient.get("/admin/").status_code == 302


def test_plain_http_is_sent_to_https_but_for_the_machine_that_asks_for_our_health(client):
    assert client.get("/", headers={"host": "localhost"}).status_code == 301
    assert client.get("/healthz", headers={"host": "localhost"}).status_code == 200


def test_an_unknown_host_is_refused(patient):
    assert patient.get("/", headers={"host": "evil.example"}).status_code == 400


def test_the_log_line_has_no_query_no_browser_and_no_whole_address(patient, pages, caplog):
    with caplog.at_level(logging.INFO, logger="library.requests"):
        patient.get("/search/?q=hivtestterm", headers={"user-agent": "SecretBrowser"}, REMOTE_ADDR="203.0.113.77")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "library.requests"]
    assert re.fullmatch(r"GET /search/ 200 \d+ms 203\.0\.113\.0 [0-9a-f]{16}", line)
    assert "hivtestterm" not in caplog.text


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::"), ("", "-"), ("nonsense", "-")],
)
def test_addresses_are_shortened_to_their_network(address, network):
    assert network_of(address) == network


def test_nobody_writes_lines_of_their_own_into_the_log():
    record = logging.makeLogRecord(
        {"msg": "GET %s 404", "args": ("/a\nERROR forged\x1b[31m\u2028",), "levelname": "INFO"}
    )
    assert OneLineFormatter("%(message)s").format(record) == r"GET /a\x0aERROR forged\x1b[31m\u2028 404"


def test_the_icon_that_every_browser_asks_for_costs_no_query(patient, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = patient.get("/favicon.ico")
    assert response.status_code == 200
