"""Tar files, read in one pass: each member is read as a file of its name would be, and nothing is written to disk.

Python's own `tarfile` parses each header; the walk from one to the next is ours, since `tarfile` reads a header's
extended name into memory at whatever size it claims, and unrolls the holes of sparse files.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from corpus.readers.limits import BrokenStream
from corpus.readers.record import Item, PassedOver, Place, Refusal, extension_of
from corpus.readers.streams import HEAD_BYTES, read_some
from corpus.readers.zips import ReadMember

_BLOCK: Final = tarfile.BLOCKSIZE
_LONGEST_EXTENSION: Final = 2**20  # bytes of a long name, or of a pax header
_PAX_RECORD: Final = re.compile(rb"\d+ ([^=\n]+)=([^\n]*)\n")


def is_tar(head: bytes, extension: str) -> bool:
    """Whether a file begins with the header of a tar file: by its mark, or in the oldest form by its checksum."""
    if head[257:262] == b"ustar":
        return True
    return extension == ".tar" and _parsed(head[:_BLOCK]) is not None


def read_tar(stream: IO[bytes], place: Place, read_member: ReadMember, wanted: Callable[[str], bool]) -> Iterator[Item]:
    """What the members of a tar file hold; `wanted` tells by its name whether to read a member."""
    tar = _Tar(stream)
    read = 0
    try:
        for name, data, reason in tar.members():
            here = place.within(name, file=name) if name else place
            if reason:
                yield Refusal(here.shown, reason)
            elif not wanted(name):
                yield PassedOver(extension_of(name) or "files without an extension")
            else:
                read += 1
                yield from read_member(io.BufferedReader(data), here)
    except BrokenStream as error:
        read += 1
        yield Refusal(place.shown, str(error))
    if not read:
        yield Refusal(place.shown, "it contains no file of a supported format")


class _Tar:
    """Walks from header to header."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def members(self) -> Iterator[tuple[str, _Data, str]]:
        """The files: name, data, and the reason where they cannot be read. Data must be read before the next."""
        name: str | None = None
        size: int | None = None
        lost = False
        while (block := self._exactly(_BLOCK)) and block.strip(b"\x00"):
            if len(block) < _BLOCK:
                raise BrokenStream("the tar file ends too early: the members before are kept")
            header = _parsed(block)
            if header is None:
                if not lost:
                    yield "", _Data(self._stream, 0), "damaged tar file: a member could not be read and was skipped"
                lost = True
                continue
            lost = False
            data = _Data(self._stream, header.size if size is None else size)
            if header.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                extension = self._extension(data)
                if header.type == tarfile.GNUTYPE_LONGNAME:
                    name = _decoded(extension.rstrip(b"\x00"))
                else:
                    records = dict(_PAX_RECORD.findall(extension))
                    name = _decoded(records[b"path"]) if b"path" in records else name
                    size = int(found) if re.fullmatch(rb"\d{1,18}", found := records.get(b"size", b"")) else None
                data.pass_over()
                continue
            if header.type == tarfile.GNUTYPE_SPARSE:
                yield name or header.name, data, "a sparse file, which is not supported"
            elif header.isreg() and not header.name.endswith("/"):
                yield name or header.name, data, ""
            data.pass_over()
            name = size = None

    def _extension(self, data: _Data) -> bytes:
        if data.left > _LONGEST_EXTENSION:
            raise BrokenStream("damaged tar file: a name of more than a megabyte")
        return b"".join(iter(lambda: data.read(HEAD_BYTES) or b"", b""))

    def _exactly(self, count: int) -> bytes:
        pieces = b""
        while len(pieces) < count and (piece := read_some(self._stream, count - len(pieces))):
            pieces += piece
        return pieces


class _Data(io.RawIOBase):
    """The data of one member."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self.left = max(0, size)
        self._padding = -self.left % _BLOCK

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = read_some(self._stream, min(len(buffer), self.left))
        if not data and self.left and len(buffer):
            raise BrokenStream("the tar file ends too early: the members before are kept")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def pass_over(self) -> None:
        """Reads on to the next header."""
        self.left += self._padding
        self._padding = 0
        while self.left:
            piece = read_some(self._stream, min(HEAD_BYTES, self.left))
            if not piece:
                raise BrokenStream("the tar file ends too early: the members before are kept")
            self.left -= len(piece)


def _parsed(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return header if header.size >= 0 else None


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
