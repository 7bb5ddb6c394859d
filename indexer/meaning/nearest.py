"""The nearest of all vectors: which articles have a passage near a query's vector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.meaning.vector_files import VectorFile

Array = NDArray[Any]

_BLOCK: Final = 4096  # passages that are compared at a time


def nearest_articles(
    levels: Iterable[Sequence[VectorFile]], vector: Array, limit: int, within: Array | None = None
) -> list[tuple[int, float]]:
    """The articles with the passages nearest to a unit vector, by their numbers, with their cosines; the best first.

    The files of a level are in the order from the oldest to the newest. With `within`, only the articles of these
    numbers are compared. Equal ones have the order of their numbers.
    """
    found = [
        (file.numbers[rows], _cosines_of_rows(file, rows, vector))
        for files in levels
        for file, rows in _rows_that_count(files, within)
    ]
    if not found or limit < 1:
        return []
    numbers = np.concatenate([each for each, _ in found])
    cosines = np.concatenate([each for _, each in found])
    order = np.lexsort((-cosines, numbers))
    numbers, cosines = numbers[order], cosines[order]
    best = np.ones(len(numbers), np.bool_)  # of an article that several levels have, the nearest passage
    best[1:] = numbers[1:] != numbers[:-1]
    numbers, cosines = numbers[best], cosines[best]
    order = np.argsort(-cosines, kind="stable")[:limit]
    return list(zip(numbers[order].tolist(), cosines[order].tolist(), strict=True))


def _rows_that_count(files: Sequence[VectorFile], within: Array | None) -> Iterator[tuple[VectorFile, Array]]:
    """The rows of each file of a level whose article no newer file has, and that have passages."""
    newer: list[Array] = []
    for file in reversed(files):
        counts = np.diff(file.starts.astype(np.int64)) > 0
        for numbers in newer:
            counts &= ~np.isin(file.numbers, numbers, assume_unique=True)
        if within is not None:
            counts &= np.isin(file.numbers, within, assume_unique=True)
        newer.append(file.numbers)
        rows = np.flatnonzero(counts)
        if len(rows):
            yield file, rows


def _cosines_of_rows(file: VectorFile, rows: Array, vector: Array) -> Array:
    """The cosine of a vector and the nearest passage of each article."""
    cosines = np.empty(file.passage_count, np.float32)
    for start in range(0, len(cosines), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines[block] = file.codes[block].astype(np.float32) @ vector * file.scales[block]
    starts = file.starts.astype(np.int64)
    filled = np.flatnonzero(starts[:-1] < starts[1:])
    best = np.zeros(len(file.numbers), np.float32)
    if len(filled):
        best[filled] = np.maximum.reduceat(cosines, starts[filled])
    found: Array = best[rows]
    return found
