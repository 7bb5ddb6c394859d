"""The nearest of all vectors: which articles have a passage near a query's vector.

Sketches (`indexer.meaning.sketches`) say which passages are likely the nearest; the bytes of these are compared. So a
passage may be missed, but the cosine of each one that is found is that of its bytes. Few passages, in a small archive
or under a narrow filter, are all compared, and none is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.meaning.sketches import distances, least
from indexer.meaning.vector_files import VectorFile

Array = NDArray[Any]

COMPARED: Final = 4000
"""Passages whose bytes are compared with a query, besides those of files without sketches."""

_BLOCK: Final = 512  # passages whose bytes are compared at a time: they stay in the processor's cache
_FARTHEST: Final = np.iinfo(np.uint16).max


class PassageScan:
    """The passages of one commit. Safe to share between threads."""

    def __init__(self, levels: Iterable[Sequence[VectorFile]]) -> None:
        """The files of each level, from the oldest to the newest: of each article, the newest file counts."""
        self._parts = [part for files in levels for part in _parts(files)]

    def nearest(self, vector: Array, limit: int, within: Array | None = None) -> list[tuple[int, float]]:
        """The articles with the passages nearest to a unit vector, by their numbers, with the cosines; the best first.

        With `within`, ascending numbers, only these articles. Equal ones have the order of their numbers.
        """
        allowed = [part.passages(within) for part in self._parts]
        if sum(part.count(each) for part, each in zip(self._parts, allowed, strict=True)) > COMPARED:
            allowed = self._likely(vector, allowed)
        numbers, cosines = [np.zeros(0, np.uint64)], [np.zeros(0, np.float32)]
        for part, passages in zip(self._parts, allowed, strict=True):
            compared = part.counting() if passages is None else passages
            numbers.append(part.articles(compared))
            cosines.append(part.cosines(compared, vector))
        return _best(np.concatenate(numbers), np.concatenate(cosines), limit)

    def _likely(self, vector: Array, allowed: Sequence[Array | None]) -> list[Array | None]:
        """Of the allowed passages those that may be the nearest, and all of files without sketches."""
        sketched = [at for at, part in enumerate(self._parts) if part.file.sketches is not None]
        found = [self._parts[at].distances(vector, allowed[at]) for at in sketched]
        every = np.concatenate([np.zeros(0, np.uint16), *found])
        kept = least(every, COMPARED)
        kept = kept[every[kept] < _FARTHEST]
        likely, start = list(allowed), 0
        for at, own in zip(sketched, found, strict=True):
            low, high = np.searchsorted(kept, [start, start + len(own)])
            places, before = kept[low:high] - start, allowed[at]
            likely[at] = places if before is None else before[places]
            start += len(own)
        return likely


@dataclass(frozen=True, slots=True)
class _Part:
    """A file, and which of its passages count. Passages are given as places, ascending, or as None: all that count."""

    file: VectorFile
    counted: Array
    """bool[articles]: those that no newer file has."""
    replaced: Array
    """The passages of the others."""

    def passages(self, within: Array | None) -> Array | None:
        """The passages that count, of the articles `within` if it is given."""
        if within is None:
            return None
        rows = self.file.rows(within)
        return self.file.passages(rows[self.counted[rows]])

    def count(self, passages: Array | None) -> int:
        """The number of these passages."""
        return self.file.passage_count - len(self.replaced) if passages is None else len(passages)

    def counting(self) -> Array:
        """All passages that count."""
        return self.file.passages(np.flatnonzero(self.counted))

    def distances(self, vector: Array, passages: Array | None) -> Array:
        """How far the sketches of these passages are from a vector's; with None, of the whole file."""
        assert self.file.sketches is not None
        found = distances(vector, self.file.sketches, passages)
        if passages is None:
            found[self.replaced] = _FARTHEST
        return found

    def articles(self, passages: Array) -> Array:
        """The number of each passage's article."""
        found: Array = self.file.numbers[np.searchsorted(self.file.starts, passages.astype(np.uint64), "right") - 1]
        return found

    def cosines(self, passages: Array, vector: Array) -> Array:
        """The cosine of each passage and a unit vector."""
        found = np.empty(len(passages), np.float32)
        for start in range(0, len(passages), _BLOCK):
            block = passages[start : start + _BLOCK]
            codes = self.file.codes[block].astype(np.float32)
            found[start : start + _BLOCK] = codes @ vector * self.file.scales[block]
        return found


def _parts(files: Sequence[VectorFile]) -> Iterator[_Part]:
    newer: list[Array] = []
    for file in reversed(files):
        counted = np.ones(len(file.numbers), np.bool_)
        for numbers in newer:
            counted[file.rows(numbers)] = False
        newer.append(file.numbers)
        yield _Part(file, counted, file.passages(np.flatnonzero(~counted)))


def _best(numbers: Array, cosines: Array, limit: int) -> list[tuple[int, float]]:
    """The articles with the largest cosines, each with the largest of its passages."""
    best: dict[int, float] = {}
    for at in np.lexsort((numbers, -cosines)).tolist():
        if len(best) >= limit:
            break
        best.setdefault(int(numbers[at]), float(cosines[at]))
    return list(best.items())
