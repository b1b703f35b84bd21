"""Pictures of numbers: true to scale, readable when small, and the same to an eye and to a screen reader."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils.safestring import SafeString
from hypothesis import example, given, settings
from hypothesis import strategies as st

from articles.charts import COLUMN, HAIRLINE, KINDS, LETTER, WIDTH, Bar, bar_chart, row_chart

STYLES = Path(__file__).parent.parent / "articles/static/admin_library/charts.css"
SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [Bar(f"{name} 2027", number * 10) for number, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun"])]


def drawn(bars, chart=bar_chart, **options):
    return ElementTree.fromstring(chart("Load", "What falls due.", bars, **options))


def columns(svg):
    return [{name: float(rect.get(name)) for name in ("x", "y", "width", "height")} for rect in svg.iter(f"{SVG}rect")]


def texts(svg):
    return [text.text for text in svg.iter(f"{SVG}text")]


def spans_of_labels(svg):
    """Where the labels below the columns begin and end."""
    labels = [text for text in svg.iter(f"{SVG}text") if text.get("text-anchor") == "middle"]
    places = [(float(label.get("x")), LETTER * len(label.text or "") / 2) for label in labels]
    return [(centre - half, centre + half) for centre, half in places]


@pytest.mark.parametrize("chart", [bar_chart, row_chart])
def test_a_screen_reader_hears_the_title_and_the_description(chart):
    svg = ElementTree.fromstring(chart("Load of 2027", "June is the fullest month.", MONTHS))
    ids = {element.get("id"): element for element in svg if element.get("id")}
    assert svg.get("role") == "img"
    assert ids[svg.get("aria-labelledby")].tag == f"{SVG}title"
    assert ids[svg.get("aria-labelledby")].text == "Load of 2027"
    assert ids[svg.get("aria-describedby")].tag == f"{SVG}desc"
    assert ids[svg.get("aria-describedby")].text == "June is the fullest month."


def test_charts_of_one_page_have_ids_of_their_own():
    first, second = (ElementTree.fromstring(bar_chart(title, "", MONTHS)) for title in ("Load", "Ages"))
    assert {element.get("id") for element in first.iter()} & {element.get("id") for element in second.iter()} == {None}


def test_columns_are_as_high_as_their_values():
    heights = [column["height"] for column in columns(drawn(MONTHS))]
    assert heights == [0, 25, 50, 75, 100, 125]  # 50 of a scale up to 60
    assert {column["y"] + column["height"] for column in columns(drawn(MONTHS))} == {167}  # all stand on one line


def test_bars_that_lie_are_as_long_as_their_values():
    svg = drawn([Bar("A", 10), Bar("B", 40), Bar("C", 0)], chart=row_chart)
    assert [column["width"] for column in columns(svg)] == [80, 320, 0]
    assert texts(svg) == ["A", "10", "B", "40", "C", "0"]


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (4, ["0", "1", "2", "3", "4"]),
        (5, ["0", "2", "4", "6"]),
        (12, ["0", "5", "10", "15"]),
        (50, ["0", "20", "40", "60"]),
        (99, ["0", "50", "100"]),
        (400, ["0", "100", "200", "300", "400"]),
        (24_000, ["0", "10,000", "20,000", "30,000"]),
        (0.4, ["0", "1"]),
    ],
)
def test_the_scale_has_a_few_round_numbers(highest, scale):
    svg = drawn([Bar("", highest)])
    assert [words for words in texts(svg) if words] == scale
    assert columns(svg)[0]["height"] <= COLUMN


@pytest.mark.parametrize(("chart", "side"), [(bar_chart, "height"), (row_chart, "width")])
def test_one_beside_24_000_can_still_be_told_from_zero(chart, side):
    svg = drawn([Bar("a", 24_000), Bar("b", 1), Bar("c", 0)], chart=chart)
    assert [bar[side] for bar in columns(svg)][1:] == [HAIRLINE, 0]


def test_a_line_shows_the_capacity_and_is_within_the_picture():
    svg = drawn([Bar("", 20)], limit=45)
    (line,) = (path for path in svg.iter(f"{SVG}path") if path.get("class") == "chart-limit")
    assert "Capacity 45" in texts(svg)
    assert texts(svg)[:4] == ["0", "20", "40", "60"]
    level = float(re.fullmatch(r"M[\d.]+ ([\d.]+)H320", line.get("d"))[1])
    assert 167 - level == pytest.approx(45 / 60 * COLUMN)


def test_a_capacity_of_zero_is_a_line_too_and_none_is_no_line():
    assert "Capacity 0" in texts(drawn(MONTHS, limit=0))
    assert "chart-limit" not in bar_chart("Load", "", MONTHS)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([f"M{number}" for number in range(6)], 6),
        ([f"Nov {2020 + number}" for number in range(18)], 5),
        ([f"2026-11-{number % 28 + 1:02}" for number in range(78)], 4),
        (["one label that is much longer than the whole picture is wide, by far"], 1),
    ],
)
def test_as_many_labels_are_shown_as_there_is_room_for(labels, shown):
    spans = spans_of_labels(drawn([Bar(label, 1) for label in labels]))
    assert len(spans) == shown
    assert min(left for left, _ in spans) >= -0.01
    assert max(right for _, right in spans) <= WIDTH + 0.01


def test_a_single_column_is_no_wall():
    (column,) = columns(drawn([Bar("a", 1)]))
    assert column["width"] == 40


def test_78_weeks_stand_side_by_side_within_the_picture():
    svg = drawn([Bar(f"Week {number}", number) for number in range(78)], limit=50)
    found = columns(svg)
    assert len(found) == 78
    assert all(left["x"] + left["width"] < right["x"] for left, right in pairwise(found))
    assert min(column["width"] for column in found) > 2
    assert found[-1]["x"] + found[-1]["width"] <= WIDTH


def test_a_name_too_long_for_its_line_is_cut_and_kept_whole_for_the_mouse():
    name = "Multidisciplinary oncology and palliative care review board"
    svg = drawn([Bar(name, 12_345)], chart=row_chart)
    label, value = texts(svg)
    assert (label, value) == ("Multidisciplinary oncology and palliative c…", "12,345")
    assert LETTER * (len(label) + len(value)) < WIDTH
    assert svg.find(f"{SVG}rect/{SVG}title").text == f"{name}: 12,345"


@pytest.mark.parametrize("chart", [bar_chart, row_chart])
def test_words_are_escaped(chart):
    evil = '</title><script>alert("1")</script>&'
    svg = chart(evil, evil, [Bar(evil, 3)])
    assert isinstance(svg, SafeString)
    assert "<script" not in svg
    root = ElementTree.fromstring(svg)
    assert root.find(f"{SVG}title").text == root.find(f"{SVG}desc").text == evil
    assert root.find(f"{SVG}rect/{SVG}title").text == f"{evil}: 3"


@pytest.mark.parametrize("chart", [bar_chart, row_chart])
def test_no_style_stands_in_the_picture(chart):
    """The admin's Content Security Policy would drop it."""
    assert not re.search(r"style|<script|\son|href|url\(", chart("Load", "", [Bar("a", 1, kind) for kind in KINDS]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_class_and_the_class_has_a_colour(kind):
    for chart in (bar_chart, row_chart):
        (bar,) = drawn([Bar("a", 1, kind)], chart=chart).iter(f"{SVG}rect")
        assert bar.get("class") == f"chart-bar chart-{kind}"
    ordinary, forced = STYLES.read_text().split("@media (forced-colors: active)")
    for styles in (ordinary, forced):
        assert re.search(rf"\.chart-{kind}\b[^{{}}]*\{{[^}}]*fill:", styles)


@pytest.mark.parametrize("chart", [bar_chart, row_chart])
def test_without_numbers_the_picture_is_empty_but_whole(chart):
    svg = drawn([], chart=chart)
    assert columns(svg) == []
    assert min(float(size) for size in svg.get("viewBox").split()[2:]) > 0


@pytest.mark.parametrize("chart", [bar_chart, row_chart])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_a_number_that_cannot_be_drawn_is_refused_with_its_name(chart, value):
    with pytest.raises(ValueError, match=f"“March” is {value}, which can't be drawn"):
        chart("Load", "", [Bar("March", value)])


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf")])
def test_a_capacity_that_cannot_be_drawn_is_refused(limit):
    with pytest.raises(ValueError, match="“Capacity” is"):
        bar_chart("Load", "", MONTHS, limit=limit)


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown kind, “late”\. The kinds are: plain, overdue, due, done, never"):
        bar_chart("Load", "", [Bar("March", 1, "late")])


VALUES = st.one_of(st.integers(0, 10**7), st.floats(0, 10**7))


@settings(deadline=None)
@given(
    st.text(),
    st.lists(st.builds(Bar, st.text(), VALUES, st.sampled_from(KINDS)), max_size=90),
    st.one_of(st.none(), VALUES),
)
@example("", [Bar("almost nothing", 5e-324)], None)
def test_whatever_the_words_and_numbers_the_picture_is_whole(words, bars, limit):
    for svg in (bar_chart(words, words, bars, limit=limit), row_chart(words, words, bars)):
        root = ElementTree.fromstring(svg)
        _, _, width, height = map(float, root.get("viewBox").split())
        assert not re.search(r'="-?(nan|inf)|e[+-]\d', re.sub(">[^<]*<", "><", svg))
        for bar, rect in zip(bars, columns(root), strict=True):
            assert rect["x"] >= 0 and rect["x"] + rect["width"] <= width + 0.01
            assert rect["y"] >= 0 and rect["y"] + rect["height"] <= height + 0.01
            assert (min(rect["width"], rect["height"]) > 0) is (bar.value > 0)
    spans = spans_of_labels(ElementTree.fromstring(bar_chart(words, words, bars)))
    assert all(right < left for (_, right), (left, _) in pairwise(spans))
