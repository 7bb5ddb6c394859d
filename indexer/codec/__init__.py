"""Postings of a segment as flat arrays in one mapped file."""

from indexer.codec.arrays import POSTINGS_EXTENSION, FieldArrays, Kind, SegmentWriter, write_segment_postings
from indexer.codec.errors import DamagedPostings
from indexer.codec.inversion import invert
from indexer.codec.merging import document_maps, merge
from indexer.codec.postings import FieldPostings, SegmentPostings

__all__ = [
    "POSTINGS_EXTENSION",
    "DamagedPostings",
    "FieldArrays",
    "FieldPostings",
    "Kind",
    "SegmentPostings",
    "SegmentWriter",
    "document_maps",
    "invert",
    "merge",
    "write_segment_postings",
]
