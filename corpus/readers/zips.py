"""ZIP files, and WACZ, which are ZIP files of web archives: each member is read as a file of its name would be.

Nothing is written to disk under a member's name. A WACZ (https://specs.webrecorder.net/wacz/) holds WARC files in
`archive/`, and beside them lists and indexes of the same pages, which are passed over.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from corpus.readers.limits import (
    FREE_MEMBER_BYTES,
    MAX_DIRECTORY_BYTES,
    MAX_RATIO,
    BrokenStream,
    Budget,
)
from corpus.readers.record import Item, PassedOver, Place, Reading, Refusal, extension_of

MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # a member, or the end of a file without members

_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_LONGEST_END: Final = 22 + 65_535  # the record and its comment
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
# What zipfile raises on files that were made to break it, beside its own error.
_ERRORS: Final = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError, OSError,
    IndexError, struct.error, zlib.error,
)  # fmt: skip
_NOT_NEWS: Final = {
    "[Content_Types].xml": "an office document",
    "META-INF/container.xml": "an e-book",
    "META-INF/MANIFEST.MF": "a program",
    "META-INF/manifest.xml": "an office document",
}

ReadMember = Callable[[io.BufferedReader, Place], Iterator[Item]]
"""Reads a member as the file that it is."""


def read_zip(
    file: IO[bytes], place: Place, reading: Reading, read_member: ReadMember, wanted: Callable[[str], bool]
) -> Iterator[Item]:
    """What the members of a ZIP file hold; `file` is seekable, `wanted` tells by its name whether to read a member."""
    try:
        if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
            yield Refusal(place.shown, "its table of contents is too large: split the ZIP file")
            return
        archive = zipfile.ZipFile(file)
    except _ERRORS as error:
        yield Refusal(place.shown, f"damaged ZIP file: {_reason(error)}")
        return
    # zipfile's own `is_dir` breaks on an empty name.
    members = [(info, _name(info)) for info in archive.infolist() if not info.filename.endswith("/")]
    names = {name for _, name in members}
    if document := next((what for name, what in _NOT_NEWS.items() if name in names), None):
        yield Refusal(place.shown, f"{document}, which is not supported")
        return
    is_wacz = _is_wacz(names)
    read = 0
    for info, name in members:
        if not wanted(name) or (is_wacz and not name.startswith("archive/")):
            yield PassedOver(extension_of(name) or "files without an extension")
            continue
        read += 1
        yield from _member(archive, info, place.within(name, file=name), reading.budget, read_member)
    if not read:
        yield Refusal(place.shown, "it contains no file of a supported format")


def _is_wacz(names: set[str]) -> bool:
    return "datapackage.json" in names and any(
        name.startswith("archive/") and extension_of(name) == ".warc" for name in names
    )


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Place, budget: Budget, read_member: ReadMember
) -> Iterator[Item]:
    if info.flag_bits & _ENCRYPTED:
        yield Refusal(place.shown, "it is encrypted")
        return
    if info.compress_type not in _METHODS:
        yield Refusal(place.shown, f"compressed with ZIP method {info.compress_type}, which is not supported")
        return
    try:
        with archive.open(info) as packed:
            yield from read_member(io.BufferedReader(_Member(packed, info.compress_size, budget)), place)
    except (BrokenStream, *_ERRORS) as error:
        yield Refusal(place.shown, _reason(error))


class _Member(io.RawIOBase):
    """A member as it is unpacked, with a bound on what comes of it."""

    def __init__(self, packed: IO[bytes], size: int, budget: Budget) -> None:
        self._packed = packed
        self._most = max(FREE_MEMBER_BYTES, MAX_RATIO * size)
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._packed.read(len(buffer))
        except _ERRORS as error:
            raise BrokenStream(f"damaged member of a ZIP file: {_reason(error)}") from error
        self._most -= len(data)
        if self._most < 0:
            raise BrokenStream(f"it unpacks to more than {MAX_RATIO} times its size: the rest was not read")
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; many programs write UTF-8 without saying so, and it is then taken for code page 437."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _directory_bytes(file: IO[bytes]) -> int:
    """The size of the table of contents by the record at the file's end; 0 where there is none (zipfile tells it)."""
    size = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, size - _LONGEST_END))
    tail = file.read(size - start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return 0
    directory: int = struct.unpack_from("<L", tail, at + 12)[0]
    if directory == 0xFFFFFFFF:
        # The large form of the record stands before; a file of real size has it among its last bytes too.
        wide = tail.rfind(_END_64, 0, at)
        directory = struct.unpack_from("<Q", tail, wide + 40)[0] if wide >= 0 and len(tail) >= wide + 48 else size
    return min(directory, size)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
