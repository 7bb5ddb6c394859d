"""The Whoosh index on disk: opening it, telling its state, writing to it, each failure in the user's words."""

from __future__ import annotations

import errno
import os
import pickle
import re
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Final

from whoosh.index import EmptyIndexError, FileIndex, LockError, create_in, open_dir
from whoosh.index import IndexError as WhooshIndexError
from whoosh.writing import IndexingError

from corpus import read_holder, told_holder
from indexer.analysis import ANALYSIS_VERSION
from indexer.codec import DamagedPostings
from indexer.errors import (
    IndexDamaged,
    IndexForbidden,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    IndexWriteFailed,
)
from indexer.schema import FORMAT_VERSION, STATE_FIELD, IndexState, make_schema
from indexer.writer import ArchiveWriter

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that is writing to the index."""

OPEN_TRIES: Final = 10
"""Looks at a directory whose files a commit may be replacing."""

OPEN_PAUSE: Final = 0.02
"""Seconds between them."""

_TOC: Final = re.compile(r"_MAIN_(\d+)\.toc")  # the name of a table of contents holds the commit's number

# What reading a cut-short or altered index file raises, somewhere inside Whoosh.
_DAMAGE: Final = (
    OSError,
    WhooshIndexError,
    pickle.UnpicklingError,
    struct.error,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)


def open_index(directory: Path) -> FileIndex:
    """The index in a directory, whatever analysis built it.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: it cannot be read.
        IndexForbidden: this user may not read it.
    """
    for attempt in range(OPEN_TRIES):
        try:
            if not directory.is_dir() or not any(directory.iterdir()):
                raise IndexMissing(directory)
            index = open_dir(str(directory))
            state(index)
        except (EmptyIndexError, FileNotFoundError) as error:
            # A commit replaced the file between its being listed and opened, or while the directory was being listed:
            # the next look finds the new one.
            if attempt < OPEN_TRIES - 1:
                sleep(OPEN_PAUSE)
            elif isinstance(error, EmptyIndexError):
                raise IndexMissing(directory) from error
            else:
                raise IndexDamaged(directory, _reason(error)) from error
        except PermissionError as error:
            raise IndexForbidden(directory) from error
        except _DAMAGE as error:
            raise IndexDamaged(directory, _reason(error)) from error
        else:
            return index
    raise IndexMissing(directory)


def open_current_index(directory: Path) -> FileIndex:
    """The index in a directory, built by today's analysis.

    Raises:
        IndexMissing, IndexDamaged: as `open_index`.
        IndexVersionMismatch: another analysis built it.
    """
    index = open_index(directory)
    found = state(index)
    if found.analysis != ANALYSIS_VERSION:
        raise IndexVersionMismatch("analysis", found.analysis, ANALYSIS_VERSION)
    if (version := getattr(found, "version", 1)) != FORMAT_VERSION:
        raise IndexVersionMismatch("format", version, FORMAT_VERSION)
    return index


def current_generation(directory: Path) -> int:
    """The number of the newest commit, by the names in the directory; -1 where there is none."""
    try:
        # Every search asks: names alone are had in half the time of paths.
        found = [_TOC.fullmatch(name) for name in os.listdir(directory) if name.endswith(".toc")]  # noqa: PTH208
        return max((int(match[1]) for match in found if match), default=-1)
    except OSError:
        return -1


def create_index(directory: Path) -> FileIndex:
    """A new, empty index; what was in the directory is removed.

    Raises:
        IndexWriteFailed: it cannot be written.
    """
    try:
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        return create_in(str(directory), make_schema())
    except OSError as error:
        raise IndexWriteFailed(directory, _reason(error)) from error


def state(index: FileIndex) -> IndexState:
    """The change and analysis that the index stands at."""
    found = index.schema[STATE_FIELD]
    if not isinstance(found, IndexState):
        raise WhooshIndexError("it has no state")
    return found


@contextmanager
def open_writer(index: FileIndex, directory: Path, *, timeout: float | None = None) -> Iterator[ArchiveWriter]:
    """A writer that holds the index's lock; cancelled, with the old index in use, when anything raises inside.

    Raises:
        IndexLocked: another process kept the lock for `timeout` seconds, by default `LOCK_TIMEOUT`.
        IndexWriteFailed: disk full, read-only, no permission.
        IndexDamaged: a segment that had to be read cannot be.
    """
    timeout = LOCK_TIMEOUT if timeout is None else timeout
    try:
        writer = ArchiveWriter(index, timeout=timeout)
    except LockError as error:
        raise IndexLocked(directory, timeout, read_holder(_holder_file(directory))) from error
    except OSError as error:
        raise IndexWriteFailed(directory, _reason(error)) from error
    try:
        with told_holder(_holder_file(directory)):
            yield writer
    except FileNotFoundError as error:
        _cancel(writer)
        raise IndexDamaged(directory, _reason(error)) from error
    except OSError as error:
        _cancel(writer)
        raise IndexWriteFailed(directory, _reason(error)) from error
    except (DamagedPostings, IndexingError, WhooshIndexError, struct.error, pickle.UnpicklingError) as error:
        _cancel(writer)
        raise IndexDamaged(directory, _reason(error)) from error
    except BaseException:
        _cancel(writer)
        raise


@contextmanager
def reading(directory: Path) -> Iterator[None]:
    """Turns what Whoosh raises on a damaged index file into `IndexDamaged`."""
    try:
        yield
    except PermissionError as error:
        raise IndexForbidden(directory) from error
    except _DAMAGE as error:
        raise IndexDamaged(directory, _reason(error)) from error


def _holder_file(directory: Path) -> Path:
    """Where the writer of an index says who it is: beside the index, which may be removed and made anew."""
    return directory.with_name(f".{directory.name}.writer")


def _cancel(writer: ArchiveWriter) -> None:
    if writer.is_closed:
        return
    try:
        writer.cancel()
    except (OSError, ValueError):
        # The disk may refuse even the closing of files; the lock is what must go.
        if writer.writelock:
            writer.writelock.release()


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "the disk is full"
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def index_bytes(directory: Path) -> int:
    """How many bytes the files of an index take; none where there is no index."""
    size = 0
    for path in directory.glob("*"):
        with suppress(OSError):  # a segment that a commit removed meanwhile
            size += path.stat().st_size
    return size
