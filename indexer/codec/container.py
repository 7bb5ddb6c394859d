"""Named arrays in one file, memory-mapped.

    magic (8 bytes) · version (uint32) · zeros (uint32)
    the arrays, each starting at a multiple of 8
    directory: JSON, UTF-8
    footer: directory's offset (uint64) and length (uint32), its CRC-32 (uint32), file's length (uint64), magic (8)

All little-endian. The directory is `{"meta": …, "arrays": {name: [dtype, items, offset, CRC-32]}}`. It comes last
because the writer only appends: arrays are written as they are finished. A truncated file has no footer, so opening
detects it without reading the arrays; `verify` finds altered bytes by the checksums.

A mapping has no position that threads could move under each other, and the system reads only the pages that are used.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAGIC: Final = b"ARSHIFAR"
VERSION: Final = 1

_HEADER: Final = struct.Struct("<8sII")
_FOOTER: Final = struct.Struct("<QIIQ8s")
_ALIGNMENT: Final = 8  # the largest item: NumPy is slow on arrays that start between two items
_DTYPES: Final = frozenset({"|u1", "<u2", "<u4", "<u8", "<f4", "<f8"})
_CRC_CHUNK: Final = 1 << 24


class DamagedPostings(ValueError):
    """A file of postings is not what its writer wrote: it is truncated, altered, or of another version.

    Not an `OSError`: Whoosh takes that for a file that a commit has just deleted, and tries again.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the postings in {name} are damaged: {reason}")
        self.name = name
        self.reason = reason

    def __reduce__(self) -> tuple[type[DamagedPostings], tuple[str, str]]:
        """The arguments from which the processes of a writer pool rebuild the error."""
        return type(self), (self.name, self.reason)


class Writable(Protocol):
    """A file to write to, Python's or Whoosh's."""

    def write(self, data: Any, /) -> Any:
        """Appends bytes."""


class ArrayFileWriter:
    """Writes named arrays to a file opened for writing, which the caller closes."""

    def __init__(self, file: Writable) -> None:
        self._file = file
        self._arrays: dict[str, tuple[str, int, int, int]] = {}
        self._file.write(_HEADER.pack(MAGIC, VERSION, 0))
        self._position = _HEADER.size

    def add(self, name: str, array: Array) -> None:
        """Appends a one-dimensional array of unsigned integers or floats.

        Raises:
            ValueError: an array of this name is already written, or the array is of another shape or type.
        """
        if name in self._arrays:
            raise ValueError(f"the array {name!r} is already written")
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        if array.ndim != 1 or array.dtype.str not in _DTYPES:
            raise ValueError(f"the array {name!r} is {array.ndim}-dimensional {array.dtype.str}")
        self._pad()
        data = array.data.cast("B") if array.size else memoryview(b"")
        self._arrays[name] = (array.dtype.str, array.size, self._position, zlib.crc32(data))
        self._write(data)

    def finish(self, meta: Any) -> None:
        """Writes the directory with `meta` (plain JSON values) in it."""
        self._pad()
        offset = self._position
        directory = json.dumps({"meta": meta, "arrays": self._arrays}, separators=(",", ":")).encode("utf-8")
        self._write(directory)
        end = self._position + _FOOTER.size
        self._write(_FOOTER.pack(offset, len(directory), zlib.crc32(directory), end, MAGIC))

    def _pad(self) -> None:
        if over := self._position % _ALIGNMENT:
            self._write(bytes(_ALIGNMENT - over))

    def _write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._position += len(data)


