"""Writing a segment's postings as Whoosh passes them: one by one, sorted by field, term and document."""

from __future__ import annotations

from array import array
from contextlib import suppress
from typing import Any

import numpy as np
from whoosh.codec.base import FieldWriter, OutOfOrderError, Segment
from whoosh.fields import FieldType
from whoosh.filedb.filestore import Storage

from indexer.codec.arrays import POSTINGS_EXTENSION, FieldArrays, Kind, SegmentPostingsWriter
from indexer.codec.segment_files import LENGTHS_EXTENSION, NO_LENGTHS, Lengths, read_lengths
from indexer.codec.whoosh_reader import ValueCollector


class ColumnarFieldWriter(FieldWriter):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Collects the postings of one field at a time in arrays, and writes them when the field is finished.

    Raises:
        OutOfOrderError: fields repeat, or terms or documents do not ascend, as Whoosh's pool sorts them.
    """

    def __init__(self, storage: Storage, segment: Segment) -> None:
        self._storage = storage
        self._segment = segment
        self._file = segment.create_file(storage, POSTINGS_EXTENSION)
        self._writer = SegmentPostingsWriter(self._file)
        self._lengths = NO_LENGTHS
        self._field: str | None = None
        self._term: bytes | None = None
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: FieldType) -> None:
        """Begins a field."""
        if fieldname in self._writer:
            raise OutOfOrderError(f"the field {fieldname!r} is already written")
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
        if self._starts[-1] == len(self._docs):  # a term without postings is not written
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

    def close(self) -> None:
        """Writes the documents' lengths, which the per-document writer left in their own file, and ends the file."""
        known = self._read_lengths()
        for field, lengths in known.lengths.items():
            self._writer.add_lengths(field, lengths, known.total_lengths[field])
        self._writer.finish(self._segment.doc_count_all())
        self._file.close()
        # There may be no such file, or another program may have it open: a leftover has the same lengths.
        with suppress(OSError, NameError):
            self._storage.delete_file(self._segment.make_filename(LENGTHS_EXTENSION))
        self.is_closed = True

    def _read_lengths(self) -> Lengths:
        if self._lengths is NO_LENGTHS:  # the per-document writer may have been closed since
            self._lengths = read_lengths(self._storage, self._segment)
        return self._lengths

    def _add_lengths(self, field: str, arrays: FieldArrays) -> None:
        """Stores the lengths given with the postings if those of the documents differ or are unknown."""
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
