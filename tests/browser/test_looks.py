"""Every page in both languages and both themes: WCAG 2.2 AA by axe-core, no sideways scrolling, no shift of layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visits

AXE = (Path(__file__).parent / "axe" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "results": "/search?q=مفاوضات",
    "everything": "/search",
    "filtered": "/search?q=مفاوضات&source=النهضة&after=2014&chart=share",
    "notes": '/search?q=لون:أحمر "&after=x',
    "nothing": "/search?q=كسكسييي&source=النهضة",
    "not together": "/search?q=عنوان:زلزال سفينة -مفاوضات&after=2017&before=2012",
    "article": "/article/wire-002?q=سفينة",
    "changes": "/article/wire-005/changes",
    "no such page": "/none",
    "compare": "/compare?q=زلزال&q=سيول&q=انتخابات",
    "compare nothing": "/compare",
    "help": "/help",
    "corrected": "/search?q=مفاوظات استانه",
    "copies": "/article/wire-002",
    "status": "/status",
    "API": "/api/v1/",
}
# Themes differ only in colours.
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
# Cumulative layout shift, until fonts have come and half a second more; below 0.1 is good.
SHIFT = """async () => {
  await document.fonts.ready;
  return new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; }))
      .observe({type: "layout-shift", buffered: true});
    setTimeout(() => tell(sum), 500);
  });
}"""


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_fault_in_either_theme(visit: Visits, path: str, language: str) -> None:
    page = visit(path, language=language, color_scheme="light", bypass_csp=True)
    assert faults_of(page) == []


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_sign_in_page_is_accessible(browser: Any, private_address: str, language: str) -> None:
    visits = Visits(browser, private_address)
    page = visits("/", language=language, color_scheme="light", bypass_csp=True)
    assert page.url.startswith(f"{private_address}/sign-in")
    assert faults_of(page) == []
    assert sideways(page, 320, 390, 2560) == []
    visits.close()
    assert visits.said == []


def sideways(page: Any, *widths: int) -> list[int]:
    """The widths of the window, in pixels, at which the page scrolls sideways; the last one stays."""
    scrolling = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            scrolling.append(width)
    return scrolling


def faults_of(page: Any) -> list[Any]:
    """The violations that axe-core finds in both themes, with all details open: rule and elements."""
    for one in page.locator("details").all():
        one.evaluate("(details) => { details.open = true; }")
    page.add_style_tag(content=".panel { position: static !important; }")  # an open menu covers what is below it
    page.evaluate(AXE)
    faults = []
    for theme, rules in (("light", RULES), ("dark", RULES_OF_COLOUR)):
        page.emulate_media(color_scheme=theme)
        found = page.evaluate("(rules) => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
        assert found["passes"]
        faults += [(theme, fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]
    return faults


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_scrolls_sideways_and_nothing_moves(visit: Visits, path: str, language: str) -> None:
    page = visit(path, language=language)
    assert page.evaluate(SHIFT) < 0.02
    assert sideways(page, 320, 390, 1280, 2560, 3840) == []


@pytest.mark.parametrize(
    "path", ["/article/wire-002?q=سفينة", "/search?q=مفاوضات", "/article/wire-005/changes", "/help"]
)
def test_print_is_dark_on_white_in_every_theme(visit: Visits, path: str) -> None:
    page = visit(path, color_scheme="dark", bypass_csp=True)
    page.emulate_media(media="print", color_scheme="dark")
    assert (
        page.locator("header, .filters, .tools, .citation button, .article-tools > button").filter(visible=True).count()
        == 0
    )
    page.evaluate(AXE)
    found = page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})")
    assert found["passes"]
    assert [node["html"] for fault in found["violations"] for node in fault["nodes"]] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_on_a_phone_the_results_come_before_long_filters(visit: Visits) -> None:
    page = visit("/search?q=مفاوضات&source=النهضة", width=390, has_touch=True, is_mobile=True)
    assert page.locator(".narrow").is_hidden()
    assert page.locator(".hit").first.bounding_box()["y"] < 330
    page.locator("#to-filters").tap()
    assert page.locator(".narrow").is_visible()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_first_view_is_in_this_sites_own_letters(visit: Visits, language: str) -> None:
    # A fresh browser has no fonts: it must get them before it draws, since they are not exchanged afterwards.
    page = visit("/search?q=مفاوضات", language=language)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    sans = ".box button" if language == "ar" else ".links a[lang=ar]"
    for selector, wanted in ((".hit h2 mark", "Noto Naskh Arabic"), (sans, "Noto Sans Arabic")):
        node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert [font["familyName"] for font in fonts] == [wanted], selector
        assert all(font["isCustomFont"] for font in fonts)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", ["/", "/search?q=مفاوضات", "/article/wire-002", "/help"])
def test_nothing_moves_where_fonts_come_late(visit: Visits, path: str, language: str) -> None:
    page = visit("/healthz", language=language)

    def late(route: Any) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/*.woff2", late)
    page.goto(page.url.replace("/healthz", path))
    assert page.evaluate(SHIFT) < 0.02
