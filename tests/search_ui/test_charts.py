from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer import Timeline, TimeUnit
from search_ui.charts import (
    MAX_PERIODS,
    Chart,
    Counted,
    Texts,
    draw,
    picture,
    png,
    table,
    time_ticks,
    value_axis,
    years_of,
)
from search_ui.charts.picture import end_heights, isolated, marked_places
from tests.search_ui.small_site import Site, found, texts

DIGITS = {TimeUnit.DAY: 10, TimeUnit.MONTH: 7, TimeUnit.YEAR: 4}
ARCHIVE = {"2017-02-16": 100, "2017-02-18": 400, "2017-03-01": 20}


def published(unit: TimeUnit, first: date = date.min, last: date = date.max) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for day, count in ARCHIVE.items():
        if first.isoformat() <= day <= last.isoformat():
            counts[day[: DIGITS[unit]]] += count
    return counts


def line(*counts: tuple[str, int], unit: TimeUnit = TimeUnit.DAY) -> Timeline:
    return Timeline(unit, counts)


def drawn(*timelines: Timeline, shares: bool = False, mirrored: bool = False, **dates: date) -> Chart:
    counted = [Counted(timeline, published, **dates) for timeline in timelines]
    chart = draw(counted, published, shares=shares, mirrored=mirrored)
    assert chart is not None
    return chart


def test_every_period_is_there_with_zeros_and_with_gaps() -> None:
    chart = drawn(line(("2017-02-16", 2), ("2017-02-20", 1)), before=date(2017, 2, 21))
    assert chart.times == tuple(f"2017-02-{day}" for day in range(16, 22))
    assert chart.series[0].hits == (2, 0, 0, 0, 1, 0)
    # No article of the archive is from the 17th, so nothing is known of it; the 18th has articles, and none matches.
    assert chart.series[0].values == (2, None, 0, None, 1, None)
    assert [list(run) for run in chart.series[0].runs()] == [[0], [2], [4]]
    assert chart.days(0) == ("2017-02-16", "2017-02-16")


def test_shares_are_of_what_the_archive_holds_then() -> None:
    chart = drawn(line(("2017-02-16", 2), ("2017-02-18", 1)), shares=True, mirrored=True)
    assert chart.series[0].values == (2.0, None, 0.25)
    assert (chart.axis.per, chart.axis.ticks) == (100, (0, 1, 2))
    assert chart.middle(0) > chart.middle(1) > chart.middle(2)  # time runs from right to left


def test_what_an_older_commit_counted_is_no_share_above_one() -> None:
    chart = drawn(line(("2017-02-16", 900), ("2017-02-18", 1)), shares=True)
    assert chart.series[0].share(0) == 1


def test_a_share_of_few_articles_does_not_set_the_scale() -> None:
    chart = drawn(line(("2017-02-18", 40), ("2017-03-01", 20)), shares=True)
    assert chart.axis.top == 10
    assert chart.cut_off()
    assert chart.y(100) == 0  # at the upper edge
    assert [list(run) for run in chart.thin] == [[len(chart.times) - 1]]
    assert not chart.all_thin
    few = drawn(line(("2017-03-01", 20)), shares=True)
    assert (few.axis.top, few.cut_off(), few.all_thin) == (100, False, True)


@pytest.mark.parametrize(
    ("counts", "unit", "periods"),
    [
        ([("2017-01-01", 1), ("2017-04-30", 1)], TimeUnit.DAY, 120),
        ([("2017-01-01", 1), ("2017-05-01", 1)], TimeUnit.MONTH, 5),
        ([("1990-01-01", 1), ("2017-06-30", 1)], TimeUnit.YEAR, 28),
        ([("1600-01-01", 1), ("2199-06-30", 1)], TimeUnit.YEAR, 600),
        ([("0001-01-01", 1), ("9999-12-31", 1)], TimeUnit.YEAR, 9999),
        ([("2017-02-16", 9)], TimeUnit.DAY, 1),
    ],
)
def test_long_times_are_drawn_in_larger_units(counts: list[tuple[str, int]], unit: TimeUnit, periods: int) -> None:
    chart = drawn(line(*counts))
    assert (chart.unit, len(chart.times), sum(chart.series[0].hits)) == (unit, periods, sum(hits for _, hits in counts))
    assert chart.left(0) == 0
    assert chart.left(periods - 1) + chart.step == pytest.approx(1)
    assert 1 <= len(chart.ticks) <= 9


def test_several_searches_share_times_and_axes() -> None:
    chart = drawn(line(("2017-02-16", 4)), line(("2017-03", 1), unit=TimeUnit.MONTH))
    assert (chart.unit, chart.times) == (TimeUnit.MONTH, ("2017-02", "2017-03"))
    assert [series.hits for series in chart.series] == [(4, 0), (0, 1)]
    assert draw([], published, shares=False, mirrored=False) is None
    assert draw([Counted(line(), published)], published, shares=False, mirrored=False) is None


