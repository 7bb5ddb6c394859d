"""Fetching: what the user names is read, then what that announces, until all is settled or the limit is reached.

What is still to be fetched, and in which order: the host that may be asked soonest comes first.

From a fetched page to its article.

What fetching did, for people.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from corpus.adding import Outcome
from corpus.archive import Archive
from corpus.article import Article, Origin, OriginKind, article_id
from corpus.errors import ArticleAmbiguous, ArticleDamaged, ArticleRemoved, FetchFailed, UnreadableInput
from corpus.fetch.announced import Announced, Fetch, FetchState, at_home, sources_at_home
from corpus.fetch.client import Response
from corpus.fetch.fetcher import Busy, Fetcher, Pauses, request_url
from corpus.fetch.listings import Kind, feed_links, kind_of, read_listing, unpacked
from corpus.readers import Refusal
from corpus.readers.feed import Feed, FeedEntry, article_of_entry
from corpus.readers.html import read_html
from corpus.readers.record import MAX_PAGE_BYTES
from corpus.revisions import Page
from corpus.settings import Source
from corpus.urls import canonical_url, host_of

_MOST_UNPACKED: Final = 50 * 2**20  # bytes of a sitemap, by its protocol
_FEED_TYPE: Final = "application/xml"


def fetch_urls(
    archive: Archive,
    urls: Sequence[str],
    summary: FetchSummary,
    fetcher: Fetcher,
    *,
    limit: int | None = None,
    since: datetime | None = None,
    discover: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Fetches feeds, sitemaps and pages, and keeps the articles, each in a transaction of its own.

    At most `limit` pages that feeds and sitemaps announce are fetched, the newest of each first, and none that they
    date before `since`. With `discover` the feeds and sitemaps of each address's site are looked for instead.
    `summary` is filled as articles are kept, so that it is true even when this raises; `progress` gets the numbers of
    addresses done and known.

    Raises:
        ArchiveWriteFailed: the archive could not be written; what was kept before is kept.
    """
    crawl = _Crawl(archive, summary, fetcher, limit, since)
    crawl.enqueue(Task(url.strip(), Wanted.SITE if discover else Wanted.ANYTHING) for url in urls)
    done = 0
    try:
        while task := crawl.queue.take():
            crawl.visit(task)
            done += 1
            progress(done, crawl.queue.tasks)
    finally:
        summary.requests = fetcher.requests


