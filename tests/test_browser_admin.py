"""The admin in a real browser: the list of links, the editor, and what a screen reader is told.

The fixture `page` fails a test whose page breaks the Content Security Policy or whose script fails.
"""

import pytest
from playwright.sync_api import expect

from tests.conftest import AXE_COLOURS, found_by_axe

pytestmark = pytest.mark.browser

LINKS = (
    "SELECT coalesce(nullif(l.label, ''), t.title) FROM articles_relatedlink l "
    "LEFT JOIN articles_topic t ON t.id = l.topic_id WHERE l.article_id = ? ORDER BY l.position"
)


def open_article(page, site):
    site.login(page)
    page.goto(f"{site.url}/admin/articles/article/{site.article_id}/change/")
    expect(page.locator(".see-also-rows > li")).to_have_count(len(stored(site)))
    page.locator(".ProseMirror[aria-label]").first.wait_for()


def stored(site):
    return [title for (title,) in site.rows(LINKS, site.article_id)]


def save(page):
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator(".messagelist .success").wait_for()


def titles(page):
    return page.locator(".see-also-rows > li .see-also-title").all_inner_texts()


def status(page):
    return page.locator(".see-also-tool > .see-also-status").last


def row(page, number):
    return page.locator(".see-also-rows > li").nth(number - 1)


def test_the_page_with_its_links_is_sent_back_unchanged(page, site):
    open_article(page, site)
    before = stored(site)
    assert titles(page) == before
    save(page)
    assert stored(site) == before


def test_a_keyboard_moves_a_row_and_keeps_its_place(page, site):
    open_article(page, site)
    before = stored(site)
    total = len(before)
    down = row(page, 2).get_by_role("button", name="Down")
    down.focus()
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text(f"{before[1]} moved to position 3 of {total}")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Move {before[1]} down"
    page.keyboard.press("Space")
    assert titles(page)[3] == before[1]
    assert page.evaluate("document.activeElement.closest('li').position.value") == "4"

    row(page, 4).get_by_label("Position of").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(str(total))
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text(f"{before[1]} moved to position {total} of {total}")
    assert page.evaluate("document.activeElement.closest('li').row.title") == before[1]
    save(page)
    expected = [title for title in before if title != before[1]] + [before[1]]
    assert stored(site) == expected


def test_the_first_row_can_not_go_up_and_says_so(page, site):
    open_article(page, site)
    up = row(page, 1).get_by_role("button", name="Up")
    expect(up).to_have_attribute("aria-disabled", "true")
    up.press("Enter")
    expect(status(page)).to_contain_text("stays at position 1")
    expect(up).to_be_focused()


def test_a_row_is_dragged_to_another_place_and_escape_leaves_it(page, site):
    open_article(page, site)
    before = titles(page)

    def drag(end):
        grip = row(page, 1).locator(".see-also-grip")
        grip.scroll_into_view_if_needed()
        start, target = grip.bounding_box(), row(page, 5).bounding_box()
        page.mouse.move(start["x"] + 5, start["y"] + 5)
        page.mouse.down()
        page.mouse.move(target["x"] + 40, target["y"] + target["height"] - 4, steps=5)
        end()

    drag(lambda: page.keyboard.press("Escape"))
    page.mouse.up()
    assert titles(page) == before
    drag(page.mouse.up)
    assert titles(page) == [*before[1:5], before[0], *before[5:]]
    expect(status(page)).to_contain_text("moved to position 5")


def test_a_page_is_found_as_its_title_is_typed_and_put_where_it_belongs(page, site):
    open_article(page, site)
    box = page.get_by_role("combobox", name="Add a topic or article")
    page.get_by_label("At position").fill("3")
    box.press_sequentially("hospice care", delay=10)
    found = page.locator(".see-also-results [role=option]").first
    found.wait_for()
    assert "hospice care" in found.inner_text().lower()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "id_see_also_results_0")
    box.press("Enter")
    assert "hospice care" in titles(page)[2].lower()
    expect(status(page)).to_contain_text("added at position 3")
    expect(box).to_be_focused()
    expect(page.get_by_label("At position")).to_have_value("4")


