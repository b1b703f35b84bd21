"""Patients are not watched: a walk through every kind of page, then a look at all that the server and the browser keep.

Each detector has its control: what is seeded must be found, so that an empty answer means something.
"""

import json

import pytest

from tests.http_server import Reply, http_server
from tests.kinds_of_page import ARTICLE, KINDS_OF_PAGE, faults_of, visit_every_kind

pytestmark = pytest.mark.browser

SEARCHED, ASKED, SEEDED = "zqsearchedzq", "zqaskedzq", "zqseededzq"
LEADS_OUT = "/articles/a-page-that-leads-outside/"
_SEED = """
from django.utils import timezone
from articles.models import Article, RelatedLink
from articles.people import Person
from articles.publishing import withdraw
from tests.builders import an_article, published
at = timezone.now()
if {publish}:
    text = "<p>Read <a href='{outside}/text'>a text</a>.</p>"
    article = an_article("A page that leads outside", sections=[("", text)])
    RelatedLink.objects.create(article=article, position=1, url="{outside}/list", label="Elsewhere")
    published(article, at=at)
else:
    withdraw(Article.objects.get(title="A page that leads outside"), at=at, by=Person("Test"), reason="A test.")
"""
STORED = """async () => ({
    cookie: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(each => each.name), caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).map(each => each.scope),
})"""
STORE = """async word => {
    document.cookie = `${word}=1`; localStorage.setItem(word, 1); sessionStorage.setItem(word, 1);
    await new Promise(done => { indexedDB.open(word).onsuccess = done; });
    await caches.open(word);
}"""


@pytest.fixture(scope="module")
def outside(site):
    """A website that is not ours, to which one of our pages leads."""
    with http_server("127.0.0.2") as server:
        server.replies = {"/text": Reply(), "/list": Reply(), "/control": Reply()}

        def seed(publish):
            site.manage("shell", "-c", _SEED.replace("{outside}", server.url).replace("{publish}", str(publish)))

        seed(True)
        yield server
        seed(False)


class Walk:
    """A reader in a fresh browser, and what leaves it: the titles, and every request with its headers."""

    def __init__(self, browser):
        self.context = browser.new_context()
        self.requests, self.titles, self.answers = [], [], []
        self.context.on("request", lambda request: self.requests.append(request))
        self.context.on("response", lambda answer: self.answers.append(answer))
        self.page = self.context.new_page()

    def search(self, words):
        self.page.get_by_role("searchbox").first.fill(words)
        self.page.get_by_role("searchbox").first.press("Enter")
        self.page.wait_for_url("**/search/**")
        self.titles.append(self.page.title())

    def stored(self) -> list[str]:
        """The names of all that the browser keeps for our site."""
        kept = self.page.evaluate(STORED)
        names = [name for what in kept.values() for name in ([what] if isinstance(what, str) else what) if name]
        return names + [cookie["name"] for cookie in self.context.cookies()]

    def sent(self) -> list[tuple[str, str]]:
        """The address and the referrer of each request."""
        return [(request.url, request.all_headers().get("referer", "")) for request in self.requests]


