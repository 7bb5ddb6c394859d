"""Ids in TREC's files, whose columns are split at white space: an id that holds some is percent-encoded.

Only such ids are, so that a web address with escapes of its own stays as other tools print it. Reading undoes it where
an escape of white space or of a control character shows that it was done.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

# As bytes are split by TREC's tools in C, and by Python, which also knows Unicode's spaces.
_UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_UNSAFE_OR_PERCENT: Final = re.compile(rf"{_UNSAFE.pattern}|%")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def survives_trec(given_id: str) -> bool:
    """Whether the id stands in a TREC file as it is."""
    return bool(given_id) and not _UNSAFE.search(given_id)


def encode_id(given_id: str) -> str:
    """The id as it stands in a TREC file: one word."""
    if survives_trec(given_id):
        return given_id
    return _UNSAFE_OR_PERCENT.sub(lambda found: quote(found[0], safe=""), given_id)


def decode_id(printed: str) -> str:
    """The id that a TREC file's word stands for."""
    decoded = _ESCAPES.sub(_unescape, printed)
    return decoded if _UNSAFE.search(decoded) else printed


def _unescape(found: re.Match[str]) -> str:
    """Undoes the escapes that `encode_id` makes, and leaves others as they are."""
    escaped = bytes.fromhex(found[0].replace("%", ""))
    text = escaped.decode("utf-8", errors="surrogateescape")
    return "".join(
        char if _UNSAFE_OR_PERCENT.match(char) else quote(char.encode("utf-8", "surrogateescape"), safe="")
        for char in text
    )
