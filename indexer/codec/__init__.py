"""A codec for Whoosh whose postings are flat arrays in one mapped file a segment.

>>> index = create_in("directory", schema)
>>> with index.writer(codec=ColumnarCodec()) as writer:
...     writer.add_document(title="…")
>>> segment_postings(index.reader()).fields["title"].docs(0)
array([0], dtype=uint8)
"""

from indexer.codec.arrays import POSTINGS_EXTENSION, FieldArrays, Kind, SegmentWriter, write_segment_postings
from indexer.codec.codec import ColumnarCodec, segment_postings
from indexer.codec.container import DamagedPostings
from indexer.codec.field_writer import invert
from indexer.codec.merging import document_maps, merge
from indexer.codec.postings import FieldPostings, SegmentPostings

__all__ = [
    "POSTINGS_EXTENSION",
    "ColumnarCodec",
    "DamagedPostings",
    "FieldArrays",
    "FieldPostings",
    "Kind",
    "SegmentPostings",
    "SegmentWriter",
    "document_maps",
    "invert",
    "merge",
    "segment_postings",
    "write_segment_postings",
]
