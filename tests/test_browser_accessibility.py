"""Every kind of public page in a browser: axe, and what axe can't tell.

docs/accessibility.md says which criterion of WCAG 2.2 each of these proves, and what only a person can tell.
"""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.conftest import AXE_COLOURS
from tests.kinds_of_page import IN_SPANISH, KINDS_OF_PAGE, faults_of, open_html, visit_every_kind

pytestmark = pytest.mark.browser

# What axe can't decide by itself is a failure until it stands here: the rule, the elements, and why they are fine.
EXPLAINED = [
    (
        "color-contrast",
        ".chart text",
        "axe sees no ground behind text in a picture. It is --ink on --ground, and the numbers stand in a table as well.",
    ),
    (
        "color-contrast",
        ".table *",
        "What a box that scrolls has cut off axe can't see. At 1280 pixels the same cells pass.",
    ),
]
SEEN = """() => {
    const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];  // a tall field may reach out of the window
    const at = document.elementFromPoint(box.x + box.width / 2, (top + bottom) / 2);
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
SIDEWAYS = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth ? ['scrolls sideways'] : []"
CLIPPED = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
    const s = getComputedStyle(e);
    return s.overflow === 'hidden' && e.clientHeight > 2
        && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 80))"""
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }"""
TWICE = "html { font-size: 225% !important }"  # of 16 pixels; the library's own is 112.5%
# How often the focus has left all that can have it.
COUNT_LEAVING = """() => {
    window.left = 0;
    document.addEventListener('focusout', e => { left += e.relatedTarget === null; });
}"""
# JSON-LD is data in a script element, and runs nowhere.
RESTLESS = """() => [
    ...[...document.scripts].map(e => e.type).filter(type => type !== 'application/ld+json'),
    ...document.getAnimations().map(() => 'an animation'),
    ...[...document.querySelectorAll('[autoplay], marquee, meta[http-equiv=refresh]')].map(e => e.outerHTML),
    ...[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).map(e => e.outerHTML),
    ...[...document.querySelectorAll('meta[name=viewport]')].map(e => e.content)
        .filter(text => /user-scalable|maximum-scale/.test(text)),
    ...(document.documentElement.lang ? [] : ['no language']),
]"""


def headings(page) -> list[str]:
    """One h1, no level left out, and no h2 empty or twice. In a list of pages each has its own title, and two pages of
    different kinds may share one."""
    levels = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
        ".filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]))"
    )
    seconds = page.evaluate("() => [...document.querySelectorAll('h2:not(li h2)')].map(e => e.textContent.trim())")
    is_tree = (
        levels[:1] == [1] and levels.count(1) == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    )
    return [] if is_tree and all(seconds) and len(seconds) == len(set(seconds)) else [str(levels), *seconds]


def upright(page) -> list[str]:
    return [] if page.get_by_role("heading", level=1).is_visible() else ["no h1"]


def styled(page, css: str, check) -> list[str]:
    page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }",
        css,
    )
    found = page.evaluate(check) + page.evaluate(SIDEWAYS)
    page.evaluate("() => { document.adoptedStyleSheets = []; }")
    return found


# The checks of each kind of page: the window, and what must be empty in it. `axe` has 1280 and 320 pixels and the dark too.
CHECKS = {
    "axe": ((1280, 900), lambda page, axe: axe(page, explained=EXPLAINED)),
    "dark": (
        (1280, 900),
        lambda page, axe: axe(page, explained=EXPLAINED, rules=AXE_COLOURS),
    ),
    "stillness": ((1280, 900), lambda page, axe: page.evaluate(RESTLESS)),
    "headings": ((1280, 900), lambda page, axe: headings(page)),
    "axe on a phone": ((320, 640), lambda page, axe: axe(page, explained=EXPLAINED)),
    "reflow": ((320, 640), lambda page, axe: page.evaluate(SIDEWAYS) + upright(page)),
    "targets": ((320, 640), lambda page, axe: page.evaluate(SMALL)),
    "text spacing": ((320, 640), lambda page, axe: styled(page, SPACED, CLIPPED)),
    "orientation": ((640, 320), lambda page, axe: page.evaluate(SIDEWAYS) + upright(page)),
    "text size": ((640, 800), lambda page, axe: styled(page, TWICE, CLIPPED)),
}
# The other language leads to this page in it, where it has one.
AROUND = "() => [...document.querySelectorAll('header a, footer a')].map(e => e.lang || e.href)"


@pytest.fixture(scope="module")
def faults(site):
    return faults_of(site)


def test_every_kind_of_page(page, site, axe, faults):
    """One walk, all checks: the pages are opened once each."""
    found, titles, around = {}, {}, {}
    for name in visit_every_kind(page, site, faults):
        for check, (window, look) in CHECKS.items():
            page.set_viewport_size({"width": window[0], "height": window[1]})
            page.emulate_media(color_scheme="dark" if check == "dark" else "light")
            if problems := look(page, axe):
                found[name, check] = problems
        titles.setdefault(page.title(), set()).add(page.url.partition("?")[0] if name not in faults else name)
        around.setdefault(tuple(page.evaluate(AROUND)), []).append(name)
    assert found == {}
    assert {title: names for title, names in titles.items() if len(names) > 1} == {}
    assert all("Health Library" in title for title, names in titles.items() if not names & set(faults))
    in_spanish = len(IN_SPANISH)
    # Faults lead home only.
    assert sorted(map(len, around.values())) == sorted([len(faults), len(KINDS_OF_PAGE) + 2, in_spanish]), around


def test_the_checks_would_have_told(page, site, axe):
    """The control: seeded faults are found, so an empty answer means something."""
    html = page.request.get(site.url).text()
    seeded = (
        '<input tabindex="5"><h5>Too deep</h5><a href="/">x</a>'
        f'<pre style="overflow: hidden; height: 5px">{"x" * 200}</pre><div style="min-width: 700px">wide</div>'
        '<p style="color: #aaa">Pale</p><p style="background: linear-gradient(#999, #888)">Undecided</p>'
    )
    open_html(page, site, html.replace("</main>", f"{seeded}</main>"))
    told = {}
    for check, (window, look) in CHECKS.items():
        page.set_viewport_size({"width": window[0], "height": window[1]})
        told[check] = look(page, axe)
    assert any(line.startswith("label:") for line in told["axe"])
    assert any(line.startswith("undecided: color-contrast") and "Undecided" in line for line in told["axe"])
    assert [check for check, problems in told.items() if not problems] == []


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
        page.evaluate(COUNT_LEAVING)
        for _ in range(stops):
            page.keyboard.press("Tab")
        assert page.evaluate("[document.activeElement === document.body, left]") == [False, 0], name
        page.keyboard.press("Tab")
        assert page.evaluate("[document.activeElement === document.body, left]") == [True, 1], name
        page.close()


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
    expect(page.get_by_role("heading", level=1)).to_have_text("Palliative care for metastatic breast cancer")
    context.close()
