"""What axe can't tell, asked of every kind of public page: focus, targets, structure, large text, no style, no script.

docs/accessibility.md says which criterion of WCAG 2.2 each of these proves, and what only a person can tell.
"""

from itertools import pairwise

import pytest

from tests.test_browser_patients import KINDS_OF_PAGE

pytestmark = pytest.mark.browser

SEEN = """() => {
    const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        name: e.tagName + ' ' + (e.textContent || e.name || '').trim().slice(0, 40),
        ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: box.bottom > 0 && box.top < innerHeight,
        uncovered: at !== null && (e.contains(at) || at.contains(e)),
        isBody: e === document.body,
    };
}"""
# Links within a sentence or a list of words are left out, as the criterion allows (2.5.8, "Inline").
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
    .filter(e => e.offsetParent && !e.closest('p, dd, td, figcaption') && !e.matches('.skip, [tabindex="-1"]'))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .map(([e, box]) => `${e.textContent.trim().slice(0, 30)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
CLIPPED = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
    const s = getComputedStyle(e);
    return s.overflow === 'hidden' && e.clientHeight > 2
        && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 80))"""


def every_kind(page, site):
    for name, address in KINDS_OF_PAGE.items():
        page.goto(site.url + address)
        yield name


@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_every_stop_of_the_keyboard_can_be_seen(browser, site, forced_colors):
    context = browser.new_context(viewport={"width": 320, "height": 640}, forced_colors=forced_colors)
    wrong, seen = [], 0
    for name, address in KINDS_OF_PAGE.items():
        page = context.new_page()
        page.goto(site.url + address)
        for _ in range(25):
            page.keyboard.press("Tab")
            stop = page.evaluate(SEEN)
            if stop["isBody"]:
                break
            seen += 1
            if not (stop["ringed"] and stop["inside"] and stop["uncovered"]):
                wrong.append((name, stop))
        page.close()
    context.close()
    assert wrong == []
    assert seen > 10 * len(KINDS_OF_PAGE)


def test_the_keyboard_comes_to_everything_and_is_never_caught(browser, site):
    """As many stops as there are links, buttons and fields; then the focus leaves the page."""
    for name, address in KINDS_OF_PAGE.items():
        page = browser.new_page()  # where the focus was on the page before plays no part
        page.goto(site.url + address)
        stops = page.evaluate(
            "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary,"
            ' [tabindex="0"]\')].filter(e => e.checkVisibility() && e.tabIndex >= 0)'
            # the buttons of one choice are one stop
            ".filter(e => e.type !== 'radio' || e === document.querySelector(`input[name=${e.name}]`))"
            ".reduce((stops, e) => stops + (e.type === 'date' ? 4 : 1), 0)"  # month, day, year and the calendar
        )
        visited = 0
        while visited <= stops:
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            visited += 1
        assert visited == stops, name
        page.close()


def test_targets_are_large_enough_for_a_thumb(page, site):
    page.set_viewport_size({"width": 320, "height": 640})
    small = {name: page.evaluate(SMALL) for name in every_kind(page, site)}
    assert {name: found for name, found in small.items() if found} == {}


def test_headings_are_one_tree_and_titles_say_where_one_is(page, site):
    titles = {}
    for name in every_kind(page, site):
        levels = page.evaluate(
            "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
            ".filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]))"
        )
        assert levels.count(1) == 1 and levels[0] == 1, (name, levels)
        assert all(after <= before + 1 for before, after in pairwise(levels)), (name, levels)
        # In a list of pages each has its own title, and two pages of different kinds may share one.
        seconds = page.evaluate("() => [...document.querySelectorAll('h2:not(li h2)')].map(e => e.textContent.trim())")
        assert all(seconds) and len(seconds) == len(set(seconds)), (name, seconds)
        titles.setdefault(page.title(), set()).add(KINDS_OF_PAGE[name].partition("?")[0])
    assert all("Health Library" in title for title in titles)
    assert [paths for paths in titles.values() if len(paths) > 1] == []


def test_navigation_and_help_stand_in_the_same_order_on_every_page(page, site):
    orders = set()
    for _ in every_kind(page, site):
        orders.add(tuple(page.evaluate("() => [...document.querySelectorAll('header a, footer a')].map(e => e.href)")))
    assert len(orders) == 1


def test_twice_the_text_size_loses_nothing(page, site):
    page.set_viewport_size({"width": 640, "height": 800})
    for name in every_kind(page, site):
        page.evaluate(
            "() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% !important }');"
            " document.adoptedStyleSheets = [sheet]; }"
        )
        assert page.evaluate(CLIPPED) == [], name
        assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"), name


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 320)])
def test_both_ways_of_holding_a_phone_show_the_page(page, site, width, height):
    page.set_viewport_size({"width": width, "height": height})
    for name in every_kind(page, site):
        assert page.get_by_role("heading", level=1).is_visible(), name
        assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"), name


def test_without_style_and_script_the_order_is_that_of_the_page(browser, site):
    """What is read first stands first: the way past the header, the header, the page with its title, the footer."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    for name, address in KINDS_OF_PAGE.items():
        page.goto(site.url + address)
        tops = [
            page.locator(selector).first.bounding_box()["y"] for selector in ("a.skip", "header", "main h1", "footer")
        ]
        assert tops == sorted(tops), name
    page.goto(site.url + KINDS_OF_PAGE["home"])
    page.get_by_role("searchbox").first.fill("palliative metastatic")
    page.get_by_role("searchbox").first.press("Enter")
    page.get_by_role("link", name="Palliative care for metastatic breast cancer").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Palliative care for metastatic breast cancer"
    context.close()


def test_no_page_has_a_script_moves_by_itself_or_forbids_zooming(page, site):
    for name in every_kind(page, site):
        # JSON-LD is data in a script element, and runs nowhere.
        scripts = page.evaluate("() => [...document.scripts].map(e => e.type).filter(t => t !== 'application/ld+json')")
        assert scripts == [], name
        moving = page.evaluate(
            "() => document.getAnimations().length + document.querySelectorAll('[autoplay], marquee').length"
        )
        assert moving == 0, name
        viewport = page.locator('meta[name="viewport"]').get_attribute("content")
        assert "user-scalable" not in viewport and "maximum-scale" not in viewport, name
        assert page.locator("html").get_attribute("lang"), name
