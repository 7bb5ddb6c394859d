"""Parse the days that people name in a search: relative ones, parts of years, decades, ordinals, and ranges of them.

days    :=  period | period ".." [period] | ".." period | "بين" period "و" period
         |  ["من"] period ("إلى" | "حتى" | "-") period      the first period takes missing parts from the second
         |  ("منذ" | "بعد") period | ("قبل" | "حتى") period  open; the period itself is included
period  :=  as in `corpus.dates.periods`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from corpus.dates import period_words as words
from corpus.dates.calendars import fold_date_text
from corpus.dates.parsing import MAX_LENGTH, FoundDate, find_date, parse_period
from corpus.dates.period_words import Unit
from corpus.dates.periods import (
    DateAssumption,
    Period,
    PeriodReader,
    days_back,
    lacks_year,
    length_named,
    month_name,
    one_spelling,
)
from corpus.errors import DateWithoutYear, NotADate

_AGO = re.compile(r"(?:(?:منذ|قبل|من) )(?:حوالي |نحو )?(.+)|(.+) (?:ago|مضت|مضي)")
_MINUTES = re.compile(r"(\d{1,2}) (?:دقيقه|دقا.ق|minutes?|mins?)|(دقيقه|a minute)|(دقيقتين)")


@dataclass(frozen=True, slots=True)
class DayRange:
    """The first and the last day, both included, None if open; and the assumptions made."""

    first: date | None
    last: date | None
    assumptions: frozenset[DateAssumption] = frozenset()


def read_days(text: str, today: date, *, counted: bool = False) -> DayRange:
    """Parse a text that names days and nothing more; relative ones are counted from `today`.

    With `counted`, a bare duration (أسبوع, 3 أيام) is the day that is so far back, as after "منذ" and "قبل".

    Raises:
        DateWithoutYear: it is a day or month without its year.
        NotADate: it names no days, or has over `MAX_LENGTH` characters.
    """
    if len(text) > MAX_LENGTH:
        raise NotADate(text[:80])
    try:
        days = _Reader(today).days(one_spelling(fold_date_text(text)), counted=counted)
    except (ValueError, OverflowError):
        days = None
    if days:
        return days
    raise DateWithoutYear(text[:80]) if lacks_year(one_spelling(fold_date_text(text))) else NotADate(text[:80])


def read_bounds(since: str, until: str, today: date) -> DayRange:
    """The days from one text to another; the first takes missing parts from the second: من 1 إلى 5 مايو 2015.

    Raises:
        NotADate: they are not two dates.
    """
    if len(since) + len(until) <= MAX_LENGTH:
        try:
            days = _Reader(today).between(one_spelling(fold_date_text(since)), one_spelling(fold_date_text(until)))
        except (ValueError, OverflowError):
            days = None
        if days:
            return days
    raise NotADate(since[:80])


def read_first_day(text: str, today: date) -> date:
    """The first of the days that a text names, for a field "from"; a duration (3 أيام) is the day so long ago.

    Raises:
        NotADate: it names none, or has no beginning.
    """
    return _bound(text, find_days(text, today).first)


def read_last_day(text: str, today: date) -> date:
    """The last of the days that a text names, for a field "to".

    Raises:
        NotADate: it names none, or has no end.
    """
    return _bound(text, find_days(text, today).last)


def read_ago(text: str, said_at: datetime) -> datetime:
    """Parse a relative time that was printed at `said_at`: منذ ساعتين, قبل 3 أيام, أمس, 20 minutes ago.

    For whole days it is the first midnight, in the offset of `said_at`.

    Raises:
        NotADate: it is none of these.
    """
    if len(text) <= MAX_LENGTH and (ago := _AGO.fullmatch(one_spelling(fold_date_text(text)))):
        length = ago[1] or ago[2]
        if minutes := _MINUTES.fullmatch(length):
            return said_at - timedelta(minutes=int(minutes[1] or (1 if minutes[2] else 2)))
        if (named := length_named(length)) and named[1] is Unit.HOUR:
            return said_at - timedelta(hours=named[0])
    first = read_days(text, said_at.date(), counted=True).first
    if first is None or first > said_at.date():
        raise NotADate(text[:80])
    return datetime(first.year, first.month, first.day, tzinfo=said_at.tzinfo)


# After a named day: whose time zone it is, is not known, and only the day is read.
_TIME_OF_DAY = re.compile(r" ?[,،-]? ?(?:الساعه )?\d{1,2}:\d{2}(?: ?(?:ص|م|صباحا|مساء|am|pm))?$")
_PUBLISHED = re.compile(rf"(?:{words.any_of('نشر, نشرت, تم النشر, نشر في, بتاريخ, published, posted')}) ?:? ?")
# Longer units are rounded by those who print them.
_ROUNDED = frozenset({Unit.WEEK, Unit.MONTH, Unit.YEAR, Unit.DECADE})


def find_published(text: str, *, seen_at: datetime | None = None, not_after: datetime | None = None) -> FoundDate:
    """Parse the printed date of an article: by `find_date`, or a relative one (منذ ساعتين, أمس) if it was seen at a
    known time.

    Raises:
        NotADate: it is neither.
    """
    try:
        return find_date(text, not_after=not_after or seen_at)
    except NotADate:
        if seen_at is None or len(text) > MAX_LENGTH:
            raise
    folded = one_spelling(_PUBLISHED.sub("", fold_date_text(text), count=1))
    if (day := _TIME_OF_DAY.sub("", folded)) in words.NAMED_DAYS:
        return FoundDate(read_ago(day, seen_at))
    ago = _AGO.fullmatch(folded)
    length = ago and (ago[1] or ago[2])
    named = length_named(length) if length else None
    if not length or not (named or _MINUTES.fullmatch(length)):
        raise NotADate(text[:80])
    found = read_ago(folded, seen_at)
    if named and named[1] in _ROUNDED:
        doubt = f"'{' '.join(text.split())}' before {seen_at.date()} is approximate: kept as {found.date()}"
        return FoundDate(found, doubt, (found.date(),))
    return FoundDate(found)


def find_days(text: str, today: date) -> DayRange:
    """Like `read_days`, or otherwise the day of a date that `parse_date` finds among other words.

    Raises:
        NotADate: there is none.
    """
    try:
        return read_days(text, today, counted=True)
    except NotADate:
        return DayRange(*parse_period(text))


def _bound(text: str, day: date | None) -> date:
    if day is None:
        raise NotADate(text[:80])
    return day


def local_day() -> date:
    """Today, in the machine's time zone."""
    return datetime.now().astimezone().date()


