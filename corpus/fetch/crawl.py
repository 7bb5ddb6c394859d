"""Crawling: the addresses that the user names are fetched, then the pages that they list, until a limit is reached."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from corpus.adding import AddOutcome
from corpus.archive import Archive
from corpus.article import Article, Origin, OriginKind, article_id
from corpus.errors import ArticleAmbiguous, ArticleDamaged, ArticleRemoved, FetchFailed, UnreadableInput
from corpus.fetch.client import Response
from corpus.fetch.fetcher import Fetcher, HostBusy, request_url
from corpus.fetch.frontier import FetchRecord, FetchState, OpenListing, Queue, Task, TaskKind, needs_fetch
from corpus.fetch.listings import Kind, ListingEntry, feed_links, gunzipped_body, kind_of, read_listing
from corpus.readers import Item, Record, Refusal, explain_page, read_stream
from corpus.readers.feed import FeedEntry, article_of_entry
from corpus.readers.record import MAX_PAGE_BYTES
from corpus.readers.saved_pages import archived_copy
from corpus.revisions import Page
from corpus.settings import Source
from corpus.urls import canonical_url, host_of

_MAX_UNPACKED: Final = 50 * 2**20  # bytes of a sitemap, by its protocol
_FEED_TYPE: Final = "application/xml"
_PAGE_TYPE: Final = "text/html"
_LINES_KEPT: Final = 1000


@dataclass(slots=True)
class FetchSummary:
    """The counts of a crawl; `refusals` and `notices` hold the first thousand lines, the counts are exact."""

    added: int = 0
    revised: int = 0
    unchanged: int = 0
    """Pages without changes, according to their feed, their site or the page itself."""
    refused: int = 0
    older: int = 0
    """Pages and sitemaps skipped for their date."""
    listings: int = 0
    """Feeds and sitemaps that were read, or were unchanged."""
    requests: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def count(self, outcome: AddOutcome) -> None:
        """Count a stored article."""
        self.added += outcome is AddOutcome.ADDED
        self.revised += outcome is AddOutcome.REVISED
        self.unchanged += outcome is AddOutcome.UNCHANGED

    def refuse(self, url: str, reason: str) -> None:
        """Record an address without an article."""
        self.refused += 1
        if len(self.refusals) < _LINES_KEPT:
            self.refusals.append(Refusal(url, reason))

    def notice(self, line: str) -> None:
        """Record a line for the user."""
        if len(self.notices) < _LINES_KEPT:
            self.notices.append(line)


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
    """Fetch feeds, sitemaps and pages, and store their articles, each in its own transaction.

    At most `limit` listed pages are fetched, the newest of each listing first, and none dated before `since`. With
    `discover`, the feeds and sitemaps of each address's site are read instead. `summary` is updated as articles are
    stored, so that it is correct even if this raises; `progress` gets the numbers of addresses done and known.

    Raises:
        ArchiveWriteFailed: the archive could not be written; what was stored before stays.
    """
    crawl = _Crawl(archive, summary, fetcher, limit, since)
    crawl.enqueue(Task(url.strip(), TaskKind.SITE if discover else TaskKind.ANYTHING) for url in urls)
    done = 0
    try:
        while task := crawl.queue.take():
            crawl.visit(task)
            done += 1
            progress(done, crawl.queue.tasks)
    finally:
        summary.requests = fetcher.requests


class _Crawl:
    """One run: the queue, the addresses seen, and how each response changes the archive."""

    def __init__(
        self, archive: Archive, summary: FetchSummary, fetcher: Fetcher, limit: int | None, since: datetime | None
    ) -> None:
        self.queue = Queue(fetcher.pauses)
        self._archive = archive
        self._summary = summary
        self._fetcher = fetcher
        self._remaining = limit
        self._since = since
        self._state = FetchState(archive)
        self._seen: set[str] = set()

    def enqueue(self, tasks: Iterable[Task], *, first: bool = False) -> int:
        """Queue the tasks whose address was not seen before; returns how many."""
        new = []
        for task in tasks:
            url = canonical_url(task.url)
            if url not in self._seen:
                self._seen.add(url)
                new.append(task)
        for host, of_host in groupby(sorted(new, key=_host), key=_host):
            self.queue.add(host, of_host, first=first)
        return len(new)

    def visit(self, task: Task) -> None:
        """Fetch one address and store its article, or queue what it lists."""
        if task.listing is not None and self._remaining == 0:
            self._settle(task.listing, settled=False)
            return
        known = self._state.get(task.url)
        if known is not None and not known.settled_since(self._since):
            known = replace(known, settled=False)
        if not self._needs_fetch(task, known):
            self._summary.unchanged += task.kind is TaskKind.PAGE
            self._settle(task.listing, settled=True)
            return
        if task.kind is TaskKind.PAGE and self._remaining is not None:
            self._remaining -= 1
        try:
            if task.kind is TaskKind.SITE:
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
            self._failed(task, known, FetchFailed(task.url, error.reason, permanent=True))

    def _needs_fetch(self, task: Task, last: FetchRecord | None) -> bool:
        # A sitemap without a date may have changed. A page without one is not worth a conditional request.
        if task.entry is None or (task.kind is TaskKind.SITEMAP and task.entry.changed is None):
            return True
        if last is not None:
            return needs_fetch(task.entry, last, None)
        identity = article_id(None, canonical_url(task.url), "", ())
        return needs_fetch(task.entry, None, self._archive.get_many([identity]).get(identity))

    def _read(self, task: Task, response: Response) -> None:
        response = replace(response, body=gunzipped_body(response, _MAX_UNPACKED))
        kind = kind_of(response.body, response.url, response.headers.get("content-type", ""))
        if kind is Kind.PAGE and task.kind in (TaskKind.ANYTHING, TaskKind.PAGE):
            record = record_of_page(response, task.entry, sources=self._archive.settings.sources)
            if record.warning:
                self._summary.notice(f"{task.url}: {record.warning}")
            page = Page(response.body, _PAGE_TYPE)
            self._keep(record.article, page, record.origin, _fetch_of(task, response))
            self._settle(task.listing, settled=True)
        elif task.kind is TaskKind.ANYTHING or (task.kind is TaskKind.SITEMAP and kind not in (Kind.PAGE, Kind.FEED)):
            self._read_listing(task, response, kind)
        else:
            raise UnreadableInput(task.url, f"it was listed as a {task.kind} but is a {kind}")

    def _keep(self, article: Article, page: Page, origin: Origin, fetch: FetchRecord) -> None:
        fetch = replace(fetch, article=article.id)
        try:
            with self._archive.batch():
                outcome = self._archive.add(article, page, origin)
                self._state.put(fetch)
        except ArticleRemoved as error:
            # Stored all the same, so that the page of a removed article is not downloaded again and again.
            self._state.put(replace(fetch, outcome=f"removed on {error.removed_at:%Y-%m-%d}"))
            self._summary.refuse(fetch.url, str(error))
        except (ArticleAmbiguous, ArticleDamaged) as error:
            self._summary.refuse(fetch.url, str(error))
        else:
            self._summary.count(outcome)

    def _not_modified(self, task: Task, known: FetchRecord) -> None:
        stamp = task.entry.stamp if task.entry else None
        self._state.put(replace(known, fetched_at=datetime.now(UTC), stamp=stamp or known.stamp, not_before=None))
        if known.article is None:
            self._summary.listings += 1
            self._summary.notice(f"{task.url}: nothing new since {known.fetched_at:%Y-%m-%d %H:%M} UTC")
        else:
            self._summary.unchanged += 1
        self._settle(task.listing, settled=True)

    # Listings

    def _read_listing(self, task: Task, response: Response, kind: Kind) -> None:
        listed = read_listing(response, kind)
        self._summary.listings += 1
        for warning in listed.feed.warnings if listed.feed else ():
            self._summary.notice(f"{task.url}: {warning}")
        if listed.feed and listed.feed.damaged:
            self._summary.notice(f"{task.url}: a damaged feed: {len(listed.feed.entries)} of its entries were read")
        listing = OpenListing(task, response, listed.feed, open=1)
        for entry in listed.without_page:
            self._keep_feed_text(listing, entry)
        self._enqueue_entries(listing, listed.sitemaps, TaskKind.SITEMAP)
        self._enqueue_entries(listing, listed.pages, TaskKind.PAGE)
        self._settle(listing, settled=True)

    def _keep_feed_text(self, listing: OpenListing, entry: FeedEntry) -> None:
        """Store a feed entry that names no page: its own text is all there is."""
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

    def _enqueue_entries(self, listing: OpenListing, entries: Iterable[ListingEntry], kind: TaskKind) -> None:
        tasks = []
        for entry in entries:
            if self._since is not None and entry.changed is not None and entry.changed < self._since:
                self._summary.older += 1
                filtered: OpenListing | None = listing
                while filtered is not None:
                    filtered.filtered = True
                    filtered = filtered.task.listing
            else:
                tasks.append(Task(entry.url, kind, entry, listing))
        # Entries that another listing has queued are left out: a listing waits only for its own.
        listing.open += self.enqueue(tasks, first=listing.task.kind is TaskKind.SITEMAP)

    def _settle(self, listing: OpenListing | None, *, settled: bool) -> None:
        """Mark one entry of a listing as done; the last one settles the listing."""
        if listing is None:
            return
        listing.open -= 1
        listing.settled &= settled
        if listing.open == 0:
            fetch = _fetch_of(listing.task, listing.response)
            since = self._since if listing.filtered else None
            self._state.put(replace(fetch, settled=listing.settled, since=since))
            self._settle(listing.task.listing, settled=listing.settled)

    def _discover(self, task: Task) -> None:
        """Queue the feeds that a page names and the sitemaps that its site's robots.txt names."""
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
        self.enqueue(Task(url, TaskKind.ANYTHING) for url in found)

    # Failures

    def _failed(self, task: Task, known: FetchRecord | None, error: FetchFailed) -> None:
        """Record the failure; the archive's article stays. A feed entry with the whole text is stored instead of its
        page.
        """
        stamp = task.entry.stamp if task.entry else None
        fetch = FetchRecord(task.url, datetime.now(UTC), error.reason, settled=error.permanent, stamp=stamp)
        if known is not None and known.settled:
            fetch = replace(
                known,
                fetched_at=fetch.fetched_at,
                outcome=error.reason,
                stamp=stamp if stamp and error.permanent else known.stamp,
            )
        entry = task.entry.feed_entry if task.entry else None
        if isinstance(error, HostBusy):
            self._state.put(replace(fetch, not_before=error.until), host=error.host)
        elif entry and task.listing and (article := self._article_of(entry, task.listing)):
            page = Page(task.listing.response.body, _FEED_TYPE)
            self._keep(article, page, Origin(OriginKind.FEED, task.listing.response.url, task.url), fetch)
            self._summary.notice(f"{task.url}: taken from the feed: {error.reason}")
            self._settle(task.listing, settled=error.permanent)
            return
        else:
            self._state.put(fetch)
        self._summary.refuse(task.url, error.reason)
        self._settle(task.listing, settled=error.permanent)

    def _article_of(self, entry: FeedEntry, listing: OpenListing) -> Article | None:
        if listing.feed is None:
            return None
        sources = self._archive.settings.sources
        notes = [entry.doubt] if entry.doubt else []
        try:
            article = article_of_entry(
                entry, listing.feed, retrieved_at=datetime.now(UTC), sources=sources, warn=notes.append
            )
        except UnreadableInput as error:
            notes.append(error.reason)
            article = None
        for note in notes:
            self._summary.notice(f"{entry.url or listing.task.url}: {note}")
        return article


