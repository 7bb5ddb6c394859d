from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.analysis import distance
from indexer.codec.terms import pack_terms
from indexer.vocabulary import SegmentVocabulary
from tests.indexer.small_archive import Search

TEXTS = [
    *("عادت المُفاوَضـات إلى المدينة" for _ in range(30)),
    *("إن المسؤول عن أستانة قال" for _ in range(25)),
    "تعثرت المفاوظات أمس",
    "فاوض المفاوض في الرياض",
    "رالف والرئيس مصطفى",
]

SUGGESTED = [
    ("unknown, a letter that is confused", "المفاوذات", "المفاوضات"),
    ("rare beside a neighbour many times more frequent", "المفاوظات", "المفاوضات"),
    ("shown as printed, not folded", "المسئوول", "المسؤول"),
    ("the other words stay", "المفاوذات في أستانة", "المفاوضات في أستانة"),
    ("within an alternative", "أستانة أو (الرياض المفاوذات)", "أستانة أو (الرياض المفاوضات)"),
    ("operators stay", "المفاوذات -الرياض عنوان:خبر", "المفاوضات -الرياض عنوان:خبر"),
    ("known", "المفاوضات", None),
    ("known by its stem", "وبالمفاوضات", None),
    ("another spelling of the same form", "المسئول", None),
    ("a stop word", "إلي", None),
    ("a number", "2018", None),
    ("too short", "مد", None),
    ("nothing near", "قسطنطينية", None),
    ("a phrase is wanted as it is", '"المفاوذات"', None),
    ("what is excluded", "أستانة -المفاوذات", None),
    ("more unknown words than one mistypes", "المفاوذات ظظشش ششضض ضضغغ غغظظ", None),
    ("nothing", "", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("speller") / "archive")
    for number, text in enumerate(TEXTS):
        archive.add(make_article(id=str(number), title="خبر", paragraphs=[text]))
    rebuild_index(archive)
    return Search(archive)


@pytest.mark.parametrize(("_", "query", "suggestion"), SUGGESTED, ids=[row[0] for row in SUGGESTED])
def test_did_you_mean(search: Search, _: str, query: str, suggestion: str | None) -> None:
    assert search.page(query).suggestion == suggestion


def test_the_suggestion_finds_what_was_meant(search: Search) -> None:
    suggestion = search.page("المفاوذات").suggestion
    assert suggestion is not None
    assert search.page(suggestion).total >= 30


def test_an_article_changed_since_gives_the_folded_form(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add(make_article(id="a", title="", paragraphs=["المدرسة"]))
        search = Search(archive)
        archive.add(make_article(id="a", title="", paragraphs=["شيء آخر"]))
        assert search.page("المدرصة").suggestion == "المدرسه"


@pytest.mark.parametrize("text", ["\u202e\u2067", "م" * 10_000, "مفاوض\u202eاذت", "\ud800abc", "ظ " * 5_000])
def test_no_text_raises(search: Search, text: str) -> None:
    search.page(text)


LETTERS = st.text("ءاويذزدضظثستطقكغجصبمahz0é€𐤀", max_size=9)


class Field:
    """The terms of a field."""

    def __init__(self, words: list[str]) -> None:
        self.words = sorted({word.encode() for word in words})
        self.term_count = len(self.words)

    def terms(self) -> list[bytes]:
        return self.words

    def term(self, number: int) -> bytes:
        return self.words[number]

    def term_bytes(self) -> tuple[np.ndarray, np.ndarray]:
        return pack_terms(self.words)


@settings(max_examples=300, deadline=None)
@given(LETTERS, st.lists(LETTERS.filter(bool), min_size=1, max_size=30), st.sampled_from([1, 2]))
def test_the_near_forms_are_those_that_the_distance_says(word: str, forms: list[str], limit: int) -> None:
    near = SegmentVocabulary(Field(forms)).near(word, limit)  # type: ignore[arg-type]
    wanted = {(form, distance(word, form, limit)) for form in forms if word and distance(word, form, limit) <= limit}
    assert {(form, how_far) for _, form, how_far in near} == wanted


@given(st.lists(LETTERS.filter(bool), min_size=1, max_size=30), st.text("ءا?*é𐤀", min_size=1, max_size=4))
def test_the_forms_like_a_pattern_are_those_that_it_matches_whole(forms: list[str], pattern: str) -> None:
    field = Field(forms)
    body = pattern.replace("?", r"[^\n]").replace("*", r"[^\n]*")
    found = SegmentVocabulary(field).like(re.compile(rf"\n{body}(?=\n)"))  # type: ignore[arg-type]
    wanted = [number for number, word in enumerate(field.words) if re.fullmatch(body, word.decode())]
    assert found.tolist() == wanted
