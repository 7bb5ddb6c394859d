"""Bar charts of timelines: hits per day, month or year, or their share of the archive's articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from indexer import Timeline, TimeUnit
from search_ui.web.template_filters import days_of

MAX_BARS: Final = 150
"""With more bars than this, the chart uses the next larger unit; there is no limit for years."""

WIDTH: Final = 1000
"""Width of a chart, in the units of its SVG drawing."""

HEIGHT: Final = 100
"""Height of a chart, in the same units."""

PublishedCounts = Callable[[TimeUnit], Mapping[str, int]]
"""The number of articles in the archive per period of a unit, as `Searcher.published`."""

_DIGITS: Final = {TimeUnit.DAY: 10, TimeUnit.MONTH: 7, TimeUnit.YEAR: 4}
_UNITS: Final = tuple(TimeUnit)


@dataclass(frozen=True, slots=True)
class Bar:
    """One period of a chart: its hits, the archive's articles, its first and last day, and its position.

    `x`, `width`, `y` and `height` are in the units of `WIDTH` and `HEIGHT`; y counts from the top.
    """

    time: str
    hits: int
    total: int
    after: str
    before: str
    x: float
    width: float
    height: float

    @property
    def share(self) -> float:
        """Hits as a share of the archive's articles of this period."""
        return self.hits / self.total if self.total else 0.0

    @property
    def y(self) -> float:
        """Top of the bar."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of one search in order of time; `top` is the highest value, of hits or shares."""

    unit: TimeUnit
    bars: tuple[Bar, ...]
    top: float
    shares: bool

    def points(self) -> str:
        """The tops of the bars, as points of an SVG polyline."""
        return " ".join(f"{bar.x + bar.width / 2:.2f},{bar.y:.2f}" for bar in self.bars)


def draw(timeline: Timeline, published: PublishedCounts, *, shares: bool, mirrored: bool) -> Chart | None:
    """The chart of a timeline; None if fewer than two periods have hits. If `mirrored`, time runs right to left."""
    (chart,) = draw_together([timeline], published, shares=shares, mirrored=mirrored) or (None,)
    return chart if chart is not None and sum(bar.hits > 0 for bar in chart.bars) > 1 else None


def draw_together(
    timelines: Sequence[Timeline], published: PublishedCounts, *, shares: bool, mirrored: bool
) -> tuple[Chart, ...]:
    """The charts of several timelines with the same periods and scale; empty if none has hits."""
    known = [time for timeline in timelines for time, _ in timeline.counts]
    if not known:
        return ()
    coarsest = max((timeline.unit for timeline in timelines if timeline.counts), key=_UNITS.index)
    unit = next(unit for unit in _UNITS[_UNITS.index(coarsest) :] if _fits(known, unit))
    times = _all_times(min(time[: _DIGITS[unit]] for time in known), max(time[: _DIGITS[unit]] for time in known), unit)
    totals = published(unit)
    counted = [_count(timeline, unit) for timeline in timelines]
    # After a commit in between, the archive may have fewer articles of a period than there were hits.
    values = [[hits[t] / max(totals.get(t, 0), hits[t], 1) if shares else hits[t] for t in times] for hits in counted]
    top = max(max(row) for row in values) or 1
    step = WIDTH / len(times)
    charts = []
    for hits, row in zip(counted, values, strict=True):
        bars = tuple(
            Bar(
                time,
                hits[time],
                totals.get(time, 0),
                *days_of(time),
                x=round(WIDTH - (place + 1) * step if mirrored else place * step, 2),
                width=round(step, 2),
                # At least two units high, so that every bar is visible.
                height=round(max(HEIGHT * value / top, 2.0), 2) if value else 0.0,
            )
            for place, (time, value) in enumerate(zip(times, row, strict=True))
        )
        charts.append(Chart(unit, bars, top, shares))
    return tuple(charts)


def years_of(timeline: Timeline) -> list[tuple[str, int]]:
    """The years of a timeline with their hits, newest first; months if there is only one year."""
    for digits in (4, 7):
        counts: Counter[str] = Counter()
        for time, hits in timeline.counts:
            counts[time[:digits]] += hits
        if len(counts) > 1 or timeline.unit is TimeUnit.YEAR:
            break
    return sorted(counts.items(), reverse=True)


def _count(timeline: Timeline, unit: TimeUnit) -> Counter[str]:
    hits: Counter[str] = Counter()
    for time, count in timeline.counts:
        hits[time[: _DIGITS[unit]]] += count
    return hits


def _fits(known: Iterable[str], unit: TimeUnit) -> bool:
    if unit is TimeUnit.YEAR:
        return True
    days = [days_of(time) for time in known]
    first, last = (date.fromisoformat(day) for day in (min(days)[0], max(day for _, day in days)))
    return (last - first).days / (1 if unit is TimeUnit.DAY else 30) <= MAX_BARS


def _all_times(first: str, last: str, unit: TimeUnit) -> list[str]:
    """Every period from the first to the last, including those without hits."""
    if unit is TimeUnit.YEAR:
        return [f"{year:04}" for year in range(int(first), int(last) + 1)]
    if unit is TimeUnit.MONTH:
        (year, month), (last_year, last_month) = (map(int, time.split("-")) for time in (first, last))
        months = range(12 * year + month - 1, 12 * last_year + last_month)
        return [f"{number // 12:04}-{number % 12 + 1:02}" for number in months]
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(day + timedelta(days=number)).isoformat() for number in range((end - day).days + 1)]
