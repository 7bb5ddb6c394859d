"""The page and its parts in one file: MHTML and web archives of Safari."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from corpus.errors import UnreadableInput
from corpus.readers import mime
from corpus.readers.page import HTML_TYPES
from corpus.readers.page_bundles import PLIST_ERRORS, main_part_first
from corpus.replay.supply import Part, part_key

MHTML: Final = "multipart/related"
WEBARCHIVE: Final = "application/x-webarchive"

_MAX_PARTS: Final = 20_000
_MAX_FRAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """The page, its own address, its parts by address, and when it was saved, if the file says so."""

    page: Part
    address: str
    parts: dict[str, Part]
    saved_at: datetime | None


def read_bundle(data: bytes, media_type: str) -> Bundle:
    """Separate the page from its parts.

    Raises:
        UnreadableInput: it is damaged.
    """
    return _of_mhtml(data) if media_type == MHTML else _of_webarchive(data)


def _of_mhtml(data: bytes) -> Bundle:
    message = mime.parse_message(data, MHTML)
    leaves = [part for part, _ in zip(mime.leaves(message), range(_MAX_PARTS), strict=False)]
    pages = main_part_first(message, [part for part in leaves if mime.media_type(part) in HTML_TYPES])
    if not pages:
        raise UnreadableInput(MHTML, "it has no part with HTML")
    parts: dict[str, Part] = {}
    for leaf in leaves:
        if leaf is not pages[0]:
            part = Part(mime.content(leaf), mime.media_type(leaf), mime.charset(leaf))
            for key in _keys(leaf):
                parts.setdefault(key, part)
    main = pages[0]
    page = Part(mime.content(main), mime.media_type(main), mime.charset(main))
    address = mime.header(message, "Snapshot-Content-Location") or mime.header(main, "Content-Location")
    saved_at = mime.moment(message)
    return Bundle(page, address, parts, saved_at.astimezone(UTC) if saved_at else None)


def _keys(part: mime.Part) -> Iterator[str]:
    if location := mime.header(part, "Content-Location"):
        yield part_key(location)
    if identity := mime.raw_header(part, "Content-ID").strip("<> "):
        yield f"cid:{identity}"


def _of_webarchive(data: bytes) -> Bundle:
    try:
        root: Any = plistlib.loads(data)
    except PLIST_ERRORS as error:
        raise UnreadableInput(WEBARCHIVE, "damaged") from error
    main = root.get("WebMainResource") if isinstance(root, dict) else None
    page = _part(main)
    if page is None:
        raise UnreadableInput(WEBARCHIVE, "it has no page")
    resources = list(_listed(root, "WebSubresources", _MAX_PARTS))
    frames = [frame.get("WebMainResource") for frame in _listed(root, "WebSubframeArchives", _MAX_FRAMES)]
    parts: dict[str, Part] = {}
    for resource in (*resources, *frames):
        if (part := _part(resource)) and (address := _text(resource, "WebResourceURL")):
            parts.setdefault(part_key(address), part)
    return Bundle(page, _text(main, "WebResourceURL") or "", parts, None)


def _listed(root: dict[str, Any], name: str, most: int) -> list[dict[str, Any]]:
    found = root.get(name)
    return [one for one in found[:most] if isinstance(one, dict)] if isinstance(found, list) else []


def _part(found: Any) -> Part | None:
    if not isinstance(found, dict) or not isinstance(data := found.get("WebResourceData"), bytes):
        return None
    media_type = _text(found, "WebResourceMIMEType") or "text/html"
    return Part(data, media_type.lower(), _text(found, "WebResourceTextEncodingName"))


def _text(found: Any, name: str) -> str | None:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