def test_a_pasted_list_of_titles_is_added_in_its_order_and_asks_what_is_unclear(page, site):
    open_article(page, site)
    before = len(titles(page))
    pasted = "Bone scan\nMRI\nNo such page"
    page.get_by_role("combobox", name="Add a topic or article").evaluate(
        """(box, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            box.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        pasted,
    )
    expect(page.locator(".see-also-rows > li")).to_have_count(before + 3)
    assert titles(page)[before:] == ["Bone scan", "MRI", "No such page"]
    expect(row(page, before + 1)).to_contain_text("listed twice")
    expect(row(page, before + 3)).to_contain_text("not found in the library")
    row(page, before + 2).get_by_role("button", name="MRI (Video)").click()
    expect(row(page, before + 2)).to_contain_text("Video")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".field-see_also .errorlist")).to_contain_text(
        f"Row {before + 3}: Nothing in the library is called “No such page”."
    )
    assert titles(page)[before:] == ["Bone scan", "MRI", "No such page"]  # nothing that was done is lost


def test_a_removed_row_can_be_put_back(page, site):
    open_article(page, site)
    before = titles(page)
    row(page, 2).get_by_role("button", name="Remove").click()
    assert titles(page) == [before[0], *before[2:]]
    expect(row(page, 2).get_by_role("button", name="Remove")).to_be_focused()
    page.get_by_role("button", name="Undo the removal").click()
    assert titles(page) == before


def test_a_web_address_is_added_with_its_words_and_edited(page, site):
    open_article(page, site)
    page.get_by_text("Add a web address").click()
    page.get_by_label("The link says").fill("Evil")
    page.get_by_label("Web address", exact=True).last.fill("javascript:alert(1)")
    page.get_by_role("button", name="Add this address").click()
    expect(page.locator(".see-also-status").first).to_contain_text("starts with https://")
    page.get_by_label("Web address", exact=True).last.fill("https://www.cancer.gov/")
    page.keyboard.press("Enter")
    last = page.locator(".see-also-rows > li").last
    expect(last).to_contain_text("https://www.cancer.gov/")
    last.get_by_role("button", name="Edit").click()
    last.get_by_label("The link says").fill("National Cancer Institute")
    page.keyboard.press("Enter")
    save(page)
    assert stored(site)[-1] == "National Cancer Institute"


def test_500_rows_move_at_once(page, site):
    open_article(page, site)
    milliseconds = page.evaluate(
        """() => {
            const rows = Array.from({length: 500}, (_, n) => ({topic: n + 1, title: `Topic ${n}`, kind: "Test"}));
            document.querySelector("[data-see-also]").dispatchEvent(new CustomEvent("see-also:add", {detail: {rows}}));
            const started = performance.now();
            document.querySelector(".see-also-rows > li").nextSibling.buttons[0].click();
            return performance.now() - started;
        }"""
    )
    assert milliseconds < 500


def test_without_script_a_text_area_does_the_job(browser, page, site):
    site.login(page)
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{site.url}/admin/articles/article/{site.article_id}/change/")
    area = plain.locator("textarea[name=see_also]")
    lines = area.input_value().splitlines()
    assert len(lines) == len(stored(site))
    before = stored(site)
    area.fill("\n".join([lines[-1], *lines[:-1]]))
    plain.get_by_role("button", name="Save and continue editing").click()
    plain.locator(".messagelist .success").wait_for()
    assert stored(site) == [before[-1], *before[:-1]]
    context.close()


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal>Ask about:</p>
<p class=MsoListParagraphCxSpFirst style='margin-left:.5in;text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Pain <b>relief</b><o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:1.0in;text-indent:-.25in;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='font-family:"Courier New";mso-list:Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Medicines<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='margin-left:.5in;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span><![endif]>Or sleep<o:p></o:p></p>
<p class=MsoNormal>Then:</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span><![endif]>Call</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><![if !supportLists]><span style='mso-list:Ignore'>2.<span>&nbsp; </span></span><![endif]>Wait</p>
<!--EndFragment--></body></html>"""


GOOGLE_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr" style="line-height:1.38;">
<span style="font-size:11pt;font-weight:400;">Plain, </span><span style="font-weight:700;">bold</span><span style="font-style:italic;"> and slanted</span></p></b>"""


def paste_into_new_section(page, html):
    page.get_by_role("button", name="Add another Section").click()
    editor = page.locator(".ProseMirror[role=textbox]").last
    expect(editor).to_have_attribute("aria-label", "Text")
    editor.click()
    editor.evaluate(
        """(area, html) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/html", html);
            area.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        html,
    )


