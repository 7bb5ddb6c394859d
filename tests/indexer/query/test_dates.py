from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.query import DateRange, parse_query, print_query

TODAY = date(2026, 11, 29)  # a Sunday

DATES = [
    ("تاريخ:شباط 2017", "2017-02-01..2017-02-28"),
    ("تاريخ:شباط/فبراير 2017", "2017-02-01..2017-02-28"),
    ("date:16 فبراير 2017", "2017-02-16"),
    ("date:16 كانون الثاني / يناير 2018", "2018-01-16"),
    ("تاريخ:٢٠١٧-٠٢", "2017-02-01..2017-02-28"),
    ("تاريخ:الخميس 16 شباط 2017", "2017-02-16"),
    ("تاريخ:2017-02-16T10:30Z", "2017-02-16"),
    ("تاريخ:2017-02..2017-05", "2017-02-01..2017-05-31"),
    ("تاريخ:2014-2016", "2014-01-01..2016-12-31"),
    ("تاريخ:٢٠١٤–٢٠١٦", "2014-01-01..2016-12-31"),
    ("تاريخ:شباط 2017 .. آذار 2017", "2017-02-01..2017-03-31"),
    ('تاريخ:"كانون الثاني 2018…شباط 2018"', "2018-01-01..2018-02-28"),
    ("تاريخ:رجب 1438 هـ", "2017-03-29..2017-04-26"),
    ("تاريخ:1438هـ", "2016-10-02..2017-09-20"),
    ("من:16 شباط 2017 إلى:كانون الثاني 2018", "2017-02-16..2018-01-31"),
    ("إلى:2018 من:2017", "2017-01-01..2018-12-31"),
    ("from:2017 to:2018", "2017-01-01..2018-12-31"),
]


@pytest.mark.parametrize(("text", "days"), DATES, ids=[row[0] for row in DATES])
def test_dates(text: str, days: str) -> None:
    parsed = parse_query(f"{text} بركان")
    assert print_query(parsed.node) == f"تاريخ:{days} بركان"
    assert not parsed.warnings


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("من:2017 إيران", "من:2017-01-01 إيران"),
        ("من:16 شباط 2017 10 قتلى", "من:2017-02-16 10 قتلى"),
        ("تاريخ:2017-02-16 م", "تاريخ:2017-02-16 م"),
        ("تاريخ:شباط 2017 من سوريا", "تاريخ:2017-02-01..2017-02-28 من سوريا"),
        ("تاريخ:2017..", "من:2017-01-01"),
        ("تاريخ:..2017", "إلى:2017-12-31"),
        ("من:2017 من:2018 إلى:2019", "من:2017-01-01 من:2018-01-01 إلى:2019-12-31"),
        ("من:2017 أو إلى:2015", "من:2017-01-01 أو إلى:2015-12-31"),
        ("-تاريخ:2017-02-16", "-تاريخ:2017-02-16"),
    ],
)
def test_a_date_takes_its_own_words_only(text: str, canonical: str) -> None:
    parsed = parse_query(text)
    assert print_query(parsed.node) == canonical
    assert not parsed.warnings


