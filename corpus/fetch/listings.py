"""Feeds, sitemaps and lists of addresses: recognized, parsed, and read as one kind of listing of pages.

What was fetched is recognized by its bytes: servers send feeds as text/html and sitemaps under any type. Sitemaps are
those of sitemaps.org, 0.9, with Google's news extension, indexes of sitemaps, and plain lists of addresses.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urljoin

from bs4.filter import SoupStrainer
from lxml import etree

from corpus.article import Article
from corpus.dates.parsing import parse_date, parse_period
from corpus.errors import NotADate, UnreadableInput
from corpus.fetch.client import GZIP_MAGIC, Response, gunzip
from corpus.readers.encodings import decode
from corpus.readers.feed import FEED_ROOTS, SITEMAP_ROOTS, Feed, FeedEntry, parse_feed, root_name
from corpus.readers.html_tree import parse_html
from corpus.urls import host_of

_HEAD: Final = 64 * 1024  # bytes in which the first element or line must begin
_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_NEWS: Final = "sitemap-news"  # in the namespaces of every version of the extension
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """A page's address and its metadata in a feed or sitemap; `feed_entry` may have the whole text."""

    url: str
    changed: datetime | None = None
    title: str | None = None
    published: datetime | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    feed_entry: FeedEntry | None = None

    @property
    def stamp(self) -> str | None:
        """Identifies the state of the page: its date, or a digest of the feed entry; None if there is neither."""
        if self.changed is not None:
            return self.changed.isoformat()
        if self.feed_entry is None:
            return None
        text = "\n".join((self.feed_entry.title, self.feed_entry.description, self.feed_entry.content))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def fill(self, article: Article) -> Article:
        """Fill in the missing fields of an article; a source that is only the page's host is replaced by a name."""
        host = host_of(article.url).removeprefix("www.")
        named = article.source if article.source != host else None
        return replace(
            article,
            title=article.title or self.title or "",
            published=article.published or self.published,
            source=named or self.source or article.source,
            section=article.section or self.section,
            authors=article.authors or self.authors,
        )


def feed_listing_entry(entry: FeedEntry) -> ListingEntry | None:
    """The listing entry of a feed entry; None if it names no page."""
    if entry.url is None:
        return None
    return ListingEntry(
        url=entry.url,
        changed=entry.changed,
        title=entry.title or None,
        published=entry.published or entry.updated,
        # The feed's own title is often that of a section or of the feed: the page's host says more.
        source=entry.source,
        section=entry.categories[0] if entry.categories else None,
        authors=entry.authors,
        feed_entry=entry,
    )


def sitemap_listing_entry(entry: SitemapEntry) -> ListingEntry:
    """The listing entry of a sitemap entry."""
    return ListingEntry(entry.url, entry.changed, entry.title, entry.published, entry.source)


@dataclass(frozen=True, slots=True)
class ListingContent:
    """The pages of a feed or sitemap, or the sitemaps of an index, newest first and undated ones last.

    `feed` is the parsed feed, `without_page` its entries that name no page.
    """

    pages: tuple[ListingEntry, ...]
    sitemaps: tuple[ListingEntry, ...] = ()
    feed: Feed | None = None
    without_page: tuple[FeedEntry, ...] = ()


def read_listing(response: Response, kind: Kind) -> ListingContent:
    """Parse the feed or sitemap in a response.

    Raises:
        UnreadableInput: it is too damaged, or empty.
    """
    if kind is Kind.FEED:
        feed = parse_feed(
            response.body, response.url, charset=response.charset, url=response.url, retrieved_at=datetime.now(UTC)
        )
        if not feed.entries:
            raise UnreadableInput(response.url, "the feed has no entries")
        without_page = tuple(entry for entry in feed.entries if entry.url is None)
        return ListingContent(
            _newest_first(filter(None, map(feed_listing_entry, feed.entries))), feed=feed, without_page=without_page
        )
    if kind is Kind.SITEMAP:
        sitemap = parse_sitemap(response.body, response.url)
    else:
        sitemap = parse_url_list(decode(response.body, response.charset), response.url)
    return ListingContent(
        _newest_first(map(sitemap_listing_entry, sitemap.pages)),
        _newest_first(map(sitemap_listing_entry, sitemap.sitemaps)),
    )


