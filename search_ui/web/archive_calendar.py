"""The calendar of an archive: its articles per day, month and year, shades for them, and the weeks of a month.

The counts are those of the index, so that they are equal to the totals of searches. They are computed once per commit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask import current_app, request

from corpus import gregorian_day, hijri_date
from indexer import TimeUnit
from search_ui.web.languages import language
from search_ui.web.served_archive import ServedArchive
from search_ui.web.template_filters import hijri_month, number

SHADES: Final = 5
"""Shades of a map, besides that of nothing."""

_CACHE: Final = "arshif.calendar"


@dataclass(frozen=True, slots=True)
class Shades:
    """Which shade a count has: equal ratios between the smallest and the largest count, since these may differ widely.

    By quantiles, 400 and 15,000 articles had one shade. `highest` are the largest counts of the shades, ascending;
    there are fewer than `SHADES` if few counts are between them.
    """

    lowest: int = 0
    highest: tuple[int, ...] = ()

    @classmethod
    def of_counts(cls, counts: Iterable[int]) -> Shades:
        """The shades for these counts; zeros have none."""
        known = [count for count in counts if count]
        if not known:
            return cls()
        low, high = min(known), max(known)
        ends = {_rounded(low * (high / low) ** (part / SHADES)) for part in range(1, SHADES)}
        return cls(low, (*sorted(end for end in ends if low <= end < high), high))

    def of(self, count: int) -> int:
        """The shade of a count: 1 to `SHADES`, and 0 for none."""
        return self._number(min(bisect_left(self.highest, count), len(self.highest) - 1)) if count else 0

    def key(self) -> list[tuple[int, int, int]]:
        """Each shade with the smallest and the largest count that has it."""
        lowest = (self.lowest, *(end + 1 for end in self.highest))
        numbers = map(self._number, range(len(self.highest)))
        return list(zip(numbers, lowest, self.highest, strict=False))

    def _number(self, place: int) -> int:
        """The shade of a place in `highest`: the last is the darkest."""
        return 3 if len(self.highest) == 1 else round(1 + place * (SHADES - 1) / (len(self.highest) - 1))


@dataclass(frozen=True, slots=True)
class Period:
    """A year (`2015`) or month (`2015-08`) with its articles."""

    time: str
    count: int
    shade: int

    @property
    def number(self) -> int:
        """The number of a month, or the year."""
        return int(self.time.rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year with its twelve months; or, with `until`, several years in a row that have no articles."""

    year: int
    count: int
    months: tuple[Period, ...] = ()
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month: its articles, and its Hijri day if both calendars are shown; the first with its month."""

    day: date
    count: int
    shade: int
    hijri: str

    @property
    def path(self) -> str:
        """The address of its page below that of the calendar."""
        return f"{self.day:%Y/%m/%d}".zfill(10)


@dataclass(frozen=True, slots=True)
class ArchiveCalendar:
    """The dated articles of one commit by day (`2015-08-06` → 31), month and year, each in order of time."""

    days: Mapping[str, int]
    months: Mapping[str, int]
    years: Mapping[str, int]
    ordered: tuple[str, ...]
    """The days that have articles."""
    day_shades: Shades
    month_shades: Shades
    year_shades: Shades

    @classmethod
    def of_days(cls, days: Mapping[str, int]) -> ArchiveCalendar:
        """The calendar of the articles of each day."""
        ordered = tuple(sorted(day for day, count in days.items() if count))
        months = {month: sum(days[day] for day in part) for month, part in groupby(ordered, lambda day: day[:7])}
        years = {year: sum(days[day] for day in part) for year, part in groupby(ordered, lambda day: day[:4])}
        shades = (Shades.of_counts(counts.values()) for counts in (days, months, years))
        return cls(days, months, years, ordered, *shades)

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last day with articles; None if no article has a date."""
        return (date.fromisoformat(self.ordered[0]), date.fromisoformat(self.ordered[-1])) if self.ordered else None

    def includes(self, first: date, last: date) -> bool:
        """Whether some of these days are between the first and the last day with articles."""
        return self.span is not None and self.span[0] <= last and first <= self.span[1]

    def before(self, time: str) -> str | None:
        """The last day with articles before a time (a day, month or year)."""
        place = bisect_left(self.ordered, time)
        return self.ordered[place - 1] if place else None

    def after(self, time: str) -> str | None:
        """The first day with articles after a time."""
        place = bisect_right(self.ordered, f"{time}~")  # behind every day that begins with it
        return self.ordered[place] if place < len(self.ordered) else None

    def weeks(self, year: int, month: int, *, hijri: bool) -> list[list[Day | None]]:
        """The weeks of a month, beginning as in the reader's region; None for days of other months."""
        first = date(year, month, 1)
        blank = (first.weekday() - week_start()) % 7
        days: list[Day | None] = [None] * blank
        day = first
        while day.month == month:
            count = self.days.get(day.isoformat(), 0)
            days.append(Day(day, count, self.day_shades.of(count), _in_hijri(day) if hijri else ""))
            if day == date.max:
                break
            day += timedelta(days=1)
        days += [None] * (-len(days) % 7)
        return [days[start : start + 7] for start in range(0, len(days), 7)]

    def same_days(self, day: date) -> list[tuple[str, int]]:
        """The days of other years with articles and this month and day, newest first, with their articles."""
        others = (f"{year}{day.isoformat()[4:]}" for year in self.years if int(year) != day.year)
        return sorted(((other, self.days[other]) for other in others if other in self.days), reverse=True)

    def same_hijri_days(self, day: date) -> list[tuple[str, int, int]]:
        """The days of other Hijri years with this Hijri month and day, newest first: day, Hijri year, articles."""
        if not self.span or not (hijri := hijri_date(day)):
            return []
        ends = [hijri_date(end) for end in self.span]
        years = range(ends[0][0] if ends[0] else 1343, (ends[1][0] if ends[1] else 1500) + 1)
        days = [(gregorian_day(year, *hijri[1:]), year) for year in reversed(years) if year != hijri[0]]
        named = [(other.isoformat(), year) for other, year in days if other]
        return [(other, year, self.days[other]) for other, year in named if other in self.days]


