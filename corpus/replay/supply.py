"""What a page shows: its pictures, stylesheets and fonts, from the file that it is in or from the archive.

They become `data:` URIs in the page. So its frame needs no network at all, and its policy (CSP) can forbid it: no
address that was overlooked, and no trick of a stranger's stylesheet, makes a request. A frame without an origin could
not send the cookie of a private archive either.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from corpus.archive import Archive
from corpus.errors import ArchiveReadFailed
from corpus.readers.page import HTML_TYPES
from corpus.readers.saved_pages import archived_copy
from corpus.resources import find_resource, resource_type
from corpus.urls import canonical_url, is_web_address

MAX_SHOWN_BYTES: Final = 16 * 2**20
"""Bytes of the pictures, stylesheets and fonts that a page shows; each use of one counts."""

MAX_LOOKUPS: Final = 5_000
"""Addresses that are looked up for a page."""

_MAX_ADDRESS: Final = 4_000
_ANOTHER_DAY: Final = timedelta(days=1)
_DATA: Final = "data:"
_BROWSERS_DROP: Final = str.maketrans("", "", "\t\r\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file that a page is in: its bytes and declared media type."""

    data: bytes
    media_type: str
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes at an address, their media type by what they are, and where relative addresses in them begin."""

    data: bytes
    media_type: str
    base: str
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A picture, stylesheet or font that was captured more than a day before or after its page."""

    address: str
    captured_at: datetime


@dataclass(slots=True)
class Supply:
    """Finds what a page needs, once per address, within the limits; remembers what was missing."""

    archive: Archive
    captured_at: datetime
    parts: Mapping[str, Part] = field(default_factory=dict)
    """The parts of the page's own file, by address (`part_key`) and by `cid:`."""
    other_days: dict[str, OtherDay] = field(default_factory=dict)
    left_out: int = 0
    """Uses of pictures, stylesheets and fonts that were too many bytes."""
    _found: dict[str, Found | None] = field(default_factory=dict)
    _uris: dict[str, str] = field(default_factory=dict)
    _bytes: int = 0

    def find(self, address: str) -> Found | None:
        """What is at an address; None if that was not captured."""
        key = part_key(address)
        if key not in self._found:
            self._found[key] = self._look_up(address, key) if len(self._found) < MAX_LOOKUPS else None
        return self._found[key]

    def uri(self, address: str, kind: str) -> str | None:
        """A picture or font (`kind` is the beginning of its media type) as a `data:` URI."""
        if is_data(address):
            return address if data_type(address).startswith(kind) else None
        found = self.find(address)
        if found is None or not found.media_type.startswith(kind):
            return None
        if not self.spend(len(found.data)):
            return None
        key = part_key(address)
        if key not in self._uris:
            self._uris[key] = data_uri(found.media_type, found.data)
        return self._uris[key]

    def page_part(self, address: str) -> Part | None:
        """A page within the page's own file, for a frame."""
        part = self.parts.get(part_key(address)) if address else None
        return part if part and part.media_type in HTML_TYPES else None

    def spend(self, count: int) -> bool:
        """Count bytes that the page will show; False if they are too many."""
        if self._bytes + count > MAX_SHOWN_BYTES:
            self.left_out += 1
            return False
        self._bytes += count
        return True

    def _look_up(self, address: str, key: str) -> Found | None:
        if is_data(address):
            return _of_data(address)
        if part := self.parts.get(key):
            media_type = resource_type(part.data, part.media_type)
            return Found(part.data, media_type, address, part.charset) if media_type else None
        if not is_web_address(address):
            return None
        resource = find_resource(self.archive, address, self.captured_at)
        if (
            resource is None and (copy := archived_copy(address)) and copy.url
        ):  # a page that was saved from a web archive
            resource = find_resource(self.archive, copy.url, self.captured_at)
        if resource is None:
            return None
        try:
            data = self.archive.pages.read(resource.digest)
        except ArchiveReadFailed:  # reported by `arshif check`
            return None
        media_type = resource_type(data, resource.media_type)
        if media_type is None:
            return None
        if abs(resource.captured_at - self.captured_at) > _ANOTHER_DAY:
            self.other_days[key] = OtherDay(resource.address, resource.captured_at)
        return Found(data, media_type, address)


def absolute(base: str, reference: str) -> str:
    """The address that a reference means, without characters that browsers drop; empty if it is no address."""
    clean = reference.strip().translate(_BROWSERS_DROP)
    if is_data(clean):
        return clean
    if len(clean) > _MAX_ADDRESS:
        return ""
    try:
        # Parts of MHTML refer to one another by `cid:`, to which nothing is relative.
        joined = clean if clean[:4].lower() == "cid:" else urljoin(base, clean)
        urlsplit(joined)
    except ValueError:
        return ""
    return joined


def part_key(address: str) -> str:
    """The key of an address: any spelling, without the fragment; for `cid:` without its brackets."""
    if is_data(address):
        return address
    if address[:4].lower() == "cid:":
        return "cid:" + unquote_to_bytes(address[4:]).decode("utf-8", "replace").strip("<> ")
    return canonical_url(address) if is_web_address(address) else address.partition("#")[0]


def is_data(address: str) -> bool:
    """Whether an address holds its own content."""
    return address[:5].lower() == _DATA


def data_type(address: str) -> str:
    """The media type that a `data:` address declares, in lower case."""
    return address[5:200].partition(",")[0].partition(";")[0].strip().lower()


def data_uri(media_type: str, data: bytes) -> str:
    """Bytes as an address."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def _of_data(address: str) -> Found | None:
    head, comma, body = address.partition(",")
    if not comma:
        return None
    data = unquote_to_bytes(body)
    if head.lower().rstrip().endswith(";base64"):
        try:
            data = base64.b64decode(data + b"==")
        except ValueError:
            return None
    media_type = resource_type(data, data_type(address))
    return Found(data, media_type, "") if media_type else None
