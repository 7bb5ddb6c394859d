"""What a feed or sitemap says of a page before it is fetched: whether to fetch it, and what the page may lack."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.article import Article, article_id
from corpus.fetch.sitemaps import SitemapEntry
from corpus.fetch.state import Fetch
from corpus.readers.feed import FeedEntry
from corpus.sources import Source
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
