"""Two saves from one version: what only one side changed is kept, and what both changed is asked."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.merging.paragraphs import blocks
from articles.merging.versions import Clash, merge
from tests.test_comparing import VERSION, changed


def link(number, label=""):
    return {"label": label or f"Topic {number}", "kind": "test", "topic": number, "article": None, "url": ""}


def section(anchor, body, heading=""):
    return {"anchor": anchor, "heading": heading or anchor.capitalize(), "body": body}


def reference(text, **fields):
    empty = {"text": text, "year": None, "doi": "", "pmid": "", "url": "", "address": "", "accessed_on": None}
    return {**empty, **fields}


def numbers(content):
    return [row["topic"] for row in content["links"]]


# What only one side changed


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.update(title="Living with nausea", deck="", kind="video", is_sample=True),
        lambda v: v["sections"][0].update(body="<p>Take 0.5 mg.</p>"),
        lambda v: v["sections"].reverse(),
        lambda v: v["sections"].pop(0),
        lambda v: v["sections"].insert(1, section("sleep", "<p>At night.</p>")),
        lambda v: v["references"].clear(),
        lambda v: v["references"][0].update(text="Temel, 2010"),
        lambda v: v["links"].insert(0, v["links"].pop()),
        lambda v: v["links"].reverse(),
        lambda v: v["links"].insert(50, deepcopy(v["links"][3])),  # listed twice
        lambda v: v["links"][3].update(label="Other words"),
        lambda v: v["tags"].append({"name": "sickness", "slug": "sickness"}),
        lambda v: v["about"].clear(),
    ],
)
def test_a_change_of_one_side_is_that_side(change):
    side = changed(change)
    for result in (merge(VERSION, side, VERSION), merge(VERSION, VERSION, side), merge(VERSION, side, side)):
        assert result.content == side
        assert result.clashes == []


def test_different_parts_go_together():
    mine = changed(lambda v: (v.update(title="New title"), v["sections"][0].update(body="<p>Take 4 mg.</p>")))
    theirs = changed(lambda v: (v.update(deck="New summary."), v["sections"][1].update(heading="Food")))
    result = merge(VERSION, mine, theirs)
    assert result.clashes == []
    assert (result.content["title"], result.content["deck"]) == ("New title", "New summary.")
    assert [s["heading"] for s in result.content["sections"]] == ["", "Food"]
    assert result.content["sections"][0]["body"] == "<p>Take 4 mg.</p>"


def test_different_paragraphs_of_one_section_go_together():
    mine = changed(lambda v: v["sections"][0].update(body="<p>Take 4 mg.</p><p>Rest.</p><p>Sleep.</p>"))
    theirs = changed(
        lambda v: v["sections"][0].update(
            heading="Lead", body="<p>Take 5 mg twice a day.</p><p>Rest.</p><p>Sleep well.</p><ul><li>Eat</li></ul>"
        )
    )
    result = merge(VERSION, mine, theirs)
    assert result.clashes == []
    assert result.content["sections"][0]["heading"] == "Lead"
    assert result.content["sections"][0]["body"] == (
        "<p>Take 4 mg.</p><p>Rest.</p><p>Sleep well.</p><ul><li>Eat</li></ul>"
    )


# Clashes


def test_one_paragraph_changed_by_both_is_a_clash_and_theirs_stands_until_chosen():
    mine = changed(lambda v: v["sections"][0].update(body="<p>Take 4 mg.</p><p>Rest.</p><p>Sleep.</p>"))
    theirs = changed(lambda v: v["sections"][0].update(body="<p>Take 0.5 mg.</p><p>Rest.</p><p>Sleep.</p>"))
    result = merge(VERSION, mine, theirs)
    assert result.clashes == [
        Clash(
            "sections:introduction",
            "Introduction",
            ("Take 4 mg.", "Rest.", "Sleep."),
            ("Take 0.5 mg.", "Rest.", "Sleep."),
        )
    ]
    assert result.content == theirs
    assert merge(VERSION, mine, theirs, {"sections:introduction": "mine"}).content == mine


def test_what_one_removed_and_the_other_changed_is_a_clash():
    mine = changed(lambda v: (v["sections"].pop(), v["links"].pop(3)))
    theirs = changed(lambda v: (v["sections"][1].update(heading="Food"), v["links"][3].update(label="Other")))
    result = merge(VERSION, mine, theirs)
    assert {clash.key: (clash.mine, clash.theirs[:1]) for clash in result.clashes} == {
        "sections:meals": ((), ("Food",)),
        "links:topic-4": ((), ("Other",)),
    }
    assert result.content == theirs
    assert merge(VERSION, mine, theirs, {clash.key: "mine" for clash in result.clashes}).content == mine


def test_a_link_that_both_moved_elsewhere_is_a_clash():
    mine = changed(lambda v: v["links"].insert(0, v["links"].pop(97)))
    theirs = changed(lambda v: v["links"].insert(49, v["links"].pop(97)))
    [clash] = merge(VERSION, mine, theirs).clashes
    assert (clash.heading, clash.mine, clash.theirs) == (
        "The place of “Topic 98” in the list",
        ("Number 1",),
        ("Number 50",),
    )
    assert merge(VERSION, mine, theirs).content == theirs
    assert merge(VERSION, mine, theirs, {clash.key: "mine"}).content == mine


def test_a_link_that_one_removed_and_the_other_moved_up_is_a_clash():
    mine = changed(lambda v: v["links"].pop(97))
    theirs = changed(lambda v: v["links"].insert(0, v["links"].pop(97)))
    [clash] = merge(VERSION, mine, theirs).clashes
    assert (clash.key, clash.heading) == ("links:topic-98", "Topic 98")
    assert (clash.mine, clash.theirs) == ((), ("Topic 98", "(moved to number 1)"))
    assert merge(VERSION, mine, theirs).content == theirs
    assert merge(VERSION, mine, theirs, {clash.key: "mine"}).content == mine
    [clash] = merge(VERSION, theirs, mine).clashes
    assert merge(VERSION, theirs, mine).content == mine
    assert merge(VERSION, theirs, mine, {clash.key: "mine"}).content == theirs


def test_a_section_that_one_removed_and_the_other_moved_is_a_clash():
    mine = changed(lambda v: v["sections"].pop(1))
    theirs = changed(lambda v: v["sections"].insert(0, v["sections"].pop(1)))
    [clash] = merge(VERSION, mine, theirs).clashes
    assert clash.theirs == ("Meals", "See ginger [/topics/ginger/].", "(moved to number 1)")
    assert merge(VERSION, mine, theirs, {clash.key: "mine"}).content == mine


def test_a_link_that_only_slid_is_removed_without_a_question():
    mine = changed(lambda v: v["links"].pop(97))
    theirs = changed(lambda v: v["links"].insert(0, v["links"].pop(50)))
    result = merge(VERSION, mine, theirs)
    assert (result.clashes, 98 in numbers(result.content)) == ([], False)


# The address


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged", "asked"),
    [
        ("a", "b", "a", "b", False),
        ("a", "a", "b", "b", False),
        ("a", "b", "b", "b", False),
        ("a", "b", "c", "c", True),
        (None, "b", "c", "c", True),  # nobody knows who changed it
        (None, "b", "b", "b", False),
        ("a", None, "c", "c", False),  # the text of an old version doesn't bring its address
        (None, None, "c", "c", False),
    ],
)
def test_an_address_is_merged_like_a_title_and_stays_where_mine_does_not_know_it(base, mine, theirs, merged, asked):
    sides = [{**VERSION, "slug": slug} if slug else VERSION for slug in (base, mine, theirs)]
    result = merge(*sides)
    assert (result.content["slug"], [clash.key for clash in result.clashes]) == (merged, ["slug"] * asked)
    if asked:
        assert merge(*sides, {"slug": "mine"}).content["slug"] == mine


def test_without_the_version_both_started_from_every_difference_is_asked():
    theirs = changed(lambda v: (v.update(title="Theirs"), v["links"].pop()))
    result = merge(None, VERSION, theirs)
    assert [clash.key for clash in result.clashes] == ["title", "links"]
    assert result.content == theirs
    assert merge(None, VERSION, theirs, {"title": "mine", "links": "mine"}).content == VERSION


# The ordered list


def test_additions_removals_and_moves_of_both_survive():
    base = changed(lambda v: v.update(links=[link(n) for n in range(1, 11)]))
    mine = deepcopy(base)
    mine["links"].insert(0, mine["links"].pop(9))  # 10 to the top
    mine["links"].remove(link(5))
    mine["links"].append(link(20))
    theirs = deepcopy(base)
    theirs["links"].insert(0, theirs["links"].pop(7))  # 8 to the top
    theirs["links"].remove(link(3))
    theirs["links"].insert(3, link(30))
    result = merge(base, mine, theirs)
    assert result.clashes == []
    assert sorted(numbers(result.content)) == [1, 2, 4, 6, 7, 8, 9, 10, 20, 30]
    assert set(numbers(result.content)[:2]) == {8, 10}
    assert numbers(result.content)[2:] == [1, 2, 30, 4, 6, 7, 9, 20]


def test_a_link_added_by_both_stands_once():
    mine = changed(lambda v: v["links"].append(link(500)))
    theirs = changed(lambda v: v["links"].insert(0, link(500)))
    assert numbers(merge(VERSION, mine, theirs).content).count(500) == 1


# References, tags and topics


def test_a_reference_that_both_rewrote_is_asked_and_not_doubled():
    base = changed(lambda v: v.update(references=[reference("Temel J and others. Early palliative care. 2010")]))
    mine, theirs = deepcopy(base), deepcopy(base)
    mine["references"] = [reference("Temel J and others. Early palliative care. NEJM 2010")]
    theirs["references"] = [
        reference("Temel J and others. Early palliative care. 2010", doi="10.1/x"),
        reference("New"),
    ]
    result = merge(base, mine, theirs)
    assert len(result.clashes) == 1
    assert [row["text"] for row in result.content["references"]] == [
        "Temel J and others. Early palliative care. 2010",
        "New",
    ]


def test_a_reference_that_one_rewrote_and_the_other_added_stands_once():
    base = changed(lambda v: v.update(references=[reference("One two three four")]))
    mine, theirs = deepcopy(base), deepcopy(base)
    mine["references"] = [reference("One two three five")]
    theirs["references"].append(reference("One two three five"))
    assert merge(base, mine, theirs).content["references"] == [reference("One two three five")]


def test_tags_and_topics_are_added_by_either_and_removed_by_either():
    mine = changed(lambda v: (v["tags"].append({"name": "food", "slug": "food"}), v["about"].clear()))
    theirs = changed(lambda v: v.update(tags=[{"name": "sleep", "slug": "sleep"}]))
    content = merge(VERSION, mine, theirs).content
    assert [tag["name"] for tag in content["tags"]] == ["food", "sleep"]
    assert content["about"] == []


# Whatever both sides did


def contents(bodies=("<p>a</p>", "<p>b</p>", "<p>a</p><p>b</p>", "")):
    keys = st.lists(st.integers(1, 9), max_size=7)
    words = st.sampled_from(["a", "b", "c"])
    anchors = st.lists(st.sampled_from(["one", "two", "three", "four"]), unique=True)
    return st.builds(
        lambda title, places, parts, texts, sources, tags: {
            **deepcopy(VERSION),
            "title": title,
            "links": [link(n, label) for n, label in places],
            "sections": [section(anchor, body) for anchor, body in zip(parts, texts, strict=False)],
            "references": [reference(f"Source {n}") for n in sources],
            "tags": [{"name": f"t{n}", "slug": f"t{n}"} for n in sorted(set(tags))],
        },
        words,
        st.lists(st.tuples(st.integers(1, 9), words), max_size=8),
        anchors,
        st.lists(st.sampled_from(bodies), min_size=4, max_size=4),
        keys,
        keys,
    )


@given(contents(), contents())
def test_any_change_of_one_side_gives_that_side(base, side):
    assert merge(base, side, base).content == side
    assert merge(base, base, side).content == side
    assert merge(base, side, side).content == side


@given(contents(), contents(), contents())
def test_without_clashes_it_does_not_matter_who_saved_first(base, mine, theirs):
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert bool(one.clashes) == bool(other.clashes)
    if not one.clashes:
        assert one.content == other.content


def rows(content):
    yield from (("link", row["topic"]) for row in content["links"])
    yield from (("section", row["anchor"]) for row in content["sections"])
    yield from (("reference", row["text"]) for row in content["references"])
    yield from (("tag", row["slug"]) for row in content["tags"])


@given(contents(), contents(), contents())
def test_what_both_kept_or_one_added_is_there_once(base, mine, theirs):
    before, one, other, merged = (
        list(rows(content)) for content in (base, mine, theirs, merge(base, mine, theirs).content)
    )
    for row in {*before, *one, *other}:
        most, least = max(one.count(row), other.count(row)), min(one.count(row), other.count(row))
        assert merged.count(row) <= most, row
        assert merged.count(row) >= min(least, 1), row
        if row not in before and row[0] != "reference":
            assert merged.count(row) == most, row


@given(contents(), contents(), contents())
def test_every_choice_can_be_mine(base, mine, theirs):
    choices = {clash.key: "mine" for clash in merge(base, mine, theirs).clashes}
    assert len(choices) == len(merge(base, mine, theirs).clashes)
    chosen = merge(base, mine, theirs, choices).content
    if "title" in choices:
        assert chosen["title"] == mine["title"]


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>a<br>b</p>",
                "\n",
                "<ul><li>a<ul><li>b</li></ul></li></ul>",
                "tail ",
                '<p><a href="/x?a>b">c</a>\u2028</p>',
            ]
        )
    )
)
def test_the_blocks_of_a_text_are_the_text(parts):
    assert "".join(blocks("".join(parts))) == "".join(parts)
