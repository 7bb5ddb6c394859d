"""The stems of a segment that are similar to a given one (`indexer.analysis.likeness`).

A file of arrays beside the segment's postings lists the stems of each trigram, so that a look-up reads a few kilobytes
and scans no vocabulary.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from whoosh.codec.base import Segment

from indexer.analysis.likeness import ENDS, LEAST_LIKENESS, MOST_LIKE
from indexer.codec import ArrayFile, ArrayFileWriter, DamagedPostings, MappedFile, open_postings

EXTENSION: Final = ".sim"
FIELD: Final = "text_stem"
_REMEMBERED: Final = 10_000  # stems: a search looks each up twice, to score and to highlight
_BITS: Final = 21  # of a code point


def write_similar(storage: Any, segment: Segment) -> None:
    """Writes the trigrams of the stems of a segment whose postings are already written."""
    postings = open_postings(storage, segment)
    field = postings.fields[FIELD]
    grams, numbers, counts = _all_trigrams(field.terms())
    del field
    postings.close()
    order = np.argsort(grams, kind="stable")
    grams, numbers = grams[order], numbers[order]
    distinct, starts = np.unique(grams, return_index=True)
    file = segment.create_file(storage, EXTENSION)
    writer = ArrayFileWriter(file)
    writer.add("grams", distinct)
    writer.add("starts", np.append(starts, len(grams)).astype(np.uint32))
    writer.add("stems", numbers.astype(np.uint32))
    writer.add("counts", np.minimum(counts, 255).astype(np.uint8))
    writer.finish({})
    file.close()


class SimilarStems:
    """The trigrams of one segment's stems, memory-mapped."""

    def __init__(self, storage: Any, segment: Segment) -> None:
        """Opens the file.

        Raises:
            DamagedPostings: it is truncated or altered.
            FileNotFoundError: it is missing.
        """
        self._file = ArrayFile(MappedFile(storage, segment.make_filename(EXTENSION)))
        self._grams = self._file.array("grams")
        self._starts = self._file.array("starts")
        self._stems = self._file.array("stems")
        self._counts = self._file.array("counts")
        self._found: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def like(self, stem: str) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the other stems similar to this one, and their likeness, most similar first; [found] each."""
        found = self._found.get(stem)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[stem] = self._find(stem)
        return found

    def _find(self, stem: str) -> tuple[np.ndarray, np.ndarray]:
        grams = np.array(sorted(set(_trigrams(stem).tolist())), np.uint64)
        places = np.searchsorted(self._grams, grams)
        inside = places < len(self._grams)
        places = places[inside][self._grams[places[inside]] == grams[inside]]
        runs = [self._stems[self._starts[place] : self._starts[place + 1]] for place in places.tolist()]
        if not runs:
            return np.zeros(0, np.uint32), np.zeros(0, np.float32)
        stems = np.concatenate(runs)
        if len(stems) and int(stems.max()) >= len(self._counts):
            raise DamagedPostings(self._file.name, "a trigram belongs to an unknown stem")
        shared = np.bincount(stems)
        # A stem has at least as many trigrams as it shares, so sharing less than a third of these is never enough.
        found = np.flatnonzero(3 * shared >= len(grams))
        likeness = (2.0 * shared[found] / (len(grams) + self._counts[found])).astype(np.float32)
        kept = (likeness >= LEAST_LIKENESS) & (likeness < 1)
        found, likeness = found[kept], likeness[kept]
        order = np.lexsort((found, -likeness))[:MOST_LIKE]
        return found[order], likeness[order]

    def verify(self) -> None:
        """Compares checksums; see `ArrayFile.verify`."""
        self._file.verify()


@cache
def _shifts() -> tuple[np.uint64, np.uint64]:
    return np.uint64(2 * _BITS), np.uint64(_BITS)


def _trigrams(text: str) -> np.ndarray:
    codes = np.frombuffer(f"{ENDS}{text}{ENDS}".encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    return _packed(codes)


def _packed(codes: np.ndarray) -> np.ndarray:
    high, low = _shifts()
    packed: np.ndarray = (codes[:-2] << high) | (codes[1:-1] << low) | codes[2:]
    return packed


def _all_trigrams(terms: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct trigrams of each stem: trigrams, stem numbers, [pairs] each; and how many each stem has."""
    words = [term.decode("utf-8", "surrogatepass") for term in terms]
    joined = ENDS.join(["", *words, ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(words) == 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.zeros(0, np.int64)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    # A stem of n letters has n trigrams: the first starts at the mark before it, the last ends at the mark after it.
    starts = np.concatenate(([0], np.cumsum(lengths + 1)[:-1]))
    owner = np.repeat(np.arange(len(words), dtype=np.uint32), lengths)
    window = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(starts, lengths)
    grams = _packed(codes)[window]
    order = np.lexsort((grams, owner))
    grams, owner = grams[order], owner[order]
    new = np.ones(len(grams), np.bool_)
    new[1:] = (grams[1:] != grams[:-1]) | (owner[1:] != owner[:-1])
    grams, owner = grams[new], owner[new]
    return grams, owner, np.bincount(owner, minlength=len(words))