def _fetch_of(task: Task, response: Response) -> FetchRecord:
    """The record of a response that was read."""
    return FetchRecord(
        task.url,
        datetime.now(UTC),
        "read",
        settled=True,
        stamp=task.entry.stamp if task.entry else None,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _host(task: Task) -> str:
    return host_of(task.url)


def items_at(url: str, fetcher: Fetcher, sources: Iterable[Source]) -> Iterator[Item]:
    """What is read from an address: the article of a page, or those that a feed contains whole. Nothing is stored."""
    try:
        response = fetcher.get(url)
        response = replace(response, body=gunzipped_body(response, _MAX_UNPACKED))
        if kind_of(response.body, response.url, response.headers.get("content-type", "")) is Kind.PAGE:
            yield record_of_page(response, None, sources=sources)
        else:
            now = datetime.now(UTC)
            stream = io.BytesIO(response.body)
            yield from read_stream(stream, url, kind=OriginKind.URL, retrieved_at=now, sources=sources)
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)
    except FetchFailed as error:
        yield Refusal(error.url, error.reason)


def record_of_page(response: Response, entry: ListingEntry | None, *, sources: Iterable[Source]) -> Record:
    """The article of a page; fields that it lacks come from its listing entry.

    `sources` are the archive's settings, whose selectors apply to pages of their hosts. A copy at a web archive is the
    article of the original address, at the time of the copy.

    Raises:
        UnreadableInput: there is no article on the page.
    """
    copy = archived_copy(response.url)
    url = (copy.url if copy else None) or response.url
    parts = urlsplit(url)
    try:
        if len(response.body) > MAX_PAGE_BYTES:
            raise UnreadableInput(response.url, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article")
        # Many sites redirect to their front page when an article is gone.
        if not parts.path.strip("/") and not parts.query:
            raise UnreadableInput(response.url, "the front page of a site, not an article")
        received_at = (copy.saved_at if copy else None) or datetime.now(UTC)
        found = explain_page(
            response.body,
            response.url,
            charset=response.charset,
            url=url,
            retrieved_at=received_at,
            seen_at=received_at,
            sources=sources_of_site(sources, url),
        )
    except RecursionError as error:
        raise UnreadableInput(response.url, "the page is nested too deeply") from error
    except UnreadableInput as error:
        feeds = feed_links(response.body, response.url, response.charset) if entry is None else []
        if not feeds:
            raise
        hint = f"it links to feeds: {', '.join(feeds)}"
        raise UnreadableInput(response.url, f"{error.reason}; {hint}") from error
    article = with_trusted_url(found.article, url)
    return Record(
        entry.fill(article) if entry else article,
        response.body,
        _PAGE_TYPE,
        "; ".join(found.warnings) or None,
        origin=Origin(OriginKind.URL, response.url),
        taken_from=found.origins,
    )


def with_trusted_url(article: Article, url: str) -> Article:
    """The article with the address that it was fetched from, if its canonical address is on another site.

    Otherwise any site could replace the article of another newspaper.
    """
    if article.url and _same_site(article.url, url):
        return article
    canonical = canonical_url(url)
    return replace(article, url=canonical, id=article_id(None, canonical, article.title, article.paragraphs))


def sources_of_site(sources: Iterable[Source], url: str) -> list[Source]:
    """The sources whose hosts are of the site that a page was fetched from, regardless of its canonical address."""
    return [source for source in sources if any(_same_site(f"http://{host}", url) for host in source.hosts)]


def _same_site(one: str, other: str) -> bool:
    first, second = (_site(host_of(url)) for url in (one, other))
    return first == second or first.endswith("." + second) or second.endswith("." + first)


def _site(host: str) -> str:
    """The host without the label of its mobile edition."""
    first, _, rest = host.partition(".")
    return rest if first in ("www", "m", "amp", "mobile") and "." in rest else host
