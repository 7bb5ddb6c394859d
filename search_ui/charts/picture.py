"""A chart as a file: SVG that needs nothing else, and PNG drawn from it by Typst.

All is in presentation attributes and absolute positions, which every program draws alike. So it is with directions: a
text begins with a direction isolate and is anchored by its left or right end, because resvg, the SVG library of
Typst, ignores `direction`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from search_ui.charts.chart import THIN, Chart
from search_ui.export import xml_text

COLOURS: Final = ("#7c1f1f", "#16567d", "#4c6b1f", "#a85400", "#6a3d9a", "#3b3b3b")
DASHES: Final = ("none", "9 5", "2 5", "12 4 2 4", "18 6", "5 3")
MARKS: Final = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "M-4-4h8v8h-8z",
    "M0-5.5L5.5 4.5h-11z",
    "M0-6L6 0L0 6L-6 0z",
    "M-2-5.5h4v3.5h3.5v4h-3.5v3.5h-4v-3.5h-3.5v-4h3.5z",
    "M0 5.5L5.5-4.5h-11z",
)
"""The shapes of points, one for each line; with the dashes, lines stay apart without colour."""

MAX_MARKED: Final = 40
"""With more periods than this, only some points of a line have their shape."""

FONTS: Final = "'Noto Sans Arabic', 'Segoe UI', 'Geeza Pro', Tahoma, 'DejaVu Sans', Arial, sans-serif"

WIDTH: Final = 1100
_SCALE: Final = 2  # pixels of the PNG per unit
# A page of Typst as large as the picture, which is data and never markup.
_PAGE: Final = (
    b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: %dpt)"""
    % WIDTH
)
_MARGIN: Final = 64
_PLOT_HEIGHT: Final = 340
_MAX_BAR: Final = 24
_LINE_LENGTH: Final = 140  # characters of a note
_MAX_LINES: Final = 4  # of one text
_INK, _SOFT, _GRID, _AREA = "#201d1a", "#57514a", "#ddd6c9", "#e9e2d5"
_DIRECTIONS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of a picture, in the reader's language.

    `key` has a label for each search, `ticks` one for each tick of time; `thin` and `volume` explain hatching and area;
    `notes` say how it was counted and where it is from, `description` the same without shortening.
    """

    title: str
    key: tuple[str, ...]
    values: str
    ticks: tuple[str, ...]
    volume: str
    thin: str
    notes: tuple[str, ...]
    description: str
    language: str
    right_to_left: bool
    digits: Callable[[str], str] = str
    """A number in the digits that the reader chose."""


def isolated(text: str) -> str:
    """Text of any direction inside another; its own direction marks cannot reach beyond it."""
    return f"\u2068{_DIRECTIONS.sub('', ' '.join(text.split()))}\u2069"


def left_to_right(text: str) -> str:
    """A date or an address inside a text of any direction."""
    return f"\u2066{_DIRECTIONS.sub('', text)}\u2069"


def label(value: float) -> str:
    """A value of an axis."""
    return f"{value:,.6g}" if value < 1e6 else f"{value:,.0f}"


def marked_places(length: int, number: int, runs: Sequence[range]) -> list[int]:
    """The places at which the line with this number has its shape: all, if few; and every period without neighbours."""
    places = {place for run in runs for place in run}
    if length > MAX_MARKED:
        spacing = length // 12
        alone = {run[0] for run in runs if len(run) == 1}
        places = alone | {place for place in places if (place + number * spacing // 6) % spacing == 0}
    return sorted(places)


def end_heights(chart: Chart, gap: float) -> list[tuple[int, float, float] | None]:
    """Where each line's number is: the last place, its height, and the label's, at least `gap` from the others."""
    ends: list[tuple[int, float, float] | None] = []
    for series in chart.series:
        places = [place for place, value in enumerate(series.values) if value is not None]
        height = chart.y(series.values[places[-1]] or 0) if places else 0.0
        ends.append((places[-1], height, height) if places else None)
    # From the bottom up they move up to make room; then down again, if the uppermost would leave the chart.
    order = sorted((end[1], number) for number, end in enumerate(ends) if end)
    heights = [height for height, _ in order]
    for index in reversed(range(len(heights) - 1)):
        heights[index] = min(heights[index], heights[index + 1] - gap)
    for index, height in enumerate(heights):
        heights[index] = max(height, heights[index - 1] + gap if index else 0.0)
    for height, (_, number) in zip(heights, order, strict=True):
        place, at, _ = ends[number] or (0, 0.0, 0.0)
        ends[number] = (place, at, height)
    return ends


def picture(chart: Chart, texts: Texts) -> str:
    """The chart as an SVG document: title, key, plot and notes."""
    page = _Page(texts.right_to_left)
    page.write(texts.title, size=21, space=34)
    several = len(texts.key) > 1
    for number, line in enumerate(texts.key):
        if several:
            page.sample(number)
        page.write(line, size=15, space=22, indent=56 if several else 0)
    page.down += 10
    page.write(texts.values, size=13, colour=_SOFT, space=20)
    _plot(page, chart, texts)
    if texts.thin:
        page.patch("url(#thin)")
        page.write(texts.thin, size=13, colour=_SOFT, space=20, indent=56)
    page.patch(_AREA)
    page.write(texts.volume, size=13, colour=_SOFT, space=20, indent=56)
    page.down += 6
    for note in texts.notes:
        page.write(note, size=13, colour=_SOFT, space=19)
    height = page.down + 10
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}"'
        f' viewBox="0 0 {WIDTH} {height:.0f}" font-family="{FONTS}" xml:lang="{texts.language}" role="img">\n'
        f"<title>{xml_text(texts.title)}</title>\n<desc>{xml_text(texts.description)}</desc>\n"
        '<defs><pattern id="thin" width="7" height="7" patternUnits="userSpaceOnUse">'
        '<path d="M-1 8L8-1M-1 1L1-1M6 8L8 6" stroke="#c4bcae" stroke-width="1"/></pattern></defs>\n'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>\n' + "\n".join(page.parts) + "\n</svg>\n"
    )


def png(svg: str) -> bytes:
    """The picture as PNG, 2,200 pixels wide, in the letters that ship with Arshif."""
    import typst

    fonts = files("search_ui.export").joinpath("fonts")
    data: bytes = typst.compile(  # type: ignore[call-overload]  # its stub requires input and paths of one type
        _PAGE,
        root=str(fonts),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,  # the same picture on every machine
        sys_inputs={"svg": svg},
        format="png",
        ppi=_SCALE * 72,
    )
    return data


class _Page:
    """The elements of a picture from top to bottom; `down` is where the next one begins."""

    def __init__(self, right_to_left: bool) -> None:
        self.right_to_left = right_to_left
        self.parts: list[str] = []
        self.down = 14.0

    def start(self, indent: float = 0, width: float = 0) -> float:
        """The left edge of something so wide, where a line starts."""
        return WIDTH - 28 - indent - width if self.right_to_left else 28 + indent

    def write(
        self, text: str, *, size: int, space: int, colour: str = _INK, indent: int = 0, weight: int = 400
    ) -> None:
        """A text in as many lines as it needs, but at most four."""
        length = round(_LINE_LENGTH * 13 / size * (1 - indent / WIDTH))
        for line in _rejoined(textwrap.wrap(text, length, max_lines=_MAX_LINES, placeholder=" …")):
            self.down += space
            self.parts.append(
                _text(
                    self.start(indent),
                    self.down - space * 0.25,
                    line,
                    size,
                    "end" if self.right_to_left else "start",
                    colour=colour,
                    weight=weight,
                    right_to_left=self.right_to_left,
                )
            )

    def sample(self, number: int) -> None:
        """The line of a search in the key, left of its text, which follows."""
        x, y = self.start(0, 44), self.down + 13
        self.parts += [
            f'<path d="M{x:.1f} {y:.1f}h44" {_stroke(number)}/>',
            f'<path d="{MARKS[number]}" transform="translate({x + 22:.1f} {y:.1f})" fill="{COLOURS[number]}"/>',
        ]

    def patch(self, fill: str) -> None:
        """A rectangle of the key, left of its text, which follows."""
        self.parts.append(
            f'<rect x="{self.start(0, 44):.1f}" y="{self.down + 4:.1f}" width="44" height="13" fill="{fill}"'
            f' stroke="{_GRID}"/>'
        )


def _rejoined(lines: Sequence[str]) -> list[str]:
    """Lines whose direction isolates are closed at the end and opened again in the next line."""
    joined: list[str] = []
    opened: list[str] = []
    for line in lines:
        begun = "".join(opened)
        for letter in line:
            if letter in "\u2066\u2067\u2068":
                opened.append(letter)
            elif letter == "\u2069" and opened:
                opened.pop()
        joined.append(begun + line + "\u2069" * len(opened))
    return joined


def _text(
    x: float,
    y: float,
    text: str,
    size: int,
    anchor: str,
    *,
    colour: str = _SOFT,
    weight: int = 400,
    right_to_left: bool = False,
) -> str:
    inside = ("\u2067" if right_to_left else "\u2066") + text + "\u2069"
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{bold} text-anchor="{anchor}" fill="{colour}">'
        f"{xml_text(inside)}</text>"
    )


def _stroke(number: int) -> str:
    return (
        f'fill="none" stroke="{COLOURS[number]}" stroke-width="2.5" stroke-dasharray="{DASHES[number]}"'
        ' stroke-linejoin="round"'
    )


def _plot(page: _Page, chart: Chart, texts: Texts) -> None:
    """Area, hatching, gridlines, bars or lines, and both axes."""
    top, width, height = page.down + 12, WIDTH - 2 * _MARGIN, _PLOT_HEIGHT
    bottom = top + height
    out = page.parts

    def at(x: float) -> float:
        return _MARGIN + x * width

    def down(y: float) -> float:
        return top + y * height

    corners = " ".join(f"{at(x):.1f},{down(y):.1f}" for x, y in chart.volume_outline())
    out.append(f'<polygon points="{corners}" fill="{_AREA}"/>')
    if not chart.all_thin:
        for run in chart.thin:
            x, wide = at(chart.left(run[0], len(run))), len(run) * chart.step * width
            out.append(f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{height}" fill="url(#thin)"/>')
    axis_x = WIDTH - _MARGIN + 8 if chart.mirrored else _MARGIN - 8
    for value in chart.axis.ticks:
        y = down(chart.y(value))
        out.append(f'<path d="M{_MARGIN} {y:.1f}h{width}" stroke="{_GRID}" stroke-width="1"/>')
        out.append(_text(axis_x, y + 4.5, texts.digits(label(value)), 13, "start" if chart.mirrored else "end"))
    for tick, words in zip(chart.ticks, texts.ticks, strict=True):
        x = at(chart.middle(tick.place))
        out.append(f'<path d="M{x:.1f} {bottom:.1f}v6" stroke="{_INK}"/>')
        out.append(_text(x, bottom + 22, words, 13, "middle", right_to_left=texts.right_to_left))
    # The baseline is broken where no search has a value.
    for run in chart.known():
        x, wide = at(chart.left(run[0], len(run))), len(run) * chart.step * width
        out.append(f'<path d="M{x:.1f} {bottom:.1f}h{wide:.1f}" stroke="{_INK}"/>')
    if len(chart.series) == 1:
        bar = min(_MAX_BAR, 0.8 * chart.step * width)
        for place, height_of in enumerate(chart.series[0].values):
            if height_of:
                x, y = at(chart.middle(place)) - bar / 2, down(chart.y(height_of))
                out.append(
                    f'<rect x="{x:.2f}" y="{y:.2f}" width="{bar:.2f}" height="{bottom - y:.2f}" fill="{COLOURS[0]}"/>'
                )
    else:
        _lines(page, chart, texts, at, down)
    page.down = bottom + 40


def _lines(
    page: _Page, chart: Chart, texts: Texts, at: Callable[[float], float], down: Callable[[float], float]
) -> None:
    """The lines, broken at gaps, the shapes of their points, and their numbers at the end."""
    for number, series in enumerate(chart.series):
        for run in series.runs():
            points = " ".join(f"{at(chart.middle(p)):.1f},{down(chart.y(series.values[p] or 0)):.1f}" for p in run)
            page.parts.append(f'<polyline points="{points}" {_stroke(number)}/>')
        for place in marked_places(len(chart.times), number, series.runs()):
            x, y = at(chart.middle(place)), down(chart.y(series.values[place] or 0))
            fill = "#ffffff" if chart.shares and 0 < series.base[place] < THIN else COLOURS[number]
            page.parts.append(
                f'<path d="{MARKS[number]}" transform="translate({x:.1f} {y:.1f})" fill="{fill}"'
                f' stroke="{COLOURS[number]}"/>'
            )
    for number, end in enumerate(end_heights(chart, 16 / _PLOT_HEIGHT)):
        if end:
            x = at(chart.middle(end[0])) + (-12 if chart.mirrored else 12)
            anchor = "end" if chart.mirrored else "start"
            page.parts.append(
                _text(
                    x, down(end[2]) + 5, texts.digits(str(number + 1)), 14, anchor, colour=COLOURS[number], weight=700
                )
            )
