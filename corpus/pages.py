"""The original bytes of each page, compressed, named by their SHA-256: `pages/ab/abcd….gz`.

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
_UNFINISHED: Final = ".new-"  # begins the names of files that are being written


class PageStore:
    """Keeps page bytes in a directory; keeping the same bytes twice keeps them once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._swept = False
        self._changed: set[Path] = set()  # directories whose new names may not be on the disk yet

    def store(self, data: bytes) -> str:
        """Stores the bytes and gives their SHA-256 (hex); durably from the next `sync` on.

        By one process at a time: inside `Archive.batch`, which also syncs.

        Raises:
            ArchiveWriteFailed: disk full, read-only, no permission; no half file stays.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            self._sweep()
            if path.exists():
                return digest
            path.parent.mkdir(parents=True, exist_ok=True)
            # mtime 0: equal pages give equal files.
            _write_whole(path, self._directory, gzip.compress(data, compresslevel=6, mtime=0))
            self._changed |= {self._directory, path.parent}
        except OSError as error:
            raise ArchiveWriteFailed(self._directory.parent, error.strerror or str(error)) from error
        return digest

    def sync(self) -> None:
        """Brings to the disk that the pages kept since the last time are there.

        Raises:
            ArchiveWriteFailed: the disk did not take it.
        """
        try:
            while self._changed:
                sync_directory(self._changed.pop())
        except OSError as error:
            raise ArchiveWriteFailed(self._directory.parent, error.strerror or str(error)) from error

    def holds(self, digest: str) -> bool:
        """Whether there is a page of this SHA-256; `read` says whether it is whole."""
        return bool(_DIGEST.fullmatch(digest)) and self._path(digest).is_file()

    def digests(self) -> Iterator[str]:
        """The SHA-256 of every page there is, ascending."""
        for path in sorted(self._directory.glob("??")):
            yield from sorted(page.name.removesuffix(".gz") for page in path.glob("*.gz"))

    def unfinished(self) -> Iterator[Path]:
        """The files that a killed process left half-written; and those that another is writing now."""
        yield from self._directory.glob(f"{_UNFINISHED}*")

    def discard(self, digest: str) -> None:
        """Takes a page away that no revision names, as far as the disk lets it go."""
        with suppress(OSError):
            self._path(digest).unlink(missing_ok=True)

    def read(self, digest: str) -> bytes:
        """The bytes kept under a SHA-256.

        Raises:
            ArchiveReadFailed: they are missing, damaged, or not what the name says.
        """
        if not _DIGEST.fullmatch(digest):  # of a damaged row
            raise ArchiveReadFailed(self._directory.parent, f"{digest[:12]!r}… names no page")
        try:
            data = gzip.decompress(self._path(digest).read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}…: {error}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}… was altered on disk")
        return data

    def _sweep(self) -> None:
        """Removes, once, what killed processes left: who keeps a page is the only one who does."""
        if not self._swept:
            self._swept = True
            for path in self.unfinished():
                with suppress(OSError):
                    path.unlink()

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / f"{digest}.gz"


def _write_whole(path: Path, beside: Path, data: bytes) -> None:
    """Writes to another name in the directory `beside`, syncs, and renames: readers see all of it or nothing."""
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
