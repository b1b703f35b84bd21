"""What helps a reader: how long a page takes, a mail about it, the age of a printed copy, the A to Z, and light pages."""

import gzip
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from articles.checks.text import bodies_of
from articles.kinds import Kind
from articles.models import OtherName, Topic
from articles.publishing import withdraw
from articles.reader_help import mail_about, minutes_to_read
from articles.sorting import letter_of, sort_key
from tests.builders import ANA, a_topic, an_article, many_published, published, with_see_also
from tests.conftest import PROJECT
from tests.test_article_page import EARLIER, Reader
from tests.test_library_pages import many_topics

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Reader()


def content(words: int, *, deck="") -> dict:
    return {"deck": deck, "sections": [{"heading": "", "body": f"<p>{'word ' * words}</p>"}]}


def minutes_of(page: dict) -> int:
    return minutes_to_read(page, bodies_of(page))


@pytest.mark.parametrize(
    ("words", "minutes"), [(0, 1), (1, 1), (299, 1), (300, 2), (499, 2), (500, 3), (2_000, 10), (100_000, 500)]
)
def test_reading_takes_a_minute_for_200_words_to_the_nearest_minute(words, minutes):
    assert minutes_of(content(words)) == minutes


def test_all_that_is_read_counts_and_markup_does_not():
    body = f"<h3>One</h3><p>{'word ' * 90}<a href='https://example.org/a/b/c'>two words</a>[1]</p><ul>{'<li>item</li>' * 100}</ul>"
    page = {"deck": "Three words here.", "sections": [{"heading": "Two words", "body": body}]}
    assert minutes_of(page) == 1  # 198 words
    page["deck"] = "word " * 105
    assert minutes_of(page) == 2  # 300


def test_the_page_says_it_in_words_before_its_text(reader):
    for number, said in ((150, "About 1 minute to read<"), (700, "About 4 minutes to read<")):
        article = an_article(f"Page {number}", deck="", sections=[("", f"<p>{'word ' * number}</p>")])
        html = reader.html(published(article, at=EARLIER).get_absolute_url())
        assert html.index("<h1>") < html.index(said) < html.index('<div class="text">')


def test_a_mail_about_a_page_holds_its_title_and_its_address_and_no_receiver(reader):
    article = published(an_article("Fish & “chips”: 100% safe?"), at=EARLIER)
    topic = a_topic("Élan + vital\r\nBcc: x@example.org".replace("\r\n", " "))
    for page in (article, topic):
        html = reader.html(page.get_absolute_url())
        link = unescape(re.search(r'<a href="([^"]+)">E-mail this page</a>', html)[1])
        assert link.isascii() and " " not in link and "+" not in link
        mail = urlsplit(link)
        assert (mail.scheme, mail.path) == ("mailto", "")
        assert parse_qs(mail.query, strict_parsing=True) == {
            "subject": [page.title],
            "body": [f"{page.title}\r\n\r\nhttps://localhost{page.get_absolute_url()}"],
        }


def test_a_title_adds_no_field_to_the_mail():
    link = mail_about("Scan\r\nBcc: x@example.org&cc=y@example.org\x00", "https://localhost/topics/scan/")
    assert set(parse_qs(urlsplit(link).query)) == {"subject", "body"}
    assert parse_qs(urlsplit(link).query)["subject"] == ["Scan Bcc: x@example.org&cc=y@example.org"]


def test_an_earlier_edition_is_not_mailed_and_names_its_own_address_on_paper(reader):
    article = published(at=EARLIER)
    html = reader.html(f"{article.get_absolute_url()}editions/1/")
    assert "mailto:" not in html and "to read<" not in html
    assert f"This page: https://localhost{article.get_absolute_url()}editions/1/" in html


def test_paper_says_where_the_page_of_today_is(reader):
    for page in (published(at=EARLIER), a_topic()):
        html = reader.html(page.get_absolute_url())
        (line,) = re.findall(r'<p class="only-print">(.*?)</p>', html)
        address = f"https://localhost{page.get_absolute_url()}"
        assert line == f"Printed copies age: see {address} for what this page says today."


@pytest.mark.parametrize(
    ("title", "key", "letter"),
    [
        ("3D mammogram", "000003d mammogram", "0-9"),
        ("“The ‘good’ cholesterol”", "good cholesterol", "G"),
        ("A healthy heart", "healthy heart", "H"),
        ("An X-ray", "x ray", "X"),
        ("A-scan", "a scan", "A"),  # the letter is no article
        ("A.D.A.M.", "a d a m", "A"),
        ("A1C test", "a000001c test", "A"),
        ("Theory", "theory", "T"),
        ("The", "the", "T"),
        ("The …", "the", "T"),
        ("Ménière’s disease", "menieres disease", "M"),
        ("Œdema", "oedema", "O"),
        ("Łódź protocol", "lodz protocol", "L"),
        ("Ørsted", "orsted", "O"),
    ],
)
def test_where_a_title_stands_in_the_a_to_z(title, key, letter):
    assert (sort_key(title), letter_of(title)) == (key, letter)


