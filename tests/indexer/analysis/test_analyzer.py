from __future__ import annotations

import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import (
    MAX_RUN,
    MAX_TERM_LENGTH,
    WORD,
    Level,
    Terms,
    analyze,
    analyze_word,
    analyze_words,
    explain,
    fold,
)

WORDS = [
    ("harakat do not cut", "قالت المُفاوَضاتِ نعم", ["قالت", "المُفاوَضاتِ", "نعم"]),
    ("tatweel does not cut", "المســـلحة", ["المســـلحة"]),
    ("punctuation cuts", "«وقف»، إطلاق؛ النار؟", ["وقف", "إطلاق", "النار"]),
    ("slash cuts", "شباط/ فبراير", ["شباط", "فبراير"]),
    ("year and its letter part", "عام 2017م", ["عام", "2017", "م"]),
    ("article before a number", "الـ23", ["الـ", "23"]),
    ("Latin with digits stays", "قمة G20 و5G", ["قمة", "G20", "و", "5G"]),
    ("separators inside numbers", "١٬٢٥٠ و3.5 ثم 7.", ["١٬٢٥٠", "و", "3.5", "ثم", "7"]),
    ("joiners stay inside", "كلمه\u200cها", ["كلمه\u200cها"]),
    ("direction marks outside", "\u200fإيران\u200e", ["إيران"]),
    ("ornate brackets cut", "\ufd3eآية\ufd3f", ["آية"]),
    ("emoji and symbols", "نار 🔥 100% a_b", ["نار", "100", "a", "b"]),
    ("nothing", " ـَ ،،", ["ـَ"]),
]


@pytest.mark.parametrize(("_", "text", "words"), WORDS, ids=[row[0] for row in WORDS])
def test_tokens(_: str, text: str, words: list[str]) -> None:
    assert WORD.findall(text) == words


def test_a_word_has_terms_at_every_level() -> None:
    (token,) = analyze("وبالمُفاوَضاتِ")
    assert token.terms == Terms("وبالمفاوضات", "مفاوض", "فوض", token.terms.lemmas) == analyze_word("وبالمُفاوَضاتِ")
    assert {len(token.terms.at(level)) for level in Level} == {1}
    assert set(token.terms.lemmas) == set(analyze_word("مفاوضات").lemmas)


@pytest.mark.parametrize("word", ["إِلَى", "لماذا", "وأين", "أنَّها", "كم"])
def test_stop_words_have_a_form_and_nothing_else(word: str) -> None:
    (token,) = analyze(word)
    assert token.terms == Terms(fold(word), None, None, ())
    assert [token.terms.at(level) for level in Level] == [(fold(word),), (), (), ()]


def test_long_words_are_truncated_in_articles_and_queries() -> None:
    first, second = analyze("ب" * 500)
    assert [(token.start, token.end) for token in (first, second)] == [(0, MAX_RUN), (MAX_RUN, 500)]
    assert first.terms == second.terms
    assert len(first.terms.form) == MAX_TERM_LENGTH


@pytest.mark.slow
@pytest.mark.parametrize("letters", ["ب", "بَ", "ب\u200c", "a", "é", "1", "1,234", "日本", "و\u0640"])
def test_a_run_of_a_million_letters_is_cut_into_words_in_little_memory(letters: str) -> None:
    text = letters * (1_000_000 // len(letters))
    tracemalloc.start()
    words = [found.span() for found in WORD.finditer(text)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(end - start for start, end in words) < 20 * (MAX_RUN + 16)
    assert all(start - end < 2 for (_, end), (start, _) in pairwise(words))  # at most one mark is between two words
    assert peak < 50 * 2**20


def test_explain_shows_the_steps_that_change_the_word() -> None:
    assert explain("وبالمُفاوَضاتِ") == [
        (
            "وبالمُفاوَضاتِ",
            [
                ("marks", "وبالمفاوضات"),
                ("form", "وبالمفاوضات"),
                *(("lemma", lemma) for lemma in analyze_word("مفاوضات").lemmas),
                ("article وبال", "مفاوضات"),
                ("ending ات", "مفاوض"),
                ("stem", "مفاوض"),
                ("root", "فوض"),
            ],
        )
    ]


def test_explain_names_protected_and_stop_words() -> None:
    assert explain("في لبنان") == [
        ("في", [("form", "في"), ("lemma", "(stop word)")]),
        (
            "لبنان",
            [("form", "لبنان"), ("lemma", "لبنان"), ("protected", "لبنان"), ("stem", "لبنان"), ("root", "لبنان")],
        ),
    ]


@given(st.text(max_size=300))
def test_offsets_always_slice_the_printed_text(text: str) -> None:
    tokens = analyze(text)
    assert [text[token.start : token.end] for token in tokens] == WORD.findall(text)
    assert [token.terms for token in tokens] == analyze_words(text)
    assert all(one.end <= other.start for one, other in pairwise(tokens))


@given(st.text(max_size=300))
def test_no_letter_or_digit_is_lost(text: str) -> None:
    covered = {at for token in analyze(text) for at in range(token.start, token.end)}
    lost = [c for at, c in enumerate(text) if at not in covered and re.match(r"[^\W_]", c)]
    assert not lost


@given(st.text(alphabet="ابتثءؤئأإآةىيولكفبمن\u064b\u0651ـ", min_size=1, max_size=15))
def test_a_word_with_a_form_has_a_stem_unless_it_is_a_stop_word(word: str) -> None:
    for token in analyze(word):
        assert token.terms.stem is None or token.terms.stem or not token.terms.form
        assert (token.terms.root is None) == (token.terms.stem is None)
        assert bool(token.terms.root) == bool(token.terms.stem) == bool(token.terms.lemmas)
