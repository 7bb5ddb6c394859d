"""The calendar and the sources in a browser: clicks from the first page, accessibility, phones, both languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visits
from tests.browser.test_looks import faults_of, sideways

PAGES = {
    "years": "/browse",
    "year": "/browse/2018",
    "month": "/browse/2018/11",
    "month in both calendars": "/browse/2018/11?calendar=hijri",
    "day": "/browse/2018/11/15",
    "day of a source": "/browse/2018/11/15?source=وكالة أنباء الساحل",
    "undated": "/browse/undated",
    "sources": "/sources",
    "source": "/sources/وكالة أنباء الساحل",
    "map": "/browse/sources",
    "months of a year": "/browse/sources?from=2018&to=2018",
    "home in both calendars": "/?calendar=hijri",
}


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(visit: Visits, path: str, language: str) -> None:
    # Each width with axe in one language: what it finds depends on either, hardly on both.
    page = visit(
        path, language=language, color_scheme="light", bypass_csp=True, width=320 if language == "ar" else 1280
    )
    assert sideways(page, *((390, 1280, 2560, 3840, 320) if language == "ar" else (320, 390, 2560, 3840, 1280))) == []
    assert faults_of(page) == []


def test_a_day_is_two_clicks_from_home_and_a_source_one(visit: Visits) -> None:
    page = visit("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.click(".months a[href='/browse/2018/11']")
    page.click(".month a[href='/browse/2018/11/15']")
    assert page.locator(".titles > li").count() > 0
    page.goto("/")
    page.click("#home-sources + .counted a")
    assert page.locator("main form[role=search] input[name=source]").count() == 1


def test_results_of_a_source_are_two_clicks_from_home(visit: Visits) -> None:
    page = visit("/")
    page.click("#home-sources + .counted a")
    page.click(".lead a >> nth=0")
    assert "source=" in page.url
    assert page.locator(".hit").count() > 0


def test_the_calendar_is_walked_by_keyboard(visit: Visits) -> None:
    page = visit("/browse/2018/11")
    first = page.locator(".month td a").first
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/2018/11/*")
    page.locator(".beside a[rel=next]").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".titles > li").count() > 0
    page.go_back()
    page.go_back()
    assert page.url.endswith("/browse/2018/11")


def test_without_colours_the_numbers_remain(visit: Visits) -> None:
    page: Any = visit("/browse", forced_colors="active")
    assert all(text.strip() for text in page.locator(".months a small").all_inner_texts())
