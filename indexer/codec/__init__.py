"""A columnar codec for Whoosh: flat arrays with checksums in one memory-mapped file per segment.

It is a library of its own, imports nothing else of Arshif, and works for any Whoosh index:

>>> index = create_in("notes", Schema(path=ID(stored=True), body=TEXT))
>>> with index.writer(codec=ColumnarCodec()) as writer:
...     writer.add_document(path="/a", body="postings in flat arrays")
>>> body = segment_postings(index.reader()).fields["body"]
>>> body.docs(body.find(b"arrays"))
array([0], dtype=uint8)

The arrays are in `container`, `arrays`, `gaps`, `postings`, `inversion` and `merging`: programs that write and read
whole fields need only these. Whoosh's interface is in `codec`, `field_writer`, `whoosh_reader` and `segment_files`.
"""

from indexer.codec.arrays import POSTINGS_EXTENSION, FieldArrays, Kind, SegmentPostingsWriter
from indexer.codec.codec import ColumnarCodec, segment_postings
from indexer.codec.container import ArrayFile, ArrayFileWriter, DamagedPostings, MappedFile
from indexer.codec.inversion import invert
from indexer.codec.merging import document_maps, merge
from indexer.codec.postings import FieldPostings, SegmentPostings
from indexer.codec.segment_files import ColumnarSegment, open_postings

__all__ = [
    "POSTINGS_EXTENSION",
    "ArrayFile",
    "ArrayFileWriter",
    "ColumnarCodec",
    "ColumnarSegment",
    "DamagedPostings",
    "FieldArrays",
    "FieldPostings",
    "Kind",
    "MappedFile",
    "SegmentPostings",
    "SegmentPostingsWriter",
    "document_maps",
    "invert",
    "merge",
    "open_postings",
    "segment_postings",
]
