"""Every kind of page that a patient can come to: the one list for all tests that look at each kind in a browser."""

import json

ARTICLE = "/articles/palliative-care-for-metastatic-breast-cancer/"
KINDS_OF_PAGE = {
    "home": "/",
    "article": ARTICLE,
    "article with headings": "/articles/finding-a-support-group-that-suits-you/",
    "article with a word list": "/articles/radiation-therapy-for-breast-cancer-what-to-expect/",
    "see also": f"{ARTICLE}see-also/",
    "history": f"{ARTICLE}history/",
    "history without an answer": f"{ARTICLE}history/?day=2020-02-30",
    "edition": f"{ARTICLE}editions/1/",
    "topic": "/topics/mri/",
    "A to Z": "/topics/",
    "letter": "/topics/?letter=B",
    "kind": "/kinds/in-depth/",
    "tag": "/tags/imaging/",
    "search": "/search/?q=scan",
    "search with a slip": "/search/?q=mamogram",
    "nothing found": "/search/?q=zzzz",
    "freshness": "/freshness/",
    "report": f"/report/?page={ARTICLE}",
    "report sent": "/report/sent/",
    "missing page": "/articles/paliative-care/",
}
SPANISH_ARTICLE = "/es/articles/cuidados-paliativos-para-el-cancer-de-mama-metastasico/"
IN_SPANISH = {
    "Spanish home": "/es/",
    "Spanish article": SPANISH_ARTICLE,
    "Spanish history": f"{SPANISH_ARTICLE}history/",
    "Spanish topic": "/es/topics/resonancia-magnetica/",
    "Spanish A to Z": "/es/topics/",
    "Spanish kind": "/es/kinds/test/",
    "Spanish tag": "/es/tags/imaging/",
    "Spanish search": "/es/search/?q=quimio",
    "Spanish freshness": "/es/freshness/",
    "Spanish report": "/es/report/",
    "Spanish missing page": "/es/topics/resonancia/",
}
WITHDRAWN = "/topics/a-scan-that-was-withdrawn/"
# Pages that no link leads to, as the library renders them.
FAULTS = {"bad request": "400.html", "too many tries": "429.html", "fault of ours": "500.html"}

_SEED = """
import json
from django.template.loader import render_to_string
from django.utils import timezone
from articles.models import Topic
from articles.people import Person
from articles.publishing import withdraw
at = timezone.now()
topic, is_new = Topic.objects.get_or_create(title="A scan that was withdrawn", kind="test")
if is_new:
    withdraw(topic, at=at, by=Person("Test"), reason="Two topics were one.")
print("FAULTS", json.dumps([render_to_string(name) for name in {names}]))
"""


def faults_of(site) -> dict[str, str]:
    """The HTML of the FAULTS by their names. Makes the withdrawn page, too, if it isn't there yet."""
    said = site.manage("shell", "--command", _SEED.replace("{names}", str([*FAULTS.values()]))).stdout
    return dict(zip(FAULTS, json.loads(said.partition("FAULTS ")[2]), strict=True))


def visit_every_kind(page, site, faults: dict[str, str]):
    """Open one page of each kind after another; yields their names. `faults` comes from faults_of()."""
    for name, address in (KINDS_OF_PAGE | IN_SPANISH | {"withdrawn page": WITHDRAWN}).items():
        page.goto(site.url + address)
        yield name
    page.goto(site.url + KINDS_OF_PAGE["report"])
    page.get_by_role("button", name="Send").click()
    yield "report with mistakes"
    for name, html in faults.items():
        open_html(page, site, html)
        yield name


def open_html(page, site, html: str) -> None:
    """Show a page of the site that has this text."""
    page.route("**/shown", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{site.url}/shown")
    page.unroute("**/shown")
