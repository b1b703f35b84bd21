"""“This page did not answer my question”: what a reader sends without leaving a trace, and what staff do about it."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from articles import reader_reports
from articles.models import AuditEntry, ReaderReport, ReviewRequest
from articles.views.report import MOST_OF_ONE
from tests.admin import signed_in
from tests.builders import a_topic, an_account, an_article, published

pytestmark = pytest.mark.django_db
REPORT = "/report/"


@pytest.fixture(autouse=True)
def nobody_has_reported_yet():
    cache.clear()


@pytest.fixture
def article():
    return published(an_article("Nausea"))


def send(client=None, **sent):
    client = client or Client(headers={"host": "testserver"})
    return client.post(REPORT, {"sort": "error", "words": "The dose is wrong.", **sent}, secure=True)


def kept() -> list[tuple]:
    return list(ReaderReport.objects.order_by("pk").values_list("sort", "words", "path", "article"))


def test_a_reader_reports_an_error_and_leaves_no_trace(article, caplog):
    reader = Client(enforce_csrf_checks=True, headers={"user-agent": "Secret browser"})
    response = send(reader, page=article.get_absolute_url())
    assert (response.status_code, response.headers["Location"]) == (303, "/report/sent/")
    assert kept() == [("error", "The dose is wrong.", article.get_absolute_url(), article.pk)]
    assert ReaderReport.objects.get().sent_on == timezone.localdate()
    assert not response.cookies
    columns = {field.name for field in ReaderReport._meta.fields}
    assert columns == {
        *("id", "sort", "words", "path", "article", "sent_on"),
        *("settled_at", "settled_by", "note", "request"),
    }
    assert "dose" not in caplog.text and "127.0.0.1" not in caplog.text


def test_the_form_names_the_page_and_asks_for_no_name(article):
    page = Client().get(REPORT, {"page": article.get_absolute_url()}, secure=True)
    assert f'value="{article.get_absolute_url()}"' in page.text
    assert f'<a href="{article.get_absolute_url()}">Nausea</a>' in page.text
    assert "don’t write your name" in page.text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not page.cookies and "<script" not in page.text


def test_a_topic_can_be_reported_too_and_what_is_no_page_is_left_out(article):
    topic, draft = a_topic("MRI"), an_article("Secret draft")
    send(page=topic.get_absolute_url())
    for page in (
        *("https://evil.example/", "//evil.example/", "/admin/", '/articles/"><b>/', "/articles/../x/", "\x00"),
        *(draft.get_absolute_url(), "/topics/words-of-a-reader/", "/articles/a\x00/", f"/topics/{'a' * 60_000}/"),
        f"{article.get_absolute_url()}history/",
    ):
        assert "This is about" not in Client().get(REPORT, {"page": page}, secure=True).text
        send(page=page)
        cache.clear()
    assert {row[2] for row in kept()[1:]} == {""}
    assert kept()[0][2] == topic.get_absolute_url()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"words": ""}, "Write what you looked for, or what is wrong."),
        ({"words": "   "}, "Write what you looked for, or what is wrong."),
        ({"words": "a" * 2_001}, "Write at most 2000 characters. These are 2001."),
        ({"sort": ""}, "Choose one of the two."),
        ({"sort": "nonsense"}, "Select a valid choice"),
        ({"words": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(article, sent, said):
    response = send(**{"words": "Kept <words>", "page": article.get_absolute_url(), **sent})
    assert response.status_code == 422
    assert said in response.text
    if "words" not in sent:
        assert "Kept &lt;words&gt;</textarea>" in response.text
    assert f'value="{article.get_absolute_url()}"' in response.text
    assert kept() == []


def test_a_machine_that_fills_in_every_field_is_thanked_and_forgotten():
    assert send(website="https://spam.example/").status_code == 303
    assert kept() == []


def test_too_many_reports_from_one_address_are_refused_with_the_words_still_there():
    for _ in range(MOST_OF_ONE):
        assert send().status_code == 303
    response = send(words="Still here.")
    assert response.status_code == 429
    assert "Too many reports" in response.text and "Still here.</textarea>" in response.text
    assert len(kept()) == MOST_OF_ONE
    assert send(Client(REMOTE_ADDR="203.0.113.9")).status_code == 303


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(method):
    assert getattr(Client(), method)(REPORT, secure=True).status_code == 405


# What staff do


def a_report(article=None, **fields) -> ReaderReport:
    path = article.get_absolute_url() if article else ""
    return reader_reports.keep(
        **{"sort": "error", "words": "Wrong dose.", "path": path, **fields}, today=timezone.localdate()
    )


def of(report, act="change") -> str:
    return f"/admin/articles/readerreport/{report.pk}/{act}/"


def test_staff_ask_for_a_review_because_of_a_report(article):
    report, client = a_report(article), signed_in(an_account("Date reviewer", "Dana Cole"))
    assert f'<a href="{article.get_absolute_url()}">{article.get_absolute_url()}</a>' in client.get(of(report)).text
    assert "Nausea: Something on the page is wrong" in client.get("/admin/articles/readerreport/").text
    page = client.get(of(report, "ask"))
    assert "A reader reported: Wrong dose." in page.text
    day = timezone.localdate()
    response = client.post(of(report, "ask"), {"about": "A reader doubts the dose.", "due_on": day.isoformat()})
    assert response.status_code == 302
    request = ReviewRequest.objects.get()
    assert (request.article, request.cause, request.about) == (article, "report", "A reader doubts the dose.")
    report.refresh_from_db()
    assert (report.request, report.settled_by, report.note) == (
        request,
        "Dana Cole",
        "A review of the page was asked for.",
    )
    assert AuditEntry.objects.filter(action="review_asked").count() == 1
    assert "has settled this report already" in client.get(of(report, "ask")).text


def test_staff_settle_a_report_with_a_note():
    report, client = a_report(), signed_in(an_account("Clinical reviewer", "Grace Obi"))
    assert client.post(of(report, "settle"), {"note": " "}).status_code == 200
    assert client.post(of(report, "settle"), {"note": "The page says so."}).status_code == 302
    report.refresh_from_db()
    assert (report.note, report.settled_by, report.request) == ("The page says so.", "Grace Obi", None)
    assert client.post(of(report, "settle"), {"note": "Again."}).status_code == 409
    assert "about no article" in client.get(of(report, "ask")).text


def test_a_refused_request_settles_nothing(article):
    report, client = a_report(article), signed_in(an_account("Date reviewer", "Dana Cole"))
    response = client.post(of(report, "ask"), {"about": "A reader doubts the dose.", "due_on": "2020-01-01"})
    assert "has passed" in response.text
    report.refresh_from_db()
    assert report.settled_at is None and not ReviewRequest.objects.exists()


def test_what_readers_write_is_shown_as_text_and_only_to_the_desk(article):
    report = a_report(article, words="<script>alert(1)</script>")
    page = signed_in(an_account("Date reviewer", "Dana Cole")).get(of(report)).text
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert signed_in(an_account("Author", "Ana Ruiz")).get(of(report)).status_code == 403