@pytest.mark.parametrize(
    ("html", "stored_body"),
    [
        (
            WORD,
            "<p>Ask about:</p>"
            "<ul><li>Pain <strong>relief</strong><ul><li>Medicines</li></ul></li><li>Or sleep</li></ul>"
            "<p>Then:</p><ol><li>Call</li><li>Wait</li></ol>",
        ),
        (GOOGLE_DOCS, "<p>Plain, <strong>bold</strong><em> and slanted</em></p>"),
    ],
    ids=["Word", "Google Docs"],
)
def test_text_pasted_from_elsewhere_keeps_its_lists_and_marks(page, site, html, stored_body):
    open_article(page, site)
    paste_into_new_section(page, html)
    page.locator("[id^=id_sections-][id$=-heading]:visible").last.fill("Pasted")
    save(page)
    *_, (body,) = site.rows("SELECT body FROM articles_section WHERE heading = 'Pasted' ORDER BY id")
    assert body == stored_body


def test_the_toolbar_works_from_the_keyboard_and_says_what_is_pressed(page, site):
    open_article(page, site)
    editor = page.locator(".ProseMirror[role=textbox]").first
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    bold = page.get_by_role("toolbar").first.get_by_role("button", name="bold")
    bold.focus()
    page.keyboard.press("Enter")
    expect(bold).to_have_attribute("aria-pressed", "true")
    expect(editor.locator("strong").first).to_be_visible()


def test_the_focus_can_be_seen_in_the_editor(page, site):
    open_article(page, site)
    editor = page.locator(".ProseMirror[role=textbox]").first
    editor.focus()
    assert editor.evaluate("area => getComputedStyle(area).outlineWidth") == "3px"


def test_two_tabs_save_the_same_article_and_nothing_is_lost(page, site):
    open_article(page, site)
    before = site.rows("SELECT title, deck FROM articles_article WHERE id = ?", site.article_id)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Summary").fill("The summary of the first tab.")
    save(other)
    other.close()
    page.get_by_role("textbox", name="Title:").fill("The title of the second tab")
    page.get_by_label("Summary").fill("The summary of the second tab.")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Your text is not saved yet, and nothing of it is lost.")).to_be_visible()
    problems = in_both_schemes(page, "conflict")
    page.set_viewport_size({"width": 320, "height": 640})
    assert not page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    assert problems == []
    clash = page.get_by_role("group", name="Summary")
    expect(clash.get_by_role("radio").first).to_be_checked()
    clash.get_by_label("Your text").check()
    page.get_by_role("button", name="Save both changes").click()
    page.locator(".messagelist .info").wait_for()
    after = site.rows("SELECT title, deck FROM articles_article WHERE id = ?", site.article_id)
    assert after == [("The title of the second tab", "The summary of the second tab.")]

    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Restore version 1", exact=True).click()
    page.get_by_role("button", name="Restore").click()
    page.locator(".messagelist .success").wait_for()
    assert site.rows("SELECT title, deck FROM articles_article WHERE id = ?", site.article_id) == before


