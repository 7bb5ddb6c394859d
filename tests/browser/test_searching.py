"""What a reader does, in Chromium, from the box to the article and back."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import Visits, until


def asked(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def count(page: Any) -> str:
    return " ".join(page.locator("#count").inner_text().split())


def test_from_the_box_to_the_article_and_back(visit: Visits) -> None:
    page = visit("/")
    page.fill("#q", "محادثات أستانة")
    page.press("#q", "Enter")
    page.wait_for_url("**/search?*")
    assert page.locator(".hit mark").count() > 0
    page.locator(".hit h2 a").first.click()
    page.wait_for_url("**/article/**")
    assert "أستانة" in page.locator("h1").inner_text()
    page.locator(".back a").click()
    page.wait_for_url("**/search?*")
    assert page.input_value("#q") == "محادثات أستانة"


def test_suggestions_are_a_combobox_for_the_keyboard(visit: Visits) -> None:
    page = visit("/")
    box = page.locator("#q")
    assert box.get_attribute("role") == "combobox"
    box.press_sequentially("مفاو")
    options = page.locator("[role=option]")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert re.search(r"\d", page.locator("#status").text_content())
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggestion-0"
    assert options.first.get_attribute("aria-selected") == "true"
    assert box.input_value() == options.first.inner_text()
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    assert box.input_value() == "مفاو"
    box.press("ArrowDown")
    box.press("Escape")
    assert (box.get_attribute("aria-expanded"), options.count(), box.input_value()) == ("false", 0, "مفاو")
    assert page.evaluate("document.activeElement.id") == "q"
    box.press("ArrowDown")
    options.first.wait_for()
    box.press("ArrowDown")
    chosen = box.input_value()
    box.press("Enter")
    page.wait_for_url("**/search?*")
    assert asked(page)["q"] == [chosen]


def test_a_title_among_the_suggestions_leads_to_its_article(visit: Visits) -> None:
    page = visit("/")
    page.locator("#q").press_sequentially("محادثات أستانة")
    # The titles for the first letters are shown until those for the last arrive.
    page.locator("[role=option].title", has_text="أستانة").first.click()
    page.wait_for_url("**/article/**")
    assert "أستانة" in page.locator("h1").inner_text()


def test_facets_narrow_at_once_and_the_back_button_widens(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات")
    before, tall = count(page).split(" عن")[0], page.evaluate("performance.timeOrigin")
    box = page.locator(".filters [name=source][value='النهضة']")
    box.check()
    page.wait_for_url("**source=**")
    page.locator(".chips").wait_for()
    assert count(page).split(" عن")[0] != before
    assert page.evaluate("document.activeElement.value") == "النهضة"  # the focus has not moved
    page.locator(".filters [name=source][value='صوت الوادي']").check()
    until(page, "document.querySelectorAll('.chips li').length === 3")
    assert asked(page)["source"] == ["النهضة", "صوت الوادي"]
    page.go_back()
    until(page, "document.querySelectorAll('.chips li').length === 2")
    page.go_back()
    until(page, "document.querySelectorAll('.chips li').length === 0")
    assert count(page).split(" عن")[0] == before
    assert "source" not in asked(page)
    page.go_forward()
    until(page, "document.querySelectorAll('.chips li').length === 2")
    assert page.evaluate("performance.timeOrigin") == tall  # all on one page


def test_a_year_leads_to_its_months_in_the_list_that_stays_open(visit: Visits) -> None:
    page = visit("/search")
    page.locator(".periods summary").click()
    page.locator(".periods a", has_text="2017").click()
    page.wait_for_url("**after=2017-01-01**")
    page.locator(".periods a", has_text="شباط/فبراير 2017").click()
    page.wait_for_url("**after=2017-02-01**")
    assert page.locator(".hit h2", has_text="محادثات أستانة").count() == 1


def test_results_follow_what_is_typed_with_one_entry_in_the_history(visit: Visits) -> None:
    page = visit("/search?q=زلزال")
    page.fill("#q", "")
    page.locator("#q").press_sequentially("سفينة", delay=60)
    until(page, "document.title.startsWith('سفينة')")
    assert asked(page)["q"] == ["سفينة"]
    assert page.evaluate("document.activeElement.id") == "q"
    assert "نتائج" in page.locator("#status").text_content()
    page.go_back()
    until(page, "document.title.startsWith('زلزال')")
    assert page.input_value("#q") == "زلزال"


def test_paging_goes_to_the_top_and_says_what_is_shown(visit: Visits) -> None:
    page = visit("/search")
    page.locator("a[rel=next]").click()
    page.wait_for_url("**page=2**")
    page.locator(".current", has_text="2").wait_for()
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.activeElement.id") == "count"
    assert page.locator("ol.hits").get_attribute("start") == "11"


def test_a_drag_over_the_timeline_narrows_the_dates(visit: Visits) -> None:
    page = visit("/search")
    bars = page.locator(".chart a")
    first, last = (bars.nth(place).locator(".reach").bounding_box() for place in (2, 6))
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + 40)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + 40, steps=5)
    assert page.locator(".selection").count() == 1
    page.mouse.up()
    page.wait_for_url("**after=**")
    page.locator(".chips").wait_for()
    assert asked(page)["after"] < asked(page)["before"]
    page.go_back()
    until(page, "!document.querySelector('.chips')")


def test_a_click_on_a_bar_narrows_to_its_time(visit: Visits) -> None:
    page = visit("/search")
    bar = page.locator(".chart a").nth(3)
    days = bar.get_attribute("data-after"), bar.get_attribute("data-before")
    bar.locator(".reach").click()
    page.wait_for_url("**after=**")
    assert (asked(page)["after"][0], asked(page)["before"][0]) == days


@pytest.mark.parametrize(("language", "forward"), [("ar", "ArrowLeft"), ("en", "ArrowRight")])
def test_the_timeline_is_one_stop_of_the_keyboard_and_selects_with_shift(
    visit: Visits, language: str, forward: str
) -> None:
    page = visit("/search", language=language)
    bars = page.locator(".chart a")
    assert page.locator(".chart a[tabindex='0']").count() == 1
    first, third = bars.nth(0).get_attribute("data-after"), bars.nth(2).get_attribute("data-before")
    bars.first.focus()
    page.keyboard.press(f"Shift+{forward}")
    page.keyboard.press(f"Shift+{forward}")
    page.keyboard.press("Enter")
    page.wait_for_url("**after=**")
    assert (asked(page)["after"], asked(page)["before"]) == ([first], [third])


def test_keys_go_from_mark_to_mark(visit: Visits) -> None:
    page = visit("/article/wire-002?q=سفينة")
    marks = page.locator("mark")
    total = marks.count()
    assert total > 2
    for place in (1, 2):
        page.keyboard.press("n")
        assert page.evaluate("location.hash") == f"#mark-{place}"
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert page.evaluate("location.hash") == f"#mark-{total}"
    assert page.locator("mark.current").count() == 1
    page.focus("#q")
    page.keyboard.press("n")
    assert page.evaluate("location.hash") == f"#mark-{total}"  # in the search box it is a character


def test_copies_open_and_lead_to_the_other_papers(visit: Visits) -> None:
    page = visit("/search?q=نجمة الصافي")
    assert page.locator(".copies a").first.is_hidden()
    page.locator(".copies summary").first.click()
    page.locator(".copies a").first.click()
    page.wait_for_url("**/article/**")


def test_the_language_is_kept_and_the_search_too(visit: Visits) -> None:
    page = visit("/search?q=زلزال&sort=newest")
    page.locator(".links a[lang=en]").click()
    page.wait_for_url("**lang=en**")
    assert page.locator("html").get_attribute("dir") == "ltr"
    assert asked(page)["q"] == ["زلزال"]
    page.goto("/search?q=سفينة")
    assert page.locator("html").get_attribute("lang") == "en"


def test_all_of_it_works_without_scripts(visit: Visits) -> None:
    page = visit("/", java_script_enabled=False)
    page.fill("#q", "مفاوضات")
    page.press("#q", "Enter")
    page.wait_for_url("**/search?*")
    page.locator(".filters [name=source][value='النهضة']").check()
    page.locator(".filters button").click()
    page.wait_for_url("**source=**")
    assert page.locator(".chips li").count() == 2
    page.locator(".chips a").first.click()
    page.locator(".chart a .reach").first.click()
    page.wait_for_url("**after=**")
    page.locator(".hit h2 a").first.click()
    page.wait_for_url("**/article/**")
    page.locator(".marks a").first.click()
    assert page.url.endswith("#mark-1")
    page.locator(".back a").click()
    assert "after" in asked(page)


def test_a_citation_is_copied_by_a_button(visit: Visits) -> None:
    page = visit("/article/wire-002", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".article-tools > button").first.click()  # one click, though the citation itself is folded
    page.locator("#status", has_text="تم النسخ").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == " ".join(str(page.locator("#citation-ar").text_content()).split())
    assert copied.startswith("المنارة - وكالات. «احتراق")
    assert "/article/wire-002" in copied
    assert not set(copied) & set("\u2066\u2067\u2068\u2069")
    page.locator(".article-tools > button", has_text="نسخ الاقتباس").wait_for()
    page.locator(".cite summary").click()
    page.locator(".citation button").last.click()
    assert "Archived in" in page.evaluate("navigator.clipboard.readText()")


def test_where_there_is_no_clipboard_the_citation_is_selected(visit: Visits) -> None:
    page = visit("/article/wire-002", bypass_csp=True)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator(".article-tools > button").first.click()
    assert page.evaluate("getSelection().toString().trim()") == page.locator("#citation-ar").inner_text()


def test_a_search_is_exported_as_a_file_and_followed_by_a_feed(visit: Visits) -> None:
    page = visit("/search?q=زلزال")
    with page.expect_download() as saved:
        page.locator("#save-menu").click()
        page.locator(".save a[href*='.csv']").click()
    assert saved.value.suggested_filename == "زلزال.csv"
    assert saved.value.path().read_text(encoding="utf-8").count("زلزال") > 1
    page.fill("#q", "سفينة")
    page.press("#q", "Enter")
    until(page, "document.title.startsWith('سفينة')")
    assert parse_qs(urlsplit(page.locator("head #feed").get_attribute("href")).query) == {"q": ["سفينة"]}


def test_a_stored_page_runs_no_scripts(visit: Visits) -> None:
    page = visit("/search?q=أستانة")
    page.locator(".hit h2 a").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="الصفحة كما حُفظت").click()
    assert page.url.endswith("/page")
    assert page.locator("h1").count() > 0
    # The browser reports what it blocks on the console; nothing else is printed there.
    assert all("sandbox" in said or "Content Security Policy" in said for said in visit.said)
    visit.said.clear()