PERIODS = [
    ("اليوم", "2026-11-29"),
    ("أول أمس", "2026-11-27"),
    ("امبارح", "2026-11-28"),
    ("هذا الأسبوع", "2026-11-28..2026-12-04"),
    ("الأسبوع اللي فات", "2026-11-21..2026-11-27"),
    ("الشهر الفارط", "2026-10-01..2026-10-31"),
    ("العام قبل الماضي", "2024-01-01..2024-12-31"),
    ("العام الهجري الماضي", "2025-06-26..2026-06-15"),
    ("آخر ثلاثة أشهر", "2026-08-30..2026-11-29"),
    ("الـ7 أيام الماضية", "2026-11-23..2026-11-29"),
    ("العامين الماضيين", "2024-11-30..2026-11-29"),
    ("قبل يومين", "2026-11-27"),
    ("منذ أسبوع", "2026-11-22..2026-11-29"),
    ("last week", "2026-11-21..2026-11-27"),
    ("past 3 months", "2026-08-30..2026-11-29"),
    ("الخميس الماضي", "2026-11-26"),
    ("ديسمبر الماضي", "2025-12-01..2025-12-31"),
    ("الخامس من الشهر الجاري", "2026-11-05"),
    ("صيف العام الماضي", "2025-06-01..2025-08-31"),
    ("القرن الماضي", "1901-01-01..2000-12-31"),
    ("القرن التاسع عشر", "1801-01-01..1900-12-31"),
    ("تسعينيات القرن الماضي", "1990-01-01..1999-12-31"),
    ("عقد الستينات", "1960-01-01..1969-12-31"),
    ("شتاء 2015-2016", "2015-12-01..2016-02-29"),
    ("خريف عام 2015", "2015-09-01..2015-11-30"),
    ("الربع الأخير من 2016", "2016-10-01..2016-12-31"),
    ("السداسي الأول 2016", "2016-01-01..2016-06-30"),
    ("Q3/2016", "2016-07-01..2016-09-30"),
    ("النصف الأول من مايو 2015", "2015-05-01..2015-05-15"),
    ("الحادي والعشرين من مايو 2015", "2015-05-21"),
    ("أول يناير 2016", "2016-01-01"),
    ("غرة رمضان 1436", "2015-06-18"),
    ("العشر الأواخر من رمضان 1436", "2015-07-08..2015-07-16"),
    ("رمضان 2015", "2015-06-18..2015-07-16"),
    ("الخميس 21 شوال 1436 الموافق 6 أغسطس 2015", "2015-08-06"),
    ("شهر 8 2015", "2015-08-01..2015-08-31"),
    ("ت2 2015", "2015-11-01..2015-11-30"),
    ("كانون 2 2015", "2015-01-01..2015-01-31"),
    ("1er août 2015", "2015-08-01"),
    ("février 2017", "2017-02-01..2017-02-28"),
    ("من 1 إلى 5 مايو 2015", "2015-05-01..2015-05-05"),
    ("بين الأول والخامس من مايو 2015", "2015-05-01..2015-05-05"),
    ("29 شعبان - 3 رمضان 1436", "2015-06-16..2015-06-20"),
    ("17 ديسمبر 2010 إلى 14 جانفي 2011", "2010-12-17..2011-01-14"),
    ("2010-12-17/2011-01-14", "2010-12-17..2011-01-14"),
    ("مايو/يونيو 2015", "2015-05-01..2015-06-30"),
    ("May 1-5, 2015", "2015-05-01..2015-05-05"),
    ("خلال الأسبوع الماضي", "2026-11-21..2026-11-27"),
    ("آخر خمسة عشر يوما", "2026-11-15..2026-11-29"),
    ("بين عامي 2014 و2016", "2014-01-01..2016-12-31"),
    ("ما بين شهري يناير ومارس 2016", "2016-01-01..2016-03-31"),
    ("مايو ويونيو 2015", "2015-05-01..2015-06-30"),
    ("عامي 2014 و2015", "2014-01-01..2015-12-31"),
    ("07/08/2015 10:30", "2015-08-07"),
    ("1436-1437هـ", "2014-10-25..2016-10-01"),
]


@pytest.mark.parametrize(("text", "days"), PERIODS, ids=[row[0] for row in PERIODS])
def test_periods_as_people_name_them(text: str, days: str) -> None:
    parsed = parse_query(f"تاريخ:{text} بركان", TODAY)
    assert print_query(parsed.node) == f"تاريخ:{days} بركان"
    assert not parsed.warnings


AMBIGUOUS = [
    ("منتصف يوليو 2015", "تاريخ:2015-07-01..2015-07-31", "no exact first and last day"),
    ("أواخر التسعينات", "تاريخ:1990-01-01..1999-12-31", "no exact first and last day"),
    ("بداية الشهر", "تاريخ:2026-11-01..2026-11-30", "no exact first and last day"),
    ("mid-2015", "تاريخ:2015-01-01..2015-12-31", "no exact first and last day"),
    ("شتاء 2016", "تاريخ:2015-12-01..2016-02-29", "year of its January"),
    ("7/8/15", "تاريخ:2015-08-07", "two digits"),
    ("ديسمبر إلى فبراير 2016", "تاريخ:2015-12-01..2016-02-29", "the first date has no year"),
    ("آخر 24 ساعة", "تاريخ:2026-11-28..2026-11-29", "use days"),
    ("يوم الجمعة", "تاريخ:2026-11-27", "latest such day"),
    ("مايو 2016 إلى مايو 2015", "تاريخ:2015-05-01..2016-05-31", "later than the last"),
    ("7 أغسطس", "7 أغسطس", "“7 أغسطس” has no year"),
    ("رمضان", "رمضان", "has no year"),
    ("5/10/36", "5 10 36", "not a date"),
    ("15-08-07", "15 08 07", "not a date"),
    ("العشرينات", "العشرينات", "not a date"),
    ("رمضان 2030", "رمضان 2030", "not a date"),
    ("2014 و2016", "2014 و 2016", "“2014 و2016” is not a date"),
    ("30 فبراير 2015", "30 فبراير 2015", "not a date"),
    ("2015/16", "2015 16", "not a date"),
    ("الأيام الماضية", "الأيام الماضية", "not a date"),
]


@pytest.mark.parametrize(("text", "canonical", "reason"), AMBIGUOUS, ids=[row[0] for row in AMBIGUOUS])
def test_ambiguous_dates_are_reported(text: str, canonical: str, reason: str) -> None:
    parsed = parse_query(f"تاريخ:{text}", TODAY)
    assert print_query(parsed.node).removeprefix("تاريخ ") == canonical
    assert [warning for warning in parsed.warnings if reason in warning.english]


