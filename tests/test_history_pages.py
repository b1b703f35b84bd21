"""The public history of a page, its earlier editions, and what it said on a given day."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from articles.admin.publish_form import PublishForm
from articles.dateline import dateline_then
from articles.kinds import Kind
from articles.models import Edition
from articles.people import Person
from articles.publishing import bring_back, withdraw
from tests.builders import ANA, a_topic, an_article, publish, published, reviewed, with_see_also
from tests.test_article_page import Reader

pytestmark = pytest.mark.django_db

HISTORY = "/articles/coping-with-nausea/history/"
FIRST = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SECOND = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)
THIRD = datetime(2026, 1, 8, 18, 0, tzinfo=UTC)
AFTER = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def article():
    """Three editions: "Five." on January 5, "Six." at noon of January 8 and "Seven." in its evening."""
    article = an_article(sections=[("", "<p>Five.</p>")])
    publish(article, at=FIRST, by=Person("Secret Publisher"))
    rewrite(article, "<p>Six.</p>", at=SECOND, change="minor")
    rewrite(article, "<p>Seven.</p>", at=THIRD, note="Seven <b>is</b> safer than six.")
    return article


def rewrite(article, text: str, **details) -> Edition:
    section = article.sections.get()
    section.body = text
    section.save()
    return publish(article, by=Person("Secret Publisher"), **details)


def words_of(page: str) -> str:
    """What stands between the tags, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


# The history


def test_the_history_names_every_edition_newest_first_with_its_day_and_note(reader, article):
    page = reader.html(HISTORY)
    assert re.findall(r'href="(/articles/coping-with-nausea/editions/\d/)"', page) == [
        f"/articles/coping-with-nausea/editions/{number}/" for number in (3, 2, 1)
    ]
    words = words_of(page)
    for said in [
        "Edition 3 Major change: the meaning changed What changed: Seven <b>is</b> safer than six. "
        "Published January 8, 2026 Patients read it now",
        "Edition 2 Minor change: a correction that changed no meaning Published January 8, 2026",
        "Edition 1 First edition Published January 5, 2026",
        "This page has never been reviewed here.",
    ]:
        assert said in words
    assert "Secret Publisher" not in page
    assert f'<link rel="canonical" href="https://localhost{HISTORY}">' in page


def test_the_reviews_stand_there_without_what_is_for_staff(reader, article):
    reviewed(article, at=AFTER, on=date(2026, 1, 20), note="Secret note", evidence="Secret evidence", outcome="minor")
    page = reader.html(HISTORY)
    words = words_of(page)
    assert "January 20, 2026: Minor change needed Edition 3 Reviewed by Grace Obi, RN, no. 12345" in words
    assert "Secret" not in page


def test_sample_text_and_the_text_that_takes_its_place_are_named(reader):
    article = published(an_article(is_sample=True), at=FIRST)
    article.is_sample = False
    article.save()
    publish(article, at=SECOND, by=ANA)
    words = words_of(reader.html(HISTORY))
    assert "Edition 1 First edition (sample text)" in words
    assert "Edition 2 First text in place of the sample Published" in words


def test_a_day_that_the_source_states_is_told_apart_from_the_day_of_the_edition(reader):
    published(an_article(stated_on=date(2021, 6, 29)), at=FIRST)
    words = words_of(reader.html(HISTORY))
    assert "The source of this page says that it was published on June 29, 2021." in words
    assert "Edition 1 First edition Published January 5, 2026" in words


def test_the_days_are_those_of_the_site(reader, article):
    with override_settings(TIME_ZONE="Pacific/Kiritimati"):
        assert "Edition 1 First edition Published January 6, 2026" in words_of(reader.html(HISTORY))


def test_a_page_that_was_withdrawn_for_a_time_says_when_and_why(reader, article):
    withdraw(article, at=FIRST + timedelta(days=10), by=ANA, reason="The guideline <changed>.")
    bring_back(article, at=FIRST + timedelta(days=12), by=ANA)
    words = words_of(reader.html(HISTORY))
    assert "Withdrawn from January 15, 2026 to January 17, 2026 Why: The guideline <changed>." in words
    assert "In that time the page was withdrawn from January 15, 2026 to January 17, 2026" in words_of(
        reader.html("/articles/coping-with-nausea/editions/3/")
    )
    assert "withdrawn" not in reader.html("/articles/coping-with-nausea/editions/2/")


