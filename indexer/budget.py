"""What a request may cost: a limit for the thread that works for it, checked between steps.

The cost is processor time of the thread, so that a busy machine refuses no honest search, and the time spent waiting
for a cluster, which is work done elsewhere. No single step takes long, since each is bounded by the archive's size or
the length of one text; a request may hold hundreds of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from typing import Final

from indexer.errors import SearchTooCostly


class _Thread(threading.local):
    most = float("inf")  # the cost at which the work is ended
    seconds = float("inf")  # the limit that set it, for the error
    waited = 0.0  # for a cluster, in all


_THREAD: Final = _Thread()


def cost() -> float:
    """Seconds that this thread has cost since it started: processor time, and waiting for a cluster."""
    return thread_time() + _THREAD.waited


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Lets what this thread does inside cost so much; None sets no limit. Within another limit the nearer holds."""
    before = _THREAD.most, _THREAD.seconds
    if seconds is not None and (most := cost() + seconds) < _THREAD.most:
        _THREAD.most, _THREAD.seconds = most, seconds
    try:
        yield
    finally:
        _THREAD.most, _THREAD.seconds = before


@contextmanager
def waiting() -> Iterator[None]:
    """Counts the time inside, which is spent waiting for a cluster, as cost."""
    began, used = perf_counter(), thread_time()
    try:
        yield
    finally:
        _THREAD.waited += max(0.0, perf_counter() - began - (thread_time() - used))


def remaining() -> float | None:
    """Seconds that are left to this thread, at least 0; None without a limit."""
    return None if _THREAD.most == float("inf") else max(0.0, _THREAD.most - cost())


def spent() -> SearchTooCostly:
    """The error for work of this thread that cost too much."""
    return SearchTooCostly(_THREAD.seconds)


def check() -> None:
    """Goes on or ends the work; called between two steps.

    Raises:
        SearchTooCostly: the limit is reached.
    """
    if cost() > _THREAD.most:
        raise spent()
