"""Real files are dirty. Each case is handled, or reported with its line and what to do."""

from datetime import date

import pytest

from articles.importing.decoding import NotAPage
from articles.kinds import Kind
from tests.page_texts import PAGE, a_page, messages, read


def test_a_clean_page_is_read_without_a_word_of_complaint():
    page = read(PAGE)
    assert (page.title, page.deck) == ("Coping with nausea", "Small changes to meals can help.")
    assert [(section.heading, section.html) for section in page.sections] == [
        (
            "",
            "<p>Chemotherapy can make you feel sick. Medicine helps most people, and so do small meals through the day.</p>",
        ),
        (
            "Eating",
            "<p>Eat little and often. Cold food smells less than warm food, so many people find it easier.</p>"
            "<ul><li>Dry toast</li><li>Ginger tea</li></ul>",
        ),
    ]
    assert (page.stated_on, page.kind) == (date(2021, 6, 29), Kind.IN_DEPTH)
    assert [(link.title, link.line) for link in page.links] == [("Chemotherapy", 18), ("MRI", 19), ("MRI", 20)]
    assert page.findings == []


@pytest.mark.parametrize(
    "dirt",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace(" ", "\u00a0").encode(),
        lambda text: text.replace("Coping", "Cop\u00ading").replace("June", "\u200bJune").encode(),
        lambda text: text.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").encode(),
        lambda text: text.replace("\n", "   \n").encode(),
        lambda text: ("\n\n\n" + text + "\n\n").encode(),
        lambda text: text.encode("utf-16"),
    ],
    ids=[
        "CRLF",
        "CR",
        "byte-order mark",
        "no-break spaces",
        "invisible characters",
        "ligatures",
        "trailing spaces",
        "empty lines",
        "UTF-16",
    ],
)
def test_dirt_of_other_programs_changes_nothing(dirt):
    text = PAGE.replace("Cold food", "Difficult, fine and flat cold food")
    clean, dirty = read(text), read(dirt(text))
    assert dirty.title == clean.title
    assert dirty.deck == clean.deck
    assert [(section.heading, section.html) for section in dirty.sections] == [
        (section.heading, section.html) for section in clean.sections
    ]
    assert (dirty.stated_on, dirty.kind) == (clean.stated_on, clean.kind)
    assert [link.title for link in dirty.links] == [link.title for link in clean.links]


def test_windows_1252_is_read_and_reported():
    page = read(PAGE.replace("Dry toast", "Crème brûlée — “cold”").encode("cp1252"))
    assert "<li>Crème brûlée — “cold”</li>" in page.sections[1].html
    assert "Windows-1252" in messages(page)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "it is empty"),
        (b"  \r\n\r\n \t", "it is empty"),
        (b"%PDF-1.7\x00\x01\x02", "no text file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text file"),
        (b"Title\n\nA bell \x07 rings here.", "control characters"),
        (b"Home\nMenu\n\nSearch\n\nLog in\n\nContact us\n", "no paragraph"),
        (b"Only a title", "no paragraph"),
        (b"Title\n\nSee also\n\n  1. MRI\n", "no paragraph"),
        (("x" * 201 + "\n\nText follows here.").encode(), "line 1 should be the title"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"T\n\nText is here, with dots.\n\nSee also\n\n  1. " + b"y" * 201, "line 7 of the see-also list"),
    ],
)
def test_what_is_no_page_is_refused_with_the_reason(raw, reason):
    with pytest.raises(NotAPage, match=reason):
        read(raw)


def test_a_line_of_4000_characters_is_one_paragraph():
    line = ("Rest when you can. " * 220).strip()
    assert len(line) > 4_000
    page = read(a_page(body=f"Sleep matters a lot. It helps the body to mend.\n\n{line}"))
    assert f"<p>{line}</p>" in page.sections[0].html


