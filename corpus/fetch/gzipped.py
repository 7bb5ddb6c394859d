"""Unpacking gzip data of strangers: strict about damage, and never more than was bargained for."""

from __future__ import annotations

import zlib
from typing import Final

MAGIC: Final = b"\x1f\x8b"
_GZIP: Final = 16 + zlib.MAX_WBITS
_MOST_MEMBERS: Final = 100


def unpack(data: bytes, limit: int) -> bytes:
    """The content of gzip data, of several members too.

    Raises:
        ValueError: it is damaged or breaks off, or its content is larger than `limit` bytes; its message says which.
    """
    content = bytearray()
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            content += member.decompress(data, limit + 1 - len(content))
        except zlib.error as error:
            raise ValueError("its gzip data is damaged") from error
        if len(content) > limit:
            raise ValueError(f"larger than {limit / 2**20:.0f} MB when unpacked")
        if not member.eof:
            raise ValueError("its gzip data is cut short")
        data = member.unused_data
        if not data.startswith(MAGIC):  # padding, or what a careless server appends
            return bytes(content)
    raise ValueError("its gzip data is in too many pieces")
