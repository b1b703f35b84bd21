"""What an approver is shown of a change: words, targets, order, and the changes that can hurt."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.comparing.comparison import compare
from articles.comparing.lists import Change, Entry, compare_lists
from articles.comparing.text import Piece, Row, compare_lines, lines_of, word_pieces
from articles.comparing.warnings import warnings_between

VERSION = {
    "title": "Coping with nausea",
    "deck": "What helps.",
    "kind": "in_depth",
    "is_sample": False,
    "sections": [
        {"anchor": "introduction", "heading": "", "body": "<p>Take 5 mg twice a day.</p><p>Rest.</p><p>Sleep.</p>"},
        {"anchor": "meals", "heading": "Meals", "body": '<p>See <a href="/topics/ginger/">ginger</a>.</p>'},
    ],
    "references": [
        {
            "text": "Temel 2010",
            "doi": "10.1/x",
            "pmid": "",
            "url": "",
            "address": "https://doi.org/10.1/x",
            "year": 2010,
            "accessed_on": None,
        }
    ],
    "links": [{"label": f"Topic {n}", "kind": "test", "topic": n, "article": None, "url": ""} for n in range(1, 100)],
    "about": [{"topic": 1, "title": "Topic 1"}],
    "tags": [{"name": "nausea", "slug": "nausea"}],
}


def changed(change, **more) -> dict:
    version = {**deepcopy(VERSION), **more}
    change(version)
    return version


def test_html_is_read_as_lines_with_the_targets_of_links():
    html = '<p>See <a href="/a">this <strong>now</strong></a>.</p><h3>More</h3><ul><li>One<ul><li>Sub</li></ul></li></ul><table><tr><th>A</th><td>B</td></tr></table>'
    assert lines_of(html) == ["See this **now** [/a].", "# More", "• One", "• Sub", "| A | B"]


def test_words_that_changed_stand_beside_words_that_stayed():
    assert word_pieces("Take 5 mg daily.", "Take 0.5 mg daily.") == (
        Piece("same", "Take "),
        Piece("removed", "5"),
        Piece("added", "0.5"),
        Piece("same", " mg daily."),
    )


def test_a_line_that_was_rewritten_is_shown_twice_and_whole():
    before, after = "Ginger may ease nausea a little.", "Ask your nurse which medicine suits you best."
    assert word_pieces(before, after) == (Piece("removed", before), Piece("added", after))


def test_unchanged_lines_are_folded():
    assert compare_lines(["a", "b", "c one two three", "d"], ["a", "b", "c one two four", "d"]) == [
        Row(folded=2),
        Row((Piece("same", "c one two "), Piece("removed", "three"), Piece("added", "four"))),
        Row(folded=1),
    ]


def test_a_link_that_leads_elsewhere_under_the_same_words_is_a_change():
    after = changed(lambda v: v["sections"][1].update(body='<p>See <a href="/topics/poison/">ginger</a>.</p>'))
    (part,) = compare(VERSION, after).parts
    assert part.heading == "Meals"
    assert [piece for row in part.rows for piece in row.pieces if piece.state != "same"] == [
        Piece("removed", "[/topics/ginger/]"),
        Piece("added", "[/topics/poison/]"),
    ]


def test_moving_the_last_of_99_to_the_top_is_one_move():
    after = changed(lambda v: v["links"].insert(0, v["links"].pop()))
    comparison = compare(VERSION, after)
    assert comparison.parts[0].changes == (Change("moved", "Topic 99", 99, 1),)
    assert comparison.summary == "1 related topic moved"


def test_the_line_that_sums_up():
    def change(version):
        version["sections"][0]["body"] = "<p>Take 0.5 mg.</p>"
        version["sections"][1]["heading"] = "Food"
        links = version["links"]
        links[:] = [links[50], links[60], links[70], *[link for n, link in enumerate(links) if n not in {50, 60, 70}]]
        links.append({"label": "New", "kind": "test", "topic": 500, "article": None, "url": ""})

    assert compare(VERSION, changed(change)).summary == "2 sections changed, 1 related topic added, 3 moved"


@pytest.mark.parametrize(
    ("change", "heading", "summary"),
    [
        (lambda v: v.update(title="Living with nausea"), "Title", "title changed"),
        (lambda v: v.update(deck=""), "Summary", "summary changed"),
        (lambda v: v.update(kind="video"), "Kind", "kind changed"),
        (lambda v: v["sections"].pop(), "Meals", "1 section removed"),
        (lambda v: v["sections"].reverse(), "Meals", "1 section moved"),
        (lambda v: v["references"][0].update(accessed_on="2020-06-03"), "References", "1 reference changed"),
        (lambda v: v["links"][3].update(label="Other words"), "See also", "1 related topic changed"),
        (lambda v: v["tags"].append({"name": "food", "slug": "food"}), "Tags", "1 tag added"),
        (lambda v: v["about"].clear(), "About", "1 topic removed"),
        (lambda v: v.update(is_sample=True), "Sample text", "marked or unmarked as sample text"),
        (lambda v: v.update(slug="nausea"), "Address", "address changed"),
    ],
)
def test_every_part_of_a_page_is_compared(change, heading, summary):
    comparison = compare({**VERSION, "slug": "coping-with-nausea"}, changed(change, slug="coping-with-nausea"))
    assert heading in [part.heading for part in comparison.parts]
    assert comparison.summary == summary


def test_an_address_that_one_version_does_not_know_is_no_change():
    assert not compare(VERSION, {**VERSION, "slug": "nausea"})
    assert not compare({**VERSION, "slug": "nausea"}, VERSION)


def test_before_the_first_version_everything_is_new_and_no_number_has_changed():
    comparison = compare(None, VERSION)
    headings = ["Title", "Summary", "Kind", "Introduction", "Meals", "See also", "References", "About", "Tags"]
    assert [part.heading for part in comparison.parts] == headings
    assert {piece.state for part in comparison.parts for row in part.rows for piece in row.pieces} == {"added"}
    assert {change.what for part in comparison.parts for change in part.changes} == {"added"}
    assert (comparison.summary, comparison.warnings) == ("all of it is new", [])


def test_what_is_equal_is_no_change():
    assert not compare(VERSION, deepcopy(VERSION))
    assert compare(VERSION, deepcopy(VERSION)).summary == "nothing changed"


@pytest.mark.parametrize(
    ("before", "after", "kind", "gone", "came"),
    [
        ("Take 0.5 mg daily.", "Take 5 mg daily.", "number", ("0.5 mg",), ("5 mg",)),
        ("Take 5 mg daily.", "Take 5 µg daily.", "number", ("5 mg",), ("5 µg",)),
        ("Wait 2 hours.", "Wait 2 days.", "number", ("2 hours",), ("2 days",)),
        ("Do not stop.", "Do stop.", "negation", ("do not",), ()),
        ("You can drive.", "You can't drive.", "negation", (), ("can't",)),
        ("Call your team.", "Call your team right away.", "urgency", (), ("right away",)),
        ("Fever of 100.4 F", "Fever of 101.4 F", "number", ("100.4 f",), ("101.4 f",)),
    ],
)
def test_changes_that_can_hurt_are_called_out(before, after, kind, gone, came):
    (warning,) = [warning for warning in warnings_between([before], [after]) if warning.kind == kind]
    assert (warning.gone, warning.came) == (gone, came)


def test_moved_sentences_and_new_words_without_danger_call_nothing_out():
    assert warnings_between(["Take 5 mg.", "Rest well."], ["Rest very well.", "Take 5 mg."]) == []


entries = st.lists(st.integers(0, 12), max_size=14).map(lambda keys: [Entry(key, str(key)) for key in keys])


@given(entries, entries)
def test_the_changes_of_a_list_explain_the_new_list(before, after):
    """Take out what was removed or moved, put in what was added or moved: the new list, whatever the two were."""
    changes = compare_lists(before, after)
    out = {change.before for change in changes if change.what in {"removed", "moved"}}
    rest = [entry for place, entry in enumerate(before, start=1) if place not in out]
    come = sorted((change.after, change.words) for change in changes if change.what in {"added", "moved"})
    for place, words in come:
        rest.insert(place - 1, Entry(int(words), words))
    assert rest == after


lines = st.lists(st.text("ab .", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=8)


@given(lines, lines)
def test_the_pieces_of_a_text_hold_both_versions(before, after):
    def side(state):
        rows, old = [], iter(before)
        for row in compare_lines(before, after):
            if row.folded:
                rows += [next(old) for _ in range(row.folded)] if state == "removed" else ["="] * row.folded
            elif text := "".join(piece.text for piece in row.pieces if piece.state in {"same", state}):
                rows.append(text)
                if state == "removed":
                    next(old)
        return rows

    assert side("removed") == before
    assert len(side("added")) == len(after)
