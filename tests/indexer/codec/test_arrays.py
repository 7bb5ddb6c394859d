from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.codec import FieldArrays, Kind, document_maps, invert, merge
from indexer.codec.inversion import sort_rows
from tests.indexer.codec.made_up import TERMS, TEXTS, Text, by_brute_force, inverted, opened, postings


@given(TEXTS)
def test_inverted_postings_are_those_of_brute_force(texts: list[Text]) -> None:
    field = opened(inverted(texts), len(texts))
    expected = by_brute_force(texts)
    assert postings(field) == expected
    assert list(field.terms()) == list(expected)
    assert field.lengths.tolist() == list(map(len, texts))
    assert field.total_length == sum(map(len, texts))
    for number, documents in enumerate(expected.values()):
        assert field.freqs(number).tolist() == list(map(len, documents.values()))
        assert field.doc_frequency[number] == len(documents)
        assert field.occurrences(number) == sum(map(len, documents.values()))
        lengths = [len(texts[document]) for document in documents]
        assert field.length_bounds(number) == (min(lengths), max(lengths))


@given(TEXTS)
def test_frequencies_and_existence_are_stored_without_positions(texts: list[Text]) -> None:
    expected = by_brute_force(texts)
    field = opened(inverted(texts, positions=False), len(texts))
    assert not field.has_positions
    assert [field.freqs(n).tolist() for n in range(field.term_count)] == [
        list(map(len, documents.values())) for documents in expected.values()
    ]
    field = opened(inverted(texts, positions=False, kind=Kind.EXISTENCE, has_lengths=False), len(texts))
    assert [field.docs(n).tolist() for n in range(field.term_count)] == list(map(list, expected.values()))
    assert field.flat_freqs.tolist() == [1] * len(field.flat_docs)
    assert field.lengths.tolist() == [0] * len(texts)


@given(TEXTS, TERMS)
def test_terms_are_found_by_their_bytes(texts: list[Text], term: bytes) -> None:
    field = opened(inverted(texts), len(texts))
    terms = field.terms()
    for number, known in enumerate(terms):
        assert field.find(known) == field.lower_bound(known) == number
        assert field.term(number) == known
    assert field.find(term) == (terms.index(term) if term in terms else -1)
    assert field.lower_bound(term) == sum(other < term for other in terms)
    for first in range(len(terms) + 1):
        for last in range(len(terms) + 2):
            assert field.terms(first, last) == terms[first:last]


@given(st.lists(st.tuples(TEXTS, st.randoms(use_true_random=False)), min_size=1, max_size=4), st.booleans())
def test_merged_postings_are_those_of_the_live_texts(
    parts: list[tuple[list[Text], st.RandomModule]], mask: bool
) -> None:
    fields = [opened(inverted(texts), len(texts)) for texts, _ in parts]
    deleted = [np.array([random.random() < 0.4 for _ in texts], np.bool_) for texts, random in parts]
    kept = [
        text
        for (texts, _), gone in zip(parts, deleted, strict=True)
        for text, is_gone in zip(texts, gone, strict=True)
        if not is_gone
    ]
    maps = (
        deleted if mask else document_maps((field.doc_count, gone) for field, gone in zip(fields, deleted, strict=True))
    )
    field = opened(merge(list(zip(fields, maps, strict=True))), len(kept))
    assert postings(field) == by_brute_force(kept)
    assert field.lengths.tolist() == list(map(len, kept))


def test_a_large_merge_moves_its_postings_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.codec.merging._PART", 3)
    texts = [[b"%d" % (number % 7), b"x", b"x", b"%d" % number] for number in range(40)]
    halves = [(opened(inverted(half), 20), np.zeros(20, np.bool_)) for half in (texts[:20], texts[20:])]
    assert postings(opened(merge(halves), 40)) == by_brute_force(texts)


def test_weights_and_values_are_merged() -> None:
    arrays = FieldArrays(
        Kind.BYTES, [b"a", b"b"], np.array([0, 2, 3]), np.array([0, 2, 1]), np.array([1, 1, 1]),
        np.array([0.5, 1.5, 2.5], np.float32), None, np.frombuffer(b"onethreetwo", np.uint8), np.array([0, 3, 8, 11]),
    )  # fmt: skip
    field = opened(arrays, 3)
    merged = opened(merge([(field, np.array([True, False, False])), (field, np.array([False] * 3))]), 5)
    assert [merged.docs(n).tolist() for n in (0, 1)] == [[1, 2, 4], [0, 3]]
    assert [merged.weights(n).tolist() for n in (0, 1)] == [[1.5, 0.5, 1.5], [2.5, 2.5]]
    assert merged.values(0)[0].tobytes() == b"threeonethree"
    assert merged.values(1)[1].tolist() == [0, 3, 6]
    assert merged.collection_weight(0) == 3.5


@pytest.mark.parametrize(
    ("documents", "docs", "freqs", "positions"),
    [(256, "u1", "u2", "u1"), (257, "u2", "u2", "u2"), (65536, "u2", "u4", "u2"), (65537, "u4", "u4", "u4")],
    ids=str,
)
def test_arrays_have_the_smallest_type_that_fits(documents: int, docs: str, freqs: str, positions: str) -> None:
    repeated = documents - 1
    terms = np.zeros(repeated + documents, np.int64)
    numbers = np.concatenate([np.zeros(repeated, np.int64), np.arange(documents)])
    places = np.concatenate([np.arange(repeated), np.full(documents, repeated)])
    field = opened(invert(terms, numbers, places, [b"x"]), documents)
    assert (field.flat_docs.dtype, field.flat_freqs.dtype) == (docs, freqs)
    assert field.flat_positions is not None
    assert field.flat_positions.dtype == positions
    assert field.lengths.max() == documents


@given(st.lists(st.tuples(*[st.integers(0, 2**bits - 1) for bits in (3, 40, 40)]), min_size=1))
def test_rows_too_wide_for_one_integer_are_sorted_too(rows: list[tuple[int, int, int]]) -> None:
    columns = sort_rows(list(np.array(rows, np.uint64).T))
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == sorted(rows)


def test_inconsistent_arrays_are_rejected() -> None:
    field = opened(inverted([[b"a"]]), 1)
    other = opened(inverted([[b"a"]], positions=False), 1)
    keep = np.array([False])
    with pytest.raises(ValueError, match="different kinds"):
        merge([(field, keep), (other, keep)])
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])
    with pytest.raises(ValueError, match="a segment of 1"):
        merge([(field, np.array([0, 1]))])
    with pytest.raises(ValueError, match="do not ascend"):
        merge([(field, np.array([1])), (field, np.array([0]))])
    with pytest.raises(ValueError, match="not among the terms"):
        invert(np.array([1]), np.array([0]), None, [b"a"])
    with pytest.raises(ValueError, match="counted from 0"):
        invert(np.array([0]), np.array([-1]), None, [b"a"])
    with pytest.raises(ValueError, match="a document"):
        invert(np.array([0]), np.array([0, 0]), None, [b"a"])
    with pytest.raises(ValueError, match="no positions"):
        other.positions(0)
    with pytest.raises(ValueError, match="keeps no bytes"):
        field.values(0)
    arrays = inverted([[b"a"]])
    arrays.positions = None
    with pytest.raises(ValueError, match="has no positions"):
        opened(arrays, 1)
