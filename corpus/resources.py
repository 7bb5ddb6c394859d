"""Pictures, stylesheets and fonts of stored pages: their addresses, when they were captured, and their bytes.

The bytes are in `pages/`, named by their SHA-256 as those of pages are, so that a logo is stored once for all
pages that show it. A row says that an address had these bytes at a time. A capture that repeats the bytes of the same
address and day adds no row.

A page has a row too if the address it was captured from is not its article's: relative addresses in it are relative to
that one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from corpus.archive import Archive
from corpus.checksums import RESOURCES, insert_row, is_intact
from corpus.revisions import storable, utc_text
from corpus.urls import canonical_url

MAX_RESOURCE_BYTES: Final = 8 * 2**20
"""Larger pictures, stylesheets and fonts are not kept: on a page of news, they would be its background."""

_SELECTED: Final = f"SELECT {RESOURCES.selected()} FROM resources"
_CSS: Final = "text/css"
_FONTS: Final = (b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00", b"true", b"ttcf")
_FONT_TYPES: Final = {b"wOFF": "font/woff", b"wOF2": "font/woff2", b"OTTO": "font/otf", b"ttcf": "font/collection"}
_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
)
# An SVG picture, after a declaration, comments and a doctype.
_SVG: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]{0,500}\?>|<!--.{0,4000}?-->|<!doctype[^>\[]{0,500}>)*<svg[\s>]", re.I | re.S
)
# They are compressed: doing it again takes time and saves nothing.
_PACKED: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "font/woff", "font/woff2")
_MAY_BE: Final = re.compile(
    r"image/.*|font/.*|text/css|application/(?:x-)?font-.*|application/vnd\.ms-fontobject|(?:application|binary)/octet-stream"
)


@dataclass(frozen=True, slots=True)
class Resource:
    """That an address had certain bytes at a time: their SHA-256, and their media type by what they are."""

    address: str
    captured_at: datetime
    digest: str
    media_type: str


def may_be_resource(declared: str) -> bool:
    """Whether bytes of a declared media type may be a picture, a stylesheet or a font."""
    return bool(_MAY_BE.fullmatch(declared))


def resource_type(data: bytes, declared: str = "") -> str | None:
    """The media type of a picture, a stylesheet or a font by its first bytes; None if it is none of them.

    What a server declares is believed of stylesheets only, which have no mark of their own: pages that servers send in
    their place are none.
    """
    for mark, media_type in _PICTURES:
        if data.startswith(mark):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if data.startswith(_FONTS):
        return _FONT_TYPES.get(data[:4], "font/ttf")
    if _SVG.match(data[:8192]):
        return "image/svg+xml"
    if data.startswith(b"BM") and declared.startswith("image/"):
        return "image/bmp"
    if (
        declared == _CSS
        and data.strip()
        and b"\x00" not in data[:1024]
        and not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    ):
        return _CSS
    return None


def keep_resource(archive: Archive, resource: Resource, data: bytes | None) -> bool:
    """Keep a resource, inside a batch; False if nothing was added. Without its bytes, they must be stored already.

    Raises:
        ArchiveWriteFailed: its bytes could not be written.
    """
    if data is None and not archive.pages.holds(resource.digest):
        return False
    address = storable(canonical_url(resource.address))
    moment = utc_text(resource.captured_at)
    with archive.translated_errors():
        known = archive.connection.execute(
            "SELECT 1 FROM resources WHERE address = ?1 AND (captured_at = ?2"
            " OR (digest = ?3 AND captured_at >= ?4 AND captured_at < ?5)) LIMIT 1",
            (address, moment, resource.digest, moment[:10], moment[:10] + "U"),
        ).fetchone()
        if known:
            return False
        if data is not None:
            archive.pages.store(data, level=0 if resource.media_type in _PACKED else 6)
        insert_row(archive.connection, RESOURCES, (address, moment, resource.digest, resource.media_type))
    return True


def find_resource(archive: Archive, address: str, near: datetime) -> Resource | None:
    """The capture of an address that is nearest in time; http and https are one address. Damaged rows are left out."""
    return min(captures(archive, address, near), key=lambda one: abs(one.captured_at - near), default=None)


def captures(archive: Archive, address: str, near: datetime) -> Iterator[Resource]:
    """The last captures of an address up to a time, and the first ones after it."""
    moment = utc_text(near)
    for spelling in _spellings(canonical_url(address)):
        for condition in ("captured_at <= ? ORDER BY captured_at DESC", "captured_at > ? ORDER BY captured_at"):
            rows = archive.run_sql(
                f"{_SELECTED} WHERE address = ? AND media_type <> 'text/html' AND {condition} LIMIT 3",
                (storable(spelling), moment),
            )
            yield from _intact(rows)


def captured_from(archive: Archive, digest: str, near: datetime) -> str | None:
    """The address that a page was captured from, if it is not that of its article."""
    rows = archive.run_sql(f"{_SELECTED} WHERE digest = ? AND media_type = 'text/html'", (digest,))
    found = min(_intact(rows), key=lambda one: abs(one.captured_at - near), default=None)
    return found.address if found else None


def resource_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Rows that are damaged."""
    for row in connection.execute(_SELECTED):
        if not is_intact(row):
            yield f"articles.db: the row of {row[0]!r} in resources is damaged"


def _intact(rows: list[tuple[str, str, str, str, int]]) -> Iterator[Resource]:
    for row in rows:
        if is_intact(row):
            yield Resource(row[0], datetime.fromisoformat(row[1]), row[2], row[3])


def _spellings(address: str) -> tuple[str, ...]:
    scheme, colon, rest = address.partition(":")
    other = {"http": "https", "https": "http"}.get(scheme)
    return (address, f"{other}:{rest}") if colon and other else (address,)