@pytest.mark.parametrize("bullet", ["*", "-", "•", "–", "·", "▪", "◦", "●", "‣", "+", "\uf0b7"])
def test_bullets_of_every_kind_make_a_list(bullet):
    page = read(
        a_page(
            body=f"These help most people:\n\n  {bullet} Dry toast\n  {bullet} Ginger tea that has\n    cooled down\n\nAsk your nurse first. She knows you."
        )
    )
    assert "<ul><li>Dry toast</li><li>Ginger tea that has cooled down</li></ul>" in page.sections[0].html


def test_numbered_lists_keep_their_numbers_and_nested_items_their_place():
    body = (
        "Take these steps in order:\n\n  1. Sit down.\n  2. Breathe:\n     - in\n     - out\n\n  3. Stand up.\n\n"
        "Later, go on with these:\n\n  5) Walk.\n  6) Rest."
    )
    html = read(a_page(body=body)).sections[0].html
    assert "<ol><li>Sit down.</li><li>Breathe:<ul><li>in</li><li>out</li></ul></li><li>Stand up.</li></ol>" in html
    assert '<ol start="5"><li>Walk.</li><li>Rest.</li></ol>' in html


def test_a_heading_inside_a_list_is_kept_as_a_heading_and_reported():
    body = (
        "These help most people:\n\n  * Dry toast\nDrinks\n  * Ginger tea\n\nAsk your nurse. She knows what else helps."
    )
    page = read(a_page(body=body))
    assert page.sections[1].heading == "Drinks"
    assert "<ul><li>Dry toast</li></ul>" in page.sections[0].html
    assert page.sections[1].html.startswith("<ul><li>Ginger tea</li></ul>")
    assert "line 8: “Drinks” interrupts a list" in messages(page)


def test_hard_wrapped_lines_are_one_paragraph():
    page = read(
        a_page(
            body="Chemotherapy can make you feel sick,\nand tired as well, for some\ndays. It passes.\n\nRest helps. Sleep does too."
        )
    )
    assert page.sections[0].html.startswith(
        "<p>Chemotherapy can make you feel sick, and tired as well, for some days. It passes.</p>"
    )


def test_a_heading_right_above_its_text_is_found():
    text = "Eat little and often, and drink between meals rather than with them, because a full stomach feels worse."
    page = read(a_page(body=f"Feeling sick is common. It passes.\n\nMeals\n{text}"))
    assert (page.sections[1].heading, page.sections[1].html) == ("Meals", f"<p>{text}</p>")


def test_a_heading_under_a_heading_becomes_a_smaller_one():
    page = read(a_page(body="It is common. It passes.\n\nMeals\n\nBreakfast\n\nEat toast. Drink water."))
    assert (page.sections[1].heading, page.sections[1].html) == (
        "Meals",
        "<h3>Breakfast</h3><p>Eat toast. Drink water.</p>",
    )


def test_without_a_deck_the_first_paragraph_stays_in_the_text():
    lead = (
        "Chemotherapy can make you feel sick. Medicine helps. So do small meals. Ask your nurse what else you can do."
    )
    page = read(a_page(deck="", body=f"{lead}\n\nRest helps. Sleep does too."))
    assert page.deck == ""
    assert page.sections[0].html.startswith(f"<p>{lead}</p>")
    assert "no one-line summary" in messages(page)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("June 29, 2021 See more In-depth", date(2021, 6, 29)),
        ("June 29, 2021", date(2021, 6, 29)),
        ("May. 19, 2012", date(2012, 5, 19)),
        ("Sept. 3rd, 2020", date(2020, 9, 3)),
        ("29 June 2021", date(2021, 6, 29)),
        ("2021-06-29", date(2021, 6, 29)),
        ("06/29/2021", date(2021, 6, 29)),
        ("29.06.2021", date(2021, 6, 29)),
        ("05/05/2021", date(2021, 5, 5)),
        ("Published: June 29, 2021", date(2021, 6, 29)),
        ("Published on June 29, 2021", date(2021, 6, 29)),
        ("February 29, 2024", date(2024, 2, 29)),
    ],
)
def test_a_date_line_states_the_day(line, day):
    assert read(a_page(date_line=line)).stated_on == day


