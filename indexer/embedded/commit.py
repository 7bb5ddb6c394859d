"""The commit file of an index, `_MAIN_n.toc`: Whoosh's table of contents, and behind it the same as plain data.

    Whoosh's table of contents: schema and segments, pickled
    JSON: the state (change, analysis, format, commit id), and the segments with their deleted documents
    footer: length of the JSON (uint32), CRC-32 of all before it (uint32), magic (8 bytes)

A pickle runs whatever its writer wanted to run, so Arshif reads the JSON and never the pickles; Whoosh, which stops at
the end of its own part, reads only those. Both are published by one rename. No index that Arshif opens has to be
trusted; `whoosh.index.open_dir` on an index from strangers runs their code.

All that Arshif relies on in Whoosh beside its documented interface is in this module and in `indexer.embedded.writer`:
`FileIndex._read_toc`, the layout of `TOC` and its file's name, and the arguments of `W3Segment`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep, time
from typing import Any, Final, TypeVar

import numpy as np
from whoosh.codec.base import Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import TOC, FileIndex

from indexer.analysis import ANALYSIS_VERSION
from indexer.codec import ColumnarCodec, DamagedPostings
from indexer.codec.segment_files import ColumnarSegment
from indexer.embedded.schema import FORMAT_VERSION, make_schema
from indexer.errors import IndexDamaged, IndexForbidden, IndexMissing, IndexVersionMismatch

INDEX_NAME: Final = "MAIN"

OPEN_TRIES: Final = 10
"""Attempts to open a commit whose files a later one may be replacing."""

OPEN_PAUSE: Final = 0.02
"""Seconds between them."""

_OF_THE_MACHINE: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # errors that say nothing of a file

_FILE_NAME: Final = re.compile(rf"_{INDEX_NAME}_(\d+)\.toc")
_SEGMENT_ID: Final = re.compile(r"[0-9a-z]{1,64}")
_FOOTER: Final = struct.Struct("<II8s")
_MAGIC: Final = b"ARSHIFTC"
_OLD_STATE: Final = b"IndexState"  # the class that formats 1 to 4 pickled their state as

T = TypeVar("T")

Stamp = tuple[int, int, int, int]
"""Generation, inode, time of change and size of a commit file: what tells one from another without opening it."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """The change of the archive that a commit has reached, and its random id, which no other commit has."""

    change: int
    commit: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its number, its state and its segments."""

    generation: int
    state: IndexState
    segments: Sequence[ColumnarSegment]
    stamp: Stamp


class ArchiveIndex(FileIndex):  # type: ignore[misc]  # Whoosh's base class is untyped
    """An index as Whoosh's writer takes it, read without Whoosh's table of contents.

    Args:
        directory: where it lies.
        anew: for a writer that replaces everything: nothing of what is there is read, but the number of its commit.
    """

    def __init__(self, directory: Path, *, anew: bool = False) -> None:
        # Not Whoosh's own: that unpickles the table of contents.
        self.storage = FileStorage(str(directory))
        self.indexname = INDEX_NAME
        self._schema = None
        self._directory = directory
        self._anew = anew

    def _read_toc(self) -> TOC:
        if self._anew:
            return TOC(make_schema(), [], _newest_number(self._directory))
        commit = read_commit(self._directory)
        return TOC(make_schema(), list(commit.segments), commit.generation)


