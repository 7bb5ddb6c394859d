"""What the embedded engine uses of Whoosh beyond its documented interface.

- `whoosh.index.TOC` and the layout of its file: Whoosh opens an index by it. Arshif writes it and never reads it, since
  reading unpickles it.
- Names of files, `_MAIN_7.toc` and `MAIN_<segment>.<extension>`: commits are listed, and unused files deleted, by name.
- `whoosh.index.clean_files`: deletes the files that a commit no longer needs.
- The lock `MAIN_WRITELOCK`: Whoosh's writers and Arshif's exclude each other.
- `Segment.segid` and the arguments of `whoosh.codec.whoosh3.W3Segment`: segments are listed in the plain data of the
  commit file, and made from it.
- `whoosh.system.pack_uint`: encodes the posting values of Whoosh's format `Frequency`.

Checked on the versions in `CHECKED_ON`; `./run test` runs `tests/indexer` on both. With any other version of Whoosh a
test fails until this list has been checked again. What a codec needs of Whoosh is in `indexer.codec`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any, Final

from whoosh.codec.base import Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import TOC, LockError, clean_files
from whoosh.system import pack_uint

from indexer.codec import ColumnarCodec, ColumnarSegment

CHECKED_ON: Final = ("2.7.4", "3.54.0")
"""Whoosh itself, and whoosh3 (`requirements/run.txt`)."""

INDEX_NAME: Final = "MAIN"
"""The name of an index that is opened without one."""

_TOC_NAME: Final = re.compile(rf"_{INDEX_NAME}_(\d+)\.toc")
_LOCK_PAUSE: Final = 0.1  # seconds between attempts to take the lock


def toc_name(generation: int) -> str:
    """The name of a commit's table of contents."""
    return f"_{INDEX_NAME}_{generation}.toc"


def toc_generation(name: str) -> int | None:
    """The number of the commit whose table of contents has this name; None for other files."""
    found = _TOC_NAME.fullmatch(name)
    return int(found[1]) if found else None


def table_of_contents(schema: Schema, segments: Sequence[Segment], generation: int) -> bytes:
    """The bytes of Whoosh's table of contents."""
    memory = RamStorage()
    TOC(schema, list(segments), generation).write(memory, INDEX_NAME)
    return bytes(memory.files[toc_name(generation)])


def make_segment(codec: ColumnarCodec, name: str, doc_count: int, deleted: set[int] | None) -> ColumnarSegment:
    """A committed segment: `name` is the part of its files' names that is its own."""
    return ColumnarSegment(codec, INDEX_NAME, doc_count, name, deleted)


def segment_name(segment: Segment) -> str:
    """The `name` that `make_segment` takes."""
    name: str = segment.segid
    return name


def delete_unused_files(storage: FileStorage, generation: int, segments: Sequence[Segment]) -> None:
    """Deletes all tables of contents and segments except those of this commit; what cannot be deleted stays."""
    clean_files(storage, INDEX_NAME, generation, segments)


def lock_index(storage: FileStorage, timeout: float) -> Any:
    """Takes the lock of the index's writers; `release()` gives it back.

    Raises:
        LockError: another writer held it for `timeout` seconds.
        OSError: its file cannot be opened.
    """
    lock = storage.lock(f"{INDEX_NAME}_WRITELOCK")
    deadline = monotonic() + timeout
    while not lock.acquire():
        if monotonic() >= deadline:
            raise LockError
        sleep(_LOCK_PAUSE)
    return lock


def encode_frequency(frequency: int) -> bytes:
    """The value of a posting of Whoosh's format `Frequency`."""
    value: bytes = pack_uint(frequency)
    return value
