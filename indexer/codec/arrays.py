"""The file of a segment's postings: what is written of each field, and its term dictionary.

The postings of a field are one sequence, sorted by term, then document; `starts` divides it into terms. The positions
are another, in the same order, divided into postings by the frequencies. A field that stores documents only has them
encoded (`indexer.codec.gaps`) if that is smaller. The terms are sorted byte strings, end to end in one blob, with a
hash table. For the layout of the file see `indexer.codec.container`; its arrays are named `FIELD NUMBER.ARRAY`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

import numpy as np

from indexer.codec import gaps
from indexer.codec.container import Array, ArrayFileWriter, Writable, smallest

POSTINGS_EXTENSION: Final = ".arr"
"""A segment's postings are in the file `SEGMENT.arr`."""

_GUIDED: Final = 64  # terms between two that are kept in memory for bisection


class Kind(StrEnum):
    """What a posting stores besides its document. Whoosh's posting values are encoded from it on request."""

    EXISTENCE = "existence"
    """Nothing."""
    FREQUENCY = "frequency"
    """The frequency."""
    POSITIONS = "positions"
    """The positions."""
    BYTES = "bytes"
    """Whoosh's value, byte for byte."""


@dataclass(slots=True)
class FieldArrays:
    """The postings of one field, ready to write: P postings of T terms, N occurrences, V bytes of values."""

    kind: Kind
    terms: Sequence[bytes]
    """[T] sorted and distinct; each has a posting."""
    starts: Array
    """[T + 1] where each term's postings start; the last item is P."""
    docs: Array
    """[P] document numbers, ascending within a term."""
    freqs: Array | None = None
    """[P] occurrences of the term in the document; None: one each."""
    weights: Array | None = None
    """[P] float32; None: the weight is the frequency."""
    positions: Array | None = None
    """[N] for `Kind.POSITIONS`, ascending within a posting."""
    values: Array | None = None
    """[V] uint8 for `Kind.BYTES`."""
    value_ends: Array | None = None
    """[P + 1] where each value starts."""
    lengths: Array | None = None
    """Tokens of the field in each document, [documents]; missing ones are 0. None: the field has no lengths."""
    length_bounds: tuple[Array, Array] | None = None
    """Shortest and longest length among each term's documents, [T] each, if they differ from those in `lengths`."""


class SegmentPostingsWriter:
    """Writes one segment's postings field by field: only one field has to be in memory."""

    def __init__(self, file: Writable) -> None:
        self._writer = ArrayFileWriter(file)
        self._fields: dict[str, dict[str, Any]] = {}
        self._lengths: dict[str, Array] = {}
        self._doc_count = 0

    def __contains__(self, field: str) -> bool:
        return field in self._fields

    def add_field(self, field: str, arrays: FieldArrays) -> None:
        """Writes a field's postings; its lengths are written when the number of documents is known.

        Raises:
            ValueError: the field is already written, or its arrays are inconsistent.
        """
        _check_shapes(field, arrays)
        entry = self._entry(field)
        if "kind" in entry:
            raise ValueError(f"the field {field!r} is already written")
        entry["kind"] = arrays.kind.value
        kept = _postings_arrays(arrays)
        if arrays.kind is Kind.EXISTENCE:
            entry["digits"] = _code_docs(kept)
        for name, array in kept.items():
            self._writer.add(f"{entry['number']}.{name}", array)
        if arrays.docs.size:
            self._doc_count = max(self._doc_count, int(arrays.docs.max()) + 1)
        if arrays.lengths is not None:
            self.add_lengths(field, arrays.lengths)

    def add_lengths(self, field: str, lengths: Array, total: int | None = None) -> None:
        """Sets the lengths of a field, [documents], and their total, by default their sum; the last call counts."""
        self._entry(field)["length"] = int(lengths.sum(dtype=np.uint64)) if total is None else total
        self._lengths[field] = lengths
        self._doc_count = max(self._doc_count, len(lengths))

    def add_column(self, name: str, numbers: Array) -> None:
        """Writes a number for each document, [documents].

        Raises:
            ValueError: the column is already written.
        """
        self._writer.add(column_name(name), smallest(numbers))
        self._doc_count = max(self._doc_count, len(numbers))

    def finish(self, doc_count: int = 0) -> None:
        """Writes lengths and directory, for at least `doc_count` documents."""
        doc_count = max(doc_count, self._doc_count)
        for field, lengths in self._lengths.items():
            entry = self._fields[field]
            if entry["length"]:
                padded = np.zeros(doc_count, smallest(lengths).dtype)
                padded[: len(lengths)] = lengths
                self._writer.add(f"{entry['number']}.lengths", padded)
        self._writer.finish({"documents": doc_count, "fields": self._fields})

    def _entry(self, field: str) -> dict[str, Any]:
        return self._fields.setdefault(field, {"number": len(self._fields)})