def test_the_dates_of_a_search_are_shown_whole_but_not_beyond_the_archive() -> None:
    chart = drawn(line(("2017-02-18", 1)), after=date(2017, 2, 17), before=date(2020, 1, 1))
    assert (chart.times[0], chart.times[-1]) == ("2017-02-17", "2017-03-01")
    assert drawn(line(("2017-02-18", 1)), after=date(1, 1, 1)).times[0] == "2017-02-16"


def test_searches_with_other_filters_have_other_bases() -> None:
    def of_source(unit: TimeUnit, first: date, last: date) -> Mapping[str, int]:
        return {"2017-02-16": 10}

    counted = [Counted(line(("2017-02-16", 5)), base) for base in (published, of_source)]
    chart = draw(counted, published, shares=True, mirrored=False)
    assert chart is not None
    assert [series.base for series in chart.series] == [(100,), (10,)]
    assert chart.volume == chart.archive == (100,)
    assert chart.hollow()  # five of ten
    alone = draw(counted[1:], published, shares=True, mirrored=False)
    assert alone is not None
    assert (alone.volume, alone.archive) == ((10,), (100,))


@pytest.mark.parametrize(
    ("top", "shares", "per", "ticks"),
    [
        (0, False, None, (0, 1)),
        (1, False, None, (0, 1)),
        (3, False, None, (0, 1, 2, 3)),
        (7, False, None, (0, 2, 4, 6, 8)),
        (8570, False, None, (0, 2000, 4000, 6000, 8000, 10000)),
        (0.37, True, 100, (0, 10, 20, 30, 40)),
        (1, True, 100, (0, 20, 40, 60, 80, 100)),
        (0.003, True, 1000, (0, 1, 2, 3)),
        (0.00009, True, 10_000, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0, True, 100, (0, 1)),
    ],
)
def test_the_value_axis_begins_at_zero_and_has_round_numbers(
    top: float, shares: bool, per: int | None, ticks: tuple[float, ...]
) -> None:
    axis = value_axis(top, shares=shares)
    assert (axis.per, axis.ticks) == (per, ticks)


def test_ticks_of_time_are_round() -> None:
    months = [f"{year}-{month:02}" for year in range(2014, 2017) for month in range(1, 13)]
    assert [tick.time for tick in time_ticks(months, TimeUnit.MONTH)] == [
        f"{year}-{month}" for year in range(2014, 2017) for month in ("01", "07")
    ]
    years = [str(year) for year in range(1903, 2018)]
    assert [tick.time for tick in time_ticks(years, TimeUnit.YEAR)] == [str(year) for year in range(1920, 2018, 20)]
    days = [f"2017-02-{day:02}" for day in range(3, 29)]
    ticks = time_ticks(days, TimeUnit.DAY)
    assert [tick.time[8:] for tick in ticks] == ["06", "11", "16", "21", "26"]
    assert [tick.with_year for tick in ticks] == [True, False, False, False, False]
    assert sum(tick.narrow for tick in ticks) <= 4
    assert [tick.place for tick in time_ticks(["2017"], TimeUnit.YEAR)] == [0]


def test_lines_stay_apart_and_their_numbers_have_room() -> None:
    six = drawn(*(line(("2017-02-16", 3), ("2017-02-18", 3)) for _ in range(6)))
    heights = sorted(end[2] for end in end_heights(six, 0.1) if end)
    assert all(later - earlier >= 0.099 for earlier, later in pairwise(heights))
    assert heights[0] >= 0
    long = [range(MAX_PERIODS)]
    marked = [set(marked_places(MAX_PERIODS, number, long)) for number in range(6)]
    assert all(5 < len(places) < 20 for places in marked)
    assert not set.intersection(*marked)
    assert marked_places(MAX_PERIODS, 0, [range(7, 8)]) == [7]  # a period without neighbours has no line


def test_years_and_within_one_its_months() -> None:
    assert years_of(line(("2016-12-31", 1), ("2017-01-01", 2), ("2017-02-01", 3))) == [("2017", 5), ("2016", 1)]
    assert years_of(line(("2017-01-01", 2), ("2017-02-01", 3), ("2017-02-02", 1))) == [("2017-02", 4), ("2017-01", 2)]
    assert years_of(line(("2017", 2), unit=TimeUnit.YEAR)) == [("2017", 2)]
    assert years_of(line()) == []


HOSTILE = "<script>alert(1)</script> & ]]> \x00\x0b \u202e\u2069\u2069 " + "كلمة طويلة " * 2000


def words(chart: Chart, text: str, language: str = "ar") -> Texts:
    return Texts(
        title=text,
        key=tuple(f"“{isolated(text)}”" for _ in chart.series),
        values="المقالات",
        ticks=tuple(tick.time for tick in chart.ticks),
        volume=text,
        thin=text,
        notes=(text,) * 6,
        description=text,
        language=language,
        right_to_left=language == "ar",
    )