ADDRESSES = [
    "",
    "articles/",
    "articles/article/",
    "articles/article/?live=yes&q=cancer",
    "articles/article/?state=published",
    "articles/article/add/",
    "articles/article/{article}/change/",
    "articles/article/{article}/history/",
    "articles/article/{article}/history/1/restore/",
    "articles/article/{article}/compare/",
    "articles/article/{article}/compare/?from=1&to=now",
    "articles/article/{article}/publish/",
    "articles/article/{draft}/submit/",
    "articles/article/{draft}/publish-unsigned/",
    "articles/article/{draft}/sign-off/",
    "articles/article/{draft}/archive/",
    "articles/article/{article}/set-end/",
    "articles/article/{article}/withdraw/",
    "articles/topic/",
    "articles/topic/?p=2",
    "articles/topic/add/",
    "articles/topic/1/change/",
    "articles/topic/1/withdraw/",
    "articles/topic/1/bring-back/",
    "review-desk/",
    "review-desk/?list=overdue&owner=nobody",
    "review-desk/planner/?weeks=156",
    "review-desk/calendar/?month=2026-12",
    "review-desk/handover/",
    "review-desk/reviewers/",
    "articles/absence/",
    "articles/absence/add/",
    "articles/reviewrequest/",
    "articles/reviewrequest/add/",
    "articles/linkcheck/",
    "articles/withdrawnsource/",
    "articles/withdrawnsource/add/",
    "articles/policy/",
    "articles/policy/add/",
    "articles/policy/apply/",
    "articles/article/{article}/set-risk-class/",
    "articles/riskclass/",
    "articles/riskclass/add/",
    "articles/mail/",
    "articles/scheduledact/",
    "articles/auditentry/",
    "articles/review/",
    "articles/review/add/?article={article}",
    "articles/edition/",
    "articles/edition/1/change/",
    "articles/redirect/",
    "articles/tag/",
    "articles/tag/1/change/",
    "articles/tag/{unused_tag}/delete/",
    "password_change/",
    "auth/user/",
    "auth/user/1/change/",
    "auth/user/add/",
    "auth/group/add/",
]


def test_every_admin_page_passes_axe_and_fits_a_phone(page, site):
    page.goto(f"{site.url}/admin/login/")
    problems = in_both_schemes(page, "login")
    site.login(page)
    unused = "SELECT min(id) FROM articles_tag WHERE id NOT IN (SELECT tag_id FROM articles_edition_tags)"
    ids = {"article": site.article_id, "unused_tag": site.rows(unused)[0][0], "draft": a_draft(page, site)}
    for address in ADDRESSES:
        response = page.goto(f"{site.url}/admin/{address.format(**ids)}")
        assert response.status == 200, address
        problems += in_both_schemes(page, address)
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"):
            problems.append(f"{address}: wider than 320 pixels")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert problems == []


def a_draft(page, site) -> int:
    """An article that is published and has been changed since."""
    page.goto(f"{site.url}/admin/articles/article/{site.article_id}/change/")
    page.get_by_label("Summary").fill(f"Another summary, {len(stored(site))} links.")
    save(page)
    return site.article_id


# The editors are made after the page has loaded; the last they get is the role of their toolbar.
EDITORS_ARE_MADE = """() => document.readyState === 'complete'
    && [...document.querySelectorAll('textarea[data-django-prose-editor-configurable]')]
        .filter(e => !e.name.includes('__prefix__'))
        .every(e => e.closest('.prose-editor')?.querySelector('[role=toolbar]'))"""


def in_both_schemes(page, name) -> list[str]:
    """What axe finds on the page that is open, in light and in dark, without loading it anew."""
    page.emulate_media(color_scheme="dark")
    problems = check(page, f"{name}, dark", rules=AXE_COLOURS)
    page.emulate_media(color_scheme="light")
    return problems + check(page, f"{name}, light")


def check(page, name, *, rules=()) -> list[str]:
    page.wait_for_function(EDITORS_ARE_MADE)
    return [f"{name}: {line}" for line in found_by_axe(page, rules=rules)]
