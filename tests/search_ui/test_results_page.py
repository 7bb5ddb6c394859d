"""The results page: its set with counts, what empties it, dates that cross, and how days and numbers are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from corpus import Archive, make_article
from indexer import update_index
from tests.search_ui.small_site import Site, address, found, texts


@pytest.fixture(scope="module")
def spelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive with several spellings of a name and several forms of a word."""
    with Archive.create(tmp_path_factory.mktemp("spelled") / "archive") as archive:
        with archive.batch():
            for number in range(6):
                name = "جوتيريش" if number % 3 else "غوتيريش"
                text = f"قال {name} في اليوم {number} إن السفن وصلت إلى مرفأ{number}"
                archive.add(make_article(id=f"g{number}", title=f"خبر {number}", paragraphs=[text]))
            archive.add(make_article(id="ship", title="رسو سفينة", paragraphs=["رست سفينة قرب الساحل"]))
        update_index(archive)
        yield Site(archive)


@pytest.fixture(autouse=True)
def no_preferences(site: Site) -> None:
    """Preferences of one test are not those of the next."""
    for name in ("lang", "calendar", "months", "digits"):
        site.client.delete_cookie(name)


def total(page: BeautifulSoup) -> int:
    (text,) = texts(page, "#count")
    words = {"لا": 0, "نتيجة": 1, "نتيجتان": 2}
    first = text.split()[0]
    return words[first] if first in words else int(first.replace(",", ""))


def counted_links(page: BeautifulSoup, selector: str) -> list[tuple[str, int]]:
    """The address of each link and the number beside or inside it."""
    found = []
    for link in page.select(selector):
        number = link.find("small") or link.find_next_sibling("small")
        assert number is not None
        found.append((str(link["href"]), int(number.get_text().strip().replace(",", ""))))
    return found


EMPTY = [
    ({"q": "زلزال الموازنة"}, 3),
    ({"q": "عنوان:زلزال فوز أو الموازنة المكتبات"}, 4),
    ({"q": "زلزال", "source": "النهضة"}, 1),
    ({"q": "زلزال", "source": "النهضة", "section": "رياضة"}, 1),
    ({"q": "زلزال", "source": "الغد", "after": "2019"}, 1),
    ({"q": "زلزال -إيران"}, 1),
    ({"q": "زلزال بعد:2019"}, 1),
    ({"q": "زلزال مصدر:النهضة"}, 1),
    ({"q": "«إيران غرب» زلزال"}, 3),
    ({"q": "", "source": "الغد", "after": "2030"}, 1),
    ({"q": "زلزال الموازنة", "match": "most"}, 3),
    ({"q": "زلزال الموازنة إيران", "match": "most", "source": "النهضة", "after": "2019"}, 1),
]


@pytest.mark.parametrize(("values", "least"), EMPTY, ids=repr)
def test_each_number_of_an_empty_set_is_what_its_link_finds(site: Site, values: dict[str, str], least: int) -> None:
    page = site.page("/search", **values)
    assert total(page) == 0
    links = counted_links(page, ".none a[rel=nofollow]")
    assert len(links) >= least
    for url, number in links:
        assert total(site.page(url)) == number, url


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"q": "زلزال", "source": "النهضة"}, "بلا تصفية المصدر 1"),
        ({"q": "زلزال", "after": "2019"}, "بلا تصفية التاريخ 1"),
        ({"q": "زلزال", "section": "رياضة"}, "بلا تصفية القسم 1"),
        ({"q": "زلزال", "author": "ليلى حداد"}, "بلا تصفية الكاتب 1"),
        ({"q": "زلزال", "author": "ليلى حداد", "section": "رياضة"}, "بلا أي تصفية 1"),
        ({"q": "زلزال -إيران"}, "بلا استبعاد إيران 1"),
        ({"q": "«إيران غرب»"}, "كلمات «إيران غرب» في أي موضع 1"),
        ({"q": "زلزال مصدر:النهضة"}, "بلا مصدر:النهضة 1"),
    ],
    ids=repr,
)
def test_the_condition_that_empties_the_set_is_named(site: Site, values: dict[str, str], said: str) -> None:
    assert texts(site.page("/search", **values), ".none li") == [said]


