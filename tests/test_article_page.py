"""The page of an article, as a patient gets it."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.dateline import dateline
from articles.kinds import Kind
from articles.models import Edition
from articles.publishing import withdraw
from tests.builders import ANA, DAY, NOON, a_topic, an_article, publish, published, reviewed, with_see_also

pytestmark = pytest.mark.django_db

EARLIER = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class Reader(Client):
    def generic(self, *args, **kwargs):
        return super().generic(
            *args, **{**kwargs, "secure": True, "headers": {"host": "localhost", **(kwargs.get("headers") or {})}}
        )

    def html(self, address: str) -> str:
        response = self.get(address)
        assert response.status_code == 200, response.status_code
        return response.content.decode()


@pytest.fixture
def reader():
    return Reader()


def structured(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])


def test_patients_read_the_edition_and_never_the_working_copy(reader):
    article = published(an_article(sections=[("", "<p>Ten milligrams.</p>")]), at=EARLIER)
    section = article.sections.get()
    section.body = "<p>A hundred milli</p>"
    section.save()
    article.title = "Half a ti"
    article.save()
    html = reader.html(article.get_absolute_url())
    assert "Ten milligrams." in html and "Coping with nausea" in html
    assert "A hundred" not in html and "Half a ti" not in html


def test_a_draft_is_nowhere(reader):
    topic = a_topic("Ginger")
    draft = with_see_also(an_article("Secret draft", about=[topic], tags=["secret-tag"]), [topic])
    assert reader.get(draft.get_absolute_url()).status_code == 404
    assert reader.get("/tags/secret-tag/").status_code == 404
    for address in [
        "/",
        "/kinds/in-depth/",
        topic.get_absolute_url(),
        "/search/?q=secret",
        "/articles/secret/",
        "/topics/",
    ]:
        assert "Secret draft" not in reader.get(address).content.decode()


def test_every_part_of_the_page_is_there(reader):
    topic = a_topic("Ginger")
    article = an_article(sections=[("", "<p>Lead.</p>"), ("Meals", "<p>Small.</p>")], tags=["nausea"], about=[topic])
    article.references.create(position=1, text="Temel 2010. doi:10.1056/NEJMoa1000678", doi="10.1056/NEJMoa1000678")
    html = reader.html(published(with_see_also(article, [topic]), at=EARLIER).get_absolute_url())
    for part in [
        "<h1>Coping with nausea</h1>",
        '<p class="deck">What helps when you feel sick.</p>',
        '<section id="meals">',
        'href="https://doi.org/10.1056/NEJMoa1000678"',
        '<a href="/kinds/in-depth/">See more In-depth</a>',
        '<a href="/tags/nausea/">nausea</a>',
        '<a href="/topics/ginger/">Ginger</a>',
        '<time datetime="2026-01-05">January 5, 2026</time>',
        "This page has never been reviewed here.",
        '<link rel="canonical" href="https://localhost/articles/coping-with-nausea/">',
    ]:
        assert part in html
    assert html.index("Small.") < html.index("January 5, 2026") < html.index('id="see-also"')


def test_a_contents_list_stands_there_from_three_headings_on(reader):
    def page(headings):
        sections = [("", "<p>Lead.</p>")] + [(f"Part {number}", "<p>Text.</p>") for number in range(headings)]
        return reader.html(
            published(an_article(f"Page of {headings}", sections=sections), at=EARLIER).get_absolute_url()
        )

    assert 'href="#part-1"' not in page(2)
    assert 'href="#part-1"' in page(3)


def test_sample_text_says_so(reader):
    assert "No clinician has reviewed it" in reader.html(
        published(an_article(is_sample=True), at=EARLIER).get_absolute_url()
    )
    assert "No clinician has reviewed it" in reader.html(a_topic(is_sample=True).get_absolute_url())
    assert "No clinician has reviewed it" not in reader.html(
        published(an_article("Other"), at=EARLIER).get_absolute_url()
    )


def test_each_date_is_shown_only_when_it_exists():
    def labels(article):
        edition = Edition.objects.live(at=NOON).with_review_dates().get(article=article)
        return [(line.label, line.day) for line in dateline(edition, today=DAY).dates]

    article = published(at=EARLIER)
    first = ("Published", date(2026, 1, 5))
    assert labels(article) == [first]
    publish(article, at=EARLIER + timedelta(days=1), by=ANA, change="minor")
    assert labels(article) == [first]
    publish(article, at=EARLIER + timedelta(days=2), by=ANA, change="major", note="New dose.")
    assert labels(article) == [first, ("Updated", date(2026, 1, 7))]
    reviewed(article)
    assert labels(article)[2:] == [("Reviewed", DAY), ("Next review due", date(2029, 11, 22))]


@pytest.mark.parametrize(
    ("next_on", "today", "overdue"),
    [
        (date(2029, 11, 22), date(2029, 11, 21), False),
        (date(2029, 11, 22), date(2029, 11, 22), False),
        (date(2029, 11, 22), date(2029, 11, 23), True),
    ],
)
def test_a_review_is_overdue_from_the_day_after_it_fell_due(next_on, today, overdue):
    article = published(at=EARLIER)
    reviewed(article, next_on=next_on)
    line = dateline(Edition.objects.live(at=NOON).with_review_dates().get(), today=today)
    assert line.is_overdue is overdue
    assert ("was due on November 22, 2029" in line.notice) is overdue


def test_the_palliative_care_page_says_its_age_and_that_nobody_reviewed_it():
    article = published(an_article(stated_on=date(2021, 6, 29)), at=EARLIER)
    line = dateline(Edition.objects.live(at=NOON).with_review_dates().get(article=article), today=DAY)
    assert line.dates[0].remark == "5 years ago, as printed in the source"
    assert line.notice.startswith("This page has never been reviewed here.")


def test_machines_read_the_same_dates_and_no_review_that_never_was(reader):
    article = published(at=EARLIER)
    page = structured(reader.html(article.get_absolute_url()))
    assert (page["@type"], page["datePublished"], page["dateModified"]) == (
        "MedicalWebPage",
        "2026-01-05",
        "2026-01-05",
    )
    assert "lastReviewed" not in page and "reviewedBy" not in page

    now = timezone.now()
    reviewed(article, at=now, on=timezone.localdate(now), next_on=timezone.localdate(now) + timedelta(days=1000))
    page = structured(reader.html(article.get_absolute_url()))
    assert page["lastReviewed"] == timezone.localdate(now).isoformat()
    assert page["reviewedBy"]["name"] == "Grace Obi"


def test_text_can_not_break_out_of_the_structured_data(reader):
    html = reader.html(published(an_article("</script><script>alert(1)</script>"), at=EARLIER).get_absolute_url())
    assert "<script>alert" not in html
    assert structured(html)["name"] == "</script><script>alert(1)</script>"


def test_see_also_is_grouped_by_kind_in_source_order_and_folds_after_seven(reader):
    tests = [a_topic(f"Test {number}") for number in range(9, 0, -1)]
    video = a_topic("Infographic: Risk", kind=Kind.INFOGRAPHIC)
    html = reader.html(published(with_see_also(an_article(), [video, *tests]), at=EARLIER).get_absolute_url())
    see_also = html[html.index('id="see-also"') :]
    assert re.findall(r"<h3>(.*?)</h3>", see_also) == ["Tests and procedures", "Infographics"]
    before, folded = see_also.split("<details>")
    assert re.findall(r"Test \d", before) == ["Test 9", "Test 8", "Test 7", "Test 6", "Test 5", "Test 4", "Test 3"]
    assert re.findall(r"Test \d", folded.split("</details>")[0]) == ["Test 2", "Test 1"]
    assert "Show 2 more tests and procedures" in folded
    assert ">Infographic: Risk</a>" in see_also

    ordered = reader.html("/articles/coping-with-nausea/see-also/")
    labels = re.findall(r"(?:Test \d|Infographic: Risk)(?=</a>)", ordered)
    assert labels == ["Infographic: Risk", *[topic.title for topic in tests]]


def test_a_withdrawn_target_disappears_at_once_and_without_a_new_edition(reader):
    topic, other = a_topic("MRI"), published(an_article("Other page"), at=EARLIER)
    article = published(with_see_also(an_article(), [topic, other]), at=EARLIER)
    html = reader.html(article.get_absolute_url())
    assert 'href="/topics/mri/"' in html and 'href="/articles/other-page/"' in html

    withdraw(topic, at=timezone.now(), by=ANA, reason="Merged.")
    withdraw(other, at=timezone.now(), by=ANA, reason="Out of date.")
    html = reader.html(article.get_absolute_url())
    assert "MRI" not in html and "Other page" not in html
    assert article.editions.count() == 1


def test_a_withdrawn_page_answers_410_and_says_why(reader):
    article = published(at=EARLIER)
    withdraw(article, at=timezone.now(), by=ANA, reason="The guideline has changed.")
    response = reader.get(article.get_absolute_url())
    assert response.status_code == 410
    assert "The guideline has changed." in response.content.decode()
    assert "Small meals help" not in response.content.decode()


def test_a_withdrawn_page_has_the_title_that_patients_read_last(reader):
    article = published(at=EARLIER)
    now = timezone.now()
    article.title = "What comes next"
    article.save()
    publish(article, at=now, live_at=now + timedelta(days=1), note="Changed.")
    article.title = "Half-typed"
    article.save()
    withdraw(article, at=now, by=ANA, reason="Out of date.")
    html = reader.get(article.get_absolute_url()).content.decode()
    assert "<h1>Coping with nausea</h1>" in html
    assert "Half-typed" not in html and "What comes next" not in html


def test_an_old_address_leads_to_the_page_for_ever(reader):
    article = published(at=EARLIER)
    for slug in ["second-address", "third-address"]:
        article.slug = slug
        article.save()
    for old in ["coping-with-nausea", "second-address"]:
        response = reader.get(f"/articles/{old}/")
        assert (response.status_code, response.headers["Location"]) == (301, "/articles/third-address/")
    article.slug = "coping-with-nausea"  # and back again: no loop
    article.save()
    assert reader.get("/articles/coping-with-nausea/").status_code == 200
    assert reader.get("/articles/third-address/").headers["Location"] == "/articles/coping-with-nausea/"


def test_a_new_page_never_takes_an_address_that_is_promised_to_another(reader):
    article = published(at=EARLIER)
    article.slug = "nausea"
    article.save()
    assert an_article("Coping with nausea").slug == "coping-with-nausea-2"


def test_the_page_costs_five_queries_at_most_however_many_links(reader, django_assert_num_queries):
    other = published(an_article("Other page"), at=EARLIER)
    topics = [a_topic(f"Topic {number}") for number in range(99)]
    article = published(with_see_also(an_article(tags=["a", "b"], about=topics[:3]), [*topics, other]), at=EARLIER)
    reader.html(article.get_absolute_url())
    with django_assert_num_queries(5):
        reader.html(article.get_absolute_url())


def test_the_first_view_of_99_links_weighs_less_than_25_kB(reader):
    """HTML and the one stylesheet, compressed: all that a first view asks for."""
    import gzip

    from tests.conftest import PROJECT

    article = published(with_see_also(an_article(), 99), at=EARLIER)
    response = reader.get(article.get_absolute_url(), headers={"accept-encoding": "gzip"})
    html = gzip.decompress(response.content).decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', html) == ["/static/css/library.css"]
    assert not re.findall(r"<(?:img|script src|iframe|video|object|embed)", html)
    css = gzip.compress((PROJECT / "articles/static/css/library.css").read_bytes())
    assert "url(" not in gzip.decompress(css).decode() and "@import" not in gzip.decompress(css).decode()
    assert len(response.content) + len(css) < 25_000
