"""What the public page says of its reviews: whose day it is, what changed since, how late it is, and from which moment."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from articles import due
from articles.dateline import dateline
from articles.models import Article, Edition, StatedReview
from tests.builders import ANA, DAY, NOON, an_article, publish, published, reviewed

pytestmark = pytest.mark.django_db
JANUARY = datetime(2026, 1, 5, 12, tzinfo=UTC)
ZONES = ["UTC", "America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati"]


def stated(article: Article, reviewed_on: date | None, next_on: date | None) -> Article:
    StatedReview.objects.create(
        article=article,
        reviewed_on=reviewed_on,
        next_review_on=next_on,
        source="dates.tsv, line 2",
        imported_at=NOON,
        imported_by="import of dates.tsv",
    )
    due.settle(article)
    article.refresh_from_db()
    return article


def line(article: Article, *, today=DAY, at=NOON):
    return dateline(Edition.objects.live(at=at).with_review_dates().get(article=article), today=today)


def page(article: Article) -> str:
    response = Client().get(article.get_absolute_url(), secure=True, headers={"host": "localhost"})
    assert response.status_code == 200
    return response.content.decode()


def in_words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", html, flags=re.S)).split())


def structured(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])


def test_a_stated_review_is_shown_as_the_source_states_it_and_is_no_review_for_machines():
    article = stated(published(at=JANUARY), date(2025, 3, 1), date(2028, 3, 1))
    html = page(article)
    assert "Reviewed March 1, 2025 (as stated by the source)" in in_words(html)
    assert "Next review due March 1, 2028" in in_words(html)
    assert "This page has never been reviewed here." in html
    assert "lastReviewed" not in structured(html) and "reviewedBy" not in structured(html)


def test_the_first_review_made_here_takes_the_place_of_the_stated_one():
    article = stated(published(at=JANUARY), date(2025, 3, 1), date(2028, 3, 1))
    reviewed(article, next_on=date(2027, 11, 22))
    html = page(article)
    assert "March 1, 2025" not in html and "as stated by the source" not in html
    assert "Reviewed November 22, 2026 (by Grace Obi, RN, no. 12345)" in in_words(html)
    assert structured(html)["lastReviewed"] == "2026-11-22"


def test_an_undated_statement_moves_no_date():
    html = page(stated(published(at=JANUARY), date(2025, 3, 1), None))
    assert "Reviewed March 1, 2025" in in_words(html) and "Next review due" not in html


def test_the_dates_are_the_same_for_readers_and_for_machines():
    article = published(an_article(stated_on=date(2024, 2, 29)), at=JANUARY)
    publish(article, at=JANUARY + timedelta(days=1), change="major", note="New dose.")
    reviewed(article)
    html = page(article)
    shown = dict(re.findall(r'<dt>([^<]+)</dt> <dd><time datetime="([^"]+)">', html))
    read = structured(html)
    assert shown == {
        "Published": "2024-02-29",
        "Updated": "2026-01-06",
        "Reviewed": "2026-11-22",
        "Next review due": "2029-11-22",
    }
    assert (read["datePublished"], read["dateModified"], read["lastReviewed"]) == (
        shown["Published"],
        shown["Updated"],
        shown["Reviewed"],
    )


def test_a_page_that_reads_as_it_was_reviewed_says_nothing_of_changes():
    article = published(at=JANUARY)
    publish(article, at=JANUARY + timedelta(days=1), change="major", note="New dose.")
    reviewed(article)
    assert line(article).changed is None
    html = page(article)
    assert "Changed since this review" not in html and "What changed:</b> New dose." in html


def test_a_page_that_was_changed_since_its_review_says_what_patients_were_told():
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date())
    for number, (change, note) in enumerate([("major", "New dose."), ("minor", "A typo."), ("major", "No aspirin.")]):
        publish(article, at=datetime(2026, 2, 1 + number, 12, tzinfo=UTC), change=change, note=note)
    words = in_words(page(article))
    assert "Changed since this review: February 1, 2026 : New dose. February 3, 2026 : No aspirin." in words
    assert "A typo." not in words and "What changed" not in words


def test_changes_that_are_called_off_or_still_ahead_are_not_told():
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date())
    publish(article, at=NOON, live_at=NOON + timedelta(days=1), change="major", note="New dose.")
    assert line(article).changed is None
    assert line(article, at=NOON + timedelta(days=2)).changed.notes == [(date(2026, 11, 23), "New dose.")]


def test_small_corrections_since_the_review_are_named_as_such():
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date())
    publish(article, at=NOON, change="minor", note="A typo.")
    assert "Changed since this review by corrections that changed no meaning." in in_words(page(article))


def test_a_page_is_overdue_as_its_source_stated_and_says_so():
    article = stated(published(at=JANUARY), date(2024, 3, 1), date(2026, 11, 21))
    assert line(article).notice == (
        "This page has never been reviewed here. Its next review was due on November 21, 2026. Ask your care team "
        "whether anything has changed since it was published."
    )
    assert line(article).is_overdue
    assert not line(article, today=date(2026, 11, 21)).is_overdue


@pytest.mark.parametrize(
    ("bearable", "today", "shown"),
    [
        (30, date(2026, 12, 22), False),  # 30 days late
        (30, date(2026, 12, 23), True),
        (0, date(2026, 11, 22), False),
        (0, date(2026, 11, 23), True),
        (None, date(2036, 1, 1), False),  # no policy
    ],
)
def test_the_banner_appears_when_the_page_is_later_than_its_policy_bears(bearable, today, shown):
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date(), next_on=DAY)
    Article.objects.filter(pk=article.pk).update(banner_after_days=bearable)
    assert bool(line(article, today=today).banner) is shown


def test_the_banner_stands_above_the_text_and_the_page_stays():
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date(), next_on=JANUARY.date() + timedelta(days=10))
    Article.objects.filter(pk=article.pk).update(banner_after_days=30)
    html = page(article)
    assert html.index("This page is late for its review, which was due on January 15, 2026.") < html.index("<h1>")
    assert "Small meals help." in html


# Nights on which the day before is the last that a page may be reviewed in time.
LAST_DAYS = [
    date(2027, 1, 31),
    date(2027, 2, 28),
    date(2028, 2, 28),
    date(2028, 2, 29),
    date(2027, 12, 31),
    date(2027, 3, 13),  # Chicago: the clocks go forward in the night after
    date(2027, 3, 14),
    date(2027, 3, 27),  # Berlin
    date(2027, 3, 28),
    date(2027, 10, 30),
    date(2027, 10, 31),
    date(2027, 11, 6),  # Chicago, back
    date(2027, 11, 7),
]


@pytest.mark.parametrize("zone", ZONES)
def test_overdue_begins_at_midnight_by_the_clocks_of_the_site(zone):
    article = published(at=JANUARY)
    for last_day in LAST_DAYS:
        reviewed(article, next_on=last_day)
        midnight = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(zone))
        moment = midnight.astimezone(UTC)
        with override_settings(TIME_ZONE=zone):
            for at, overdue in ((moment - timedelta(microseconds=1), False), (moment, True)):
                said = line(article, today=timezone.localdate(at), at=at)
                assert (said.is_overdue, bool(said.notice)) == (overdue, overdue), (zone, last_day, at)


def test_the_page_follows_the_clocks_of_the_site():
    """Midway and Kiritimati are 25 hours apart: there it is always an earlier day than here."""
    article = published(at=JANUARY)
    today_there = timezone.localdate(timezone=ZoneInfo("Pacific/Midway"))
    stated(article, None, today_there)
    for zone, overdue in (("Pacific/Midway", False), ("Pacific/Kiritimati", True)):
        with override_settings(TIME_ZONE=zone):
            assert ("Its next review was due on" in page(article)) is overdue


def test_text_in_place_of_a_reviewed_sample_is_told_by_the_day_on_which_patients_first_read_it():
    article = published(an_article(is_sample=True, stated_on=date(2021, 6, 29)), at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date())
    article.is_sample = False
    article.save()
    edition = publish(article, at=JANUARY + timedelta(days=2), change="major")
    assert (edition.published_on, edition.updated_on) == (date(2021, 6, 29), None)
    assert line(article).changed.notes == [(date(2026, 1, 7), "The whole text was replaced.")]


def test_what_changed_since_the_review_costs_one_query_and_nothing_when_nothing_changed(django_assert_num_queries):
    article = published(at=JANUARY)
    reviewed(article, at=JANUARY, on=JANUARY.date())
    edition = Edition.objects.live(at=NOON).with_review_dates().get()
    with django_assert_num_queries(0):
        dateline(edition, today=DAY)
    for number in range(5):
        publish(article, at=NOON + timedelta(hours=number), by=ANA, change="major", note=f"Change {number}.")
    edition = Edition.objects.live(at=NOON + timedelta(days=1)).with_review_dates().get()
    with django_assert_num_queries(1):
        assert len(dateline(edition, today=DAY).changed.notes) == 5