@pytest.mark.parametrize(
    ("line", "report"),
    [
        (
            "06/07/2021",
            "line 9: the date “06/07/2021” can be read two ways (June 7 or July 6, 2021). Write the month in letters",
        ),
        ("6/29/21", "no full year"),
        ("June 2021", "names no day"),
        ("February 30, 2021", "no day of the calendar"),
        ("November 23, 2026", "in the future"),
        ("Updated June 29, 2021", "“Updated June 29, 2021” is not the day of publication"),
        ("", "no date is printed"),
    ],
)
def test_a_date_that_is_not_certain_is_reported_and_not_guessed(line, report):
    page = read(a_page(date_line=line))
    assert page.stated_on is None
    assert report in messages(page)


def test_two_different_days_leave_the_date_empty():
    page = read(a_page(date_line="June 29, 2021\n\nJuly 1, 2022 See more In-depth"))
    assert page.stated_on is None
    assert "two days are printed: June 29, 2021 (line 9) and July 1, 2022 (line 11)" in messages(page)


def test_a_date_glued_to_the_last_paragraph_is_taken_off_it():
    body = "Feeling sick is common. It passes.\n\nTalk to your care team. June 29, 2021 See more In-depth"
    page = read(a_page(body=body, date_line=""))
    assert (page.stated_on, page.kind) == (date(2021, 6, 29), Kind.IN_DEPTH)
    assert page.sections[0].html.endswith("<p>Talk to your care team.</p>")
    assert "taken from the end of the paragraph" in messages(page)


def test_a_day_of_access_in_a_reference_is_not_the_date_of_the_page():
    end = (
        "References\n\n  1. Temel JS, et al. Early palliative care. N Engl J Med. 2010;363:733-742. doi:10.1056/NEJMoa1000678.\n"
        "  2. Ginger. National Center. https://www.nccih.nih.gov/health/ginger. Accessed June 3, 2020.\n\nSee also\n\n  1. MRI"
    )
    page = read(a_page(date_line="", end=end))
    assert page.stated_on is None
    first, second = page.citations
    assert (first.year, first.doi, first.accessed_on) == (2010, "10.1056/NEJMoa1000678", None)
    assert (second.year, second.url, second.accessed_on) == (
        None,
        "https://www.nccih.nih.gov/health/ginger",
        date(2020, 6, 3),
    )
    assert second.text.endswith("Accessed June 3, 2020.")
    assert [link.title for link in page.links] == ["MRI"]


def test_numbered_references_without_a_heading_are_recognised():
    end = "  1. Temel JS, et al. N Engl J Med. 2010;363:733.\n  2. Bower JE. Nat Rev. 2014;11:597. doi:10.1038/x.\n\nSee also\n\n  1. MRI"
    page = read(a_page(date_line="", end=end))
    assert len(page.citations) == 2
    assert "read as the references" in messages(page)


@pytest.mark.parametrize("byline", ["By Mayo Clinic Staff", "By Ana Ruiz, RN", "Medically reviewed by J. K. Obi, M.D"])
def test_a_byline_is_left_out_and_reported(byline):
    page = read(a_page(title=f"Coping with nausea\n{byline}"))
    assert page.title == "Coping with nausea"
    assert byline not in "".join(section.html for section in page.sections) + page.deck
    assert f"the byline “{byline}” was left out" in messages(page)


def test_a_sentence_that_starts_with_by_is_no_byline():
    page = read(a_page(body="By morning most people feel better.\n\nRest helps. Sleep does too."))
    assert "By morning most people feel better." in page.sections[0].html


def test_an_empty_see_also_is_reported():
    page = read(a_page(end="See also\n"))
    assert page.links == []
    assert "without a title below it" in messages(page)


def test_the_page_does_not_link_to_itself():
    page = read(a_page(end="See also\n\n  1. MRI\n  2. Coping with nausea\n  3. X-ray"))
    assert [link.title for link in page.links] == ["MRI", "X-ray"]
    assert "names the page itself" in messages(page)


