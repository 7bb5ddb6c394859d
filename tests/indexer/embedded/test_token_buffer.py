from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.system import pack_uint

from indexer.analysis import Level, Terms, analyze_words
from indexer.codec import Kind
from indexer.embedded import token_buffer
from indexer.embedded.schema import LEVEL_FIELDS, make_schema
from indexer.embedded.token_buffer import LevelTerms, RunNumbers, TokenBuffer

TEXT = st.text(st.sampled_from("وفيكتابةَـ،.-19a \n"), max_size=40)


@pytest.fixture(params=[1, 20, token_buffer.BLOCK])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_buffer, "BLOCK", request.param)


@pytest.mark.usefixtures("block")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=6))
def test_words_documents_and_positions_are_those_of_the_analysis(first: list[str], second: list[str]) -> None:
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
def test_words_without_a_term_have_a_position_but_no_posting(level: Level, terms: list[str]) -> None:
    numbers = RunNumbers()
    buffer = TokenBuffer(numbers)
    buffer.add("ـ في كتابه")
    words, docs, positions = buffer.arrays()
    found = LevelTerms(numbers.terms, level).invert(words, docs, positions, 1)
    assert [term.decode() for term in found.terms] == terms
    assert found.positions is not None
    assert found.positions.tolist() == [1, 2][-len(terms) :]


ALI, ON = Terms("علي", "علي", "علو", ("علي",)), Terms("علي", None, None, ())
OPENED = Terms("فتح", "فتح", "فتح", ("فتح", "انفتح"))


def test_words_of_one_form_are_distinguished_by_their_other_terms() -> None:
    numbers = RunNumbers()
    assert [numbers.word(terms) for terms in (ALI, ON, OPENED, ON, ALI)] == [0, 1, 2, 1, 0]
    assert numbers.terms == [ALI, ON, OPENED]


def test_an_ambiguous_word_is_found_by_each_of_its_lemmas_once_a_document() -> None:
    words, docs = np.array([0, 1, 2, 2], np.uint32), np.array([0, 1, 1, 1], np.uint32)
    found = LevelTerms([ALI, ON, OPENED], Level.LEMMA).invert(words, docs, None, 3)
    postings = [docs.tolist() for docs in np.split(found.docs, found.starts[1:-1])]
    assert dict(zip([term.decode() for term in found.terms], postings, strict=True)) == {
        "علي": [0],
        "فتح": [1],
        "انفتح": [1],
    }
    assert (found.kind, found.freqs, found.positions, found.lengths) == (Kind.EXISTENCE, None, None, None)


@pytest.mark.parametrize("terms", [[], [ON], [ALI, ON, OPENED]], ids=["none", "a stop word", "three"])
@pytest.mark.parametrize("field", LEVEL_FIELDS)
def test_whooshs_own_indexing_makes_the_same_postings(field: str, terms: list[Terms]) -> None:
    documents = [[], terms, terms * 2]
    level = LEVEL_FIELDS[field]
    words = [(at, doc, place) for doc, some in enumerate(documents) for place, at in enumerate([*range(len(terms))] * 2)
             if place < len(some)]  # fmt: skip
    columns = np.array(words, np.uint32).reshape(-1, 3).T
    positions = columns[2] if level is Level.FORM else None
    found = LevelTerms(terms, level).invert(columns[0], columns[1], positions, len(documents))
    type_ = make_schema()[field]
    expected = {
        (term, doc): (frequency, value)
        for doc, some in enumerate(documents)
        for term, frequency, _, value in type_.index(some)
    }
    starts = found.starts.tolist()
    made = {}
    freqs = np.ones(len(found.docs), int) if found.freqs is None else found.freqs
    places = [] if found.positions is None else np.split(found.positions, np.cumsum(freqs)[:-1])
    for term, first, last in zip(found.terms, starts, starts[1:], strict=False):
        for at in range(first, last):
            value = type_.format.encode(places[at].tolist()) if found.positions is not None else b""
            if level in (Level.STEM, Level.ROOT):
                value = pack_uint(int(freqs[at]))
            made[term, int(found.docs[at])] = int(freqs[at]), value
    assert made == expected
    assert (found.lengths is not None) == type_.scorable
