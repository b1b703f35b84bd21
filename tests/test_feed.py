"""The Atom feed of what happened: new pages, changes of meaning, reviews and withdrawals, and nothing that is not public."""

import re
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import override

from articles import feeds
from articles.models import Article, Review, Withdrawal
from articles.publishing import bring_back, withdraw
from tests.builders import (
    ANA,
    NOON,
    a_topic,
    an_article,
    many_published,
    publish,
    published,
    reviewed,
    scheduled,
    wrote,
)
from tests.test_article_page import EARLIER, Reader
from tests.test_dateline import LAST_DAYS, ZONES

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
ADDRESS = "/feeds/updates/"
HOUR = timedelta(hours=1)


@pytest.fixture
def reader():
    return Reader()


def titles(*, at=NOON) -> list[str]:
    return [entry.title for entry in feeds.updates(at=at)]


def read(reader) -> ElementTree.Element:
    response = reader.get(ADDRESS)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(response.content)


def moment(element, name: str) -> datetime:
    """A date construct of RFC 4287: RFC 3339 with a capital T, and here always in UTC."""
    (text,) = [child.text for child in element.findall(f"{ATOM}{name}")]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    return datetime.fromisoformat(text)


def test_it_tells_what_happened_newest_first(reader):
    article = published(an_article(stated_on=date(2021, 6, 29)), at=EARLIER)
    publish(article, at=EARLIER + 1 * HOUR, change="minor", note="A typo.")
    publish(article, at=EARLIER + 2 * HOUR, change="major", note="The dose is 5 mg.")
    reviewed(article, at=EARLIER + 3 * HOUR, on=date(2026, 1, 5))
    topic = a_topic("Old scan")
    withdraw(topic, at=EARLIER + 4 * HOUR, by=ANA, reason="Two topics were one.")
    entries = feeds.updates(at=NOON)
    assert [(entry.what, entry.title, entry.path, entry.summary) for entry in entries] == [
        (
            "withdrawn",
            "Withdrawn: Old scan",
            "/topics/old-scan/",
            "Withdrawn on January 5, 2026, at 16:00 (UTC). Why: Two topics were one.",
        ),
        (
            "reviewed",
            "Reviewed: Coping with nausea",
            "/articles/coping-with-nausea/",
            "Reviewed January 5, 2026 by Grace Obi, RN, no. 12345: No change needed.",
        ),
        (
            "changed",
            "Changed: Coping with nausea",
            "/articles/coping-with-nausea/",
            "Updated January 5, 2026: The dose is 5 mg.",
        ),
        (
            "new",
            "New page: Coping with nausea",
            "/articles/coping-with-nausea/",
            "Published June 29, 2021, as printed in the source. What helps when you feel sick.",
        ),
    ]
    assert [entry.updated for entry in entries] == [EARLIER + hours * HOUR for hours in (4, 3, 2, 0)]
    links = [entry.find(f"{ATOM}link").get("href") for entry in read(reader).findall(f"{ATOM}entry")]
    assert links == [f"https://localhost{entry.path}" for entry in entries]


def test_it_is_a_valid_feed_by_rfc_4287(reader):
    article = published(an_article("Fish & <chips>", deck="It’s “safe”."), at=EARLIER)
    reviewed(article, at=EARLIER + HOUR, on=date(2026, 1, 5), reviewer_name="O'Neil <b>")
    feed = read(reader)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"https://localhost{ADDRESS}", "alternate": "https://localhost/"}
    assert feed.find(f"{ATOM}author").findtext(f"{ATOM}name") == "Health Library"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for required in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{required}")) == 1
        assert element.findtext(f"{ATOM}id").startswith("tag:")
    newest, first = feed.findall(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}title") == "New page: Fish & <chips>"
    assert "by O'Neil <b>, RN" in newest.findtext(f"{ATOM}summary")
    assert moment(feed, "updated") == moment(newest, "updated") == EARLIER + HOUR
    assert moment(newest, "published") == EARLIER + HOUR
    assert [entry.find(f"{ATOM}category").get("term") for entry in (newest, first)] == ["reviewed", "new"]


def test_characters_that_xml_can_not_hold_do_not_break_it(reader):
    withdraw(a_topic("Scan"), at=EARLIER, by=ANA, reason="Out\x0bof \x1bdate \ufffe.")
    (entry,) = read(reader).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}summary").endswith("Why: Out\nof date .")


