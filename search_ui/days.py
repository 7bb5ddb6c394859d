"""Days in Arabic and in English, independent of the page's language: for pages and citations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

# As the press of both traditions prints them; not from CLDR, whose Arabic has one of the two.
ARABIC_MONTHS: Final = (
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
ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def arabic_day(day: date | datetime) -> str:
    """The day as the press of both traditions prints it: 23 شباط/فبراير 2017."""
    return f"{day.day} {ARABIC_MONTHS[day.month - 1]} {day.year}"


def english_day(day: date | datetime) -> str:
    """The day: 23 February 2017."""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"