# What the page said on a given day


@pytest.mark.parametrize(
    ("zone", "day", "number"),
    [
        ("UTC", date(2026, 1, 4), None),
        ("UTC", date(2026, 1, 5), 1),
        ("UTC", date(2026, 1, 7), 1),
        ("UTC", date(2026, 1, 8), 3),  # two editions on one day: the one that was live when it ended
        ("UTC", date(2026, 1, 31), 3),
        ("UTC", date(2026, 2, 1), 3),  # the day of the question, which hasn't ended
        ("UTC", date(2026, 2, 2), None),
        ("Pacific/Kiritimati", date(2026, 1, 5), None),  # 14 hours ahead: it was the 6th there
        ("Pacific/Kiritimati", date(2026, 1, 6), 1),
        ("Pacific/Kiritimati", date(2026, 1, 8), 1),
        ("Pacific/Kiritimati", date(2026, 1, 9), 3),
        ("Pacific/Kiritimati", date(2026, 2, 2), 3),  # today already
        ("America/Los_Angeles", date(2026, 1, 4), None),
        ("America/Los_Angeles", date(2026, 1, 5), 1),
        ("America/Los_Angeles", date(2026, 1, 8), 3),
        ("UTC", date.min, None),
        ("Pacific/Kiritimati", date.min, None),
        ("America/Los_Angeles", date.max, None),
    ],
)
def test_a_day_has_the_edition_that_was_live_when_it_ended(article, zone, day, number):
    with override_settings(TIME_ZONE=zone):
        edition = Edition.objects.on_day(article, day, at=AFTER)
    assert (edition and edition.number) == number


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", datetime(2026, 1, 5, 23, 59, 59, 999999, tzinfo=UTC), date(2026, 1, 5)),
        ("UTC", datetime(2026, 1, 6, tzinfo=UTC), date(2026, 1, 6)),
        ("America/Los_Angeles", datetime(2026, 1, 6, 7, 59, 59, 999999, tzinfo=UTC), date(2026, 1, 5)),
        ("America/Los_Angeles", datetime(2026, 1, 6, 8, tzinfo=UTC), date(2026, 1, 6)),
        ("America/Los_Angeles", datetime(2025, 11, 3, 7, 59, tzinfo=UTC), date(2025, 11, 2)),  # 25 hours long
        ("America/Asuncion", datetime(2024, 3, 24, 3, 59, tzinfo=UTC), date(2024, 3, 23)),  # its last hour comes twice
        ("America/Asuncion", datetime(2024, 3, 24, 4, tzinfo=UTC), date(2024, 3, 24)),
        ("America/Santiago", datetime(2025, 9, 7, 3, 59, tzinfo=UTC), date(2025, 9, 6)),  # no midnight follows it
        ("America/Santiago", datetime(2025, 9, 7, 4, tzinfo=UTC), date(2025, 9, 7)),
    ],
)
def test_the_last_moment_of_a_day_belongs_to_it_whatever_the_clocks_do(zone, moment, day):
    with override_settings(TIME_ZONE=zone):
        article = published(at=moment)
        assert Edition.objects.on_day(article, day, at=AFTER).number == 1
        assert Edition.objects.on_day(article, day - timedelta(days=1), at=AFTER) is None


def test_nobody_read_an_edition_on_a_day_that_ended_with_the_page_withdrawn(reader, article):
    withdraw(article, at=datetime(2026, 1, 15, 12, tzinfo=UTC), by=ANA, reason="Wrong dose.")
    bring_back(article, at=datetime(2026, 1, 17, 12, tzinfo=UTC), by=ANA)
    found = {day: Edition.objects.on_day(article, date(2026, 1, day), at=AFTER) for day in (14, 15, 16, 17)}
    assert {day: edition and edition.number for day, edition in found.items()} == {14: 3, 15: None, 16: None, 17: 3}
    assert "On January 16, 2026 this page was withdrawn" in words_of(reader.html(f"{HISTORY}?day=2026-01-16"))


