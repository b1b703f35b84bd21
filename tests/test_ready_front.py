"""How a page that is kept is answered, and what is never kept."""

import re
import time

import pytest
from django.test import Client
from django.utils.http import http_date

from articles.models import Article, Tag
from articles.publishing import withdraw
from library.ready.memory import Memory
from library.ready.page import ENCODINGS
from library.serving import PUBLISHED, compress, encoding_for
from tests.builders import ANA, NOON, a_topic, an_article, publish, published, with_see_also
from tests.ready_pages import Ready

PAGE = "/articles/coping-with-nausea/"
OF_THE_SERVER = {"content-length"}


@pytest.fixture
def ready(committing_db, tmp_path):
    topic = a_topic("MRI", tags=["imaging"])
    published(with_see_also(an_article(tags=["nausea"], about=[topic]), [topic]), at=NOON.replace(year=2025))
    gone = published(an_article("Gone"), at=NOON.replace(year=2025))
    withdraw(gone, at=NOON.replace(year=2025), by=ANA, reason="Out of date.")
    topic.slug = "magnetic-resonance-imaging"
    topic.save()
    in_spanish(topic, gone)
    ready = Ready(tmp_path)
    ready.look()
    return ready


def in_spanish(topic, gone):
    Tag.objects.filter(name="nausea").update(name_es="náuseas")
    own = a_topic("Ñu", slug="nu", language="es", translation_of=topic)
    own.slug = "gnu"
    own.save()
    article = an_article(
        "Vivir con náuseas",
        language="es",
        translation_of=Article.objects.get(slug="coping-with-nausea"),
        tags=["nausea"],
    )
    published(article, at=NOON.replace(year=2025))
    old = published(an_article("Retirada", language="es", translation_of=gone), at=NOON.replace(year=2025))
    withdraw(old, at=NOON.replace(year=2025), by=ANA, reason="Anticuada.")


SPANISH = "/es/articles/vivir-con-nauseas/"
KEPT = [
    "/", PAGE, f"{PAGE}see-also/", f"{PAGE}history/", f"{PAGE}editions/1/", "/topics/", "/topics/?letter=M",
    "/topics/magnetic-resonance-imaging/", "/topics/mri/", "/articles/gone/", "/kinds/in-depth/", "/tags/imaging/",
    "/freshness/", "/feeds/updates/", "/sitemap.xml", "/sitemap-lists-1.xml", "/robots.txt",
    "/es/", SPANISH, f"{SPANISH}see-also/", f"{SPANISH}history/", "/es/topics/?letter=%C3%91", "/es/topics/gnu/",
    "/es/topics/nu/", "/es/articles/retirada/", "/es/tags/nausea/", "/es/feeds/updates/",
]  # fmt: skip
NOT_KEPT = [
    "/search/?q=pain", "/report/", "/healthz", "/readyz", "/articles/never-was/", "/nothing/here", "/admin/login/",
    f"{PAGE}history/?day=2025-12-01", f"{PAGE}history/?day=1999-12-01", "/topics/?page=7", "/topics/?letter=mri",
    "/kinds/in-depth/?page=900", f"{PAGE}editions/77/", "/articles/gone/editions/3/", "/topics/?page=1&letter=M",
    "/es/search/?q=dolor", "/es/articles/coping-with-nausea/", "/es/tags/imaging/", "/topics/?letter=%C3%91", "/es/robots.txt",
]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_kept_answer_equals_that_of_django_to_the_byte(ready, encoding):
    """Headers and body, but for the day on which it was new, which only the keeper knows."""
    browser = Client(headers={"host": "localhost", "accept-encoding": encoding})
    for address in KEPT:
        first = ready.get(address, accept_encoding=encoding)
        asked = len(ready.asked)
        assert ready.get(address, accept_encoding=encoding) == first, address
        assert len(ready.asked) == asked, f"{address} was not kept"
        status, headers, body = first
        from_django = browser.get(address, secure=True)
        expected = {name.lower(): value for name, value in from_django.headers.items()}
        headers.pop("last-modified", None)
        expected.pop("last-modified", None)
        assert (status, headers) == (from_django.status_code, expected), address
        assert body == from_django.content, address
        assert headers["cache-control"] == (PUBLISHED if status == 200 else "public, max-age=60")


def test_what_is_never_kept(ready):
    for address in NOT_KEPT:
        ready.get(address)
        asked = len(ready.asked)
        ready.get(address)
        assert len(ready.asked) == asked + 1, address
    assert not ready.front.memory.pages


def test_thousands_of_made_up_addresses_take_no_room(ready):
    ready.get("/")
    size = ready.front.memory.size
    for number in range(60):
        for address in (
            f"/articles/made-up-{number}/",
            f"/topics/?page={number + 2}",
            f"/topics/mri/?utm={number}",
            f"/x{number}",
        ):
            ready.get(address, host=f"localhost:{number + 1}")
        ready.get(f"/?utm_source={number}")
    assert set(ready.front.memory.pages) == {"/", "/topics/mri/"}
    assert ready.front.memory.size < size + 10_000


def test_a_query_that_the_page_does_not_follow_changes_nothing(ready):
    page = ready.get(PAGE)
    asked = len(ready.asked)
    for query in ("utm_source=mail", "page=2", "q=" + "x" * 5_000, "%00", "&&&"):
        assert ready.get(f"{PAGE}?{query}") == page
    assert ready.get("/topics/?page=1")[2] == ready.get("/topics/")[2]
    assert len(ready.asked) == asked + 1


