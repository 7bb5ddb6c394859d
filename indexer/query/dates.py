"""Dates and ranges of dates in queries: the reader of printed dates, and what only queries have.

value  :=  period | period ".." period | period ".." | ".." period | year "-" year
period :=  a day, a month or a year as `corpus.parse_period` reads it
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from corpus import NotADate, parse_period
from indexer.analysis import fold

Span = tuple[date | None, date | None]
"""First and last day, both included; None is open."""

MAX_DATE_TOKENS: Final = 6
"""16 كانون الثاني / يناير 2018: the longest dates that are typed without quotation marks."""

_RANGE: Final = re.compile(r"\s*(?:\.{2,}|…)\s*")
_YEARS: Final = re.compile(r"\s*(\d{4})\s*[-\u2010-\u2015\u2212]\s*(\d{4})\s*")
_WEEKDAY: Final = re.compile(r"^\s*(?:يوم )?(?:ال(?:احد|اثنين|ثلاثاء|ثلثاء|اربعاء|خميس|جمعه|سبت))? *[,،]? *")
# Such a day is whole: what follows it is never a part of it, so that a printed query is read as it was written.
_WHOLE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:\.\.\d{4}-\d\d-\d\d)?")
# Words that bind the parts of a date, but do not end it.
_BINDING: Final = frozenset(map(fold, ("من", "شهر", "عام", "العام", "سنة", "السنة", "of")))


def read_dates(text: str) -> tuple[Span, bool]:
    """The days that a value means, and whether they were typed the wrong way round (they come ordered).

    Raises:
        NotADate: there is none in it.
    """
    return _read(text, strict=False)


def leading_dates(words: Sequence[str]) -> tuple[Span, bool, int]:
    """As `read_dates`, of the longest run of words at the beginning that is a date and nothing else; its length too.

    Raises:
        NotADate: no date is at the beginning.
    """
    words = words[:MAX_DATE_TOKENS]
    longest = 1 if words and _WHOLE.fullmatch(_digits(words[0])) else len(words)
    for count in range(longest, 0, -1):
        if fold(words[count - 1]) in _BINDING:
            continue
        try:
            span, swapped = _read(" ".join(words[:count]), strict=True)
        except NotADate:
            continue
        return span, swapped, count
    span, swapped = _read(words[0] if words else "", strict=False)
    return span, swapped, 1


def is_date(words: Sequence[str]) -> bool:
    """Whether the first of these words, or the first few, are a date."""
    try:
        leading_dates(words)
    except NotADate:
        return False
    return True


def ordered(earlier: tuple[date, date], later: tuple[date, date]) -> tuple[Span, bool]:
    """From the first day of one period to the last of the other, and whether they had to change places."""
    if earlier[0] <= later[1]:
        return (earlier[0], later[1]), False
    return (later[0], earlier[1]), True


def _read(text: str, *, strict: bool) -> tuple[Span, bool]:
    sides = _RANGE.split(text)
    if len(sides) == 1 and (years := _YEARS.fullmatch(text)):
        sides = list(years.groups())
    if len(sides) == 2 and any(sides):
        periods = [_period(side, strict=strict) if side else None for side in sides]
        if periods[0] and periods[1]:
            return ordered(periods[0], periods[1])
        return (periods[0] and periods[0][0], periods[1] and periods[1][1]), False
    return _period(text, strict=strict), False


def _period(text: str, *, strict: bool) -> tuple[date, date]:
    return parse_period(_WEEKDAY.sub("", " ".join(map(fold, text.split()))) if strict else text, strict=strict)


def _digits(text: str) -> str:
    return "..".join(fold(side) for side in text.split(".."))
