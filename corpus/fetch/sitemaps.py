"""Sitemaps (sitemaps.org, 0.9) with Google's news extension, indexes of sitemaps, and plain lists of addresses."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from urllib.parse import urljoin

from lxml import etree

from corpus.dates import parse_date, parse_period
from corpus.errors import NotADate, UnreadableInput

_NEWS: Final = "sitemap-news"  # in the namespaces of every version of the extension


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """An address with what the sitemap says of it: when it last changed, and of news the article's own data."""

    url: str
    changed: datetime | None = None
    title: str | None = None
    published: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps of an index, in its own order."""

    pages: tuple[SitemapEntry, ...]
    sitemaps: tuple[SitemapEntry, ...]


def parse_sitemap(data: bytes, name: str) -> Sitemap:
    """The sitemap in some bytes; `name` is its address. Damaged XML is read as far as it goes.

    Nothing is fetched, and entities are not expanded.

    Raises:
        UnreadableInput: no address is in it.
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
            while element.getprevious() is not None:  # what was read is given back: there may be 50,000 of them
                del above[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableInput(name, "the sitemap is too damaged to be read") from error
    if not pages and not sitemaps:
        raise UnreadableInput(name, "the sitemap lists no addresses")
    return Sitemap(tuple(pages), tuple(sitemaps))


def parse_url_list(text: str, name: str) -> Sitemap:
    """A sitemap that is a plain text, an address a line.

    Raises:
        UnreadableInput: a line is anything else.
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
        # Pictures and films have a `loc` and a `title` as well, in namespaces of theirs.
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
    try:  # nearly all are full dates in the standard's form, which `parse_date` takes a hundred times as long to read
        date = datetime.fromisoformat(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return parse_date(text)
    except NotADate:
        pass
    try:  # W3C dates may be a month or a year alone: of these the last day, so that nothing is taken for too old
        return datetime.combine(parse_period(text)[1], time(), UTC)
    except NotADate:
        return None
