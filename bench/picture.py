"""Plots times against sizes as SVG, both axes logarithmic, for light and dark color schemes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

Curve = Sequence[tuple[float, float, float]]
"""Size, p50 and p95 of each point, by increasing size; all above 0."""

_COLUMNS: Final = 2
_PANEL: Final = (360, 190)
_PITCH: Final = (460, 250)  # of the panels: leaves room for tick labels and for the numbers at the curves' ends
_CORNER: Final = (56, 76)
_LINE: Final = 13  # height of a line of small text
_STYLE: Final = """
  text { fill: #57606a; font: 12px system-ui, sans-serif }
  .page { fill: #ffffff } .grid { stroke: #d8dee4 } .title { fill: #1f2328; font-weight: 600 }
  .p50 { color: #0969da } .p95 { color: #bc4c00 }
  .curve { fill: none; stroke: currentColor; stroke-width: 2 } .p95.curve { stroke-dasharray: 6 3 }
  .dot, .end { fill: currentColor }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 }
    .page { fill: #0d1117 } .grid { stroke: #30363d } .title { fill: #f0f6fc }
    .p50 { color: #58a6ff } .p95 { color: #f0883e }
    .dot, .end { fill: currentColor }
  }
"""


def draw(curves: Mapping[str, Curve], of_sizes: str, of_times: str) -> str:
    """Returns an SVG with one panel per curve, under its title; all share the axes and their labels."""
    sizes = sorted({size for curve in curves.values() for size, _, _ in curve})
    times = [time for curve in curves.values() for _, *both in curve for time in both]
    decades = math.floor(math.log10(min(times))), math.floor(math.log10(max(times))) + 1
    wide = sizes[0] if len(sizes) > 1 else sizes[0] / 2, sizes[-1] if len(sizes) > 1 else sizes[0] * 2
    width = _CORNER[0] + _PITCH[0] * _COLUMNS
    height = _CORNER[1] + _PITCH[1] * math.ceil(len(curves) / _COLUMNS)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(', '.join(curves))}: p50 and p95 in {of_times}, by number of {of_sizes}</title>",
        f'<style>{_STYLE}</style>\n<rect class="page" width="{width}" height="{height}"/>',
        *_key(_CORNER[0], 30, f"{of_times}, by number of {of_sizes}; both axes logarithmic"),
    ]
    for number, (title, curve) in enumerate(curves.items()):
        row, column = divmod(number, _COLUMNS)
        left, top = _CORNER[0] + column * _PITCH[0], _CORNER[1] + row * _PITCH[1]
        across = _scale(*wide, left, left + _PANEL[0])
        up = _scale(10.0 ** decades[0], 10.0 ** decades[1], top + _PANEL[1], top)
        lines.append(f'<text class="title" x="{left}" y="{top - 12}">{escape(title)}</text>')
        for size in sizes:
            lines += _text(across(size), top + _PANEL[1] + 18, _short(size), "middle")
        for decade in range(decades[0], decades[1] + 1):
            y = up(10.0**decade)
            lines.append(f'<line class="grid" x1="{left}" x2="{left + _PANEL[0]}" y1="{y:.1f}" y2="{y:.1f}"/>')
            lines += _text(left - 8, y + 4, f"{10.0**decade:g}", "end")
        lines += _curves(curve, across, up)
    return "\n".join([*lines, "</svg>", ""])


def _key(x: float, y: float, label: str) -> list[str]:
    lines = []
    for name in ("p50", "p95"):
        lines.append(f'<path class="curve {name}" d="M{x} {y - 4}h28"/>')
        lines += _text(x + 34, y, name, "start")
        x += 80
    return lines + _text(x, y, label, "start")


def _curves(curve: Curve, across: Callable[[float], float], up: Callable[[float], float]) -> list[str]:
    lines = []
    ends = [up(curve[-1][1]), up(curve[-1][2])]
    apart = max(0.0, _LINE - (ends[0] - ends[1])) / 2  # p50 is below p95: their labels must not overlap
    for name, which, shift in (("p50", 1, apart), ("p95", 2, -apart)):
        points = [(across(point[0]), up(point[which])) for point in curve]
        path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        lines.append(f'<path class="curve {name}" d="M{path}"/>')
        lines += [f'<circle class="dot {name}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points]
        x, y = points[-1]
        lines.append(f'<text class="end {name}" x="{x + 8:.1f}" y="{y + shift + 4:.1f}">{curve[-1][which]:.3g}</text>')
    return lines


def _text(x: float, y: float, text: str, anchor: str) -> list[str]:
    return [f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>']


def _scale(least: float, most: float, first: float, last: float) -> Callable[[float], float]:
    """Returns a logarithmic scale from numbers to coordinates."""
    span = math.log(most / least)
    return lambda value: first + (last - first) * math.log(value / least) / span


def _short(size: float) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:.3g}{name}"
    return f"{size:g}"
