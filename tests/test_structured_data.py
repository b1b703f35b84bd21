"""What machines read of a page: the way to it, who reviewed it, and what others show who share its address."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import override_settings

from articles.kinds import Kind
from articles.models import StatedReview
from articles.publishing import withdraw
from tests.builders import ANA, NOON, a_topic, an_article, published, reviewed
from tests.test_article_page import EARLIER, Reader, structured
from tests.test_library_pages import many_topics

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Reader()


def trail_of(page: dict) -> list[tuple[int, str, str]]:
    assert page["breadcrumb"]["@type"] == "BreadcrumbList"
    steps = page["breadcrumb"]["itemListElement"]
    assert {step["@type"] for step in steps} == {"ListItem"}
    return [(step["position"], step["name"], step["item"]) for step in steps]


def trail_shown(html: str) -> list[str]:
    nav = re.search(r'<nav class="breadcrumb" aria-label="Breadcrumb">(.*?)</nav>', html, re.S)[1]
    return [unescape(re.sub(r"<[^>]+>", "", step)) for step in re.findall(r"<li[^>]*>(.*?)</li>", nav, re.S)]


def open_graph(html: str) -> dict[str, str]:
    found = re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html)
    assert len(dict(found)) == len(found)
    return {name: unescape(content) for name, content in found}


def test_the_way_to_a_page_is_the_same_for_readers_and_for_machines(reader):
    article = published(an_article("Fish & <chips>"), at=EARLIER)
    for page, kind, plural in (
        (article, "in-depth", "In-depth"),
        (a_topic("CBC & “friends”"), "test", "Tests and procedures"),
    ):
        html = reader.html(page.get_absolute_url())
        assert trail_of(structured(html)) == [
            (1, "Home", "https://localhost/"),
            (2, plural, f"https://localhost/kinds/{kind}/"),
            (3, page.title, f"https://localhost{page.get_absolute_url()}"),
        ]
        assert trail_shown(html) == [name for _, name, _ in trail_of(structured(html))]


def test_the_reviewer_is_a_person_with_a_credential_and_the_day_is_one_day(reader):
    article = published(at=EARLIER)
    reviewed(article, at=EARLIER + timedelta(days=1), on=date(2026, 1, 6), next_on=date(2027, 1, 6))
    page = structured(reader.html(article.get_absolute_url()))
    assert page["lastReviewed"] == "2026-01-06"  # a Date, no pair of the last review and the next one
    assert page["reviewedBy"] == {
        "@type": "Person",
        "name": "Grace Obi",
        "hasCredential": {"@type": "EducationalOccupationalCredential", "name": "RN, no. 12345"},
    }
    assert "2027-01-06" not in str(page)


def test_a_reviewer_without_a_credential_is_given_none(reader):
    article = published(at=EARLIER)
    reviewed(article, at=EARLIER + timedelta(days=1), on=date(2026, 1, 6), reviewer_credential="")
    page = structured(reader.html(article.get_absolute_url()))
    assert page["reviewedBy"] == {"@type": "Person", "name": "Grace Obi"}


def test_a_review_that_only_the_source_states_is_none_for_machines(reader):
    article = published(at=EARLIER)
    StatedReview.objects.create(
        article=article, reviewed_on=date(2025, 3, 1), source="dates.tsv", imported_at=NOON, imported_by="import"
    )
    html = reader.html(article.get_absolute_url())
    assert "March 1, 2025" in html
    assert not {"lastReviewed", "reviewedBy"} & set(structured(html))


def test_a_topic_says_what_it_is_and_its_other_names_and_has_no_dates(reader):
    topic = a_topic("Complete blood count", other_names=["CBC", "Full blood count"])
    page = structured(reader.html(topic.get_absolute_url()))
    assert page["about"] == {
        "@type": "MedicalTest",
        "name": "Complete blood count",
        "alternateName": ["CBC", "Full blood count"],
    }
    assert (page["@type"], page["url"]) == ("MedicalWebPage", "https://localhost/topics/complete-blood-count/")
    assert page["description"] == "What Complete blood count is."
    assert not {"datePublished", "dateModified", "lastReviewed", "reviewedBy"} & set(page)
    video = structured(reader.html(a_topic("Tai chi", kind=Kind.VIDEO, definition="").get_absolute_url()))
    assert video["about"] == {"@type": "MedicalEntity", "name": "Tai chi"}
    assert "description" not in video


def test_a_topic_can_not_break_out_of_the_structured_data(reader):
    html = reader.html(a_topic("</script><script>alert(1)</script>").get_absolute_url())
    assert "<script>alert" not in html
    assert structured(html)["name"] == "</script><script>alert(1)</script>"


def test_what_is_shown_where_somebody_shares_a_page(reader):
    html = reader.html(published(an_article("Fish & “chips”", deck="It’s <safe>."), at=EARLIER).get_absolute_url())
    assert open_graph(html) == {
        "type": "article",
        "title": "Fish & “chips”",
        "description": "It’s <safe>.",
        "url": "https://localhost/articles/fish-chips/",
        "site_name": "Health Library",
        "locale": "en_US",
    }


@override_settings(SITE_NAME="St. Mary’s Library")
def test_the_name_is_that_of_the_site_and_the_language_that_of_the_page(reader):
    shared = open_graph(reader.html("/es/"))
    assert (shared["site_name"], shared["locale"], shared["title"]) == (
        "St. Mary’s Library",
        "es_ES",
        "St. Mary’s Library",
    )


def test_every_page_that_may_be_found_names_one_address_whatever_was_asked(reader):
    published(an_article(tags=["nausea"]), at=EARLIER)
    a_topic("MRI")
    for address, asked in (
        ("/", "/?utm_source=mail"),
        ("/articles/coping-with-nausea/", "/articles/coping-with-nausea/?fbclid=1"),
        ("/topics/mri/", "/topics/mri/?a=b"),
        ("/topics/", "/topics/?x=y"),
        ("/topics/?letter=M", "/topics/?letter=m&x=y"),
        ("/kinds/test/", "/kinds/test/?page=1"),
        ("/tags/nausea/", "/tags/nausea/?page=0"),
        ("/freshness/", "/freshness/?a"),
    ):
        html = reader.html(asked)
        canonical = re.findall(r'<link rel="canonical" href="([^"]+)">', html)
        assert canonical == [f"https://localhost{address}"]
        shared = open_graph(html)
        assert shared["url"] == canonical[0]
        assert shared["title"] and "image" not in shared


@override_settings(ALLOWED_HOSTS=["library.example.org", "localhost"], SITE_URL="https://library.example.org")
def test_a_page_names_itself_by_the_setting_whichever_host_was_asked(reader):
    """So nobody can put an address of another host into what a cache keeps."""
    article = published(an_article(tags=["nausea"]), at=EARLIER)
    topic, path = a_topic("MRI"), article.get_absolute_url()
    for address in (
        *("/", path, f"{path}see-also/", f"{path}history/", f"{path}editions/1/", topic.get_absolute_url()),
        *("/topics/", "/topics/?letter=M", "/kinds/test/", "/tags/nausea/", "/freshness/", "/search/?q=nausea"),
        *("/robots.txt", "/sitemap.xml", "/sitemap-lists-1.xml", "/feeds/updates/", "/nothing/"),
    ):
        own, other = (
            reader.get(
                address, headers={"host": host, "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
            )
            for host in ("library.example.org", "localhost")
        )
        assert own.content == other.content
        assert set(re.findall(r"https?://[\w.:-]+", own.text)) <= {
            *("https://library.example.org", "https://schema.org"),
            *("http://www.sitemaps.org", "http://www.w3.org"),
        }, address
    assert f'<link rel="canonical" href="https://library.example.org{path}">' in reader.html(path)


def test_a_later_page_of_a_list_is_its_own_page(reader):
    many_topics(450)
    published(at=EARLIER)
    for address in ("/kinds/test/?page=2", "/topics/?letter=T&amp;page=3"):
        html = reader.html(unescape(address))
        assert re.findall(r'<link rel="canonical" href="([^"]+)">', html) == [f"https://localhost{address}"]


def test_what_nobody_should_find_is_not_dressed_for_sharing(reader):
    article = published(at=EARLIER)
    withdraw(published(an_article("Gone"), at=EARLIER), at=EARLIER, by=ANA, reason="Out of date.")
    for address in (f"{article.get_absolute_url()}editions/1/", "/search/?q=nausea", "/articles/gone/", "/nothing/"):
        html = reader.get(address).content.decode()
        assert "og:" not in html and '<meta name="robots" content="noindex">' in html