def test_titles_without_numbers_are_titles_and_strange_lines_among_numbers_are_reported():
    assert [link.title for link in read(a_page(end="See also\n\nMRI\nX-ray\n3D mammogram")).links] == [
        "MRI",
        "X-ray",
        "3D mammogram",
    ]
    page = read(a_page(end="See also\n\n  1. MRI of the\n     whole body\nVideos\n  2. X-ray"))
    assert [link.title for link in page.links] == ["MRI of the whole body", "X-ray"]
    assert "“Videos” has no number or bullet" in messages(page)


def test_a_paragraph_behind_the_list_is_kept_in_the_text():
    end = "See also\n\n  1. MRI\n\nThis page is for information only and does not replace the advice of the team that looks after you."
    page = read(a_page(end=end))
    assert page.sections[-1].html.endswith("the team that looks after you.</p>")
    assert [link.title for link in page.links] == ["MRI"]
    assert "behind the see-also list" in messages(page)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("Tests and procedures", Kind.TEST), ("expert answers", Kind.EXPERT_ANSWER), ("Videos", Kind.VIDEO)],
)
def test_see_more_names_the_kind(words, kind):
    assert read(a_page(date_line=f"See more {words}")).kind == kind


def test_an_unknown_kind_is_reported_with_the_known_ones():
    page = read(a_page(date_line="See more Recipes"))
    assert page.kind is None
    assert "“Recipes” is no kind that the library knows. Write one of: Conditions, Tests and procedures" in messages(
        page
    )