def is_range(text: str) -> bool:
    """Whether a text is a range between two dates by its words: بين … و…, من … إلى …"""
    folded = fold_date_text(text)
    if re.fullmatch(words.BETWEEN, folded):
        return True
    found = re.fullmatch(words.FROM, folded)
    return bool(found and re.search(words.UP_TO, found[1]))


class _Reader(PeriodReader):
    def days(self, text: str, *, counted: bool) -> DayRange | None:
        sides = re.split(words.DOTS, text)
        if len(sides) == 2:
            if all(sides):
                return self.between(*sides)
            period = self.period(sides[0] or sides[1])
            if period is None:
                return None
            return _since(period) if sides[0] else _until(period)
        if period := self.period(text):
            return DayRange(period.first, period.last, period.assumptions)
        return self._counted(text, alone=counted) or self._range(text) or self._open(text)

    # Ranges

    def between(self, since: str, until: str) -> DayRange | None:
        """From the first day of one period to the last of another; either may take missing parts from the other."""
        later = self.period(until)
        earlier = self.period(since)
        borrowed = 0
        if later and not earlier:
            earlier, borrowed = self._completed(since, until)
        elif earlier and not later and re.match(month_name(), until):
            later = next(
                filter(None, (self.period(f"{until}{tail}") for tail in re.findall(r" \d{4}\D*$", since))), None
            )
        if earlier is None or later is None:
            return None
        assumptions = earlier.assumptions | later.assumptions
        if earlier.first <= later.last:
            return DayRange(earlier.first, later.last, assumptions)
        if borrowed:  # ديسمبر إلى فبراير 2016
            year = re.search(words.LAST_YEAR, until)
            before = year and self.period(f"{since} {int(year[1]) - 1}{year[2]}")
            return DayRange(before.first, later.last, assumptions | {DateAssumption.EARLIER_YEAR}) if before else None
        return DayRange(later.first, earlier.last, assumptions | {DateAssumption.SWAPPED})

    def _completed(self, text: str, other: str) -> tuple[Period | None, int]:
        parts = other.split()
        tails = [" " + " ".join(parts[start:]) for start in range(1, len(parts))]
        tails += [other[mark.start() :] for mark in re.finditer(r"(?<=\d)[-/.]", other)]
        for tail in tails:
            if period := self.period(text + tail):
                return period, bool(re.fullmatch(r" \d{4}\D{0,9}", tail))
        return None, 0

    def _range(self, text: str) -> DayRange | None:
        if found := re.fullmatch(words.BETWEEN, text):
            return self._split(re.sub(words.DUAL, "", found[1]), words.CONJUNCTION)
        if days := self._neighbours(re.sub(words.DUAL, "", text)):
            return days
        found = re.fullmatch(words.FROM, text)
        if days := self._split(found[1] if found else text, words.UP_TO):
            return days
        if interval := re.fullmatch(words.INTERVAL, text):
            return self.between(interval[1], interval[2])
        if years := re.fullmatch(words.YEARS, text):
            return self.between(years[1], years[2]) if int(years[2]) - int(years[1]) == 1 else None
        if found := re.fullmatch(rf"({month_name()}) (\d{{1,2}}) ?- ?(\d{{1,2}}),? (\d{{4}})", text):  # May 1-5, 2015
            return self.between(found[2], f"{found[3]} {found[1]} {found[4]}")
        read = [days for days in self._splits(text, r" ?- ?| / ") if days]
        return read[0] if len(read) == 1 else self._months(text)

    def _months(self, text: str) -> DayRange | None:
        """The months of a double issue: مايو/يونيو 2015."""
        found = re.fullmatch(rf"({month_name()}) ?/ ?({month_name()}.*)", text)
        return self.between(found[1], found[2]) if found else None

    def _neighbours(self, text: str) -> DayRange | None:
        """Two adjacent periods: مايو ويونيو 2015. None if there is a gap between them."""
        for place in re.finditer(words.CONJUNCTION, text):
            since, until = text[: place.start()], text[place.end() :]
            later = self.period(until)
            earlier = later and (self.period(since) or self._completed(since, until)[0])
            if earlier and later and (later.first - earlier.last).days == 1:
                return DayRange(earlier.first, later.last, earlier.assumptions | later.assumptions)
        return None

    def _split(self, text: str, mark: str) -> DayRange | None:
        return next(filter(None, self._splits(text, mark)), None)

    def _splits(self, text: str, mark: str) -> Iterator[DayRange | None]:
        places = list(re.finditer(mark, text))
        for place in places if len(places) <= words.MAX_SPLITS else ():
            yield self.between(text[: place.start()], text[place.end() :])

    def _open(self, text: str) -> DayRange | None:
        if (found := re.fullmatch(words.SINCE, text)) and (period := self.period(found[1])):
            return _since(period)
        if (found := re.fullmatch(words.UNTIL, text)) and (period := self.period(found[1])):
            return _until(period)
        return None

    # Durations

    def _counted(self, text: str, *, alone: bool) -> DayRange | None:
        found = re.fullmatch(words.COUNTED, text)
        length = found and length_named(found["duration"])
        if not found or length is None or not (alone or found["since"] or found["before"] or found["ago"]):
            return None
        day = days_back(self._today, *length)
        assumptions = frozenset({DateAssumption.HOURS} if length[1] is Unit.HOUR else ())
        return DayRange(day, self._today if found["since"] and not alone else day, assumptions)


def _since(period: Period) -> DayRange:
    return DayRange(period.first, None, period.assumptions)


def _until(period: Period) -> DayRange:
    return DayRange(None, period.last, period.assumptions)
