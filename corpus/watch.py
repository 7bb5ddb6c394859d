"""Watching directories: finished files are added once, and again when they have changed.

Directories are polled, which works on every file system: network file systems send no events about other machines'
changes. A file is finished when two polls find it unchanged and it was not modified for some seconds. A file that is
renamed into place is added at the second poll; under a hidden or unreadable temporary name it is never read. Links are
not followed, since others may write to the directory.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from corpus.archive import Archive
from corpus.checksums import WATCHED, insert_row, is_intact
from corpus.errors import CannotWatch
from corpus.ingest import AddSummary, InputFile, add_files, begins_as_page, readable_files
from corpus.readers import Refusal

SETTLE_SECONDS: Final = 2.0
"""Seconds without modification after which a file is finished."""

# Files between two updates of the table `watched`: few enough that little is read again after a crash, many enough that
# the updates take little time.
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of a file at a poll: its size in bytes, and its modification time in nanoseconds since 1970."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """A file that was read, its state then, and the SHA-256 (hex) of its content."""

    path: Path
    state: FileState
    digest: str


class WatchedFiles:
    """The table `watched` of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def get(self, path: Path) -> WatchedFile | None:
        """The stored record of a file; None if it was not read."""
        rows = self._archive.run_sql(f"SELECT {WATCHED.selected()} FROM watched WHERE path = ?", [os.fsencode(path)])
        if not rows or not is_intact(rows[0]):  # a damaged row: read the file again
            return None
        _, size, mtime_ns, digest, _, _ = rows[0]
        return WatchedFile(path, FileState(size, mtime_ns), digest)

    def put(self, files: Iterable[WatchedFile]) -> None:
        """Store the records of files, all or, if it raises, none."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._archive.batch(), self._archive.translated_errors():
            for file in files:
                values = (os.fsencode(file.path), file.state.size, file.state.mtime_ns, file.digest, now)
                insert_row(self._archive.connection, WATCHED, values, replace=True)


class FolderWatch:
    """The watched directories of an archive; `now` (seconds since 1970) can be replaced in tests.

    Files are recorded after their articles are committed. If the process is killed in between, they are read again,
    which changes nothing.

    Raises:
        CannotWatch: a directory does not exist or cannot be read.
    """

    def __init__(
        self,
        archive: Archive,
        directories: Sequence[Path],
        *,
        settled: float = SETTLE_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._directories = [_directory(path) for path in directories]
        self._settled = settled
        self._now = now
        self._memory = WatchedFiles(archive)
        self._last_poll: dict[Path, FileState] = {}
        self._done: dict[Path, FileState] = {}  # cached rows of the table
        self._sniffed: dict[Path, tuple[FileState, bool]] = {}  # files that may be pages: their first bytes decide
        self._reported: set[tuple[str, str]] = set()
        self._reported_not_read: dict[str, int] = {}

    def poll(self, summary: AddSummary, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Poll all files, and add those that are finished and new or changed; returns their number.

        A file that cannot be opened is reported once, and tried again at each poll. When `stop` returns true, the rest
        is left for a later poll.

        Raises:
            ArchiveWriteFailed: the archive could not be written; files that are not recorded are read again.
        """
        seen: dict[Path, FileState] = {}
        ready: list[tuple[InputFile, WatchedFile]] = []
        count = 0
        for file, state in self._files(summary):
            path = file.path
            seen[path] = state
            if self._done.get(path) == state or not self._finished(path, state):
                continue
            if stop():
                break
            if (read := self._unread(file, state, summary)) is not None:
                ready.append((file, read))
            if len(ready) == _AT_ONCE:
                count += self._read(ready, summary)
                ready = []
        count += self._read(ready, summary)
        self._last_poll = seen
        return count

    def waiting(self) -> bool:
        """Whether the last poll found files that are neither recorded nor finished, such as partly written ones."""
        return any(not self._known(path, state) for path, state in self._last_poll.items())

    def _finished(self, path: Path, state: FileState) -> bool:
        return self._last_poll.get(path) == state and state.mtime_ns <= (self._now() - self._settled) * 1e9

    def _known(self, path: Path, state: FileState) -> bool:
        if self._done.get(path) != state:
            known = self._memory.get(path)
            if known is None or known.state != state:
                return False
            self._done[path] = state
        return True

    def _files(self, summary: AddSummary) -> Iterator[tuple[InputFile, FileState]]:
        own = str(self._archive.directory.resolve()) + os.sep
        found: dict[Path, InputFile] = {}
        looked = AddSummary()
        for directory in self._directories:
            for file in readable_files(directory, looked, sniff=self._sniff):
                if isinstance(file, Refusal):
                    self._report(file, summary)
                elif not str(file.path).startswith(own):
                    found[file.path] = file
        if looked.not_read != self._reported_not_read:
            summary.not_read |= looked.not_read
            self._reported_not_read = dict(looked.not_read)
        for path, file in found.items():
            state = _state(path)
            if state is not None and state.size > 0:  # None: it was deleted meanwhile
                yield file, state

    def _sniff(self, file: InputFile) -> bool:
        """Whether a file begins as a page; it is opened only if it has changed since the last poll."""
        state = _state(file.path)
        if state is None:
            return False
        known = self._sniffed.get(file.path)
        if known is None or known[0] != state:
            known = self._sniffed[file.path] = (state, begins_as_page(file))
        return known[1]

    def _unread(self, found: InputFile, state: FileState, summary: AddSummary) -> WatchedFile | None:
        """The file, if its content has changed."""
        path = found.path
        if self._known(path, state):
            return None
        try:
            with found.open() as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            self._report(Refusal(str(path), error.strerror or str(error)), summary)
            return None
        file = WatchedFile(path, state, digest)
        known = self._memory.get(path)
        if known is not None and known.digest == digest:  # touched, or copied over itself
            self._remember([file])
            return None
        return file

    def _read(self, files: list[tuple[InputFile, WatchedFile]], summary: AddSummary) -> int:
        if not files:
            return 0
        add_files(self._archive, [found for found, _ in files], summary)
        # A file that was modified while it was read is not finished.
        self._remember([file for _, file in files if _state(file.path) == file.state])
        return len(files)

    def _remember(self, files: list[WatchedFile]) -> None:
        self._memory.put(files)
        self._done.update((file.path, file.state) for file in files)

    def _report(self, refusal: Refusal, summary: AddSummary) -> None:
        if (refusal.name, refusal.reason) not in self._reported:
            self._reported.add((refusal.name, refusal.reason))
            summary.refuse(refusal)


def _directory(path: Path) -> Path:
    full = path.resolve()
    if not full.exists():
        raise CannotWatch(path, "there is no such directory")
    if not full.is_dir():
        raise CannotWatch(path, "it is not a directory")
    if not os.access(full, os.R_OK | os.X_OK):
        raise CannotWatch(path, "this user may not read it")
    return full


def _state(path: Path) -> FileState | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return FileState(status.st_size, status.st_mtime_ns)
