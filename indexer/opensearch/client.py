"""Talking to the cluster: the one place that imports opensearch-py, and that turns what it raises into our errors.

A request goes to one node after the other until one answers; what none answers is `ClusterUnavailable`.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from indexer import budget
from indexer.errors import ClusterRefused, ClusterUnavailable, EngineMissing, IndexMissing
from indexer.opensearch.settings import ClusterSettings

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

T = TypeVar("T")

USER: Final = "ARSHIF_OPENSEARCH_USER"
PASSWORD: Final = "ARSHIF_OPENSEARCH_PASSWORD"
API_KEY: Final = "ARSHIF_OPENSEARCH_API_KEY"

BUSY: Final = (429, 502, 503, 504)
"""Statuses that mean: later."""

_OUT_OF_TIME: Final = "Time exceeded"
"""What OpenSearch says where a search runs out of its `timeout` and partial answers are not allowed."""

_LOST: Final = re.compile(
    "(node_disconnected|node_not_connected|no_node_available|node_closed|connect_transport|send_request_transport"
    "|no_shard_available_action)_exception"
)
"""Errors of a request to a node that is just being lost, told with the status 500 or 503."""
_TRIES: Final = 4
_PAUSE: Final = 0.25  # seconds, and so much more each time: others take the place of what was lost

_CONNECTIONS: Final = 32  # to a node, kept open between requests
_REASON: Final = 300  # characters of what the cluster says that are passed on


class _NodeLost(ClusterUnavailable):
    """A node went away while it was answering: another can answer now."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search of several in a request: where, for what, how. Without an index it is of a point in time."""

    index: str | None
    body: Mapping[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)


class NotThere(Exception):
    """The index or document that was asked for is not there (any more)."""


class Client:
    """The requests that Arshif makes of a cluster. Safe to use from several threads."""

    def __init__(self, settings: ClusterSettings, environment: Mapping[str, str] | None = None) -> None:
        """Makes no connection yet.

        Raises:
            EngineMissing: opensearch-py is not installed.
            ClusterRefused: a password without a user, or certificates that cannot be read.
        """
        self.settings = settings
        self.hosts = settings.hosts
        self._client = _connect(settings, os.environ if environment is None else environment)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The answer's JSON value.

        Raises:
            NotThere: the cluster answers 404.
            ClusterUnavailable: no node answers, or they are too busy, or shards are missing.
            ClusterRefused: it answers with another error.
        """
        from opensearchpy.exceptions import ConnectionError as NoConnection
        from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, OpenSearchException, TransportError

        wanted: dict[str, Any] = dict(params or {})
        wanted["request_timeout"] = timeout or self.settings.timeout
        data = body if body is None or isinstance(body, bytes) else as_json(body)
        try:
            with budget.waiting():
                return self._client.transport.perform_request(method, path, params=wanted, body=data)
        except NotFoundError as error:
            raise NotThere(_reason(error)) from error
        except ConnectionTimeout as error:
            seconds = self.settings.timeout if timeout is None else timeout
            raise ClusterUnavailable(self.hosts, f"no answer within {seconds:g} seconds") from error
        except NoConnection as error:
            raise ClusterUnavailable(self.hosts, _connection_reason(error)) from error
        except TransportError as error:
            reason = _reason(error)
            if _OUT_OF_TIME in reason:
                raise budget.spent() from error
            raise self._failure(error.status_code, reason) from error
        except (OpenSearchException, OSError, ValueError) as error:
            raise ClusterRefused(self.hosts, str(error)[:_REASON]) from error

    def search(self, index: str | None, body: Mapping[str, Any], **params: str) -> Any:
        """One search, whole or not at all: an answer without some shards is none. Without an index, of a point in time.

        Raises:
            SearchTooCostly: it took longer than this thread's searches may.
            NotThere, ClusterUnavailable, ClusterRefused: as `request`.
        """
        wanted = {"allow_partial_search_results": "false", **params}
        path = f"/{index}/_search" if index else "/_search"
        return self._again(lambda: self.request("POST", path, {**body, **_time_left()}, params=wanted))

    def searches(self, searches: Sequence[Search]) -> list[Any]:
        """Several searches in one request; the answers in their order.

        Raises:
            SearchTooCostly: they took longer than this thread's searches may.
            NotThere, ClusterUnavailable, ClusterRefused: as `request`, when any of them fails.
        """
        return self._again(lambda: self._searches(searches)) if searches else []

    def _searches(self, searches: Sequence[Search]) -> list[Any]:
        lines, left = [], _time_left()
        for one in searches:
            header = {"index": one.index} if one.index else {}
            lines.append(as_json({**header, "allow_partial_search_results": False, **one.options}))
            lines.append(as_json({**one.body, **left}))
        answers = self.request("POST", "/_msearch", b"\n".join([*lines, b""]))["responses"]
        for answer in answers:
            if (status := answer.get("status", 200)) >= 400:
                reason = _error_reason(answer)
                if status == 404:
                    raise NotThere(reason)
                if _OUT_OF_TIME in reason:
                    raise budget.spent()
                raise self._failure(status, reason)
        return list(answers)

    def _failure(self, status: int | str, reason: str) -> ClusterUnavailable | ClusterRefused:
        if _LOST.search(reason):
            return _NodeLost(self.hosts, reason)
        kind = ClusterUnavailable if status in BUSY else ClusterRefused
        return kind(self.hosts, reason)

    def _again(self, ask: Callable[[], T]) -> T:
        """Asks, and asks again when a node was lost meanwhile."""
        for attempt in range(1, _TRIES):
            try:
                return ask()
            except _NodeLost:
                sleep(_PAUSE * attempt)
        return ask()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def _time_left() -> dict[str, str]:
    """What makes the cluster end a search when this thread's time is over."""
    budget.check()
    left = budget.remaining()
    return {} if left is None else {"timeout": f"{ceil(1000 * left)}ms"}