def test_the_question_leads_to_the_edition_of_that_day(reader, article):
    assert '<label for="day">Day</label>' in reader.html(HISTORY)
    response = reader.get(HISTORY, {"day": "2026-01-06"})
    assert (response.status_code, response.headers["Location"]) == (302, "/articles/coping-with-nausea/editions/1/")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2026-01-04", "On January 4, 2026 nothing was published here yet. Edition 1 followed on January 5, 2026."),
        ("0001-01-01", "On January 1, 0001 nothing was published here yet."),
        ("9999-12-31", "December 31, 9999 is in the future."),
        *(
            (unreadable, "That day could not be read.")
            for unreadable in [
                "",
                " ",
                "2026-02-30",
                "0000-01-01",
                "10000-01-01",
                "-2026-01-01",
                "01/05/2026",
                "yesterday",
                "2026-01-05\x00",
                "\x00",
                "٢٠٢٦-٠١-٠٥",
                "2026-01-05T12:00",
                "<script>alert(1)</script>",
                "\ud800",
                "9" * 60_000,
            ]
        ),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_whatever_is_asked_is_answered_in_a_sentence(reader, article, asked, said):
    response = reader.get(HISTORY, {"day": asked.encode("utf-8", "surrogatepass")})
    assert response.status_code == 200
    assert said in words_of(response.text)
    assert "<script>" not in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert f'<link rel="canonical" href="https://localhost{HISTORY}">' in response.text


# An earlier edition


def test_an_edition_is_what_patients_read_then(reader, article):
    article.title = "Half a tit"
    article.save()
    for number, text in [(1, "Five."), (2, "Six."), (3, "Seven.")]:
        page = reader.html(f"/articles/coping-with-nausea/editions/{number}/")
        assert f"<p>{text}</p>" in page and "<h1>Coping with nausea</h1>" in page
        assert sum(other in page for other in ("Five.", "Six.", "Seven.", "Half a tit")) == 1


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "This is edition 1, which patients read from January 5, 2026 to January 8, 2026. Read the current page."),
        (2, "This is edition 2, which patients read on January 8, 2026 for part of the day. Read the current page."),
        (3, "This is edition 3, which patients have read since January 8, 2026 and still read. Read the current page."),
    ],
)
def test_its_banner_says_when_it_was_read_and_leads_to_the_page(reader, article, number, said):
    page = reader.html(f"/articles/coping-with-nausea/editions/{number}/")
    assert said in words_of(page)
    assert '<a href="/articles/coping-with-nausea/">Read the current page</a>' in page


def test_its_dates_are_its_own(article):
    def labels(number):
        return [(line.label, line.day, line.remark) for line in dateline_then(Edition.objects.get(number=number)).dates]

    reviewed(article, at=AFTER, on=date(2026, 1, 20))
    assert labels(2) == [("Published", date(2026, 1, 5), "")]
    assert labels(3) == [("Published", date(2026, 1, 5), ""), ("Updated", date(2026, 1, 8), "")]


def test_search_engines_keep_out_of_it(reader, article):
    response = reader.get("/articles/coping-with-nausea/editions/1/")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert '<link rel="canonical" href="https://localhost/articles/coping-with-nausea/">' in response.text
    assert "application/ld+json" not in response.text
    assert "noindex" not in reader.html(HISTORY)


def test_its_related_links_keep_their_words_and_lead_only_where_patients_may_go_now(reader):
    stays, leaves, gone_before = a_topic("MRI"), a_topic("CT scan"), a_topic("X-ray")
    other, draft = published(an_article("Other page"), at=FIRST), an_article("Secret draft")
    withdraw(gone_before, at=FIRST, by=ANA, reason="Merged.")
    article = with_see_also(an_article(), [leaves, stays, gone_before, draft, other])
    published(article, at=SECOND)
    rewrite(article, "<p>New.</p>", at=THIRD, note="New advice.")
    withdraw(leaves, at=AFTER, by=ANA, reason="Merged.")
    page = reader.html("/articles/coping-with-nausea/editions/1/")
    links = re.findall(r"<li value=\"(\d)\">(.*?) <span", page)
    assert links == [
        ("1", "CT scan"),
        ("2", '<a href="/topics/mri/">MRI</a>'),
        ("5", '<a href="/articles/other-page/">Other page</a>'),
    ]
    assert "Secret draft" not in page and "X-ray" not in page


def test_sample_text_says_so_there_too(reader):
    published(an_article(is_sample=True), at=FIRST)
    assert "No clinician has reviewed it" in reader.html("/articles/coping-with-nausea/editions/1/")


# What may not be seen