BOUNDS = [
    ("من:1 إلى:5 مايو 2015", "تاريخ:2015-05-01..2015-05-05"),
    ("من:15/3 إلى:20/4/2016", "تاريخ:2016-03-15..2016-04-20"),
    ("حتى: 5 مايو 2015", "إلى:2015-05-05"),
    ("زلزال منذ : يناير 2017", "زلزال من:2017-01-01"),
    ("من: 1 مايو 2015 إلى: 5 مايو 2015", "تاريخ:2015-05-01..2015-05-05"),
    ("قبل:2015", "إلى:2015-12-31"),
    ("بعد:2016", "من:2016-01-01"),
    ("تاريخ:بعد 2016", "من:2016-01-01"),
    ("تاريخ:حتى الآن", "إلى:2026-11-29"),
    ("منذ:أسبوعين زلزال", "من:2026-11-15 زلزال"),
    ("قبل:3 أيام", "إلى:2026-11-26"),
    ("تاريخ:2015 أو 2016", "تاريخ:2015-01-01..2015-12-31 أو تاريخ:2016-01-01..2016-12-31"),
    ("تاريخ:2015 أو زلزال", "تاريخ:2015-01-01..2015-12-31 أو (زلزال)"),
    ("تاريخ:7 أغسطس 2015 10 قتلى", "تاريخ:2015-08-07 10 قتلى"),
]


@pytest.mark.parametrize(("text", "canonical"), BOUNDS, ids=[row[0] for row in BOUNDS])
def test_bounds(text: str, canonical: str) -> None:
    parsed = parse_query(text, TODAY)
    assert print_query(parsed.node) == canonical
    assert not parsed.warnings


def test_a_range_alone_is_a_date_query() -> None:
    parsed = parse_query("بين 2014 و2016")
    assert parsed.node == DateRange(date(2014, 1, 1), date(2016, 12, 31))
    assert "put \\ before" in parsed.warnings[0].english
    assert print_query(parsed.as_text) == r"\بين 2014 و 2016"
    assert parse_query(r"\بين 2014 و2016").node == parsed.as_text


@pytest.mark.parametrize(
    "text",
    [
        "من القاهرة إلى دمشق",
        "بين أمس واليوم",
        "مايو 2015",
        "أمس",
        "قال الوزير إن المهلة تمتد حتى: 5 مايو 2015 ولن تمدد بعدها",
        "مقارنة بين 2014 و2016",
    ],
)
def test_bare_words_stay_words(text: str) -> None:
    assert "DateRange" not in repr(parse_query(text, TODAY).node)


def test_dates_that_exclude_each_other_are_reported() -> None:
    parsed = parse_query("زلزال تاريخ:2017-02-16 تاريخ:2017-02-17")
    assert ["No day is within" in warning.english for warning in parsed.warnings] == [True]
    assert not parse_query("تاريخ:2017 من:2017-05 إلى:2018").warnings


def test_relative_dates_are_resolved_on_the_day_of_parsing() -> None:
    days = [print_query(parse_query("تاريخ:أمس", date(2026, 3, day)).node) for day in (1, 2)]
    assert days == ["تاريخ:2026-02-28", "تاريخ:2026-03-01"]


@pytest.mark.parametrize("query", ["تاريخ:31 فبراير 2015", "زلزال تاريخ:31 فبراير 2015"])
def test_a_day_that_does_not_exist_is_quoted_whole(query: str) -> None:
    warnings = [warning.english for warning in parse_query(query, TODAY).warnings]
    assert warnings == ["“31 فبراير 2015” is not a date: it was searched as words."]


def test_each_day_of_a_range_is_isolated() -> None:
    (warning,) = parse_query("من 1 إلى 5 أغسطس 2015", TODAY).warnings
    assert "(\u20662015-08-01\u2069..\u20662015-08-05\u2069)" in warning.arabic


WORDS = st.sampled_from(
    [
        *("تاريخ:", "من:", "إلى:", "حتى", "منذ", "قبل", "بين", "و2016", "2014", "2015", "1436", "7", "5/10", "-", ".."),
        *("أو", "مايو", "رمضان", "الربع", "الأول", "صيف", "آخر", "أيام", "أمس", "الماضي", "العام"),
    ]
)


@pytest.mark.slow
@settings(max_examples=500)
@given(st.lists(WORDS, max_size=8).map(" ".join), st.booleans())
def test_dates_of_any_words_are_printed_and_read_as_the_same(text: str, spaced: bool) -> None:
    parsed = parse_query(text if spaced else text.replace(": ", ":"), TODAY)
    assert parse_query(print_query(parsed.node)).node == parsed.node
    assert parse_query(print_query(parsed.as_text)).node == parsed.as_text


def test_dates_as_people_type_them(shared_data: Path) -> None:
    rows = [line.split("\t") for line in (shared_data / "dates" / "queries.tsv").read_text("utf-8").splitlines()]
    rows = [row for row in rows if len(row) == 2 and not row[0].startswith("#")]
    assert sum(_is_right(query, meant) for query, meant in rows) >= len(rows)


def _is_right(query: str, meant: str) -> bool:
    parsed = parse_query(query, TODAY)
    if meant in ("SAY", "NONE"):
        return bool(parsed.warnings)
    if not isinstance(parsed.node, DateRange):
        return False
    first, last = (day.isoformat() if day else "" for day in (parsed.node.first, parsed.node.last))
    return meant in ("REL", f"{first}..{last}")
