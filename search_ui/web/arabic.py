"""Arabic as the page writes it: counts that agree with their nouns, dates with both names of the month."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from indexer import MatchLevel

_MONTHS: Final = (
    "كانون الثاني/يناير",
    "شباط/فبراير",
    "آذار/مارس",
    "نيسان/أبريل",
    "أيار/مايو",
    "حزيران/يونيو",
    "تموز/يوليو",
    "آب/أغسطس",
    "أيلول/سبتمبر",
    "تشرين الأول/أكتوبر",
    "تشرين الثاني/نوفمبر",
    "كانون الأول/ديسمبر",
)


_LEVELS: Final = {
    MatchLevel.PHRASE: "العبارة",
    MatchLevel.FORM: "الكلمة نفسها",
    MatchLevel.PATTERN: "النمط",
    MatchLevel.FUZZY: "تهجئة قريبة",
    MatchLevel.STEM: "صيغة أخرى",
    MatchLevel.ROOT: "الجذر",
    MatchLevel.SIMILAR: "كلمة شبيهة",
}


def name_of_level(level: MatchLevel) -> str:
    """How a word matched, as the page says it."""
    return _LEVELS[level]


def printed_day(published: datetime) -> str:
    """The day as the press of both traditions prints it: 23 شباط/فبراير 2017."""
    return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"


def count_of_results(number: int) -> str:
    """A number of results with its noun: none, one, two, three to ten, and eleven on are counted in different ways."""
    if number == 0:
        return "لا نتائج"
    if number == 1:
        return "نتيجة واحدة"
    if number == 2:
        return "نتيجتان"
    last_two = number % 100
    if 3 <= last_two <= 10:
        return f"{number:,} نتائج"
    return f"{number:,} نتيجة"


def in_stories(number: int) -> str:
    """In how many stories the results are: as `count_of_results`, of a masculine noun."""
    if number == 1:
        return "في خبر واحد"
    if number == 2:
        return "في خبرين"
    last_two = number % 100
    if 3 <= last_two <= 10:
        return f"في {number:,} أخبار"
    return f"في {number:,} {'خبرا' if last_two > 10 else 'خبر'}"
