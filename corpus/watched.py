"""What the archive remembers of the files of watched directories."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus.archive import Archive
from corpus.checksums import WATCHED, insert_row, is_whole


@dataclass(frozen=True, slots=True)
class FileState:
    """What a look at a file tells: its size in bytes, and when it was last changed, in nanoseconds since 1970."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """A file that was read, the state that it was read in, and the SHA-256 (hex) of its bytes."""

    path: Path
    state: FileState
    digest: str


class WatchedFiles:
    """The table `watched` of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def get(self, path: Path) -> WatchedFile | None:
        """What is remembered of a file."""
        rows = self._archive.run_sql(f"SELECT {WATCHED.selected()} FROM watched WHERE path = ?", [os.fsencode(path)])
        if not rows or not is_whole(rows[0]):  # what is damaged is read again
            return None
        _, size, mtime_ns, digest, _, _ = rows[0]
        return WatchedFile(path, FileState(size, mtime_ns), digest)

    def put(self, files: Iterable[WatchedFile]) -> None:
        """Remembers the files as read, all of them or, if it raises, none."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._archive.batch(), self._archive.told_errors():
            for file in files:
                values = (os.fsencode(file.path), file.state.size, file.state.mtime_ns, file.digest, now)
                insert_row(self._archive.connection, WATCHED, values, replace=True)
