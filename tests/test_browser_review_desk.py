"""A date reviewer at the review desk, by keyboard, and the desk on a small screen."""

import re

import pytest

from tests.test_browser_admin import check

pytestmark = pytest.mark.browser
DESK = "/admin/review-desk/"


@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_fits_every_screen_and_everybody_can_use_it(page, site, axe, width):
    page.set_viewport_size({"width": width, "height": 900})
    site.login(page)
    page.goto(f"{site.url}{DESK}?list=never&owner=nonsense")
    assert page.get_by_role("heading", name=re.compile("^Never reviewed: [0-9,]+ page")).is_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


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
    assert page.get_by_role("heading", name="1 assigned").is_visible()
    assert check(page, "assigned") == []
    assert site.rows("SELECT count(*) FROM articles_article WHERE owner_group_id IS NOT NULL") == [(1,)]