class _Crawl:
    """One run: what is queued, what was met, and how each answer changes the archive."""

    def __init__(
        self, archive: Archive, summary: FetchSummary, fetcher: Fetcher, limit: int | None, since: datetime | None
    ) -> None:
        self.queue = Queue(fetcher.pauses)
        self._archive = archive
        self._summary = summary
        self._fetcher = fetcher
        self._left = limit
        self._since = since
        self._state = FetchState(archive)
        self._met: set[str] = set()

    def enqueue(self, tasks: Iterable[Task], *, first: bool = False) -> int:
        """Queues those of the tasks whose address was not met before; how many these are."""
        new = []
        for task in tasks:
            url = canonical_url(task.url)
            if url not in self._met:
                self._met.add(url)
                new.append(task)
        for host, of_host in groupby(sorted(new, key=_host), key=_host):
            self.queue.add(host, of_host, first=first)
        return len(new)

    def visit(self, task: Task) -> None:
        """Fetches one address and keeps what it gives."""
        if task.listing is not None and self._left == 0:
            self._settle(task.listing, settled=False)
            return
        known = self._state.get(task.url)
        if known is not None and not known.settled_since(self._since):
            known = replace(known, settled=False)
        if not self._is_news(task, known):
            self._summary.unchanged += task.wanted is Wanted.PAGE
            self._settle(task.listing, settled=True)
            return
        if task.wanted is Wanted.PAGE and self._left is not None:
            self._left -= 1
        try:
            if task.wanted is Wanted.SITE:
                self._discover(task)
                return
            response = self._fetcher.get(task.url, known.validators if known else None)
            if response.status == 304 and known is not None:
                self._not_modified(task, known)
            else:
                self._read(task, response)
        except FetchFailed as error:
            self._failed(task, known, error)
        except UnreadableInput as error:
            self._failed(task, known, FetchFailed(task.url, error.reason, lasting=True))

    def _is_news(self, task: Task, known: Fetch | None) -> bool:
        announced = task.announced
        # A sitemap without a date may have changed; of a page without one it is not worth a request to ask.
        if announced is None or (task.wanted is Wanted.SITEMAP and announced.changed is None):
            return True
        if known is not None:
            return announced.is_news(known, None)
        identity = article_id(None, canonical_url(task.url), "", ())
        return announced.is_news(None, self._archive.get_many([identity]).get(identity))

    def _read(self, task: Task, response: Response) -> None:
        response = replace(response, body=unpacked(response, _MOST_UNPACKED))
        kind = kind_of(response.body, response.url, response.headers.get("content-type", ""))
        if kind is Kind.PAGE and task.wanted in (Wanted.ANYTHING, Wanted.PAGE):
            article = read_page(
                response,
                task.announced,
                sources=self._archive.settings.sources,
                warn=lambda warning: self._summary.notice(f"{task.url}: {warning}"),
            )
            origin = Origin(OriginKind.URL, response.url)
            self._keep(article, Page(response.body, PAGE_TYPE), origin, _fetch_of(task, response))
            self._settle(task.listing, settled=True)
        elif task.wanted is Wanted.ANYTHING or (task.wanted is Wanted.SITEMAP and kind not in (Kind.PAGE, Kind.FEED)):
            self._read_listing(task, response, kind)
        else:
            raise UnreadableInput(task.url, f"it was listed as a {task.wanted} but is a {kind}")

    def _keep(self, article: Article, page: Page, origin: Origin, fetch: Fetch) -> None:
        fetch = replace(fetch, article=article.id)
        try:
            with self._archive.batch():
                outcome = self._archive.add(article, page, origin)
                self._state.put(fetch)
        except ArticleRemoved as error:
            # Remembered all the same, so that a page that is not wanted is not downloaded again and again.
            self._state.put(replace(fetch, outcome=f"removed on {error.removed_at:%Y-%m-%d}"))
            self._summary.refuse(fetch.url, str(error))
        except (ArticleAmbiguous, ArticleDamaged) as error:
            self._summary.refuse(fetch.url, str(error))
        else:
            self._summary.count(outcome)

    def _not_modified(self, task: Task, known: Fetch) -> None:
        stamp = task.announced.stamp if task.announced else None
        self._state.put(replace(known, fetched_at=datetime.now(UTC), stamp=stamp or known.stamp, not_before=None))
        if known.article is None:
            self._summary.listings += 1
            self._summary.notice(f"{task.url}: nothing new since {known.fetched_at:%Y-%m-%d %H:%M} UTC")
        else:
            self._summary.unchanged += 1
        self._settle(task.listing, settled=True)

    # What announces others

    def _read_listing(self, task: Task, response: Response, kind: Kind) -> None:
        listed = read_listing(response, kind)
        self._summary.listings += 1
        if listed.feed and listed.feed.damaged:
            self._summary.notice(f"{task.url}: a damaged feed: {len(listed.feed.entries)} of its entries were read")
        listing = Listing(task, response, listed.feed, open=1)
        for entry in listed.loose:
            self._keep_loose(listing, entry)
        self._announce(listing, listed.sitemaps, Wanted.SITEMAP)
        self._announce(listing, listed.pages, Wanted.PAGE)
        self._settle(listing, settled=True)

    def _keep_loose(self, listing: Listing, entry: FeedEntry) -> None:
        """Keeps an entry that names no page: its own text is all that there is."""
        name = f"{listing.task.url}, {entry.title or entry.id or 'an entry'}"
        article = self._article_of(entry, listing)
        if article is None:
            self._summary.refuse(name, "it has neither an address nor the full text")
            return
        origin = Origin(OriginKind.FEED, listing.response.url, entry.id)
        try:
            outcome = self._archive.add(article, Page(listing.response.body, _FEED_TYPE), origin)
        except (ArticleRemoved, ArticleAmbiguous, ArticleDamaged) as error:
            self._summary.refuse(name, str(error))
        else:
            self._summary.count(outcome)

    def _announce(self, listing: Listing, announced: Iterable[Announced], wanted: Wanted) -> None:
        tasks = []
        for one in announced:
            if self._since is not None and one.changed is not None and one.changed < self._since:
                self._summary.older += 1
                narrowed: Listing | None = listing
                while narrowed is not None:
                    narrowed.narrowed = True
                    narrowed = narrowed.task.listing
            else:
                tasks.append(Task(one.url, wanted, one, listing))
        # A task may be done by another listing that names it too; this one waits only for its own.
        listing.open += self.enqueue(tasks, first=listing.task.wanted is Wanted.SITEMAP)

    def _settle(self, listing: Listing | None, *, settled: bool) -> None:
        """Notes that one thing of a listing is done; the last one settles the listing, and that its own."""
        if listing is None:
            return
        listing.open -= 1
        listing.settled &= settled
        if listing.open == 0:
            fetch = _fetch_of(listing.task, listing.response)
            since = self._since if listing.narrowed else None
            self._state.put(replace(fetch, settled=listing.settled, since=since))
            self._settle(listing.task.listing, settled=listing.settled)

    def _discover(self, task: Task) -> None:
        """Queues the feeds that a page names and the sitemaps that its site's robots.txt names."""
        found = self._fetcher.rules(request_url(task.url)).sitemaps
        try:
            response = self._fetcher.get(task.url)
            found = feed_links(response.body, response.url, response.charset) + found
        except FetchFailed:
            if not found:
                raise
        if not found:
            raise UnreadableInput(task.url, "its page links to no feed, and its robots.txt lists no sitemap")
        for url in found:
            self._summary.notice(f"{task.url}: found {url}")
        self.enqueue(Task(url, Wanted.ANYTHING) for url in found)

    # What fails

    def _failed(self, task: Task, known: Fetch | None, error: FetchFailed) -> None:
        """Notes the failure; what is in the archive stays. An entry that holds the whole text gives the article."""
        stamp = task.announced.stamp if task.announced else None
        fetch = Fetch(task.url, datetime.now(UTC), error.reason, settled=error.lasting, stamp=stamp)
        if known is not None and known.settled:
            fetch = replace(
                known,
                fetched_at=fetch.fetched_at,
                outcome=error.reason,
                stamp=stamp if stamp and error.lasting else known.stamp,
            )
        entry = task.announced.entry if task.announced else None
        if isinstance(error, Busy):
            self._state.put(replace(fetch, not_before=error.until), host=error.host)
        elif entry and task.listing and (article := self._article_of(entry, task.listing)):
            page = Page(task.listing.response.body, _FEED_TYPE)
            self._keep(article, page, Origin(OriginKind.FEED, task.listing.response.url, task.url), fetch)
            self._summary.notice(f"{task.url}: taken from the feed: {error.reason}")
            self._settle(task.listing, settled=error.lasting)
            return
        else:
            self._state.put(fetch)
        self._summary.refuse(task.url, error.reason)
        self._settle(task.listing, settled=error.lasting)

    def _article_of(self, entry: FeedEntry, listing: Listing) -> Article | None:
        if listing.feed is None:
            return None
        sources = self._archive.settings.sources
        return article_of_entry(entry, listing.feed, retrieved_at=datetime.now(UTC), sources=sources)


