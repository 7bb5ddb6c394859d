"""The two calendars of the Arab press: the printed names of their months, and conversion to Gregorian days.

Gregorian months have three sets of names (Levant and Iraq, Egypt and the Gulf, the Maghreb), each with variant
spellings; Libya had its own from 1986 to 2011. Hijri dates follow the Umm al-Qura tables of `hijridate`.
"""

from __future__ import annotations

import calendar as gregorian
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from hijridate import Gregorian, Hijri

# A Hijri month has 29 or 30 days.
_HIJRI_DAYS = range(1, 31)


class Calendar(Enum):
    """The calendar of a printed date."""

    GREGORIAN = "gregorian"
    HIJRI = "hijri"


# The first newspapers are of the 1600s; the Umm al-Qura tables run from 1343 to 1500. The ranges are disjoint, so a
# bare year determines its calendar.
YEARS = {Calendar.GREGORIAN: range(1600, 2200), Calendar.HIJRI: range(1343, 1501)}


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a calendar; `number` counts from 1."""

    calendar: Calendar
    number: int


# Line n has the names of month n. Folding ignores hamzas, so each spelling is listed once.
_GREGORIAN = """
    كانون الثاني, كانون ثاني, كانون ثان, يناير, جانفي, january, jan, janvier, janv
    شباط, فبراير, فيفري, february, feb, février, févr, fév
    آذار, مارس, march, mar, mars
    نيسان, أبريل, أفريل, april, apr, avril, avr
    أيار, مايو, ماي, مايس, may, mai
    حزيران, يونيو, يونيه, جوان, june, jun, juin
    تموز, يوليو, يوليه, يوليوز, جويلية, july, jul, juillet, juil
    آب, أغسطس, أوغسطس, غشت, أوت, august, aug, août
    أيلول, سبتمبر, شتنبر, september, sept, sep, septembre
    تشرين الأول, تشرين أول, أكتوبر, أوكتوبر, october, oct, octobre
    تشرين الثاني, تشرين ثاني, تشرين ثان, نوفمبر, نونبر, november, nov, novembre
    كانون الأول, كانون أول, ديسمبر, دجنبر, december, dec, décembre, déc
"""
_HIJRI = """
    محرم
    صفر
    ربيع الأول, ربيع أول
    ربيع الآخر, ربيع آخر, ربيع الثاني, ربيع ثاني, ربيع ثان
    جمادى الأولى, جمادى الأول, جمادى أولى, جماد الأولى, جماد الأول, جماد أول
    جمادى الآخرة, جمادى الآخر, جمادى الثانية, جمادى الثاني, جمادى ثانية, جماد الآخرة, جماد الآخر, جماد الثاني, جماد ثاني
    رجب
    شعبان
    رمضان
    شوال
    ذو القعدة, ذي القعدة, ذا القعدة, ذو قعدة, ذي قعدة
    ذو الحجة, ذي الحجة, ذا الحجة, ذو حجة, ذي حجة
"""
# All are everyday words or names ("summer", "water", Nasser).
_LIBYAN = """
    أي النار, أين النار
    النوار
    الربيع
    الطير
    الماء
    الصيف
    ناصر
    هانيبال, هنيبال
    الفاتح
    التمور
    الحرث
    الكانون