class TermDictionary(Sequence[bytes]):
    """The terms of a field by number, and their numbers by term. Nothing is read until it is needed.

    Args:
        blob: uint8, all terms one after the other, in the order of their bytes.
        ends: uint32 or uint64[terms + 1]: where each term starts, then where the blob ends.
        buckets: uint32[a power of two, + 1]: where each bucket of the hash table starts in `members` (`hash_terms`).
        members: uint32[terms]: the numbers of the terms, by bucket.

    Terms may be empty, and contain any bytes including NUL.
    """

    def __init__(self, blob: Array, ends: Array, buckets: Array, members: Array) -> None:
        # Reading one item of a memoryview takes a third of the time that it takes from the array.
        self._blob = blob.data
        self._ends = ends.data
        self._offsets = ends
        self._buckets = buckets.data
        self._members = members.data
        self._mask = len(buckets) - 2

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # slices are `part`, so that lookups stay quick
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        return self._blob[self._ends[number] : self._ends[number + 1]].tobytes()

    def lower_bound(self, term: bytes) -> int:
        """The number of the first term that is not less than `term`; the count of terms if there is none."""
        place = bisect_left(self._guide, term)
        return bisect_left(self, term, max(0, place - 1) * _GUIDED, min(place * _GUIDED, len(self)))

    @cached_property
    def _guide(self) -> list[bytes]:
        """Every 64th term: between two of them there is little left to bisect."""
        return [self[number] for number in range(0, len(self), _GUIDED)]

    def find(self, term: bytes) -> int:
        """The number of a term; -1 if there is no such term."""
        bucket = crc32(term) & self._mask
        for at in range(self._buckets[bucket], self._buckets[bucket + 1]):
            number = self._members[at]
            if self._blob[self._ends[number] : self._ends[number + 1]] == term:
                return number
        return -1

    def part(self, first: int, last: int) -> list[bytes]:
        """The terms from number `first` up to, not including, `last`."""
        ends = self._offsets[first : last + 1].tolist()
        if len(ends) < 2:
            return []
        base = ends[0]
        blob = self._blob[base : ends[-1]].tobytes()
        if base:
            ends = [end - base for end in ends]
        return [blob[start:end] for start, end in pairwise(ends)]


def column_name(name: str) -> str:
    """The name of a column's array."""
    return f"column.{name}"


def _check_shapes(field: str, arrays: FieldArrays) -> None:
    """Checks that the arrays are of the same terms and postings.

    Raises:
        ValueError: they are not.
    """
    postings = len(arrays.docs)
    expected: list[tuple[str, Array | None, int]] = [
        ("starts", arrays.starts, len(arrays.terms) + 1),
        ("freqs", arrays.freqs, postings),
        ("weights", arrays.weights, postings),
        ("value_ends", arrays.value_ends, postings + 1),
    ]
    for name, array, length in expected:
        if array is not None and len(array) != length:
            raise ValueError(f"{field}.{name} has {len(array)} items, not {length}")
    if int(arrays.starts[-1]) != postings:
        raise ValueError(f"{field}.starts ends at {int(arrays.starts[-1])}, not at {postings}")
    if (arrays.positions is not None) != (arrays.kind is Kind.POSITIONS):
        raise ValueError(f"{field} is of kind {arrays.kind} and has {'no ' * (arrays.positions is None)}positions")
    if (arrays.values is not None) != (arrays.kind is Kind.BYTES) or (arrays.value_ends is None) != (
        arrays.values is None
    ):
        raise ValueError(f"{field} is of kind {arrays.kind}, which its values do not suit")
    occurrences = postings if arrays.freqs is None else int(arrays.freqs.sum(dtype=np.uint64))
    if arrays.positions is not None and len(arrays.positions) != occurrences:
        raise ValueError(f"{field}.positions has {len(arrays.positions)} items, not {occurrences}")


