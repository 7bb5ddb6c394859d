"""Keywords in context and typical words in a browser: where the columns are, what is fetched, and accessibility."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Visits, until
from tests.browser.test_looks import SHIFT, faults_of, sideways

pytestmark = pytest.mark.browser

PAGES = {
    "context": "/search/context?q=سفينة",
    "sorted": "/search/context?q=سفينة&lines=before&source=النهضة",
    "no words": "/search/context?q=",
    "nothing": "/search/context?q=كسكسييي",
    "words": "/search/words?q=زلزال",
    "no typical words": "/search/words?q=كسكسييي",
}


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_fault_in_either_theme(visit: Visits, path: str, language: str) -> None:
    # Each width in one language: what axe finds depends on either, hardly on both.
    width = 390 if language == "ar" else 1280
    page = visit(path, language=language, color_scheme="light", bypass_csp=True, width=width)
    assert faults_of(page) == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_scrolls_sideways_and_nothing_moves(visit: Visits, path: str, language: str) -> None:
    page = visit(path, language=language)
    assert page.evaluate(SHIFT) < 0.02
    assert sideways(page, 320, 390, 864, 1280, 2560, 3840) == []


def box(page: Any, selector: str) -> Any:
    return page.locator(f".lines li:not(.across) {selector}").first.bounding_box()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_comes_before_stands_on_the_right_and_keywords_below_each_other(visit: Visits, language: str) -> None:
    page = visit(PAGES["context"], language=language)
    before, keyword, after, link = (box(page, selector) for selector in (".before", "mark", ".after", ".from"))
    assert before["x"] >= keyword["x"] + keyword["width"]
    assert after["x"] + after["width"] <= keyword["x"]
    assert link["x"] + link["width"] <= after["x"]
    middles = [at["x"] + at["width"] / 2 for at in (one.bounding_box() for one in page.locator(".lines mark").all())]
    assert max(middles) - min(middles) < 1
    heights = [one.bounding_box()["height"] for one in page.locator(".lines li").all()]
    assert max(heights) < 50  # one line each
    # The end of the text is at the keyword.
    edges = page.evaluate(
        "[...document.querySelectorAll('.lines li:not(.across)')].map((li) => {"
        " const [b, a] = ['.before', '.after'].map((s) => li.querySelector(s));"
        " const text = (e) => e.querySelector('bdi').getBoundingClientRect(), own = (e) => e.getBoundingClientRect();"
        " return [text(b).width ? text(b).left - own(b).left : 0, text(a).width ? own(a).right - text(a).right : 0]; })"
    )
    assert max(abs(edge) for pair in edges for edge in pair) < 12


def test_on_a_phone_a_line_is_a_sentence(visit: Visits) -> None:
    page = visit(PAGES["context"], width=390, has_touch=True, is_mobile=True)
    item = page.locator(".lines li").first
    assert " ".join(item.inner_text().split()).count("سفينة") >= 1
    assert page.locator(".lines li").first.bounding_box()["y"] < 460


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_day_of_a_line_is_never_cut(visit: Visits, language: str) -> None:
    page = visit(PAGES["context"], language=language)
    page.set_viewport_size({"width": 1280, "height": 900})
    cut = page.locator(".lines .from").evaluate_all(
        "(all) => all.filter((one) => { const [day, own] = [one.querySelector('time'), one].map((e) => e.getBoundingClientRect());"
        " return day.left < own.left - 1 || day.right > own.right + 1; }).length"
    )
    assert cut == 0


@pytest.mark.parametrize("language", ["ar", "en"])
def test_both_tables_of_typical_words_begin_at_one_height(visit: Visits, language: str) -> None:
    page = visit("/search/words?q=مباراة", language=language)
    page.set_viewport_size({"width": 1280, "height": 900})
    tops = [round(row.bounding_box()["y"]) for row in page.locator(".pair tbody tr:first-child").all()]
    assert len(tops) == 2
    assert tops[0] == tops[1]


def test_a_line_leads_to_its_mark(visit: Visits) -> None:
    page = visit(PAGES["context"])
    page.locator(".lines .from[href*='#mark-']").first.click()
    page.wait_for_url("**/article/**#mark-*")
    assert page.evaluate("document.querySelector(location.hash).tagName") == "MARK"


def test_typical_words_are_fetched_when_they_come_into_view(visit: Visits) -> None:
    page = visit("/search?q=زلزال")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".typical").scroll_into_view_if_needed()
    until(page, "document.querySelectorAll('.typical ul a, .typical div p').length > 0")
    assert page.locator(".typical .all a").is_visible()


def test_a_typical_word_narrows_without_a_new_page(visit: Visits) -> None:
    page = visit("/search?q=مباراة")
    page.locator(".typical").scroll_into_view_if_needed()
    until(page, "document.querySelectorAll('.typical ul a').length > 0")
    word = page.locator(".typical ul li").first
    count = word.locator("small").inner_text().split()[0]
    page.evaluate("window.same = true")
    word.locator("a").click()
    until(page, "location.search.includes('%2B') || location.search.includes('+%2B')")
    until(page, f"document.querySelector('#count').textContent.trim().startsWith('{count}')")
    assert page.evaluate("window.same")


def test_without_scripts_a_link_leads_to_the_words(visit: Visits) -> None:
    page = visit("/search?q=زلزال", java_script_enabled=False)
    page.locator(".typical .all a").click()
    assert "/search/words" in page.url