def read_commit(directory: Path) -> Commit:
    """The newest commit of the index in a directory.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: its file is cut short or altered, or is not Arshif's.
        IndexVersionMismatch: other rules of analysis, or another format, made it.
        OSError: its file cannot be read, or a later commit has just replaced it (FileNotFoundError).
    """
    generation = _newest_number(directory) if directory.is_dir() else -1
    if generation < 0:
        raise IndexMissing(directory)
    with (directory / _file_name(generation)).open("rb") as file:
        data, status = file.read(), os.fstat(file.fileno())
    value = _checked(directory, data)
    try:
        for what, found, expected in (
            ("analysis", value["analysis"], ANALYSIS_VERSION),
            ("format", value["format"], FORMAT_VERSION),
        ):
            if found != expected:
                raise IndexVersionMismatch(what, int(found), expected)
        if value["generation"] != generation:
            raise ValueError(f"it belongs to commit {value['generation']}")
        state = IndexState(int(value["change"]), str(value["commit"]))
        segments = tuple(_segment(*entry) for entry in value["segments"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise IndexDamaged(directory, f"its commit file is invalid: {error}") from error
    return Commit(generation, state, segments, _stamp(generation, status))


def open_commit(directory: Path, read: Callable[[Commit], T]) -> T:
    """What `read` makes of the newest commit of the index in a directory; it opens the commit's files.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: a file is missing, cut short or altered.
        IndexForbidden: this user may not read it.
        IndexVersionMismatch: another analysis or format built it.
    """
    for last in (*[False] * (OPEN_TRIES - 1), True):
        try:
            return read(read_commit(directory))
        except IndexMissing:
            # While the directory was being listed, a commit may have replaced the file.
            if last or not directory.is_dir() or not any(directory.iterdir()):
                raise
        except FileNotFoundError as error:
            # Or between its being listed and opened; and then its segments.
            if last:
                raise IndexDamaged(directory, reason(error)) from error
        except PermissionError as error:
            raise IndexForbidden(directory) from error
        except (OSError, DamagedPostings) as error:
            if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
                raise
            raise IndexDamaged(directory, reason(error)) from error
        sleep(OPEN_PAUSE)
    raise IndexMissing(directory)


def newest_commit(directory: Path) -> Commit:
    """The newest commit of the index in a directory, its files unopened.

    Raises:
        IndexMissing, IndexDamaged, IndexForbidden, IndexVersionMismatch: as `open_commit`.
    """
    return open_commit(directory, lambda commit: commit)


def newest_stamp(directory: Path) -> Stamp | None:
    """The stamp of the newest commit file; None where there is none."""
    try:
        if (generation := _newest_number(directory)) < 0:
            return None
        return _stamp(generation, os.stat(f"{directory}/{_file_name(generation)}"))  # noqa: PTH116
    except OSError:
        return None


def write_commit(
    directory: Path, schema: Schema, segments: Sequence[Segment], generation: int, change: int
) -> IndexState:
    """Publishes a commit under a new id by one rename; what is left of an attempt has `.toc.` in its name.

    Raises:
        OSError: it cannot be written.
    """
    state = IndexState(change, secrets.token_hex(8))
    memory = RamStorage()
    name = _file_name(generation)
    TOC(schema, list(segments), generation).write(memory, INDEX_NAME)
    value = {
        "generation": generation,
        "format": FORMAT_VERSION,
        "analysis": ANALYSIS_VERSION,
        "change": state.change,
        "commit": state.commit,
        "segments": [(segment.segid, segment.doc_count_all(), _packed(segment)) for segment in segments],
    }
    text = json.dumps(value, separators=(",", ":")).encode("ascii")
    data = bytes(memory.files[name]) + text
    temporary = directory / f"{name}.{time()}"
    temporary.write_bytes(data + _FOOTER.pack(len(text), zlib.crc32(data), _MAGIC))
    temporary.replace(directory / name)
    return state


def _checked(directory: Path, data: bytes) -> dict[str, Any]:
    """The JSON of a commit file whose checksum holds."""
    length, checksum, magic = _FOOTER.unpack(data[-_FOOTER.size :]) if len(data) > _FOOTER.size else (0, 0, b"")
    if magic != _MAGIC:
        if _OLD_STATE in data:
            raise IndexVersionMismatch("format", "4 or older", FORMAT_VERSION)
        raise IndexDamaged(directory, "its commit file is cut short, or not Arshif's")
    data = data[: -_FOOTER.size]
    if zlib.crc32(data) != checksum or length > len(data):
        raise IndexDamaged(directory, "its commit file was altered after it was written")
    try:
        value = json.loads(data[len(data) - length :])
    except (ValueError, RecursionError) as error:
        raise IndexDamaged(directory, "its commit file is invalid") from error
    if not isinstance(value, dict):
        raise IndexDamaged(directory, "its commit file is invalid")
    return value


def _segment(name: str, documents: int, deleted: str | None) -> ColumnarSegment:
    if not _SEGMENT_ID.fullmatch(name) or type(documents) is not int or not 0 <= documents < 1 << 32:
        raise ValueError(f"a segment {name!r} of {documents!r} documents")
    numbers = None
    if deleted is not None:
        bits = np.frombuffer(b64decode(deleted, validate=True), np.uint8)
        if len(bits) != -(-documents // 8):
            raise ValueError(f"the deletions of the segment {name!r} are of other documents")
        numbers = set(np.flatnonzero(np.unpackbits(bits, count=documents)).tolist())
    return ColumnarSegment(ColumnarCodec(), INDEX_NAME, documents, name, numbers)


def _packed(segment: Segment) -> str | None:
    """The deleted documents of a segment, a bit for each document; None for none."""
    if not segment.has_deletions():
        return None
    deleted = np.zeros(segment.doc_count_all(), np.bool_)
    deleted[list(segment.deleted_docs())] = True
    return b64encode(np.packbits(deleted).tobytes()).decode("ascii")


def _newest_number(directory: Path) -> int:
    """The number of the newest commit, by the names in the directory; -1 where there is none."""
    # Every search asks: names alone are had in half the time of paths.
    found = [_FILE_NAME.fullmatch(name) for name in os.listdir(directory) if name.endswith(".toc")]  # noqa: PTH208
    return max((int(match[1]) for match in found if match), default=-1)


def _file_name(generation: int) -> str:
    return f"_{INDEX_NAME}_{generation}.toc"


def _stamp(generation: int, status: os.stat_result) -> Stamp:
    return generation, status.st_ino, status.st_mtime_ns, status.st_size


def reason(error: BaseException) -> str:
    """What went wrong with a file, in a few words."""
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "the disk is full"
        return error.strerror or str(error)
    return str(error)
