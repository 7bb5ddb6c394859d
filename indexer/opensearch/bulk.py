"""Writing documents in bulk: requests of bounded size, few at a time, tried again while the cluster is busy.

Back-pressure is a bounded number of requests under way: who adds more waits. A request, or those of its documents that
were turned away for the moment, is tried again after a pause that doubles each time, drawn anew between nothing and its
full length, so that many writers do not come back at once (Brooker, "Exponential Backoff And Jitter", 2015).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore, Event, Lock
from time import sleep
from typing import Any, Final, TypeVar

from indexer.errors import ClusterUnavailable
from indexer.opensearch.client import BUSY, Client, NotThere, as_json

T = TypeVar("T")

REQUEST_BYTES: Final = 4 * 2**20
REQUEST_DOCUMENTS: Final = 1000
UNDER_WAY: Final = 3
"""Requests sent at the same time; as many again wait, filled."""
TRIES: Final = 10
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 20.0  # seconds; ten tries take two minutes in all
REQUEST_SECONDS: Final = 120.0

_NEWER_IS_THERE: Final = 409
"""A document of a later change is there already: another writer has been here, and nothing is wrong."""
_REPLACED: Final = 200  # 201 is a new one
_REMOVED: Final = 200  # 404 where there was nothing
_GONE: Final = 404  # a document that was to be deleted, or an index
SHARD_SECONDS: Final = 60
"""How long the cluster waits for a shard that is lost for the moment, before it turns a request's documents away."""


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write, as the two lines of a bulk request (one for a deletion); `key` names it in reports."""

    key: str
    head: bytes
    body: bytes | None

    @property
    def size(self) -> int:
        """Bytes of the request that it takes."""
        return len(self.head) + len(self.body or b"") + 2


def write(key: str, index: str, document_id: str, document: Any, version: int | None = None) -> Action:
    """Writes a document, unless one of a later version is there."""
    return Action(key, _head("index", index, document_id, version), as_json(document))


def delete(key: str, index: str, document_id: str, version: int) -> Action:
    """Removes a document, unless one of a later version is there."""
    return Action(key, _head("delete", index, document_id, version), None)


def patiently(ask: Callable[[], T], pause: Callable[[float], object] = sleep) -> T:
    """The answer of a question that is asked again, after pauses of so many seconds, while the cluster is busy.

    Raises:
        ClusterUnavailable: it still was at the last try.
    """
    for attempt in range(1, TRIES):
        try:
            return ask()
        except ClusterUnavailable:
            pause(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))
    return ask()


class BulkWriter:
    """Sends actions in the background; a context manager that waits for all of them at its end.

    `refused` are then those that the cluster will never take: (key, reason).
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(UNDER_WAY, thread_name_prefix="bulk")
        self._room = BoundedSemaphore(2 * UNDER_WAY)
        self._lock = Lock()
        self._waiting: list[Action] = []
        self._bytes = 0
        self._sent: list[Future[None]] = []
        self._stopped = Event()
        self.refused: list[tuple[str, str]] = []
        self.acknowledged = 0
        self.replaced = 0
        """Of the acknowledged, those that took the place of another."""
        self.removed = 0
        """Of the acknowledged, those that took out what was there."""
        self.retries = 0

    def add(self, action: Action) -> None:
        """Adds one; waits while too many requests are under way.

        Raises:
            NotThere: the index was removed.
            ClusterUnavailable, ClusterRefused: a request before failed for good.
        """
        if self._waiting and (self._bytes + action.size > REQUEST_BYTES or len(self._waiting) >= REQUEST_DOCUMENTS):
            self._send()
        self._waiting.append(action)
        self._bytes += action.size

    def finish(self) -> None:
        """Sends what is left and waits until everything is acknowledged or refused.

        Raises:
            NotThere, ClusterUnavailable, ClusterRefused: as `add`.
        """
        if self._waiting:
            self._send()
        for future in self._sent:
            future.result()
        self._sent = []

    def __enter__(self) -> BulkWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def _send(self) -> None:
        for future in [future for future in self._sent if future.done()]:
            future.result()
            self._sent.remove(future)
        actions, self._waiting, self._bytes = self._waiting, [], 0
        self._room.acquire()
        future = self._pool.submit(self._deliver, actions)
        future.add_done_callback(lambda _: self._room.release())
        self._sent.append(future)

    def _deliver(self, actions: Sequence[Action]) -> None:
        left = actions

        def send() -> None:
            nonlocal left
            if self._stopped.is_set():
                return
            # Indices are written to by aliases that they are made with: one that was removed is not made again.
            wanted = {"require_alias": "true", "timeout": f"{SHARD_SECONDS}s"}
            answer = self._client.request("POST", "/_bulk", _payload(left), params=wanted, timeout=REQUEST_SECONDS)
            left, reason = self._sort_out(left, answer)
            if left:
                raise ClusterUnavailable(self._client.hosts, reason)

        patiently(send, self._pause)

    def _pause(self, seconds: float) -> None:
        with self._lock:
            self.retries += 1
        self._stopped.wait(seconds)

    def _sort_out(self, actions: Sequence[Action], answer: Any) -> tuple[list[Action], str]:
        """Those that must be tried again, and why; the others are counted, or noted as refused."""
        again, reason, refused, done, replaced, removed = [], "", [], 0, 0, 0
        for action, item in zip(actions, answer["items"], strict=True):
            ((name, result),) = item.items()
            status = result["status"]
            if status < 300 or status == _NEWER_IS_THERE or (name == "delete" and status == _GONE):
                done += 1
                replaced += name == "index" and status == _REPLACED
                removed += name == "delete" and status == _REMOVED
                continue
            told = result.get("error") or {}
            if status == _GONE:
                raise NotThere(str(told.get("reason")))
            reason = f"{told.get('type')}: {told.get('reason')}"
            if status in BUSY:
                again.append(action)
            else:
                refused.append((action.key, " ".join(f"{reason}{_cause(told)}".split())))
        with self._lock:
            self.refused += refused
            self.acknowledged += done
            self.replaced += replaced
            self.removed += removed
        return again, reason


def _cause(told: Any) -> str:
    cause = told.get("caused_by") or {}
    return f" ({cause['reason']})" if cause.get("reason") else ""


def _head(name: str, index: str, document_id: str, version: int | None) -> bytes:
    value: dict[str, Any] = {"_index": index, "_id": document_id}
    if version is not None:
        value |= {"version": version, "version_type": "external_gte"}
    return as_json({name: value})


def _payload(actions: Sequence[Action]) -> bytes:
    lines = (line for action in actions for line in (action.head, action.body) if line is not None)
    return b"\n".join(lines) + b"\n"
