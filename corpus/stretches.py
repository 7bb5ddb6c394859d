"""Stretches of days and their arithmetic: weeks, seasons, parts of years, lengths of time counted back from a day.

Weeks begin on Saturday, as the CLDR has it for most Arab countries. It has Sunday for Saudi Arabia and Yemen, Monday
for Lebanon, Morocco, Tunisia and the Emirates: one rule gives all readers of an archive one answer.
Winter is named by the year of its January: winter 2016 is December 2015 to February 2016.
"""

from __future__ import annotations

import calendar as gregorian
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from corpus import period_words as words
from corpus.calendars import Calendar, hijri_date, month_span, year_span
from corpus.period_words import Unit


class Remark(Enum):
    """Why a reader has to be told how a date was read."""

    VAGUE = "vague"
    TWO_DIGIT_YEAR = "two-digit year"
    WINTER = "winter"
    EARLIER_YEAR = "earlier year"
    HOURS = "hours"
    WEEKDAY = "weekday"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day, both included, what they are one of, and what a reader has to be told."""

    first: date
    last: date
    unit: Unit
    remarks: frozenset[Remark] = frozenset()


def length_named(text: str) -> tuple[int, Unit] | None:
    """The count and unit of a duration such as ثلاثة أيام; None if the text is no duration."""
    found = re.fullmatch(words.DURATION, text)
    if not found:
        return None
    if found["alone"]:
        unit, count = words.UNITS[found["alone"]]
        return (count, unit) if count else None
    number = found["n"] or found["n2"]
    unit, _ = words.UNITS[found["unit"] or found["unit2"]]
    count = int(number) if number.isdigit() else words.CARDINALS[number]
    return (count, unit) if count else None


def of_day(day: date) -> Period:
    """A single day."""
    return Period(day, day, Unit.DAY)


def months_later(day: date, months: int) -> date:
    """The same day of another month, or its last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def season_of(month: int, year: int) -> Period:
    """The season that begins with this month; a winter is that of the January of the year."""
    first = date(year - (month == 12), month, 1)
    return Period(first, months_later(first, 3) - timedelta(days=1), Unit.OTHER)


def part_of(whole: Period, parts: int, place: int) -> Period | None:
    """The n-th half, third or quarter of a year, month, decade or century; without `parts` the n-th week of a month."""
    if parts and not 1 <= place <= parts:
        return None
    match whole.unit:
        case Unit.MONTH if parts in (0, 2, 3):
            size = {0: 7, 2: 15, 3: 10}[parts]
            if parts == 0 and place == -1:
                return Period(whole.last - timedelta(days=6), whole.last, Unit.OTHER, frozenset({Remark.VAGUE}))
            first = whole.first + timedelta(days=size * (place - 1))
            last = whole.last if place == parts else min(whole.last, first + timedelta(days=size - 1))
            remarks = whole.remarks | ({Remark.VAGUE} if parts == 0 else frozenset())
            return Period(first, last, Unit.OTHER, remarks) if place >= 1 and first <= last else None
        case Unit.YEAR if parts:
            is_gregorian = (whole.first.month, whole.first.day) == (1, 1) and whole.last.month == 12
            calendar = Calendar.GREGORIAN if is_gregorian else Calendar.HIJRI
            found = hijri_date(whole.first)
            year = whole.first.year if is_gregorian else found[0] if found else 0
            size = 12 // parts
            first, _ = month_span(calendar, year, size * (place - 1) + 1)
            return Period(first, month_span(calendar, year, size * place)[1], Unit.OTHER, whole.remarks)
        case Unit.DECADE | Unit.CENTURY if parts == 2 or (parts == 4 and whole.unit is Unit.CENTURY):
            size = (10 if whole.unit is Unit.DECADE else 100) // parts
            first = date(whole.first.year + size * (place - 1), 1, 1)
            return Period(first, date(first.year + size - 1, 12, 31), Unit.OTHER, whole.remarks)
    return None


def days_back(today: date, count: int, unit: Unit) -> date:
    """The day that lies so long before today."""
    match unit:
        case Unit.HOUR:
            return today - timedelta(days=-(-count // 24))
        case Unit.DAY | Unit.WEEK:
            return today - timedelta(days=count * (7 if unit is Unit.WEEK else 1))
    months = {Unit.MONTH: 1, Unit.YEAR: 12, Unit.DECADE: 120}[unit]
    return months_later(today, -count * months)


def unit_of(today: date, unit: Unit, offset: int) -> Period:
    """The week, month, year … that today lies in, or that `offset` of them later."""
    remarks: frozenset[Remark] = frozenset()
    match unit:
        case Unit.DAY:
            first = last = today + timedelta(days=offset)
        case Unit.WEEK:
            first = today - timedelta(days=(today.weekday() - words.WEEK_BEGINS) % 7) + timedelta(days=7 * offset)
            last = first + timedelta(days=6)
        case Unit.MONTH | Unit.QUARTER:
            size = 1 if unit is Unit.MONTH else 3
            start = today.replace(month=(today.month - 1) // size * size + 1, day=1)
            first = months_later(start, offset * size)
            last = months_later(first, size) - timedelta(days=1)
        case Unit.CENTURY:
            century = (today.year - 1) // 100 + offset
            first, last = date(century * 100 + 1, 1, 1), date(century * 100 + 100, 12, 31)
        case _:
            size = 10 if unit is Unit.DECADE else 1
            year = (today.year // size + offset) * size
            first, last = date(year, 1, 1), date(year + size - 1, 12, 31)
            remarks = frozenset({Remark.VAGUE} if unit is Unit.DECADE else ())
    return Period(first, last, unit, remarks)


def hijri_unit_of(today: date, unit: Unit, offset: int) -> Period | None:
    """The same by the Hijri calendar, of months and years."""
    found = hijri_date(today)
    if found is None or unit not in (Unit.MONTH, Unit.YEAR):
        return None
    year, month, _ = found
    if unit is Unit.YEAR:
        return Period(*year_span(Calendar.HIJRI, year + offset), unit)
    year, month = divmod(year * 12 + month - 1 + offset, 12)
    return Period(*month_span(Calendar.HIJRI, year, month + 1), unit)
