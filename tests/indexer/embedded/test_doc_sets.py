"""Operations on doc sets equal those on Python's sets and dicts, for few matching documents and for many."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedded.doc_sets import (
    DocSet,
    Workspace,
    all_docs,
    both,
    contained,
    joined,
    places,
    scores_at,
    summed,
    summed_occurrences,
    union,
    without,
)

SPACE = Workspace()
NUMBERS = st.dictionaries(st.integers(0, 39), st.integers(1, 9), max_size=30)
# A segment of few documents is joined through arrays of all, one of many by sorting and searching.
DOC_COUNTS = st.sampled_from([40, 100_000])


def matches(scores: dict[int, int]) -> DocSet:
    docs = sorted(scores)
    return DocSet(np.array(docs, np.intp), np.array([scores[doc] for doc in docs], np.float32))


def scores(found: DocSet) -> dict[int, float]:
    docs = found.docs.tolist()
    assert docs == sorted(set(docs))
    return dict(zip(docs, found.scores.tolist(), strict=True))


@given(st.lists(NUMBERS, max_size=4), DOC_COUNTS)
def test_a_union_adds_scores(parts: list[dict[int, int]], doc_count: int) -> None:
    expected = Counter[int]()
    for part in parts:
        expected.update(part)
    assert scores(union([matches(part) for part in parts], doc_count, SPACE)) == expected


@given(NUMBERS, st.lists(NUMBERS, max_size=4), DOC_COUNTS)
def test_scores_of_some_documents_are_the_sums_of_the_parts(
    chosen: dict[int, int], parts: list[dict[int, int]], doc_count: int
) -> None:
    docs = sorted(chosen)
    found = scores_at(np.array(docs, np.intp), [matches(part) for part in parts], doc_count)
    assert found.tolist() == [sum(part.get(doc, 0) for part in parts) for doc in docs]


@given(NUMBERS, NUMBERS, DOC_COUNTS)
def test_intersection_and_difference(a: dict[int, int], b: dict[int, int], doc_count: int) -> None:
    found = both(matches(a), matches(b), doc_count, SPACE)
    assert scores(found) == {doc: a[doc] + b[doc] for doc in a.keys() & b.keys()}
    docs = matches(b).docs
    assert scores(without(matches(a), docs, doc_count, SPACE)) == {doc: a[doc] for doc in a.keys() - b.keys()}


@given(NUMBERS, NUMBERS, DOC_COUNTS, st.sampled_from([np.uint16, np.uint32]))
def test_places_are_indices_in_the_first_list(
    a: dict[int, int], b: dict[int, int], doc_count: int, kind: type[np.unsignedinteger]
) -> None:
    docs, among = sorted(a), matches(b).docs
    found = places(np.array(docs, kind), among, doc_count, SPACE).tolist()
    assert [docs[place] for place in found] == sorted(a.keys() & b.keys())


@given(NUMBERS, NUMBERS, DOC_COUNTS)
def test_documents_contained_among_others(a: dict[int, int], b: dict[int, int], doc_count: int) -> None:
    docs = np.array(list(a), np.intp)  # in any order
    assert contained(docs, matches(b).docs, doc_count, SPACE).tolist() == [doc in b for doc in a]


@given(st.lists(st.tuples(st.integers(0, 39), st.integers(1, 9)), max_size=60), DOC_COUNTS)
def test_occurrences_of_a_document_are_added(pairs: list[tuple[int, int]], doc_count: int) -> None:
    expected = Counter[int]()
    for doc, count in pairs:
        expected[doc] += count
    docs = np.array([doc for doc, _ in pairs], np.uint32)
    counts = np.array([count for _, count in pairs], np.float32)
    assert scores(summed_occurrences(docs, counts, doc_count, SPACE)) == expected


def test_scratch_arrays_of_a_workspace_are_reused() -> None:
    space = Workspace()
    first, second = matches({1: 5, 3: 7}), matches({3: 2})
    docs = all_docs([first.docs, second.docs], 4, space)
    assert summed(docs, joined([first, second]), 4, space).tolist() == [5, 9]
    assert summed(second.docs, second, 4, space).tolist() == [2]
    assert not space.flags(4).any()
    assert len(space.scores(9)) == 9
    with pytest.raises(IndexError):
        space.flags(4)[np.array([5])]