def test_a_new_library_has_a_valid_feed_that_stays_the_same(reader):
    feed = read(reader)
    assert feed.findall(f"{ATOM}entry") == []
    assert moment(feed, "updated") == feeds.NEVER
    assert reader.get(ADDRESS).content == reader.get(ADDRESS).content


def test_an_entry_keeps_its_id_when_the_address_the_title_and_the_clocks_change():
    article = published(at=datetime(2026, 1, 5, 23, 30, tzinfo=UTC))
    (before,) = feeds.updates(at=NOON)
    assert re.fullmatch(r"tag:[a-z.]+,2026-01-05:edition-\d+", before.id)
    article.slug = "nausea"
    article.title = "Nausea"
    article.save()
    with override_settings(TIME_ZONE="Pacific/Kiritimati"):
        (after,) = feeds.updates(at=NOON)
    assert (after.id, after.published, after.title) == (before.id, before.published, before.title)
    assert (before.path, after.path) == ("/articles/coping-with-nausea/", "/articles/nausea/")


@override_settings(SITE_URL="https://library.example.org:8443")
def test_the_ids_name_the_site_by_its_setting_and_not_by_the_host_that_was_asked(reader):
    published(at=EARLIER)
    feed = read(reader)
    assert feed.findtext(f"{ATOM}id") == "tag:library.example.org,2026:updates"
    assert feed.find(f"{ATOM}entry").findtext(f"{ATOM}id").startswith("tag:library.example.org,2026-01-05:edition-")


def test_ids_are_unique_among_all_entries():
    article = published(at=EARLIER)
    reviewed(article, at=EARLIER + HOUR, on=date(2026, 1, 5))
    withdraw(a_topic(), at=EARLIER, by=ANA, reason="Out of date.")
    ids = [entry.id for entry in feeds.updates(at=NOON)]
    assert len(ids) == len(set(ids)) == 3


def test_nothing_that_patients_can_not_read_is_told():
    wrote(an_article("Draft"))
    scheduled(an_article("Scheduled"))
    withdraw(an_article("Never published"), at=EARLIER, by=ANA, reason="A secret reason.")
    article = published(at=EARLIER)
    article.title = "Half a ti"
    article.save()
    reviewed(article, at=EARLIER + HOUR, on=date(2026, 1, 5), note="A secret note.", evidence="A secret source.")
    assert titles() == ["Reviewed: Coping with nausea", "New page: Coping with nausea"]
    assert "secret" not in str(feeds.updates(at=NOON))
    assert titles(at=NOON + timedelta(days=1))[0] == "New page: Scheduled"


def test_of_a_withdrawn_page_only_the_withdrawal_is_told_until_it_is_back():
    article = published(at=EARLIER)
    reviewed(article, at=EARLIER + HOUR, on=date(2026, 1, 5))
    article.title = "Half a ti"
    article.save()
    withdraw(article, at=EARLIER + 2 * HOUR, by=ANA, reason="The dose was wrong.", from_at=EARLIER + 5 * HOUR)
    assert [title.partition(":")[0] for title in titles(at=EARLIER + 4 * HOUR)] == ["Reviewed", "New page"]
    (withdrawn,) = feeds.updates(at=EARLIER + 5 * HOUR)
    assert (withdrawn.title, withdrawn.updated) == ("Withdrawn: Coping with nausea", EARLIER + 5 * HOUR)
    bring_back(article, at=EARLIER + 7 * HOUR, by=ANA)
    back, review, new = feeds.updates(at=EARLIER + 8 * HOUR)
    assert (back.id, back.what, back.published) == (withdrawn.id, "back", EARLIER + 5 * HOUR)
    assert (back.title, back.updated) == ("Back again: Coping with nausea", EARLIER + 7 * HOUR)
    assert back.summary == (
        "The page can be read again since January 5, 2026, at 19:00 (UTC). "
        "Withdrawn on January 5, 2026, at 17:00 (UTC). Why: The dose was wrong."
    )
    assert (review.what, new.what) == ("reviewed", "new")


