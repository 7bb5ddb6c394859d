"""From what matched to the hits of a page: the best k by score or by date, the same at every call and commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.embedded.doc_sets import DocSet
from indexer.embedded.snapshot import NO_VALUE, Snapshot
from indexer.results import Sort

_SAMPLE: Final = 16
_MANY: Final = 50_000
_LAST: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Documents in the order asked for: snapshot numbers, scores, and what they were sorted by; [documents] each."""

    docs: np.ndarray
    scores: np.ndarray
    keys: np.ndarray


@dataclass(frozen=True, slots=True)
class After:
    """Where to go on in an order: behind this document, or, where it is not in it, behind this key and number."""

    document: int
    key: float
    number: int


def best(snapshot: Snapshot, found: Sequence[DocSet], sort: Sort, k: int) -> list[tuple[int, float]]:
    """The first k documents (snapshot numbers) with their scores; equals in the order in which their articles came."""
    ordered = order(snapshot, found, sort, k)
    return list(zip(ordered.docs.tolist(), ordered.scores.tolist(), strict=True))


def order(
    snapshot: Snapshot, found: Sequence[DocSet], sort: Sort, k: int | None = None, after: After | None = None
) -> Ordered:
    """The first k documents, or all, of those behind a place; equals in the order in which their articles came.

    That order is of the archive's numbers (`Snapshot.order`): documents are numbered anew by every merge.
    """
    docs = np.concatenate(
        [matches.docs + segment.base for matches, segment in zip(found, snapshot.segments, strict=True)]
        or [np.zeros(0, np.int64)]
    )
    scores = np.concatenate([matches.scores for matches in found] or [np.zeros(0, np.float32)])
    keys = _keys(snapshot, found, sort, scores)
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


def _keys(snapshot: Snapshot, found: Sequence[DocSet], sort: Sort, scores: np.ndarray) -> np.ndarray:
    """What is sorted by, the greatest first."""
    if sort is Sort.RELEVANCE:
        return scores
    keys = np.concatenate(
        [segment.times[matches.docs] for matches, segment in zip(found, snapshot.segments, strict=True)]
        or [np.zeros(0, np.int64)]
    )
    # Articles without a date come last either way.
    return keys if sort is Sort.NEWEST else np.where(keys == NO_VALUE, _LAST, -keys)


def _top(keys: np.ndarray, k: int, docs: np.ndarray, snapshot: Snapshot) -> np.ndarray:
    """The places of the k largest keys, of equals those with the smallest numbers; fewer than there are."""
    candidates = None
    if len(keys) > _MANY and k * _SAMPLE * 4 < len(keys):
        # The k-th of a sample is no larger than the k-th of all: what is below it cannot be among the first k.
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
