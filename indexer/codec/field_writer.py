"""Writing a segment's postings as Whoosh hands them over: one by one, sorted by field, term and document.

From tokens in the order of the documents to postings in the order of the terms.

One sort, and nothing of Python's per token: each token's term, document and position are packed into one integer, so
that sorting the integers leaves all three in their places, with no index array to gather by afterwards.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from whoosh.codec.base import FieldWriter, OutOfOrderError, Segment
from whoosh.fields import FieldType
from whoosh.filedb.filestore import Storage

from indexer.codec.arrays import POSTINGS_EXTENSION, FieldArrays, Kind, SegmentWriter
from indexer.codec.container import Array
from indexer.codec.segment_files import LENGTHS_EXTENSION, NO_LENGTHS, Lengths, read_lengths
from indexer.codec.whoosh_reader import ValueCollector


class ColumnarFieldWriter(FieldWriter):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Collects one field at a time as arrays, and writes them when the field is finished.

    Raises:
        OutOfOrderError: terms or documents do not come in order, as Whoosh's pool has them.
    """

    def __init__(self, storage: Storage, segment: Segment) -> None:
        self._storage = storage
        self._segment = segment
        self._file = segment.create_file(storage, POSTINGS_EXTENSION)
        self._writer = SegmentWriter(self._file)
        self._lengths = NO_LENGTHS
        self._field: str | None = None
        self._term: bytes | None = None
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: FieldType) -> None:
        """Begins a field."""
        if fieldname in self._writer:
            raise OutOfOrderError(f"the field {fieldname!r} comes a second time")
        self._field = fieldname
        self._terms: list[bytes] = []
        self._starts = array("Q")
        self._docs = array("Q")
        self._weights = array("f")
        self._doc_lengths = array("Q")
        self._values = ValueCollector(fieldobj.format)
        self._term = None

    def start_term(self, btext: bytes) -> None:
        """Begins a term of the field."""
        if self._field is None:
            raise ValueError("a term begins before its field")
        if self._terms and btext <= self._terms[-1]:
            raise OutOfOrderError(f"{self._field}:{self._terms[-1]!r} .. {self._field}:{btext!r}")
        self._terms.append(btext)
        self._starts.append(len(self._docs))
        self._term = btext
        self._last = -1

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int | None) -> None:
        """Adds a posting of the term."""
        if docnum < self._last:
            raise OutOfOrderError(f"{self._field}:{self._term!r} in document {self._last} .. {docnum}")
        self._last = docnum
        self._docs.append(docnum)
        self._weights.append(weight)
        self._doc_lengths.append(length or 0)
        self._values.add(vbytes)

    def finish_term(self) -> None:
        """Ends the term."""
        if self._starts[-1] == len(self._docs):  # a term without postings is none
            self._terms.pop()
            self._starts.pop()
        self._term = None

    def finish_field(self) -> None:
        """Ends the field and writes it."""
        if self._field is None:
            raise ValueError("a field ends before it has begun")
        docs = np.array(self._docs, np.uint64)
        starts = np.append(np.array(self._starts, np.int64), len(docs))
        arrays = FieldArrays(Kind.BYTES, self._terms, starts, docs)
        self._values.fill(arrays, np.array(self._weights, np.float32))
        self._add_lengths(self._field, arrays)
        self._writer.add_field(self._field, arrays)
        self._field = None

    def write_field(self, fieldname: str, arrays: FieldArrays) -> None:
        """Writes a whole field that was inverted or merged as arrays, instead of `start_field` to `finish_field`.

        Lengths that the per-document writer was given count more than those in the arrays.

        Raises:
            ValueError: the field is already written, or its arrays do not fit together.
        """
        self._writer.add_field(fieldname, arrays)

    def write_column(self, name: str, numbers: Array) -> None:
        """Writes a number for each document, [documents]."""
        self._writer.add_column(name, numbers)

    def close(self) -> None:
        """Writes the documents' lengths, which the per-document writer kept in a file of their own till now."""
        known = self._read_lengths()
        for field, lengths in known.lengths.items():
            self._writer.add_lengths(field, lengths, known.total_lengths[field])
        self._writer.finish(self._segment.doc_count_all())
        self._file.close()
        with suppress(
            OSError, NameError
        ):  # there is none, or a scanner is reading it: then it stays, and says the same
            self._storage.delete_file(self._segment.make_filename(LENGTHS_EXTENSION))
        self.is_closed = True

    def _read_lengths(self) -> Lengths:
        if self._lengths is NO_LENGTHS:  # perhaps only not yet
            self._lengths = read_lengths(self._storage, self._segment)
        return self._lengths

    def _add_lengths(self, field: str, arrays: FieldArrays) -> None:
        """Sees whether the lengths given with the postings are those of the documents; keeps them where not."""
        given = np.array(self._doc_lengths, np.uint64)
        if not given.any():
            return
        known = self._read_lengths().lengths.get(field)
        docs = arrays.docs.astype(np.intp)
        if known is None or docs.max() >= len(known):
            known = np.zeros(int(docs.max()) + 1, np.uint64)
            known[docs] = given
            arrays.lengths = known
        if not np.array_equal(known[docs], given):
            firsts = arrays.starts[:-1].astype(np.intp)
            longest: Any = np.maximum.reduceat(given, firsts)
            unknown = np.iinfo(np.uint64).max
            shortest = np.minimum.reduceat(np.where(given == 0, np.uint64(unknown), given), firsts)
            arrays.length_bounds = (np.where(longest == 0, 0, shortest), longest)


