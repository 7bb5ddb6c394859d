"""What is still to be fetched, and in which order: the host that may be asked soonest comes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from corpus.fetch.announced import Announced
from corpus.fetch.client import Response
from corpus.fetch.pauses import Pauses
from corpus.readers.feed import Feed


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