def _fetch_of(task: Task, response: Response) -> Fetch:
    """What is to be remembered of an answer that was read."""
    return Fetch(
        task.url,
        datetime.now(UTC),
        "read",
        settled=True,
        stamp=task.announced.stamp if task.announced else None,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _host(task: Task) -> str:
    return host_of(task.url)


class Wanted(StrEnum):
    """What an address may turn out to be."""

    ANYTHING = "anything"  # the user named it
    SITE = "site"  # the user named it, to look for the feeds and sitemaps of its site
    SITEMAP = "sitemap"  # an index of sitemaps named it
    PAGE = "page"  # a feed or sitemap named it


@dataclass(slots=True, eq=False)
class Listing:
    """A feed or sitemap whose pages are being fetched, and the task that it was.

    `open` counts what of it is still to be done. It is settled if all of it was kept or can never be: only a settled
    one need not be read again before it changes. `narrowed` says that some of it was passed over for its date.
    """

    task: Task
    response: Response
    feed: Feed | None
    open: int = 0
    settled: bool = True
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """An address to fetch, what is wanted there, what was said of it, and the listing that named it."""

    url: str
    wanted: Wanted
    announced: Announced | None = None
    listing: Listing | None = None


@dataclass(slots=True)
class Queue:
    """The tasks of each host, in order."""

    pauses: Pauses
    tasks: int = 0
    """How many tasks there have ever been."""
    _hosts: dict[str, deque[Task]] = field(default_factory=dict)

    def add(self, host: str, tasks: Iterable[Task], *, first: bool = False) -> None:
        """Appends tasks of a host, or puts them before those that wait.

        What a sitemap names goes first, so that an index of a thousand sitemaps is never in memory as a whole.
        """
        waiting = self._hosts.setdefault(host, deque())
        new = list(tasks)
        self.tasks += len(new)
        if first:
            waiting.extendleft(reversed(new))
        else:
            waiting.extend(new)

    def take(self) -> Task | None:
        """The next task, or None when all are done."""
        if not self._hosts:
            return None
        host = min(self._hosts, key=self.pauses.remaining)
        task = self._hosts[host].popleft()
        if not self._hosts[host]:
            del self._hosts[host]
        return task


PAGE_TYPE: Final = "text/html"


def read_page(
    response: Response, announced: Announced | None, *, sources: Iterable[Source], warn: Callable[[str], None]
) -> Article:
    """The article of a page, with what was announced of it where the page lacks it.

    `sources` are those of the archive's settings, whose rules apply to pages of their hosts; `warn` is told when such a
    rule matches nothing.

    Raises:
        UnreadableInput: there is no article on the page.
    """
    parts = urlsplit(response.url)
    try:
        if len(response.body) > MAX_PAGE_BYTES:
            raise UnreadableInput(response.url, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article")
        # Also where an article was that has gone: many sites then lead to their front page.
        if not parts.path.strip("/") and not parts.query:
            raise UnreadableInput(response.url, "the front page of a site, not an article")
        article = read_html(
            response.body,
            response.url,
            charset=response.charset,
            url=response.url,
            retrieved_at=datetime.now(UTC),
            sources=sources_at_home(sources, response.url),
            warn=warn,
        )
    except RecursionError as error:
        raise UnreadableInput(response.url, "the page is nested too deeply") from error
    except UnreadableInput as error:
        feeds = feed_links(response.body, response.url, response.charset) if announced is None else []
        if not feeds:
            raise
        hint = f"it links to feeds: {', '.join(feeds)}"
        raise UnreadableInput(response.url, f"{error.reason}; {hint}") from error
    article = at_home(article, response.url)
    return announced.fill(article) if announced else article


_LINES_KEPT: Final = 1000


@dataclass(slots=True)
class FetchSummary:
    """What fetching did. `refusals` and `notices` hold the first thousand; the counts are exact."""

    added: int = 0
    revised: int = 0
    unchanged: int = 0
    """Pages with nothing new, whether their feed, their site or the page itself said so."""
    refused: int = 0
    older: int = 0
    """Pages and sitemaps passed over for their date."""
    listings: int = 0
    """Feeds and sitemaps that were read, or had nothing new."""
    requests: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Counts an article that was kept."""
        self.added += outcome is Outcome.ADDED
        self.revised += outcome is Outcome.REVISED
        self.unchanged += outcome is Outcome.UNCHANGED

    def refuse(self, url: str, reason: str) -> None:
        """Records an address that gave no article."""
        self.refused += 1
        if len(self.refusals) < _LINES_KEPT:
            self.refusals.append(Refusal(url, reason))

    def notice(self, line: str) -> None:
        """Records what the user should know."""
        if len(self.notices) < _LINES_KEPT:
            self.notices.append(line)
