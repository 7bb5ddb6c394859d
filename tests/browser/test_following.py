"""Being notified of new articles by mail, by the page alone: a real server, a real mail server, and clicks counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visits, arshif, served
from tests.browser.test_looks import faults_of, sideways
from tests.conftest import ROOT
from tests.search_ui.following.conftest import MailServer, mail_settings
from tests.search_ui.following.test_mails import link

MOST_CLICKS = 3


@pytest.fixture
def mails() -> Iterator[MailServer]:
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed")
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def archive(tmp_path: Path, mails: MailServer) -> str:
    directory = tmp_path / "archive"
    arshif(str(directory), "init", str(directory))
    (directory / "arshif.toml").write_text(mail_settings(mails, "[follow]\nwebhooks = true\n"), encoding="utf-8")
    arshif(str(directory), "add", str(ROOT / "seeds/wire.jsonl"))
    return str(directory)


@pytest.fixture
def visit(browser: Any, archive: str) -> Iterator[Visits]:
    with served(archive) as url:
        visits = Visits(browser, url)
        yield visits
        visits.close()
        assert [
            said for said in visits.said if "400 (BAD REQUEST)" not in said
        ] == []  # the browser logs a refused form


def add(archive: str, article_id: str, title: str) -> None:
    line = json.dumps({"id": article_id, "title": title, "text": "نص الخبر.", "source": "الغد"})
    arshif(archive, "add", "-", stdin=line.encode())


def comes(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + 45
    while not happened() and time.monotonic() < end:
        time.sleep(0.1)
    return happened()


@pytest.mark.parametrize("scripts", [True, False], ids=["", "without scripts"])
def test_mails_of_new_articles_take_three_clicks_from_the_home_page(
    visit: Visits, archive: str, mails: MailServer, scripts: bool
) -> None:
    page = visit("/", java_script_enabled=scripts)
    clicks = 0
    page.fill("#q", "مفاوضات")
    page.click(".box button")
    clicks += 1
    page.click(".follow-button")
    clicks += 1
    page.fill("#address", "huda@example.org")
    page.click(".follow-form button")
    clicks += 1
    assert clicks <= MOST_CLICKS
    assert "huda@example.org" in page.inner_text(".follow")
    assert comes(lambda: len(mails.mails) == 1)
    confirm = page.url.partition("/desk")[0] + link(mails.last(), "confirm")
    page.goto(confirm)
    page.click("main button")
    add(archive, "new", "مفاوضات جديدة في جنيف")
    assert comes(lambda: len(mails.mails) == 2)
    assert "مفاوضات جديدة في جنيف" in mails.last()


def test_new_articles_stay_new_when_one_goes_back(visit: Visits, archive: str) -> None:
    page = visit("/follow?q=مفاوضات")
    page.click(".follow-form button")
    add(archive, "new", "مفاوضات جديدة في جنيف")
    page.reload()
    page.click(".new-rows a")
    page.go_back()
    assert page.inner_text(".new-rows a") == "مفاوضات جديدة في جنيف"
    page.click("form[action$='/seen'] button")
    assert page.locator(".new-rows").count() == 0
    page.go_back()
    page.reload()
    assert page.locator(".new-rows").count() == 0


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_page_is_accessible_and_fits(visit: Visits, archive: str, language: str) -> None:
    page = visit("/follow?q=مفاوضات&source=النهضة", language=language, color_scheme="light", bypass_csp=True)
    base = page.url.partition("/follow")[0]

    def check() -> None:
        assert faults_of(page) == [], page.url
        page.emulate_media(color_scheme="light")
        assert sideways(page, 320, 390, 2560, 1280) == [], page.url

    check()
    page.fill("#address", "huda@example")
    page.evaluate("document.querySelector('.follow-form').noValidate = true")
    page.click(".follow-form button")
    assert page.locator("[role=alert]").count() == 1
    check()
    page.fill("#address", "huda@example.org")
    page.click(".follow-form .button-row button")
    add(archive, "new", "مفاوضات جديدة في جنيف")
    for path in ("/desk", "/desk/follow/1", "/search.atom?q=مفاوضات", "/desk/open/wrong", "/follow/stop/wrong"):
        page.goto(base + path)
        check()
    page.goto(base + "/desk")
    link_of_desk = page.inner_text("#desk-link")
    page.goto(link_of_desk)
    check()
    page.goto(base + "/follow?q=زلزال")
    page.locator("details").first.evaluate("(details) => { details.open = true; }")
    page.fill("#address", "")
    page.fill("#webhook", "https://hooks.example/x")
    page.click(".follow-form .button-row button")
    assert page.locator("#secret").count() == 1
    check()
