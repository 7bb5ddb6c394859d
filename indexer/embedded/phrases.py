"""Phrases and proximity: the documents that have some terms side by side, or near each other, by their positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Final

import numpy as np

from indexer.codec import FieldPostings

_SHIFT: Final = np.uint64(32)


def phrase(field: FieldPostings, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The documents that have the terms side by side in this order, and how often; [found] each."""
    common = _common_documents(field, numbers)
    if not len(common):
        return common, np.zeros(0, np.uint32)
    # The rarest term first: the number of candidates only shrinks.
    order = sorted(range(len(numbers)), key=lambda at: field.occurrences(numbers[at]))
    starts = None
    for at in order:
        keys = _keys(field, numbers[at], common)
        keys = keys[(keys & np.uint64(0xFFFFFFFF)) >= at] - np.uint64(at)
        starts = keys if starts is None else starts[_isin(starts, keys)]
        if not len(starts):
            break
    found, counts = np.unique((starts >> _SHIFT).astype(np.int64), return_counts=True)  # type: ignore[operator]
    return found, counts


def near(field: FieldPostings, numbers: Sequence[int], distance: int) -> tuple[np.ndarray, np.ndarray]:
    """The documents that have all terms within a distance from the first to the last, and how often; [found] each."""
    common = _common_documents(field, numbers)
    required = Counter(numbers)
    kinds = list(required)
    parts = [(_keys(field, number, common), kind) for kind, number in enumerate(kinds)]
    keys = np.concatenate([keys for keys, _ in parts]) if parts else np.zeros(0, np.uint64)
    owners = np.concatenate([np.full(len(keys), kind) for keys, kind in parts]) if parts else np.zeros(0, np.int64)
    order = np.argsort(keys, kind="stable")
    found: Counter[int] = Counter()
    _windows(keys[order].tolist(), owners[order].tolist(), [required[number] for number in kinds], distance, found)
    documents = np.array(sorted(found), np.int64)
    return documents, np.array([found[document] for document in documents.tolist()], np.int64)


def _windows(keys: list[int], owners: list[int], required: list[int], distance: int, found: Counter[int]) -> None:
    """Counts for each document the places where all terms occur within the distance before."""
    have = [0] * len(required)
    missing = len(required)
    left = 0
    for right, key in enumerate(keys):
        while left < right and (keys[left] >> 32 != key >> 32 or key - keys[left] > distance):
            have[owners[left]] -= 1
            missing += have[owners[left]] == required[owners[left]] - 1
            left += 1
        have[owners[right]] += 1
        missing -= have[owners[right]] == required[owners[right]]
        if not missing:
            found[key >> 32] += 1


def _common_documents(field: FieldPostings, numbers: Sequence[int]) -> np.ndarray:
    lists = sorted((field.docs(number) for number in set(numbers)), key=len)
    return reduce(lambda common, docs: common[_isin(common, docs)], lists[1:], lists[0].astype(np.int64))


def _keys(field: FieldPostings, number: int, documents: np.ndarray) -> np.ndarray:
    """`document << 32 | position` of the term's occurrences in these of its documents, ascending."""
    positions, starts = field.positions(number)
    places = np.searchsorted(field.docs(number), documents)
    begin, counts = starts[places], starts[places + 1] - starts[places]
    total = int(counts.sum())
    flat = np.arange(total) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
    keys: np.ndarray = (np.repeat(documents.astype(np.uint64), counts) << _SHIFT) | positions[flat].astype(np.uint64)
    return keys


def _isin(small: np.ndarray, large: np.ndarray) -> np.ndarray:
    """Which items of an ascending array are in another ascending one, bool[small]."""
    if not len(large):
        return np.zeros(len(small), np.bool_)
    places = np.searchsorted(large, small)
    places[places == len(large)] = 0
    found: np.ndarray = large[places] == small
    return found