def test_the_a_to_z_counts_what_stands_under_each_letter_under_both_names(reader):
    a_topic("Complete blood count", other_names=["CBC", "Full blood count", "The blood count"])
    a_topic("3D mammogram", other_names=["Tomosynthesis"])
    html = reader.html("/topics/")
    counts = dict(re.findall(r'\?letter=([^"]+)"[^>]*>[^<]+<span>(\d+)', html))
    assert counts == {"0-9": "1", "B": "1", "C": "2", "F": "1", "T": "1"}
    shown = re.findall(r'<li><a href="(/topics/[^"]+)">([^<]+)</a>', html)
    assert shown == [
        ("/topics/3d-mammogram/", "3D mammogram"),
        ("/topics/complete-blood-count/", "The blood count: see Complete blood count"),
        ("/topics/complete-blood-count/", "CBC: see Complete blood count"),
        ("/topics/complete-blood-count/", "Complete blood count"),
        ("/topics/complete-blood-count/", "Full blood count: see Complete blood count"),
        ("/topics/3d-mammogram/", "Tomosynthesis: see 3D mammogram"),
    ]
    for letter, count in counts.items():
        of_letter = reader.html(f"/topics/?letter={letter}")
        assert len(re.findall(r'<li><a href="/topics/[a-z0-9]', of_letter)) == int(count)


def test_the_first_view_of_every_kind_of_page_is_two_requests_and_25_kB_at_most(reader):
    """A library of 1,500 pages and topics, each list as long as it gets: HTML and the one stylesheet, compressed."""
    deck = "What helps when you feel sick, what does not, and when you should call somebody, number {}."
    tag_and_topic = a_topic("Zzz", tags=["big"])
    article = published(with_see_also(an_article(about=[tag_and_topic], tags=["big"]), 99), at=EARLIER)
    live = article.editions.get()
    pages = many_published([{}] * 500, at=EARLIER)
    for field, own in (("about", tag_and_topic), ("see_also", tag_and_topic), ("tags", live.tags.get())):
        through = getattr(type(live), field).through
        column = f"{own._meta.model_name}_id"
        editions = [page.editions.get().pk for page in pages[:250]]
        through.objects.bulk_create(through(edition_id=pk, **{column: own.pk}) for pk in editions)
    many_topics(900, initial="T")
    Topic.objects.filter(title__startswith="Topic").update(definition=deck.format(1))
    Topic.tags.through.objects.bulk_create(
        Topic.tags.through(tag=live.tags.get(), content_object=topic) for topic in Topic.objects.filter(letter="T")
    )
    OtherName.objects.bulk_create(
        OtherName(topic=topic, name=f"Other {topic.title}", sort_key=f"other {topic.sort_key}", letter="O")
        for topic in Topic.objects.filter(kind=Kind.TEST)
    )
    css = len(gzip.compress((PROJECT / "articles/static/css/library.css").read_bytes()))
    path, gone = article.get_absolute_url(), a_topic("Old scan")
    withdraw(gone, at=EARLIER, by=ANA, reason="Two topics were one.")
    weights = {}
    for address in [
        "/",
        path,
        f"{path}see-also/",
        f"{path}history/",
        f"{path}editions/1/",
        tag_and_topic.get_absolute_url(),
        "/topics/",
        "/topics/?letter=T",
        "/topics/?letter=O",
        "/kinds/test/",
        "/kinds/in-depth/",
        "/tags/big/",
        "/search/?q=page",
        "/freshness/",
        "/nothing/here/",
        gone.get_absolute_url(),
        f"/report/?page={path}",
        "/report/sent/",
    ]:
        response = reader.get(address, headers={"accept-encoding": "gzip"})
        compressed = response.headers.get("Content-Encoding") == "gzip"
        html = (gzip.decompress(response.content) if compressed else response.content).decode()
        assert re.findall(r'<link rel="(?:stylesheet|icon|preload)" href="([^"]+)"', html) == [
            "/static/css/library.css"
        ]
        assert not re.findall(r"<(?:img|iframe|video|audio|object|embed|source)\b", html)
        assert not re.findall(r'<script(?! type="application/ld\+json">)', html)  # which is data and runs nowhere
        weights[address] = len(response.content) + css
    assert {address: weight for address, weight in weights.items() if weight > 25_000} == {}
