"""Pictures of numbers, made here as SVG: no script, no inline style, readable on a screen of 320 px.

The colours stand in `admin_library/charts.css`. A picture is for the eye: put a table of the same `Bar`s beside it, and
the picture into a `.chart-frame`, so that its letters stay small on a wide screen.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from math import ceil, isfinite
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

KINDS = ("plain", "overdue", "due", "done", "never")  # each has a class in charts.css, such as "chart-overdue"
WIDTH = 320  # units: the picture fills its frame, so on the smallest screen a unit is a pixel
LINE = 11  # the font size
LETTER = 6.2  # the width of a letter in that size, a little more than the average
COLUMN = 150  # the height of the highest column
WIDEST = 40  # no column is wider
ROW = 34  # the height of a bar that lies, with the line of words above it
THICKNESS = 12
HAIRLINE = 1  # a value above zero is drawn at least this long, so that it can be told from zero
MOST_STEPS = 4  # of the scale
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Bar(NamedTuple):
    """One number with its name, for the picture and for the table beside it. `kind` is one of KINDS."""

    label: str
    value: float
    kind: str = "plain"


def bar_chart(title: str, description: str, bars: Sequence[Bar], *, limit: float | None = None) -> SafeString:
    """Columns side by side, for weeks and months: as many as you like, with as many of their labels as there is room for.

    A screen reader hears `title` and `description`; the description says in a sentence what the picture shows. `limit`
    draws a line across, marked as the capacity. Charts of one page need different titles: their ids are made of them.

    Raises ValueError when a number is negative, infinite or none at all, and for an unknown kind.
    """
    bars = _checked(bars, limit)
    steps = _steps(max([bar.value for bar in bars] + [limit or 0]))
    left, base = LETTER * len(_number(steps[-1])) + 6, LINE + 6 + COLUMN
    slot = (WIDTH - left) / max(1, len(bars))
    centres = [left + (number + 0.5) * slot for number in range(len(bars))]
    width, scale = min(0.8 * slot, WIDEST), COLUMN / steps[-1]

    parts = [_line("grid", base - step * scale, left) for step in steps]
    parts += [_text(_number(step), left - 4, base - step * scale + LINE / 3, "end") for step in steps]
    for bar, centre in zip(bars, centres, strict=True):
        height = _length(bar.value, steps[-1], COLUMN)
        parts.append(_rectangle(bar, centre - width / 2, base - height, width, height))
    if limit is not None:
        parts.append(_line("limit", base - limit * scale, left))
        parts.append(_text(f"Capacity {_number(limit)}", WIDTH, base - limit * scale - 3, "end"))
    parts += _labels([bar.label for bar in bars], centres, base + LINE + 4)
    return _picture(title, description, base + LINE + 8, parts)


def row_chart(title: str, description: str, bars: Sequence[Bar]) -> SafeString:
    """Bars one below the other, for names: each under its whole line of words, with its number at the end.

    Otherwise as `bar_chart`. A name that is too long for the line is cut; the table has it whole.
    """
    bars = _checked(bars)
    longest = max([bar.value for bar in bars], default=0)
    parts = []
    for number, bar in enumerate(bars):
        top, value = number * ROW, _number(bar.value)
        parts.append(_text(_cut(bar.label, int(WIDTH / LETTER) - len(value) - 1), 0, top + LINE, "start"))
        parts.append(_text(value, WIDTH, top + LINE, "end"))
        parts.append(_rectangle(bar, 0, top + LINE + 4, _length(bar.value, longest, WIDTH), THICKNESS))
    return _picture(title, description, max(1, len(bars)) * ROW, parts)


def _checked(bars: Sequence[Bar], limit: float | None = None) -> list[Bar]:
    bars = [Bar(*bar) for bar in bars]
    for bar in [*bars, Bar("Capacity", limit or 0)]:
        if not isfinite(bar.value) or bar.value < 0:
            raise ValueError(f"“{bar.label}” is {bar.value}, which can't be drawn. Give a number from 0 up.")
        if bar.kind not in KINDS:
            raise ValueError(f"“{bar.label}” is of an unknown kind, “{bar.kind}”. The kinds are: {', '.join(KINDS)}.")
    return [bar._replace(label=_clean(bar.label)) for bar in bars]


def _steps(highest: float) -> list[int]:
    """The numbers on the scale, from 0 to the highest value or just above it: 0, 1 or 0, 10000, 20000, 30000."""
    size = 1
    while size * MOST_STEPS < highest:
        size = size * 5 // 2 if str(size)[0] == "2" else size * 2  # 1, 2, 5, 10, 20, 50
    return [size * number for number in range(max(1, ceil(highest / size)) + 1)]


def _length(value: float, highest: float, whole: float) -> float:
    """The share of `whole` that the value has of the highest."""
    return max(HAIRLINE, value / highest * whole) if value else 0


def _labels(labels: list[str], centres: list[float], y: float) -> list[SafeString]:
    """Every label, or every second, third and so on, so that no two touch. At an edge they stay inside."""
    labels = [_cut(label, int(WIDTH / LETTER)) for label in labels]
    halves = [LETTER * len(label) / 2 for label in labels]
    centres = [max(half, min(x, WIDTH - half)) for x, half in zip(centres, halves, strict=True)]
    spans = [(x - half, x + half) for x, half in zip(centres, halves, strict=True)]
    every = 1
    while any(right + LETTER > left for (_, right), (left, _) in pairwise(spans[::every])):
        every += 1
    return [_text(labels[number], centres[number], y, "middle") for number in range(0, len(labels), every)]


def _picture(title: str, description: str, height: float, parts: list[SafeString]) -> SafeString:
    title = _clean(title)
    name = f"chart-{sha256(title.encode()).hexdigest()[:12]}"
    return format_html(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="{size}"'
        ' role="img" aria-labelledby="{name}-title" aria-describedby="{name}-description">'
        '<title id="{name}-title">{title}</title><desc id="{name}-description">{description}</desc>{content}</svg>',
        width=WIDTH,
        height=_units(height),
        size=LINE,
        name=name,
        title=title,
        description=_clean(description),
        content=format_html_join("", "{}", ((part,) for part in parts)),
    )


def _rectangle(bar: Bar, x: float, y: float, width: float, height: float) -> SafeString:
    """A bar, with its label and value for who points at it with a mouse."""
    return format_html(
        '<rect class="chart-bar chart-{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        *(bar.kind, _units(x), _units(y), _units(width), _units(height), bar.label, _number(bar.value)),
    )


def _line(kind: str, y: float, left: float) -> SafeString:
    return format_html('<path class="chart-{}" d="M{} {}H{}"/>', kind, _units(left), _units(y), WIDTH)


def _text(words: str, x: float, y: float, anchor: str) -> SafeString:
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', _units(x), _units(y), anchor, words)


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def _clean(words: str) -> str:
    """Without the control characters that no XML, and so no SVG, may have."""
    return NOT_XML.sub("", str(words))


def _number(value: float) -> str:
    """ "24,000", "0.5": as the active language writes numbers, with one decimal when there is one."""
    value = round(value, 1)
    return number_format(value, decimal_pos=0 if float(value).is_integer() else 1, force_grouping=True)


def _units(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")