def test_a_review_of_parts_is_not_told_and_a_corrected_one_only_as_it_stands():
    article = published(at=EARLIER)
    reviewed(
        article, at=EARLIER + HOUR, on=date(2026, 1, 5), scope=Review.Scope.PART, parts=["part:see-also"], next_on=None
    )
    wrong = reviewed(article, at=EARLIER + 2 * HOUR, on=date(2026, 1, 5))
    reviewed(article, at=EARLIER + 3 * HOUR, on=date(2026, 1, 5), supersedes=wrong, outcome="minor")
    assert [entry.summary for entry in feeds.updates(at=NOON) if entry.what == "reviewed"] == [
        "Reviewed January 5, 2026 by Grace Obi, RN, no. 12345: Minor change needed. This corrects an earlier record."
    ]


def test_sample_text_says_so_and_the_text_that_takes_its_place_is_new():
    article = published(an_article(is_sample=True), at=EARLIER)
    publish(article, at=EARLIER + HOUR, change="minor")
    article.is_sample = False
    article.save()
    publish(article, at=EARLIER + 2 * HOUR, change="minor")
    new, sample = feeds.updates(at=NOON)
    assert (new.what, sample.what) == ("new", "new")
    assert sample.summary.endswith("This is sample text. No clinician has reviewed it.")
    assert "sample" not in new.summary


def test_a_text_that_moves_no_date_is_told_by_the_day_on_which_patients_first_read_it():
    """Between two texts of the clinic stood a sample: the page still says the day of its source and no Updated."""
    article = published(an_article(stated_on=date(2021, 6, 29)), at=EARLIER)
    for number, is_sample in enumerate((True, False), start=1):
        article.is_sample = is_sample
        article.save()
        publish(article, at=EARLIER + timedelta(days=number), change="major", note="Written anew.")
    edition = article.editions.get(number=3)
    assert (edition.published_on, edition.updated_on) == (date(2021, 6, 29), None)
    newest = feeds.updates(at=NOON)[0]
    assert (newest.what, newest.summary) == ("changed", "New text since January 7, 2026: Written anew.")
    with override("es"):
        assert feeds.updates(at=NOON)[0].summary == "Texto nuevo desde el 7 de enero de 2026: Written anew."
    publish(article, at=EARLIER + timedelta(days=3), change="major", note="The dose is 5 mg.")
    assert feeds.updates(at=NOON)[0].summary == "Updated January 8, 2026: The dose is 5 mg."


def test_a_first_edition_is_new_even_when_it_is_called_minor():
    published(at=EARLIER, change="minor")
    assert titles() == ["New page: Coping with nausea"]


@pytest.mark.parametrize("zone", ZONES)
def test_the_days_are_those_of_the_site_at_midnight(zone):
    """At month ends, on 29 February and in the nights in which the clocks change; the moment stays the moment."""
    with override_settings(TIME_ZONE=zone):
        for number, last_day in enumerate(LAST_DAYS):
            midnight = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(zone))
            instant = midnight.astimezone(UTC)
            for at, day in ((instant - timedelta(microseconds=1), last_day), (instant, last_day + timedelta(days=1))):
                in_words = f"{day:%B} {day.day}, {day.year}"
                article = published(an_article(f"Page {number} of {day}"), at=at)
                reviewed(article, at=at, on=day, next_on=day + timedelta(days=900))
                topic = a_topic(f"Topic {number} of {day}")
                withdraw(topic, at=at, by=ANA, reason="Out of date.")
                entries = [entry for entry in feeds.updates(at=at) if entry.title.endswith(f" {number} of {day}")]
                said = {entry.what: entry.summary for entry in entries}
                assert said["new"].startswith(f"Published {in_words}."), (zone, at)
                assert said["reviewed"].startswith(f"Reviewed {in_words} by"), (zone, at)
                assert said["withdrawn"].startswith(f"Withdrawn on {in_words}, at {'00:00' if at == instant else ''}")
                assert {entry.updated for entry in entries} == {at}


def test_the_moments_are_written_in_utc_whatever_the_clocks_of_the_site(reader):
    published(at=datetime(2026, 1, 5, 23, 30, 15, 999_999, tzinfo=UTC))
    for zone in ZONES:
        with override_settings(TIME_ZONE=zone):
            assert moment(read(reader).find(f"{ATOM}entry"), "updated") == datetime(2026, 1, 5, 23, 30, 15, tzinfo=UTC)


