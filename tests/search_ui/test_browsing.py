"""The calendar and the articles of a day: years, months, days, hours, copies, and archives of every length."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer import update_index
from search_ui.web.archive_calendar import ArchiveCalendar, Shades, year_rows
from tests.search_ui.dated_site import Made, article, links, maker
from tests.search_ui.small_site import Site, parsed, texts


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    with maker(tmp_path) as make:
        yield make


def test_home_leads_to_a_day_in_two_clicks(made: Made) -> None:
    site = made(*(article(number, date(2015, 8, 6)) for number in range(3)), article(9, date(2014, 12, 31)))
    home = site.page("/")
    assert "/browse/2015/08" in links(home, ".months a")
    month = site.page("/browse/2015/08")
    assert links(month, ".month a") == ["/browse/2015/08/06"]
    assert texts(month, ".month td.shade-3 a, .month td.shade-5 a") == ["6 3: 3 مقالات"]
    day = site.page("/browse/2015/08/06")
    assert texts(day, "h1") == ["الخميس 6 آب/أغسطس 2015"]
    assert sorted(links(day, ".titles a")) == ["/article/a0", "/article/a1", "/article/a2"]


def test_counts_are_those_of_a_search(made: Made) -> None:
    site = made(*(article(number, date(2015, 8, 1 + number % 4), "الغد") for number in range(10)))
    site.archive.remove("a0")
    update_index(site.archive)
    for address in ("/browse/2015/08", "/browse/2015", "/browse/2015/08/01"):
        (search,) = [link for link in links(site.page(address), ".lead a") if link.startswith("/search?")]
        total = site.page(search).select_one("#count")
        assert total is not None
        results, articles = ("نتيجتان", "مقالان") if address.endswith("/01") else ("9 نتائج", "9 مقالات")
        assert total.get_text().startswith(results)
        assert texts(site.page(address), ".lead") == [articles]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2016/02/29", 200),
        ("2015/02/29", 404),  # no leap year
        ("2015/12/31", 200),
        ("2016/01/01", 200),
        ("2015/12/30", 404),  # before the first day
        ("2016/03/02", 404),  # after the last
        ("2016/02/30", 404),
        ("2016/13/01", 404),
        ("2016/00/01", 404),
        ("0000/01/01", 404),
        ("2016/01", 200),
        ("2015/11", 404),
        ("2016/04", 404),
        ("2014", 404),
        ("2017", 404),
        ("9" * 5000, 404),
        ("-2016", 404),
        ("2016/x", 404),
        ("2016/01/01/01", 404),
        ("../2016", 404),
        ("2016/%2e%2e/x", 404),
        ("²⁰¹⁶", 404),
    ],
)
def test_there_is_no_calendar_outside_the_span(made: Made, day: str, status: int) -> None:
    site = made(article(1, date(2015, 12, 31)), article(2, date(2016, 2, 29)), article(3, date(2016, 3, 1)))
    assert site.client.get(f"/browse/{day}").status_code == status


@pytest.mark.parametrize("address", ["/browse/2016/2/29", "/browse/٢٠١٦/٠٢/٢٩", "/browse/2016/02/029"])
def test_a_day_has_one_address(made: Made, address: str) -> None:
    site = made(article(2, date(2016, 2, 29)))
    moved = site.answer(f"{address}?lang=en")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/browse/2016/02/29?lang=en")


def test_previous_and_next_have_articles_and_the_plain_neighbours_are_said_to_have_none(made: Made) -> None:
    site = made(article(1, date(2015, 12, 31)), article(2, date(2016, 1, 3)), article(3, date(2016, 1, 4)))
    page = site.page("/browse/2016/01/03")
    assert links(page, ".beside a") == ["/browse/2015/12/31", "/browse/2016/01/02", "/browse/2016/01/04"]
    assert links(page, "head link[rel=prev], head link[rel=next]") == ["/browse/2015/12/31", "/browse/2016/01/04"]
    empty = site.page("/browse/2016/01/02")
    assert "لا مقالات" in texts(empty, ".lead")[0]
    assert empty.select("meta[name=robots][content='noindex, nofollow']")
    first, last = site.page("/browse/2015/12/31"), site.page("/browse/2016/01/04")
    assert links(first, ".beside a[rel=prev]") == links(last, ".beside a[rel=next]") == []
    assert links(site.page("/browse/2015"), ".beside a") == ["/browse/2016"]


def test_an_archive_of_one_day(made: Made) -> None:
    site = made(article(1, date(2020, 2, 29)))
    assert links(site.page("/browse"), ".months a") == ["/browse/2020/02"]
    assert links(site.page("/browse/2020"), ".month td a") == ["/browse/2020/02/29"]
    assert links(site.page("/browse/2020/02/29"), ".beside a") == []
    assert texts(site.page("/browse"), ".shades dd") == ["لا مقالات", "1"]


def test_an_archive_of_150_years(made: Made) -> None:
    days = [date(year, 1, 1) for year in range(1876, 2027) if not 1914 <= year <= 1918]
    site = made(*(article(number, day) for number, day in enumerate(days)))
    page = site.page("/browse")
    assert len(page.select(".months a")) == len(days)
    assert texts(page, ".years .gap") == ["1914–1918: لا مقالات"]
    assert len(site.page("/").select(".year-list a")) == len(days)
    assert site.answer("/browse/1916").status_code == 200
    assert links(site.page("/browse/1916"), ".beside [rel=prev]") == ["/browse/1913"]
    assert len(site.page("/browse/2000/01/01").select(".other-years li")) == len(days) - 1


def test_days_are_those_that_were_printed(made: Made) -> None:
    # Half an hour after midnight in Riyadh is still the day before in UTC.
    night = datetime(2020, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=3)))
    site = made(article(1, night))
    assert links(site.page("/browse/2020/01"), ".month a") == ["/browse/2020/01/01"]
    assert texts(site.page("/browse/2020/01/01"), ".hour") == ["00:30 (بتوقيت غرينتش+3)"]


def test_a_day_is_by_source_and_section_and_hours_come_first(made: Made) -> None:
    noon, morning = (datetime(2020, 5, 5, hour, 15, tzinfo=UTC) for hour in (12, 9))
    site = made(
        article(1, date(2020, 5, 5), "الغد", section="رياضة"),
        article(2, noon, "الغد", section="رياضة"),
        article(3, morning, "الغد", section="رياضة"),
        article(4, noon, "الغد", section="محليات"),
        article(5, noon, "الغد"),
        article(6, noon, "صدى"),
        article(7, noon, None),
        article(8, noon, "صدي", title=""),  # another spelling, and no title
    )
    page = site.page("/browse/2020/05/05")
    assert texts(page, ".of-day h2") == ["الغد 5 مقالات", "صدى مقالان", "بلا مصدر مقال واحد"]
    assert texts(page, ".section") == ["رياضة 3", "محليات 1", "بلا قسم 1"]
    assert links(page, ".titles a")[:3] == ["/article/a3", "/article/a2", "/article/a1"]
    assert texts(page, ".titles li")[:3] == ["09:15 عنوان 3", "12:15 عنوان 2", "عنوان 1"]
    assert "نص الخبر رقم 8" in texts(page, ".titles a")
    assert texts(page, ".of-day .more") == []
    of_one = site.page("/browse/2020/05/05", source="صدى")
    assert sorted(links(of_one, ".titles a")) == ["/article/a6", "/article/a8"]
    assert links(site.page("/browse/2020/05/05?source="), ".titles a") == ["/article/a7"]
    assert texts(site.page("/browse/2020/05/05", source="لا أحد"), ".lead")[0].startswith("لا أحد: لا مقالات")


def test_copies_of_a_story_are_listed_once_and_counted(made: Made) -> None:
    from corpus import near_duplicates  # loads NumPy

    text = [" ".join(f"كلمة{number}" for number in range(120))]
    day = date(2020, 5, 5)
    site = made(*(article(n, day, f"جريدة {n}", title="خبر واحد", paragraphs=text) for n in range(3)), indexed=False)
    near_duplicates.group_changes(site.archive)
    update_index(site.archive)
    page = site.page("/browse/2020/05/05")
    assert texts(page, ".lead")[0].startswith("3 مقالات في خبر واحد")
    assert len(page.select(".titles > li")) == 1
    assert len(page.select(".of-day .copies li time")) == 2
    assert len([text for text in texts(page, ".of-day .more") if "نسخ" in text]) == 2


def test_a_full_day_shows_the_first_titles_of_each_source_and_leads_to_all(made: Made) -> None:
    day = date(2020, 5, 5)
    site = made(*(article(number, day, f"جريدة {number % 4}") for number in range(320)))
    page = site.page("/browse/2020/05/05")
    assert len(page.select(".titles li")) == 300
    (more, *others) = links(page, ".of-day .more a")
    assert len(others) == 3
    assert parse_qs(urlsplit(more).query) == {"source": ["جريدة 0"]}
    assert len(site.page(more).select(".titles li")) == 80
    assert site.page(more).select("meta[name=robots][content='noindex, nofollow']")


def test_a_day_of_800_sources_names_them_all(made: Made) -> None:
    day = date(2020, 5, 5)
    site = made(*(article(number, day, f"جريدة {number}") for number in range(800)))
    page = site.page("/browse/2020/05/05")
    assert len(page.select(".day-sources li")) == 800
    assert len(page.select(".of-day")) == 60


def test_articles_without_a_date_have_a_list(made: Made) -> None:
    site = made(*(article(number, None) for number in range(130)), article(200, date(2020, 1, 1)))
    assert "130 مقالا" in texts(site.page("/browse"), ".lead")[0]
    first = site.page("/browse/undated")
    assert links(first, ".titles li > a")[0] == "/article/a129"
    assert len(first.select(".titles > li")) == 100
    second = site.page(links(first, ".pages a[rel=next]")[0])
    assert links(second, ".titles li > a")[-1] == "/article/a0"
    assert "لا توجد صفحة بهذا الرقم." in site.page("/browse/undated?page=9").get_text()
    assert len(texts(site.page("/browse/undated?page=x&y=1"), ".note")) == 2


def test_only_undated_articles(made: Made) -> None:
    site = made(article(1, None))
    assert "لا تاريخ لأي مقال في هذا الأرشيف." in texts(site.page("/browse"), ".lead")[0]
    assert site.answer("/browse/2020").status_code == 404
    for address in ("/", "/sources", "/sources/الغد", "/browse/sources", "/browse/sources?from=2015&to=2015"):
        assert site.answer(address).status_code == 200, address


def test_hijri_days_stand_beside_the_others_if_they_are_chosen(made: Made) -> None:
    # 1 Muharram 1437 and, two Hijri years later, 1 Muharram 1439.
    site = made(article(1, date(2015, 10, 14)), article(2, date(2017, 9, 21)), article(3, date(1900, 1, 1)))
    assert site.page("/browse/2015/10").select(".hijri") == []
    chosen = site.page("/browse/2015/10", calendar="hijri")
    assert texts(chosen, "h1 small") == ["ذو الحجة 1436هـ – محرم 1437هـ"]
    assert "بالهجري: (1 محرم)" in texts(chosen, ".hijri")
    day = site.page("/browse/2015/10/14?calendar=hijri")
    assert links(day, ".other-years a") == ["/browse/2017/09/21"]
    old = site.page("/browse/1900/01", calendar="hijri")  # before the tables of Umm al-Qura
    assert old.select(".hijri") == []


def test_this_day_in_other_years(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    from search_ui.web import home_page

    site = made(*(article(year, date(year, 2, 29)) for year in (2016, 2020, 2024)), article(1, date(2020, 2, 28)))
    page = site.page("/browse/2020/02/29")
    assert links(page, ".other-years a") == ["/browse/2024/02/29", "/browse/2016/02/29"]
    monkeypatch.setattr(home_page, "local_day", lambda: date(2028, 2, 29))
    today = site.page("/")
    assert links(today, ".same-days a")[::2] == ["/browse/2024/02/29", "/browse/2020/02/29", "/browse/2016/02/29"]
    assert texts(today, ".same-days .title")[0] == "عنوان 2024"
    monkeypatch.setattr(home_page, "local_day", lambda: date(2028, 3, 1))
    assert site.page("/").select("#home-day") == []


@pytest.mark.parametrize(
    ("language", "accepted", "first"),
    [
        ("ar", "ar", "سبت"),  # Egypt, by CLDR's likely subtags
        ("ar", "ar-SA", "أحد"),
        ("ar", "ar-MA,en-US", "اثنين"),
        ("en", "en", "Su"),
        ("en", "en-GB", "Mo"),
        ("en", "xx-!!,en-GB", "Mo"),
        ("ar", "en-GB", "سبت"),
    ],
)
def test_weeks_begin_as_in_the_readers_region(made: Made, language: str, accepted: str, first: str) -> None:
    site = made(article(1, date(2020, 2, 29)))
    answer = site.client.get(f"/browse/2020/02?lang={language}", headers={"Accept-Language": accepted})
    assert texts(parsed(answer), ".month th")[0] == first


def test_an_empty_archive_says_what_to_do(made: Made) -> None:
    for indexed in (True, False):
        site = made(indexed=indexed)
        for address in ("/", "/browse", "/sources", "/browse/sources"):
            assert texts(site.page(address), ".empty code") == ["arshif add pages/"], address
        for address in ("/browse/2020", "/sources/الغد"):
            assert site.answer(address).status_code == 404, address


def test_a_missing_index_is_said(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1)), indexed=False)
    for address in ("/browse", "/browse/2020/01/01", "/sources", "/sources/الغد"):
        answer = site.answer(address)
        assert answer.status_code == 503, address
        assert "لم يُفهرس هذا الأرشيف بعد" in answer.text
    home = site.page("/")
    assert texts(home, ".note") == ["لم يُفهرس هذا الأرشيف بعد، فلا يمكن البحث فيه."]
    assert texts(home, ".holds dd")[:2] == ["1", "1"]
    assert site.page("/article/a1").select(".in-paper") == [] or site.page("/article/a1").select(".in-paper dl") == []


def test_the_calendar_follows_new_commits(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1)))
    assert site.answer("/browse/2021/01/01").status_code == 404
    site.archive.add(article(2, date(2021, 1, 1)))
    update_index(site.archive)
    assert site.answer("/browse/2021/01/01").status_code == 200


def test_examples_of_home_find_articles(made: Made) -> None:
    titles = ["زلزال عنيف يضرب الساحل", "زلزال عنيف في الجبال", "سيول جارفة تغمر الوادي", "سيول جارفة قرب الميناء"]
    site = made(*(article(n, date(2020, 1, 1), title=title) for n, title in enumerate(titles)))
    examples = site.page("/").select(".examples a")
    assert len(examples) == 4
    for example in examples:
        assert site.page(str(example["href"])).select(".hit:not(.nearest *)")


def test_the_description_of_the_archive_is_text(made: Made) -> None:
    site = made(
        article(1, date(2020, 1, 1)), settings='\n[web]\ndescription = "صحف <b>اليمن</b>"\ndescription_en = "Papers"\n'
    )
    assert texts(site.page("/"), ".description") == ["صحف <b>اليمن</b>"]
    assert texts(site.page("/", lang="en"), ".description") == ["Papers"]


def test_the_box_of_home_has_the_focus_and_that_of_other_pages_has_not(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1)))
    assert site.page("/").select("#q[autofocus]")
    assert site.page("/browse").select("#q[autofocus]") == []


@pytest.mark.parametrize(
    ("counts", "key"),
    [
        ([], []),
        ([0, 0], []),
        ([7, 7], [(3, 7, 7)]),
        ([1, 2], [(1, 1, 1), (5, 2, 2)]),
        ([1, 3097], [(1, 1, 5), (2, 6, 25), (3, 26, 120), (4, 121, 620), (5, 621, 3097)]),
        ([900, 1400], [(1, 900, 980), (2, 981, 1000), (4, 1001, 1100), (5, 1101, 1400)]),
    ],
)
def test_shades_divide_by_ratios_and_the_key_has_all(counts: list[int], key: list[tuple[int, int, int]]) -> None:
    shades = Shades.of_counts(counts)
    assert [low for _, low, _ in shades.key()][:1] == ([min(filter(None, counts))] if key else [])
    for count in filter(None, counts):
        assert [shade for shade, low, high in shades.key() if low <= count <= high] == [shades.of(count)]
    assert shades.of(0) == 0
    if len(key) in (0, 1, 2) or counts == [1, 3097]:
        assert shades.key() == key


def test_the_calendar_of_the_first_and_last_years() -> None:
    calendar = ArchiveCalendar.of_days({"0001-01-01": 1, "9999-12-31": 2})
    assert calendar.span == (date.min, date.max)
    assert calendar.before("0001-01-01") is calendar.after("9999-12-31") is None
    rows = list(year_rows(calendar.months, calendar.month_shades))
    assert [(row.year, row.until) for row in rows] == [(9999, None), (2, 9998), (1, None)]


def test_a_private_archive_shows_no_calendar_to_strangers(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1)))
    file = site.archive.directory / "arshif.toml"
    file.write_text("private = true\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    private = Site(site.archive)
    for address in ("/browse", "/browse/2020", "/browse/2020/01/01", "/browse/undated", "/browse/sources", "/sources"):
        answer = private.answer(address)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), address
    assert private.answer("/sources/الغد").status_code == private.answer("/source?name=الغد").status_code == 303


def test_an_article_names_its_neighbours_in_the_paper(made: Made) -> None:
    ten, nine = (datetime(2020, 1, 2, hour, tzinfo=UTC) for hour in (10, 9))
    site = made(
        article(1, date(2020, 1, 1)), article(2, ten), article(3, nine), article(4, date(2020, 2, 1)),
        article(5, nine, "صدى"), article(6, None), article(7, date(2021, 1, 2)),
    )  # fmt: skip
    assert links(site.page("/article/a3"), ".in-paper dd a") == ["/article/a1", "/article/a2"]
    assert links(site.page("/article/a2"), ".in-paper dd a") == ["/article/a3", "/article/a4"]
    assert links(site.page("/article/a1"), ".in-paper dd a") == ["/article/a3"]
    assert links(site.page("/article/a2"), ".in-paper p a") == ["/browse/2020/01/02#other-years"]
    assert links(site.page("/article/a4"), ".in-paper p a") == []
    assert site.page("/article/a6").select(".in-paper") == []
    assert site.page("/article/a5").select(".in-paper dd") == []


def test_the_byline_of_an_article_leads_to_source_section_day_and_authors(made: Made) -> None:
    site = made(article(1, date(2020, 1, 2), "صدى", section="رياضة", authors=["ليلى حداد", "سمير"]))
    page, results = site.page("/article/a1"), site.search("الخبر")
    byline = "صدى·رياضة·2 كانون الثاني/يناير 2020·ليلى حداد·سمير"
    assert texts(page, ".about")[0] == texts(results, ".about")[0] == byline
    source, section, day, *authors = links(page, ".about a")
    assert day == "/browse/2020/01/02"
    assert site.answer(source).status_code == 200
    for link in (section, *authors):
        assert site.page(link).select(".hit")
    # In a list of results they would be thirty more stops of the Tab key; the filters are beside it.
    assert links(results, ".about a") == []
