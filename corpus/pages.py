"""The original bytes of each page, compressed, named by their SHA-256: `pages/ab/abcd….gz`.

Plain gzip, so that the pages can be read without Arshif, now or in forty years.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from pathlib import Path

from corpus.errors import ArchiveReadFailed, ArchiveWriteFailed


class PageStore:
    """Keeps page bytes in a directory; keeping the same bytes twice keeps them once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, data: bytes) -> str:
        """Stores the bytes durably and gives their SHA-256 (hex).

        Raises:
            ArchiveWriteFailed: disk full, read-only, no permission; no half file stays.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        try:
            if path.exists():
                return digest
            path.parent.mkdir(parents=True, exist_ok=True)
            # mtime 0: equal pages give equal files.
            _write_durably(path, gzip.compress(data, compresslevel=6, mtime=0))
        except OSError as error:
            raise ArchiveWriteFailed(self._directory.parent, error.strerror or str(error)) from error
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes kept under a SHA-256.

        Raises:
            ArchiveReadFailed: they are missing, damaged, or not what the name says.
        """
        try:
            data = gzip.decompress(self._path(digest).read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}…: {error}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise ArchiveReadFailed(self._directory.parent, f"page {digest[:12]}… was altered on disk")
        return data

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / f"{digest}.gz"


def _write_durably(path: Path, data: bytes) -> None:
    """Writes beside the target, syncs, and renames: readers see all of it or nothing."""
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
