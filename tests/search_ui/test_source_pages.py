"""The pages of the sources: their list, one of them, their map over time; names of every kind in addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from corpus import Archive
from indexer import update_index
from tests.search_ui.dated_site import Made, article, links, maker
from tests.search_ui.small_site import Site, address, texts

NAMES = [
    "الغد",
    "صوت/الوادي",
    "/صوت",
    "صوت/",
    "صوت//الوادي",
    ".",
    "..",
    "../../etc/passwd",
    "صوت/../الوادي",
    "a.b.example",
    "موقع.json",
    "جريدة \"الحقيقة\" و'الخبر'",
    "«الخبر» & <b>#؟?%2F+ ",
    "\u200fالنهار\u200e 24",
    "\u2067عكاظ\u2069",
    "back\\slash",
    "undated",
    "sources",
    "name=x&y",
    "ك" * 600,
    "اسم من كلمات كثيرة جدا " * 20,
    "!",
    "2015",
]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive with sources of all these names; no test may change it."""
    with maker(tmp_path_factory.mktemp("names")) as make:
        days = [date(2020, 1, 1 + number % 28) for number in range(len(NAMES))]
        yield make(*(article(number, day, name) for number, (day, name) in enumerate(zip(days, NAMES, strict=True))))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    with maker(tmp_path) as make:
        yield make


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_of_any_kind_has_a_page(names: Site, number: int) -> None:
    (link,) = links(names.page(f"/article/a{number}"), ".about a")[:1]
    answer = names.answer(link)
    assert answer.status_code == 200
    # What browsers and proxies would make another path of is in the query.
    assert not {"", ".", ".."} & set(urlsplit(link).path.split("/")[1:])
    page = names.page(link)
    assert texts(page, "h1") == [" ".join(NAMES[number].split())]
    assert links(page, ".titles li > a") == [f"/article/a{number}"]
    (hidden,) = page.select("main form input[type=hidden]")
    assert hidden["name"] == "source"
    assert str(hidden["value"]) == " ".join(NAMES[number].split())
    assert link in links(names.page("/sources"), ".sources th a")


@pytest.mark.parametrize(
    "path",
    [
        "/sources/لا",
        "/sources/",
        "/source",
        "/source?name=",
        "/source?name=%20",
        "/sources/%00",
        "/sources/%ff%fe",
        "/sources/..%2f..%2fetc%2fshadow",
        "/sources/%2e%2e/%2e%2e/etc/passwd2",
        "/sources/" + "x" * 5000,
    ],
)
def test_what_is_no_source_is_404(names: Site, path: str) -> None:
    assert names.client.get(path).status_code == 404


def test_a_source_is_found_in_any_spelling_and_by_its_shown_name(made: Made) -> None:
    site = made(
        article(1, date(2020, 1, 1), "النهضة"),
        article(2, date(2020, 1, 1), "النهضه"),
        article(3, date(2020, 1, 2), "النهضة"),
        article(4, date(2020, 1, 2), "okaz"),
        settings='\n[sources.okaz]\nname = "صحيفة عكاظ"\n',
    )
    for name in ("النهضة", "النهضه"):
        page = site.page(f"/sources/{name}")
        assert links(page, "link[rel=canonical]") == ["/sources/%D8%A7%D9%84%D9%86%D9%87%D8%B6%D8%A9"]
        assert texts(page, ".lead")[0].startswith("3 مقالات")
    for name in ("okaz", "صحيفة عكاظ"):
        assert texts(site.page(f"/sources/{name}"), "h1") == ["صحيفة عكاظ"]
    assert "صحيفة عكاظ" in texts(site.page("/sources"), ".sources th a")


def test_the_page_of_a_source_counts_as_searches_do(made: Made) -> None:
    site = made(
        article(1, date(2019, 12, 31), "الغد", section="رياضة", authors=["ليلى حداد"]),
        article(2, date(2020, 4, 1), "الغد", section="رياضة"),
        article(3, date(2022, 1, 1), "الغد", section="محليات"),
        article(4, None, "الغد"),
        article(5, date(2020, 1, 1), "صدى", section="رياضة"),
    )
    site.archive.remove("a3")
    site.archive.restore("a3")
    page = site.page("/sources/الغد")
    assert texts(page, ".lead")[0].startswith("4 مقالات، من 31 كانون الأول/ديسمبر 2019 إلى 1 كانون الثاني/يناير 2022")
    assert "بلا تاريخ: مقال واحد" in texts(page, ".lead")[0]
    for link in links(page, ".counted a, .months a"):
        count = site.page(link).select_one("#count")
        assert count is not None
        assert count.get_text().startswith(("نتيجة واحدة", "نتيجتان")), link
    assert texts(page, ".two .counted li") == ["رياضة 2", "محليات 1", "ليلى حداد 1"]
    (gaps,) = texts(page, ".gaps")
    assert "كانون الثاني/يناير 2020 – آذار/مارس 2020 (3)" in gaps
    assert "أيار/مايو 2020 – كانون الأول/ديسمبر 2021 (20)" in gaps
    assert texts(page, ".years .gap") == ["2021: لا مقالات"]
    assert parse_qs(urlsplit(links(page, "#feed")[0]).query)["source"] == ["الغد"]


