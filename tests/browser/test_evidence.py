"""Citing, printings and differences in a browser: accessible, readable in print and forced colours, letters apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Visits, arshif, served
from tests.browser.test_looks import faults_of, sideways

TEXT = (
    "افتتح وزير الأشغال اليوم الجسر {kind} على النهر بحضور محافظ المدينة وجمع من الأهالي والمسؤولين.\n"
    "وقال الوزير إن كلفة المشروع بلغت ستة ملايين دينار، وإن العمل استغرق ثلاث سنوات.\n"
    "وأضاف أن الجسر سيبقى مفتوحا للمشاة.\nولم يذكر موعدا.\nوعاد إلى العاصمة مساء."
)
PAGES = {
    "article": "/article/a",
    "older version": "/article/a?revision=1",
    "changes": "/article/a/changes",
    "two versions": "/compare-articles?a=a&b=a&a_version=1&b_version=2",
    "two printings": "/compare-articles?a=a&b=b",
    "English": "/article/english/changes",
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an archive with a story in three papers, and two articles with two versions."""
    archive = str(tmp_path_factory.mktemp("evidence") / "archive")
    arshif(archive, "init", archive)
    known = {"title": "افتتاح الجسر", "source": "الغد", "date": "2020-05-02T08:15:00+03:00"}
    english = {"id": "english", "title": "The bridge", "source": "Post", "date": "2020-05-02"}
    for articles in (
        [
            {"id": "a", **known, "text": TEXT.format(kind="القديم")},
            {
                "id": "b",
                **known,
                "source": "الرأي",
                "text": TEXT.format(kind="الجديد"),
                "date": "2020-05-02T11:40:00+03:00",
            },
            {"id": "c", **known, "source": "الدستور", "text": TEXT.format(kind="الجديد"), "date": "2020-05-03"},
            {**english, "text": "The old bridge (5,000,000) opens.\nA paragraph."},
        ],
        [
            {"id": "a", **known, "text": TEXT.format(kind="العتيق"), "section": "أخبار"},
            {
                **english,
                "text": "The new bridge (6,000,000) opens.\nA paragraph.\nA whole paragraph (added), with a stop.",
            },
        ],
    ):
        arshif(archive, "add", "-", stdin="\n".join(map(json.dumps, articles)).encode())
    with served(archive) as address:
        yield address


@pytest.fixture
def visits(browser: Any, story: str) -> Iterator[Visits]:
    opened = Visits(browser, story)
    yield opened
    opened.close()
    assert opened.said == []


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_fault_with_everything_open(visits: Visits, path: str, language: str) -> None:
    page = visits(path, language=language, color_scheme="light", bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert faults_of(page) == []
    assert sideways(page, 320, 390, 1024, 2560) == []


def test_from_a_hit_a_citation_takes_two_clicks(visits: Visits) -> None:
    page = visits("/search?q=الجسر", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".hit h2 a").first.click()
    page.locator(".article-tools > button").first.click()
    page.locator("#status", has_text="تم النسخ").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "محفوظ في أرشيف" in copied
    assert page.locator(".article-tools > button").first.bounding_box()["y"] < 400


def test_a_button_that_is_clicked_twice_gets_its_name_back(visits: Visits) -> None:
    page = visits("/search?q=الجسر", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".hit h2 a").first.click()
    button = page.locator(".article-tools > button").first
    name = button.inner_text()
    button.click()
    page.locator("#status", has_text="تم النسخ").wait_for(state="attached")
    button.click()
    page.wait_for_timeout(2500)
    assert button.inner_text() == name


@pytest.mark.parametrize("language", ["ar", "en"])
def test_tools_are_one_row_and_the_text_begins_high(visits: Visits, language: str) -> None:
    page = visits("/search?q=الجسر", language=language)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator(".hit h2 a").first.click()
    page.locator(".marks.live").wait_for()
    tops = {
        round(one.bounding_box()["y"])
        for one in page.locator(".article-tools button, .cite > summary").all()
        if one.is_visible()
    }
    assert max(tops) - min(tops) < 6
    assert page.locator("#p1").bounding_box()["y"] < 420


def test_who_was_first_with_the_hour_is_in_the_hit(visits: Visits) -> None:
    page = visits("/search?q=الجسر")
    assert "الغد، 2 أيار/مايو 2020، 08:15" in page.locator(".copies summary").first.inner_text()


def test_a_removed_and_an_added_word_stay_apart_in_the_view_alone(visits: Visits) -> None:
    page = visits("/article/a/changes", bypass_csp=True)
    for kind in ("del", "ins"):
        changed = page.locator(f".change .compared-text {kind}").first
        look = changed.evaluate(
            """(element) => [getComputedStyle(element).textDecorationLine, getComputedStyle(element).unicodeBidi,
              getComputedStyle(element, "::after").content, getComputedStyle(element).borderBlockEndWidth]"""
        )
        assert look == ["none", "isolate", '"\u200c"', "2px"]
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.change .compared-text'))")
    copied = page.evaluate("getSelection().toString()")
    assert "القديم" in copied
    assert "العتيق" in copied
    assert not {"\u200c", "\u2212", "+"} & set(copied)
    assert "حُذف" not in copied


def test_a_whole_paragraph_that_was_added_keeps_its_direction(visits: Visits) -> None:
    page = visits("/article/english/changes", language="ar")
    assert (
        page.locator(".change .compared-text ins").last.evaluate("(element) => getComputedStyle(element).direction")
        == "ltr"
    )
    page = visits("/article/a/changes", language="en")
    assert (
        page.locator(".change .compared-text").first.evaluate("(element) => getComputedStyle(element).direction")
        == "rtl"
    )


@pytest.mark.parametrize(("width", "sides"), [(1280, 2), (390, 0)])
def test_two_texts_are_side_by_side_where_there_is_room(visits: Visits, width: int, sides: int) -> None:
    page = visits("/compare-articles?a=a&b=b", width=width)
    row = page.locator(".change .aligned:not(.alike)").first
    assert row.locator(".aligned-side").filter(visible=True).count() == sides
    assert row.locator(".in-one").is_visible() is (sides == 0)


def test_print_has_the_citation_and_no_buttons(visits: Visits) -> None:
    page = visits("/article/a")
    page.emulate_media(media="print")
    assert page.locator("#citation-ar").is_visible()
    assert page.locator("button").filter(visible=True).count() == 0


def test_forced_colours_keep_the_lines_of_changes(visits: Visits) -> None:
    page = visits("/article/a/changes")
    page.emulate_media(forced_colors="active")
    style = page.locator(".change .compared-text del").first.evaluate(
        "(element) => getComputedStyle(element).borderBlockEndStyle"
    )
    assert style == "dashed"


def test_the_data_block_is_readable_and_is_no_script(visits: Visits) -> None:
    page = visits("/article/a")  # a policy that blocked it would print to the console
    block = page.locator("script[type='application/ld+json']").text_content()
    assert json.loads(block)["headline"] == "افتتاح الجسر"
