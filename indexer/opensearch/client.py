"""Requests to the cluster: the only module that imports opensearch-py, and converts its exceptions to Arshif's errors.

A request is sent to one node after the other until one answers; if none does, `ClusterUnavailable` is raised.
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
from indexer.errors import ClusterRefused, ClusterUnavailable, EngineMissing
from indexer.opensearch.settings import ClusterSettings

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

T = TypeVar("T")

USER: Final = "ARSHIF_OPENSEARCH_USER"
PASSWORD: Final = "ARSHIF_OPENSEARCH_PASSWORD"
API_KEY: Final = "ARSHIF_OPENSEARCH_API_KEY"

BUSY: Final = (429, 502, 503, 504)
"""Statuses of a request that should be retried later."""

_OUT_OF_TIME: Final = "Time exceeded"
"""OpenSearch's message for a search that exceeds its `timeout` when partial results are not allowed."""

_LOST: Final = re.compile(
    "(node_disconnected|node_not_connected|no_node_available|node_closed|connect_transport|send_request_transport"
    "|no_shard_available_action)_exception"
)
"""Errors of a request to a node that is being lost, reported with the status 500 or 503."""
_TRIES: Final = 4
_PAUSE: Final = 0.25  # seconds, times the number of tries: meanwhile other nodes take over

_CONNECTIONS: Final = 32  # per node, kept open between requests
_MAX_REASON: Final = 300  # characters of the cluster's error messages that are passed on


class _NodeLost(ClusterUnavailable):
    """A node was lost while it answered: another one can answer the same request."""


@dataclass(frozen=True, slots=True)
class Search:
    """One of several searches in a request: its index, body and header options. A point in time needs no index."""

    index: str | None
    body: Mapping[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)


class NotFound(Exception):
    """The requested index or document does not exist (any more)."""


class Client:
    """Sends requests to a cluster. Safe to share between threads."""

    def __init__(self, settings: ClusterSettings, environment: Mapping[str, str] | None = None) -> None:
        """Opens no connection yet.

        Raises:
            EngineMissing: opensearch-py is not installed.
            ClusterRefused: there is a user without a password or the reverse, or `ca_certs` cannot be read.
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
        """The JSON value of the answer.

        Raises:
            NotFound: the cluster answers 404.
            ClusterUnavailable: no node answers, the nodes are too busy, or shards are missing.
            ClusterRefused: the cluster answers with another error.
        """
        from opensearchpy.exceptions import ConnectionError as NoConnection
        from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, OpenSearchException, TransportError

        options: dict[str, Any] = {**(params or {}), "request_timeout": timeout or self.settings.timeout}
        data = body if body is None or isinstance(body, bytes) else as_json(body)
        try:
            with budget.waiting():
                return self._client.transport.perform_request(method, path, params=options, body=data)
        except NotFoundError as error:
            raise NotFound(_reason(error)) from error
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
            raise ClusterRefused(self.hosts, str(error)[:_MAX_REASON]) from error

    def search(self, index: str | None, body: Mapping[str, Any], **params: str) -> Any:
        """One search; partial results are an error. A search of a point in time has no index.

        Raises:
            SearchTooCostly: it exceeded the budget of this thread.
            NotFound, ClusterUnavailable, ClusterRefused: as `request`.
        """
        params = {"allow_partial_search_results": "false", **params}
        path = f"/{index}/_search" if index else "/_search"
        return self._with_retries(lambda: self.request("POST", path, {**body, **_time_left()}, params=params))

    def searches(self, searches: Sequence[Search]) -> list[Any]:
        """Several searches in one request; the answers in their order.

        Raises:
            SearchTooCostly: they exceeded the budget of this thread.
            NotFound, ClusterUnavailable, ClusterRefused: as `request`, if any of them fails.
        """
        return self._with_retries(lambda: self._searches(searches)) if searches else []

    def _searches(self, searches: Sequence[Search]) -> list[Any]:
        lines, left = [], _time_left()
        for search in searches:
            header = {"index": search.index} if search.index else {}
            lines.append(as_json({**header, "allow_partial_search_results": False, **search.options}))
            lines.append(as_json({**search.body, **left}))
        answers = self.request("POST", "/_msearch", b"\n".join([*lines, b""]))["responses"]
        for answer in answers:
            if (status := answer.get("status", 200)) >= 400:
                reason = _error_reason(answer)
                if status == 404:
                    raise NotFound(reason)
                if _OUT_OF_TIME in reason:
                    raise budget.spent()
                raise self._failure(status, reason)
        return list(answers)

    def _failure(self, status: int | str, reason: str) -> ClusterUnavailable | ClusterRefused:
        if _LOST.search(reason):
            return _NodeLost(self.hosts, reason)
        kind = ClusterUnavailable if status in BUSY else ClusterRefused
        return kind(self.hosts, reason)

    def _with_retries(self, request: Callable[[], T]) -> T:
        """The result of a request, which is retried if a node was lost meanwhile."""
        for attempt in range(1, _TRIES):
            try:
                return request()
            except _NodeLost:
                sleep(_PAUSE * attempt)
        return request()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def _time_left() -> dict[str, str]:
    """The `timeout` of a search, by the remaining budget of this thread."""
    budget.check()
    left = budget.remaining()
    return {} if left is None else {"timeout": f"{ceil(1000 * left)}ms"}


def as_json(value: Any) -> bytes:
    """A value encoded for a request. A lone surrogate, which no text in the cluster has, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


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
    # Arshif's errors report every failure; the library would print it to the terminal a second time.
    logging.getLogger("opensearch").addHandler(logging.NullHandler())
    return OpenSearch(
        hosts=list(settings.hosts),
        timeout=settings.timeout,
        pool_maxsize=_CONNECTIONS,
        max_retries=max(1, len(settings.hosts) - 1),  # every node once
        retry_on_timeout=len(settings.hosts) > 1,  # another node may be faster; the same one would not be
        retry_on_status=(502, 503, 504),
        **options,
    )


def _reason(error: Any) -> str:
    """The cluster's error message, in one line."""
    if error.status_code in (401, 403):
        return (
            f"it rejects the credentials ({error.status_code}), which are read from {USER} and {PASSWORD}, or {API_KEY}"
        )
    info = error.info
    return _error_reason(info) if isinstance(info, dict) else str(error.error)[:_MAX_REASON]


def _error_reason(answer: Mapping[str, Any]) -> str:
    error = answer.get("error", answer)
    if not isinstance(error, dict):
        return " ".join(str(error).split())[:_MAX_REASON]
    cause = (error.get("root_cause") or [error])[0]
    if not cause.get("reason") and isinstance(error.get("caused_by"), dict):
        cause = error["caused_by"]
    return " ".join(f"{cause.get('type', error.get('type'))}: {cause.get('reason', error.get('reason'))}".split())[
        :_MAX_REASON
    ]


def _connection_reason(error: Any) -> str:
    text = str(getattr(error, "info", error))
    if "CERTIFICATE" in text.upper():
        return "its certificate is not trusted; 'ca_certs' of [opensearch] must name its authority's certificate"
    if "refused" in text.lower():
        return "no node accepts connections"
    return " ".join(text.split())[:_MAX_REASON]