def test_an_encoded_question_mark_begins_no_query(ready):
    """The address answers the same whatever others have read before."""
    before = ready.get("/topics/%3Fletter=M")
    assert before[0] == 404
    assert ready.get("/topics/?letter=M")[0] == 200
    assert ready.get("/topics/%3Fletter=M") == before
    assert ready.get("/topics/%3Fletter=M?letter=M")[0] == 404


def test_head_conditions_and_ranges(ready):
    status, headers, body = ready.get(PAGE, accept_encoding="gzip")
    etag, modified = headers["etag"], headers["last-modified"]
    assert ready.get(PAGE, method="HEAD", accept_encoding="gzip") == (200, headers, b"")
    for asked, expected in [
        ({"if_none_match": etag}, 304),
        ({"if_none_match": f'"other", W/{etag}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_none_match": '"other"', "if_modified_since": modified}, 200),
        ({"if_modified_since": modified}, 304),
        ({"if_modified_since": http_date(time.time() - 86_400)}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"range": "bytes=0-9"}, 200),
    ]:
        for method in ("GET", "HEAD"):
            answered, told, sent = ready.get(PAGE, method=method, accept_encoding="gzip", **asked)
            assert answered == expected, asked
            assert sent == (body if (method, expected) == ("GET", 200) else b"")
            assert {"etag", "vary", "cache-control", "content-security-policy"} <= set(told)
            if expected == 304:
                assert {name for name in headers if name not in told} == {
                    "content-type",
                    "content-encoding",
                    "content-length",
                }
    tags = {ready.get(PAGE, accept_encoding=encoding)[1]["etag"] for encoding in ENCODINGS}
    assert len(tags) == 3
    assert status == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip;q=0, br;q=0", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("GZIP", "gzip"),
        ("gzip;q=nonsense", "identity"),
        ("identity, gzip;q=0.5", "identity"),
        ("notgzip", "identity"),
        ("br" * 10_000, "identity"),
    ],
)
def test_the_encoding_that_a_reader_likes_best(accepted, encoding):
    assert encoding_for(accepted) == encoding


def test_compressing_is_repeatable_because_the_etag_follows_from_it():
    body = b"Small meals help. " * 500
    assert all(compress(body, encoding) == compress(body, encoding) != body for encoding in ("br", "gzip"))


def test_nothing_that_a_stranger_sends_stands_in_a_kept_page(ready):
    """The first who asks, with every trick, gets what the second gets, who uses none."""
    tricks = {
        "x_forwarded_host": "evil.example", "x_forwarded_proto": "http", "x_original_url": "/evil", "x_rewrite_url": "/evil",
        "x_http_method_override": "POST", "x_forwarded_prefix": "/evil", "forwarded": "host=evil.example", "origin": "https://evil.example",
        "referer": "https://evil.example/", "user_agent": "evil", "accept_language": "es",
    }  # fmt: skip
    for address in KEPT:
        first = ready.get(address, host="127.0.0.1:6666", **tricks)
        assert b"evil" not in first[2] and b"6666" not in first[2]
        assert ready.get(address) == first
    assert ready.get("/", host="evil.example")[0] == 400
    assert ready.get("/", host="evil.example:80@localhost")[0] == 400
    assert ready.get("/", scheme="http")[0] == 301  # to https, as Django says


def test_a_request_with_a_cookie_or_a_password_or_another_method_is_for_django(ready):
    ready.get(PAGE)
    for extra in ({"cookie": "sessionid=a"}, {"authorization": "Basic YTpi"}, {"method": "POST"}):
        asked = len(ready.asked)
        ready.get(PAGE, **extra)
        assert len(ready.asked) == asked + 1
    assert set(ready.front.memory.pages) == {PAGE}
    ready.front.memory.drop(None, lambda: None)
    ready.get(PAGE, cookie="sessionid=a")
    assert not ready.front.memory.pages


def test_memory_holds_what_was_read_last_up_to_its_bound(ready, tmp_path):
    ready.get(PAGE)
    one = ready.front.memory.pages[PAGE].size
    ready.front.memory = Memory(3 * one)
    for number in range(12):
        published(an_article(f"Page {number}"), at=NOON.replace(year=2025))
        ready.get(PAGE)
        ready.get(f"/articles/page-{number}/")
        assert ready.front.memory.size <= 3 * one
        assert sum(page.size for page in ready.front.memory.pages.values()) == ready.front.memory.size
    assert PAGE in ready.front.memory.pages  # it was read all the time
    assert "/articles/page-0/" not in ready.front.memory.pages


def test_a_page_that_changed_while_it_was_made_is_not_kept(ready):
    """The change is seen after Django has read the page and before it is put down."""
    ask = ready.front.django

    def slow(environ, start_response):
        response = ask(environ, start_response)
        publish(an_article("In between") if "kinds" in environ["PATH_INFO"] else an_article("Unrelated", kind="video"))
        ready.look()
        return response

    ready.front.django = slow
    ready.get("/kinds/in-depth/")
    assert not ready.front.memory.pages
    ready.get(f"{PAGE}")
    assert set(ready.front.memory.pages) == {PAGE}  # what changed has nothing to do with it


def test_the_log_has_a_line_without_the_query_for_a_ready_page(ready, capfd):
    ready.get(PAGE)
    capfd.readouterr()
    ready.get(f"{PAGE}?q=hivtestterm", user_agent="SecretBrowser")
    (line,) = capfd.readouterr().err.splitlines()
    assert re.fullmatch(rf"\S+ \S+ INFO library.requests GET {PAGE} 200 \d+ms 203\.0\.113\.0 [0-9a-f]{{16}}", line)
