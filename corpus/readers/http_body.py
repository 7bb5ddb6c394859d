"""The body of an HTTP answer as it was recorded: out of its chunks, unpacked, with a bound on what comes out.

Recorders differ in what they leave in the headers: bodies that were already unpacked are found by their first bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import brotli

from corpus.readers.limits import MAX_PAGE_BYTES, BrokenStream

_GZIP_MAGIC: Final = b"\x1f\x8b"
_TOO_LARGE: Final = f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for a page"
_LONGEST_SIZE_LINE: Final = 1024
_MOST_CODINGS: Final = 3


def decode_body(data: bytes, *, transfer: str = "", content: str = "") -> bytes:
    """The page that a recorded body holds. `transfer` and `content` are the headers Transfer- and Content-Encoding.

    Raises:
        BrokenStream: it is damaged, too large, or packed in a way that is not read.
    """
    if "chunked" in transfer.lower():
        data = _joined_chunks(data)
    codings = [name for part in content.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(codings) > _MOST_CODINGS:
        raise BrokenStream(f"compressed {len(codings)} times")
    for coding in reversed(codings):
        if coding not in _DECODERS:
            raise BrokenStream(f"its Content-Encoding {coding[:40]!r} is not supported")
        data = _DECODERS[coding](data)
        if len(data) > MAX_PAGE_BYTES:
            raise BrokenStream(_TOO_LARGE)
    return data


def _joined_chunks(data: bytes) -> bytes:
    """A chunked body (RFC 9112, 7.1) without its chunk sizes; as it is where it has none."""
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        end = data.find(b"\r\n", at, at + _LONGEST_SIZE_LINE)
        try:
            size = int(data[at:end].partition(b";")[0].strip() or b"-", 16) if end > at else -1
        except ValueError:
            size = -1
        if size < 0:
            # Nothing that looks like a chunk: the recorder has joined them already; or the end is damaged.
            return data if not pieces else b"".join(pieces)
        if size == 0:
            break
        pieces.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(pieces)


def _gunzip(data: bytes) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        return data
    return _inflate(data, 31)


def _deflate(data: bytes) -> bytes:
    """zlib's form as the standard has it, or bare as some servers send it, or not packed."""
    for bits in (15, -15):
        try:
            return _inflate(data, bits)
        except BrokenStream as error:
            if str(error) == _TOO_LARGE:
                raise
    return data


def _inflate(data: bytes, bits: int) -> bytes:
    """Unpacks what there is: a body cut short gives its beginning, as browsers show it."""
    inflater = zlib.decompressobj(bits)
    try:
        page = inflater.decompress(data, MAX_PAGE_BYTES + 1)
    except zlib.error as error:
        raise BrokenStream(f"its body is damaged: {error}") from error
    if len(page) > MAX_PAGE_BYTES:
        raise BrokenStream(_TOO_LARGE)
    if data and not page and not inflater.eof:
        raise BrokenStream("its body is cut short")
    return page


def _unbrotli(data: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    try:
        page = decompressor.process(data, output_buffer_limit=MAX_PAGE_BYTES)
    except brotli.error:
        # No brotli data begin so: the recorder has unpacked them already. What is neither is no text, and told later.
        return data
    if len(page) > MAX_PAGE_BYTES or not decompressor.can_accept_more_data():
        raise BrokenStream(_TOO_LARGE)
    return bytes(page)


_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
}