def _newest_first(entries: Iterable[ListingEntry]) -> tuple[ListingEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.changed or _LONG_AGO, reverse=True))


class Kind(StrEnum):
    """The kind of a document; `URL_LIST` is a sitemap in plain text."""

    FEED = "feed"
    SITEMAP = "sitemap"
    URL_LIST = "list of addresses"
    PAGE = "page"


def kind_of(data: bytes, name: str, media_type: str = "") -> Kind:
    """Recognize the kind of a document; the declared media type counts only if the bytes are not conclusive.

    Raises:
        UnreadableInput: it is of none of these kinds.
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


def gunzipped_body(response: Response, limit: int) -> bytes:
    """The body, decompressed if it is a gzip file, as sitemaps often are.

    Raises:
        UnreadableInput: it is damaged, or larger than `limit` bytes.
    """
    if not response.body.startswith(GZIP_MAGIC):
        return response.body
    try:
        return gunzip(response.body, limit)
    except ValueError as error:
        raise UnreadableInput(response.url, str(error)) from error


def feed_links(data: bytes, url: str, charset: str | None = None) -> list[str]:
    """The feeds that the page at `url` names (`<link rel="alternate">`), in its order, without those of comments."""
    try:
        soup = parse_html(decode(data, charset), only=SoupStrainer("link"))
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


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An address in a sitemap: when it last changed, and for news the article's metadata."""

    url: str
    changed: datetime | None = None
    title: str | None = None
    published: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps of an index, in document order."""

    pages: tuple[SitemapEntry, ...]
    sitemaps: tuple[SitemapEntry, ...]


def parse_sitemap(data: bytes, name: str) -> Sitemap:
    """Parse a sitemap; `name` is its address. Damaged XML is read up to the damage.

    Nothing is fetched, and entities are not expanded.

    Raises:
        UnreadableInput: it contains no address.
    """
    pages: list[SitemapEntry] = []
    sitemaps: list[SitemapEntry] = []
    try:
        events = etree.iterparse(
            io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, recover=True
        )
        for _, element in events:
            kind = etree.QName(element).localname
            above = element.getparent()
            if kind not in ("url", "sitemap") or above is None or above.getparent() is not None:
                continue
            entry = _entry(element, name)
            if entry is not None:
                (pages if kind == "url" else sitemaps).append(entry)
            element.clear()
            while element.getprevious() is not None:  # frees what was read: there may be 50,000 entries
                del above[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableInput(name, "the sitemap is too damaged to be read") from error
    if not pages and not sitemaps:
        raise UnreadableInput(name, "the sitemap lists no addresses")
    return Sitemap(tuple(pages), tuple(sitemaps))


def parse_url_list(text: str, name: str) -> Sitemap:
    """Parse a sitemap in plain text, with one address per line.

    Raises:
        UnreadableInput: a line is not an address.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    for number, line in enumerate(lines, start=1):
        if not line.startswith(("http://", "https://")):
            raise UnreadableInput(name, f"it begins as a list of addresses, but line {number} is not an address")
    return Sitemap(tuple(map(SitemapEntry, lines)), ())


def _entry(element: Any, name: str) -> SitemapEntry | None:
    own: dict[str, str] = {}
    news: dict[str, str] = {}
    namespace = etree.QName(element).namespace
    for inner in element.iter(etree.Element):
        tag = etree.QName(inner)
        text = " ".join((inner.text or "").split())
        if not text:
            continue
        # Images and videos have a `loc` and a `title` too, in their own namespaces.
        if tag.namespace == namespace:
            own.setdefault(tag.localname, text)
        elif _NEWS in (tag.namespace or ""):
            news.setdefault(tag.localname, text)
    try:
        url = urljoin(name, own.get("loc", ""))
    except ValueError:
        return None
    if not own.get("loc"):
        return None
    published = _date(news.get("publication_date"))
    return SitemapEntry(url, _date(own.get("lastmod")) or published, news.get("title"), published, news.get("name"))


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:  # nearly all are full ISO dates, for which `parse_date` takes a hundred times as long
        date = datetime.fromisoformat(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return parse_date(text)
    except NotADate:
        pass
    try:  # a W3C date may be a month or a year: its last day, so that nothing is skipped as too old
        return datetime.combine(parse_period(text)[1], time(), UTC)
    except NotADate:
        return None
