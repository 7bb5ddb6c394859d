"""The commit file of an index, `_MAIN_n.toc`: Whoosh's table of contents, followed by the same as plain data.

    Whoosh's table of contents: schema and segments, pickled
    JSON: the state (change, analysis, format, commit id), and the segments with their deleted documents
    footer: length of the JSON (uint32), CRC-32 of all before it (uint32), magic (8 bytes)

A pickle can run any code, so Arshif reads the JSON and never the pickles; Whoosh, which stops at the end of its own
part, reads only those. One rename publishes both. So Arshif can open an index from an untrusted source;
`whoosh.index.open_dir` on such an index runs its code.
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

from indexer.analysis import ANALYSIS_VERSION
from indexer.codec import ColumnarSegment, DamagedPostings
from indexer.embedded.schema import FORMAT_VERSION, make_codec, make_schema
from indexer.embedded.whoosh_internals import make_segment, segment_name, table_of_contents, toc_generation, toc_name
from indexer.errors import IndexDamaged, IndexForbidden, IndexMissing, IndexVersionMismatch

OPEN_TRIES: Final = 10
"""Attempts to open a commit whose files a later one may be replacing."""

OPEN_PAUSE: Final = 0.02
"""Seconds between attempts."""

_OF_THE_MACHINE: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # errors that say nothing about a file

_SEGMENT_ID: Final = re.compile(r"[0-9a-z]{1,64}")
_FOOTER: Final = struct.Struct("<II8s")
_MAGIC: Final = b"ARSHIFTC"
_OLD_STATE: Final = b"IndexState"  # the class that formats 1 to 4 pickled their state as

T = TypeVar("T")

Stamp = tuple[int, int, int, int]
"""Generation, inode, time of change and size of a commit file, which distinguish it without opening it."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """The change of the archive that a commit has reached, and the commit's random id, which is unique."""

    change: int
    commit: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its number, its state and its segments."""

    generation: int
    state: IndexState
    segments: Sequence[ColumnarSegment]
    stamp: Stamp


def read_commit(directory: Path) -> Commit:
    """The newest commit of the index in a directory.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: its file is truncated or altered, or is not Arshif's.
        IndexVersionMismatch: it was made by other rules of analysis or in another format.
        OSError: its file cannot be read, or a later commit has just replaced it (FileNotFoundError).
    """
    generation = newest_generation(directory) if directory.is_dir() else -1
    if generation < 0:
        raise IndexMissing(directory)
    with (directory / toc_name(generation)).open("rb") as file:
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
    """Return what `read` makes of the newest commit of the index in a directory; `read` opens the commit's files.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: a file is missing, truncated or altered.
        IndexForbidden: this user may not read it.
        IndexVersionMismatch: it was built by another analysis or in another format.
    """
    for last in (*[False] * (OPEN_TRIES - 1), True):
        try:
            return read(read_commit(directory))
        except IndexMissing:
            # A commit may have replaced the file while the directory was being listed.
            if last or not directory.is_dir() or not any(directory.iterdir()):
                raise
        except FileNotFoundError as error:
            # Or after the listing; or its segments.
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
    """The newest commit of the index in a directory; its segments' files are not opened.

    Raises:
        IndexMissing, IndexDamaged, IndexForbidden, IndexVersionMismatch: see `open_commit`.
    """
    return open_commit(directory, lambda commit: commit)


def newest_stamp(directory: Path) -> Stamp | None:
    """The stamp of the newest commit file; None if there is none."""
    try:
        if (generation := newest_generation(directory)) < 0:
            return None
        return _stamp(generation, os.stat(f"{directory}/{toc_name(generation)}"))  # noqa: PTH116
    except OSError:
        return None


def newest_generation(directory: Path) -> int:
    """The number of the newest commit, by the names of the files in the directory; -1 if there is none."""
    # Every search asks: names alone take half the time of paths.
    found = [toc_generation(name) for name in os.listdir(directory) if name.endswith(".toc")]  # noqa: PTH208
    return max((generation for generation in found if generation is not None), default=-1)


def write_commit(directory: Path, segments: Sequence[Segment], generation: int, change: int) -> None:
    """Publishes a commit under a new id by one rename; the file of an unfinished attempt has `.toc.` in its name.

    Raises:
        OSError: it cannot be written.
    """
    value = {
        "generation": generation,
        "format": FORMAT_VERSION,
        "analysis": ANALYSIS_VERSION,
        "change": change,
        "commit": secrets.token_hex(8),
        "segments": [(segment_name(segment), segment.doc_count_all(), _packed(segment)) for segment in segments],
    }
    text = json.dumps(value, separators=(",", ":")).encode("ascii")
    data = table_of_contents(make_schema(), segments, generation) + text
    name = toc_name(generation)
    temporary = directory / f"{name}.{time()}"
    temporary.write_bytes(data + _FOOTER.pack(len(text), zlib.crc32(data), _MAGIC))
    temporary.replace(directory / name)


def reason(error: BaseException) -> str:
    """What is wrong with a file, in a few words: part of an error message."""
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "the disk is full"
        return error.strerror or str(error)
    return str(error)


def _checked(directory: Path, data: bytes) -> dict[str, Any]:
    """The JSON of a commit file, if its checksum matches."""
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
            raise ValueError(f"the deleted documents of the segment {name!r} are of another segment")
        numbers = set(np.flatnonzero(np.unpackbits(bits, count=documents)).tolist())
    return make_segment(make_codec(), name, documents, numbers)


def _packed(segment: Segment) -> str | None:
    """The deleted documents of a segment as a base64 bitmap; None if there are none."""
    if not segment.has_deletions():
        return None
    deleted = np.zeros(segment.doc_count_all(), np.bool_)
    deleted[list(segment.deleted_docs())] = True
    return b64encode(np.packbits(deleted).tobytes()).decode("ascii")


def _stamp(generation: int, status: os.stat_result) -> Stamp:
    return generation, status.st_ino, status.st_mtime_ns, status.st_size