@pytest.mark.parametrize("searches", [1, 6])
@pytest.mark.parametrize("text", ["زلزال 2015", HOSTILE], ids=["words", "hostile"])
def test_a_picture_is_valid_complete_and_bounded(searches: int, text: str) -> None:
    many = [(f"{year:04}", year % 7) for year in range(1600, 2000)]
    chart = drawn(*(line(*many, unit=TimeUnit.YEAR) for _ in range(searches)), mirrored=True)
    svg = picture(chart, words(chart, text))
    root = ET.fromstring(svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "desc", "defs", "pattern", "path", "rect", "polygon", "polyline", "text",
    }  # fmt: skip
    # No class, no style and no address: the file needs nothing else.
    assert {name for element in root.iter() for name in element.attrib}.isdisjoint({"class", "style", "href"})
    assert root.get("width") == "1100"
    assert int(root.get("height", "0")) < 2000
    assert ("زلزال" if text != HOSTILE else "<script>alert(1)</script> & ]]>") in str(root[1].text)
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        inside = element.text or ""
        assert inside[0] in "\u2066\u2067"  # one direction, which nothing around it changes
        assert inside[-1] == "\u2069"
    image = png(svg)
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 2200
    assert len(image) < 4_000_000


def test_a_picture_has_arabic_letters_that_are_joined() -> None:
    chart = drawn(line(("2017-02-16", 2), ("2017-02-18", 1)))
    joined, apart = (png(picture(chart, words(chart, text))) for text in ("ببب", "ب\u200cب\u200cب"))
    assert joined != apart
    assert png(picture(chart, words(chart, "ببب"))) == joined  # the same on every machine


def test_the_table_has_gaps_where_nothing_is_known() -> None:
    chart = drawn(line(("2017-02-16", 2), ("2017-02-18", 1)))
    text = "".join(table(chart, [("query_1", '=HYPERLINK("x")\n+1'), ("note", "أ")]))
    assert text.startswith("\ufeff# query_1,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["# query_1", '\'=HYPERLINK("x") +1']
    header, *periods = rows[2:]
    assert header == ["period", "first_day", "last_day", "articles_1", "of_1", "share_1", "archive", "thin"]
    assert periods == [
        ["2017-02-16", "2017-02-16", "2017-02-16", "2", "100", "0.02", "100", "0"],
        ["2017-02-17", "2017-02-17", "2017-02-17", "", "0", "", "0", "1"],
        ["2017-02-18", "2017-02-18", "2017-02-18", "1", "400", "0.0025", "400", "0"],
    ]
    assert "".join(table(None, [("a", "b")])) == "\ufeff# a,b\r\n"


def test_a_bar_links_to_its_period_and_the_table_has_the_numbers(site: Site) -> None:
    page = site.search(source=["النهضة", "الغد"], sort="oldest")
    links = [str(link["href"]) for link in page.select(".chart a")]
    assert len(links) == 4
    asked = parse_qs(urlsplit(links[0]).query)
    assert asked["source"] == ["النهضة", "الغد"]
    assert (asked["after"], asked["before"]) == (["2017-02-01"], ["2017-02-28"])
    assert found(site.page(links[0])) == ["talks"]
    assert texts(page, ".timeline tbody tr:first-child > *") == ["شباط/فبراير 2017", "1", "1", "100%"]
    first = page.select(".chart a")[0]
    assert first["aria-label"] == "شباط/فبراير 2017: نتيجة واحدة (100% من 1)"
    # One stop of the keyboard, also without the script: the table has the other links.
    assert [link["tabindex"] for link in page.select(".chart a")] == ["0", "-1", "-1", "-1"]
    # Bars have no minimum height, and a period without hits is no link.
    assert len(page.select(".chart .bar")) == 4
    assert len(page.select(".chart .period")) == 22


def test_the_chart_of_shares_is_kept_by_links_and_filters(site: Site) -> None:
    page = site.search("الحكومة", chart="share")
    assert texts(page, ".kinds strong") == ["النسبة من الأرشيف"]
    assert page.select_one(".narrow [name=chart]")["value"] == "share"  # type: ignore[index]
    assert parse_qs(urlsplit(str(page.select(".chart a")[0]["href"])).query)["chart"] == ["share"]


def test_a_filtered_share_is_of_the_articles_with_the_same_filters(site: Site) -> None:
    # الغد has one article of November 2017; a search for its words is 100 % of it.
    page = site.search("إيران", source="الغد", chart="share")
    assert texts(page, ".timeline tbody tr:first-child td") == ["1", "1", "100%"]
    assert "النسب من المقالات التي لها مصدر البحث" in page.get_text()
    assert "بالمرشحات نفسها" in page.get_text()


def test_a_single_time_needs_no_chart_on_the_page_and_is_a_picture(site: Site) -> None:
    assert site.search("الموازنة").select(".chart") == []
    assert site.answer("/timeline.svg", q="الموازنة").status_code == 200
