from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.codec import DamagedPostings, FieldArrays, Kind, merge
from indexer.codec.gaps import decode, decode_all, encode
from tests.indexer.codec.made_up import opened, read, written

LISTS = st.lists(
    st.lists(st.integers(0, 400) | st.integers(0, 1 << 40) | st.sampled_from([254, 255, 256, 255**2 - 1, 255**2]), min_size=1)
    .map(sorted)
)  # fmt: skip


def starts_of(lists: list[list[int]]) -> np.ndarray:
    return np.cumsum([0, *map(len, lists)])


def field_of(lists: list[list[int]]) -> FieldArrays:
    docs = np.array([doc for docs in lists for doc in docs], np.int64)
    terms = [f"{number:09}".encode() for number in range(len(lists))]
    return FieldArrays(Kind.EXISTENCE, terms, starts_of(lists), docs)


@given(LISTS)
def test_decoding_reverses_encoding(lists: list[list[int]]) -> None:
    docs = np.array([doc for docs in lists for doc in docs], np.int64)
    coded = encode(docs, starts_of(lists))
    each = [
        decode(coded.bytes[first:last], coded.digits).cumsum().tolist()
        for first, last in zip(coded.starts, coded.starts[1:], strict=False)
    ]
    assert each == lists
    assert decode_all(coded, np.array(list(map(len, lists)), np.int64)).tolist() == docs.tolist()


@pytest.fixture(scope="module")
def lists() -> list[list[int]]:
    drawn = np.random.default_rng(1)
    counts = (1, 1, 2, 50, 3_000, 60_000, 90_000)
    return [np.sort(drawn.choice(100_000, count, replace=False)).tolist() for count in counts]


def test_a_field_of_documents_only_is_stored_as_gaps_if_they_are_smaller(lists: list[list[int]]) -> None:
    data = written({"x": field_of(lists)}, 100_000)
    assert len(data) < sum(map(len, lists)) * 1.1 < 4 * sum(map(len, lists))
    field = opened(field_of(lists), 100_000)
    assert [field.docs(number).tolist() for number in range(len(lists))] == lists
    docs, freqs, counts = field.postings(np.array([6, 0, 3]))
    assert docs.tolist() == [*lists[6], *lists[0], *lists[3]]
    assert freqs.tolist() == [1] * len(docs)
    assert counts.tolist() == [90_000, 1, 50]
    rare = written({"x": field_of([[70_000], [3]])}, 100_000)
    assert b"gaps" not in rare


def test_gaps_are_merged_without_the_deleted(lists: list[list[int]]) -> None:
    field = opened(field_of(lists), 100_000)
    deleted = np.arange(100_000) % 3 == 0
    merged = opened(merge([(field, deleted), (field, ~deleted)]), 100_000)
    new = np.cumsum(~deleted) - 1
    kept = [[int(new[doc]) for doc in docs if not deleted[doc]] for docs in lists]
    other = np.cumsum(deleted) - 1 + int((~deleted).sum())
    expected = [
        some + [int(other[doc]) for doc in docs if deleted[doc]] for some, docs in zip(kept, lists, strict=True)
    ]
    assert [merged.docs(number).tolist() for number in range(len(lists))] == expected


def test_altered_gaps_are_damage(lists: list[list[int]]) -> None:
    data = bytearray(written({"x": field_of(lists)}, 100_000))
    at = data.index(encode(np.array(lists[4]), np.array([0, len(lists[4])])).bytes[:50].tobytes())
    data[at] = 255
    segment = read(bytes(data))
    with pytest.raises(DamagedPostings):
        segment.fields["x"].docs(4)
    with pytest.raises(DamagedPostings):
        segment.verify()
