"""Character encodings: from the bytes of a page or text file to text.

Tried in this order:

1. a byte-order mark; UTF-16 without one, by its high bytes;
2. strict UTF-8, regardless of what was declared: Arabic in another encoding is never valid UTF-8 by accident;
3. what the transport declared, then what the page declares in `<meta>` or an XML declaration, unless it is unknown,
   impossible for these bytes, or clearly less like Arabic than one of the next;
4. the one of windows-1256, ISO-8859-6, MacArabic and damaged UTF-8 that gives the likeliest Arabic, by letter
   frequencies; if none gives Arabic, windows-1252, the encoding of Western languages.

A page that was put together of two encodings, such as a UTF-8 template around a windows-1256 body, is decoded by parts:
a part is what is between tags, quotes and line ends.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

_BOMS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC: Final = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_HEAD: Final = 4096
_DECLARED: Final = (
    re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:+-]{1,40})""", re.I),
    re.compile(rb"""<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I),
)
# Python decodes these too, but no page uses them: host names, source code, mail. UTF-16 is recognized before.
_NO_PAGE: Final = re.compile(r"idna|punycode|.*unicode_escape|undefined|utf-?(7|16|32).*", re.I)
# Pages declared as Latin-1 are windows-1252, as browsers read them (WHATWG Encoding, 4.2).
_READ_AS: Final = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_ARABIC: Final = ("cp1256", "iso8859-6", "mac-arabic")

# Frequency per million of non-ASCII characters, counted in 4.8 million characters of Tunisian and Saudi news,
# 2013-2017.
_COUNTED: Final = """
    ا150394 ل115112 ي74301 م64173 و52473 ن49262 ت46012 ر45401 ب35443 ة34806 ع32616 د30671 ف25013 س24800 ه22945 ق21580
    أ18313 ح18190 ك16892 ج14832 ش9791 ط9717 ص9470 ،8377 إ8289 ى8150 خ8085 ز6516 ض6507 ذ5509 ث5187 ئ4190 غ3515 ء3415
    ظ2286 ؤ1232 آ801 »707 «672 ـ391 ؟137 ”118 ؛106 “94 –94
"""
_PER_MILLION: Final = {char: int(count) for char, count in re.findall(r"(\S)(\d+)", _COUNTED)}
_HARAKA: Final = re.compile("[\u064b-\u0652]")
_OF_A_HARAKA: Final = 8_000  # as in partly vocalised texts: a poem is Arabic too
_OF_A_RARE_SIGN: Final = 20
_OF_A_SEPARATOR: Final = 1_000
_OF_A_STRANGER: Final = 1
_OF_DAMAGE: Final = 0.1
_SAMPLE: Final = 100_000

# News has a mean log-likelihood of -3.5 to -2.8 per letter, Russian in KOI8 read as windows-1256 -4.8, others less.
_MIN_MEAN: Final = -4.0
_SLACK: Final = 10.0  # for texts of a few letters, whose mean is unreliable
# How much greater per letter another encoding's log-likelihood must be for a declaration to be ignored.
_LIE: Final = 0.5

# Control characters behind a lead byte are UTF-8 that was read as ISO-8859-1, which is undone later.
_NOISE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd\ue000-\uf8ff]|(?<![\xc2-\xdf\x80-\xbf])[\x80-\x9f]")
_MAX_NOISE: Final = 0.05


# No text of a code page has this: three Arabic letters of UTF-8.
_UTF8_WORD: Final = re.compile(rb"(?:[\xd8-\xdb][\x80-\xbf]){3}")
_PART: Final = re.compile(rb'[^<>"\r\n\x1e]+')
_ARABIC_IN_UTF8: Final = re.compile("[\u0600-\u06ff]")
_MIN_HIGH: Final = 3  # bytes of a part that is read in another encoding than the rest


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the encodings of its bytes: more than one if it was put together of several."""

    text: str
    encodings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A candidate encoding, and the log-likelihood of the non-ASCII characters in it as Arabic news."""

    encoding: str
    likelihood: float
    letters: int

    @property
    def is_arabic(self) -> bool:
        return self.likelihood > _MIN_MEAN * self.letters - _SLACK


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a page or text file. `declared` is the charset from the transport, such as an HTTP header.

    The byte-order mark and stray NULs are removed; damaged bytes become U+FFFD.

    Raises:
        ValueError: the bytes are not text; the message says what they are.
    """
    return decode_parts(data, declared).text


def decode_parts(data: bytes, declared: str | None = None) -> Decoded:
    """As `decode`, with the encodings that were found.

    Raises:
        ValueError: the bytes are not text; the message says what they are.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise ValueError(f"not text but {what}")
    encoding = find_encoding(data, declared)
    data = data.removeprefix(codecs.BOM_UTF8)
    found = decode_several(data, encoding) or Decoded(data.decode(encoding, "replace"), (encoding,))
    text = found.text.removeprefix("\ufeff")
    sample = text[:_SAMPLE]
    if len(_NOISE.findall(sample)) > _MAX_NOISE * len(sample):
        raise ValueError("not text: it contains binary data")
    return Decoded(text.replace("\x00", ""), found.encodings)


def find_wide_encoding(data: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be`, recognized with or without a byte-order mark; None for other encodings."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    return _wide_encoding(data)


def find_encoding(data: bytes, declared: str | None = None) -> str:
    """The encoding of some bytes, by the rules of this module; any bytes have one."""
    if wide := find_wide_encoding(data):
        return wide
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _narrow_encoding(data, declared)
    return "utf-8"


def arabic_likelihood(text: str) -> float:
    """The mean log-likelihood of the non-ASCII characters of a text as Arabic news; that of news is -3.5 to -2.8."""
    scored = _scored("", text)
    return scored.likelihood / scored.letters if scored.letters else -math.inf


def decode_several(data: bytes, usual: str) -> Decoded | None:
    """The text of a document in UTF-8 and a code page (`usual` is one of them); None if it is in one encoding."""
    if usual.startswith("utf-16") or not _UTF8_WORD.search(data):
        return None
    kinds = {part: _kind_of_part(part) for part in set(_PART.findall(data)) if not part.isascii()}
    pages = [part for part, kind in kinds.items() if kind == "page"]
    if not pages or "utf-8" not in kinds.values():
        return None
    together = b"\n".join(pages)
    page = max((_reading(together, name) for name in _ARABIC), key=lambda reading: reading.likelihood)
    if not page.is_arabic:
        return None
    names = {"utf-8": "utf-8", "page": page.encoding, "": usual}
    pieces, at = [], 0
    for found in _PART.finditer(data):
        encoding = names[kinds.get(found[0], "")]
        pieces += [data[at : found.start()].decode(usual, "replace"), found[0].decode(encoding, "replace")]
        at = found.end()
    pieces.append(data[at:].decode(usual, "replace"))
    return Decoded("".join(pieces), ("utf-8", page.encoding))


def _kind_of_part(part: bytes) -> str:
    """`utf-8`, even damaged, `page` for an Arabic code page, or nothing for a part that is neither."""
    text = part.decode("utf-8", "replace")
    damage = text.count("\ufffd")
    if len(_ARABIC_IN_UTF8.findall(text)) > damage:
        return "utf-8"
    high = sum(byte >= 0x80 for byte in part)
    if high < _MIN_HIGH or not damage:
        return ""
    return "page" if max(_reading(part, name).likelihood / high for name in _ARABIC) > _MIN_MEAN else ""


def _narrow_encoding(data: bytes, declared: str | None) -> str:
    """The encoding of bytes that are neither UTF-16 nor valid UTF-8."""
    # The first of equals wins, so the most common is first; damaged UTF-8 is last, as it always wins by far.
    found = max((_reading(data, name) for name in (*_ARABIC, "utf-8")), key=lambda reading: reading.likelihood)
    for name in (declared, _declared_in_page(data)):
        said = _declared_reading(data, name) if name else None
        if said and not (found.is_arabic and found.likelihood > said.likelihood + _LIE * found.letters):
            return said.encoding
    return found.encoding if found.is_arabic else "cp1252"


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a byte-order mark: every second byte is 0x00 (Latin, spaces, markup) or 0x06 (Arabic)."""
    head = data[:_HEAD]
    if b"\x00" not in head and b"\x06" not in head:
        return None
    even, odd = head[::2], head[1::2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if _zeros_and_sixes(high) > 0.9 * len(high) and _zeros_and_sixes(low) <= 0.1 * len(low):
            return name
    return None


def _zeros_and_sixes(data: bytes) -> int:
    return data.count(0) + data.count(6)


def _declared_in_page(data: bytes) -> str | None:
    head = data[:_HEAD]
    found = next(filter(None, (pattern.search(head) for pattern in _DECLARED)), None)
    return found[1].decode("ascii", "replace") if found else None


def _declared_reading(data: bytes, declared: str) -> _Reading | None:
    """The candidate for a declared encoding; None if it is unknown, not used for pages, or impossible here."""
    label = declared.partition(";")[0].strip(" \t\"'").lower().removeprefix("x-")
    try:
        name = codecs.lookup(label).name
        name = _READ_AS.get(name, name)
        return None if _NO_PAGE.fullmatch(name) else _scored(name, data.decode(name))
    except (LookupError, ValueError):
        return None


def _reading(data: bytes, encoding: str) -> _Reading:
    text = data.decode(encoding, "replace")
    return _scored(encoding, text, single_byte_of=data if encoding in _ARABIC else None)


def _scored(encoding: str, text: str, single_byte_of: bytes | None = None) -> _Reading:
    if single_byte_of is None:
        chars = Counter(char for char in text[:_SAMPLE] if not char.isascii())
    else:
        # MacArabic has a second set of ASCII characters among its high bytes: the byte decides.
        pairs = zip(single_byte_of[:_SAMPLE], text, strict=False)
        chars = Counter(char for byte, char in pairs if byte >= 0x80)
    likelihood = sum(count * _log_probability(char) for char, count in chars.items())
    return _Reading(encoding, likelihood, chars.total())


def _log_probability(char: str) -> float:
    if char in _PER_MILLION:
        per_million: float = _PER_MILLION[char]
    elif _HARAKA.match(char):
        per_million = _OF_A_HARAKA
    elif char in " \u00a0.:-0123456789":
        # A plain space among the high bytes is MacArabic's; if nothing more is known, it decides against ISO-8859-6.
        per_million = _OF_A_SEPARATOR + (char == " ")
    elif "\u0600" <= char <= "\u06ff" or "\u200b" <= char <= "\u203a":
        per_million = _OF_A_RARE_SIGN
    else:
        per_million = _OF_DAMAGE if char == "\ufffd" else _OF_A_STRANGER
    return math.log(per_million / 1e6)
