"""`ColumnarCodec`: what Whoosh asks of a codec, and the per-document part of a segment.

Stored fields, columns and vectors are as in Whoosh's own codec. The lengths of documents are arrays, and exact, where
Whoosh's codec rounds them to a byte.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from whoosh.codec.base import Codec, Segment
from whoosh.codec.whoosh3 import W3Codec, W3PerDocReader, W3PerDocWriter
from whoosh.columns import Column, ColumnReader
from whoosh.fields import FieldType
from whoosh.filedb.filestore import Storage
from whoosh.filedb.structfile import StructFile
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer.codec.arrays import SegmentPostingsWriter
from indexer.codec.container import Array
from indexer.codec.field_writer import ColumnarFieldWriter
from indexer.codec.postings import SegmentPostings
from indexer.codec.segment_files import (
    LENGTHS_EXTENSION,
    ColumnarSegment,
    MappedStructFile,
    open_lengths,
    open_postings,
)
from indexer.codec.whoosh_reader import ColumnarTermsReader


class ColumnarCodec(W3Codec):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Whoosh's own codec with other postings, term dictionary and field lengths.

    Whoosh's table of contents stores the codec of each segment. So an index may have segments of both codecs, and is
    opened like any other where this package can be imported.

    Args:
        blocklimit: postings per block: Whoosh's matchers skip whole blocks by their best score.
        round_lengths: round lengths as Whoosh's codec does, to those that a byte can encode. Scores are then the same
            as with Whoosh's codec; otherwise they are those of the exact lengths.
        stored_terms: fields of one term per document, in UTF-8, which is also the stored value. Nothing is stored for
            them: the value is read from the postings.
        options: those of Whoosh's codec, for vectors.
    """

    def __init__(
        self, blocklimit: int = 128, *, round_lengths: bool = False, stored_terms: Sequence[str] = (), **options: Any
    ) -> None:
        super().__init__(blocklimit, **options)
        self._round_lengths = round_lengths
        self._stored_terms = tuple(stored_terms)

    def per_document_writer(self, storage: Storage, segment: Segment) -> ColumnarPerDocumentWriter:
        """A writer of stored fields, columns, vectors and lengths."""
        return ColumnarPerDocumentWriter(self, storage, segment, self._stored_terms, round_lengths=self._round_lengths)

    def field_writer(self, storage: Storage, segment: Segment) -> ColumnarFieldWriter:
        """A writer of postings."""
        return ColumnarFieldWriter(storage, segment)

    def terms_reader(self, storage: Storage, segment: Segment) -> ColumnarTermsReader:
        """A reader of terms and postings."""
        return ColumnarTermsReader(open_postings(storage, segment), self._blocklimit)

    def per_document_reader(self, storage: Storage, segment: Segment) -> ColumnarPerDocumentReader:
        """A reader of stored fields, columns, vectors and lengths."""
        return ColumnarPerDocumentReader(storage, segment, self._stored_terms)

    def new_segment(self, storage: Storage, indexname: str) -> ColumnarSegment:
        """A new, empty segment."""
        return ColumnarSegment(self, indexname)


def segment_postings(reader: Any) -> SegmentPostings | None:
    """The arrays behind one of Whoosh's segment readers; None if another codec wrote the segment."""
    terms = getattr(reader, "_terms", None)
    return terms.postings if isinstance(terms, ColumnarTermsReader) else None


