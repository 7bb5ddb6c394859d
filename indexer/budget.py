"""The cost limit of a request: set for the thread that works on it, and checked between steps.

The cost is processor time of the thread, so that a busy machine does not end ordinary searches, plus the time spent
waiting for a cluster, which works on the same request. No single step takes long, since each is bounded by the size of
the archive or the length of one text; a request may consist of hundreds of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from typing import Final

from indexer.errors import SearchTooCostly


class _Thread(threading.local):
    limit = float("inf")  # the cost at which work is ended
    seconds = float("inf")  # the limit as it was set, for the error
    waited = 0.0  # seconds spent waiting for a cluster


_THREAD: Final = _Thread()


def cost() -> float:
    """The cost of this thread since it started, in seconds: processor time, and waiting for a cluster."""
    return thread_time() + _THREAD.waited


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Limits the cost of the block for this thread; None sets no limit. Of nested limits the stricter one applies."""
    before = _THREAD.limit, _THREAD.seconds
    if seconds is not None and (limit := cost() + seconds) < _THREAD.limit:
        _THREAD.limit, _THREAD.seconds = limit, seconds
    try:
        yield
    finally:
        _THREAD.limit, _THREAD.seconds = before


@contextmanager
def waiting() -> Iterator[None]:
    """Counts the time of the block, which waits for a cluster, as cost."""
    began, used = perf_counter(), thread_time()
    try:
        yield
    finally:
        _THREAD.waited += max(0.0, perf_counter() - began - (thread_time() - used))


def remaining() -> float | None:
    """Seconds until this thread reaches its limit, at least 0; None without a limit."""
    return None if _THREAD.limit == float("inf") else max(0.0, _THREAD.limit - cost())


def spent() -> SearchTooCostly:
    """The error for exceeding the limit of this thread."""
    return SearchTooCostly(_THREAD.seconds)


def check() -> None:
    """Ends work that is over its limit; called between two steps.

    Raises:
        SearchTooCostly: this thread has exceeded its limit.
    """
    if cost() > _THREAD.limit:
        raise spent()
