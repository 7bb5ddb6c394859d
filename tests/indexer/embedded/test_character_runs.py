from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import WORD
from indexer.embedded.token_buffer import cut

# Common characters and others, spaces and punctuation, a NUL, lone surrogates; runs of about eight characters.
CHARACTER = st.sampled_from(
    "كتابه19a.،؟_\u0640\u064e\u069f\u06a0\u06cc é文🔥\x00\ud800\x1f\x85\u00a0\u2028\u3000\u3001\n"
)


@given(st.lists(st.text(CHARACTER, max_size=40), max_size=5))
def test_runs_are_separated_by_spaces_and_punctuation(texts: list[str]) -> None:
    runs = cut(texts)
    expected = [re.sub("[،؟_]", " ", text).split() for text in texts]
    assert [runs.distinct[number] for number in runs.numbers.tolist()] == [run for text in expected for run in text]
    assert runs.counts.tolist() == [len(text) for text in expected]


@given(st.text(st.one_of(CHARACTER, st.characters(max_codepoint=0x700)), max_size=30))
def test_no_word_is_divided(text: str) -> None:
    runs = cut([text])
    words = [word for number in runs.numbers.tolist() for word in WORD.findall(runs.distinct[number])]
    assert words == WORD.findall(text)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16])
def test_equal_packed_runs_are_one(length: int) -> None:
    run = ("كتابوكتب" * 2)[:length]
    runs = cut([f"{run} {run}", run])
    assert runs.distinct == [run] * (1 if length <= 8 else 3)
    assert runs.counts.tolist() == [2, 1]
