"""How long one search may take: a deadline of the thread that searches, looked at between steps.

No single step takes long, since each is bounded by the archive's size; a query may hold hundreds of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from indexer.errors import SearchTooCostly


class _Thread(threading.local):
    deadline = float("inf")
    seconds = float("inf")


_THREAD: Final = _Thread()


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Lets what this thread searches inside take so long; None sets no limit. Within another limit the nearer holds."""
    before = _THREAD.deadline, _THREAD.seconds
    if seconds is not None and (deadline := perf_counter() + seconds) < _THREAD.deadline:
        _THREAD.deadline, _THREAD.seconds = deadline, seconds
    try:
        yield
    finally:
        _THREAD.deadline, _THREAD.seconds = before


def remaining() -> float | None:
    """Seconds that are left to this thread, at least 0; None without a limit."""
    return None if _THREAD.deadline == float("inf") else max(0.0, _THREAD.deadline - perf_counter())


def spent() -> SearchTooCostly:
    """The error for a search of this thread that took too long."""
    return SearchTooCostly(_THREAD.seconds)


def check() -> None:
    """Between two steps of a search: goes on, or ends it.

    Raises:
        SearchTooCostly: its time is over.
    """
    if perf_counter() > _THREAD.deadline:
        raise spent()