def test_the_list_of_sources_is_sorted_as_asked(made: Made) -> None:
    site = made(
        article(1, date(2020, 1, 1), "ب"), article(2, date(2020, 1, 2), "ب"), article(3, date(2019, 1, 1), "ج"),
        article(4, None, "ا"), article(5, date(2018, 1, 1), None),
    )  # fmt: skip

    def order(**values: str) -> list[str]:
        return texts(site.page("/sources", **values), ".sources tbody th")

    assert order() == ["ب", "ا", "ج"]
    assert order(sort="name") == ["ا", "ب", "ج"]
    assert order(sort="first") == ["ج", "ب", "ا"]
    page = site.page("/sources", sort="x")
    assert len(texts(page, ".note")) == 1
    assert [cell.get("aria-sort") for cell in page.select("th")][:2] == [None, "descending"]
    assert "مقالات لا تذكر مصدرا: 1." in texts(page, ".more")
    assert texts(page, ".sources tbody tr")[1].startswith("ا1 بلا تاريخبلا تاريخ")


def test_800_sources_over_150_years(made: Made) -> None:
    site = made(*(article(n, date(1876 + n % 151, 1 + n % 12, 1), f"جريدة {n:03}") for n in range(800)))
    page = site.page("/sources")
    assert len(page.select(".sources tbody tr")) == 100
    assert texts(page, ".pages .current") == ["1 / 8"]
    assert len(site.page("/sources?page=8&sort=name").select(".sources tbody tr")) == 100
    assert "لا توجد صفحة بهذا الرقم." in site.page("/sources?page=9").get_text()
    table = site.page("/browse/sources")
    assert len(table.select(".map tbody tr")) == 50
    decades = links(table, ".map thead a")
    assert len(decades) == 16
    assert decades[0] == "/browse/sources?from=1870&to=1879"
    years = site.page(decades[-2])
    assert texts(years, ".map thead th")[1:3] == ["2010", "2011"]
    (year,) = {link for link in links(years, ".map thead a") if "2015" in link}
    months = site.page(year)
    assert links(months, ".map thead a")[0] == "/browse/2015/01"
    assert int(texts(months, ".map tfoot td")[0]) == sum(n % 151 == 139 and n % 12 == 0 for n in range(800))
    (cell, *_) = links(months, ".map tbody td a")
    assert site.page(cell).select_one("#count").get_text().startswith("نتيجة واحدة")  # type: ignore[union-attr]
    for bad in ("from=2015", "from=x&to=y", "from=2016&to=2015", "from=1700&to=1710", "from=2100&to=2110"):
        assert site.answer(f"/browse/sources?{bad}").status_code == 404, bad


def test_the_map_of_a_short_archive_has_months_and_adds_up(made: Made) -> None:
    site = made(
        article(1, date(2019, 12, 31), "ا"), article(2, date(2020, 2, 29), "ب"), article(3, date(2020, 2, 1), None)
    )
    page = site.page("/browse/sources")
    assert links(page, ".map thead a") == ["/browse/2019/12", "/browse/2020/01", "/browse/2020/02"]
    assert texts(page, ".map tbody th") == ["ا", "ب", "بلا مصدر"]
    assert texts(page, ".map tfoot td") == ["1", "0", "2"]
    assert all(cell.get("scope") for cell in page.select(".map th"))


def test_a_new_source_appears_after_the_next_commit(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1), "ا"))
    site.archive.add(article(2, date(2020, 1, 1), "ب"))
    assert site.answer("/sources/ب").status_code == 404
    update_index(site.archive)
    assert site.answer("/sources/ب").status_code == 200


def test_the_box_of_a_source_searches_in_it(made: Made) -> None:
    site = made(article(1, date(2020, 1, 1), "ا"), article(2, date(2020, 1, 1), "ب"))
    (form,) = site.page("/sources/ب").select("form[role=search]")
    values = {str(field["name"]): str(field.get("value", "")) for field in form.select("input")}
    results = site.page(str(form["action"]), **(values | {"q": "الخبر"}))
    assert address(results, ".hit h2 a").startswith("/article/a2?")


def test_an_unindexed_article_has_a_byline(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add(article(1, date(2020, 1, 1), "ا"))
        assert texts(Site(archive).page("/article/a1"), ".about") == ["ا·1 كانون الثاني/يناير 2020"]