def kept_by_server(site, word: str) -> set[str]:
    """Where a word stands on the server: the tables of the database, and the files of the data folder by their bytes."""
    tables = [name for (name,) in site.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    places = {
        table for table in tables if any(word in str(row).casefold() for row in site.rows(f'SELECT * FROM "{table}"'))
    }
    files = [
        path for path in site.data.rglob("*") if path.is_file() and "static" not in path.relative_to(site.data).parts
    ]
    return places | {path.name for path in files if word.encode() in path.read_bytes().lower()}


def test_a_walk_through_the_library_leaves_nothing_anywhere(browser, site, outside):
    walk = Walk(browser)
    page = walk.page
    for name in visit_every_kind(page, site, faults_of(site)):
        if name.startswith(("article", "topic")):
            page.pdf()

    page.goto(site.url)
    walk.search(f"{SEARCHED} mammogram")
    page.get_by_role("link", name="Mammogram", exact=True).first.click()
    page.goto(site.url)
    walk.search(f"{SEARCHED} scan")
    page.locator(".results-kinds a").first.click()
    walk.search(SEARCHED)
    assert "Nothing was found" in page.locator("main").inner_text()
    page.get_by_role("link", name="A to Z of topics").first.click()
    page.goto(f"{site.url}/search/?q={SEARCHED}&kind={SEARCHED}&page={SEARCHED}&{SEARCHED}={SEARCHED}")

    page.goto(f"{site.url}/report/?page={ARTICLE}&q={ASKED}")
    page.get_by_label("Something on the page is wrong").check()
    page.get_by_label("In your words").fill("The second number is wrong.")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/report/sent/")
    walk.titles.append(page.title())
    page.goto(f"{site.url}/report/?page=/topics/{ASKED}/")
    walk.titles.append(page.title())
    assert ASKED not in page.locator("main").inner_text()

    for name in ("Elsewhere", "a text"):
        page.goto(site.url + LEADS_OUT)
        mail = page.get_by_role("link", name="E-mail this page").get_attribute("href")
        assert mail.startswith("mailto:?subject=A%20page%20that")
        page.get_by_role("link", name=name).click()
        page.wait_for_url(f"{outside.url}/**")
    page.goto(site.url)

    assert [(request.path, request.referrer) for request in outside.requests if request.path in {"/list", "/text"}] == [
        ("/list", None),
        ("/text", None),
    ]
    sent = walk.sent()
    assert len(sent) > 2 * len(KINDS_OF_PAGE)
    assert {url for url, _ in sent if not url.startswith((site.url, outside.url))} == set()
    assert [url for url, referrer in sent if SEARCHED in referrer or ASKED in referrer] == []
    assert {url.partition("?")[0] for url, _ in sent if SEARCHED in url} == {f"{site.url}/search/"}
    results = [answer for answer in walk.answers if f"{site.url}/search/?" in answer.url]
    assert {answer.all_headers()["cache-control"] for answer in results} == {"no-store"} and len(results) > 5
    assert [answer.url for answer in walk.answers if "set-cookie" in answer.all_headers()] == []
    assert len(walk.titles) == 5
    assert [title for title in walk.titles if SEARCHED in title or ASKED in title] == []
    assert walk.stored() == []
    assert (kept_by_server(site, SEARCHED), kept_by_server(site, ASKED)) == (set(), set())
    walk.context.close()


def test_the_detectors_would_have_told(browser, site, outside):
    walk = Walk(browser)
    page = walk.page
    page.goto(f"{site.url}/{SEEDED}/")  # a path is written into the log, as any path
    page.goto(f"{site.url}/report/")
    page.get_by_label("Something on the page is wrong").check()
    page.get_by_label("In your words").fill(f"They said {SEEDED.upper()}.")  # and these words are meant to be kept
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/report/sent/")
    assert {"server.log", "articles_readerreport"} <= kept_by_server(site, SEEDED)
    assert {"library.sqlite3", "library.sqlite3-wal"} & kept_by_server(site, SEEDED)

    script = json.loads((site.data / "static/staticfiles.json").read_text())["paths"][
        "admin/js/vendor/xregexp/xregexp.js"
    ]
    page.goto(f"{site.url}/admin/login/")  # where a script of ours may run; a form sets the one cookie here
    page.evaluate("address => navigator.serviceWorker.register(address)", f"/static/{script}")
    page.evaluate(STORE, SEEDED)
    stored = walk.stored()
    assert stored.count(SEEDED) == 5  # local, session, database, cache, cookie
    assert {name.partition("=")[0] for name in stored} >= {
        SEEDED,
        "csrftoken",
        f"{site.url}/static/admin/js/vendor/xregexp/",
    }
    assert any("set-cookie" in answer.all_headers() for answer in walk.answers)

    page.goto(f"{site.url}/search/?q={SEEDED}")
    page.evaluate(
        """address => {
            const link = document.createElement('a');
            Object.assign(link, { href: address, textContent: 'leaky', referrerPolicy: 'unsafe-url' });
            document.querySelector('main').append(link);
        }""",
        f"{outside.url}/control",
    )
    page.get_by_role("link", name="leaky").click()
    page.wait_for_url(f"{outside.url}/control")
    assert [SEEDED in request.referrer for request in outside.requests if request.path == "/control"] == [True]
    assert any(SEEDED in referrer for _, referrer in walk.sent())
    walk.context.close()
