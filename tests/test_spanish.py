"""Every public page exists in Spanish at its own addresses, and says no English word."""

import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import html5lib
import pytest
from babel.messages.catalog import Catalog
from django.core.cache import cache
from django.test import RequestFactory, override_settings
from django.utils import timezone
from django.utils.translation import override
from django.views.csrf import csrf_failure

from articles import search, sitemaps, translations
from articles.desk import in_numbers
from articles.desk import pages as desk_pages
from articles.models import Tag
from articles.publishing import withdraw
from articles.views.errors import server_error
from tests.builders import ANA, a_topic, an_article, publish, published, reviewed, with_see_also
from tests.messages import compiled, stored
from tests.test_article_page import Reader

pytestmark = pytest.mark.django_db

LATIN = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
PLACE = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]+>)")
MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre de"
OURS = {*MONTHS.split(), "Health", "Library", "UTC", "https", "localhost"}
SPOKEN = ["aria-label", "title", "placeholder", "alt"]
NOW = timezone.now()


def moment(days: int):
    return NOW - timedelta(days=days)


@pytest.fixture
def reader():
    cache.clear()
    return Reader()


@pytest.fixture
def pages():
    """A small library in which every word of the content begins with qq. It returns the addresses of all kinds of page."""
    tag = Tag.objects.create(name="nausea", name_es="Qqetiqueta")
    Tag.objects.create(name="only English")
    words = {"language": "es", "tags": ["nausea", "only English"]}
    topic = a_topic("Qqtema", definition="Qqdefinición.", source="Qqfuente", other_names=["Qqotro"], **words)
    other = a_topic("Qqvecino", kind="condition", definition="", language="es")
    alone = a_topic("Qqsolo", kind="video", definition="", language="es")
    text = [(f"Qqpunto{n}", f"<p>Qqtexto{n}.</p><table><tr><td>qq</td></tr></table>") for n in range(3)]
    english = published(an_article("English words", deck="In English."), at=moment(900))
    article = an_article("Qqnáuseas", deck="Qqresumen.", about=[topic], sections=text, translation_of=english, **words)
    article.references.create(position=1, text="Qqreferencia", accessed_on=date(2020, 1, 2))
    with_see_also(article, [topic, other, *(a_topic(f"Qqmás{n}", definition="", language="es") for n in range(9))])
    published(article, at=moment(800))
    fields = {"reviewer_name": "Qqnombre", "reviewer_credential": "Qqtítulo"}
    reviewed(
        article, at=moment(700), on=timezone.localdate(moment(700)), next_on=timezone.localdate(moment(300)), **fields
    )
    publish(article, at=moment(600), note="Qqnota.")
    publish(english, at=moment(100), note="New in English.")
    type(article).objects.filter(pk=article.pk).update(banner_after_days=1)
    published(
        an_article("Qqmuestra", deck="", sections=text[:1], is_sample=True, language="es", kind="test"), at=moment(5)
    )
    gone = published(an_article("Qqretirada", deck="", sections=text[:1], language="es"), at=moment(500))
    withdraw(gone, at=moment(400), by=ANA, reason="Qqmotivo.")
    path = article.get_absolute_url()
    day = timezone.localdate(moment(750)).isoformat()
    assert (tag.public, alone.letter) == ("nausea", "Q")
    return {
        "home": "/es/",
        "article": path,
        "see also": f"{path}see-also/",
        "history": f"{path}history/",
        "history, no such day": f"{path}history/?day=x",
        "history, future": f"{path}history/?day=9999-01-01",
        "history, before": f"{path}history/?day=2001-01-01",
        "history, a day": f"{path}history/?day={day}",
        "edition": f"{path}editions/1/",
        "edition of today": f"{path}editions/2/",
        "topic": topic.get_absolute_url(),
        "lonely topic": alone.get_absolute_url(),
        "a to z": "/es/topics/",
        "letter": "/es/topics/?letter=Q",
        "empty letter": "/es/topics/?letter=Ñ",
        "kind": "/es/kinds/in-depth/",
        "empty kind": "/es/kinds/tool/",
        "tag": "/es/tags/nausea/",
        "search": "/es/search/",
        "results": "/es/search/?q=qqtema",
        "no results": "/es/search/?q=qqqqqqqq",
        "freshness": "/es/freshness/",
        "report": f"/es/report/?page={path}",
        "report sent": "/es/report/sent/",
        "missing": "/es/nothing-here/",
        "withdrawn": gone.get_absolute_url(),
    }


