"""Charts in a real browser: tooltips, keyboard, links and downloads; what is on the screen and not only in the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import Visits
from tests.browser.test_looks import faults_of, sideways

COMPARED = "/compare?q=زلزال&q=سيول&q=انتخابات"
STATES = {
    "own filters": "/compare?q=زلزال&q=زلزال&source.1=النهضة&source.2=الغد&forms.2=printed",
    "six, shares": "/compare?q=زلزال&q=سيول&q=حريق&q=سفينة&q=مفاوضات&q=اتفاق&chart=share",
    "seven, notes": "/compare?q=أ&q=ب&q=ت&q=ث&q=ج&q=ح&q=خ&after=x",
    "one search": "/compare?q=اتفاق",
    "no hits": "/compare?q=كسكسييي&q=كسكسييييي",
    "shares of a source": "/search?q=مفاوضات&source=النهضة&chart=share",
}


def asked(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", STATES.values(), ids=STATES)
def test_axe_finds_no_fault_in_any_state(visit: Visits, path: str, language: str) -> None:
    page = visit(path, language=language, color_scheme="light", bypass_csp=True)
    assert faults_of(page) == []
    assert sideways(page, 320, 390, 2560) == []


@pytest.mark.parametrize("path", ["/search?q=اتفاق", COMPARED])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_tooltip_is_inside_the_page_and_bars_are_narrow(visit: Visits, path: str, width: int, language: str) -> None:
    page = visit(path, language=language, width=width)
    page.evaluate("for (const fold of document.querySelectorAll('.over-time')) fold.open = true")
    points = page.locator(".chart a")
    for place in (0, points.count() // 2, points.count() - 1):
        points.nth(place).locator(".reach").hover(force=True)
        tip = points.nth(place).locator(".tip")
        assert tip.is_visible()
        box = tip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for bar in page.locator(".chart .bar").all():
        assert bar.bounding_box()["width"] <= 24.5


def test_the_whole_of_task_two_takes_three_clicks(visit: Visits) -> None:
    page = visit("/")
    page.fill("#q", "زلزال")
    page.press("#q", "Enter")
    page.locator(".links a", has_text="مقارنة").click()
    page.locator(".queries [type=search]").nth(1).fill("سيول")
    page.press(".queries [type=search] >> nth=1", "Enter")
    page.wait_for_url("**q=*&q=*")
    assert asked(page) == {"q": ["زلزال", "سيول"]}
    for name, ending in (("PNG", "png"), ("CSV", "csv"), ("SVG", "svg")):
        with page.expect_download() as waiting:
            page.locator(".take a", has_text=name).click()
        assert waiting.value.suggested_filename.startswith("زلزال - سيول 2")
        assert waiting.value.suggested_filename.endswith(f".{ending}")


@pytest.mark.parametrize(("language", "forward"), [("ar", "ArrowLeft"), ("en", "ArrowRight")])
def test_the_keyboard_goes_along_a_line_and_to_the_others(visit: Visits, language: str, forward: str) -> None:
    page = visit("/compare?q=اتفاق&q=في", language=language)
    assert page.locator(".chart a[tabindex='0']").count() == 1
    line = page.locator(".chart a[data-line='0']")
    page.locator(".chart a[tabindex='0']").focus()
    page.keyboard.press(forward)
    focused = "document.activeElement.dataset"
    assert page.evaluate(f"{focused}.after") == line.nth(1).get_attribute("data-after")
    assert page.locator(".chart a:focus .tip").is_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{focused}.line") == "1"
    assert page.evaluate(f"{focused}.after") == line.nth(1).get_attribute("data-after")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert asked(page)["after"] == [asked(page)["after"][0]]


def test_a_drag_narrows_the_comparison(visit: Visits) -> None:
    page = visit("/compare?q=اتفاق&q=في&after.2=2001")
    chart = page.locator(".chart").bounding_box()
    page.mouse.move(chart["x"] + chart["width"] * 0.9, chart["y"] + 20)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] * 0.5, chart["y"] + 30, steps=5)
    assert page.locator(".selection").count() == 1
    page.mouse.up()
    page.wait_for_url("**after=**")
    assert asked(page)["q"] == ["اتفاق", "في"]
    assert asked(page)["after"] < asked(page)["before"]


def test_without_scripts_a_search_is_added_and_the_table_has_the_links(visit: Visits) -> None:
    page = visit("/compare?q=زلزال", java_script_enabled=False)
    page.locator(".queries [type=search]").nth(1).fill("سفينة")
    page.locator(".queries summary").nth(1).click()
    page.fill("[name='source.2']", "النهضة")
    page.locator(".queries button").click()
    assert asked(page) == {"q": ["زلزال", "سفينة"], "source.2": ["النهضة"]}
    assert page.locator(".legend li").count() == 2
    page.locator(".timeline td a").first.click()
    page.wait_for_url("**/search?*")


def test_lines_stay_apart_without_colour(visit: Visits) -> None:
    page = visit(STATES["six, shares"])
    dashes = [line.get_attribute("stroke-dasharray") for line in page.locator(".legend .sample .line").all()]
    shapes = [mark.get_attribute("d") for mark in page.locator(".legend .sample .mark").all()]
    assert len(set(dashes)) == len(set(shapes)) == 6
