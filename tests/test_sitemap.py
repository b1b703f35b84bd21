"""What search engines are told: which addresses there are, and on which day each page last changed."""

import time
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from articles import auditing, sitemaps, workflow
from articles.models import Article, AuditEntry, Review, StatedReview, Topic
from articles.publishing import bring_back, withdraw
from tests.acts import ARCHIVED, in_state
from tests.builders import (
    ANA,
    DAY,
    NOON,
    YESTERDAY,
    a_publisher,
    a_topic,
    an_article,
    many_published,
    publish,
    published,
    reviewed,
    scheduled,
    signed_and_published,
)
from tests.test_article_page import EARLIER, Reader
from tests.test_dateline import LAST_DAYS, ZONES

pytestmark = pytest.mark.django_db

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def reader():
    return Reader()


def read(reader, address: str) -> dict[str, str | None]:
    """The addresses of a sitemap, without the site, and their days as they are written."""
    response = reader.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    root = ElementTree.fromstring(response.content)
    assert root.tag in {f"{SPACE}sitemapindex", f"{SPACE}urlset"}
    addresses = [(entry.findtext(f"{SPACE}loc"), entry.findtext(f"{SPACE}lastmod")) for entry in root]
    assert all(address.startswith("https://localhost/") for address, _ in addresses)
    found = {address.removeprefix("https://localhost"): day for address, day in addresses}
    assert len(found) == len(addresses)
    return found


def articles(at=NOON) -> dict[str, date | None]:
    return rows("articles", at=at)


def topics(at=NOON) -> dict[str, date | None]:
    return rows("topics", at=at)


def rows(sort: str, *, at: datetime) -> dict[str, date | None]:
    numbers = [part.number for part in sitemaps.parts(at=at) if part.sort == sort]
    return {path: day for number in numbers for path, day, _ in sitemaps.rows(sort, number, at=at)}


def part_of(page: Article | Topic) -> str:
    """The address of the part in which a page stands."""
    return f"/sitemap-{page._meta.model_name}s-{(page.pk - 1) // sitemaps.SPAN + 1}.xml"


def saved(topic: Topic, *, at: datetime, action=AuditEntry.Action.SAVED) -> Topic:
    auditing.record(topic, action, at=at, by=ANA)
    return topic


def test_the_index_leads_to_every_page_and_every_address_answers(reader):
    published(at=EARLIER)
    a_topic("MRI", other_names=["Magnetic scan"])
    parts = read(reader, "/sitemap.xml")
    found = {address for part in parts for address in read(reader, part)}
    assert found == {
        "/",
        "/topics/?letter=M",
        "/kinds/test/",
        "/kinds/in-depth/",
        "/freshness/",
        "/articles/coping-with-nausea/",
        "/topics/mri/",
    }
    for address in found:
        assert f'<link rel="canonical" href="https://localhost{address}">' in reader.html(address)


def test_a_new_library_has_a_sitemap_too(reader):
    assert read(reader, "/sitemap.xml") == {"/sitemap-lists-1.xml": None}
    assert set(read(reader, "/sitemap-lists-1.xml")) == {"/", "/freshness/"}


def test_the_parts_lie_beside_the_index_because_a_sitemap_may_only_name_what_lies_below_its_folder(reader):
    published(at=EARLIER)
    a_topic()
    assert all(part.count("/") == 1 for part in read(reader, "/sitemap.xml"))


def test_the_day_is_that_of_the_last_major_edition_or_of_the_whole_review_whichever_is_later(reader):
    article = published(an_article(stated_on=date(2021, 6, 29)), at=EARLIER)
    address = article.get_absolute_url()
    assert articles() == {address: date(2021, 6, 29)}
    publish(article, at=EARLIER + timedelta(days=2), change="major", note="New dose.")
    publish(article, at=EARLIER + timedelta(days=9), change="minor", note="A typo.")
    assert articles() == {address: date(2026, 1, 7)}
    reviewed(article, on=date(2026, 1, 6), at=EARLIER + timedelta(days=10))
    assert articles() == {address: date(2026, 1, 7)}
    first = reviewed(article, on=date(2026, 3, 1), at=EARLIER + timedelta(days=60))
    assert articles() == {address: date(2026, 3, 1)}
    reviewed(article, on=date(2026, 2, 27), at=EARLIER + timedelta(days=61), supersedes=first)
    assert articles() == {address: date(2026, 2, 27)}
    (part,) = [part for part in sitemaps.parts(at=NOON) if part.sort == "articles"]
    assert part.changed_on == date(2026, 2, 27)
    assert read(reader, "/sitemap.xml")[part_of(article)] == "2026-02-27"
    assert read(reader, part_of(article)) == {address: "2026-02-27"}
    assert '<time datetime="2026-02-27">' in reader.html(address)


def test_a_review_of_parts_and_a_review_that_only_the_source_states_move_no_day():
    article = published(at=EARLIER)
    reviewed(article, scope=Review.Scope.PART, parts=["part:see-also"], next_on=None)
    StatedReview.objects.create(
        article=article, reviewed_on=DAY, source="dates.tsv", imported_at=NOON, imported_by="import"
    )
    assert set(articles().values()) == {date(2026, 1, 5)}


def test_nothing_that_patients_can_not_read_is_in_it():
    an_article("Draft")
    in_state(ARCHIVED)
    scheduled(an_article("Scheduled"))
    gone = published(an_article("Gone"), at=EARLIER)
    withdraw(gone, at=NOON, by=ANA, reason="Out of date.")
    archived = signed_and_published(an_article("Kept away"), at=EARLIER)
    for verb in (workflow.withdraw, workflow.archive):
        archived.refresh_from_db()
        verb(archived, version=archived.version, by=a_publisher(), at=NOON, reason="Nobody needs it.")
    assert articles() == {}
    assert [part.sort for part in sitemaps.parts(at=NOON)] == ["lists"]
    assert articles(NOON + timedelta(days=2)) == {"/articles/scheduled/": date(2026, 11, 23)}
    bring_back(gone, at=NOON + timedelta(days=3), by=ANA)
    assert "/articles/gone/" in articles(NOON + timedelta(days=4))