class ArrayFile:
    """Named arrays of a file, as read-only views into its mapping.

    Raises:
        DamagedPostings: it is truncated, not such a file, or of another version.
    """

    def __init__(self, mapped: MappedFile) -> None:
        self.name = mapped.name
        self._mapped = mapped
        try:
            directory = self._read_directory()
            self.meta: Any = directory["meta"]
            self._arrays: dict[str, tuple[str, int, int, int]] = {
                name: self._entry(name, entry) for name, entry in directory["arrays"].items()
            }
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            mapped.close()
            if isinstance(error, DamagedPostings):
                raise
            raise DamagedPostings(self.name, f"its directory is invalid ({error})") from error

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def array(self, name: str) -> Array:
        """The array of a name, a view of the mapping.

        Raises:
            DamagedPostings: there is no such array.
        """
        try:
            dtype, items, offset, _ = self._arrays[name]
        except KeyError as error:
            raise DamagedPostings(self.name, f"the array {name!r} is missing") from error
        found: Array = np.frombuffer(self._mapped.buffer, dtype, items, offset)
        # Big-endian machines read the array here, to swap its bytes.
        return found if sys.byteorder == "little" else found.astype(found.dtype.newbyteorder("="))

    def verify(self) -> None:
        """Reads every array and compares its checksum.

        Raises:
            DamagedPostings: an array is not what was written.
        """
        for name, (dtype, items, offset, expected) in self._arrays.items():
            end = offset + np.dtype(dtype).itemsize * items
            found = 0
            for start in range(offset, end, _CRC_CHUNK):
                found = zlib.crc32(self._mapped.buffer[start : min(end, start + _CRC_CHUNK)], found)
            if found != expected:
                raise DamagedPostings(self.name, f"the array {name!r} was altered after it was written")

    def close(self) -> None:
        """Closes the file; see `MappedFile.close`."""
        self._mapped.close()

    def _read_directory(self) -> Any:
        data = self._mapped.buffer
        if len(data) < _HEADER.size + _FOOTER.size:
            raise DamagedPostings(self.name, f"{len(data)} bytes are too few: it was cut short")
        magic, version, _ = _HEADER.unpack_from(data, 0)
        if magic != MAGIC:
            raise DamagedPostings(self.name, "it does not begin like a file of postings")
        if version != VERSION:
            raise DamagedPostings(self.name, f"it has format {version}, this reads format {VERSION}")
        offset, length, checksum, end, magic = _FOOTER.unpack_from(data, len(data) - _FOOTER.size)
        if magic != MAGIC or end != len(data) or offset + length + _FOOTER.size != end:
            raise DamagedPostings(self.name, f"its end is not where it should be ({len(data)} bytes): it was cut short")
        directory = bytes(data[offset : offset + length])
        if zlib.crc32(directory) != checksum:
            raise DamagedPostings(self.name, "its directory was altered after it was written")
        return json.loads(directory)

    def _entry(self, name: str, entry: Any) -> tuple[str, int, int, int]:
        dtype, items, offset, checksum = entry
        end = len(self._mapped.buffer) - _FOOTER.size
        if dtype not in _DTYPES or items < 0 or offset < _HEADER.size or offset % _ALIGNMENT:
            raise DamagedPostings(self.name, f"the array {name!r} has an impossible place")
        if offset + np.dtype(dtype).itemsize * items > end:
            raise DamagedPostings(self.name, f"the array {name!r} goes past the end")
        return dtype, items, offset, checksum


class MappedFile:
    """The bytes of a file, or of a part of it, as one buffer.

    Args:
        source: a directory's path, or one of Whoosh's storages (anything with `open_file(name)`).
        name: the file's name there.
        offset, length: the part to map, as in a compound file; a `length` of None is the rest of the file.
        read: read the bytes instead of mapping them, so that the file can be deleted at once, even on Windows.

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
        """Closes the file. Arrays that were returned stay valid: the mapping is freed with the last of them."""
        self.buffer = memoryview(b"")
        mapping, self._mapping = self._mapping, None
        if mapping is not None:
            with suppress(BufferError):  # an array still uses it
                mapping.close()


def smallest(array: Array, limit: int | None = None) -> Array:
    """Non-negative integers in the smallest unsigned type that holds them, or that holds `limit`."""
    if limit is None:
        limit = int(array.max()) if array.size else 0
    return array.astype(np.min_scalar_type(limit), copy=False)
