"""A chart as the templates draw it: positions in per cent, so that letters keep their size on every screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext

from search_ui.charts import THIN, Chart
from search_ui.charts.picture import DASHES, MARKS, end_heights, label, marked_places
from search_ui.web.chart_words import tick_label, values_title
from search_ui.web.template_filters import count_of_results, in_digits, number, percent, printed_time

MAX_LINKED_POINTS: Final = 400
"""With more points than this, a comparison's points are no links: the table has them."""


@dataclass(frozen=True, slots=True)
class Point:
    """One period of one search. Positions are in per cent of the drawing; `top` and `height` are 0 for a gap."""

    label: str
    after: str
    before: str
    hits: int
    base: int
    share: float
    words: str
    left: float
    width: float
    middle: float
    top: float
    gap: bool
    thin: bool
    marked: bool

    @property
    def height(self) -> float:
        """The height of a bar."""
        return 0.0 if self.gap else round(100 - self.top, 3)

    @property
    def anchor(self) -> str:
        """Which end of a tooltip is at the period, so that it stays inside the drawing."""
        return "start" if self.middle < 34 else "end" if self.middle > 66 else "middle"


class Drawing:
    """The points, labels and lines of one chart for the template `chart.html`."""

    marks, dashes = MARKS, DASHES

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.shares = chart.shares
        self.points = tuple(self._points(index) for index in range(len(chart.series)))
        self.linked = sum(point.hits > 0 for points in self.points for point in points) <= MAX_LINKED_POINTS

    @property
    def ticks(self) -> list[tuple[float, str, bool]]:
        """Position and label of each tick of time, and whether a narrow screen has room for it."""
        return [
            (100 * self.chart.middle(tick.place), in_digits(tick_label(tick, self.chart.unit)), tick.narrow)
            for tick in self.chart.ticks
        ]

    @property
    def values(self) -> list[tuple[float, str]]:
        """Position and label of each tick of the value axis."""
        return [(100 * self.chart.y(value), in_digits(label(value))) for value in self.chart.axis.ticks]

    @property
    def title(self) -> str:
        """What the value axis measures."""
        return values_title(self.chart)

    @property
    def volume(self) -> str:
        """The corners of the area, for an SVG polygon in a box of 1000 by 1000."""
        return " ".join(f"{1000 * x:.1f},{1000 * y:.1f}" for x, y in self.chart.volume_outline())

    @property
    def hatched(self) -> list[tuple[float, float]]:
        """Left edge and width of the periods with few articles."""
        return [] if self.chart.all_thin else [self._span(run) for run in self.chart.thin]

    @property
    def baseline(self) -> list[tuple[float, float]]:
        """Left and right end of the periods in which something can be counted."""
        return [(left, left + width) for left, width in map(self._span, self.chart.known())]

    def polylines(self, index: int) -> list[str]:
        """The line of a search, in parts between its gaps, in a box of 1000 by 1000."""
        series = self.chart.series[index]
        return [
            " ".join(
                f"{1000 * self.chart.middle(place):.1f},{1000 * self.chart.y(series.values[place] or 0):.1f}"
                for place in run
            )
            for run in series.runs()
        ]

    @property
    def ends(self) -> list[tuple[int, float, float]]:
        """The number of each line, and its place at the line's end."""
        return [
            (index, 100 * self.chart.middle(end[0]), 100 * end[2])
            for index, end in enumerate(end_heights(self.chart, 0.07))
            if end
        ]

    def rows(self) -> list[tuple[int, tuple[Point, ...]]]:
        """The place and the points of each period that has hits."""
        rows = enumerate(zip(*self.points, strict=True))
        return [(place, row) for place, row in rows if any(point.hits for point in row)]

    def _span(self, run: range) -> tuple[float, float]:
        return 100 * self.chart.left(run[0], len(run)), 100 * len(run) * self.chart.step

    def _points(self, index: int) -> tuple[Point, ...]:
        chart, series = self.chart, self.chart.series[index]
        marked = set(marked_places(len(chart.times), index, series.runs()))
        points = []
        for place, (period, value) in enumerate(zip(chart.times, series.values, strict=True)):
            hits, base, share = series.hits[place], series.base[place], series.share(place)
            name = printed_time(period)
            points.append(
                Point(
                    name,
                    *chart.days(place),
                    hits,
                    base,
                    share,
                    _words(name, hits, base, share),
                    left=round(100 * chart.left(place), 3),
                    width=round(100 * chart.step, 3),
                    middle=round(100 * chart.middle(place), 3),
                    top=round(100 * chart.y(value or 0), 3),
                    gap=value is None,
                    thin=0 < base < THIN,
                    marked=place in marked,
                )
            )
        return tuple(points)


def _words(time: str, hits: int, base: int, share: float) -> str:
    if not base:
        none = gettext("no articles in the archive")
        return f"{time}: {none}"
    of = gettext("%(share)s of %(count)s articles", share=percent(share), count=number(base))
    return f"{time}: {count_of_results(hits)} ({of})"
