from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.analysis import WORD, fold
from indexer.embedded.snapshot import Snapshot
from indexer.spellings.compounds import compound_variants, phrase_variants
from indexer.spellings.numerals import numeral_variants
from indexer.spellings.orthography import orthographic_variants
from tests.indexer.spelling_archive import spelling_archive, vocabulary_of


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with spelling_archive(tmp_path_factory.mktemp("spellings") / "archive") as archive:
        yield vocabulary_of(archive)


SAME = [
    ("a servant of God", "عبد الله", "عبدالله"),
    ("a father", "أبو ظبي", "أبوظبي"),
    ("a son", "بن لادن", "بنلادن"),
    ("victory of God", "نصر الله", "نصرالله"),
    ("printed both ways", "رأس مال", "رأسمال"),
    ("with a stop word", "لا سيما", "لاسيما"),
    ("a wish of three words in two", "إن شاء الله", "انشاء الله"),
    ("a Persian name", "خامنه ئي", "خامنئي"),
    ("an abbreviation", "أ ف ب", "أفب"),
    ("letters and a number", "F 16", "F16"),
    ("digits in groups", "1 000", "1000"),
    ("a ligature", "صلى الله عليه وسلم", "ﷺ"),
]


@pytest.mark.parametrize(("_", "apart", "whole"), SAME, ids=[row[0] for row in SAME])
def test_compounds_are_joined_and_split(_: str, apart: str, whole: str, vocabulary: Snapshot) -> None:
    apart_words, whole_words = tuple(WORD.findall(apart)), tuple(WORD.findall(whole))
    assert _forms(whole_words) in compound_variants(apart_words, vocabulary)
    assert _forms(apart_words) in compound_variants(whole_words, vocabulary)


CLITICS = [
    ("وعبدالله", ("عبد", "الله")),
    ("لأبوظبي", ("ابو", "ظبي")),
    ("بعبد الله", ("عبدالله",)),
    ("ولا سيما", ("لاسيما",)),
    ("وبنلادن", ("بن", "لادن")),
]


@pytest.mark.parametrize(("typed", "other"), CLITICS, ids=[row[0] for row in CLITICS])
def test_clitics_stay_outside_of_names(typed: str, other: tuple[str, ...], vocabulary: Snapshot) -> None:
    assert other in compound_variants(tuple(WORD.findall(typed)), vocabulary)


@pytest.mark.parametrize("typed", ["فيلم", "في لم", "الشركة", "قطعة", "عاد", "الله", "عبد", "2015", "ـ", "سيارة"])
def test_other_words_have_no_compound_variants(typed: str, vocabulary: Snapshot) -> None:
    assert compound_variants(tuple(WORD.findall(typed)), vocabulary) == ()


DIFFERENT = [
    ("petrol is not a son", ["سعر بنزين", "محمد بن زين", "زين العابدين", "زين الدين", "علي زين"], "بنزين"),
    ("founding is not a wish", ["إنشاء مصنع", "إنشاء طريق", "إنشاء بيت", "إنشاء سد", "إن شاء"], "إنشاء"),
    ("lost spaces", [*["مدير عام"] * 60, "مديرعام"], "مدير عام"),
    ("torn in print", [*["السعودية"] * 60, "السعو دية"], "السعودية"),
    ("a word of letters", ["صبا بردى", "صبا نجد", "حرف ص ثم ب ا"], "صبا"),
    ("a dual and yen", ["مليارين", "مليار ين"], "مليارين"),
]


