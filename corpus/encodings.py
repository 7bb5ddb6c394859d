"""From the bytes of a page or text file to its characters.

Tried in order: byte-order mark; what the transport declared; what the page declares of itself; strict UTF-8; then
detection among the encodings that Arabic has been written in. A declaration that the bytes contradict is passed over.

The detection is our own because it was measured better than charset-normalizer's on re-encoded Arabic news
(`docs/decisions.md`). A text with no Arabic in any of them is taken as windows-1252, the West's own.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED_IN_PAGE = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_DECLARED_IN_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""", re.I)
_HEAD: Final = 4096
_BINARY_MAGIC: Final = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x7fELF", b"RIFF", b"OggS")

# Single-byte encodings of Arabic, with the letters that each prints most in running text. A text decoded by the wrong
# one of them holds Arabic letters too, but rare ones, and Latin letters or signs in the middle of words.
_SINGLE_BYTE: Final = ("windows-1256", "iso8859-6", "mac_arabic", "cp720")
_SINGLE_BYTE_NAMES: Final = frozenset(codecs.lookup(encoding).name for encoding in _SINGLE_BYTE)
_FREQUENT: Final = frozenset("اليمونتربعدفهسقحكجشة")
_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_INSIDE_WORD: Final = re.compile(
    r"(?<=[\u0621-\u064a])[^\s\u0600-\u06ff.,:;!?\"'()\[\]«»/\-–—%…0-9](?=[\u0621-\u064a])"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of some bytes. `declared` is what the transport said, such as the charset of an HTTP header.

    Raises:
        ValueError: the bytes are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(data.decode(encoding, errors="replace"))
    if data.startswith(_BINARY_MAGIC):
        raise ValueError("not a text but a picture, document or archive")
    if (wide := _wide_encoding(data)) is not None:
        return _checked(data.decode(wide, errors="replace"))
    if b"\x00" in data[:_HEAD]:
        raise ValueError("not a text: it holds binary data")
    for name in (declared, _declared_inside(data)):
        if name and (text := _try(data, name)) is not None:
            return _checked(text)
    text = _try(data, "utf-8")
    return _checked(text if text is not None else _detect(data))


def _declared_inside(data: bytes) -> str | None:
    head = data[:_HEAD]
    match = _DECLARED_IN_XML.search(head) or _DECLARED_IN_PAGE.search(head)
    return match.group(1).decode("ascii") if match else None


def _try(data: bytes, encoding: str) -> str | None:
    """The text, if the bytes can be of this encoding and nothing speaks for another."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return None
    if name in ("ascii", "iso8859-1", "cp1252") and not data.isascii():
        # The mark of a server that was never told: an Arabic page is never Latin. What it is, is found out.
        return None
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, ValueError):
        return _nearly_utf8(data) if name == "utf-8" else None
    if name in _SINGLE_BYTE_NAMES and not data.isascii() and (utf8 := _try(data, "utf-8")) and _ARABIC.search(utf8):
        # Bytes that are valid UTF-8 Arabic are never anything else by chance.
        return utf8
    return text


def _nearly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few damaged bytes, such as a page cut in the middle of a letter."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    return text if damaged and len(_ARABIC.findall(text)) > 20 * damaged else None


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Arabic or Latin text is 0x06 or 0x00."""
    head = data[:_HEAD]
    if len(head) < 4:
        return None
    for name, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if sum(byte in (0x00, 0x06) for byte in high) > 0.9 * len(high):
            return name
    return None


def _detect(data: bytes) -> str:
    candidates = []
    for encoding in _SINGLE_BYTE:
        text = data.decode(encoding, errors="replace")
        candidates.append((_arabic_score(text), text))
    score, text = max(candidates, key=lambda candidate: candidate[0])
    if score > 0:
        return text
    return data.decode("cp1252", errors="replace")


def _arabic_score(text: str) -> float:
    """How much a text looks like printed Arabic: frequent letters speak for it, strangers inside words against."""
    letters = _ARABIC.findall(text)
    if len(letters) < 4:
        return 0.0
    frequent = sum(letter in _FREQUENT for letter in letters)
    strangers = text.count("\ufffd") + len(_INSIDE_WORD.findall(text)) + len(_CONTROL.findall(text))
    others = sum(1 for c in text if not c.isascii() and not "\u0600" <= c <= "\u06ff" and c not in "«»–—…“”‘’")
    return frequent - (len(letters) - frequent) - 3 * strangers - 2 * others


def _checked(text: str) -> str:
    sample = text[:100_000]
    if len(_CONTROL.findall(sample)) + sample.count("\ufffd") > 0.05 * len(sample):
        raise ValueError("not a text: it holds binary data")
    return text
