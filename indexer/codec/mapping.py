"""The bytes of a file, wherever it is kept, without reading them: memory-mapped where there is a real file.

A mapping has no position that threads could move under each other, and the system reads only what is touched.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from pathlib import Path
from typing import Any


class MappedFile:
    """The bytes of a file, or of a part of it, as one buffer.

    Args:
        source: a directory's path, or one of Whoosh's storages (anything with `open_file(name)`).
        name: the file's name there.
        offset, length: the part wanted, as in a compound file; a `length` of None is the rest of the file.
        read: read the bytes instead of mapping them, so that the file can be deleted at once, on Windows too.

    Raises:
        FileNotFoundError: there is no such file.
    """

    def __init__(
        self, source: Any, name: str, offset: int = 0, length: int | None = None, *, read: bool = False
    ) -> None:
        self.name = name
        self._read = read
        self._mapping: mmap.mmap | None = None
        whole = memoryview(self._open(source))
        self.buffer = whole[offset : len(whole) if length is None else offset + length]

    def _open(self, source: Any) -> bytes | mmap.mmap:
        if isinstance(source, str | Path):
            with (Path(source) / self.name).open("rb") as file:
                return self._map(file)
        try:
            opened = source.open_file(self.name)
        except NameError as error:  # what Whoosh's storages in memory and in one file raise
            raise FileNotFoundError(2, "no such file in the index", self.name) from error
        try:
            if getattr(opened, "is_real", False):
                return self._map(opened)
            data: bytes = opened.read()
            return data
        finally:
            opened.close()

    def _map(self, file: Any) -> bytes | mmap.mmap:
        if self._read:
            content: bytes = file.read()
            return content
        try:
            self._mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            # An empty file cannot be mapped, nor can any on some network disks or with the address space used up.
            data: bytes = file.read()
            return data
        return self._mapping

    def close(self) -> None:
        """Lets go of the file.

        Arrays that were handed out stay valid: while there is one, the mapping lives on, and goes with the last.
        """
        self.buffer = memoryview(b"")
        mapping, self._mapping = self._mapping, None
        if mapping is not None:
            with suppress(BufferError):  # an array still looks into it; deleting the last one unmaps the file
                mapping.close()