@pytest.mark.parametrize(("_", "texts", "typed"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_different_words_are_not_joined_or_split(_: str, texts: list[str], typed: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        for number, text in enumerate(texts * 5):
            archive.add(make_article(id=str(number), title="خبر", paragraphs=[text], source="الغد"))
        rebuild_index(archive)
        assert compound_variants(tuple(WORD.findall(typed)), vocabulary_of(archive)) == ()


PHRASES = [
    ("apart", "إن عبد الله", []),
    ("in one word", "قال عبد الله", [("قال", "عبدالله")]),
    ("in two words", "وصل عبدالله إلى", [("وصل", "عبد", "الله", "الي")]),
    ("a word alone", "أبوظبي", [("ابو", "ظبي")]),
    ("no name", "رأس مال", []),
    ("a number", "خمسة أضعاف", []),
]


@pytest.mark.parametrize(("_", "phrase", "others"), PHRASES, ids=[row[0] for row in PHRASES])
def test_phrases_have_variants_of_their_names(
    _: str, phrase: str, others: list[tuple[str, ...]], vocabulary: Snapshot
) -> None:
    assert list(phrase_variants(phrase.split(), vocabulary)) == others


def test_a_phrase_of_many_names_has_few_variants(vocabulary: Snapshot) -> None:
    assert len(phrase_variants(("عبد", "الله") * 30, vocabulary)) <= 8


NUMERALS = [
    ("5", [("خمسه",)]),
    ("٥", [("خمسه",)]),
    ("خمسة", [("5",)]),
    ("خمس", [("5",), ("خمسه",)]),
    ("15", [("خمسه", "عشر")]),
    ("خمس عشرة", [("15",), ("خمسه", "عشر")]),
    ("300", [("ثلاث", "مءه")]),
    ("ثلاثمائة", [("300",), ("ثلاث", "مءه")]),
    ("1000", [("الف",)]),
    ("ألف", [("1000",)]),
    ("1", []),
    ("واحد", []),
    ("50", []),
    ("الخامس", []),
]


@pytest.mark.parametrize(("typed", "others"), NUMERALS, ids=[row[0] for row in NUMERALS])
def test_numbers_in_digits_and_in_words(typed: str, others: list[tuple[str, ...]], vocabulary: Snapshot) -> None:
    assert list(numeral_variants(tuple(WORD.findall(typed)), vocabulary)) == others


HAMZA = [
    ("رئيس", [("رييس",)]),
    ("رييس", [("رءيس",)]),
    ("يؤكد", [("يوكد",)]),
    ("يوكد", [("يءكد",)]),
    ("الهيئة", [("الهياه",)]),
    ("الهيأة", [("الهيءه",)]),
    ("الصلاة", [("الصلوه",)]),
    ("الصلوة", [("الصلاه",)]),
    ("البريء", [("البرء",)]),
    ("البرئ", [("البريء",)]),
    ("قائد", []),
    ("سعد", []),
]


@pytest.mark.parametrize(("typed", "others"), HAMZA, ids=[row[0] for row in HAMZA])
def test_variants_by_hamza(typed: str, others: list[tuple[str, ...]], vocabulary: Snapshot) -> None:
    assert list(orthographic_variants((typed,), vocabulary)) == others


@pytest.mark.slow
def test_a_frequent_form_without_hamza_is_a_word_of_its_own(tmp_path: Path) -> None:
    texts = [*["رؤية جديدة", "رئيس البلد"] * 30, *["روية"] * 4, "رييس", *["غيرها"] * 440] * 2
    with Archive.create(tmp_path / "archive") as archive:
        for number, text in enumerate(texts):
            archive.add(make_article(id=str(number), title="خبر", paragraphs=[text], source="الغد"))
        rebuild_index(archive)
        vocabulary = vocabulary_of(archive)
        assert orthographic_variants(("رؤية",), vocabulary) == orthographic_variants(("روية",), vocabulary) == ()
        assert orthographic_variants(("رئيس",), vocabulary) == (("رييس",),)


@given(st.lists(st.text("عبدالهنصرف لمء0156.afبوﷺ\u0640", min_size=1, max_size=8), max_size=4))
def test_no_words_raise(vocabulary: Snapshot, words: list[str]) -> None:
    for source in (compound_variants, numeral_variants, orthographic_variants):
        for other in source(tuple(words), vocabulary):
            assert other
            assert all(other)


def _forms(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, words))
