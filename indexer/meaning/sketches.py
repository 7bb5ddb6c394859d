"""Sketches: one bit for each number of a vector, to find which of many vectors may be near a query's.

The bit says whether the number is above the mean of that number in the file, its *centre*: the vectors of some encoders
all point nearly the same way, and without a centre nearly all of their bits would be equal. A query's sketch has a
second bit for each number, set where it is far from the centre; where such a number has another sign than a vector's,
it counts three times. docs/meaning.md has what this finds and what it misses.

Sketches are kept as planes, uint64[words, vectors]: the first 64 bits of all vectors, then the next, so that each
operation reads memory from end to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_WORD: Final = np.dtype("<u8")
_BITS: Final = 64
_BLOCK: Final = 16384  # vectors that are compared at a time: what one step needs stays in the processor's cache
_FAR: Final = 0.98  # standard deviations: two levels fit numbers with a normal distribution best if they part here


class Sketches(NamedTuple):
    """The sketches of a file's vectors."""

    centre: Array
    """float32[dimension]"""
    planes: Array
    """uint64[words, vectors]"""


def sketch_words(dimension: int) -> int:
    """Words of 64 bits in a sketch."""
    return -(-dimension // _BITS)


def make_sketches(codes: Array, scales: Array) -> Sketches:
    """The sketches of vectors. A vector is `codes`, int8[vectors, dimension], times its number in `scales`."""
    count, dimension = codes.shape
    total = np.zeros(dimension, np.float64)
    for block in _blocks(count):
        total += scales[block] @ codes[block].astype(np.float32)
    centre = (total / max(count, 1)).astype(np.float32)
    planes = np.empty((sketch_words(dimension), count), _WORD)
    for block in _blocks(count):
        planes[:, block] = _words(codes[block] * scales[block, np.newaxis] > centre).T
    return Sketches(centre, planes)


def distances(vector: Array, sketches: Sketches, chosen: Array | None = None) -> Array:
    """How far sketches are from a vector's, uint16[vectors]; with `chosen`, those of these places."""
    moved, planes = vector - sketches.centre, sketches.planes
    size = np.abs(moved)
    signs = _words(moved[np.newaxis] > 0)[0]
    far = _words(size[np.newaxis] > _FAR * np.sqrt(np.mean(size**2)))[0]
    found = np.zeros(planes.shape[1] if chosen is None else len(chosen), np.uint16)
    differences = np.empty(_BLOCK, _WORD)
    counts, counts_far = np.empty(_BLOCK, np.uint8), np.empty(_BLOCK, np.uint8)
    for block in _blocks(len(found)):
        distance = found[block]
        differing, count, count_far = (buffer[: len(distance)] for buffer in (differences, counts, counts_far))
        for plane, sign, mask in zip(planes, signs, far, strict=True):
            np.bitwise_xor(plane[block] if chosen is None else plane[chosen[block]], sign, out=differing)
            np.bitwise_count(differing, out=count)
            np.bitwise_and(differing, mask, out=differing)
            np.bitwise_count(differing, out=count_far)
            count += count_far
            count += count_far
            distance += count
    return found


def least(found: Array, most: int) -> Array:
    """The places of the `most` least distances, ascending; of equal ones the first."""
    if len(found) <= most:
        return np.arange(len(found))
    # Distances are small integers, and counting them is faster than sorting.
    low, high = 0, int(np.iinfo(found.dtype).max)
    while low < high:
        middle = (low + high) // 2
        if np.count_nonzero(found <= middle) >= most:
            high = middle
        else:
            low = middle + 1
    less = np.flatnonzero(found < low)
    return np.sort(np.concatenate([less, np.flatnonzero(found == low)[: most - len(less)]]))


def _words(bits: Array) -> Array:
    """Bits, bool[vectors, dimension], as words, uint64[vectors, words]."""
    padded = np.zeros((len(bits), sketch_words(bits.shape[1]) * _BITS), np.bool_)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1).view(_WORD)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