def spoken(html: str):
    """Every text of a page that somebody reads or hears, but what is marked as another language."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)

    def walk(element, skipped):
        if not isinstance(element.tag, str):
            return
        skipped = skipped or element.tag in {"script", "style"} or element.get("lang", "es") != "es"
        if not skipped:
            yield element.text or ""
            yield from (element.get(name, "") for name in SPOKEN)
            if element.get("type") in {"submit", "search", "text"}:
                yield element.get("value", "")
            if element.tag == "meta" and (element.get("name") or element.get("property")) in {
                *("description", "og:title", "og:description", "og:site_name")
            }:
                yield element.get("content", "")
        for child in element:
            yield from walk(child, skipped)
            if not skipped:
                yield child.tail or ""

    yield from walk(tree, False)
    for script in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S):
        yield from names_in(json.loads(script))


def names_in(data):
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str) and key in {"name", "description", "alternateName", "keywords"}:
                yield value
            else:
                yield from names_in(value)
    elif isinstance(data, list):
        for each in data:
            yield from [each] if isinstance(each, str) else names_in(each)


def foreign(texts) -> set[str]:
    """Words that are neither content nor a text of the catalog."""
    text = re.sub(r"(?:https?:/)?/\S*|\b20\d\d-\d\d-\d\d\b|\d+", " ", " \n ".join(texts))
    return {word for word in LATIN.findall(text) if not word.lower().startswith("qq") and word not in OURS}


@pytest.fixture
def in_disguise(tmp_path):
    """Spanish whose every translated letter is a Cyrillic one: what is Latin still, nobody has translated."""

    def disguise(without: str = ""):
        catalog, real = Catalog(locale="es"), stored("es")
        for message in real:
            if not message.id:
                continue
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id == without:
                texts = (message.id,)
            elif message.context is None:  # the one with a context is the form of a day
                texts = tuple(masked(text) for text in texts)
            catalog.add(message.id, texts if message.pluralizable else texts[0], context=message.context)
        folder = tmp_path / str(len(without)) / "es/LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.mo").write_bytes(compiled(catalog))
        return override_settings(LOCALE_PATHS=[folder.parent.parent])

    return disguise


def masked(text: str) -> str:
    parts = PLACE.split(text)
    return "".join(part if number % 2 else re.sub(r"[^\W\d_]", "ж", part) for number, part in enumerate(parts))


def answers(reader, pages):
    for name, address in pages.items():
        yield name, reader.get(address).content.decode()
    for data in ({}, {"sort": "error", "words": "q" * 2_001}):
        yield "report with mistakes", reader.post("/es/report/", data).content.decode()
    sent = {"sort": "error", "words": "Qqmal."}
    *_, last = (reader.post("/es/report/", sent) for _ in range(6))
    assert last.status_code == 429
    yield "too many reports", last.content.decode()
    with override("es"):
        yield "our fault", server_error(None).content.decode()
        yield "form refused", csrf_failure(RequestFactory().post("/es/")).content.decode()


def test_no_english_leaks_on_spanish_pages(reader, pages, in_disguise):
    with in_disguise():
        seen = {name: foreign(spoken(html)) for name, html in answers(reader, pages)}
        feed = reader.get("/es/feeds/updates/").content
    assert {name: words for name, words in seen.items() if words} == {}
    tags = ["title", "subtitle", "summary"]
    texts = [each.text or "" for tag in tags for each in ElementTree.fromstring(feed).findall(f".//{{*}}{tag}")]
    assert len(texts) > 8 and foreign(texts) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Skip to the main text", "home"),
        ("Next review due", "article"),
        ("Letters", "a to z"),
        ("Reviewed by %(name)s", "history"),
    ],
)
def test_a_leak_would_have_been_seen(reader, pages, in_disguise, text, name):
    with in_disguise(without=text):
        assert foreign(spoken(reader.get(pages[name]).content.decode())) >= set(LATIN.findall(text.split("%")[0]))


def test_every_kind_of_page_answers_in_its_language(reader, pages):
    expected = {"missing": 404, "withdrawn": 410, "history, a day": 302}
    for name, address in pages.items():
        response = reader.get(address)
        assert response.status_code == expected.get(name, 200), name
        if response.status_code == 302:
            assert response["Location"] == f"{pages['article']}editions/1/"
            continue
        html = response.content.decode()
        assert '<html lang="es">' in html, name
        assert response["Content-Language"] == "es"
        shown = re.search(r'<nav class="languages".*?</nav>', html, re.S)[0]
        home = "/articles/english-words/" if name == "article" else "/"
        assert f'<a href="{home}" lang="en" hreflang="en">English</a>' in shown, name
        if name not in {"report", "missing"}:
            assert re.findall(r'href="/(?!es/|static/|articles/english-words/")[^"]+', html) == [], name
    assert reader.get("/")["Content-Language"] == "en" and '<html lang="en">' in reader.html("/")
    feed = reader.get("/es/feeds/updates/")
    assert feed["Content-Language"] == "es" and b'xml:lang="es"' in feed.content
    for address in ("/es/admin/", "/en/", "/fr/", "/es/robots.txt", "/es/sitemap.xml", "/es/healthz", "/ES/"):
        assert reader.get(address).status_code == 404, address
    assert reader.get("/es")["Location"].endswith("/es/")


def test_nothing_but_the_address_decides_the_language(reader, pages):
    for address in ("/", "/es/", pages["article"], "/articles/english-words/", "/es/nothing/"):
        plain = reader.get(address)
        asked = reader.get(address, headers={"accept-language": "fr, es;q=0.9", "cookie": "django_language=es"})
        assert asked.content == plain.content and not asked.cookies
        assert "Accept-Language" not in plain.get("Vary", "") and "Cookie" not in plain.get("Vary", "")


def test_lists_hold_pages_of_their_language_only(reader, pages):
    for address in ("/", "/topics/", "/kinds/in-depth/", "/kinds/test/", "/freshness/", "/feeds/updates/"):
        assert "Qq" not in reader.get(address).content.decode(), address
    for name in ("home", "a to z", "kind", "freshness", "results"):
        assert "English words" not in reader.get(pages[name]).content.decode(), name
    assert "English words" not in reader.get("/es/feeds/updates/").content.decode()
    assert reader.get("/tags/nausea/").status_code == 404  # no page in English has it
    assert reader.get("/es/tags/only-english/").status_code == 404  # it has no name in Spanish
    tagged = reader.html(pages["article"])
    assert ">Qqetiqueta</a>" in tagged and "only English" not in tagged

    def found(query, language):
        return [hit.title for hit in search.search(query, at=timezone.now(), language=language).page().object_list]

    assert found("qqtema", "es")[:1] == ["Qqtema"] and found("qqtema", "en") == []
    assert found("english words", "en") == ["English words"] and found("english words", "es") == []
    assert search.search("qqtena", at=timezone.now(), language="es").suggestion == "qqtema"
    assert search.search("qqtena", at=timezone.now()).suggestion == ""


def test_the_a_to_z_follows_the_spanish_alphabet(reader):
    for title in ("Ñoño", "Nuez", "La náusea", "Oído", "Zóster", "3D"):
        a_topic(title, language="es")
    html = reader.html("/es/topics/")
    assert re.findall(r"<h2>([^<]+)</h2>", html) == ["0-9", "N", "Ñ", "O", "Z"]
    assert re.findall(r'<a href="/es/topics/[\w-]+/">([^<]+)</a>', html) == [
        *("3D", "La náusea", "Nuez", "Ñoño", "Oído", "Zóster")
    ]
    assert "?letter=%C3%91" in html
    assert "Ñoño" in reader.html("/es/topics/?letter=%C3%B1") and "Nuez" not in reader.html("/es/topics/?letter=Ñ")
    assert reader.get("/topics/?letter=Ñ").status_code == 404
    assert "/es/topics/?letter=%C3%91</loc>" in reader.get("/sitemap-lists-1.xml").content.decode()


def test_translations_name_each_other_and_only_those_that_can_be_read(reader):
    english = published(an_article("Cough"), at=moment(9))
    spanish = an_article("Tos", language="es", translation_of=english)
    assert 'hreflang="es" href' not in reader.html("/articles/cough/")
    published(spanish, at=moment(8))
    pair = [
        ("en", "https://localhost/articles/cough/"),
        ("es", "https://localhost/es/articles/tos/"),
        ("x-default", "https://localhost/articles/cough/"),
    ]
    for address, other, name, path in (
        ("/articles/cough/", "es", "Español", "/es/articles/tos/"),
        ("/es/articles/tos/", "en", "English", "/articles/cough/"),
    ):
        html = reader.html(address)
        assert re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', html) == pair
        assert f'<a href="{path}" lang="{other}" hreflang="{other}">{name}</a>' in html
    number = (english.pk - 1) // sitemaps.SPAN + 1  # of the part of the sitemap that the page is in
    part = reader.get(f"/sitemap-articles-{number}.xml").content.decode()
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{href}"/>' for code, href in pair)
    assert part.count(links) == 2
    ElementTree.fromstring(part)
    homes = [("en", "https://localhost/"), ("es", "https://localhost/es/"), ("x-default", "https://localhost/")]
    for home in ("/", "/es/"):
        assert re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', reader.html(home)) == homes

    withdraw(spanish, at=moment(1), by=ANA, reason="Wrong.")
    html = reader.html("/articles/cough/")
    assert 'rel="alternate" hreflang' not in html
    assert '<a href="/es/" lang="es" hreflang="es">Español</a>' in html
    part = reader.get(f"/sitemap-articles-{number}.xml").content.decode()
    assert "/articles/cough/" in part and 'hreflang="es" href="https://localhost/es/articles/tos/"' not in part

    topic = a_topic("Bone scan")
    a_topic("Gammagrafía ósea", language="es", translation_of=topic)
    assert 'hreflang="es" href="https://localhost/es/topics/gammagrafia-osea/"' in reader.html("/topics/bone-scan/")


@pytest.mark.parametrize(
    ("original", "translation", "is_older"),
    [
        ([("major", 10)], [("major", 10)], False),
        ([("major", 10)], [("major", 11)], True),
        ([("major", 20), ("major", 10)], [("major", 15)], True),
        ([("major", 20), ("minor", 10)], [("major", 15)], False),
        ([("major", 20), ("major", 10)], [("major", 15), ("minor", 5)], True),
        ([("major", 20), ("major", 10)], [("major", 15), ("major", 10)], False),
    ],
)
def test_a_translation_says_when_it_is_older_than_its_original(reader, original, translation, is_older):
    english, spanish = an_article("Cough"), an_article("Tos", language="es")
    spanish.translation_of = english
    spanish.save()
    for page, acts in ((english, original), (spanish, translation)):
        for change, days in acts:
            publish(page, at=moment(days), change=change, note="Note.")
    html = reader.html("/es/articles/tos/")
    assert ('id="lag"' in html) is is_older
    own = translations.versions(spanish, at=timezone.now())
    assert translations.lag(own, "en") is None and (translations.lag(own, "es") is not None) is is_older
    assert 'id="lag"' not in reader.html("/articles/cough/")
    today = timezone.localdate()
    assert in_numbers(desk_pages(at=timezone.now(), today=today), today=today)["translation"] == int(is_older)
    if is_older:
        said = re.sub(r"<[^>]+>", "", re.search(r'<p class="notice" id="lag">.*?</p>', html)[0])
        assert said.startswith("Esta traducción es del ") and said.endswith(" English")
        withdraw(english, at=timezone.now(), by=ANA, reason="Wrong.")
        assert 'id="lag"' not in reader.html("/es/articles/tos/")
        assert in_numbers(desk_pages(at=timezone.now(), today=today), today=today)["translation"] == 0


def test_an_old_address_leads_on_within_its_language(reader):
    for language, prefix in (("en", ""), ("es", "/es")):
        article = published(an_article(f"Cough {language}", slug="cough", language=language), at=moment(9))
        article = type(article).objects.get(pk=article.pk)
        article.slug = f"tos-{language}"
        article.save()
        assert reader.get(f"{prefix}/articles/cough/")["Location"] == f"{prefix}/articles/tos-{language}/"
        assert (
            reader.get(f"{prefix}/articles/cough/history/")["Location"] == f"{prefix}/articles/tos-{language}/history/"
        )


def test_a_link_to_a_page_in_another_language_says_so(reader):
    english = a_topic("Bone scan")
    article = published(with_see_also(an_article("Tos", language="es"), [english, a_topic("Fiebre", language="es")]))
    for address in (article.get_absolute_url(), f"{article.get_absolute_url()}see-also/"):
        html = reader.html(address)
        assert '<a href="/topics/bone-scan/" lang="en" hreflang="en">Bone scan</a>' in html
        assert '<a href="/es/topics/fiebre/">Fiebre</a>' in html


def test_machines_are_told_the_language(reader, pages):
    html = reader.html(pages["article"])
    assert '"inLanguage": "es"' in html and '<meta property="og:locale" content="es_ES">' in html
    assert '"item": "https://localhost/es/kinds/in-depth/"' in html
    robots = reader.get("/robots.txt").content.decode()
    assert "Disallow: /es/search/" in robots and "Disallow: /es/report/" in robots


def test_spanish_pages_cost_as_many_queries(reader, pages, django_assert_num_queries):
    with django_assert_num_queries(5):
        reader.html(pages["article"])
    with django_assert_num_queries(4):
        reader.html("/es/")


def test_the_spanish_pages_are_valid_html(reader, pages, validator):
    wanted = {name: reader.get(address) for name, address in pages.items()}
    assert (
        validator({re.sub(r"\W", "-", name): each.content.decode() for name, each in wanted.items() if each.content})
        == []
    )
