"""The original bytes of each page, compressed and named by their SHA-256: `pages/ab/abcd….gz`.

Plain gzip, so that the pages can be read without Arshif, now or in forty years.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from corpus.atomic_files import sync_directory
from corpus.errors import ArchiveReadFailed, ArchiveWriteFailed

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_UNFINISHED: Final = ".new-"  # prefix of temporary files


class PageStore:
    """A content-addressed store of pages in a directory; equal pages are stored once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._swept = False
        self._changed: set[Path] = set()  # directories to sync

    def store(self, data: bytes, *, level: int = 6) -> str:
        """Store a page and return its SHA-256 (hex); durable after the next `sync`. `level` is how hard to compress it.

        For one process at a time: call it inside `Archive.batch`, which also syncs.

        Raises:
            ArchiveWriteFailed: disk full, read-only, no permission; no partial file is left.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            self._sweep()
            if path.exists():
                return digest
            path.parent.mkdir(parents=True, exist_ok=True)
            # mtime 0: equal pages are equal files.
            _write_whole(path, self._directory, gzip.compress(data, compresslevel=level, mtime=0))
            self._changed |= {self._directory, path.parent}
        except OSError as error:
            raise ArchiveWriteFailed(self._directory.parent, error.strerror or str(error)) from error
        return digest

    def sync(self) -> None:
        """Make the pages stored since the last call durable.

        Raises:
            ArchiveWriteFailed: the directories could not be synced.
        """
        try:
            while self._changed:
                sync_directory(self._changed.pop())
        except OSError as error:
            raise ArchiveWriteFailed(self._directory.parent, error.strerror or str(error)) from error

    def holds(self, digest: str) -> bool:
        """Whether a page with this SHA-256 is stored; `read` verifies it."""
        return bool(_DIGEST.fullmatch(digest)) and self._path(digest).is_file()

    def digests(self) -> Iterator[str]:
        """The SHA-256 of every stored page, ascending."""
        for path in sorted(self._directory.glob("??")):
            yield from sorted(page.name.removesuffix(".gz") for page in path.glob("*.gz"))

    def unfinished(self) -> Iterator[Path]:
        """Temporary files: leftovers of killed processes, or of a process that is writing now."""
        yield from self._directory.glob(f"{_UNFINISHED}*")

    def discard(self, digest: str) -> None:
        """Delete a page that no revision refers to, if the file system allows it."""
        with suppress(OSError):
            self._path(digest).unlink(missing_ok=True)

    def read(self, digest: str) -> bytes:
        """The page with a SHA-256.

        Raises:
            ArchiveReadFailed: it is missing, damaged, or has another digest.
        """
        if not _DIGEST.fullmatch(digest):  # from a damaged row
            raise ArchiveReadFailed(self._directory.parent, f"{digest[:12]!r}… is not the name of a page")
        try:
            data = gzip.decompress(self._path(digest).read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}…: {error}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}… was altered on disk")
        return data

    def _sweep(self) -> None:
        """Delete leftovers of killed processes, once: only one process stores pages at a time."""
        if not self._swept:
            self._swept = True
            for path in self.unfinished():
                with suppress(OSError):
                    path.unlink()

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / f"{digest}.gz"


def _write_whole(path: Path, beside: Path, data: bytes) -> None:
    """Write to a temporary file in the directory `beside`, sync and rename it: readers see a whole file or none."""
    handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=beside)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
