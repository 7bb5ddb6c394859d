"""The state of a crawl: what is still to be fetched, and what was fetched before.

The queue of one run has the tasks of each host; the host that may be requested soonest comes first. The archive's table
`fetches` remembers every address that was fetched, so that the next run downloads only what may have changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from corpus.archive import Archive
from corpus.article import Article
from corpus.checksums import FETCHES, insert_row, is_intact
from corpus.fetch.client import Response
from corpus.fetch.fetcher import Pauses
from corpus.fetch.listings import ListingEntry
from corpus.readers.feed import Feed
from corpus.urls import canonical_url, host_of


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """The last fetch of an address, and its outcome.

    `settled` means that everything there is in the archive or never can be; `stamp`, `etag` and `last_modified`
    identify the state that was fetched; `since` is set if a listing's older pages were skipped; the host asked for no
    requests until `not_before`.
    """

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
        """Whether nothing dated at or after a moment (None: at any time) is left to fetch."""
        return self.settled and (self.since is None or (moment is not None and moment >= self.since))

    @property
    def validators(self) -> dict[str, str]:
        """Headers of a conditional request; none if the page must be read again."""
        if not self.settled:
            return {}
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class FetchState:
    """The table `fetches` of an archive. Writes inside `Archive.batch` are part of its transaction."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def get(self, url: str) -> FetchRecord | None:
        """The last fetch of an address, in any spelling; None if there was none."""
        rows = self._archive.run_sql(f"SELECT {FETCHES.selected()} FROM fetches WHERE url = ?", [canonical_url(url)])
        if not rows or not is_intact(rows[0]):  # a damaged row: fetch again
            return None
        name, _, fetched_at, outcome, settled, article, stamp, etag, last_modified, since, not_before, _ = rows[0]
        return FetchRecord(
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

    def put(self, fetch: FetchRecord, *, host: str | None = None) -> None:
        """Store the last fetch of an address; `host` is the one that asked for `not_before`, if not the address's."""
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
        with self._archive.translated_errors():
            insert_row(self._archive.connection, FETCHES, values, replace=True)

    def held_until(self, host: str) -> datetime | None:
        """Until when (UTC) a host asked not to be requested; None if it did not."""
        rows = self._archive.run_sql(
            f"SELECT {FETCHES.selected()} FROM fetches WHERE host = ? AND not_before IS NOT NULL", [host]
        )
        return max((datetime.fromisoformat(row[-2]) for row in rows if is_intact(row)), default=None)


def needs_fetch(entry: ListingEntry, last: FetchRecord | None, article: Article | None) -> bool:
    """Whether a listed page must be fetched, given its last fetch and its article in the archive."""
    if last is not None and last.settled:
        if entry.changed is None:
            return last.stamp is not None and entry.stamp is not None and last.stamp != entry.stamp
        return entry.changed > (_stamp_time(last.stamp) or last.fetched_at)
    if last is None and article is not None and article.retrieved_at is not None and entry.changed is not None:
        return entry.changed > article.retrieved_at
    return True


class TaskKind(StrEnum):
    """What is expected at an address."""

    ANYTHING = "anything"  # given by the user
    SITE = "site"  # given by the user, to find the feeds and sitemaps of its site
    SITEMAP = "sitemap"  # listed by an index of sitemaps
    PAGE = "page"  # listed by a feed or sitemap


@dataclass(slots=True, eq=False)
class OpenListing:
    """A feed or sitemap whose pages are being fetched, and its task.

    `open` counts its entries that are not done. It is settled if every entry was stored or never can be: only a settled
    listing need not be read again before it changes. `filtered` means that entries were skipped for their date.
    """

    task: Task
    response: Response
    feed: Feed | None
    open: int = 0
    settled: bool = True
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """An address to fetch, what is expected there, its listing entry, and the listing."""

    url: str
    kind: TaskKind
    entry: ListingEntry | None = None
    listing: OpenListing | None = None


@dataclass(slots=True)
class Queue:
    """The tasks of each host, in order, and the pauses that choose the next host."""

    pauses: Pauses
    tasks: int = 0
    """The number of tasks that were ever added."""
    _hosts: dict[str, deque[Task]] = field(default_factory=dict)

    def add(self, host: str, tasks: Iterable[Task], *, first: bool = False) -> None:
        """Append tasks of a host, or put them before those that are waiting.

        The contents of a sitemap go first, so that an index of a thousand sitemaps is never in memory as a whole.
        """
        waiting = self._hosts.setdefault(host, deque())
        new = list(tasks)
        self.tasks += len(new)
        if first:
            waiting.extendleft(reversed(new))
        else:
            waiting.extend(new)

    def take(self) -> Task | None:
        """Take the next task; None when all are done."""
        if not self._hosts:
            return None
        host = min(self._hosts, key=self.pauses.remaining)
        task = self._hosts[host].popleft()
        if not self._hosts[host]:
            del self._hosts[host]
        return task


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _stamp_time(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:  # a digest, of an entry without a date
        return None
