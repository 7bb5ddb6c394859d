"""What a chart of searches over time shows: for each period the articles that match, and those they are a share of.

Every period between the first and the last is there. A period without hits has the value 0, one from which the archive
has no article at all has none: nobody can say what was printed then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from indexer import Timeline, TimeUnit
from search_ui.charts.axis import TimeTick, ValueAxis, time_ticks, value_axis

MAX_PERIODS: Final = 120
"""With more periods than this, a chart uses the next larger unit; there is no limit for years."""

THIN: Final = 50
"""With fewer articles of the archive than this, a period is marked: one article more would change its share much."""

Base = Callable[[TimeUnit, date, date], Mapping[str, int]]
"""The articles per period of a unit between two days: those that a search is a share of."""

_DIGITS: Final = {TimeUnit.DAY: 10, TimeUnit.MONTH: 7, TimeUnit.YEAR: 4}
_UNITS: Final = tuple(TimeUnit)


@dataclass(frozen=True, slots=True)
class Counted:
    """The timeline of a search, its base, and the dates to which it is limited."""

    timeline: Timeline
    base: Base
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One search per period: hits, the articles they are a share of, and values on the chart's axis; None is a gap."""

    hits: tuple[int, ...]
    base: tuple[int, ...]
    values: tuple[float | None, ...]

    def share(self, place: int) -> float:
        """Hits as a share of the base."""
        return self.hits[place] / self.base[place] if self.base[place] else 0.0

    def runs(self) -> list[range]:
        """The places of periods without a gap between them."""
        return _runs([value is not None for value in self.values])


@dataclass(frozen=True, slots=True)
class Chart:
    """Several searches with the same periods and axes.

    `archive` are the articles of the whole archive, `volume` those behind the searches: their base, if it is the same
    for all, otherwise the archive. Positions are fractions: from the left, and from the top.
    """

    unit: TimeUnit
    times: tuple[str, ...]
    series: tuple[Series, ...]
    archive: tuple[int, ...]
    volume: tuple[int, ...]
    axis: ValueAxis
    ticks: tuple[TimeTick, ...]
    shares: bool
    mirrored: bool

    @property
    def step(self) -> float:
        """The width of a period."""
        return 1 / len(self.times)

    def left(self, place: int, length: int = 1) -> float:
        """The left edge of periods."""
        return 1 - (place + length) * self.step if self.mirrored else place * self.step

    def middle(self, place: int) -> float:
        """The middle of a period."""
        return self.left(place) + self.step / 2

    def y(self, value: float) -> float:
        """The position of a value; of one beyond the axis, the upper edge."""
        return max(0.0, 1 - value / self.axis.top)

    def cut_off(self) -> bool:
        """Whether a value of a period with few articles is beyond the axis."""
        return any((value or 0) > 1.0001 * self.axis.top for series in self.series for value in series.values)

    def days(self, place: int) -> tuple[str, str]:
        """The first and the last day of a period, as ISO dates."""
        return tuple(day.isoformat() for day in _days(self.times[place]))  # type: ignore[return-value]

    @property
    def thin(self) -> list[range]:
        """The places of periods with few articles; gaps are not among them."""
        return _runs([0 < articles < THIN for articles in self.volume])

    def hollow(self) -> bool:
        """Whether a share is of few articles in a period that is not marked as a whole."""
        several = self.shares and len(self.series) > 1
        return several and any(
            0 < base < THIN <= volume
            for series in self.series
            for base, volume in zip(series.base, self.volume, strict=True)
        )

    def known(self) -> list[range]:
        """The places of periods in which at least one search has a value."""
        return _runs(
            [
                any(value is not None for value in values)
                for values in zip(*(one.values for one in self.series), strict=True)
            ]
        )

    @property
    def all_thin(self) -> bool:
        """Whether every period has few articles: then marking them says nothing."""
        return max(self.volume) < THIN

    def volume_outline(self) -> list[tuple[float, float]]:
        """The corners of the area of `volume`, whose maximum is the height of the chart."""
        top = max(self.volume) or 1
        corners = []
        order = range(len(self.times))
        for place in reversed(order) if self.mirrored else order:
            height = 1 - self.volume[place] / top
            corners += [(self.left(place), height), (self.left(place) + self.step, height)]
        return [(0.0, 1.0), *corners, (1.0, 1.0)]


