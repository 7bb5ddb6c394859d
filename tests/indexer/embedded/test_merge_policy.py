"""Merging keeps segments few, additions cheap, and no segment too large to be merged in memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.embedded.writer import SMALL_SEGMENT, SegmentSize, choose_merges

SIZES = st.builds(SegmentSize, st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 100_000))


def whole(live: int) -> SegmentSize:
    return SegmentSize(live, 0, live * 10)


def test_small_segments_are_merged_and_a_much_larger_one_stays() -> None:
    assert choose_merges([whole(50_000), whole(100), whole(200)]) == [[0], [1, 2]]


def test_a_segment_at_most_twice_as_large_is_merged_too() -> None:
    assert choose_merges([whole(5_000), whole(9_000)]) == [[0, 1]]
    assert choose_merges([whole(5_000), whole(10_001)]) == [[1], [0]]


def test_a_segment_more_than_half_deleted_is_always_merged() -> None:
    assert choose_merges([SegmentSize(20_000, 20_001, 9), whole(100)]) == [[1, 0]]
    assert choose_merges([SegmentSize(0, 5, 9), whole(100)]) == [[1]]


def test_a_merge_that_would_be_too_large_is_divided() -> None:
    parts = choose_merges([whole(2_000)] * 7, max_bytes=3 * 20_000)
    assert [len(part) for part in parts] == [3, 3, 1]


def test_a_segment_at_the_limit_stays_as_it_is_when_more_is_added() -> None:
    assert choose_merges([whole(2_000), whole(6_000), whole(6_000)], max_bytes=60_000) == [[1], [2], [0]]


@given(st.lists(SIZES, max_size=12), st.integers(1, 300_000))
def test_every_segment_with_live_documents_is_committed_once_within_the_limit(
    sizes: list[SegmentSize], max_bytes: int
) -> None:
    parts = choose_merges(sizes, max_bytes)
    assert sorted(number for part in parts for number in part) == [n for n, size in enumerate(sizes) if size.live]
    for part in parts:
        assert len(part) == 1 or sum(sizes[number].live_bytes for number in part) <= max_bytes


@given(st.integers(1, 60))
def test_daily_additions_leave_few_segments(days: int) -> None:
    segments: list[SegmentSize] = []
    for _ in range(days):
        waiting = [*segments, whole(SMALL_SEGMENT * 2)]
        segments = [whole(sum(waiting[number].live for number in part)) for part in choose_merges(waiting)]
    assert len(segments) <= 5
