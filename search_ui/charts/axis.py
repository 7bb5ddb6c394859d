"""Ticks at round values: of counts and shares, and of years, months and days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer import TimeUnit

_MOST_TICKS: Final = 9  # of time; on a narrow screen, a part of them
_MOST_NARROW: Final = 4
_VALUE_STEPS: Final = (3, 5)  # of the value axis, for one search and for several
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
_DAYS: Final = (
    tuple(range(1, 32)),
    tuple(range(1, 30, 2)),
    (1, 6, 11, 16, 21, 26),
    (1, 11, 21),
    (1, 16),
    (1,),
)


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """An axis from 0 to the last of its ticks. Shares are in parts of `per`: 100, 1,000 or 10,000; counts have None."""

    ticks: tuple[float, ...]
    per: int | None = None

    @property
    def top(self) -> float:
        """The value at the upper end."""
        return self.ticks[-1]


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A labelled period: its place on the axis, and whether a narrow screen has room for its label."""

    place: int
    time: str
    narrow: bool
    with_year: bool


def value_axis(top: float, *, shares: bool, high: bool = True) -> ValueAxis:
    """The axis for values up to `top`; shares are fractions. A `high` chart has room for more ticks."""
    steps = _VALUE_STEPS[high]
    per = None
    if shares:
        per = 100 if top >= 0.01 or not top else 1000 if top >= 0.001 else 10_000
        top *= per
        if not top:
            return ValueAxis((0.0, 1.0), per)
    elif top < steps:
        return ValueAxis(tuple(map(float, range(max(1, math.ceil(top)) + 1))))
    rough = (top or 1.0) / steps
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    # Products of small numbers: sums would end in 0.30000000000000004.
    digits = max(0, 1 - math.floor(math.log10(step)))
    count = math.ceil(round(top / step, 6)) or 1
    return ValueAxis(tuple(round(number * step, digits) for number in range(count + 1)), per)


def time_ticks(times: Sequence[str], unit: TimeUnit) -> tuple[TimeTick, ...]:
    """At most nine labelled periods, at round years, months or days of the month."""
    places = _places(times, unit)
    spacing = math.ceil(len(places) / _MOST_NARROW)
    ticks: list[TimeTick] = []
    for number, place in enumerate(places):
        time = times[place]
        # The year is named once, and again where it changes.
        with_year = unit is TimeUnit.YEAR or not ticks or ticks[-1].time[:4] != time[:4]
        ticks.append(TimeTick(place, time, number % spacing == 0, with_year))
    return tuple(ticks)


def _places(times: Sequence[str], unit: TimeUnit) -> list[int]:
    if unit is TimeUnit.DAY:
        choices = [[place for place, time in enumerate(times) if int(time[8:]) in days] for days in _DAYS]
    elif unit is TimeUnit.MONTH:
        months = [12 * int(time[:4]) + int(time[5:]) - 1 for time in times]
        choices = [[place for place, month in enumerate(months) if month % step == 0] for step in _MONTH_STEPS]
    else:
        years = [int(time) for time in times]
        steps = (factor * 10**power for power in range(4) for factor in (1, 2, 5))
        choices = [[place for place, year in enumerate(years) if year % step == 0] for step in steps]
    fitting = [places for places in choices if 0 < len(places) <= _MOST_TICKS]
    return fitting[0] if fitting else [0]
