"""Writing documents in bulk: requests of bounded size, a few at a time, retried while the cluster is busy.

Back-pressure is a bounded number of requests in flight: a caller that adds more waits. A request, or those of its
documents that the cluster rejected for now, is retried after a pause that doubles each time and is drawn at random
between zero and its full length, so that many writers do not return at once (Brooker, "Exponential Backoff And Jitter",
2015).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import BoundedSemaphore, Event, Lock
from time import sleep
from typing import Any, Final, TypeVar

from indexer.errors import ClusterUnavailable
from indexer.opensearch.client import BUSY, Client, NotFound, as_json

T = TypeVar("T")

REQUEST_BYTES: Final = 4 * 2**20
REQUEST_DOCUMENTS: Final = 1000
IN_FLIGHT: Final = 3
"""Requests sent at the same time; as many more wait, filled."""
TRIES: Final = 10
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 20.0  # seconds; ten tries take up to two minutes
REQUEST_SECONDS: Final = 120.0
SHARD_SECONDS: Final = 60
"""How long the cluster waits for a shard that is temporarily lost, before it rejects the documents of a request."""

_CONFLICT: Final = 409
"""The cluster has the document of a later change: another writer was faster, and nothing is wrong."""
_REPLACED: Final = 200  # 201 for a new document
_REMOVED: Final = 200  # 404 if there was none
_NOT_FOUND: Final = 404  # a document to be deleted, or the index


@dataclass(frozen=True, slots=True)
class Action:
    """One document to write, as the two lines of a bulk request (one for a deletion); `key` names it in errors."""

    key: str
    head: bytes
    body: bytes | None

    @property
    def size(self) -> int:
        """Bytes in the request."""
        return len(self.head) + len(self.body or b"") + 2


def index_action(key: str, index: str, document_id: str, document: Any, version: int | None = None) -> Action:
    """Writes a document, unless the index has a later version of it."""
    return Action(key, _head("index", index, document_id, version), as_json(document))


def delete_action(key: str, index: str, document_id: str, version: int) -> Action:
    """Deletes a document, unless the index has a later version of it."""
    return Action(key, _head("delete", index, document_id, version), None)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items; the last has what is left (`itertools.batched` of Python 3.12)."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def with_retries(request: Callable[[], T], pause: Callable[[float], object] = sleep) -> T:
    """The result of a request, which is retried while the cluster is busy; `pause` is called with seconds to wait.

    Raises:
        ClusterUnavailable: the last try failed too.
    """
    for attempt in range(1, TRIES):
        try:
            return request()
        except ClusterUnavailable:
            pause(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))
    return request()


class BulkWriter:
    """Sends actions in the background; a context manager that waits for all of them at its end.

    `refused` then has those that the cluster will never accept: (key, reason).
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="bulk")
        self._room = BoundedSemaphore(2 * IN_FLIGHT)
        self._lock = Lock()
        self._waiting: list[Action] = []
        self._bytes = 0
        self._sent: list[Future[None]] = []
        self._stopped = Event()
        self.refused: list[tuple[str, str]] = []
        self.acknowledged = 0
        self.replaced = 0
        """Of the acknowledged: documents that replaced an older version."""
        self.removed = 0
        """Of the acknowledged: documents that were deleted."""
        self.retries = 0

    def add(self, action: Action) -> None:
        """Adds an action; waits while too many requests are in flight.

        Raises:
            NotFound: the index was removed.
            ClusterUnavailable, ClusterRefused: an earlier request failed, after all retries.
        """
        if self._waiting and (self._bytes + action.size > REQUEST_BYTES or len(self._waiting) >= REQUEST_DOCUMENTS):
            self._send()
        self._waiting.append(action)
        self._bytes += action.size

    def finish(self) -> None:
        """Sends the remaining actions and waits until all are acknowledged or refused.

        Raises:
            NotFound, ClusterUnavailable, ClusterRefused: as `add`.
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
            # Indices are written through the alias that they are created with: a removed one is not created again.
            params = {"require_alias": "true", "timeout": f"{SHARD_SECONDS}s"}
            answer = self._client.request("POST", "/_bulk", _payload(left), params=params, timeout=REQUEST_SECONDS)
            left, reason = self._read_results(left, answer)
            if left:
                raise ClusterUnavailable(self._client.hosts, reason)

        with_retries(send, self._pause)

    def _pause(self, seconds: float) -> None:
        with self._lock:
            self.retries += 1
        self._stopped.wait(seconds)

    def _read_results(self, actions: Sequence[Action], answer: Any) -> tuple[list[Action], str]:
        """The actions that must be retried, and why; the others are counted or listed as refused."""
        again, reason, refused, done, replaced, removed = [], "", [], 0, 0, 0
        for action, item in zip(actions, answer["items"], strict=True):
            ((name, result),) = item.items()
            status = result["status"]
            if status < 300 or status == _CONFLICT or (name == "delete" and status == _NOT_FOUND):
                done += 1
                replaced += name == "index" and status == _REPLACED
                removed += name == "delete" and status == _REMOVED
                continue
            error = result.get("error") or {}
            if status == _NOT_FOUND:
                raise NotFound(str(error.get("reason")))
            reason = f"{error.get('type')}: {error.get('reason')}"
            if status in BUSY:
                again.append(action)
            else:
                refused.append((action.key, " ".join(f"{reason}{_cause(error)}".split())))
        with self._lock:
            self.refused += refused
            self.acknowledged += done
            self.replaced += replaced
            self.removed += removed
        return again, reason


def _cause(error: Any) -> str:
    cause = error.get("caused_by") or {}
    return f" ({cause['reason']})" if cause.get("reason") else ""


def _head(name: str, index: str, document_id: str, version: int | None) -> bytes:
    value: dict[str, Any] = {"_index": index, "_id": document_id}
    if version is not None:
        value |= {"version": version, "version_type": "external_gte"}
    return as_json({name: value})


def _payload(actions: Sequence[Action]) -> bytes:
    lines = (line for action in actions for line in (action.head, action.body) if line is not None)
    return b"\n".join(lines) + b"\n"
