"""A patient's walk through the library, in a real browser, on the server that `make run` starts."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.kinds_of_page import ARTICLE, IN_SPANISH, KINDS_OF_PAGE

pytestmark = pytest.mark.browser


def test_from_the_home_page_to_the_article_and_through_all_99_related_topics(page, site):
    page.goto(site.url)
    page.get_by_role("searchbox").fill("palliative metastatic")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Palliative care for metastatic breast cancer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Palliative care for metastatic breast cancer")
    text = page.locator("main").inner_text()
    assert "June 29, 2021" in text and "This page has never been reviewed here." in text
    assert "No clinician has reviewed it" in text

    assert page.get_by_role("link", name="See more In-depth").get_attribute("href") == "/kinds/in-depth/"
    links = page.locator("nav.see-also li a")
    assert links.count() == 99
    assert page.locator("nav.see-also ul.links:visible li a:visible").count() < 60  # the rest is folded
    wanted = [(link.inner_text() or link.text_content(), link.get_attribute("href")) for link in links.all()]
    assert len({href for _, href in wanted}) == 99

    page.locator("nav.see-also summary").first.click()
    links.nth(15).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted[15][0])
    for label, href in wanted:
        response = page.goto(site.url + href)
        assert response.status == 200
        expect(page.get_by_role("heading", level=1)).to_have_text(label)
        assert page.locator(f'a[href="{ARTICLE}"]').count() >= 1  # every topic leads back to the page that names it

    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_all_99_are_offered_in_the_order_of_the_source(page, site):
    page.goto(site.url + ARTICLE)
    page.get_by_role("link", name="All 99 in one list").click()
    labels = page.locator("main ol.in-order li a").all_inner_texts()
    assert (len(labels), labels[0], labels[60], labels[98]) == (
        99,
        "3D mammogram",
        "MRI",
        "Your secret weapon during cancer treatment? Exercise!",
    )


def test_the_first_view_is_two_requests_and_25_kB_at_most(page, site):
    weights = []
    page.on("requestfinished", lambda request: weights.append((request.url, request.sizes()["responseBodySize"])))
    page.goto(site.url + ARTICLE, wait_until="networkidle")
    assert {url.removeprefix(site.url).partition(".")[0] for url, _ in weights} == {ARTICLE, "/static/css/library"}
    assert len(weights) == 2
    assert sum(size for _, size in weights) <= 25_000


@pytest.mark.parametrize(("size", "width"), [(32, 390), (32, 1280), (64, 1280)])
def test_text_of_two_and_four_times_the_size_needs_no_sideways_scroll(browser, site, size, width):
    """As the reader sets it in the browser: 16 pixels is the usual size."""
    flags = [*CHROMIUM_FLAGS, f"--blink-settings=defaultFontSize={size}"]
    large = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=flags)
    page = large.new_page(viewport={"width": width, "height": 800})
    sideways = {}
    for address in [*KINDS_OF_PAGE.values(), *IN_SPANISH.values()]:
        page.goto(site.url + address)
        assert page.evaluate("getComputedStyle(document.body).fontSize") == f"{size * 1.125:g}px"
        if page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"):
            sideways[address] = page.evaluate("document.scrollingElement.scrollWidth")
    large.close()
    assert sideways == {}


def test_the_keyboard_reaches_everything_and_the_skip_link_comes_first(page, site):
    page.goto(site.url + ARTICLE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"
    )
    assert not outline.startswith("none") and not outline.endswith("0px")
    summary = page.locator("nav.see-also summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("nav.see-also details[open]").count() == 1


def test_print_shows_all_99_titles_the_dates_the_address_and_the_word_list(page, site, tmp_path):
    page.goto(site.url + ARTICLE)
    page.emulate_media(media="print")
    assert page.locator("nav.see-also li a:visible").count() == 99
    expect(page.get_by_text(f"Printed copies age: see {site.url}{ARTICLE}")).to_be_visible()
    expect(page.get_by_text("June 29, 2021")).to_be_visible()
    expect(page.get_by_role("searchbox").first).to_be_hidden()
    page.goto(site.url + KINDS_OF_PAGE["article with a word list"])
    expect(page.get_by_text("An operation to remove one breast or both.")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.get_by_text("An operation to remove one breast or both.")).to_be_hidden()
    page.get_by_text("What the medical words on this page mean").click()
    expect(page.get_by_text("An operation to remove one breast or both.")).to_be_visible()


def test_a_short_page_is_one_sheet_of_paper(page, site):
    page.goto(site.url + "/topics/mri/")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_the_pages_are_valid_html(page, site, validator):
    pages = {}
    for name, address in KINDS_OF_PAGE.items():
        pages[name.replace(" ", "-")] = page.request.get(site.url + address).text()
    assert validator(pages) == []
    assert validator({"control": "<!DOCTYPE html><html lang=en><title>x</title><p><div></p>"}) != []
