"""Differences of two printings of a story and of any two versions of an article, as the pages show them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, Span, SpanKind, make_article
from indexer import update_index
from search_ui.web.compared import MAX_COMPARED, folded, shown_spans
from tests.search_ui.small_site import Site, parsed, texts

HOSTILE = "</script><script>alert(1)</script>\u202e<b>مقلوب</b>\u2066"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def keep(archive: Archive, article_id: str, text: str, day: int = 1, **known: object) -> None:
    moment = datetime(2020, 5, day, 13, 30, tzinfo=UTC)
    archive.add(make_article(id=article_id, paragraphs=text.splitlines(), retrieved_at=moment, **known))  # type: ignore[arg-type]


def test_two_printings_are_compared_word_by_word(archive: Archive) -> None:
    keep(archive, "a", "قُتل خمسة في الانفجار.\nبقي كما هو.", source="الغد", title="عنوان")
    keep(archive, "b", "قُتل سبعة في الانفجار. بقي كما هو.", source="الرأي", title="عنوان")
    page = Site(archive).page("/compare-articles", a="a", b="b")
    assert texts(page, ".aligned .in-one del") == ["فقط في الغد: خمسة"]
    assert texts(page, ".aligned .in-one ins") == ["فقط في الرأي: سبعة"]
    assert texts(page, ".aligned:not(.both-texts) .aligned-side del") == ["فقط في الغد: خمسة"]
    assert "6، أي 86% من النص الأول (كلماته: 7)" in texts(page, "p.from")[0]
    assert str(page.select_one("meta[name=robots]")) == '<meta content="noindex" name="robots"/>'


def test_any_two_versions_are_compared(archive: Archive) -> None:
    for day, text in enumerate(("واحد قديم", "اثنان", "واحد جديد"), 1):
        keep(archive, "a", text, day, section=f"قسم {day}")
    site = Site(archive)
    page = site.page("/article/a")
    assert [str(one["value"]) for one in page.select("section:has(#versions) option[selected]")] == ["2", "3"]
    page = site.page("/compare-articles", a="a", b="a", a_version="1", b_version="3")
    assert texts(page, ".in-one del") == ["فقط في الإصدار 1: قديم"]
    assert texts(page, ".fields") == ["القسمقسم 1 ← قسم 3"]


def test_versions_that_differ_in_fields_only_are_said_to_have_the_same_text(archive: Archive) -> None:
    keep(archive, "a", "النص نفسه", 1, section="سياسة")
    keep(archive, "a", "النص نفسه", 2, section="محليات")
    page = Site(archive).page("/compare-articles", a="a", b="a", a_version="1", b_version="2")
    assert texts(page, "p.from") == ["النصان متطابقان كلمة بكلمة."]
    assert texts(page, ".fields") == ["القسمسياسة ← محليات"]
    assert not page.select(".aligned del")


def test_each_paragraph_has_its_direction_and_language(archive: Archive) -> None:
    keep(archive, "a", "The old bridge (5,000)\nالجسر القديم")
    keep(archive, "a", "The new bridge (6,000)\nالجسر الجديد", 2)
    page = Site(archive).page("/article/a/changes", lang="en")
    assert [(one["dir"], one.get("lang")) for one in page.select(".change .compared-text")] == [
        ("ltr", None),
        ("rtl", "ar"),
    ]


@pytest.mark.parametrize("values", [{}, {"a": "a"}, {"b": "a"}, {"a": "", "b": ""}])
def test_one_text_alone_is_not_compared(archive: Archive, values: dict[str, str]) -> None:
    keep(archive, "a", "نص")
    answer = Site(archive).answer("/compare-articles", **values)
    assert answer.status_code == 400
    assert "اختر للمقارنة مقالين" in answer.text


@pytest.mark.parametrize(
    "values", [{"b": "none"}, {"a_version": "9"}, {"a_version": "x"}, {"b_version": "١"}, {"b_version": "9" * 5000}]
)
def test_what_does_not_exist_is_not_compared(archive: Archive, values: dict[str, str]) -> None:
    keep(archive, "a", "نص")
    assert Site(archive).answer("/compare-articles", **({"a": "a", "b": "a"} | values)).status_code == 404


def test_hostile_texts_are_shown_as_the_text_they_are(archive: Archive) -> None:
    for article_id in ("a", "b"):
        known = f"{HOSTILE} {article_id}"
        keep(archive, article_id, known, title=known, source=known, authors=[known], section=known)
    page = Site(archive).page("/compare-articles", a="a", b="b")
    assert not page.select("b, script:not([src])")


def test_an_unknown_parameter_is_noted(archive: Archive) -> None:
    keep(archive, "a", "نص")
    page = Site(archive).page("/compare-articles", a="a", b="a", c="x")
    assert "«c»" in texts(page, ".note")[0]


def test_a_very_long_text_is_compared_in_part(archive: Archive) -> None:
    for article_id in ("a", "b"):
        keep(archive, article_id, f"{article_id} " + "كلمة أخرى " * (MAX_COMPARED // 9))
    page = Site(archive).page("/compare-articles", a="a", b="b", lang="en")
    assert texts(page, ".note") == ["Only the first 200,000 characters of each text are compared."]


def test_unchanged_paragraphs_are_folded_except_beside_a_change() -> None:
    marks = [False] * 4 + [True] + [False] * 5
    parts = folded(marks, bool)
    assert [(len(part.paragraphs), part.folded) for part in parts] == [(3, True), (3, False), (4, True)]
    assert [part.folded for part in folded([False, False], bool)] == [True]
    assert folded([], bool) == []


def test_a_long_unchanged_passage_in_a_paragraph_is_folded() -> None:
    words = [str(number) for number in range(100)]
    equal, added = shown_spans([Span(SpanKind.EQUAL, " ".join(words)), Span(SpanKind.ADDED, " x ")])
    assert (equal.text + equal.middle + equal.after).split(" ") == words
    assert len(equal.middle.split()) == 50
    assert (added.before, added.text, added.after) == (" ", "x", " ")
    (alone,) = shown_spans([Span(SpanKind.EQUAL, " ".join(words))])
    assert not alone.middle


def test_the_text_of_an_older_version_has_an_address_and_says_so(archive: Archive) -> None:
    keep(archive, "a", "النص الأول", 1)
    keep(archive, "a", "النص الثاني", 2)
    update_index(archive)
    site = Site(archive)
    page = site.page("/article/a", revision="1")
    assert texts(page, "article > p[dir=auto]") == ["النص الأول"]
    assert texts(page, ".note")[0].startswith("هذا هو الإصدار 1 من 2، حُفظ في 1 أيار/مايو 2020، وليس أحدث نص.")
    assert page.select_one("meta[name=robots]")
    assert str(page.select_one("link[rel=canonical]")["href"]) == "/article/a"  # type: ignore[index]
    assert "الإصدار 1، http://localhost/article/a?revision=1" in texts(page, "#citation-ar")[0]
    assert "revision=1" in site.answer("/article/a.bib", revision="1").text
    assert (
        site.answer("/api/v1/article", id="a", revision=1)
        .get_json()["citation"]["english"]
        .endswith("version 1, http://localhost/article/a?revision=1.")
    )
    for number in ("0", "3", "x", "-1"):
        assert site.answer("/article/a", revision=number).status_code == 404
    assert not parsed(site.answer("/article/a")).select("meta[name=robots]")
