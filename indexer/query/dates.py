"""Dates and ranges of dates in a query: how many words a date takes, what it means, and warnings about it.

`corpus.read_days` defines dates. In a query a date is the longest run of words after the field that is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from corpus import DateAssumption, DateWithoutYear, DayRange, NotADate, is_range, parse_period, read_days
from indexer.analysis import fold
from indexer.query import warnings
from indexer.results import QueryWarning

Span = tuple[date | None, date | None]
"""First and last day, inclusive; None is open."""

MAX_DATE_TOKENS: Final = 12
"""Words of the longest date without quotation marks: بين الحادي والعشرين من كانون الثاني 2015 و الثالث من آذار 2016."""

# An ISO date is complete: no word after it belongs to it, so that a printed query parses as the same tree.
_WHOLE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:\.\.\d{4}-\d\d-\d\d)?")
_CLOCK: Final = re.compile(r"\d[tT ]?\d\d?:\d\d|\d[tT]\d\d")
# Words that join the parts of a date: one at its end is not part of it (شباط 2017 من سوريا).
_BINDING: Final = frozenset(map(fold, ("من", "شهر", "عام", "العام", "سنة", "السنة", "of", "و", "إلى", "حتى", "في")))
_CLOCK_ALONE: Final = re.compile(r"\d\d?:\d\d(?::\d\d)?")
_YEAR: Final = re.compile(r"\d{4}")
_AND: Final = fold("و")
_ANY_DAYS: Final = (date(1999, 2, 3), date(2020, 10, 20))


def read_date(text: str, today: date, *, counted: bool = False) -> DayRange:
    """The days that a value means. With `counted` a bare length of time counts back from today (`corpus.read_days`).

    A time of day beside the date is ignored.

    Raises:
        NotADate: the text is not a date.
    """
    try:
        return read_days(text, today, counted=counted)
    except NotADate:
        if not _CLOCK.search(text):
            raise
        return DayRange(*parse_period(text))


def leading_date(words: Sequence[str], today: date, *, counted: bool = False) -> tuple[DayRange, int]:
    """The date at the beginning of some words, as `read_date`, and how many words it takes: as many as possible.

    Raises:
        NotADate: the words begin with no date.
    """
    words = words[:MAX_DATE_TOKENS]
    longest = 1 if words and _WHOLE.fullmatch(_digits(words[0])) else len(words)
    refused: NotADate | None = None
    for count in range(longest, 0, -1):
        following = words[count : count + 1]
        try:
            has_clock = count == 1 or _CLOCK_ALONE.fullmatch(words[count - 1])
            days = (read_date if has_clock else read_days)(" ".join(words[:count]), today, counted=counted)
        except DateWithoutYear as error:
            # 30 February 2015 has a year, but does not exist.
            no_such_day = _YEAR.match(_digits("".join(following)))
            refused = refused or (NotADate(" ".join(words[: count + 1])) if no_such_day else error)
            continue
        except NotADate:
            continue
        if fold(words[count - 1]) in _BINDING and days == _read(words[: count - 1], today, counted=counted):
            continue
        if _is_joined(following, today):
            raise NotADate(" ".join(words[: count + 1]))
        return days, count
    raise refused or NotADate(" ".join(words[:1]))


def _is_joined(following: Sequence[str], today: date) -> bool:
    """Whether another date follows with و: 2014 و2016 is ambiguous (both, or all between), so it is rejected."""
    word = fold("".join(following))
    return (
        word.startswith(_AND) and any(c.isdigit() for c in word) and _read([word[1:]], today, counted=False) is not None
    )


def is_date(words: Sequence[str], today: date) -> bool:
    """Whether some words begin with a date."""
    try:
        leading_date(words, today, counted=True)
    except NotADate:
        return False
    return True


def bare_date_range(words: Sequence[str]) -> DayRange | None:
    """The days of a range in words that is the whole query, without a field: بين 2014 و2016; None for other queries.

    Relative dates are none, so that the result does not depend on the day.
    """
    text = " ".join(words)
    if len(words) > MAX_DATE_TOKENS or not is_range(text):
        return None
    try:
        days, again = (read_days(text, day) for day in _ANY_DAYS)
    except NotADate:
        return None
    return days if days == again and days.first and days.last else None


def date_warnings(text: str, days: DayRange) -> list[QueryWarning]:
    """The warnings about how a date was read."""
    found = [warnings.dates_swapped()] if DateAssumption.SWAPPED in days.assumptions else []
    assumptions = sorted(days.assumptions - {DateAssumption.SWAPPED}, key=lambda remark: remark.value)
    return [*found, *(warnings.read_as_days(text, remark, days.first, days.last) for remark in assumptions)]


def order_periods(earlier: tuple[date, date], later: tuple[date, date]) -> tuple[Span, bool]:
    """The span from one period to another, and whether they were swapped to be in order."""
    if earlier[0] <= later[1]:
        return (earlier[0], later[1]), False
    return (later[0], earlier[1]), True


def _read(words: Sequence[str], today: date, *, counted: bool) -> DayRange | None:
    try:
        return read_days(" ".join(words), today, counted=counted)
    except NotADate:
        return None


def _digits(text: str) -> str:
    return "..".join(fold(side) for side in text.split(".."))
