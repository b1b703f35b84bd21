"""The way of a text to its patients, walked by three people in a real browser: write, review, changes asked, sign-off,
schedule, conflict, restore. Each works in a window of their own, with the rights of their group and no others."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.test_browser_admin import check

pytestmark = pytest.mark.browser

PASSWORD = "only-for-this-walk-1"
ACCOUNTS = f"""
PASSWORD = {PASSWORD!r}
from django.contrib.auth.models import Group, User
from articles.models import Profile
for username, first, last, role in [
    ("walk-ana", "Ana", "Ruiz", "Author"), ("walk-bea", "Bea", "Stone", "Author"),
    ("walk-grace", "Grace", "Obi", "Clinical reviewer"), ("walk-paul", "Paul", "Lee", "Publisher"),
]:
    user = User.objects.create_user(username, password=PASSWORD, first_name=first, last_name=last, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    if role == "Clinical reviewer":
        Profile.objects.create(user=user, profession="Registered nurse", registration_number="NMC 12A3456E")
"""


@pytest.fixture
def staff(page, browser, site):
    """Opens the admin as one of four people, each in a browser profile of their own."""
    if not site.rows("SELECT 1 FROM auth_user WHERE username = 'walk-ana'"):
        site.manage("shell", "--verbosity=0", "-c", ACCOUNTS)
    contexts = []

    def window(name, address="/admin/"):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site.url}{address}")
        page.get_by_label("Username").fill(f"walk-{name}")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    yield window
    for context in contexts:
        context.close()


def act(page, name):
    """Press one of the buttons above the form."""
    page.get_by_role("list", name="What you can do now").get_by_role("link", name=name, exact=True).click()


def confirm(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.locator(".messagelist .success").wait_for()


def state(page):
    return page.locator(".workflow .state").inner_text()


def why_not(page, act):
    """The sentences beside an act that can't be done now."""
    if not page.locator(".workflow details").evaluate("details => details.open"):
        page.locator(".workflow summary").click()
    return page.locator(f".workflow dt:text-is('{act}') + dd").inner_text()


def save(page):
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator(".messagelist .info").wait_for()


def write(page, text):
    page.get_by_label("Summary").fill(text)
    save(page)


def public(page, site, slug):
    """What a patient gets who has no copy of the page: the status, and the summary under the title."""
    response = page.request.get(f"{site.url}/articles/{slug}/")
    deck = re.search(r'<p class="deck">(.*?)</p>', response.text())
    return response.status, deck[1] if response.status == 200 else ""


def test_the_way_of_a_text_from_a_draft_to_its_patients(page, site, staff):
    ana = staff("ana", "/admin/articles/article/add/")
    ana.get_by_label("Title:").fill("A walk through the workflow")
    ana.get_by_label("Summary").fill("Take 5 mg.")
    ana.get_by_label("Kind").select_option("In-depth")
    ana.get_by_role("button", name="Add another Section").click()
    ana.locator(".ProseMirror[aria-label]").first.click()
    ana.keyboard.type("Some plain text about the walk.")
    save(ana)
    article = re.search(r"/article/(\d+)/change/", ana.url)[1]
    change = f"/admin/articles/article/{article}/change/"
    slug = site.rows("SELECT slug FROM articles_article WHERE id = ?", article)[0][0]
    assert state(ana) == "Draft"
    assert "Nobody has sent this text for review" in why_not(ana, "Sign off")
    assert "No second clinician has signed this text off" in why_not(ana, "Publish")
    assert check(ana, "draft") == []

    act(ana, "Send for review")
    ana.get_by_label("Note for the reviewer").fill("Please look at the dose.")
    confirm(ana, "Send for review")
    assert state(ana) == "In review"
    assert "Grace Obi" in why_not(ana, "Sign off")

    grace = staff("grace", change)
    act(grace, "Ask for changes")
    expect(grace.locator("blockquote")).to_contain_text("Please look at the dose.")
    grace.get_by_label("What should change").fill("0.5 mg, not 5 mg.")
    confirm(grace, "Ask for changes")
    assert state(grace) == "Changes asked"

    ana.goto(f"{site.url}{change}")
    expect(ana.locator(".changes-asked")).to_contain_text("0.5 mg, not 5 mg.")
    write(ana, "Take 0.5 mg.")
    act(ana, "Send for review")
    confirm(ana, "Send for review")

    grace.goto(f"{site.url}{change}")
    act(grace, "Sign off")
    grace.get_by_label("Note").fill("Checked against the product label.")
    grace.get_by_role("button", name="Sign off").click()
    expect(grace.locator(".errorlist")).to_contain_text("Tick the box when you have read the text")
    assert check(grace, "sign-off with an error") == []
    grace.get_by_label("I have read this text").check()
    confirm(grace, "Sign off")
    assert state(grace) == "Approved"
    assert public(page, site, slug) == (404, "")

    paul = staff("paul", change)
    act(paul, "Schedule")
    expect(paul.locator("#content-main")).to_contain_text("Signed off by Grace Obi, Registered nurse, no. NMC 12A3456E")
    paul.get_by_label("Patients read it from").fill(f"{datetime.now() + timedelta(days=2):%Y-%m-%dT%H:%M}")
    paul.get_by_label("Major").check()
    confirm(paul, "Schedule")
    assert state(paul) == "Scheduled"
    assert public(page, site, slug) == (404, "")
    act(paul, "Call the schedule off")
    confirm(paul, "Call the schedule off")
    act(paul, "Publish")
    paul.get_by_label("Major").check()
    confirm(paul, "Publish")
    assert state(paul) == "Published"
    assert public(page, site, slug) == (200, "Take 0.5 mg.")

    # Two authors open the same version, and the second to save is told.
    bea = staff("bea", change)
    ana.goto(f"{site.url}{change}")
    write(ana, "Take 0.5 mg at night.")
    bea.get_by_label("Summary").fill("Take 0.5 mg at noon.")
    bea.get_by_role("button", name="Save and continue editing").click()
    expect(bea.locator("h1")).to_contain_text("was saved meanwhile")
    bea.get_by_label("Your text").check()
    bea.get_by_role("button", name="Save both changes").click()
    bea.locator(".messagelist .info").wait_for()
    expect(bea.get_by_label("Summary")).to_have_value("Take 0.5 mg at noon.")
    assert public(page, site, slug) == (200, "Take 0.5 mg.")

    bea.get_by_role("link", name="History").click()
    bea.get_by_role("link", name="Restore version 3", exact=True).click()
    bea.get_by_role("button", name="Restore").click()
    bea.locator(".messagelist .success").wait_for()
    expect(bea.get_by_label("Summary")).to_have_value("Take 0.5 mg at night.")


def test_who_wrote_the_text_is_told_before_the_button_that_somebody_else_signs_it_off(page, site, staff):
    """An administrator may do everything, and still not sign off her own words."""
    site.login(page)
    page.goto(f"{site.url}/admin/articles/article/?live=yes")
    page.get_by_role("link", name="Hospice care").first.click()
    write(page, "What hospice care is, in other words.")
    act(page, "Send for review")
    confirm(page, "Send for review")
    assert "somebody else has to sign it off" in why_not(page, "Sign off")
    expect(page.get_by_role("list", name="What you can do now")).not_to_contain_text("Sign off")
    page.set_viewport_size({"width": 320, "height": 700})
    assert not page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    act(page, "Take back from review")
    confirm(page, "Take back from review")
    assert state(page) == "Draft"