def test_a_topic_has_the_day_on_which_it_was_saved_last_and_none_when_the_trail_knows_none():
    saved(saved(a_topic("MRI"), at=EARLIER), at=EARLIER + timedelta(days=3))
    saved(a_topic("X-ray"), at=NOON, action=AuditEntry.Action.BROUGHT_BACK)
    withdraw(a_topic("Old scan"), at=YESTERDAY, by=ANA, reason="Two topics were one.")
    saved(an_article("An article of the same number"), at=NOON)
    assert topics() == {"/topics/mri/": date(2026, 1, 8), "/topics/x-ray/": None}
    assert (sitemaps.parts(at=NOON)[-1].sort, sitemaps.parts(at=NOON)[-1].changed_on) == ("topics", date(2026, 1, 8))


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_at_midnight_by_the_clocks_of_the_site(zone):
    """At month ends, on 29 February and in the nights in which the clocks change."""
    with override_settings(TIME_ZONE=zone):
        for number, last_day in enumerate(LAST_DAYS):
            midnight = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), tzinfo=ZoneInfo(zone))
            moment = midnight.astimezone(UTC)
            for at, day in (
                (moment - timedelta(microseconds=1), last_day),
                (moment, last_day + timedelta(days=1)),
            ):
                title = f"Page {number} of {day}"
                article = published(an_article(title), at=at)
                topic = saved(a_topic(title), at=at)
                assert articles(at)[article.get_absolute_url()] == day, (zone, at)
                assert topics(at)[topic.get_absolute_url()] == day, (zone, at)


def test_a_day_that_was_written_does_not_move_with_the_clocks_of_the_site():
    published(at=datetime(2026, 1, 5, 23, 30, tzinfo=UTC))
    for zone in ZONES:
        with override_settings(TIME_ZONE=zone):
            assert set(articles().values()) == {date(2026, 1, 5)}


def test_a_part_ends_where_the_next_begins():
    """With ids that no sequence has reached."""
    last = 1_000 * sitemaps.SPAN
    for id in (last, last + 1):
        published(an_article(f"Page {id}", pk=id), at=EARLIER)
        a_topic(f"Topic {id}", pk=id)
    for sort in ("articles", "topics"):
        assert [part.number for part in sitemaps.parts(at=NOON) if part.sort == sort] == [1_000, 1_001]
        sizes = [len(list(sitemaps.rows(sort, number, at=NOON))) for number in (999, 1_000, 1_001, 1_002)]
        assert sizes == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "part",
    [
        f"articles-{sitemaps.LAST}",
        "articles-0",
        "lists-2",
        "drafts-1",
        f"topics-{10**30}",
        f"articles-{2**63}",
        f"topics-{2**63 // sitemaps.SPAN}",
    ],
)
def test_a_part_that_is_not_there_is_a_missing_page(reader, part):
    published(at=EARLIER)
    assert reader.get(f"/sitemap-{part}.xml").status_code == 404


def test_a_search_engine_that_has_the_part_is_told_so(reader):
    article = published(at=EARLIER)
    for address in ("/sitemap.xml", part_of(article), "/robots.txt"):
        first = reader.get(address)
        assert first.headers["Cache-Control"].startswith("public, max-age=60")
        assert reader.get(address, headers={"if-none-match": first.headers["ETag"]}).status_code == 304
        assert reader.post(address).status_code == 405


def test_20000_pages_take_seconds_few_queries_and_little_memory(reader, django_assert_num_queries):
    many_published([{}] * 20_000)
    Topic.objects.bulk_create(
        Topic(title=f"T {n}", slug=f"t-{n}", kind="test", sort_key=f"t {n:06}", letter="T") for n in range(20_000)
    )
    first = Article.objects.order_by("pk").values_list("pk", flat=True)[0]
    reviewed(Article.objects.get(pk=first + 1))
    started = time.perf_counter()
    with django_assert_num_queries(2):
        parts = list(read(reader, "/sitemap.xml"))
    found = 0
    for part in parts:
        tracemalloc.start()
        with django_assert_num_queries(6 if "lists" in part else 2):
            response = reader.get(part)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 40_000_000
        assert len(response.content) < 50_000_000
        number = response.content.count(b"<loc>")
        assert number <= sitemaps.SPAN <= 50_000
        found += number if "lists" not in part else 0
    assert found == 40_001  # and the pattern of the pages
    assert time.perf_counter() - started < 20  # seconds, while memory is traced; about one by itself


def test_the_longest_addresses_keep_a_part_below_50_MB():
    """A host name has 253 characters at most, a slug 100."""
    longest = f"https://{'h' * 253}{Article.path_of('s' * 100, 'es')}"
    line = f"<url><loc>{longest}</loc><lastmod>2026-11-22</lastmod></url>\n"
    assert len(line) * sitemaps.SPAN < 50_000_000


def test_robots_are_led_to_the_sitemap_and_kept_from_what_is_not_theirs(reader, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = reader.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /calendar/", "Disallow: /search/"} < set(lines)
    assert lines[-1] == "Sitemap: https://localhost/sitemap.xml"
    rules = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    published(at=EARLIER)
    a_topic()
    for part in read(reader, "/sitemap.xml"):
        assert not [address for address in read(reader, part) if address.startswith(tuple(rules))]
        assert not part.startswith(tuple(rules))
