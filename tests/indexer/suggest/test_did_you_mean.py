from __future__ import annotations

import gzip
import json
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.spelling import Measurement, read_misspelt, read_names
from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.analysis import distance, fold
from indexer.codec.arrays import pack_terms
from indexer.embedded.fuzzy import SegmentVocabulary
from indexer.embedded.searcher import EmbeddedSearcher, Searcher
from indexer.suggest.did_you_mean import SpellChecker
from tests.conftest import examples
from tests.indexer.small_archive import Search

TEXTS = [
    *("عادت المُفاوَضـات إلى المدينة" for _ in range(30)),
    *("إن المسؤول عن أستانة قال" for _ in range(25)),
    "تعثرت المفاوظات أمس",
    "فاوض المفاوض في الرياض",
    "رالف والرئيس مصطفى",
    *("اجتمع مجلس الشيوخ الفرنسي في القاعة الكبرى" for _ in range(20)),
    *("رست السفينة في الميناء" for _ in range(15)),
    *("عمت السكينة أرجاء البيت" for _ in range(15)),
    *("صوّت البرلمان على القانون" for _ in range(40)),
    "انعقد البلرمان",
    *("رد التاجر المدين ماله" for _ in range(5)),
    *("قال الوزيرر كلمته" for _ in range(2)),
    *("عاد الوزير" for _ in range(10)),
    *("آل خليل والخليل" for _ in range(12)),
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
    ("a phrase is searched as typed", '"المفاوذات"', None),
    ("what is excluded", "أستانة -المفاوذات", None),
    ("more unknown words than one mistypes", "المفاوذات ظظشش ششضض ضضغغ غغظظ", None),
    ("nothing", "", None),
    ("a doubled letter", "المديينة", "المدينة"),
    ("a key beside the right one", "السفيتة", "السفينة"),
    ("neighbours that changed places", "البرملان", "البرلمان"),
    ("a letter two places from its own", "اللبرمان", "البرلمان"),
    ("never another misspelling", "البلرماان", "البرلمان"),
    ("a misspelling that is printed", "البلرمان", "البرلمان"),
    ("as likely alone", "السقينة", "السكينة"),
    ("what stands beside decides", "السقينة في الميناء", "السفينة في الميناء"),
    ("a word that is printed often enough, beside a frequent one", "المدين", None),
    ("another clitic of a known form", "كالمدينة", None),
    ("two words run together", "مجلسالشيوخ", "مجلس الشيوخ"),
    ("three words run together", "مجلسالشيوخالفرنسي", "مجلس الشيوخ الفرنسي"),
    ("run together within an alternative", "الميناء أو مجلسالشيوخ", "الميناء أو (مجلس الشيوخ)"),
    ("a word torn apart", "المد ينة", "المدينة"),
    ("torn, beside other words", "الرئيس في المد ينة", "الرئيس في المدينة"),
    ("words that stand side by side are not torn", "مجلس الشيوخ", None),
    ("a family is written apart", "آل خليل", None),
    ("a clitic with a tatweel is written apart", "بـ المدينة", None),
    ("a conjunction that stands apart", "و المدينة", None),
    ("symbols alone", "؟! … — ***", None),
    ("a sign as a word", "\\+", None),
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


def test_a_correction_without_articles_is_shown_folded(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add(make_article(id="a", title="", paragraphs=["المدرسة"]))
        search = Search(archive)
        archive.add(make_article(id="a", title="", paragraphs=["شيء آخر"]))
        assert search.page("المدرصة").suggestion == "المدرسه"


@pytest.mark.parametrize("text", ["\u202e\u2067", "م" * 10_000, "مفاوض\u202eاذت", "\ud800abc", "ظ " * 5_000])
def test_no_text_raises(search: Search, text: str) -> None:
    search.page(text)


def test_a_corrected_run_keeps_the_other_words_as_typed(search: Search) -> None:
    speller = speller_of(search)
    assert speller.correct(("الرّئيس", "مجلسالشيوخ", "2018", "المد", "ينة")) == (
        "الرّئيس",
        "مجلس",
        "الشيوخ",
        "2018",
        "المدينة",
    )


@pytest.mark.parametrize("words", [(), ("",), ("+", "؟"), ("المدينة",), ("2018", "في")])
def test_a_run_that_seems_right_is_not_corrected(search: Search, words: tuple[str, ...]) -> None:
    assert speller_of(search).correct(words) is None


def speller_of(search: Search) -> SpellChecker:
    searcher = search.searcher
    assert isinstance(searcher, Searcher)
    return SpellChecker(searcher.snapshot, searcher._newest_reader().printed)


# The measured shares of right results on the first 2,000 articles of each of two news files, less .02.
FLOORS = {
    "misspelt words": 0.86,
    "misspelt words between right ones": 0.94,
    "right words, as often as they are printed": 0.98,
    "right words in 5 to 30 articles": 0.98,
    "right names in 2 articles or more": 0.96,
    "three words of a headline": 0.97,
    "two words run together": 0.95,
    "words torn in two": 0.93,
}


@pytest.mark.slow
def test_real_words_and_misspellings_stay_above_their_floors(shared_data: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        with archive.batch():
            for name in ("saudinewsnet", "antcorpus"):
                with gzip.open(shared_data / "news" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
                    for value in map(json.loads, islice(lines, 2_000)):
                        text = value["text"].splitlines()
                        archive.add(make_article(id=name + value["id"], title=value["title"], paragraphs=text))
        rebuild_index(archive)
        snapshot = EmbeddedSearcher(archive).snapshot
        measurement = Measurement(archive)
        # What the archive hardly prints is never suggested.
        rows = [row for row in read_misspelt(shared_data) if snapshot.frequency("text_form", fold(row[2])) >= 10]
        figures = [
            *measurement.misspelt(rows),
            measurement.misspelt_in_company(rows),
            *measurement.right(read_names(shared_data)),
            *measurement.boundaries(),
        ]
    shares = {figure.kind: figure.share for figure in figures}
    assert {kind: share for kind, floor in FLOORS.items() if (share := shares[kind]) < floor} == {}


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


@settings(max_examples=examples(300), deadline=None)
@given(LETTERS, st.lists(LETTERS.filter(bool), min_size=1, max_size=30), st.sampled_from([1, 2]))
def test_similar_forms_agree_with_the_edit_distance(word: str, forms: list[str], limit: int) -> None:
    near = SegmentVocabulary(Field(forms)).near(word, limit)  # type: ignore[arg-type]
    wanted = {(form, distance(word, form, limit)) for form in forms if word and distance(word, form, limit) <= limit}
    assert {(form, how_far) for _, form, how_far in near} == wanted


@given(st.lists(LETTERS.filter(bool), min_size=1, max_size=30), st.text("ءا?*é𐤀", min_size=1, max_size=4))
def test_forms_of_a_pattern_match_it_completely(forms: list[str], pattern: str) -> None:
    field = Field(forms)
    body = pattern.replace("?", r"[^\n]").replace("*", r"[^\n]*")
    found = SegmentVocabulary(field).like(re.compile(rf"\n{body}(?=\n)"))  # type: ignore[arg-type]
    wanted = [number for number, word in enumerate(field.words) if re.fullmatch(body, word.decode())]
    assert found.tolist() == wanted
