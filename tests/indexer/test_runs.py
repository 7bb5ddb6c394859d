from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.runs import cut

# Usual characters and others, spaces of every kind, a NUL, lone surrogates; runs around the eight that are packed.
CHARACTER = st.sampled_from("كتابه19a.\u0640\u064e\u069f\u06a0\u06cc é文🔥\x00\ud800\x1f\x85\u00a0\u2028\u3000\u3001\n")


@given(st.lists(st.text(CHARACTER, max_size=40), max_size=5))
def test_runs_are_those_of_split(texts: list[str]) -> None:
    runs = cut(texts)
    assert [runs.distinct[number] for number in runs.numbers.tolist()] == [
        run for text in texts for run in text.split()
    ]
    assert runs.counts.tolist() == [len(text.split()) for text in texts]


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16])
def test_equal_runs_are_one_where_they_are_packed(length: int) -> None:
    run = "كتاب وكتب".replace(" ", "")[:length].ljust(length, "ب")
    runs = cut([f"{run} {run}", run])
    assert len(runs.distinct) == (1 if length <= 8 else 3)
    assert runs.counts.tolist() == [2, 1]
