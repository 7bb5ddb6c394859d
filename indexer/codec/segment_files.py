"""The files of a segment, and opening them: beside each other, or in Whoosh's compound file."""

from __future__ import annotations

from mmap import mmap
from shutil import copyfileobj
from typing import Any, Final, NamedTuple

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.structfile import BufferFile, StructFile

from indexer.codec.arrays import POSTINGS_EXTENSION
from indexer.codec.container import Array, MappedFile
from indexer.codec.postings import SegmentPostings

LENGTHS_EXTENSION: Final = ".len"
"""The documents' lengths, from when the per-document writer is closed until the field writer is."""

_ALIGNMENT: Final = 8  # NumPy is slow on unaligned arrays


class Lengths(NamedTuple):
    """Tokens of each field in each document, and in all."""

    lengths: dict[str, Array]
    total_lengths: dict[str, int]


NO_LENGTHS: Final = Lengths({}, {})


class ColumnarSegment(W3Segment):  # type: ignore[misc]  # Whoosh's base class is untyped
    """A segment in Whoosh's table of contents: its name, its deleted documents, its codec."""

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Deletes a document, or restores it (for which Whoosh's own segment raises)."""
        if delete:
            super().delete_document(docnum)
        elif self._deleted is not None:
            self._deleted.discard(docnum)

    def create_compound_file(self, storage: Any) -> None:
        """Joins the segment's files into one, each starting at a multiple of 8 bytes."""
        names = self.list_files(storage)
        file = self.create_file(storage, self.COMPOUND_EXT)
        start = file.tell()
        file.write_long(0)
        file.write_int(0)
        directory = {}
        for name in names:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            offset = file.tell()
            part = storage.open_file(name)
            copyfileobj(part, file)
            part.close()
            directory[name] = {
                "offset": offset,
                "length": file.tell() - offset,
                "modified": storage.file_modified(name),
            }
        CompoundStorage.write_dir(file, start, directory)
        for name in names:
            storage.delete_file(name)
        self.compound = True


class MappedStructFile(BufferFile):  # type: ignore[misc]  # as above
    """Whoosh's file object over a mapping: `get` uses no file position, so that threads may share it.

    Whoosh's own reads the whole mapping into memory when it is opened.
    """

    def __init__(self, mapping: mmap, name: str) -> None:
        StructFile.__init__(self, mapping, name=name)
        self._buf = mapping


def open_postings(storage: Any, segment: Any) -> SegmentPostings:
    """Opens a segment's postings in the storage that Whoosh passes to a codec.

    Raises:
        DamagedPostings: the file is not what was written.
        FileNotFoundError: there is none.
    """
    name = segment.make_filename(POSTINGS_EXTENSION)
    compound = getattr(storage, "a", None)  # Whoosh lays the compound file's storage over the index's
    if isinstance(compound, CompoundStorage) and compound.file_exists(name) and storage.b.supports_mmap:
        # A mapping of its own: Whoosh's file object would read it whole, and close it with the reader.
        offset, length = compound.range(name)
        return SegmentPostings(MappedFile(storage.b, segment.make_filename(segment.COMPOUND_EXT), offset, length))
    return SegmentPostings(MappedFile(storage, name, read=not getattr(storage, "supports_mmap", True)))


def open_lengths(storage: Any, segment: Any) -> SegmentPostings:
    """Opens the file that has the segment's lengths: their own while the segment is being written, then the postings.

    Raises:
        DamagedPostings, FileNotFoundError: as `open_postings`.
    """
    name = segment.make_filename(LENGTHS_EXTENSION)
    if storage.file_exists(name):
        return SegmentPostings(MappedFile(storage, name, read=True))
    return open_postings(storage, segment)


def read_lengths(storage: Any, segment: Any) -> Lengths:
    """The lengths that an unfinished segment's per-document writer wrote; `NO_LENGTHS` if it has not been closed."""
    name = segment.make_filename(LENGTHS_EXTENSION)
    if not storage.file_exists(name):
        return NO_LENGTHS
    file = SegmentPostings(MappedFile(storage, name, read=True))
    return Lengths(file.lengths, file.total_lengths)
