"""Streams for readers: decompressed in chunks, peeked into, made seekable."""

from __future__ import annotations

import bz2
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, Protocol

from corpus.readers.record import MAX_SPOOL_BYTES, BrokenStream, Budget

HEAD_BYTES: Final = 2**16
_BUFFER: Final = 2**17
_GZIP_MEMBER: Final = b"\x1f\x8b\x08"
# As much as `xz -9` needs; a file may declare a dictionary of four gigabytes.
_XZ_MEMORY: Final = 128 * 2**20
_KEPT_IN_MEMORY: Final = 16 * 2**20
# Bytes of a gzip member's data that are kept, to find the next member in them after damage; and how many may be
# decompressed again that way per input: after that, only what follows is searched.
_REMEMBERED: Final = 4 * 2**20
_MAX_REPEATED: Final = 256 * 2**20


class _Decompressor(Protocol):
    """The interface of `bz2` and `lzma`, which `_Gunzip` gives to zlib."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gunzip:
    """A gzip member, by zlib."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


_MAKERS: Final[dict[str, Callable[[], _Decompressor]]] = {
    "gzip": _Gunzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY),
}


class Decompressed(io.RawIOBase):
    """The content of gzip, bzip2 or xz data with all members; each read returns what is available, or raises.

    Raises:
        BrokenStream: the data is damaged or truncated; everything before the damage was returned.
        BudgetSpent: the content is too large.
    """

    def __init__(self, packed: IO[bytes], form: str, budget: Budget) -> None:
        self._packed = packed
        self._form = form
        self._make = _MAKERS[form]
        self._budget = budget
        self._decompressor: _Decompressor | None = self._make()
        self._input = b""
        self._given = bytearray()  # given to the decompressor, from the current member
        self._again = 0

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the result of one step; 0 at the end."""
        while (decompressor := self._decompressor) is not None:
            if decompressor.eof:
                self._next_member(decompressor.unused_data)
                continue
            if data := self._some(decompressor, len(buffer)):
                self._budget.spend(len(data))
                buffer[: len(data)] = data
                return len(data)
        return 0

    def skip_damage(self) -> bool:
        """Skip to the next gzip member after damage; false if there is none.

        It may begin within the damaged member's data: if the end of a member is missing, the next one can pass for more
        of it, and so can all that follow.
        """
        if self._form != "gzip":
            return False
        self._again += len(self._given)
        rest = (bytes(self._given) if self._again <= _MAX_REPEATED else b"") + self._input
        self._given.clear()
        start = 1  # not the damaged member itself, if it is here
        while (found := rest.find(_GZIP_MEMBER, start)) < 0:
            more = read_some(self._packed, HEAD_BYTES)
            if not more:
                self._decompressor = None
                return False
            rest, start = rest[-2:] + more, 0
        self._input = rest[found:]
        self._decompressor = self._make()
        return True

    def _some(self, decompressor: _Decompressor, most: int) -> bytes:
        """A chunk of content; empty if more input is needed first."""
        data, self._input = self._input, b""
        self._remember(data)
        try:
            if (piece := decompressor.decompress(data, most)) or decompressor.eof:
                return piece
            data = read_some(self._packed, HEAD_BYTES)
            if not data:
                raise BrokenStream(f"the {self._form} data ends too early: the part before is kept")
            self._remember(data)
            return decompressor.decompress(data, most)
        except lzma.LZMAError as error:
            raise BrokenStream(_xz_reason(error)) from error
        except (zlib.error, OSError, EOFError) as error:
            raise BrokenStream(f"damaged {self._form} data: {error}") from error

    def _remember(self, data: bytes) -> None:
        if self._form == "gzip":
            self._given += data
            if len(self._given) > 2 * _REMEMBERED:  # rarely, so that moving the rest is cheap
                del self._given[:-_REMEMBERED]

    def _next_member(self, rest: bytes) -> None:
        self._given.clear()
        while not rest.strip(b"\x00"):  # padding of tapes and blocks
            rest = read_some(self._packed, HEAD_BYTES)
            if not rest:
                self._decompressor = None
                return
        self._input = rest.lstrip(b"\x00")
        self._decompressor = self._make()


def _xz_reason(error: lzma.LZMAError) -> str:
    if "Memory usage limit" in str(error):
        return f"xz data that needs more than {_XZ_MEMORY // 2**20} MB of memory to unpack"
    return f"damaged xz data: {error}"


class _Rewound(io.RawIOBase):
    """A stream from its start, after its head was peeked at."""

    def __init__(self, head: bytes, rest: IO[bytes], error: BrokenStream | None) -> None:
        self._head = head
        self._rest = rest
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head and self._error:
            error, self._error = self._error, None
            raise error
        data = self._head[: len(buffer)] or read_some(self._rest, len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)

    def skip_damage(self) -> bool:
        return skip_damage(self._rest)


def peek_head(stream: IO[bytes]) -> tuple[bytes, io.BufferedReader]:
    """The first 64 KB of a stream, or all of it, and a stream that starts with them.

    Damage is not raised here, but when the stream is read up to it.
    """
    pieces: list[bytes] = []
    length, error = 0, None
    try:
        while length < HEAD_BYTES and (piece := read_some(stream, HEAD_BYTES - length)):
            pieces.append(piece)
            length += len(piece)
    except BrokenStream as broken:
        error = broken
    head = b"".join(pieces)
    if error and not head:
        raise error
    return head, io.BufferedReader(_Rewound(head, stream, error), _BUFFER)


def decompressed(stream: IO[bytes], form: str, budget: Budget) -> io.BufferedReader:
    """The content of a gzip, bzip2 or xz stream."""
    return io.BufferedReader(Decompressed(stream, form, budget), _BUFFER)


def skip_damage(stream: IO[bytes]) -> bool:
    """Move a stream that raised `BrokenStream` past the damage; false if that is impossible."""
    skip = getattr(getattr(stream, "raw", None), "skip_damage", None)
    return bool(skip and skip())


def read_some(stream: IO[bytes], most: int) -> bytes:
    """The result of a single read, so that nothing before damage is lost; empty at the end."""
    read1 = getattr(stream, "read1", None)
    data: bytes = (read1 or stream.read)(most)
    return data or b""


def read_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The rest of a stream in chunks."""
    while piece := read_some(stream, HEAD_BYTES):
        yield piece


@contextmanager
def spooled(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """The stream in a temporary file, which is in memory while it is small.

    Raises:
        BrokenStream: it is too large, or the disk is full.
    """
    with tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY) as file:
        size = 0
        for piece in read_chunks(stream):
            size += len(piece)
            if size > MAX_SPOOL_BYTES:
                raise BrokenStream(f"more than {MAX_SPOOL_BYTES // 2**30} GB: save it to a file first")
            try:
                file.write(piece)
            except OSError as error:
                raise BrokenStream(f"no room for a temporary copy: {error.strerror or error}") from error
        file.seek(0)
        yield file