def invert(
    term_numbers: Array,
    doc_numbers: Array,
    positions: Array | None,
    terms: Sequence[bytes],
    *,
    kind: Kind | None = None,
    doc_count: int | None = None,
    has_lengths: bool = True,
) -> FieldArrays:
    """Inverts one field of some documents.

    Args:
        term_numbers: each token's index in `terms`, [tokens], whole numbers.
        doc_numbers: each token's document, [tokens].
        positions: each token's position in its document, [tokens]; None when they are not kept.
        terms: all different, in any order; those that no token has are left out.
        kind: what Whoosh's format of the field is; by default positions if there are any, else frequencies. With
            `Kind.EXISTENCE` a document counts once for a term.
        doc_count: documents in the segment; by default up to the last one with a token.
        has_lengths: whether the field is scored by its length (Whoosh's `scorable`).

    Raises:
        ValueError: a token's term is not in `terms`, or the arrays differ in length.
    """
    if kind is None:
        kind = Kind.FREQUENCY if positions is None else Kind.POSITIONS
    tokens = len(term_numbers)
    if len(doc_numbers) != tokens or (positions is not None and len(positions) != tokens):
        raise ValueError("there must be a document, and a position if any, for each token")
    if tokens and not 0 <= int(term_numbers.min()) <= int(term_numbers.max()) < len(terms):
        raise ValueError("a token's term is not among the terms")
    if tokens and (int(doc_numbers.min()) < 0 or (positions is not None and int(positions.min()) < 0)):
        raise ValueError("documents and positions are counted from 0")
    order, ranks = _rank(term_numbers, terms)
    rank_of_token = ranks[term_numbers]
    columns = [rank_of_token, doc_numbers] if positions is None else [rank_of_token, doc_numbers, positions]
    ranked = sort_rows(columns)
    term_rank, docs = ranked[0], ranked[1]

    new_term = _changes(term_rank)
    new_posting = new_term | _changes(docs)
    firsts = np.flatnonzero(new_posting)
    freqs: Array | None = np.diff(firsts, append=tokens)
    starts = np.append(np.flatnonzero(new_term[firsts]), len(firsts))
    if kind is Kind.EXISTENCE:
        freqs = None
    lengths = None
    if has_lengths:
        lengths = np.bincount(doc_numbers, minlength=doc_count or 0)
    return FieldArrays(
        kind=kind,
        terms=[terms[number] for number in order],
        starts=starts,
        docs=docs[firsts],
        freqs=freqs,
        positions=ranked[2] if kind is Kind.POSITIONS else None,
        lengths=lengths,
    )


def sort_rows(columns: Sequence[Array]) -> list[Array]:
    """Sorts rows given as columns of whole numbers, none negative, by the first column, then the second, …"""
    if not len(columns[0]):
        return [np.asarray(column) for column in columns]
    bits = [int(column.max()).bit_length() for column in columns]
    if sum(bits) > 64:
        order = np.lexsort(columns[::-1])
        return [column[order] for column in columns]
    keys: Any = columns[0].astype(np.uint64 if sum(bits) > 32 else np.uint32)
    dtype = keys.dtype.type
    for column, width in zip(columns[1:], bits[1:], strict=True):
        keys <<= dtype(width)
        keys |= column.astype(dtype, copy=False)
    keys.sort()
    found: list[Array] = []
    for column, width in zip(reversed(columns[1:]), reversed(bits[1:]), strict=True):
        found.append((keys & dtype((1 << width) - 1)).astype(np.min_scalar_type(int(column.max()))))
        keys >>= dtype(width)
    found.append(keys)
    return found[::-1]


def _rank(term_numbers: Array, terms: Sequence[bytes]) -> tuple[list[int], Array]:
    """The numbers of the terms that occur, in the order of their bytes, and the place there of each number."""
    occurs = np.bincount(term_numbers, minlength=len(terms)).tolist() if len(term_numbers) else [0] * len(terms)
    order = [number for number in range(len(terms)) if occurs[number]]
    order.sort(key=terms.__getitem__)
    ranks = np.zeros(len(terms), np.uint32)
    ranks[order] = np.arange(len(order), dtype=np.uint32)
    return order, ranks


def _changes(array: Array) -> Array:
    """True where an item differs from the one before, and at the first."""
    changes = np.ones(len(array), np.bool_)
    np.not_equal(array[1:], array[:-1], out=changes[1:])
    return changes
