"""The public page that says how fresh the library is."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.freshness import Share, freshness
from articles.kinds import Kind
from articles.models import Article
from articles.publishing import withdraw
from tests.builders import ANA, DAY, NOON, an_article, publish, published, reviewed

pytestmark = pytest.mark.django_db
JANUARY = datetime(2026, 1, 5, 12, tzinfo=UTC)


def a_page(title: str, *, due: date | None = None, reviewed_on: date | None = None, at=JANUARY, **fields) -> Article:
    """Published; reviewed here when it has a day of review, else due as its source states."""
    article = published(an_article(title, **fields), at=at)
    if reviewed_on:
        reviewed(article, on=reviewed_on, next_on=due)
    else:
        Article.objects.filter(pk=article.pk).update(next_review_on=due)
    return article


def in_numbers(today=DAY, at=NOON) -> dict:
    return {group.name: group for group in freshness(at=at, today=today)}


def counts(group) -> dict[str, int]:
    return {share.label: share.pages for share in group.shares}


def get(**headers):
    return Client().get("/freshness/", secure=True, headers={"host": "localhost", **headers})


@pytest.mark.parametrize(
    ("due", "state"),
    [
        (None, "Never reviewed"),
        (DAY - timedelta(days=1), "Late"),
        (DAY, "Due within 90 days"),
        (DAY + timedelta(days=90), "Due within 90 days"),
        (DAY + timedelta(days=91), "Current"),
    ],
)
def test_every_page_stands_in_one_share(due, state):
    a_page("Asthma", due=due)
    found = counts(in_numbers()["All pages"])
    assert found == {
        label: int(label == state) for label in ("Current", "Due within 90 days", "Late", "Never reviewed")
    }


def test_only_what_patients_can_read_counts_and_each_page_once():
    article = a_page("Asthma")
    publish(article, at=JANUARY + timedelta(days=1), change="minor")
    an_article("Draft")
    withdraw(a_page("Gone"), at=NOON, by=ANA, reason="Out of date.")
    publish(an_article("Tomorrow"), at=NOON, live_at=NOON + timedelta(days=1))
    assert in_numbers()["All pages"].pages == 1


def test_the_kinds_stand_in_their_order_with_their_own_numbers():
    a_page("How I slept again", kind=Kind.STORY, due=date(2026, 1, 1))
    a_page("Asthma", kind=Kind.CONDITION)
    a_page("Gout", kind=Kind.CONDITION, due=date(2030, 1, 1))
    found = in_numbers()
    assert list(found) == ["All pages", "Conditions", "Personal stories"]
    assert [found[name].pages for name in found] == [3, 2, 1]
    assert counts(found["Conditions"]) == {"Current": 1, "Due within 90 days": 0, "Late": 0, "Never reviewed": 1}
    assert counts(found["Personal stories"])["Late"] == 1


def test_the_median_age_is_of_reviews_made_here():
    a_page("Asthma", due=date(2030, 1, 1))  # as stated by the source
    assert in_numbers()["All pages"].median_age == ""
    for title, day in [("Gout", date(2026, 2, 1)), ("Measles", date(2026, 4, 22)), ("Mumps", date(2026, 11, 20))]:
        a_page(title, due=date(2030, 1, 1), reviewed_on=day)
    group = in_numbers()["All pages"]
    assert (group.median_age, group.stated) == ("7 months ago", 1)


def test_the_oldest_page_is_the_one_that_nobody_looked_over_for_the_longest_time():
    a_page("Asthma", stated_on=date(2019, 1, 1))
    old = a_page("Gout", stated_on=date(2018, 1, 1))
    group = in_numbers()["All pages"]
    assert (group.oldest.title, group.oldest_on) == ("Gout", date(2018, 1, 1))
    publish(old, at=JANUARY + timedelta(days=1), change="major", note="New dose.")
    group = in_numbers()["All pages"]
    assert (group.oldest.title, group.oldest_on) == ("Asthma", date(2019, 1, 1))
    reviewed(Article.objects.get(title="Asthma"), on=date(2026, 3, 1))
    group = in_numbers()["All pages"]
    assert (group.oldest.title, group.oldest_on) == ("Gout", date(2026, 1, 6))


@pytest.mark.parametrize(
    ("pages", "total", "words"),
    [
        (0, 0, "0%"),
        (0, 9, "0%"),
        (1, 1000, "less than 1%"),
        (1, 4, "25%"),
        (999, 1000, "more than 99%"),
        (9, 9, "100%"),
    ],
)
def test_a_share_is_none_or_all_only_when_it_is(pages, total, words):
    assert Share("Late", pages, total, "overdue").in_words == words


def test_the_page_has_a_picture_and_the_same_numbers_in_a_table():
    today = timezone.localdate()
    a_page("Asthma <b>", due=today - timedelta(days=5))
    a_page("Gout", due=today + timedelta(days=500))
    a_page("Measles", kind=Kind.CONDITION)
    html = get().content.decode()
    assert "Of all pages: current 33%, due within 90 days 0%, late 33%, never reviewed 33%." in html
    rows = [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", html, re.S)[1:]
    ]
    assert rows == [
        *[["All pages", "3", "1 (33%)", "0 (0%)", "1 (33%)", "1 (33%)", "No review yet", rows[0][7]]],
        *[["Conditions", "1", "0 (0%)", "0 (0%)", "0 (0%)", "1 (100%)", "No review yet", "Measles , January 5, 2026"]],
        *[["In-depth", "2", "1 (50%)", "0 (0%)", "1 (50%)", "0 (0%)", "No review yet", rows[2][7]]],
    ]
    assert "Asthma &lt;b&gt;" in html and "<b>" not in html
    assert "2 pages have not been reviewed here yet, but their sources state when the next review is due." in html


def test_a_library_without_pages_says_so():
    response = get()
    assert response.status_code == 200
    assert "Nothing has been published yet." in response.content.decode()


def test_every_page_leads_there():
    home = Client().get("/", secure=True, headers={"host": "localhost"}).content.decode()
    assert '<a href="/freshness/">How fresh the pages are</a>' in home


def test_the_page_may_be_cached_and_asks_the_database_twice(django_assert_num_queries):
    for number in range(20):
        a_page(f"Page {number}", kind=list(Kind)[number % 11], due=DAY + timedelta(days=number * 20))
    with django_assert_num_queries(2):
        response = get()
    assert response.headers["Cache-Control"].startswith("public, max-age=60")
    assert get(**{"if-none-match": response.headers["ETag"]}).status_code == 304


def test_the_page_is_valid_html(validator):
    article = a_page("Asthma", due=date(2020, 1, 1))
    a_page("Gout", kind=Kind.CONDITION)
    reviewed(article, on=JANUARY.date(), next_on=JANUARY.date() + timedelta(days=10))
    publish(article, at=NOON, change="major", note="New dose.")
    Article.objects.update(banner_after_days=30)
    late = Client().get(article.get_absolute_url(), secure=True, headers={"host": "localhost"}).content.decode()
    assert "This page is late for its review" in late and "Changed since this review" in late
    assert validator({"freshness": get().content.decode(), "late": late}) == []