def test_where_dates_empty_the_set_the_span_of_the_archive_is_said(site: Site) -> None:
    span = "في الأرشيف مقالات من 16 شباط/فبراير 2017 إلى 1 آذار/مارس 2019."
    for values in ({"after": "2030"}, {"before": "1990", "q": "زلزال"}, {"q": "زلزال بعد:2030"}):
        assert span in texts(site.page("/search", **values), ".none p")
    assert span not in texts(site.search("زلزال الموازنة"), ".none p")


@pytest.mark.parametrize("values", [{"q": "سفينة"}, {"q": "السفن غوتيريش"}, {"q": "قال", "forms": "word"}], ids=repr)
def test_each_form_and_spelling_has_the_number_that_its_link_finds(spelled: Site, values: dict[str, str]) -> None:
    page = spelled.page("/search", **values, counts="true")
    links = counted_links(page, ".set .choice a:has(small), .also a:has(+ small)")
    assert len(links) >= 3
    for url, number in links:
        assert total(spelled.page(url)) == number, url


def test_spellings_are_counted_as_typed_and_as_printed(spelled: Site) -> None:
    page = spelled.search("غوتيريش", counts="true")
    (line,) = [text for text in texts(page, ".also p") if "وحدة" in text or "واحدة" in text]
    assert line == "مقالات بصورة كتابة واحدة: غوتيريش 2، جوتيريش 4"
    assert total(page) == 6


def test_forms_and_spellings_are_counted_only_when_asked(spelled: Site) -> None:
    page = spelled.search("السفن غوتيريش")
    forms = page.select(".set .choice")[1]
    assert "بكل صيغها" in forms.get_text()
    assert not forms.select("small")
    opened = spelled.page(address(page, ".set .menu-line a"))
    assert texts(opened, ".note") == []
    assert len(opened.select(".set .choice small")) == 7
    opened_ones = opened.select(".menu[open] > summary, .also[open] > summary")
    assert [summary.get_text().split()[0] for summary in opened_ones] == ["وأيضا:", "المطابقة"]
    assert address(page, ".set .menu-line a") == page.select_one(".also")["data-counts"]  # type: ignore[index]


def test_sentences_are_not_counted_by_form(site: Site) -> None:
    rows = texts(site.search("هل ضرب زلزال غرب إيران فجر اليوم؟", counts="true"), ".set .choice")
    assert [any(map(str.isdigit, row)) for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("after", "before", "ids"),
    [
        ("2019", "2017", ["match", "budget", "iran", "talks"]),
        ("2018-01-05", "2017-11-13", ["budget", "iran"]),
        ("2018", "تشرين الثاني 2017", ["budget", "iran"]),
    ],
)
def test_dates_that_cross_are_swapped_and_said(site: Site, after: str, before: str, ids: list[str]) -> None:
    page = site.search(after=after, before=before)
    assert found(page) == ids
    (note,) = texts(page, ".note")
    assert note.startswith("كان التاريخان معكوسين فبُدّل ترتيبهما: من 2017-")
    assert (page.select_one("#after")["value"], page.select_one("#before")["value"]) == (before, after)  # type: ignore[index]
    # The links of the page are in order, so that files are not refused.
    assert site.answer(address(page, ".save a[href*='.csv']")).status_code == 200
    assert site.answer("/search.csv", after=after, before=before).status_code == 400


def test_dates_that_cross_in_the_query_are_swapped_too(site: Site) -> None:
    page = site.search("إيران بعد:2019 قبل:2017")
    assert set(found(page)) == {"match", "iran"}
    assert len(texts(page, ".note")) == 1


