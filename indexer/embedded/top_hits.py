"""Sorting matches: the first k by score or date, in the same order at every call and commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.embedded.doc_sets import DocSet
from indexer.embedded.snapshot import NO_VALUE, Snapshot
from indexer.results import Sort

_SAMPLE: Final = 16  # of so many keys one is sampled to bound the k-th
_MANY: Final = 50_000  # keys; fewer are not sampled
_LAST: Final = -(2**62)  # the key of an article without a date, oldest first


@dataclass(frozen=True, slots=True)
class Ordered:
    """Sorted documents: snapshot numbers, scores, and the keys they were sorted by; [documents] each."""

    docs: np.ndarray
    scores: np.ndarray
    keys: np.ndarray


@dataclass(frozen=True, slots=True)
class After:
    """Where an order continues: after this document, or, if it is not in the order, after this key and number."""

    document: int
    key: float
    number: int


def sort_hits(
    snapshot: Snapshot, found: Sequence[DocSet], sort: Sort, k: int | None = None, after: After | None = None
) -> Ordered:
    """Sort documents, and return the first k, or all, after a place.

    Ties are sorted by the articles' numbers in the archive (`Snapshot.order`), since every merge renumbers documents.
    """
    docs = np.concatenate(
        [matches.docs + segment.base for matches, segment in zip(found, snapshot.segments, strict=True)]
        or [np.zeros(0, np.int64)]
    )
    scores = np.concatenate([matches.scores for matches in found] or [np.zeros(0, np.float32)])
    keys = sort_keys(snapshot, found, sort)
    if after is not None:
        key, number = after.key, after.number
        if len(place := np.flatnonzero(docs == after.document)):
            key, number = keys[place[0]], int(snapshot.order[after.document])
        behind = keys < key
        tied = np.flatnonzero(keys == key)
        behind[tied] = snapshot.order[docs[tied]] > number
        docs, scores, keys = docs[behind], scores[behind], keys[behind]
    chosen = np.arange(len(keys)) if k is None or len(keys) <= k else _top(keys, k, docs, snapshot)
    placed = chosen[np.lexsort((snapshot.order[docs[chosen]], -keys[chosen]))]
    return Ordered(docs[placed], scores[placed], keys[placed])


def sort_keys(snapshot: Snapshot, found: Sequence[DocSet], sort: Sort) -> np.ndarray:
    """The keys to sort the matches of each segment by, the largest first; [matches of all segments]."""
    if sort is Sort.RELEVANCE:
        return np.concatenate([matches.scores for matches in found] or [np.zeros(0, np.float32)])
    keys = np.concatenate(
        [segment.times[matches.docs] for matches, segment in zip(found, snapshot.segments, strict=True)]
        or [np.zeros(0, np.int64)]
    )
    # Articles without a date come last in both orders.
    return keys if sort is Sort.NEWEST else np.where(keys == NO_VALUE, _LAST, -keys)


def _top(keys: np.ndarray, k: int, docs: np.ndarray, snapshot: Snapshot) -> np.ndarray:
    """The indices of the k largest keys, of ties those with the smallest numbers; k is less than the number of keys."""
    candidates = None
    if len(keys) > _MANY and k * _SAMPLE * 4 < len(keys):
        # The k-th of a sample is at most the k-th of all: smaller keys cannot be among the first k.
        sample = keys[::_SAMPLE]
        candidates = np.flatnonzero(keys >= np.partition(sample, len(sample) - k)[len(sample) - k])
        keys = keys[candidates]
    least = np.partition(keys, len(keys) - k)[len(keys) - k]
    above, tied = np.flatnonzero(keys > least), np.flatnonzero(keys == least)
    if len(tied) > (room := k - len(above)):
        numbers = snapshot.order[docs[tied if candidates is None else candidates[tied]]]
        tied = tied[np.argpartition(numbers, room - 1)[:room]]
    kept = np.concatenate((above, tied))
    return kept if candidates is None else candidates[kept]
