"""Forms of files that are recognized so that they are refused with a reason, and never read as text."""

from __future__ import annotations

import re
from typing import Final

_PICTURE: Final = "a picture, which contains no text"
_SOUND: Final = "a sound or video file, which contains no text"
_OFFICE: Final = "save it as DOCX, ODT or plain text"
_PACKED: Final = "unpack it first"

# The first bytes of each form.
_FORMS: Final = (
    (b"%PDF-", "a PDF document, which is not supported: convert it to text first"),
    (
        b"\xd0\xcf\x11\xe0",
        f"an old or encrypted Office document or an Outlook message, which is not supported: {_OFFICE}",
    ),
    (b"{\\rtf", f"an RTF document, which is not supported: {_OFFICE}"),
    (b"\xdb\xa5-\x00", f"an old Word document, which is not supported: {_OFFICE}"),
    (b"%!PS", "a PostScript document, which is not supported"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document, which is not supported"),
    (b"AT&TFORM", "a DjVu document, which is not supported"),
    (b"ITSF", "a Windows help file, which is not supported"),
    (b"ITOLITLS", "an e-book of Microsoft Reader, which is not supported"),
    (b"!BDN", "a mailbox of Outlook, which is not supported: export its messages as .eml or mbox"),
    (b"7z\xbc\xaf\x27\x1c", f"a 7z archive, which is not supported: {_PACKED}"),
    (b"Rar!\x1a\x07", f"a RAR archive, which is not supported: {_PACKED}"),
    (b"MSCF", f"a CAB archive, which is not supported: {_PACKED}"),
    (b"\x1f\x9d", f"compressed with compress (.Z), which is not supported: {_PACKED}"),
    (b"LZIP", f"compressed with lzip, which is not supported: {_PACKED}"),
    (b"SQLite format 3\x00", "an SQLite database, which is not supported: export its tables as CSV"),
    (b"PAR1", "a Parquet file, which is not supported: export it as CSV or JSON"),
    (b"Obj\x01", "an Avro file, which is not supported: export it as CSV or JSON"),
    (b"\x89PNG", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"8BPS", _PICTURE),
    (b"\x00\x00\x01\x00", _PICTURE),
    (b"RIFF", "a picture, sound or video file, which contains no text"),
    (b"OggS", _SOUND),
    (b"ID3", _SOUND),
    (b"fLaC", _SOUND),
    (b"\x1aE\xdf\xa3", _SOUND),
    (b"FLV\x01", _SOUND),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"BEGIN:VCARD", "an address book, which contains no articles"),
    (b"BEGIN:VCALENDAR", "a calendar, which contains no articles"),
    (b"WEBVTT", "subtitles, which are not supported"),
    (b"[InternetShortcut]", "a link to a page, not the page itself: fetch its address instead"),
    (b"-----BEGIN ", "a key, a certificate or an encrypted text"),
)
# The same, at another place.
_AT: Final = (
    (4, b"ftyp", _SOUND),
    (60, b"BOOKMOBI", "a Kindle e-book, which is not supported: convert it to EPUB"),
)
_SUBTITLES: Final = re.compile(rb"\d{1,6}\r?\n\d\d:\d\d:\d\d,\d{3} --> \d\d:")
_DATABASE_DUMP: Final = re.compile(
    rb"(?:-- (?:MySQL|MariaDB|phpMyAdmin|PostgreSQL|Dump)|/\*!\d{5}|--\r?\n-- PostgreSQL|PRAGMA foreign_keys)"
)


def unsupported_form(head: bytes) -> str | None:
    """The reason why a file is not read, by its first bytes; None if nothing is known of it."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for magic, reason in _FORMS:
        if head.startswith(magic) or start.startswith(magic):
            return reason
    for place, magic, reason in _AT:
        if head[place : place + len(magic)] == magic:
            return reason
    if _SUBTITLES.match(start):
        return "subtitles, which are not supported"
    if _DATABASE_DUMP.match(start):
        return "a dump of a database, which is not supported: export its tables as CSV"
    return None
