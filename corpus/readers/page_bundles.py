"""Pages that a browser saved in one file with their parts: MHTML (RFC 2557) and Safari's web archives.

The page is read as it would be from the web: its address is that of the page, relative dates are counted from when it
was saved, which MHTML records. The whole file is stored. If the page consists of frames, the article is in one of them.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from xml.parsers.expat import ExpatError

from corpus.errors import UnreadableInput
from corpus.readers import mime
from corpus.readers.page import HTML_TYPES, read_page
from corpus.readers.record import Item, Place, Reading, Record

MHTML_NAMES: Final = frozenset({".mht", ".mhtml"})
WEBARCHIVE_NAMES: Final = frozenset({".webarchive"})

_MHTML: Final = "multipart/related"
_WEBARCHIVE: Final = "application/x-webarchive"
_PLIST: Final = b"bplist00"
_OF_PAGES: Final = frozenset({"snapshot-content-location", "content-location"})
_OF_MAIL: Final = frozenset({"to", "received", "message-id", "return-path"})
_END_OF_HEADERS: Final = re.compile(rb"\r?\n\r?\n")
_RELATED: Final = re.compile(rb"^content-type:\s*multipart/related", re.I | re.M)
_SAVED_BY: Final = re.compile(rb"^from:\s*\"?<?saved by", re.I | re.M)
_FRAMES: Final = re.compile(rb"<frameset", re.I)
_MAX_FRAMES: Final = 20
_START: Final = re.compile(r"""start\s*=\s*["']?<?([^"'>;\s]{1,300})""", re.I)
PLIST_ERRORS: Final = (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError, LookupError, TypeError,
                        AttributeError, RecursionError, MemoryError)  # fmt: skip
"""What plistlib raises for damaged property lists."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in a bundle: its bytes, address, declared charset and media type."""

    data: bytes
    url: str | None
    charset: str | None
    media_type: str


def is_mhtml(head: bytes, extension: str) -> bool:
    """Whether a file is MHTML: by its headers; by its name if it is no plain HTML."""
    names = mime.header_names(head)
    if "content-type" in names and not names & _OF_MAIL:
        headers = _END_OF_HEADERS.split(head.lstrip(), 1)[0]
        if names & _OF_PAGES or _SAVED_BY.search(headers) or _RELATED.search(headers):
            return True
    return extension in MHTML_NAMES and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def is_webarchive(head: bytes, extension: str) -> bool:
    """Whether a file is a binary property list, or is named as a web archive of Safari."""
    return head.startswith(_PLIST) or extension in WEBARCHIVE_NAMES


def read_mhtml(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the page of an MHTML file.

    Raises:
        UnreadableInput: it has no page, or the page no article.
    """
    message = mime.parse_message(data, place.label)
    saved_as = mime.header(message, "Snapshot-Content-Location")
    parts = main_part_first(message, [part for part in mime.leaves(message) if mime.media_type(part) in HTML_TYPES])
    if not parts:
        raise UnreadableInput(place.label, "not a saved page: it has no part with HTML")
    pages = [
        _Page(mime.content(part), _web_address(_location(part)), mime.charset(part), mime.media_type(part))
        for part in parts[: _MAX_FRAMES + 1]
    ]
    pages[0] = replace(pages[0], url=_web_address(saved_as) or pages[0].url or _web_address(_location(message)))
    yield _record(pages, data, _MHTML, place, reading, saved_at=mime.moment(message))


def main_part_first(message: mime.Part, parts: list[mime.Part]) -> list[mime.Part]:
    """The parts with HTML of an MHTML file, the one that the file is a copy of first."""
    saved_as = mime.header(message, "Snapshot-Content-Location")
    start = _START.search(mime.raw_header(message, "Content-Type"))

    def is_main(part: mime.Part) -> bool:
        identity = mime.raw_header(part, "Content-ID").strip("<> ")
        return bool(start and start[1] == identity) or bool(saved_as and _location(part) == saved_as)

    return sorted(parts, key=lambda part: not is_main(part))


def read_webarchive(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the page of a web archive of Safari.

    Raises:
        UnreadableInput: it is another kind of property list, or the page has no article.
    """
    try:
        root: Any = plistlib.loads(data)
    except PLIST_ERRORS as error:
        raise UnreadableInput(place.label, "not a property list, as web archives of Safari are, or damaged") from error
    archives = [root] if isinstance(root, dict) else []
    if archives and isinstance(frames := root.get("WebSubframeArchives"), list):
        archives += [frame for frame in frames[:_MAX_FRAMES] if isinstance(frame, dict)]
    pages = [page for one in archives if (page := _resource(one.get("WebMainResource")))]
    if not pages:
        raise UnreadableInput(place.label, "a property list without a saved page")
    yield _record(pages, data, _WEBARCHIVE, place, reading, saved_at=None)


def _record(
    pages: list[_Page], whole: bytes, media_type: str, place: Place, reading: Reading, *, saved_at: datetime | None
) -> Record:
    """The record of the main page, which is first, or of the first of its frames with an article."""
    candidates = pages if _FRAMES.search(pages[0].data) else pages[:1]
    failed: UnreadableInput | None = None
    for page in candidates:
        try:
            record = read_page(
                page.data,
                place,
                reading,
                media_type=page.media_type,
                charset=page.charset,
                url=page.url,
                retrieved_at=saved_at.astimezone(UTC) if saved_at else None,
            )
        except UnreadableInput as error:
            failed = failed or error
            continue
        return replace(record, page=whole, media_type=media_type)
    raise failed or UnreadableInput(place.label, "it has no page")


def _resource(found: Any) -> _Page | None:
    if not isinstance(found, dict) or not isinstance(data := found.get("WebResourceData"), bytes):
        return None
    media_type = _string(found, "WebResourceMIMEType") or "text/html"
    if media_type not in HTML_TYPES and media_type != "text/plain":
        return None
    charset = _string(found, "WebResourceTextEncodingName")
    return _Page(data, _web_address(_string(found, "WebResourceURL") or ""), charset, media_type)


def _string(found: dict[str, Any], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) else None


def _location(part: mime.Part) -> str:
    return mime.header(part, "Content-Location")


def _web_address(url: str) -> str | None:
    """The address, if it is one of the web: files on a disk and parts of the bundle have none."""
    return url if url.lower().startswith(("http://", "https://")) else None