@pytest.mark.parametrize("number", ["0", "4", "9223372036854775808", "9" * 5000, "-1", "one"])
def test_an_edition_that_never_was_is_missing(reader, article, number):
    assert reader.get(f"/articles/coping-with-nausea/editions/{number}/").status_code == 404


def test_a_draft_has_no_history(reader):
    an_article()
    for rest in ("history/", "history/?day=2026-01-05", "editions/1/"):
        assert reader.get(f"/articles/coping-with-nausea/{rest}").status_code == 404


def test_an_edition_of_the_future_is_nowhere(reader, article):
    rewrite(article, "<p>Tomorrow.</p>", at=timezone.now() + timedelta(minutes=5), note="Secret note")
    assert reader.get("/articles/coping-with-nausea/editions/4/").status_code == 404
    assert "Edition 4" not in reader.html(HISTORY)
    assert "and still read" in reader.html("/articles/coping-with-nausea/editions/3/")
    assert reader.get(HISTORY, {"day": timezone.localdate().isoformat()}).headers["Location"].endswith("/editions/3/")


def test_withdrawn_text_is_gone_from_every_address(reader, article):
    withdraw(article, at=timezone.now(), by=ANA, reason="The guideline changed.")
    for rest in ("history/", "history/?day=2026-01-05", "editions/1/", "editions/3/"):
        response = reader.get(f"/articles/coping-with-nausea/{rest}")
        assert response.status_code == 410
        assert "The guideline changed." in response.text
        assert "Five." not in response.text and "Seven" not in response.text


def test_a_page_that_moved_keeps_what_stands_below_its_address(reader, article):
    article.slug = "nausea"
    article.save()
    for rest in ("history/", "editions/1/", "see-also/"):
        response = reader.get(f"/articles/coping-with-nausea/{rest}")
        assert (response.status_code, response.headers["Location"]) == (301, f"/articles/nausea/{rest}")
        assert reader.get(f"/articles/nausea/{rest}").status_code == 200


# From the article, and before it is published


def test_the_article_leads_to_its_history_and_says_what_changed_beside_updated(reader, article):
    page = reader.html("/articles/coping-with-nausea/")
    assert f'href="{HISTORY}">History of this page</a>' in page
    assert "What changed: Seven <b>is</b> safer than six." in words_of(page)
    rewrite(article, "<p>Eight.</p>", at=AFTER, change="minor", note="A typo.")
    words = words_of(reader.html("/articles/coping-with-nausea/"))
    assert "What changed: Seven" in words and "A typo." not in words  # a minor change moves neither date nor note


def test_a_page_without_updated_says_nothing_of_a_change(reader):
    published(at=FIRST, note="Welcome.")
    assert "What changed" not in reader.html("/articles/coping-with-nausea/")
    assert "Note: Welcome." in words_of(reader.html(HISTORY))


def test_the_form_proposes_and_the_person_decides():
    article = published(an_article(sections=[("", "<p>Take 5 mg.</p>")]), at=FIRST)
    section = article.sections.get()
    section.body = "<p>Take 0.5 mg.</p>"
    section.save()
    form = PublishForm(article=article)
    assert "This looks like a major change: “5 mg” became “0.5 mg”." in form["change"].help_text
    assert form["change"].value() is None
    assert "note" in PublishForm({"change": "major"}, article=article).errors
    for data in ({"change": "major", "note": "A smaller dose."}, {"change": "minor"}):
        assert PublishForm(data, article=article).is_valid()
    assert PublishForm({"change": "major"}, article=an_article("New page")).is_valid()
    assert "looks like" not in PublishForm(article=an_article("Newer page"))["change"].help_text


def test_the_pages_cost_four_queries_at_most_and_the_article_six(reader, article, django_assert_max_num_queries):
    other = published(an_article("Other page", kind=Kind.TEST), at=FIRST)
    with_see_also(article, [*(a_topic(f"Topic {number}") for number in range(30)), other])
    rewrite(article, "<p>Linked.</p>", at=AFTER, note="Links.")
    for day in range(1, 6):
        reviewed(article, at=AFTER, on=date(2026, 1, 20 + day))
    addresses = [HISTORY, f"{HISTORY}?day=2026-01-06", f"{HISTORY}?day=1999-01-06", HISTORY[:-8] + "editions/4/"]
    for address in addresses:
        with django_assert_max_num_queries(4):
            reader.get(address)
    with django_assert_max_num_queries(6):  # it was changed since its review
        reader.get("/articles/coping-with-nausea/")
