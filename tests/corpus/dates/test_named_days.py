from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import (
    DateAssumption,
    DateWithoutYear,
    DayRange,
    NotADate,
    is_range,
    parse_period,
    read_ago,
    read_bounds,
    read_days,
    read_first_day,
    read_last_day,
)

SUNDAY = date(2026, 11, 29)

WEEKS = [
    (date(2026, 11, 27), date(2026, 11, 21)),  # a Friday ends its week
    (date(2026, 11, 28), date(2026, 11, 28)),
    (SUNDAY, date(2026, 11, 28)),
]


@pytest.mark.parametrize(("today", "first"), WEEKS)
def test_weeks_are_from_saturday_to_friday(today: date, first: date) -> None:
    days = read_days("هذا الأسبوع", today)
    assert (days.first, days.last and (days.last - first).days) == (first, 6)


@pytest.mark.parametrize(
    ("text", "today", "days"),
    [
        ("الشهر الماضي", date(2026, 1, 31), "2025-12-01..2025-12-31"),
        ("آخر شهر", date(2026, 3, 31), "2026-03-01..2026-03-31"),
        ("قبل سنة", date(2024, 2, 29), "2023-02-28..2023-02-28"),
        ("أمس", date(2026, 1, 1), "2025-12-31..2025-12-31"),
        ("الصيف الماضي", date(2026, 7, 1), "2025-06-01..2025-08-31"),
        ("الشتاء الماضي", date(2026, 1, 1), "2024-12-01..2025-02-28"),
        ("مايو الماضي", date(2026, 5, 31), "2025-05-01..2025-05-31"),
        ("القرن الماضي", date(2000, 1, 1), "1801-01-01..1900-12-31"),
        ("الأحد الماضي", SUNDAY, "2026-11-22..2026-11-22"),
    ],
)
def test_relative_days_at_the_edges_of_the_calendar(text: str, today: date, days: str) -> None:
    found = read_days(text, today)
    assert f"{found.first}..{found.last}" == days


def test_a_bare_duration_is_a_past_period_only_on_request() -> None:
    assert read_days("3 أيام", SUNDAY, counted=True) == DayRange(date(2026, 11, 26), date(2026, 11, 26))
    with pytest.raises(NotADate):
        read_days("3 أيام", SUNDAY)


def test_bounds_are_completed_from_each_other_and_use_their_first_or_last_day() -> None:
    assert read_bounds("1", "5 مايو 2015", SUNDAY) == DayRange(date(2015, 5, 1), date(2015, 5, 5))
    assert read_first_day("الربع الأول 2016", SUNDAY) == date(2016, 1, 1)
    assert read_last_day("الربع الأول 2016", SUNDAY) == date(2016, 3, 31)
    assert read_first_day("نُشر في 16 شباط 2017", SUNDAY) == date(2017, 2, 16)
    with pytest.raises(NotADate):
        read_first_day("حتى 2015", SUNDAY)


def test_vague_dates_are_flagged_and_dates_without_a_year_raise() -> None:
    assert read_days("مطلع 2016", SUNDAY).assumptions == {DateAssumption.VAGUE}
    assert read_days("2016", SUNDAY).assumptions == frozenset()
    for text in ("7 أغسطس", "السابع من أغسطس", "7/8", "رمضان", "الجمعة 7 أغسطس"):
        with pytest.raises(DateWithoutYear):
            read_days(text, SUNDAY)


@pytest.mark.parametrize(
    "text", ["", "  ", "أيام", "مصر", "2014 2016", "2015-13-01", "0 أيام", "آخر 999 عقد", "بين و", "ب" * 500]
)
def test_not_a_date(text: str) -> None:
    with pytest.raises(NotADate):
        read_days(text, SUNDAY)


def test_a_range_is_recognized_by_its_words() -> None:
    assert is_range("بين 2014 و2016")
    assert is_range("من مايو إلى يوليو 2015")
    assert not is_range("2014-2016")


@given(st.dates(date(1700, 1, 1), date(2199, 12, 31)))
def test_printed_periods_are_read_as_by_parse_period(day: date) -> None:
    for text in (str(day), str(day)[:7], str(day.year), f"{day.day}/{day.month}/{day.year}"):
        days = read_days(text, SUNDAY)
        assert (days.first, days.last) == parse_period(text)


@given(st.text("من إلى بين و قبل آخر 123 أيام /.-هـ2015 مايو", max_size=40))
def test_no_text_raises_any_other_error(text: str) -> None:
    try:
        days = read_days(text, SUNDAY, counted=True)
    except NotADate:
        return
    assert days.first is None or days.last is None or days.first <= days.last


AGO = [
    ("منذ ساعتين", "2026-11-29T13:30:00+03:00"),
    ("قبل نحو ساعة", "2026-11-29T14:30:00+03:00"),
    ("منذ ٥ دقائق", "2026-11-29T15:25:00+03:00"),
    ("20 minutes ago", "2026-11-29T15:10:00+03:00"),
    ("أمس", "2026-11-28T00:00:00+03:00"),
    ("قبل 3 أيام", "2026-11-26T00:00:00+03:00"),
    ("منذ أسبوع", "2026-11-22T00:00:00+03:00"),
]


@pytest.mark.parametrize(("text", "meant"), AGO, ids=[row[0] for row in AGO])
def test_times_relative_to_the_time_of_printing(text: str, meant: str) -> None:
    assert read_ago(text, datetime.fromisoformat("2026-11-29T15:30:00+03:00")).isoformat() == meant


@pytest.mark.parametrize("text", ["", "غدا", "قريبا", "منذ", "منذ 99999 سنة"])
def test_not_a_relative_time(text: str) -> None:
    with pytest.raises(NotADate):
        read_ago(text, datetime.fromisoformat("2026-11-29T15:30:00+03:00"))
