"""Messages in MIME (RFC 5322, 2045, 2047): headers and parts, for e-mail and MHTML, by Python's `email`.

The policy `compat32` keeps the bytes of headers: the others replace what is not ASCII, and old programs wrote
windows-1256 without declaring it.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode

Part: TypeAlias = "Message[Any, Any]"
"""A message, or a part of one."""

# `email` compares each line with the boundaries of all levels that it is in.
_MAX_NESTED: Final = 100
_MAX_LINES: Final = 5_000_000
_NESTING: Final = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
# What `email` raises for malicious content types, such as parameters numbered twice.
_ERRORS: Final = (LookupError, ValueError, TypeError, AttributeError, RecursionError, HeaderParseError)
_HEADER: Final = re.compile(rb"[!-9;-~]{1,80}:")
_CHARSET: Final = re.compile(r"""charset\*?\s*=\s*["']?([\w.:+-]{1,40})""", re.I)
_FILE_NAME: Final = re.compile(r"""(?:file)?name\*?(?:0\*?)?\s*=\s*(?:"([^"]{0,300})"|([^\s;]{0,300}))""", re.I)
_MAX_HEADER: Final = 10_000  # characters


def header_names(head: bytes) -> set[str]:
    """The names of the headers, in lower case, that a file begins with; none if it does not begin with headers."""
    names: set[str] = set()
    for line in head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n"):
        if not line.strip():
            return names
        if line[:1] in (b" ", b"\t"):
            continue
        if not _HEADER.match(line):
            return set()
        names.add(line.partition(b":")[0].decode("ascii").lower())
    return names  # the headers are longer than the head


def parse_message(data: bytes, label: str) -> Part:
    """Parse a message.

    Raises:
        UnreadableInput: it has too many parts or lines.
    """
    nested = len(_NESTING.findall(data))
    if nested > _MAX_NESTED:
        raise UnreadableInput(label, f"it has more than {_MAX_NESTED} parts that contain others")
    if data.count(b"\n") * (1 + nested) > _MAX_LINES:
        raise UnreadableInput(label, "it has too many lines in too many parts")
    try:
        return email.message_from_bytes(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    except _ERRORS as error:
        raise UnreadableInput(label, "damaged: its parts cannot be separated") from error


def header(part: Part, name: str) -> str:
    """A header as one line of text, decoded; empty if it is missing."""
    return decoded(raw_header(part, name))


def raw_header(part: Part, name: str) -> str:
    """A header as it is written, in one line; bytes beyond ASCII are surrogates."""
    for key, value in part.raw_items():
        if key.lower() == name.lower():
            return " ".join(str(value)[:_MAX_HEADER].split())
    return ""


def decoded(raw: str) -> str:
    """The text of a header, or of a part of one."""
    if "=?" not in raw:
        return " ".join(_text(raw.encode("utf-8", "surrogateescape"), None).split())
    try:
        pieces = decode_header(raw.encode("utf-8", "surrogateescape").decode("ascii", "ignore"))
    except _ERRORS:
        return raw.encode("ascii", "ignore").decode()
    # Words of one charset are joined before they are decoded, since programs divide characters between them.
    return " ".join(
        "".join(piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces).split()
    )


def moment(part: Part, name: str = "Date") -> datetime | None:
    """The time in a header; UTC if it gives no zone."""
    try:
        found = parsedate_to_datetime(raw_header(part, name))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found.astimezone(UTC)  # raises if it is beyond the years of the calendar
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found


def content(part: Part) -> bytes:
    """The content of a part, decoded from quoted-printable or base64, as far as it is valid."""
    try:
        found = part.get_payload(decode=True)
    except _ERRORS:
        return b""
    return found if isinstance(found, bytes) else b""


def media_type(part: Part) -> str:
    """The media type of a part in lower case, `text/plain` by default."""
    return part.get_content_type()


def charset(part: Part) -> str | None:
    """The charset that a part declares."""
    found = _CHARSET.search(raw_header(part, "Content-Type"))
    return found[1] if found else None


def file_name(part: Part) -> str | None:
    """The file name of a part; None if it is no attachment."""
    disposition = raw_header(part, "Content-Disposition")
    for value in (disposition, raw_header(part, "Content-Type")):
        if found := _FILE_NAME.search(value):
            return decoded(found[1] or found[2] or "") or "attachment"
    return "attachment" if disposition.lower().startswith("attachment") else None


def parts_of(part: Part) -> list[Part]:
    """The parts of a multipart message; none if it has no parts."""
    # For another part, `get_payload` decodes its content, and fails if the charset is no name.
    return [one for one in part.get_payload() if isinstance(one, Message)] if part.is_multipart() else []


def leaves(part: Part) -> Iterator[Part]:
    """All parts that contain no others, in order."""
    stack = [part]
    while stack:
        one = stack.pop()
        if inner := parts_of(one):
            stack.extend(reversed(inner))
        else:
            yield one


def _text(data: bytes, charset: str | None) -> str:
    try:
        return decode(data, charset)
    except ValueError:
        return data.decode("utf-8", "replace")