def test_one_line_has_the_tools_and_no_command(site: Site) -> None:
    page = site.search("إيران", source="الغد", size="20")
    tools = texts(page, ".tools summary")
    assert tools[:2] == ["الترتيب الأكثر صلة", "المطابقة"]
    assert "تصدير" in tools
    assert parse_qs(urlsplit(address(page, ".links a[href*=compare]")).query) == {"q": ["إيران"], "source": ["الغد"]}
    assert parse_qs(urlsplit(address(page, ".tools > .csv")).query) == {"q": ["إيران"], "source": ["الغد"]}
    sizes = [str(link["href"]) for link in page.select(".panel a") if link.get_text().strip() in ("10", "50", "100")]
    assert [parse_qs(urlsplit(url).query).get("size") for url in sizes] == [None, ["50"], ["100"]]
    assert found(site.page(next(str(link["href"]) for link in page.select("a[href*='sort=oldest']")))) == [
        "iran",
        "match",
    ]
    assert "arshif alert" not in page.get_text()


def test_skip_links_lead_to_tools_and_filters(site: Site) -> None:
    page = site.search("إيران")
    for link in page.select("a.skip"):
        assert page.select(str(link["href"])), link


def test_the_button_of_the_sheet_says_how_many_results_there_are(site: Site) -> None:
    for query, said in (("إيران", "عرض نتيجتان"), ("زلزال الموازنة", "لا نتائج")):
        (button,) = site.search(query).select(".narrow button")
        assert (button["data-show"], button.get_text()) == (said, "تطبيق")


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({}, "13 تشرين الثاني/نوفمبر 2017"),
        ({"months": "roman"}, "13 نوفمبر 2017"),
        ({"months": "syriac"}, "13 تشرين الثاني 2017"),
        ({"months": "maghreb"}, "13 نوفمبر 2017"),
        ({"digits": "arabic"}, "١٣ تشرين الثاني/نوفمبر ٢٠١٧"),
        ({"digits": "arabic", "months": "roman", "calendar": "hijri"}, "١٣ نوفمبر ٢٠١٧ (٢٤ صفر ١٤٣٩هـ)"),
        ({"lang": "en", "digits": "arabic", "months": "roman"}, "13 November 2017"),
        ({"months": "x"}, "13 تشرين الثاني/نوفمبر 2017"),
    ],
    ids=repr,
)
def test_months_and_digits_are_the_readers_choice(site: Site, values: dict[str, str], day: str) -> None:
    page = site.search("زلزال", **values)
    assert texts(page, ".hit time") == [day]
    assert page.select(".note") == []


def test_the_choice_of_months_is_remembered(site: Site) -> None:
    site.answer("/search", months="maghreb")
    assert texts(site.search("محادثات أستانة"), ".hit time") == ["16 فيفري 2017"]


def test_arabic_text_in_an_english_page_is_marked_as_arabic(site: Site) -> None:
    page = site.search("إيران", lang="en")
    for selector in (".hit h2 bdi", ".hit .snippet", ".hit .about bdi", ".values bdi"):
        elements = page.select(selector)
        assert elements
        for element in elements:
            is_arabic = re.search("[ء-ي]", element.get_text()) is not None
            assert (element.get("lang") == "ar") == is_arabic, element
    assert not site.search("إيران", lang="ar").select(".hit [lang]")


def test_many_values_can_be_searched_and_none_is_left_out_silently(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Archive.create(tmp_path_factory.mktemp("many") / "archive") as archive:
        with archive.batch():
            for number in range(210):
                archive.add(make_article(id=str(number), title="زلزال", paragraphs=["نص"], section=f"قسم {number}"))
        update_index(archive)
        page = Site(archive).search("زلزال")
        assert len(page.select("[name=section]")) == 200
        assert len(page.select("input.find[hidden]")) == 1
        assert texts(page, ".narrow fieldset p") == ["لم يُدرج 10 غيرها: اكتب قسم: في مربع البحث."]
