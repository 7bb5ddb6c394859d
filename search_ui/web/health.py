"""The state of the server: health checks, metrics for Prometheus, and a page for people.

Metrics are in Prometheus's text format 0.0.4: requests by view, status and time, and gauges of the archive. Each
process counts in its own row of shared memory; a request for the metrics sums the rows.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, g, render_template, request

from corpus import ArshifError
from search_ui.web.rate_limits import SharedNumbers
from search_ui.web.served_archive import served_archive

health = Blueprint("health", __name__)

STATUSES: Final = ("2xx", "3xx", "4xx", "5xx")
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the histogram's buckets, in seconds."""

MAX_VIEWS: Final = 120

_NO_VIEW: Final = "none"
_PER_VIEW: Final = len(STATUSES) + len(BOUNDS) + 2  # the last bucket has no bound; then the sum
_ROW: Final = MAX_VIEWS * _PER_VIEW


@health.get("/healthz")
def alive() -> Response:
    """Respond: the server is running."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/healthz/ready")
def ready() -> Response:
    """Respond whether there is an index to search; 503 if not."""
    try:
        _ = served_archive().searcher.generation
    except ArshifError:
        return Response("no index\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@health.get("/metrics")
def metrics() -> Response:
    """The metrics in Prometheus's format."""
    counters: Counters = current_app.extensions["arshif.counters"]
    lines = [*counters.lines(), *gauges(served_archive().status()), ""]
    return Response("\n".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


@health.get("/status")
def status() -> str:
    """The contents of the archive and the state of its index, for people."""
    served = served_archive()
    return render_template("status.html", status=served.status(), problem=served.problem())


class CounterTable:
    """The counters of all processes of a server, in shared memory: one row per process."""

    def __init__(self, processes: int = 1) -> None:
        self.processes = processes
        self.numbers = SharedNumbers(processes * _ROW)


class Counters:
    """The counters of one process. `views` are the same in all processes."""

    def __init__(self, table: CounterTable, process: int, views: Sequence[str]) -> None:
        self._table = table
        self._start = process * _ROW
        self._views = {view: number for number, view in enumerate(sorted(views)[:MAX_VIEWS])}
        self._lock = threading.Lock()

    def count(self, view: str, status: int, seconds: float) -> None:
        """Count a request."""
        number = self._views.get(view)
        if number is None:
            return
        values, at = self._table.numbers.values, self._start + number * _PER_VIEW
        with self._lock:
            values[at + min(max(status // 100 - 2, 0), len(STATUSES) - 1)] += 1
            values[at + len(STATUSES) + bisect_left(BOUNDS, seconds)] += 1
            values[at + _PER_VIEW - 1] += seconds

    def lines(self) -> Iterator[str]:
        """The metrics of requests, line by line."""
        yield "# HELP arshif_requests_total Requests, by view and status class."
        yield "# TYPE arshif_requests_total counter"
        for view, sums in self._sums():
            for status, count in zip(STATUSES, sums, strict=False):
                if count:
                    yield f'arshif_requests_total{{view="{view}",status="{status}"}} {count:.0f}'
        yield "# HELP arshif_request_seconds Time from the arrival of a request to its response."
        yield "# TYPE arshif_request_seconds histogram"
        for view, sums in self._sums():
            total = 0.0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), sums[len(STATUSES) : -1], strict=True):
                total += count
                yield f'arshif_request_seconds_bucket{{view="{view}",le="{bound}"}} {total:.0f}'
            yield f'arshif_request_seconds_sum{{view="{view}"}} {sums[-1]:.6f}'
            yield f'arshif_request_seconds_count{{view="{view}"}} {total:.0f}'

    def _sums(self) -> Iterator[tuple[str, list[float]]]:
        """The views that were requested, with their counters summed over all processes."""
        values = self._table.numbers.values
        for view, number in self._views.items():
            rows = [
                values[start + number * _PER_VIEW : start + (number + 1) * _PER_VIEW].tolist()
                for start in range(0, self._table.processes * _ROW, _ROW)
            ]
            sums = [sum(column) for column in zip(*rows, strict=True)]
            if any(sums):
                yield view, sums


def count_requests(app: Flask, table: CounterTable, process: int) -> None:
    """Count every request of an application in the row of its process; those without a view as `none`.

    Call it after all views are registered.
    """
    counters = app.extensions["arshif.counters"] = Counters(table, process, [*app.view_functions, _NO_VIEW])

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        began = g.get("began")
        if began is not None:
            counters.count(request.endpoint or _NO_VIEW, response.status_code, time.perf_counter() - began)
        return response


def gauges(status: dict[str, Any]) -> Iterator[str]:
    """The gauges of the archive and its index, from `ServedArchive.status`."""
    described = {
        "articles": "Articles in the archive.",
        "revisions": "Revisions of the articles.",
        "groups": "Groups of near-duplicates.",
        "index": "Number of the index's current commit.",
        "indexed_articles": "Articles in the index.",
        "pending_changes": "Changes that are not indexed yet.",
    }
    for name, help_text in described.items():
        if (value := status[name]) is not None:
            yield f"# HELP arshif_{name} {help_text}"
            yield f"# TYPE arshif_{name} gauge"
            yield f"arshif_{name} {value}"
    yield "# HELP arshif_ready Whether there is an index to search."
    yield "# TYPE arshif_ready gauge"
    yield f"arshif_ready {int(status['problem'] is None)}"
