"""A codec for anyone's Whoosh index: `index.writer(codec=ColumnarCodec())`."""

from __future__ import annotations

from typing import Any

from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import Storage

from indexer.codec.field_writer import ColumnarFieldWriter
from indexer.codec.per_document import ColumnarPerDocumentReader, ColumnarPerDocumentWriter
from indexer.codec.postings import SegmentPostings
from indexer.codec.segment_files import ColumnarSegment, open_postings
from indexer.codec.terms_reader import ColumnarTermsReader


class ColumnarCodec(W3Codec):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Whoosh's own codec with other postings, term dictionary and field lengths.

    Stored fields, columns and vectors are Whoosh's. The table of contents keeps the codec with each segment, so that an
    index may hold segments of both, and is opened as any other, wherever this package can be imported.

    Args:
        blocklimit: postings that Whoosh's matchers weigh together, and skip together.
        round_lengths: write lengths rounded to those that a byte can tell, as Whoosh's codec does. Scores are then the
            same as on an index of Whoosh's codec; else they are those of the exact lengths.
        options: those of Whoosh's codec, for vectors.
    """

    def __init__(self, blocklimit: int = 128, *, round_lengths: bool = False, **options: Any) -> None:
        super().__init__(blocklimit, **options)
        self._round_lengths = round_lengths

    def per_document_writer(self, storage: Storage, segment: Segment) -> ColumnarPerDocumentWriter:
        """A writer of stored fields, columns, vectors and lengths."""
        return ColumnarPerDocumentWriter(self, storage, segment, round_lengths=self._round_lengths)

    def field_writer(self, storage: Storage, segment: Segment) -> ColumnarFieldWriter:
        """A writer of postings."""
        return ColumnarFieldWriter(storage, segment)

    def terms_reader(self, storage: Storage, segment: Segment) -> ColumnarTermsReader:
        """A reader of terms and postings."""
        return ColumnarTermsReader(open_postings(storage, segment), self._blocklimit)

    def per_document_reader(self, storage: Storage, segment: Segment) -> ColumnarPerDocumentReader:
        """A reader of stored fields, columns, vectors and lengths."""
        return ColumnarPerDocumentReader(storage, segment)

    def new_segment(self, storage: Storage, indexname: str) -> ColumnarSegment:
        """A new, empty segment."""
        return ColumnarSegment(self, indexname)


def segment_postings(reader: Any) -> SegmentPostings | None:
    """The arrays behind one of Whoosh's segment readers; None if another codec wrote the segment."""
    terms = getattr(reader, "_terms", None)
    return terms.postings if isinstance(terms, ColumnarTermsReader) else None
