"""Feeds and sitemaps as one thing: what announces pages.

What was fetched, found from its bytes: servers send feeds as text/html and sitemaps as anything.

The feeds that a page names (`<link rel="alternate">`), as every paper's front page does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from corpus.errors import UnreadableInput
from corpus.fetch.announced import Announced, of_entry, of_sitemap, parse_sitemap, parse_url_list
from corpus.fetch.client import MAGIC, Response, unpack
from corpus.readers.encodings import decode
from corpus.readers.feed import Feed, FeedEntry, parse_feed
from corpus.readers.xml_root import FEED_ROOTS, SITEMAP_ROOTS, root_name

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a feed or sitemap announces: pages and, if it is an index, sitemaps, the newest first; the undated last.

    `feed` is the feed that it is, and `loose` are those of its entries that name no page.
    """

    pages: tuple[Announced, ...]
    sitemaps: tuple[Announced, ...] = ()
    feed: Feed | None = None
    loose: tuple[FeedEntry, ...] = ()


def read_listing(response: Response, kind: Kind) -> Listed:
    """What the feed or sitemap in a response announces.

    Raises:
        UnreadableInput: it is too damaged, or empty.
    """
    if kind is Kind.FEED:
        feed = parse_feed(
            response.body, response.url, charset=response.charset, url=response.url, retrieved_at=datetime.now(UTC)
        )
        if not feed.entries:
            raise UnreadableInput(response.url, "the feed has no entries")
        loose = tuple(entry for entry in feed.entries if entry.url is None)
        return Listed(_newest_first(filter(None, map(of_entry, feed.entries))), feed=feed, loose=loose)
    if kind is Kind.SITEMAP:
        sitemap = parse_sitemap(response.body, response.url)
    else:
        sitemap = parse_url_list(decode(response.body, response.charset), response.url)
    return Listed(_newest_first(map(of_sitemap, sitemap.pages)), _newest_first(map(of_sitemap, sitemap.sitemaps)))


def _newest_first(announced: Iterable[Announced]) -> tuple[Announced, ...]:
    return tuple(sorted(announced, key=lambda one: one.changed or _LONG_AGO, reverse=True))


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


_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})


def feed_links(data: bytes, url: str, charset: str | None = None) -> list[str]:
    """The addresses of the feeds that the page at `url` names, in its order, without those of comments."""
    try:
        soup = BeautifulSoup(decode(data, charset), "lxml", parse_only=SoupStrainer("link"))
    except (ValueError, RecursionError):
        return []
    found = []
    for link in soup.find_all("link", rel="alternate", href=True):
        target = str(link["href"]).strip()
        if str(link.get("type") or "").strip().lower() in _FEED_TYPES and "comments" not in target:
            try:
                found.append(urljoin(url, target))
            except ValueError:
                continue
    return list(dict.fromkeys(found))
