"""What a feed or sitemap says of a page before it is fetched: whether to fetch it, and what the page may lack.

What the archive remembers of each address that was fetched, so that nothing is downloaded twice for nothing.

Sitemaps (sitemaps.org, 0.9) with Google's news extension, indexes of sitemaps, and plain lists of addresses.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any, Final
from urllib.parse import urljoin

from lxml import etree

from corpus.archive import Archive
from corpus.article import Article, article_id
from corpus.checksums import FETCHES, insert_row, is_whole
from corpus.dates.parsing import parse_date, parse_period
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.feed import FeedEntry
from corpus.settings import Source
from corpus.urls import canonical_url, host_of


@dataclass(frozen=True, slots=True)
class Announced:
    """A page's address and what was said of it; `entry` is the feed's own, which may hold the whole text."""

    url: str
    changed: datetime | None = None
    title: str | None = None
    published: datetime | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    entry: FeedEntry | None = None

    @property
    def stamp(self) -> str | None:
        """What tells one state of the page from a later one: a date, else a digest of the entry; None if neither."""
        if self.changed is not None:
            return self.changed.isoformat()
        if self.entry is None:
            return None
        said = "\n".join((self.entry.title, self.entry.description, self.entry.content))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def is_news(self, known: Fetch | None, kept: Article | None) -> bool:
        """Whether the page is to be fetched: `known` is what is remembered of it, `kept` its article in the archive."""
        if known is not None and known.settled:
            if self.changed is None:
                return known.stamp is not None and self.stamp is not None and known.stamp != self.stamp
            return self.changed > (_moment(known.stamp) or known.fetched_at)
        if known is None and kept is not None and kept.retrieved_at is not None and self.changed is not None:
            return self.changed > kept.retrieved_at
        return True

    def fill(self, article: Article) -> Article:
        """The article with what the page lacks; a source that is only the page's host gives way to a name."""
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


def of_entry(entry: FeedEntry) -> Announced | None:
    """What an entry of a feed announces; None if it names no page."""
    if entry.url is None:
        return None
    return Announced(
        url=entry.url,
        changed=entry.changed,
        title=entry.title or None,
        published=entry.published or entry.updated,
        # The feed's own title is often that of a section or of the feed: for a page its host says more.
        source=entry.source,
        section=entry.categories[0] if entry.categories else None,
        authors=entry.authors,
        entry=entry,
    )


def of_sitemap(entry: SitemapEntry) -> Announced:
    """What a sitemap announces."""
    return Announced(entry.url, entry.changed, entry.title, entry.published, entry.source)


def at_home(article: Article, url: str) -> Article:
    """The article under the address that it was fetched from, if the one that it claims is of another site.

    A page may say that its true address is elsewhere. Believed of any site, that would let whoever is fetched rewrite
    the article of another paper.
    """
    if article.url and _same_site(article.url, url):
        return article
    canonical = canonical_url(url)
    return replace(article, url=canonical, id=article_id(None, canonical, article.title, article.paragraphs))


def sources_at_home(sources: Iterable[Source], url: str) -> list[Source]:
    """The sources that a page fetched from an address may be of, whatever address it claims."""
    return [source for source in sources if any(_same_site(f"http://{host}", url) for host in source.hosts)]


def _same_site(one: str, other: str) -> bool:
    first, second = (_site(host_of(url)) for url in (one, other))
    return first == second or first.endswith("." + second) or second.endswith("." + first)


def _site(host: str) -> str:
    """The host without the label of its editions for telephones."""
    first, _, rest = host.partition(".")
    return rest if first in ("www", "m", "amp", "mobile") and "." in rest else host


def _moment(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:  # a digest, of when the feed gave no dates
        return None


@dataclass(frozen=True, slots=True)
class Fetch:
    """The last time that an address was fetched, and what came of it."""

    url: str
    fetched_at: datetime
    outcome: str
    settled: bool
    article: str | None = None
    stamp: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    since: datetime | None = None
    not_before: datetime | None = None

    def settled_since(self, moment: datetime | None) -> bool:
        """Whether there is nothing left of it that is dated at or after a moment; None stands for all times."""
        return self.settled and (self.since is None or (moment is not None and moment >= self.since))

    @property
    def validators(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed; none if it must be read again."""
        if not self.settled:
            return {}
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class FetchState:
    """The table `fetches` of an archive. Writing inside a `batch` of the archive is part of its transaction."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def get(self, url: str) -> Fetch | None:
        """What is remembered of an address, in whatever spelling."""
        rows = self._archive.run_sql(f"SELECT {FETCHES.selected()} FROM fetches WHERE url = ?", [canonical_url(url)])
        if not rows or not is_whole(rows[0]):  # what is damaged is fetched again
            return None
        name, _, fetched_at, outcome, settled, article, stamp, etag, last_modified, since, not_before, _ = rows[0]
        return Fetch(
            name,
            datetime.fromisoformat(fetched_at),
            outcome,
            bool(settled),
            article,
            stamp,
            etag,
            last_modified,
            datetime.fromisoformat(since) if since else None,
            datetime.fromisoformat(not_before) if not_before else None,
        )

    def put(self, fetch: Fetch, *, host: str | None = None) -> None:
        """Remembers a fetch in place of the one before; `host` is who asked for `not_before`, if not the address's."""
        url = canonical_url(fetch.url)
        values = (
            url,
            host or host_of(url),
            _text(fetch.fetched_at),
            fetch.outcome,
            int(fetch.settled),
            fetch.article,
            fetch.stamp,
            fetch.etag,
            fetch.last_modified,
            _text(fetch.since) if fetch.since else None,
            _text(fetch.not_before) if fetch.not_before else None,
        )
        with self._archive.told_errors():
            insert_row(self._archive.connection, FETCHES, values, replace=True)

    def held_until(self, host: str) -> datetime | None:
        """Until when (UTC) a host asked to be left alone; None if it did not."""
        rows = self._archive.run_sql(
            f"SELECT {FETCHES.selected()} FROM fetches WHERE host = ? AND not_before IS NOT NULL", [host]
        )
        return max((datetime.fromisoformat(row[-2]) for row in rows if is_whole(row)), default=None)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


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
