"""Feeds and sitemaps as one thing: what announces pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.encodings import decode
from corpus.errors import UnreadableInput
from corpus.fetch.announced import Announced, of_entry, of_sitemap
from corpus.fetch.client import Response
from corpus.fetch.kinds import Kind
from corpus.fetch.sitemaps import parse_sitemap, parse_url_list
from corpus.readers.feed import Feed, FeedEntry, parse_feed

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
