from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import tokens
from indexer.analysis import Level, analyze_words
from indexer.tokens import LevelTerms, RunNumbers, TokenBuffer

TEXT = st.text(st.sampled_from("وفيكتابةَـ،.-19a \n"), max_size=40)


@pytest.fixture(params=[1, 20, tokens.BLOCK])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BLOCK", request.param)


@pytest.mark.usefixtures("block")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=6))
def test_words_are_those_of_the_analysis_in_their_documents_and_places(first: list[str], second: list[str]) -> None:
    numbers = RunNumbers()
    buffers = [TokenBuffer(numbers), TokenBuffer(numbers)]
    for buffer, texts in zip(buffers, (first, second), strict=True):
        for text in texts:
            buffer.add(text)
    for buffer, texts in zip(buffers, (first, second), strict=True):
        words, docs, positions = buffer.arrays()
        found = [
            (doc, position, numbers.terms[word])
            for word, doc, position in zip(words.tolist(), docs.tolist(), positions.tolist(), strict=True)
        ]
        assert found == [
            (doc, position, terms)
            for doc, text in enumerate(texts)
            for position, terms in enumerate(analyze_words(text))
        ]
        assert words.dtype == docs.dtype == positions.dtype == np.uint32


@pytest.mark.parametrize(("level", "terms"), [(Level.FORM, ["في", "كتابه"]), (Level.STEM, ["كتاب"])])
def test_words_without_a_term_leave_no_posting_but_keep_their_place(level: Level, terms: list[str]) -> None:
    numbers = RunNumbers()
    buffer = TokenBuffer(numbers)
    buffer.add("ـ في كتابه")
    words, docs, positions = buffer.arrays()
    found = LevelTerms(numbers.terms, level).invert(words, docs, positions, 1)
    assert [term.decode() for term in found.terms] == terms
    assert found.positions is not None
    assert found.positions.tolist() == [1, 2][-len(terms) :]