def as_json(value: Any) -> bytes:
    """A value as a request carries it. A lone surrogate, which no text in the cluster has, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def missing(prefix: str) -> IndexMissing:
    """The error for an alias that is not there."""
    return IndexMissing(Path(prefix))


def _connect(settings: ClusterSettings, environment: Mapping[str, str]) -> OpenSearch:
    try:
        from opensearchpy import OpenSearch
    except ImportError as error:
        raise EngineMissing("opensearch", "opensearch-py") from error
    user, password, key = (environment.get(name) for name in (USER, PASSWORD, API_KEY))
    if bool(user) != bool(password):
        raise ClusterRefused(settings.hosts, f"{USER} and {PASSWORD} must be set together")
    options: dict[str, Any] = {"verify_certs": settings.verify, "ssl_show_warn": False}
    if settings.ca_certs:
        if not Path(settings.ca_certs).is_file():
            raise ClusterRefused(settings.hosts, f"there is no certificate file at {settings.ca_certs}")
        options["ca_certs"] = settings.ca_certs
    if key:
        options["headers"] = {"Authorization": f"ApiKey {key}"}
    elif user and password:
        options["http_auth"] = (user, password)
    # What goes wrong is told by our errors; the library would print it to the terminal a second time.
    logging.getLogger("opensearch").addHandler(logging.NullHandler())
    return OpenSearch(
        hosts=list(settings.hosts),
        timeout=settings.timeout,
        pool_maxsize=_CONNECTIONS,
        max_retries=max(1, len(settings.hosts) - 1),  # every node once
        retry_on_timeout=len(settings.hosts) > 1,  # another node may be quicker; the same would not be
        retry_on_status=(502, 503, 504),
        **options,
    )


def _reason(error: Any) -> str:
    """What the cluster says, in one line."""
    if error.status_code in (401, 403):
        return (
            f"it rejects the credentials ({error.status_code}), which are read from {USER} and {PASSWORD}, or {API_KEY}"
        )
    info = error.info
    return _error_reason(info) if isinstance(info, dict) else str(error.error)[:_REASON]


def _error_reason(answer: Mapping[str, Any]) -> str:
    told = answer.get("error", answer)
    if not isinstance(told, dict):
        return " ".join(str(told).split())[:_REASON]
    cause = (told.get("root_cause") or [told])[0]
    if not cause.get("reason") and isinstance(told.get("caused_by"), dict):
        cause = told["caused_by"]
    return " ".join(f"{cause.get('type', told.get('type'))}: {cause.get('reason', told.get('reason'))}".split())[
        :_REASON
    ]


def _connection_reason(error: Any) -> str:
    text = str(getattr(error, "info", error))
    if "CERTIFICATE" in text.upper():
        return "its certificate is not trusted; 'ca_certs' of [opensearch] must name its authority's certificate"
    if "refused" in text.lower():
        return "no node accepts connections"
    return " ".join(text.split())[:_REASON]