def test_markup_in_a_text_file_is_text():
    page = read(
        a_page(body="Use <b>bold</b> & more. <script>alert(1)</script> is text.\n\nRest helps. Sleep does too.")
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.sections[0].html


LEAD = "Chemotherapy can make you feel sick. Medicine helps most people."
LAST = "Rest helps too. Lie down after meals if you can."


@pytest.mark.parametrize(
    ("middle", "kept"),
    [
        (
            "It was approved in Europe and in the United States on\nMay 5, 2020\nfor adults. It is a pill.",
            "on May 5, 2020 for adults",
        ),
        ("Marathon 12, 2019", "Marathon 12, 2019"),
        ("March 3, 2019", "March 3, 2019"),
        ("Keep it cold and never let it freeze below\n- 5 degrees. It spoils.", "below - 5 degrees."),
        ("- 5 degrees is too cold for it.", "<p>- 5 degrees is too cold for it.</p>"),
        ("Llame si tiene náuseas\no vómitos que no paran. Es importante.", "náuseas o vómitos"),
        ("The study ran in ward\n12. That study was small. It helped.", "ward 12. That study"),
        ("– I thought it would never end, she said.\n\n— Ana, 54, lives in Lyon.", "– I thought it"),
        ("By Mouth", "By Mouth"),
        ("See more about meals", "See more about meals"),
        ("Talk to your nurse. See more advice on the next page", "See more advice on the next page"),
        ("Sources\n\nVitamin D comes from fish. The sun helps as well.", "Vitamin D comes from fish."),
    ],
)
def test_what_only_looks_like_a_date_a_list_or_a_byline_stays_in_the_text(middle, kept):
    page = read(a_page(body=f"{LEAD}\n\n{LAST}\n\n{middle}\n\n{LAST}", date_line="June 29, 2021 See more In-depth"))
    text = "".join(f"{section.heading}{section.html}" for section in page.sections)
    assert kept in text
    assert (page.stated_on, page.kind, page.citations) == (date(2021, 6, 29), Kind.IN_DEPTH, [])


@pytest.mark.parametrize(
    "line", ["Date reviewed: June 29, 2021", "Last updated: June 29, 2021", "Next review due June 29, 2021"]
)
def test_other_dates_of_a_page_are_not_its_publication(line):
    page = read(a_page(date_line=f"{line}\n\nSee more In-depth"))
    assert page.stated_on is None
    assert "is not the day of publication" in messages(page)


@pytest.mark.parametrize(
    "ending", ["This page was last reviewed by J. Obi, M.D. June 29, 2021", "It was approved in the U.S. May 5, 2020"]
)
def test_a_date_that_may_belong_to_the_last_sentence_stays_there_and_is_reported(ending):
    page = read(a_page(body=f"{LEAD}\n\n{ending}", date_line=""))
    assert page.stated_on is None
    assert ending in page.sections[0].html
    assert "give it a line of its own" in messages(page)


def test_wrapped_references_stay_whole():
    end = (
        "References\n\n  1. Temel JS, et al. Early care. N Engl J Med. 2010;363(8):733-\n     742. doi:10.1056/NEJMoa1000678.\n"
        "  2. Ginger. NCCIH. https://www.nccih.nih.gov/health/ginger. Accessed\n     June 3, 2020.\n\n"
        "About this page\n\nOur nurses wrote it. They would like to hear from you.\n\nJune 29, 2021"
    )
    page = read(a_page(date_line="", end=end))
    assert len(page.citations) == 2
    assert page.citations[0].doi == "10.1056/NEJMoa1000678"
    assert page.citations[1].accessed_on == date(2020, 6, 3)
    assert page.sections[-1].heading == "About this page"
    assert page.stated_on == date(2021, 6, 29)


def test_text_behind_a_see_also_box_goes_back_into_the_text():
    page = read(
        a_page(
            body=LEAD,
            date_line="",
            end=f"See also\n* Ginger\n* Peppermint\n\nMeals\n\nEat little. Drink often.\n\n{LAST}\n\nJune 29, 2021",
        )
    )
    assert [link.title for link in page.links] == ["Ginger", "Peppermint"]
    assert (page.sections[-1].heading, page.stated_on) == ("Meals", date(2021, 6, 29))
    assert "Eat little. Drink often." in page.sections[-1].html


def test_two_pages_in_one_file_are_refused():
    with pytest.raises(NotAPage, match=r"is a second “See also”. Put each page into a file of its own"):
        read(PAGE + "\n" + PAGE)


def test_a_title_on_two_lines_is_one_title():
    page = read(a_page(title="Living with\nmetastatic breast cancer"))
    assert page.title == "Living with metastatic breast cancer"
    assert "read from two lines" in messages(page)


def test_lines_too_long_for_wrapping_are_paragraphs_of_their_own():
    long = "Eat little and often, and drink between meals rather than with them, because a full stomach makes it worse."
    page = read(f"Coping\n\n{LEAD}\n{long}\nMeals\n{long} Again.\n\n{LAST}")
    assert [section.heading for section in page.sections] == ["", "Meals"]


def test_a_menu_above_the_title_is_refused_with_advice():
    with pytest.raises(NotAPage, match="Delete the lines above the title"):
        read("Skip to main content\n\n" + PAGE)


def test_a_damaged_character_is_refused_and_not_made_worse():
    with pytest.raises(NotAPage, match="line 5 holds a damaged character"):
        read("Crème brûlée\n\nÇa va très bien.\n\nBad ".encode() + b"\xff byte. And more text here.")


def test_lists_in_lists_go_six_deep_at_most():
    body = LEAD + "\n\n" + "\n".join(" " * depth + f"* level {depth}" for depth in range(1, 1500))
    assert read(a_page(body=body)).sections[0].html.count("<ul>") == 6


@pytest.mark.parametrize("line", ["ſept 3, 2020", "June 3, 0021", "29 de junio de 2021"])
def test_strange_dates_state_nothing(line):
    assert read(a_page(date_line=line)).stated_on is None


def test_the_place_in_the_list_counts_lines_that_are_left_out():
    page = read(a_page(end="See also\n\n  1. Coping with nausea\n  2. CT scan\n  3. CT scan"))
    assert [(link.title, link.position) for link in page.links] == [("CT scan", 2), ("CT scan", 3)]
