"""A date reviewer at the review desk, by keyboard, and the desk on a small screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.test_browser_admin import check

pytestmark = pytest.mark.browser
DESK = "/admin/review-desk/"


@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_fits_every_screen_and_everybody_can_use_it(page, site, axe, width):
    page.set_viewport_size({"width": width, "height": 900})
    site.login(page)
    page.goto(f"{site.url}{DESK}?list=never&owner=nonsense")
    expect(page.get_by_role("heading", name=re.compile("^Never reviewed: [0-9,]+ page"))).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_row_is_read_on_a_phone_without_pushing_it_aside(page, site):
    page.set_viewport_size({"width": 390, "height": 800})
    site.login(page)
    page.goto(f"{site.url}{DESK}")
    row = page.locator("#desk-table tbody tr").first
    due = row.locator("td[data-label='Next review due']")
    assert due.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Next review due: "'
    for part in [due, row.get_by_role("link", name=re.compile("^Record a review"))]:
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_what_is_done_to_the_ticked_pages_stays_in_sight_and_hides_nothing_that_has_the_focus(page, site):
    page.set_viewport_size({"width": 1280, "height": 500})
    site.login(page)
    page.goto(f"{site.url}{DESK}")
    page.get_by_role("checkbox").first.focus()
    bar = page.locator(".desk-acts")
    for _ in page.locator("#desk-table tbody a").all():
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.getBoundingClientRect().bottom")
        top = bar.bounding_box()["y"]
        inside = bar.evaluate("bar => bar.contains(document.activeElement)")
        assert top < 500 and (inside or focused <= top)


def test_a_page_is_assigned_by_keyboard(page, site):
    site.login(page)
    page.goto(f"{site.url}{DESK}")
    skip = page.get_by_role("link", name="Skip to the table")
    skip.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "desk-table"
    box = page.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Assign").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Role").select_option(label="Clinical reviewer")
    assert check(page, "asked") == []
    page.get_by_label("Reason").press("Enter")
    expect(page.get_by_role("heading", name="1 changed")).to_be_visible()
    assert check(page, "assigned") == []
    assert site.rows("SELECT count(*) FROM articles_article WHERE owner_group_id IS NOT NULL") == [(1,)]
