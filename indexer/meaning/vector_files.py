"""Files of vectors: those of many articles in one file, a byte for each number.

A vector is stored as signed bytes with a factor of its own, the largest of its numbers / 127. The passages of an
article are side by side. An article without passages has an entry too: it says that an older file's passages of the
article no longer count. For the layout of a file see `indexer.codec.container`; its arrays, for A articles with P
passages and vectors of D numbers, are

    numbers   uint64[A]       the articles' numbers in the archive, ascending
    starts    uint64[A + 1]   where each article's passages start
    scales    float32[P]      the factors
    codes     uint8[P * D]    the bytes

and, if there are many passages (`indexer.meaning.sketches`; W words of 64 bits),

    centre    float32[D]      the mean of the vectors
    sketches  uint64[W * P]   a bit for each number
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexer.codec.container import ArrayFile, ArrayFileWriter, DamagedPostings, MappedFile
from indexer.meaning.sketches import Sketches, make_sketches, sketch_words

Array = NDArray[Any]

SKETCHED: Final = 4000
"""Passages that a file must have for sketches; those of fewer are compared by their bytes."""

_STEPS: Final = 127


@dataclass(frozen=True, slots=True)
class VectorFile:
    """The vectors of some articles, in memory or in a mapped file."""

    numbers: Array
    starts: Array
    scales: Array
    codes: Array
    """int8[passages, dimension]"""
    sketches: Sketches | None = None
    """None if there are few passages, and before the file is written."""

    @property
    def passage_count(self) -> int:
        """Number of vectors."""
        return len(self.scales)

    def find(self, numbers: Array) -> Array:
        """The row of each article; -1 for those that the file does not have."""
        rows = np.searchsorted(self.numbers, numbers)
        rows[rows == len(self.numbers)] = 0
        found: Array = np.where(self.numbers[rows] == numbers, rows, -1) if len(self.numbers) else rows - 1
        return found

    def rows(self, numbers: Array) -> Array:
        """The rows of those articles that the file has; `numbers`, and rows, are ascending."""
        if not len(self.numbers):
            return np.zeros(0, np.int64)
        first, last = self.numbers[0], self.numbers[-1]
        inside = numbers[np.searchsorted(numbers, first) : np.searchsorted(numbers, last, "right")]
        if last - first + 1 == len(self.numbers):  # no number is left out
            rows: Array = (inside - first).astype(np.int64)
            return rows
        rows = np.searchsorted(self.numbers, inside)
        found: Array = rows[self.numbers[rows] == inside]
        return found

    def passages(self, rows: Array) -> Array:
        """The places of the passages of some articles, which are given by their rows; both ascending."""
        starts, ends = self.starts[rows].astype(np.int64), self.starts[rows + 1].astype(np.int64)
        counts = ends - starts
        # Within an article, places follow each other; between two, they jump.
        found: Array = np.repeat(ends - np.cumsum(counts), counts) + np.arange(counts.sum())
        return found

    def codes_of(self, row: int) -> Array:
        """The vectors of an article's passages as bytes, int8[passages, dimension]."""
        codes: Array = self.codes[int(self.starts[row]) : int(self.starts[row + 1])]
        return codes

    def vectors(self, row: int) -> Array:
        """The vectors of an article's passages, float32[passages, dimension]."""
        passages = slice(int(self.starts[row]), int(self.starts[row + 1]))
        found: Array = self.codes[passages] * self.scales[passages, np.newaxis]
        return found

    def similarity(self, row: int, vector: Array) -> float | None:
        """The cosine of a unit vector and the nearest passage of an article; None if it has no passage."""
        passages = slice(int(self.starts[row]), int(self.starts[row + 1]))
        cosines = self.codes[passages].astype(np.float32) @ vector * self.scales[passages]
        return float(cosines.max()) if len(cosines) else None


def encode_vectors(vectors: Mapping[int, Array], dimension: int) -> VectorFile:
    """The vectors of articles, float32[passages, dimension] each, by the articles' numbers in the archive."""
    numbers = sorted(vectors)
    starts = np.zeros(len(numbers) + 1, np.uint64)
    np.cumsum([len(vectors[number]) for number in numbers], out=starts[1:], dtype=np.uint64)
    values = np.concatenate([np.zeros((0, dimension), np.float32), *(vectors[number] for number in numbers)])
    scales = (np.abs(values).max(axis=1, initial=0) / _STEPS).astype(np.float32)
    codes = np.rint(values / np.where(scales > 0, scales, 1)[:, np.newaxis]).astype(np.int8)
    return VectorFile(np.array(numbers, np.uint64), starts, scales, codes)