"""

# NFKD without marks removes hamza and madda from their seats; these letters do not decompose.
_LETTERS = str.maketrans(
    dict(zip("ىیةەھہٱک", "ييههههاك", strict=True))
    | dict(zip("،؍\\∕⁄٫‐‑‒–—−", ",////.------", strict=True))
    | {"ـ": None}
)


def fold_date_text(text: str) -> str:
    """Fold everything that does not change a date: the form in which dates and month names are matched.

    Harakat, tatweel, hamzas on their seats, bidi and other invisible marks are removed; ى → ي, ة → ه, presentation
    forms and Persian letters → Arabic letters, digits of any script → 0-9, dashes → -, Latin lower-cased, spaces
    single.
    """
    kept = []
    for char in unicodedata.normalize("NFKD", text):
        kind = unicodedata.category(char)
        if kind == "Nd":
            kept.append(str(unicodedata.decimal(char)))
        elif kind not in ("Mn", "Cf"):
            kept.append(char)
    return " ".join("".join(kept).lower().translate(_LETTERS).split())


def _by_name(lines: str, calendar: Calendar) -> dict[str, Month]:
    rows = enumerate(lines.strip().splitlines(), start=1)
    return {fold_date_text(name): Month(calendar, number) for number, row in rows for name in row.split(",")}


# Names that are months next to a year, and those that need a day and a year.
_CLEAR = _by_name(_GREGORIAN, Calendar.GREGORIAN) | _by_name(_HIJRI, Calendar.HIJRI)
_DOUBTFUL = _by_name(_LIBYAN, Calendar.GREGORIAN)
_SPACELESS = {name.replace(" ", ""): month for name, month in (_CLEAR | _DOUBTFUL).items()}


def names_pattern(*, doubtful: bool) -> str:
    """A regular expression for month names in folded text: the unambiguous ones, or the ambiguous Libyan ones."""
    longest_first = sorted(_DOUBTFUL if doubtful else _CLEAR, key=len, reverse=True)
    return "(?:ال)?(?:" + "|".join(re.escape(name).replace(r"\ ", " ?") for name in longest_first) + ")"


def month_named(name: str) -> Month:
    """The month of a folded name that matched `names_pattern`."""
    spaceless = name.replace(" ", "")
    return _SPACELESS.get(spaceless) or _SPACELESS[spaceless.removeprefix("ال")]


def calendar_of_year(year: int) -> Calendar | None:
    """The calendar of a bare year; None if neither calendar has it."""
    return next((calendar for calendar, years in YEARS.items() if year in years), None)


def day_of(calendar: Calendar, year: int, month: int, day: int) -> date:
    """The Gregorian day of a printed date.

    The 30th of a Hijri month with 29 days in the tables is the day after its 29th: months were announced by sighting
    the moon, and printed dates differ from the tables by a day.

    Raises:
        ValueError: the calendar has no such day.
    """
    first, _ = month_span(calendar, year, month)
    if calendar is Calendar.GREGORIAN:
        return first.replace(day=day)
    if day not in _HIJRI_DAYS:
        raise ValueError(f"no Hijri month has a day {day}")
    return first + timedelta(days=day - 1)


def month_span(calendar: Calendar, year: int, month: int) -> tuple[date, date]:
    """The first and the last Gregorian day of a month.

    Raises:
        ValueError: the calendar has no such month.
    """
    if year not in YEARS[calendar] or not 1 <= month <= 12:
        raise ValueError(f"no month {month} of {year} in the {calendar.value} calendar")
    if calendar is Calendar.GREGORIAN:
        first = date(year, month, 1)
        return first, first.replace(day=gregorian.monthrange(year, month)[1])
    start = Hijri(year, month, 1)
    first = date.fromordinal(start.to_gregorian().toordinal())
    return first, first + timedelta(days=start.month_length() - 1)


def year_span(calendar: Calendar, year: int) -> tuple[date, date]:
    """The first and the last Gregorian day of a year.

    Raises:
        ValueError: the calendar has no such year.
    """
    return month_span(calendar, year, 1)[0], month_span(calendar, year, 12)[1]


def hijri_date(day: date) -> tuple[int, int, int] | None:
    """(year, month, day) of a Gregorian day by the tables of Umm al-Qura; None for a day outside them."""
    try:
        found = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return None
    return found.year, found.month, found.day


def gregorian_day(year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a Hijri one by the tables of Umm al-Qura; None if they have no such day."""
    try:
        return date.fromordinal(Hijri(year, month, day).to_gregorian().toordinal())
    except (OverflowError, ValueError):
        return None
