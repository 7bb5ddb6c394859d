"""Dates in Arabic, whatever the language of the page: for citations, which are in the language of what they cite."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

# As the press of both traditions prints them; not from CLDR, whose Arabic has one of the two.
MONTHS: Final = (
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


def printed_day(published: date | datetime) -> str:
    """The day as the press of both traditions prints it: 23 شباط/فبراير 2017."""
    return f"{published.day} {MONTHS[published.month - 1]} {published.year}"
