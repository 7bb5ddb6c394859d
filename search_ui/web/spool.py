"""Files that are written whole before they are sent, so that a slow reader holds a file and never a thread."""

from __future__ import annotations

import threading
from collections import Counter
from tempfile import SpooledTemporaryFile
from typing import Final

_MOST_FILES: Final = 64
_MOST_OF_CLIENT: Final = 4
_FILES_OF_BYTES: Final = 4  # the disk holds so many of the largest files
_IN_MEMORY: Final = 2**20


class SpoolFull(Exception):
    """No file can be begun, or this one not finished, until others have been sent."""


class FileTooLarge(Exception):
    """A file is larger than one may be."""


class Spool:
    """The files of one process that are being written or sent: how many, in all and of one client, and their bytes.

    Args:
        writers: files written at once, each of which holds a thread.
        most_bytes: of one file.
    """

    def __init__(self, writers: int, most_bytes: int) -> None:
        self._writers = writers
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._writing = 0
        self._bytes = 0
        self._clients: Counter[str] = Counter()

    def open(self, client: str) -> SpooledFile:
        """A new file to write.

        Raises:
            SpoolFull: too many are written or not yet sent.
        """
        with self._lock:
            if (
                self._writing >= self._writers
                or self._clients[client] >= _MOST_OF_CLIENT
                or self._clients.total() >= _MOST_FILES
            ):
                raise SpoolFull
            self._writing += 1
            self._clients[client] += 1
        return SpooledFile(self, client)

    def grow(self, size: int, by: int) -> None:
        """Counts what is added to a file that has a size.

        Raises:
            FileTooLarge: it would be larger than one may be.
            SpoolFull: all files together would be.
        """
        if size + by > self._most_bytes:
            raise FileTooLarge
        with self._lock:
            if self._bytes + by > self._most_bytes * _FILES_OF_BYTES:
                raise SpoolFull
            self._bytes += by

    def written(self) -> None:
        """Counts a file as written: it waits to be sent."""
        with self._lock:
            self._writing -= 1

    def gone(self, client: str, size: int) -> None:
        """Forgets a file of a client."""
        with self._lock:
            self._bytes -= size
            self._clients -= Counter({client: 1})


class SpooledFile:
    """A temporary file, in memory while it is small; what it holds of its spool is given back when it is closed."""

    def __init__(self, spool: Spool, client: str) -> None:
        self._spool = spool
        self._client = client
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed by the server when it has been sent
        self._writing = True
        self._open = True
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds to the file.

        Raises:
            FileTooLarge, SpoolFull: as `Spool.grow`.
        """
        self._spool.grow(self.size, len(data))
        self.size += len(data)
        self._file.write(data)

    def finish(self) -> None:
        """Ends the writing and goes back to the beginning, to be read."""
        if self._writing:
            self._writing = False
            self._spool.written()
            self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file's."""
        return self._file.tell()

    def seekable(self) -> bool:
        """It is: the server asks for its size so."""
        return True

    def close(self) -> None:
        """Deletes the file."""
        if self._open:
            self._open = False
            self.finish()
            self._file.close()
            self._spool.gone(self._client, self.size)

    __del__ = close