class ColumnarPerDocumentWriter(W3PerDocWriter):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Writes documents one by one, and at the end the file of their lengths.

    Args:
        stored_terms, round_lengths: see `ColumnarCodec`.
    """

    def __init__(
        self, codec: Codec, storage: Storage, segment: Segment, stored_terms: Sequence[str], *, round_lengths: bool
    ) -> None:
        super().__init__(codec, storage, segment)
        self._stored_terms = stored_terms
        self._round_lengths = round_lengths
        self._lengths: dict[str, tuple[array[int], array[int]]] = {}
        self._document_lengths: dict[str, int] = {}

    def add_field(self, fieldname: str, fieldobj: FieldType, value: Any, length: int | None) -> None:
        """Adds a field's stored value and its length."""
        super().add_field(fieldname, fieldobj, None if fieldname in self._stored_terms else value, 0)
        if length:
            self._document_lengths[fieldname] = length

    def add_vector_items(self, fieldname: str, fieldobj: FieldType, items: Any) -> None:
        """Adds a field's vector, or none if it has no terms (for which Whoosh's own codec fails on an iterator)."""
        super().add_vector_items(fieldname, fieldobj, list(items))

    def finish_doc(self) -> None:
        """Ends the document."""
        super().finish_doc()
        for name, length in self._document_lengths.items():
            docs, lengths = self._lengths.setdefault(name, (array("Q"), array("Q")))
            docs.append(self._docnum)
            lengths.append(length)
        self._document_lengths = {}

    def cancel_doc(self) -> None:
        """Discards the current document."""
        self._document_lengths = {}
        super().cancel_doc()

    def close(self) -> None:
        """Ends the documents and writes their lengths."""
        super().close()
        file = self._segment.create_file(self._storage, LENGTHS_EXTENSION)
        writer = SegmentPostingsWriter(file)
        for name, (docs, lengths) in self._lengths.items():
            found = np.zeros(self._doccount, np.uint64)
            found[np.array(docs, np.intp)] = (
                [round_length(length) for length in lengths] if self._round_lengths else lengths
            )
            writer.add_lengths(name, found, sum(lengths))
        writer.finish(self._doccount)
        file.close()


class ColumnarPerDocumentReader(W3PerDocReader):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Reads stored fields, columns, vectors and lengths. Threads may share it.

    Raises:
        DamagedPostings, FileNotFoundError: the lengths cannot be read.
    """

    def __init__(self, storage: Storage, segment: Segment, stored_terms: Sequence[str]) -> None:
        super().__init__(storage, segment)
        self._stored_terms = stored_terms
        self._term_numbers: dict[str, Array] = {}
        self._lock = Lock()
        self._storage_maps = getattr(storage, "supports_mmap", False)
        self._file = open_lengths(storage, segment)
        self._length_arrays = dict(self._file.lengths)
        self._total_lengths = self._file.total_lengths
        self._length_views = {name: lengths.data for name, lengths in self._length_arrays.items()}

    def close(self) -> None:
        """Closes the files."""
        super().close()
        self._length_arrays, self._length_views, self._term_numbers = {}, {}, {}
        self._file.close()

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored values of a document; those of the codec's `stored_terms` come from their postings."""
        stored = dict(super().stored_fields(docnum)) if self._has_stored_column else {}
        for name in self._stored_terms:
            if (field := self._file.fields.get(name)) is None:
                continue
            if name not in self._term_numbers:
                self._term_numbers[name] = field.term_of_documents()
            if (number := int(self._term_numbers[name][docnum])) >= 0:
                stored[name] = field.term(number).decode("utf-8", "surrogatepass")
        return stored

    def column_reader(self, fieldname: str, column: Column) -> ColumnReader:
        """A reader of a column's values, which threads may share."""
        with self._lock:  # some kinds of columns read their header at the file's position
            return super().column_reader(fieldname, column)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Tokens of a field in a document, exact; `default` if it has none.

        Raises:
            IndexError: there is no such document.
        """
        if docnum > self._doccount:
            raise IndexError(f"there is no document {docnum} among {self._doccount}")
        lengths = self._length_views.get(fieldname)
        return default if lengths is None else lengths[docnum] or default

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Callable[[int], int]:
        """`doc_field_length` of one field, as a function of the document."""
        lengths = self._length_views.get(fieldname)
        if lengths is None:
            return lambda docnum: default
        return lambda docnum: lengths[docnum] or default

    def field_length(self, fieldname: str) -> int:
        """Tokens of a field in all documents, including deleted ones."""
        return self._total_lengths.get(fieldname, 0)

    def min_field_length(self, fieldname: str) -> int:
        """The fewest tokens of a field in a document: 0 if one has none."""
        lengths = self._length_arrays.get(fieldname)
        return 0 if lengths is None else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """The most tokens of a field in a document."""
        lengths = self._length_arrays.get(fieldname)
        return 0 if lengths is None else int(lengths.max())

    @cached_property
    def _has_stored_column(self) -> bool:
        return bool(self.has_column("_stored"))

    def _get_column_file(self, fieldname: str) -> tuple[StructFile, int, int]:
        file, offset, length = super()._get_column_file(fieldname)
        if length and file.is_real and self._storage_maps:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            file.close()
            file = MappedStructFile(mapping, fieldname)
        return file, offset, length


def round_length(length: int) -> int:
    """A length as Whoosh's codec stores it."""
    return int(byte_to_length(length_to_byte(length)))
