"""From a stored revision to the document that a frame shows, and to what a reader must know of it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from corpus.archive import Archive
from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode
from corpus.readers.page import HTML_TYPES
from corpus.readers.record import MAX_PAGE_BYTES
from corpus.replay.bundles import MHTML, WEBARCHIVE, Bundle, read_bundle
from corpus.replay.markup import Count, Markup, OutsideLink
from corpus.replay.supply import OtherDay, Part, Supply
from corpus.resources import captured_from
from corpus.revisions import Revision

_TEXT: Final = "text/plain"
_SHOWN: Final = HTML_TYPES | {_TEXT, MHTML, WEBARCHIVE}
_AS_TEXT: Final = (
    "<!doctype html><html><head><style>pre{{white-space:pre-wrap;font:1rem/1.8 serif;margin:1rem}}</style></head>"
    '<body><pre dir="auto">{}</pre></body></html>'
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A page as one document, None if it cannot be shown; what of it was captured, and when.

    `saved_at` is when the page or its file says that it was saved; `other_days` are what was captured more than a day
    before or after it; `media` counts videos and sounds, which are never kept, and `left_out` uses of pictures,
    stylesheets and fonts that were too many bytes to show.
    """

    html: str | None
    address: str
    saved_at: datetime | None = None
    pictures: Count = field(default_factory=Count)
    styles: Count = field(default_factory=Count)
    frames: Count = field(default_factory=Count)
    media: int = 0
    left_out: int = 0
    other_days: tuple[OtherDay, ...] = ()


def can_replay(media_type: str) -> bool:
    """Whether pages of a media type can be shown; others are files to download."""
    return media_type.partition(";")[0].strip().lower() in _SHOWN


def replay(archive: Archive, revision: Revision, link: OutsideLink = lambda address: (address, address)) -> Replayed:
    """The stored page of a revision as one document that loads nothing; `link` makes the links that lead out of it.

    Raises:
        ArchiveReadFailed: the stored page is missing or damaged.
    """
    media_type = (revision.page_type or "").partition(";")[0].strip().lower()
    if media_type not in _SHOWN:
        return Replayed(None, revision.article.url or "")
    data = archive.pages.read(revision.page or "")
    address = captured_from(archive, revision.page or "", revision.recorded_at) or revision.article.url or ""
    try:
        bundle = _opened(data, media_type, address)
        text = decode(bundle.page.data, bundle.page.charset)
    except (UnreadableInput, ValueError):
        return Replayed(None, address)
    if media_type == _TEXT:
        return Replayed(_AS_TEXT.format(html.escape(text)), address)
    supply = Supply(archive, revision.recorded_at, bundle.parts)
    markup = Markup(supply, link)
    written = markup.page(text, bundle.address)
    return Replayed(
        written,
        bundle.address,
        bundle.saved_at or markup.saved.saved_at,
        markup.pictures,
        markup.styles,
        markup.frames,
        markup.media,
        supply.left_out,
        tuple(supply.other_days.values()),
    )


def _opened(data: bytes, media_type: str, address: str) -> Bundle:
    if len(data) > MAX_PAGE_BYTES:
        raise UnreadableInput(media_type, "too large")
    if media_type in (MHTML, WEBARCHIVE):
        bundle = read_bundle(data, media_type)
        return bundle if bundle.address else Bundle(bundle.page, address, bundle.parts, bundle.saved_at)
    return Bundle(Part(data, media_type), address, {}, None)