def merge_files(files: Sequence[VectorFile], *, oldest: bool) -> VectorFile:
    """The vectors of several files, from the oldest to the newest, in one: of each article those of the newest.

    If there is no older file besides these (`oldest`), articles without passages are left out.
    """
    newest: dict[int, tuple[int, int]] = {}
    for at, file in enumerate(files):
        newest.update((number, (at, row)) for row, number in enumerate(file.numbers.tolist()))
    kept: list[tuple[int, int, int, int]] = []
    for number in sorted(newest):
        at, row = newest[number]
        start, end = int(files[at].starts[row]), int(files[at].starts[row + 1])
        if start < end or not oldest:
            kept.append((number, at, start, end))
    starts = np.zeros(len(kept) + 1, np.uint64)
    np.cumsum([end - start for _, _, start, end in kept], out=starts[1:], dtype=np.uint64)
    none = files[0].scales[:0], files[0].codes[:0]
    scales = np.concatenate([none[0], *(files[at].scales[start:end] for _, at, start, end in kept)])
    codes = np.concatenate([none[1], *(files[at].codes[start:end] for _, at, start, end in kept)])
    return VectorFile(np.array([number for number, *_ in kept], np.uint64), starts, scales, codes)


def write_vector_file(path: Path, file: VectorFile) -> None:
    """Writes a file; it is durable once this returns, and appears under its name whole or not at all.

    Raises:
        OSError: it could not be written.
    """
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as target:
        writer = ArrayFileWriter(target)
        writer.add("numbers", file.numbers)
        writer.add("starts", file.starts)
        writer.add("scales", file.scales)
        writer.add("codes", np.ascontiguousarray(file.codes).view(np.uint8).reshape(-1))
        if file.passage_count >= SKETCHED:
            sketches = make_sketches(file.codes, file.scales)
            writer.add("centre", sketches.centre)
            writer.add("sketches", sketches.planes.reshape(-1))
        writer.finish({"dimension": file.codes.shape[1]})
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(path)


def open_vector_file(directory: Path, name: str, dimension: int, *, verify: bool = False) -> VectorFile:
    """Maps a file; its size and directory are checked, and with `verify` every byte.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedPostings: it is truncated, altered, of another version, or inconsistent.
    """
    arrays = ArrayFile(MappedFile(directory, name))
    numbers, starts, scales, codes = (arrays.array(each) for each in ("numbers", "starts", "scales", "codes"))
    if len(starts) != len(numbers) + 1 or int(starts[-1]) != len(scales) or len(codes) != len(scales) * dimension:
        raise DamagedPostings(name, "its arrays do not belong together")
    if verify:
        arrays.verify()
        if (np.diff(numbers.astype(np.int64)) <= 0).any() or (np.diff(starts.astype(np.int64)) < 0).any():
            raise DamagedPostings(name, "its articles are not in order")
    sketches = _sketches(arrays, dimension, len(scales)) if "sketches" in arrays else None
    return VectorFile(numbers, starts, scales, codes.view(np.int8).reshape(-1, dimension), sketches)


def _sketches(arrays: ArrayFile, dimension: int, passages: int) -> Sketches:
    centre, planes = arrays.array("centre"), arrays.array("sketches")
    if len(centre) != dimension or len(planes) != sketch_words(dimension) * passages:
        raise DamagedPostings(arrays.name, "its sketches do not belong to its vectors")
    return Sketches(centre, planes.reshape(-1, passages))


def similarities(files: Iterable[VectorFile], numbers: Sequence[int], vector: Array) -> list[float | None]:
    """The cosine of a unit vector and the nearest passage of each article, by its newest file; `files` are in the order
    from the oldest to the newest."""
    wanted = np.array(numbers, np.uint64)
    found: list[float | None] = [None] * len(numbers)
    unseen = np.ones(len(numbers), np.bool_)
    for file in reversed(list(files)):
        rows = file.find(wanted)
        for at in np.flatnonzero(unseen & (rows >= 0)).tolist():
            found[at] = file.similarity(int(rows[at]), vector)
            unseen[at] = False
    return found
