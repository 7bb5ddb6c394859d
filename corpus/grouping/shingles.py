"""What a text says, as numbers that can be compared: its shingles, and a small sketch of them.

A *shingle* is a run of three folded words (Broder, "On the resemblance and containment of documents", 1997), kept as
a 64-bit hash. Folding makes papers that spell differently print the same words. A *sketch* is the sixteen smallest
hashes: a sample that any two texts draw alike, so that the share of it that they have in common tells how much of the
texts is.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np

from corpus.letters import fold
from corpus.tokenizer import WORD

SHINGLE_WORDS: Final = 3

SKETCH_SIZE: Final = 16

# Distinct printed words whose hashes are remembered: about 60 MB.
_MEMO_LIMIT: Final = 300_000
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


class _WordHashes(dict[str, int]):
    """Printed word → hash of its form, the same on every machine; 0 for a word that is nothing but marks."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        form = fold(word).encode("utf-8", "surrogatepass")
        value = self[word] = int.from_bytes(blake2b(form, digest_size=8).digest(), "little") if form else 0
        return value


_hashes: Final = _WordHashes()


def shingles(text: str) -> np.ndarray:
    """The distinct shingles of a text, ascending; uint64. None in a text of fewer than three words."""
    printed = WORD.findall(text)
    words = np.fromiter(map(_hashes.__getitem__, printed), np.uint64, len(printed))
    words = words[words != 0]
    count = len(words) - SHINGLE_WORDS + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for place in range(SHINGLE_WORDS):
        mixed = _mix(mixed * _GOLDEN + words[place : place + count])
    return np.unique(mixed)


def sketch(all_shingles: np.ndarray) -> list[int]:
    """The low 32 bits of the smallest hashes, as signed numbers; all hashes of a short text.

    A chance collision of 32 bits makes a candidate that the comparison of whole texts refuses.
    """
    # The smallest hashes of any text have much the same high bits: the low ones tell them apart.
    smallest = all_shingles[:SKETCH_SIZE].astype(np.uint32).view(np.int32)
    numbers: list[int] = np.unique(smallest).tolist()
    return numbers


def shared(a: np.ndarray, b: np.ndarray) -> int:
    """How many hashes two ascending arrays have in common."""
    if len(a) > len(b):
        a, b = b, a
    if not len(a):
        return 0
    places = np.searchsorted(b, a)
    places[places == len(b)] = 0
    return int(np.count_nonzero(b[places] == a))


def _mix(values: np.ndarray) -> np.ndarray:
    """Spreads each bit over all others (the last step of splitmix64: Steele, Lea and Flood, 2014); uint64, wrapping."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