def archive_calendar(served: ServedArchive) -> ArchiveCalendar:
    """The calendar of the newest commit.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch, ClusterUnavailable: as `ServedArchive.searcher`.
    """
    searcher = served.searcher
    version = searcher.version
    known: tuple[str, ArchiveCalendar] | None = current_app.extensions.get(_CACHE)
    if known is None or known[0] != version:
        known = current_app.extensions[_CACHE] = (version, ArchiveCalendar.of_days(searcher.published(TimeUnit.DAY)))
    return known[1]


def year_rows(months: Mapping[str, int], shades: Shades) -> Iterator[YearRow]:
    """The years from the last to the first, with their months; years in a row without articles are one row."""
    counts = {year: sum(months[month] for month in part) for year, part in groupby(sorted(months), lambda m: m[:4])}
    if not counts:
        return
    years = range(int(max(counts)), int(min(counts)) - 1, -1)
    for empty, run in groupby(years, lambda year: f"{year:04}" not in counts):
        if empty:
            gap = list(run)
            yield YearRow(gap[-1], 0, until=gap[0])
            continue
        for year in run:
            times = [f"{year:04}-{month:02}" for month in range(1, 13)]
            cells = tuple(Period(time, months.get(time, 0), shades.of(months.get(time, 0))) for time in times)
            yield YearRow(year, counts[f"{year:04}"], cells)


def _in_hijri(day: date) -> str:
    hijri = hijri_date(day)
    if hijri is None:
        return ""
    return f"{number(hijri[2])} {hijri_month(hijri[1])}" if 1 in (day.day, hijri[2]) else number(hijri[2])


def _rounded(value: float) -> int:
    """Two significant digits."""
    return int(float(f"{value:.2g}"))


def week_start() -> int:
    """The first weekday of the reader's region (0 is Monday), as CLDR has it.

    The region is that of the browser's language, ar-EG or en-GB; without one, the likeliest of the page's language:
    Egypt for Arabic, the United States for English.
    """
    code = language()
    for wanted in request.accept_languages.values():
        spoken, _, _ = wanted.partition("-")
        if spoken.lower() == code and "-" in wanted and (first := _first_weekday(wanted)) is not None:
            return first
    return _first_weekday(get_global("likely_subtags")[code].replace("_", "-")) or 0


@lru_cache(maxsize=200)
def _first_weekday(tag: str) -> int | None:
    try:
        return Locale.parse(tag, sep="-").first_week_day
    except (UnknownLocaleError, ValueError):
        return None
