"""What the archive remembers of each address that was fetched, so that nothing is downloaded twice for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.archive import Archive
from corpus.checksums import FETCHES, insert_row, is_whole
from corpus.urls import canonical_url, host_of


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
