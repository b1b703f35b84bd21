"""A day of a date reviewer in a real browser: a library brings its dates along, and she finds what is overdue, takes it
over, reviews it by keyboard, spreads a bulge and takes her days along into her own calendar."""

import re
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from playwright.sync_api import expect

from tests.test_browser_admin import check
from tests.test_browser_review import Keyboard

pytestmark = pytest.mark.browser

DESK = "/admin/review-desk/"
LATE, *BULGE = TITLES = ["Ward guide to fever", "Ward guide to nausea", "Ward guide to sleep", "Ward guide to falls"]
PASSWORD = "only-for-this-day-1"
LIBRARY = f"""
from django.contrib.auth.models import Group, User
from django.utils import timezone
from articles import policies, publishing
from articles.models import Article, Policy, Section
from articles.people import Person
at, seed = timezone.now(), Person("Ana Ruiz")
for title in {TITLES!r}:
    article = Article.objects.create(title=title, slug=title.lower().replace(" ", "-"), deck="A guide.", kind="test")
    Section.objects.create(article=article, position=1, body="<p>Ask the nurse.</p>")
    publishing.publish(article, at=at, by=seed, bypass_reason="Written elsewhere")
    Policy.objects.create(article=article, months=12, reason="Rule 12")
policies.apply(at=at, by=seed, reason="Rule 12")
dora = User.objects.create_user("day-dora", password={PASSWORD!r}, first_name="Dora", last_name="Klein", is_staff=True)
dora.groups.add(Group.objects.get(name="Date reviewer"))
"""


def test_a_day_of_a_date_reviewer(page, site, tmp_path):
    today = datetime.now(UTC).date()
    bulge_on = today + timedelta(60)
    site.manage("shell", "--verbosity=0", "-c", LIBRARY)
    site.manage("import_review_dates", dates_of_another_system(tmp_path, today - timedelta(12), bulge_on, today))

    # What is overdue stands on the desk, and whose it is.
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill("day-dora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=re.compile("^Review desk")).click()
    page.get_by_role("link", name=re.compile("^Overdue")).click()
    assert "12 days overdue" in page.get_by_role("row", name=LATE).inner_text()

    # She takes the four pages over.
    page.get_by_role("link", name=re.compile("^All pages")).click()
    page.get_by_label("Words of the title").fill("ward guide")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    for title in TITLES:
        page.get_by_role("checkbox", name=title).check()
    assert check(page, "desk") == []
    page.get_by_role("button", name="Assign").click()
    page.get_by_label("Person").select_option(label="Dora Klein")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("heading", name="4 changed")).to_be_visible()

    # The one that is overdue is reviewed by keyboard, and patients read it at once.
    page.goto(f"{site.url}{DESK}?list=overdue&owner=me")
    keys = Keyboard(page)
    link = page.get_by_role("link", name=f"Record a review of “{LATE}”")
    link.focus()
    keys.follow()
    expect(page.get_by_label("Reviewed on")).to_be_focused()
    page.keyboard.type(f"{today:%m%d%Y}")
    keys.tab_to(page.get_by_label("Outcome"), most=11)
    page.keyboard.type("No")
    keys.tab_to(page.get_by_label("Evidence checked"), most=1)
    page.keyboard.type("NICE CG160")
    keys.tab_to(page.get_by_label(re.compile("I have read")), most=6)
    keys.press("Space")
    keys.follow()
    page.locator(".messagelist .success").wait_for()
    page.goto(f"{site.url}/articles/ward-guide-to-fever/")
    assert f"Reviewed {in_words(today)} (by Dora Klein)" in " ".join(page.locator("body").inner_text().split())

    # Three pages fall due on one day: she reads the new days, says why, and they move.
    page.goto(f"{site.url}{DESK}planner/?reviewers=1&each=1&weeks=26")
    page.get_by_label("Owner").select_option(label="Me")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    assert check(page, "planner") == []
    page.get_by_label("Reason").fill("Three guides fell due on one day")
    page.get_by_role("button", name=re.compile("^Give [0-9]+ pages their new days$")).click()
    page.locator(".messagelist .success").wait_for()
    rows = site.rows("SELECT title, next_review_on FROM articles_article WHERE title LIKE 'Ward guide%'")
    days = {title: date.fromisoformat(day) for title, day in rows}
    assert len({days[title] for title in BULGE}) == 3
    assert max(days[title] for title in BULGE) <= bulge_on

    # The calendar has the moved day, and so does her own, until she revokes its address.
    moved = min(BULGE, key=days.get)
    page.goto(f"{site.url}{DESK}calendar/?month={days[moved]:%Y-%m}&owner=me")
    cell = page.get_by_role("cell").filter(has=page.locator(f"time[datetime='{days[moved]}']"))
    expect(cell.get_by_role("link", name=moved)).to_be_visible()
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_role("textbox", name="Address").input_value()
    assert check(page, "calendar") == []
    with urllib.request.urlopen(address, timeout=10) as answer:
        found = icalendar.Calendar.from_ical(answer.read()).walk("VEVENT")
    assert {event.decoded("DTSTART") for event in found if moved in event["SUMMARY"]} == {days[moved]}
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("You have no address yet.")).to_be_visible()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address, timeout=10)


def dates_of_another_system(folder, late: date, bulge_on: date, today: date) -> str:
    """A table as `import_review_dates` reads it: one page that is late, three that fall due on one day."""
    due = {LATE: late, **dict.fromkeys(BULGE, bulge_on)}
    lines = [f"{title}\t{today - timedelta(365)}\t{day}" for title, day in due.items()]
    file = folder / "dates.tsv"
    file.write_text("\n".join(["name\tlast_reviewed\treview_due", *lines]))
    return str(file)


def in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
