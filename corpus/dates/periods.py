"""Parse a period as people name it in a search: a printed day, month or year, and what is relative to today.

    period  :=  a day, month or year (`corpus.dates.parsing`) | weekday | season | part of a period | decade | century
             |  relative: أمس, الأسبوع الماضي, آخر 7 أيام, مايو الماضي

Text is folded (`corpus.dates.calendars.fold_date_text`) and normalized (`one_spelling`) before it is matched.

Weeks begin on Saturday, as the CLDR has it for most Arab countries. It has Sunday for Saudi Arabia and Yemen, Monday
for Lebanon, Morocco, Tunisia and the Emirates: one rule gives all readers of an archive one result. A winter has the
year of its January: winter 2016 is December 2015 to February 2016.
"""

from __future__ import annotations

import calendar as gregorian
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import cache

from corpus.dates import period_words as words
from corpus.dates.calendars import (
    YEARS,
    Calendar,
    calendar_of_year,
    day_of,
    fold_date_text,
    hijri_date,
    month_named,
    month_span,
    names_pattern,
    year_span,
)
from corpus.dates.parsing import parse_period
from corpus.dates.period_words import Unit
from corpus.errors import NotADate


class DateAssumption(Enum):
    """An assumption made in reading a date, which is shown to the user."""

    VAGUE = "vague"
    TWO_DIGIT_YEAR = "two-digit year"
    WINTER = "winter"
    EARLIER_YEAR = "earlier year"
    HOURS = "hours"
    WEEKDAY = "weekday"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day, both included, the unit, and the assumptions."""

    first: date
    last: date
    unit: Unit
    assumptions: frozenset[DateAssumption] = frozenset()


def one_spelling(folded: str) -> str:
    """Normalize folded text that people spell in several ways: كانون 2, ت1, 7أيام."""
    text = re.sub(r"^[ ,:;()]+|(?<!\.)\.$|[ ,:;()]+$", "", folded)
    text = re.sub(r"(?<=\d)(?=[^\W\d_]{3})|(?<=[^\W\d_]{3})(?=\d)(?<!\bو)", " ", text)
    text = re.sub(words.SHORT_MONTH, lambda short: f"{words.LEBANESE[short[1]]} {short[2]}", text)
    second = {"1": "الاول", "i": "الاول", "2": "الثاني", "ii": "الثاني"}
    text = re.sub(words.NUMBERED_MONTH, lambda name: f"{name[1]} {second[name[2]]}", text)
    return re.sub(words.SEPARATED, lambda mark: mark[1] or mark[2], text)


@cache
def month_name() -> str:
    """A regular expression for month names in folded text."""
    return names_pattern(doubtful=False)


@cache
def _month_alone() -> str:
    binding = words.any_of("من, شهر, من شهر, of")
    return rf"(?:(?P<day>\d{{1,2}}) ?(?:{binding} )?)?(?:{words.any_of('شهر')} )?(?P<name>{month_name()})(?P<rest> .+)?"


def lacks_year(text: str) -> bool:
    """Whether a text is a day or month without its year."""
    text = re.sub(words.WEEKDAY_BEFORE, "", text)
    text = re.sub(words.ORDINAL_DAY, lambda found: f"{_ordinal(found['ordinal'])}", text, count=1)
    found = re.fullmatch(_month_alone(), text)
    return bool(re.fullmatch(r"\d{1,2}[-/.]\d{1,2}", text) or (found and not found["rest"]))


def _ordinal(text: str) -> int:
    return words.ALL_ORDINALS.get(text) or 1  # أول, 1er


class PeriodReader:
    """Parses single periods; relative ones are counted from `today`."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._read: dict[str, Period | None] = {}

    def _rolling(self, text: str) -> Period | None:
        found = re.fullmatch(words.ROLLING, text)
        length = found and length_named(found["duration"] or found["duration2"] or found["duration3"])
        if not found or length is None:
            return None
        assumptions = frozenset({DateAssumption.HOURS} if length[1] is Unit.HOUR else ())
        first = days_back(self._today, *length) + timedelta(days=length[1] is not Unit.HOUR)
        return Period(first, self._today, Unit.OTHER, assumptions)

    # Periods

    def period(self, text: str) -> Period | None:
        """The period that a text names; None if it names none."""
        text = text.strip(" ,.")
        if not text:
            return None
        if text not in self._read:
            self._read[text] = None  # for a text that contains itself
            self._read[text] = self._find(text)
        return self._read[text]

    def _find(self, text: str) -> Period | None:
        for read in (
            *(self._printed, self._named_day, self._relative, self._weekday, self._season, self._part, self._decade),
            *(self._century, self._in_relative_year, self._edges, self._rolling, self._month_of, self._two_digits),
            *(self._ordinal_day, self._both_calendars, self._vague),
        ):
            try:
                if found := read(text):
                    return found
            except (ValueError, OverflowError, NotADate):
                continue
        return None

    def _printed(self, text: str) -> Period:
        if found := re.fullmatch(words.NUMBER_OF_MONTH, text):
            month = found["month"]
            number = int(month) if month.isdigit() else words.ALL_ORDINALS.get(month) or words.CARDINALS[month]
            text = f"{found['day']}/{number}/{found['year']}" if found["day"] else f"{number}/{found['year']}"
        first, last = parse_period(re.sub(words.WEEKDAY_BEFORE, "", text, count=1), strict=True)
        whole = Unit.YEAR if re.fullmatch(words.WHOLE_YEAR, text) and (last - first).days > 300 else Unit.MONTH
        return Period(first, last, Unit.DAY if first == last else whole)

    def _named_day(self, text: str) -> Period | None:
        offset = words.NAMED_DAYS.get(text)
        return None if offset is None else of_day(self._today + timedelta(days=offset))

    def _relative(self, text: str) -> Period | None:
        found = re.fullmatch(words.RELATIVE, text)
        if not found:
            return None
        if english := found["english"]:
            offset = 0 if english in ("this", "current") else -1
            return unit_of(self._today, words.SINGULAR[found["english_unit"]], offset)
        marks = [found[name] for name in ("this", "before_last", "last", "current")]
        if not any(marks):
            return None
        offset = -2 if marks[1] else -1 if marks[2] else 0
        unit = words.SINGULAR[found["unit"]]
        if found["hijri"] or text.endswith(words.folded("الهجري, الهجرية")):
            return hijri_unit_of(self._today, unit, offset)
        return unit_of(self._today, unit, offset)

    def _weekday(self, text: str) -> Period | None:
        found = re.fullmatch(words.WEEKDAY_ALONE, text)
        if not found:
            return None
        weekday = words.WEEKDAYS[found["day"] or found["english_day"]]
        if found["last"] or found["english"]:
            return of_day(self._today - timedelta(days=(self._today.weekday() - weekday - 1) % 7 + 1))
        day = self._today - timedelta(days=(self._today.weekday() - weekday) % 7)
        return replace(of_day(day), assumptions=frozenset({DateAssumption.WEEKDAY}))

    def _season(self, text: str) -> Period | None:
        if found := re.fullmatch(words.SEASON, text):
            year, month = int(found["year"]), words.SEASONS[found["season"]]
            if year not in YEARS[Calendar.GREGORIAN]:
                return None
            if following := found["next"]:  # شتاء 2015-2016
                if month != 12 or int(following) % 100 != (year + 1) % 100:
                    return None
                return season_of(month, year + 1)
            season = season_of(month, year)
            return replace(season, assumptions=frozenset({DateAssumption.WINTER})) if month == 12 else season
        found = re.fullmatch(words.SEASON_RELATIVE, text)
        if not found or text in words.SEASONS:
            return None
        month = words.SEASONS[found["season"]]
        is_past = bool(found["last"] or found["english"])
        years = range(self._today.year + 1, self._today.year - 2, -1)
        seasons = [season_of(month, year) for year in years]
        if is_past:
            return next((season for season in seasons if season.last < self._today), None)
        return next((season for season in seasons if season.first <= self._today), None)

    def _part(self, text: str) -> Period | None:
        if found := re.fullmatch(words.TEN_DAYS, text):
            month = self.period(found["whole"])
            return month and part_of(month, 3, 1 if found["first"] else 2 if found["middle"] else 3)
        if found := re.fullmatch(words.EDGE_DAY, text):
            edge = self.period(found["whole"]) or self._current(found["whole"])
            return edge and of_day(edge.last if found["last"] else edge.first)
        found = re.fullmatch(words.PART, text)
        if not found:
            return None
        if letter := found["letter"] or found["letter4"]:
            parts, place = (4 if letter == "q" else 2), int(found["number"] or found["number4"])
        else:
            parts = words.FRACTIONS[found["fraction"] or found["fraction2"] or found["fraction5"]]
            ordinal = found["ordinal"] or found["ordinal2"] or found["ordinal5"]
            place = int(ordinal) if ordinal.isdigit() else words.ALL_ORDINALS.get(ordinal, -1)
        whole = next(found[name] for name in ("whole", "whole2", "whole3", "whole4", "whole5") if found[name])
        period = self.period(whole) or self._current(whole)
        return period and part_of(period, parts, parts if place == -1 and parts else place)

    def _decade(self, text: str) -> Period | None:
        found = re.fullmatch(words.DECADE, text)
        if not found:
            return None
        tens = int(found["tens"]) if found["tens"] else words.DECADES[found["word"] or found["english"]]
        if found["century"]:
            base = int(found["century"]) * 100
        elif found["of"]:
            century = self._century(found["of"]) or self._relative(found["of"])
            if century is None or century.unit is not Unit.CENTURY:
                return None
            base = century.first.year - 1
        elif tens >= 30 and self._today.year < 2030:
            base = 1900
        else:
            return None
        return Period(date(base + tens, 1, 1), date(base + tens + 9, 12, 31), Unit.DECADE)

    def _century(self, text: str) -> Period | None:
        found = re.fullmatch(words.CENTURY, text)
        if not found:
            return None
        name = found["number"] or found["english"]
        digits = re.match(r"\d+", name)
        number = int(digits[0]) if digits else words.ALL_ORDINALS.get(name, 0)
        if not 17 <= number <= 22:
            return None
        return Period(date(number * 100 - 99, 1, 1), date(number * 100, 12, 31), Unit.CENTURY)

    def _edges(self, text: str) -> Period | None:
        """A period with a preposition, which changes nothing: خلال 2015."""
        found = re.fullmatch(words.DURING, text)
        return self.period(found["whole"]) if found else None

    def _month_of(self, text: str) -> Period | None:
        """A month with a relative year or a year of the other calendar: مايو الماضي, رمضان 2015."""
        found = re.fullmatch(_month_alone(), text)
        if not found or not found["rest"]:
            return None
        month = month_named(found["name"])
        rest = found["rest"].strip()
        year = re.fullmatch(rf"(?:{words.YEAR_WORDS} )?(\d{{4}})(?: ?{words.any_of('م, ميلادي')})?", rest)
        if year:
            number = int(year[1])
            of_year = calendar_of_year(number)
            if of_year is None or of_year is month.calendar:
                return None
            # A year of one calendar overlaps two of the other: the month must begin in it exactly once.
            first, last = year_span(of_year, number)
            spans = [
                span for span in self._spans(month.calendar, month.number, first, last) if first <= span[0] <= last
            ]
            return self._in_month(spans[0], found["day"], month.calendar) if len(spans) == 1 else None
        spans = self._spans(month.calendar, month.number, self._today - timedelta(days=800), self._today)
        if re.fullmatch(words.LAST, rest):
            past = [span for span in spans if span[1] < self._today]
            return self._in_month(past[-1], found["day"], month.calendar)
        if re.fullmatch(words.THIS, rest):
            current = [span for span in spans if span[0] <= self._today <= span[1]]
            return self._in_month(current[0], found["day"], month.calendar) if current else None
        return None

    def _spans(self, calendar: Calendar, month: int, first: date, last: date) -> list[tuple[date, date]]:
        found = [hijri_date(first), hijri_date(last)] if calendar is Calendar.HIJRI else [(first.year,), (last.year,)]
        if not all(found):
            return []
        begins, ends = (day[0] for day in found if day)
        return [month_span(calendar, year, month) for year in range(begins, ends + 1) if year in YEARS[calendar]]

    def _in_month(self, span: tuple[date, date], day: str | None, calendar: Calendar) -> Period | None:
        if day is None:
            return Period(*span, Unit.MONTH)
        found = span[0] + timedelta(days=int(day) - 1)
        return of_day(found) if int(day) >= 1 and found <= span[1] else None

    def _in_relative_year(self, text: str) -> Period | None:
        """A part of a relative year or month: صيف العام الماضي, الخامس من الشهر الجاري."""
        english = re.fullmatch(r"(.+?)(?: of)? ((?:last|this) (?:year|month))", text)
        arabic = re.search(words.OF_RELATIVE, text)
        head, tail = (
            (english[1], english[2]) if english else (text[: arabic.start()], arabic[1]) if arabic else ("", "")
        )
        whole = self._relative(tail) if head else None
        if whole is None or whole.unit not in (Unit.YEAR, Unit.MONTH):
            return None
        if whole.unit is Unit.YEAR:
            return self.period(f"{head} {whole.first.year}")
        name = gregorian.month_name[whole.first.month].lower()
        return self.period(f"{head} {name} {whole.first.year}")

    def _two_digits(self, text: str) -> Period | None:
        found = re.fullmatch(words.TWO_DIGITS, re.sub(words.WEEKDAY_BEFORE, "", text, count=1))
        if not found:
            return None
        if found[2] == "-" and len(found[1]) == 2:  # 15-08-07 may begin with the year
            return None
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if year <= self._today.year % 100:
            year += self._today.year // 100 * 100
        elif year >= 50:
            year += (self._today.year // 100 - 1) * 100
        else:  # of the last century, or Hijri: 36 is 1436 to a Saudi reader
            return None
        return replace(
            of_day(day_of(Calendar.GREGORIAN, year, month, day)), assumptions=frozenset({DateAssumption.TWO_DIGIT_YEAR})
        )

    def _ordinal_day(self, text: str) -> Period | None:
        text = re.sub(words.WEEKDAY_BEFORE, "", text, count=1)
        found = re.match(words.ORDINAL_DAY, text)
        if not found:
            return None
        rest = text[found.end() :].strip()
        name = re.match(rf"(?:{fold_date_text('شهر')} )?{month_name()}(?!\w)", rest)
        if not name and not rest.startswith(tuple(words.SINGULAR)):
            return None
        return self.period(f"{_ordinal(found['ordinal'])} {rest}")

    def _both_calendars(self, text: str) -> Period | None:
        """A day in both calendars, as printed in the Gulf: the Gregorian one counts."""
        sides = re.split(words.ALSO, text)
        if len(sides) != 2:
            return None
        periods = [self.period(re.sub(words.WEEKDAY_BEFORE, "", side, count=1)) for side in sides]
        if not periods[0] or not periods[1] or abs((periods[0].first - periods[1].first).days) > 2:
            return None
        is_hijri = [bool(re.search(r"\b1[345]\d\d\b", side)) for side in sides]
        return periods[0] if is_hijri[1] and not is_hijri[0] else periods[1]

    def _vague(self, text: str) -> Period | None:
        found = re.fullmatch(words.VAGUE, text)
        whole = found["whole"] if found else text.removesuffix(fold_date_text(" تقريبا"))
        if whole == text:
            return None
        period = self.period(whole) or self._current(whole)
        return period and replace(period, assumptions=period.assumptions | {DateAssumption.VAGUE})

    def _current(self, text: str) -> Period | None:
        """A named part of the current week, month or year: بداية الشهر"""
        unit = words.SINGULAR.get(text)
        return unit_of(self._today, unit, 0) if unit and unit is not Unit.DAY and not text.isascii() else None


def length_named(text: str) -> tuple[int, Unit] | None:
    """The count and unit of a duration such as ثلاثة أيام; None if the text is not a duration."""
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
    """The same day of another month, or its last if that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def season_of(month: int, year: int) -> Period:
    """The season that begins with this month; a winter has the year of its January."""
    first = date(year - (month == 12), month, 1)
    return Period(first, months_later(first, 3) - timedelta(days=1), Unit.OTHER)


def part_of(whole: Period, parts: int, place: int) -> Period | None:
    """The n-th half, third or quarter of a year, month, decade, century; without `parts`, the n-th week of a month."""
    if parts and not 1 <= place <= parts:
        return None
    match whole.unit:
        case Unit.MONTH if parts in (0, 2, 3):
            size = {0: 7, 2: 15, 3: 10}[parts]
            if parts == 0 and place == -1:
                return Period(whole.last - timedelta(days=6), whole.last, Unit.OTHER, frozenset({DateAssumption.VAGUE}))
            first = whole.first + timedelta(days=size * (place - 1))
            last = whole.last if place == parts else min(whole.last, first + timedelta(days=size - 1))
            assumptions = whole.assumptions | ({DateAssumption.VAGUE} if parts == 0 else frozenset())
            return Period(first, last, Unit.OTHER, assumptions) if place >= 1 and first <= last else None
        case Unit.YEAR if parts:
            is_gregorian = (whole.first.month, whole.first.day) == (1, 1) and whole.last.month == 12
            calendar = Calendar.GREGORIAN if is_gregorian else Calendar.HIJRI
            found = hijri_date(whole.first)
            year = whole.first.year if is_gregorian else found[0] if found else 0
            size = 12 // parts
            first, _ = month_span(calendar, year, size * (place - 1) + 1)
            return Period(first, month_span(calendar, year, size * place)[1], Unit.OTHER, whole.assumptions)
        case Unit.DECADE | Unit.CENTURY if parts == 2 or (parts == 4 and whole.unit is Unit.CENTURY):
            size = (10 if whole.unit is Unit.DECADE else 100) // parts
            first = date(whole.first.year + size * (place - 1), 1, 1)
            return Period(first, date(first.year + size - 1, 12, 31), Unit.OTHER, whole.assumptions)
    return None


def days_back(today: date, count: int, unit: Unit) -> date:
    """The day that is so long before today."""
    match unit:
        case Unit.HOUR:
            return today - timedelta(days=-(-count // 24))
        case Unit.DAY | Unit.WEEK:
            return today - timedelta(days=count * (7 if unit is Unit.WEEK else 1))
    months = {Unit.MONTH: 1, Unit.YEAR: 12, Unit.DECADE: 120}[unit]
    return months_later(today, -count * months)


def unit_of(today: date, unit: Unit, offset: int) -> Period:
    """The week, month, year … that includes today, or the one `offset` units later."""
    assumptions: frozenset[DateAssumption] = frozenset()
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
            assumptions = frozenset({DateAssumption.VAGUE} if unit is Unit.DECADE else ())
    return Period(first, last, unit, assumptions)


def hijri_unit_of(today: date, unit: Unit, offset: int) -> Period | None:
    """The same in the Hijri calendar, for months and years."""
    found = hijri_date(today)
    if found is None or unit not in (Unit.MONTH, Unit.YEAR):
        return None
    year, month, _ = found
    if unit is Unit.YEAR:
        return Period(*year_span(Calendar.HIJRI, year + offset), unit)
    year, month = divmod(year * 12 + month - 1 + offset, 12)
    return Period(*month_span(Calendar.HIJRI, year, month + 1), unit)