def _postings_arrays(arrays: FieldArrays) -> dict[str, Array]:
    """The arrays of a field as they are written: without those that can be derived, each in its smallest type."""
    blob, ends = pack_terms(arrays.terms)
    buckets, members = hash_terms(arrays.terms)
    starts = arrays.starts
    kept = {
        "terms": blob,
        "term_ends": _offsets(ends),
        "term_buckets": buckets,
        "term_members": members,
        "starts": _offsets(starts),
        "docs": smallest(arrays.docs),
    }
    freqs = arrays.freqs
    if freqs is not None and freqs.size and freqs.min() == freqs.max() == 1:
        freqs = None
    if freqs is not None:
        kept["freqs"] = smallest(freqs)
        frequency = _sum_runs(freqs, starts, np.uint64)
        if arrays.positions is None:
            kept["collection_frequency"] = _offsets(frequency)
    if arrays.weights is not None:
        kept["weights"] = arrays.weights.astype(np.float32, copy=False)
        kept["collection_weight"] = _sum_runs(arrays.weights, starts, np.float64)
    if arrays.positions is not None:
        kept["positions"] = smallest(arrays.positions)
        if freqs is not None:
            runs = np.zeros(len(starts), np.int64)
            np.cumsum(frequency, dtype=np.int64, out=runs[1:])
            kept["position_starts"] = _offsets(runs)
    if arrays.values is not None and arrays.value_ends is not None:
        kept["values"] = arrays.values
        kept["value_ends"] = _offsets(arrays.value_ends)
    if arrays.length_bounds is not None:
        kept["min_length"], kept["max_length"] = map(smallest, arrays.length_bounds)
    return kept


def _code_docs(kept: dict[str, Array]) -> int:
    """Replaces a field's documents by their encoded gaps, if smaller; returns `gaps.Gaps.digits`, 0 if not replaced."""
    coded = gaps.encode(kept["docs"], kept["starts"])
    starts = _offsets(coded.starts)
    if coded.bytes.nbytes + starts.nbytes >= kept["docs"].nbytes:
        return 0
    del kept["docs"]
    kept["gaps"], kept["gap_starts"] = coded.bytes, starts
    return coded.digits


def _offsets(array: Array) -> Array:
    """As uint32, or as uint64 if that is too narrow."""
    largest = int(array.max()) if array.size else 0
    return array.astype(np.uint32 if largest < 1 << 32 else np.uint64, copy=False)


def _sum_runs(array: Array, starts: Array, dtype: Any) -> Array:
    """The sum of each term's postings, [T]. Every term has one, or `reduceat` would give a neighbour's."""
    if len(starts) < 2:
        return np.zeros(0, dtype)
    return np.add.reduceat(array, starts[:-1].astype(np.intp), dtype=dtype)


def pack_terms(terms: Sequence[bytes]) -> tuple[Array, Array]:
    """The blob (uint8) and the ends (int64[terms + 1]) of sorted terms."""
    ends = np.zeros(len(terms) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, terms), np.int64, len(terms)), out=ends[1:])
    return np.frombuffer(b"".join(terms), np.uint8), ends


def hash_terms(terms: Sequence[bytes]) -> tuple[Array, Array]:
    """The buckets and members of the hash table of some terms, uint32: two to four terms per bucket, by CRC-32.

    A look-up reads that many terms; bisecting the blob of a large field reads eighteen.
    """
    count = 1 << max(0, len(terms).bit_length() - 2)
    bucket = np.fromiter(map(crc32, terms), np.uint32, len(terms)) & np.uint32(count - 1)
    buckets = np.zeros(count + 1, np.uint32)
    np.cumsum(np.bincount(bucket, minlength=count), out=buckets[1:])
    return buckets, np.argsort(bucket, kind="stable").astype(np.uint32)
