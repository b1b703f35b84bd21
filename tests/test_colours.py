"""The colours of the patients' pages: each pair that stands together has the contrast that WCAG 2.2 asks for."""

import re

import pytest

from tests.conftest import PROJECT

CSS = (PROJECT / "articles/static/css/library.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0  # criteria 1.4.3 and 1.4.11
# What stands on what: text, then edges of fields and buttons, the ring of focus and the bars of charts.
PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "muted", "link", "visited") for ground in ("ground", "tint")),
    ("ink", "notice", TEXT),
    ("link", "notice", TEXT),
    ("on-band", "band", TEXT),
    ("ground", "link", TEXT),  # the chosen letter
    *((shape, ground, SHAPE) for shape in ("edge", "focus") for ground in ("ground", "tint")),
    ("focus", "notice", SHAPE),
    ("band-focus", "band", SHAPE),
    ("on-band", "band", SHAPE),  # the edge of the button in the header
    *((bar, "ground", SHAPE) for bar in ("link", "notice-edge", "focus", "edge")),
]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.S)[:2]
    return {"light": tokens(light), "dark": tokens(light) | tokens(dark)}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_the_known_values():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_a_contrast_of_4_5_and_edges_and_focus_of_3(scheme):
    colours = schemes()[scheme]
    low = {
        (one, other): round(contrast(colours[one], colours[other]), 2)
        for one, other, least in PAIRS
        if contrast(colours[one], colours[other]) < least
    }
    assert low == {}


def test_the_edges_of_fields_and_buttons_and_the_ring_are_those_colours():
    """And no colour is written outside of the tokens and the print sheet, so that the table above is all there is."""
    screen = CSS.partition("@media print")[0]
    for selector in (".search input", ".search button", ".report textarea", ".report button", ".letters a"):
        rules = re.findall(rf"^{re.escape(selector)} \{{([^}}]*)\}}", screen, re.M)
        assert any("var(--edge)" in rule for rule in rules), selector
    assert re.search(r":focus-visible[^{]*\{ outline: 3px solid var\(--focus\)", screen)
    rules = screen.partition("/* ---- Base ---- */")[2]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*\})", rules) == []