def draw(
    counted: Sequence[Counted], published: Callable[[TimeUnit], Mapping[str, int]], *, shares: bool, mirrored: bool
) -> Chart | None:
    """The chart of searches; None if no hit has a date. If `mirrored`, time runs from right to left.

    Args:
        published: the articles of the whole archive per period of a unit, as `Searcher.published`.
    """
    known = [time for one in counted for time, _ in one.timeline.counts]
    if not known:
        return None
    coarsest = max((one.timeline.unit for one in counted if one.timeline.counts), key=_UNITS.index)
    for unit in _UNITS[_UNITS.index(coarsest) :]:
        archive = published(unit)
        times = _times(known, counted, archive, unit)
        if len(times) <= MAX_PERIODS:
            break
    first, last = _days(times[0])[0], _days(times[-1])[1]
    totals = tuple(archive.get(time, 0) for time in times)
    rows = []
    for one in counted:
        hits = _per_period(dict(one.timeline.counts), unit)
        base = _per_period(one.base(unit, first, last), unit)
        # After a commit in between, there may be fewer articles of a period than there were hits.
        rows.append(([hits[time] for time in times], [max(base[time], hits[time]) for time in times]))
    values = [[_value(*pair, shares=shares) for pair in zip(*row, strict=True)] for row in rows]
    # One article of two is no share to draw the others by.
    sure = [
        value or 0
        for (_, base), row in zip(rows, values, strict=True)
        for articles, value in zip(base, row, strict=True)
        if articles >= THIN or not shares
    ]
    axis = value_axis(
        max(sure, default=0) or max(value or 0 for row in values for value in row), shares=shares, high=len(rows) > 1
    )
    series = tuple(
        Series(tuple(hits), tuple(base), tuple(None if value is None else value * (axis.per or 1) for value in row))
        for (hits, base), row in zip(rows, values, strict=True)
    )
    volume = series[0].base if len({one.base for one in series}) == 1 else totals
    ticks = time_ticks(times, unit)
    return Chart(unit, tuple(times), series, totals, volume, axis, ticks, shares, mirrored)


def years_of(timeline: Timeline) -> list[tuple[str, int]]:
    """The years of a timeline with their hits, newest first; months if there is only one year."""
    for digits in (4, 7):
        counts: Counter[str] = Counter()
        for time, hits in timeline.counts:
            counts[time[:digits]] += hits
        if len(counts) > 1 or timeline.unit is TimeUnit.YEAR:
            break
    return sorted(counts.items(), reverse=True)


def _value(hits: int, base: int, *, shares: bool) -> float | None:
    if not base:
        return None
    return hits / base if shares else hits


def _per_period(counts: Mapping[str, int], unit: TimeUnit) -> Counter[str]:
    added: Counter[str] = Counter()
    for time, articles in counts.items():
        added[time[: _DIGITS[unit]]] += articles
    return added


def _times(known: Sequence[str], counted: Sequence[Counted], archive: Mapping[str, int], unit: TimeUnit) -> list[str]:
    """Every period from the first hit to the last; of a search with dates, from these, within the archive's time."""
    digits = _DIGITS[unit]
    first, last = min(known)[:digits], max(known)[:digits]
    if archive:
        starts = [max(one.after.isoformat()[:digits], min(archive)) for one in counted if one.after]
        ends = [min(one.before.isoformat()[:digits], max(archive)) for one in counted if one.before]
        first, last = min([first, *starts]), max([last, *ends])
    if unit is TimeUnit.YEAR:
        return [f"{year:04}" for year in range(int(first), int(last) + 1)]
    if unit is TimeUnit.MONTH:
        (year, month), (last_year, last_month) = (map(int, time.split("-")) for time in (first, last))
        months = range(12 * year + month - 1, 12 * last_year + last_month)
        return [f"{number // 12:04}-{number % 12 + 1:02}" for number in months]
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    # One more than a chart has room for is enough to see that the unit is too small.
    return [(day + timedelta(number)).isoformat() for number in range(min((end - day).days, MAX_PERIODS) + 1)]


def _days(time: str) -> tuple[date, date]:
    """The first and the last day of a period."""
    year, month, day = (*(int(part) for part in time.split("-")), 0, 0)[:3]
    first = date(year, month or 1, day or 1)
    if day:
        return first, first
    months = 12 * year + (month or 12)
    return first, date.max if months >= 12 * 10_000 else date(months // 12, months % 12 + 1, 1) - timedelta(1)


def _runs(marked: Sequence[bool]) -> list[range]:
    runs = []
    for is_marked, group in groupby(range(len(marked)), marked.__getitem__):
        places = list(group)
        if is_marked:
            runs.append(range(places[0], places[-1] + 1))
    return runs
