"""The Whoosh index on disk: opening it, and writing to it, each failure in the user's words."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Final, TypeVar

from whoosh.index import LockError

from corpus import ArshifError, read_holder, told_holder
from indexer.embedded.codec import DamagedPostings
from indexer.embedded.commit import ArchiveIndex, Commit, read_commit, write_commit
from indexer.embedded.schema import make_schema
from indexer.embedded.writer import ArchiveWriter
from indexer.errors import IndexDamaged, IndexForbidden, IndexLocked, IndexMissing, IndexWriteFailed

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that is writing to the index."""

OPEN_TRIES: Final = 10
"""Attempts to open a commit whose files a later one may be replacing."""

OPEN_PAUSE: Final = 0.02
"""Seconds between them."""

_OF_THE_MACHINE: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # errors that say nothing of a file

T = TypeVar("T")


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
                raise IndexDamaged(directory, _reason(error)) from error
        except PermissionError as error:
            raise IndexForbidden(directory) from error
        except (OSError, DamagedPostings) as error:
            if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
                raise
            raise IndexDamaged(directory, _reason(error)) from error
        sleep(OPEN_PAUSE)
    raise IndexMissing(directory)


def newest_commit(directory: Path) -> Commit:
    """The newest commit of the index in a directory, its files unopened.

    Raises:
        IndexMissing, IndexDamaged, IndexForbidden, IndexVersionMismatch: as `open_commit`.
    """
    return open_commit(directory, lambda commit: commit)


def create_index(directory: Path) -> None:
    """Makes a new, empty index in a directory that holds none.

    Raises:
        IndexWriteFailed: it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_commit(directory, make_schema(), [], 0, 0)
    except OSError as error:
        raise IndexWriteFailed(directory, _reason(error)) from error


@contextmanager
def open_writer(directory: Path, *, anew: bool = False, timeout: float | None = None) -> Iterator[ArchiveWriter]:
    """A writer that holds the index's lock; cancelled, with the old index in use, when anything raises inside.

    With `anew` it replaces the whole index, of which nothing is read.

    Raises:
        IndexLocked: another process kept the lock for `timeout` seconds, by default `LOCK_TIMEOUT`.
        IndexWriteFailed: disk full, read-only, no permission.
        IndexDamaged: a segment that had to be read cannot be.
    """
    timeout = LOCK_TIMEOUT if timeout is None else timeout
    try:
        if anew:
            directory.mkdir(parents=True, exist_ok=True)
        writer = ArchiveWriter(ArchiveIndex(directory, anew=anew), timeout=timeout)
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
    except BaseException as error:
        try:
            if isinstance(error, Exception) and not isinstance(error, ArshifError):
                writer.verify()  # a bug, or bytes that were altered: `Snapshot.reading`
        except (DamagedPostings, FileNotFoundError) as damage:
            raise IndexDamaged(directory, _reason(damage)) from error
        finally:
            _cancel(writer)
        raise


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
    return str(error)


def index_bytes(directory: Path) -> int:
    """How many bytes the files of an index take; none where there is no index."""
    size = 0
    for path in directory.glob("*"):
        with suppress(OSError):  # a segment that a commit removed meanwhile
            size += path.stat().st_size
    return size
