from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer import Timeline, TimeUnit
from search_ui.web.charts import HEIGHT, WIDTH, draw, draw_together, years_of
from tests.search_ui.small_site import Site, found, texts

TALL = {"2017-02-16": 4, "2017-02-18": 20}


def published(unit: TimeUnit) -> Counter[str]:
    digits = {TimeUnit.DAY: 10, TimeUnit.MONTH: 7, TimeUnit.YEAR: 4}[unit]
    counts: Counter[str] = Counter()
    for day, count in TALL.items():
        counts[day[:digits]] += count
    return counts


def line(*counts: tuple[str, int], unit: TimeUnit = TimeUnit.DAY) -> Timeline:
    return Timeline(unit, counts)


def test_bars_cover_time_without_gaps() -> None:
    chart = draw(line(("2017-02-16", 2), ("2017-02-18", 1)), published, shares=False, mirrored=False)
    assert chart is not None
    assert [(bar.time, bar.hits, bar.total) for bar in chart.bars] == [
        ("2017-02-16", 2, 4),
        ("2017-02-17", 0, 0),
        ("2017-02-18", 1, 20),
    ]
    assert [bar.height for bar in chart.bars] == [HEIGHT, 0, HEIGHT / 2]
    assert chart.bars[0].x == 0
    assert chart.bars[-1].x + chart.bars[-1].width == pytest.approx(WIDTH, abs=0.1)


def test_shares_are_of_what_the_archive_holds_then() -> None:
    chart = draw(line(("2017-02-16", 2), ("2017-02-18", 1)), published, shares=True, mirrored=True)
    assert chart is not None
    assert [bar.share for bar in chart.bars] == [0.5, 0, 0.05]
    assert [bar.height for bar in chart.bars] == [HEIGHT, 0, HEIGHT / 10]
    assert chart.bars[0].x > chart.bars[-1].x == 0  # time runs right to left


@pytest.mark.parametrize(
    ("counts", "unit", "bars"),
    [
        ([("2017-01-01", 1), ("2017-05-30", 1)], TimeUnit.DAY, 150),
        ([("2017-01-01", 1), ("2017-06-30", 1)], TimeUnit.MONTH, 6),
        ([("1990-01-01", 1), ("2017-06-30", 1)], TimeUnit.YEAR, 28),
        ([("1600-01-01", 1), ("2199-06-30", 1)], TimeUnit.YEAR, 600),
    ],
)
def test_long_times_are_drawn_in_larger_units(counts: list[tuple[str, int]], unit: TimeUnit, bars: int) -> None:
    chart = draw(line(*counts), published, shares=False, mirrored=False)
    assert chart is not None
    assert (chart.unit, len(chart.bars), sum(bar.hits for bar in chart.bars)) == (unit, bars, 2)


@pytest.mark.parametrize("counts", [[], [("2017-02-16", 9)]])
def test_a_single_time_needs_no_chart(counts: list[tuple[str, int]]) -> None:
    assert draw(line(*counts), published, shares=False, mirrored=False) is None


def test_several_searches_share_times_and_scale() -> None:
    one, other = draw_together(
        [line(("2017-02-16", 4)), line(("2017-03", 1), unit=TimeUnit.MONTH)], published, shares=False, mirrored=False
    )
    assert [bar.time for bar in one.bars] == [bar.time for bar in other.bars] == ["2017-02", "2017-03"]
    assert (one.top, other.top) == (4, 4)
    assert other.bars[1].height == HEIGHT / 4
    assert one.points() == "250.00,0.00 750.00,100.00"
    assert draw_together([], published, shares=False, mirrored=False) == ()


def test_what_an_older_commit_counted_is_no_share_above_one() -> None:
    chart = draw(line(("2017-02-16", 9), ("2017-02-17", 1)), published, shares=True, mirrored=False)
    assert chart is not None
    assert chart.top == 1


def test_years_and_within_one_its_months() -> None:
    assert years_of(line(("2016-12-31", 1), ("2017-01-01", 2), ("2017-02-01", 3))) == [("2017", 5), ("2016", 1)]
    assert years_of(line(("2017-01-01", 2), ("2017-02-01", 3), ("2017-02-02", 1))) == [("2017-02", 4), ("2017-01", 2)]
    assert years_of(line(("2017", 2), unit=TimeUnit.YEAR)) == [("2017", 2)]
    assert years_of(line()) == []


def test_a_bar_links_to_its_period_and_the_table_has_the_numbers(site: Site) -> None:
    page = site.search(source=["النهضة", "الغد"], sort="oldest")
    links = [str(link["href"]) for link in page.select(".chart a")]
    assert len(links) == 4
    asked = parse_qs(urlsplit(links[0]).query)
    assert asked["source"] == ["النهضة", "الغد"]
    assert (asked["after"], asked["before"]) == (["2017-02-01"], ["2017-02-28"])
    assert found(site.page(links[0])) == ["talks"]
    assert texts(page, ".timeline tbody tr:first-child > *") == ["شباط/فبراير 2017", "1", "1", "100%"]
    assert page.select_one(".chart a")["aria-label"] == "شباط/فبراير 2017: نتيجة واحدة"  # type: ignore[index]


def test_the_chart_of_shares_is_kept_by_links_and_filters(site: Site) -> None:
    page = site.search("الحكومة", chart="share")
    assert texts(page, ".kinds strong") == ["النسبة من الأرشيف"]
    assert page.select_one(".narrow [name=chart]")["value"] == "share"  # type: ignore[index]
    assert parse_qs(urlsplit(str(page.select(".chart a")[0]["href"])).query)["chart"] == ["share"]


def test_comparison_takes_three_searches_and_leads_to_each(site: Site) -> None:
    page = site.page("/compare", q=["إيران", " ", "الحكومة", "زلزال", "أكثر"], source="الغد")
    assert [entry["value"] for entry in page.select(".queries [type=search]")] == ["إيران", "الحكومة", "زلزال"]
    assert texts(page, ".legend small") == ["نتيجتان", "لا نتائج", "نتيجة واحدة"]
    assert len(page.select("polyline")) == 3
    link = str(page.select(".legend a")[0]["href"])
    assert found(site.page(link)) == found(site.search("إيران", source="الغد"))
    assert texts(page, "tbody tr:first-child > *") == ["تشرين الثاني/نوفمبر 2017", "1 100%", "0", "1 100%", "1"]


def test_comparison_of_nothing_asks_for_words(site: Site) -> None:
    page = site.page("/compare")
    assert page.select(".timeline, .legend") == []
    assert len(page.select(".queries [type=search]")) == 3
    assert texts(site.page("/compare", q="كسكسي"), ".empty") == ["لا تاريخ لأي مقال من النتائج."]
