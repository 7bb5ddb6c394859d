"""Ticking, lists and their links in a real browser: clicks, with and without scripts, axe, phone, print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visits, arshif, served, until
from tests.browser.test_looks import faults_of, sideways
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def own_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own: desks are made here."""
    archive = str(tmp_path_factory.mktemp("lists") / "archive")
    arshif(archive, "init", archive)
    arshif(archive, "add", str(ROOT / "seeds/wire.jsonl"))
    with served(archive) as url:
        yield url


@pytest.fixture
def visit_lists(browser: Any, own_address: str) -> Iterator[Visits]:
    visits = Visits(browser, own_address)
    yield visits
    visits.close()
    assert visits.said == []


def tick(page: Any, *numbers: int) -> None:
    for number in numbers:
        page.locator(".pick-box input").nth(number).check()


def ids(page: Any, selector: str = ".listed h2 a") -> list[str]:
    links: list[str] = page.locator(selector).evaluate_all("(links) => links.map((one) => one.pathname)")
    return links


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_ticks_and_one_click_make_a_list(visit_lists: Visits, scripts: bool) -> None:
    page = visit_lists("/search?q=مفاوضات", java_script_enabled=scripts)
    bar = page.locator("#pick")
    assert not bar.is_visible()
    wanted = ids(page, ".hit h2 a")[:2]
    tick(page, 0, 1)
    assert bar.is_visible()
    bar.locator("[data-add]").click()
    page.wait_for_url("**/lists/*")
    assert ids(page) == wanted
    assert page.locator("h1").inner_text() == "مفاوضات"


def test_a_tick_leaves_the_page_where_it_is(visit_lists: Visits) -> None:
    page = visit_lists("/search?q=مفاوضات")
    page.set_viewport_size({"width": 1280, "height": 900})
    before = page.locator("main, .hit, .foot").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().x)")
    tick(page, 0, 1)
    assert page.locator("#pick").bounding_box()["height"] < 90
    assert page.locator(".foot").is_visible()
    after = page.locator("main, .hit, .foot").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().x)")
    assert after == before


def test_ticks_are_kept_from_page_to_page_in_their_order_until_cleared(visit_lists: Visits) -> None:
    page = visit_lists("/search?size=10")
    first = ids(page, ".hit h2 a")[2]
    tick(page, 2)
    page.locator(".pages a[rel=next]").click()
    until(page, "new URL(location).searchParams.get('page') === '2' && !document.querySelector('[aria-busy]')")
    assert page.locator("#pick output").inner_text() == "1"
    second = ids(page, ".hit h2 a")[0]
    tick(page, 0)
    page.locator("#pick button:not([data-add])[type=submit]").click()
    page.wait_for_url("**/selection?**")
    assert ids(page) == [first, second]
    page.go_back()
    until(page, "document.querySelector('#pick output')?.textContent === '2'")
    page.locator("#pick button[type=reset]").click()
    until(page, "getComputedStyle(document.getElementById('pick')).display === 'none'")


def test_one_click_on_an_article_adds_it_and_a_file_is_two_clicks_away(visit_lists: Visits, tmp_path: Path) -> None:
    page = visit_lists("/article/wire-002")
    page.locator(".keep button").click()
    page.wait_for_url("**/lists/*")
    with page.expect_download() as download:
        page.locator(".take a", has_text="PDF").click()
    download.value.save_as(tmp_path / "list.pdf")
    assert (tmp_path / "list.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_of_a_list_is_accessible_and_fits_a_phone(visit_lists: Visits, language: str) -> None:
    page = visit_lists("/search?q=مفاوضات", language=language, color_scheme="light", bypass_csp=True)
    tick(page, 0, 1)
    assert faults_of(page) == []
    page.locator("#pick [data-add]").click()
    page.wait_for_url("**/lists/*")
    number = page.url.partition("?")[0]
    page.locator(".note-and-place summary").first.click()
    page.locator("textarea[name=note]").first.fill("ملاحظة طويلة " + "س" * 300)
    page.locator(".note-and-place form.edit button").first.click()
    page.wait_for_url("**#article-1")
    page.locator(".manage form[action$=share] button").evaluate("(button) => button.click()")
    page.wait_for_url("**/list/*")
    shared = page.url
    for path in (number, f"{number}/delete", shared, "/selection?id=wire-002&id=none", "/desk"):
        page.goto(path)
        assert faults_of(page) == [], path
        assert sideways(page, 320, 390, 2560) == [], path


def test_a_printed_list_has_its_notes_and_no_forms(visit_lists: Visits) -> None:
    page = visit_lists("/article/wire-002")
    page.locator(".keep button").click()
    page.wait_for_url("**/lists/*")
    page.emulate_media(media="print")
    assert page.locator(".listed h2").is_visible()
    assert not page.locator(".manage, .take, .note-and-place, .top").first.is_visible()


def test_the_order_is_changed_by_the_keyboard(visit_lists: Visits) -> None:
    page = visit_lists("/search?q=مفاوضات")
    tick(page, 0, 1)
    page.locator("#pick [data-add]").click()
    page.wait_for_url("**/lists/*")
    first, second = ids(page)
    page.locator(".note-and-place summary").nth(1).press("Enter")
    place = page.locator("input[name=place]").nth(1)
    place.fill("1")
    place.press("Enter")
    until(page, f"document.querySelector('.listed h2 a').pathname === '{second}'")
    assert ids(page) == [second, first]
