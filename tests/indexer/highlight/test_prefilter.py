from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import WORD, analyze_word, fold, letters_of_lemma, letters_of_root, letters_of_stem
from indexer.highlight.prefilter import letter_mask, prefilter
from tests.indexer.markers import marker_of

CLITICS = ["", "و", "ال", "وال", "لل", "وبال", "س", "ي", "است", "م"]
ENDINGS = ["", "ة", "ات", "ون", "ها", "هما", "ية", "يون", "ا"]
WORDS = [
    "ترمب",
    "ترامب",
    "استانبول",
    "إسطنبول",
    "أتراك",
    "تركي",
    "افغان",
    "قال",
    "قيل",
    "ازداد",
    "اصطدام",
    "رد",
    "مسؤول",
]
LETTERS = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآىةؤئ", min_size=1, max_size=9)
PRINTED_WORD = st.builds(
    lambda before, word, after: before + word + after,
    st.sampled_from(CLITICS),
    st.one_of(st.sampled_from(WORDS), LETTERS),
    st.sampled_from(ENDINGS),
)
TEXT = st.one_of(
    st.text("روسياأىةؤئء\u0654\u0653\u064e\u0640\u200f 2٣²½mMéßK\u0301ﻻپ€.,،-\n\u2029漢𝔘", max_size=30),
    st.lists(PRINTED_WORD, max_size=8).map(" ".join),
)


@pytest.mark.slow
@given(PRINTED_WORD)
@pytest.mark.parametrize("printed", WORDS)
def test_a_form_has_the_required_letters_of_its_lemmas_stem_and_root(printed: str, other: str) -> None:
    for word in (printed, other, fold(other)):
        form, stem, root, lemmas = analyze_word(word)
        assert all(letters_of_lemma(lemma) <= set(form) for lemma in lemmas)
        if stem is not None and root is not None:
            assert letters_of_stem(stem) <= set(form)
            assert any(letters <= set(form) for letters in letters_of_root(root))


def test_a_long_root_has_few_sets_of_required_letters() -> None:
    assert len(letters_of_root("ات" * 32)) == 6


@given(st.lists(TEXT, min_size=1, max_size=3), st.data())
def test_the_prefilter_keeps_every_word_with_the_letters(texts: list[str], data: st.DataObject) -> None:
    words = [
        (number, found.span(), fold(found.group()))
        for number, text in enumerate(texts)
        for found in WORD.finditer(text)
    ]
    required = [form for _, _, form in words if form and data.draw(st.booleans())]
    runs = prefilter(texts, map(letter_mask, required))
    assert runs == sorted(runs)
    for number, (start, end), form in words:
        if form in required:
            assert any(run.number == number and run.start <= start and end <= run.end for run in runs)


def test_words_without_the_letters_are_left_out() -> None:
    texts = ["", "قال المسؤول، إن المُفاوَضات", "مفاوضات"]
    runs = prefilter(texts, [letter_mask("مفاوض"), letter_mask("مفاوضات")])
    assert [texts[run.number][run.start : run.end] for run in runs] == ["المُفاوَضات", "مفاوضات"]
    assert prefilter(texts, []) == []
    assert prefilter([], None) == []
    assert len(prefilter(texts, None)) == 5


QUERIES = [
    "روسيا أتراك قال",
    "ترامب استانبول ازداد",
    "تركي",
    "جذر:قال",
    "=قيل",
    '"قال مسؤول"',
    '"قال مسؤول رد"~3',
    "رد -قال",
    "mé 23 ²",
]


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
@given(st.lists(TEXT, max_size=3))
def test_words_that_the_prefilter_skips_would_not_be_marked(query: str, texts: list[str]) -> None:
    for loose in (False, True):
        prefiltered, unfiltered = (marker_of(query, loose=loose, similar={"ترك": ["روسي"]}) for _ in range(2))
        unfiltered._masks = None
        assert prefiltered.all_marks(texts) == unfiltered.all_marks(texts)