def test_it_holds_the_last_50_and_costs_four_queries(reader, django_assert_num_queries):
    for number in range(20):
        article = published(an_article(f"Page {number}"), at=EARLIER + number * 2 * HOUR)
        reviewed(
            article, at=EARLIER + (number * 2 + 1) * HOUR, on=timezone.localdate(EARLIER + (number * 2 + 1) * HOUR)
        )
        withdraw(a_topic(f"Topic {number}"), at=EARLIER + number * 2 * HOUR, by=ANA, reason="Out of date.")
    with django_assert_num_queries(4):
        entries = read(reader).findall(f"{ATOM}entry")
    moments = [moment(entry, "updated") for entry in entries]
    assert len(entries) == feeds.MOST == 50
    assert moments == sorted(moments, reverse=True)
    assert moments[-1] == EARLIER + 6 * HOUR  # of the three acts of the fourth page only the oldest is left out
    assert len(set(titles())) == 50


def test_of_20000_reviewed_pages_it_is_there_within_seconds():
    many_published([{}] * 20_000)
    first = Article.objects.order_by("pk").values_list("pk", flat=True)[0]
    pattern = reviewed(Article.objects.get(pk=first))
    fields = {field.attname: getattr(pattern, field.attname) for field in Review._meta.concrete_fields}
    Review.objects.bulk_create(
        Review(**{**fields, "id": None, "article_id": pk})
        for pk in Article.objects.exclude(pk=first).values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a library that has run for a day has been analysed by the autovacuum
    started = time.perf_counter()
    assert len(feeds.updates(at=NOON)) == 50
    assert time.perf_counter() - started < 10  # seconds; about half a second on a busy machine


def test_reviews_of_withdrawn_pages_do_not_crowd_out_the_others(django_assert_num_queries):
    """As many as are looked at together, and one more, are withdrawn."""
    kept, *gone = many_published([{}] * (feeds.BATCH + 2))
    withdrawn = [Withdrawal(article=article, from_at=NOON, reason="Out of date.") for article in gone]
    Withdrawal.objects.bulk_create(withdrawn)
    pattern = reviewed(kept, at=NOON - HOUR, on=date(2026, 11, 22))
    fields = {field.attname: getattr(pattern, field.attname) for field in Review._meta.concrete_fields}
    fields |= {"id": None, "recorded_at": NOON}
    Review.objects.bulk_create(Review(**{**fields, "article_id": article.pk}) for article in gone)
    with django_assert_num_queries(6):
        entries = feeds.updates(at=NOON + HOUR)
    assert {entry.what for entry in entries} == {"withdrawn"}  # later than the review, and more than fit
    assert [entry.path for entry in feeds._reviews(NOON + HOUR, "en")] == [kept.get_absolute_url()]


def test_a_reader_that_has_it_is_told_so_by_either_validator(reader):
    article = published(at=EARLIER)
    first = reader.get(ADDRESS)
    assert parsedate_to_datetime(first.headers["Last-Modified"]) == EARLIER
    for asked in (
        {"if-none-match": first.headers["ETag"]},
        {"if-modified-since": first.headers["Last-Modified"]},
    ):
        again = reader.get(ADDRESS, headers=asked)
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["ETag"], again.headers["Last-Modified"]) == (
            first.headers["ETag"],
            first.headers["Last-Modified"],
        )
    publish(article, at=EARLIER + HOUR, change="major", note="New dose.")
    for asked in (
        {"if-none-match": first.headers["ETag"]},
        {"if-modified-since": first.headers["Last-Modified"]},
        {"if-none-match": first.headers["ETag"], "if-modified-since": http_date(NOON.timestamp())},
    ):
        assert reader.get(ADDRESS, headers=asked).status_code == 200


def test_every_page_names_the_feed_and_home_leads_to_it(reader):
    published(at=EARLIER)
    for address in ("/", "/articles/coping-with-nausea/", "/topics/", "/search/?q=nausea"):
        assert f'<link rel="alternate" type="application/atom+xml" title="Changes to the pages" href="{ADDRESS}">' in (
            reader.html(address)
        )
    home = reader.html("/")
    newly = home[home.index("Newly updated") : home.index("Browse by kind")]
    assert f'<a href="{ADDRESS}">follow what is new, changed, reviewed or withdrawn</a>' in newly
