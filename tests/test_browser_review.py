"""A review with nothing to change, by keyboard alone, from the review desk to the record; and its screen on a phone."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.test_browser_admin import check

pytestmark = pytest.mark.browser
TITLE = "Questions to ask before breast surgery"
POLICY = f"""
from django.utils import timezone
from articles import policies
from articles.models import Article, Policy
from articles.people import Person
Policy.objects.get_or_create(article=Article.objects.get(title="{TITLE}"), months=12, reason="Rule 12.")
policies.apply(at=timezone.now(), by=Person("Ana Ruiz"), reason="Rule 12.")
"""


class Keyboard:
    """Presses keys and counts them; typed text is not counted, because it is as long as the reviewer likes."""

    def __init__(self, page):
        self.page = page
        self.pressed = 0
        self.tabs = 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self.tabs += key.endswith("Tab")
        self.page.keyboard.press(key)

    def tab_to(self, locator, *, key="Tab", most: int) -> None:
        """Goes on until the element has the focus."""
        for _ in range(most):
            self.press(key)
            if locator.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"{most} times {key} did not reach {locator}")

    def follow(self) -> None:
        """Opens the link that has the focus."""
        with self.page.expect_navigation():
            self.press("Enter")


def test_a_review_without_a_change_takes_a_few_keys_from_the_desk_to_the_record(page, site):
    site.manage("shell", "-c", POLICY)
    site.login(page)
    page.goto(f"{site.url}/admin/review-desk/?q=questions")
    keys = Keyboard(page)
    keys.tab_to(page.get_by_role("link", name="Skip to main content"), most=1)
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name="Skip to the table"), most=3)
    keys.press("Enter")
    keys.tab_to(page.get_by_role("link", name=re.compile("Record a review")), most=12)
    keys.follow()
    expect(page.get_by_role("heading", name=f"Review “{TITLE}”")).to_be_visible()

    # The focus stands in the form: back over it to the page, and from its text to the form again.
    keys.tab_to(page.get_by_role("link", name="the page", exact=True), key="Shift+Tab", most=4)
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "the-page"
    keys.tab_to(page.get_by_role("link", name="Back to the form").first, most=12)
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "the-form"

    before = keys.tabs
    keys.tab_to(page.get_by_label("Reviewed on"), most=2)
    page.keyboard.type(f"{datetime.now(UTC):%m%d%Y}")
    keys.tab_to(page.get_by_label("Outcome"), most=11)
    page.keyboard.type("No")
    keys.tab_to(page.get_by_label("Evidence checked"), most=1)
    page.keyboard.type("NCCN 2026, no newer guideline")
    keys.tab_to(page.get_by_label(re.compile("I have read")), most=6)
    keys.press("Space")
    assert keys.tabs - before <= 20
    keys.follow()  # Enter in the box sends the form
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert keys.pressed <= 45
    (row,) = site.rows(
        "SELECT r.outcome, r.scope, r.evidence, r.seconds_on_page < 120, a.reviewed_on IS NOT NULL "
        "FROM articles_review r JOIN articles_article a ON a.id = r.article_id WHERE a.title = ?",
        TITLE,
    )
    assert row == ("no_change", "whole", "NCCN 2026, no newer guideline", 1, 1)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_screen_fits_and_everybody_can_use_it(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    site.login(page)
    page.goto(f"{site.url}/admin/articles/review/add/?article={site.article_id}")
    assert check(page, "review") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="the page", exact=True).click()
    heading = page.get_by_role("heading", name="The page as patients read it: edition 1")
    assert heading.evaluate("element => element.getBoundingClientRect().top") < 400


def test_the_reviewers_in_numbers_fit_and_everybody_can_use_them(page, site):
    page.set_viewport_size({"width": 390, "height": 800})
    site.login(page)
    page.goto(f"{site.url}/admin/review-desk/reviewers/")
    expect(page.get_by_role("heading", name="Reviewers", exact=True)).to_be_visible()
    assert check(page, "reviewers") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
