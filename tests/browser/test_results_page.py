"""The results page at work: what is above the fold, menus, and filters as a sheet on a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Visits, until
from tests.browser.test_looks import faults_of

PHONE: dict[str, Any] = {"width": 390, "has_touch": True, "is_mobile": True}
HIDDEN_BELOW = "(height) => [...document.querySelectorAll('.hit h2')].filter((h) => h.getBoundingClientRect().bottom <= height).length"
TOP_OF_FIRST = "document.querySelector('.hit h2').getBoundingClientRect().top"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_five_results_are_above_the_fold(visit: Visits, language: str) -> None:
    page = visit("/search?q=في", language=language)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.fonts.ready")
    assert page.locator(".chart").is_visible()
    assert page.evaluate(HIDDEN_BELOW, 900) >= 5


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", ["/search?q=مفاوضات", "/search?q=مفاوضات&source=النهضة&after=2014&before=2019"])
def test_on_a_phone_the_first_title_is_near_the_top(visit: Visits, path: str, language: str) -> None:
    page = visit(path, language=language, **PHONE)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.fonts.ready")
    assert page.evaluate(TOP_OF_FIRST) < 330
    assert not page.locator(".chart").filter(visible=True).count()


def tabs_to(page: Any, selector: str, limit: int = 30) -> int:
    for count in range(1, limit):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return count
    raise AssertionError(f"{selector} is not within {limit} stops")


def test_the_order_is_a_few_tabs_from_the_box_and_skip_links_are_first(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات")
    page.focus("#q")
    assert tabs_to(page, "#sort-menu") <= 12
    page.goto("/search?q=مفاوضات")
    assert tabs_to(page, "a.skip[href='#tools']") <= 3
    page.keyboard.press("Enter")
    assert tabs_to(page, "#sort-menu") == 1


def test_a_menu_opens_and_closes_like_a_menu(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات")
    opened = page.locator(".menu[open]")
    page.locator("#sort-menu").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert opened.count() == 0
    assert page.evaluate("document.activeElement.id") == "sort-menu"
    page.locator("#sort-menu").click()
    page.locator("#match-menu").click()
    assert opened.locator("summary").all_inner_texts() == ["المطابقة"]
    page.locator(".count").click()
    assert opened.count() == 0
    page.locator("#sort-menu").click()
    page.locator(".panel a", has_text="الأحدث").click()
    page.wait_for_url("**sort=newest**")
    until(page, "document.querySelector('#sort-menu').textContent.includes('الأحدث')")
    assert page.evaluate("document.activeElement.id") == "sort-menu"


def test_choices_are_counted_when_their_menu_is_opened(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات")
    forms = page.locator(".set .choice", has_text="كما كتبتَها")
    assert forms.locator("small").count() == 0
    page.locator("#match-menu").click()
    until(page, "document.querySelectorAll('.set .choice small').length >= 4")
    number = forms.locator("a", has_text="كما كتبتَها").locator("small").inner_text()
    forms.locator("a", has_text="كما كتبتَها").click()
    page.wait_for_url("**forms=printed**")
    until(page, f"document.querySelector('#count').textContent.startsWith('{number} ')")


def opened_sheet(page: Any) -> Any:
    page.locator("#to-filters").tap()
    sheet = page.locator("dialog.filter-sheet[open]")
    sheet.wait_for()
    return sheet


def test_the_sheet_says_how_many_results_there_will_be_and_shows_them(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات", language="en", **PHONE)
    address, before = page.url, page.locator("#count").inner_text().split()[0]
    sheet = opened_sheet(page)
    button = sheet.locator(".do button")
    assert button.inner_text() == f"Show {before} results"
    sheet.locator("[name=source]").first.check()
    until(
        page,
        f"document.querySelector('.filter-sheet .do button').textContent.startsWith('Show') && !document.querySelector('.filter-sheet .do button').textContent.includes('Show {before} ')",
    )
    one = button.inner_text()
    assert page.evaluate("document.activeElement.name") == "source"
    sheet.locator("[name=source]").nth(1).check()
    until(
        page,
        f"document.querySelector('.filter-sheet .do button').textContent.startsWith('Show') && document.querySelector('.filter-sheet .do button').textContent !== '{one}'",
    )
    both = button.inner_text()
    assert page.url == address
    button.tap()
    page.wait_for_url("**source=**source=**")
    until(page, f"document.querySelector('#count').textContent.startsWith('{both.split()[1]}')")
    assert page.locator("dialog").count() == 0
    assert page.evaluate("document.activeElement.id") == "to-filters"
    page.go_back()
    until(page, f"document.querySelector('#count').textContent.startsWith('{before}')")


WAYS_OUT: list[tuple[str, Callable[[Any], None]]] = [
    ("Escape", lambda page: page.keyboard.press("Escape")),
    ("the backdrop", lambda page: page.mouse.click(195, 8)),
    ("the button", lambda page: page.locator(".filter-sheet .close").tap()),
]


@pytest.mark.parametrize("leave", [leave for _, leave in WAYS_OUT], ids=[name for name, _ in WAYS_OUT])
def test_a_sheet_that_is_closed_changes_nothing(visit: Visits, leave: Callable[[Any], None]) -> None:
    page = visit("/search?q=مفاوضات", **PHONE)
    address = page.url
    sheet = opened_sheet(page)
    said = sheet.locator(".do button").inner_text()
    sheet.locator("[name=source]").first.check()
    until(page, f"document.querySelector('.filter-sheet .do button').textContent !== '{said}'")
    leave(page)
    until(page, "!document.querySelector('dialog')")
    assert page.url == address
    assert page.evaluate("document.activeElement.id") == "to-filters"
    sheet = opened_sheet(page)
    assert sheet.locator("[name=source]:checked").count() == 0
    assert sheet.locator(".do button").inner_text() == said


def test_the_focus_stays_in_the_sheet(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات", **PHONE)
    opened_sheet(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)"
        assert page.evaluate(inside)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_axe_finds_no_fault_in_the_sheet_nor_in_open_menus(visit: Visits, language: str) -> None:
    page = visit("/search?q=مفاوضات", language=language, color_scheme="light", bypass_csp=True, **PHONE)
    opened_sheet(page)
    assert faults_of(page) == []
    page = visit("/search?q=مفاوضات أستانة", language=language, color_scheme="light", bypass_csp=True)
    for menu in ("#sort-menu", "#match-menu", "#save-menu"):
        page.locator(menu).click()
        assert faults_of(page) == []


def test_without_scripts_the_filters_are_a_section_below_the_results(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات", java_script_enabled=False, **PHONE)
    page.locator("#to-filters").tap()
    assert page.url.endswith("#filters")
    assert page.locator(".narrow [name=source]").first.is_visible()
    assert page.locator(".narrow button").inner_text() == "تطبيق"
    page.locator(".narrow [name=source]").nth(0).check()
    page.locator(".narrow [name=source]").nth(1).check()
    page.locator(".narrow button").tap()
    page.wait_for_url("**source=**source=**")
    page.locator("#sort-menu").tap()
    page.locator(".panel a", has_text="الأقدم").tap()
    page.wait_for_url("**sort=oldest**")


def test_menus_fit_a_narrow_window(visit: Visits) -> None:
    for language in ("ar", "en"):
        page = visit("/search?q=مفاوضات أستانة", language=language, **(PHONE | {"width": 320}))
        for menu in ("#sort-menu", "#match-menu", "#save-menu"):
            page.locator(menu).tap()
            box = page.locator(".menu[open] .panel").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_keys_of_marks_can_be_turned_off_for_good(visit: Visits) -> None:
    page = visit("/article/wire-002?q=سفينة")
    keys = page.locator(".marks button[aria-pressed]")
    assert keys.get_attribute("aria-pressed") == "true"
    keys.click()
    page.reload()
    page.keyboard.press("n")
    assert page.evaluate("location.hash") == ""
    assert keys.get_attribute("aria-pressed") == "false"
    keys.click()
    page.keyboard.press("n")
    assert page.evaluate("location.hash") == "#mark-1"
