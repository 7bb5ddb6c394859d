"""From what matched to the hits of a page: the best k by score or by date, the same at every call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from indexer.matches import Matches
from indexer.results import Sort
from indexer.snapshot import NO_VALUE, Snapshot

_SAMPLE: Final = 16
_MANY: Final = 50_000
_LAST: Final = -(2**62)


def best(snapshot: Snapshot, found: Sequence[Matches], sort: Sort, k: int) -> list[tuple[int, float]]:
    """The first k documents (snapshot numbers) with their scores; equals in the order in which they were indexed."""
    docs = np.concatenate(
        [matches.docs + segment.base for matches, segment in zip(found, snapshot.segments, strict=True)]
        or [np.zeros(0, np.int64)]
    )
    scores = np.concatenate([matches.scores for matches in found] or [np.zeros(0, np.float32)])
    if sort is Sort.RELEVANCE:
        keys = scores
    else:
        keys = np.concatenate(
            [segment.times[matches.docs] for matches, segment in zip(found, snapshot.segments, strict=True)]
            or [np.zeros(0, np.int64)]
        )
        if sort is Sort.OLDEST:
            # Articles without a date come last either way.
            keys = np.where(keys == NO_VALUE, _LAST, -keys)
    chosen = _top(keys, k)
    order = chosen[np.lexsort((docs[chosen], -keys[chosen]))][:k]
    return list(zip(docs[order].tolist(), scores[order].tolist(), strict=True))


def _top(keys: np.ndarray, k: int) -> np.ndarray:
    """The places of at least the k largest keys, few more where that is cheap."""
    if len(keys) <= k:
        return np.arange(len(keys))
    if len(keys) > _MANY and k * _SAMPLE * 4 < len(keys):
        # The k-th of a sample is no larger than the k-th of all: what is below it cannot be among the first k.
        sample = keys[::_SAMPLE]
        candidates = np.flatnonzero(keys >= np.partition(sample, len(sample) - k)[len(sample) - k])
    else:
        candidates = np.arange(len(keys))
    chosen = keys[candidates]
    bound = np.partition(chosen, len(chosen) - k)[len(chosen) - k]
    kept: np.ndarray = candidates[chosen >= bound]
    return kept
