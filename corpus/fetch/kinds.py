"""What was fetched, found from its bytes: servers send feeds as text/html and sitemaps as anything."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from corpus.encodings import decode
from corpus.errors import UnreadableInput
from corpus.fetch.client import Response
from corpus.fetch.gzipped import MAGIC, unpack
from corpus.readers.xml_root import FEED_ROOTS, SITEMAP_ROOTS, root_name

_HEAD: Final = 64 * 1024  # bytes in which the first element or line must begin


class Kind(StrEnum):
    """What a document is; `URL_LIST` is a sitemap in plain text."""

    FEED = "feed"
    SITEMAP = "sitemap"
    URL_LIST = "list of addresses"
    PAGE = "page"


def kind_of(data: bytes, name: str, media_type: str = "") -> Kind:
    """What some bytes are; the declared media type counts only for what the bytes do not tell.

    Raises:
        UnreadableInput: they are none of these.
    """
    try:
        head = decode(data[:_HEAD]).lstrip()
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    root = root_name(head)
    if root in FEED_ROOTS:
        return Kind.FEED
    if root in SITEMAP_ROOTS:
        return Kind.SITEMAP
    if head.startswith(("http://", "https://")):
        return Kind.URL_LIST
    declared = media_type.partition(";")[0].strip().lower()
    if head.startswith("<") or "html" in declared:
        return Kind.PAGE
    if not head:
        raise UnreadableInput(name, "the response is empty")
    raise UnreadableInput(name, f"not a page, a feed or a sitemap but {declared or 'an unknown type'}")


def unpacked(response: Response, limit: int) -> bytes:
    """The body, unpacked where it is a gzip file, as sitemaps often are.

    Raises:
        UnreadableInput: it is damaged, or larger than `limit` bytes.
    """
    if not response.body.startswith(MAGIC):
        return response.body
    try:
        return unpack(response.body, limit)
    except ValueError as error:
        raise UnreadableInput(response.url, str(error)) from error
