"""The state of the server: for monitoring, for Prometheus, and for people.

What the server has done so far, as Prometheus reads it (text format 0.0.4): requests by view, status and time.

Each process counts in a row of its own in shared memory; whichever is asked adds the rows up.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, g, render_template, request

from corpus import ArshifError
from search_ui.web.open_archive import opened_archive
from search_ui.web.rate_limits import SharedNumbers

health = Blueprint("health", __name__)

_NO_VIEW: Final = "none"


@health.get("/healthz")
def alive() -> Response:
    """Says that the server answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/healthz/ready")
def ready() -> Response:
    """Says whether there is an index to search; 503 where there is none."""
    try:
        _ = opened_archive().searcher.generation
    except ArshifError:
        return Response("no index\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@health.get("/metrics")
def metrics() -> Response:
    """The counters, as Prometheus reads them."""
    counters: Counters = current_app.extensions["arshif.counters"]
    lines = [*counters.lines(), *gauges(opened_archive().status()), ""]
    return Response("\n".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


@health.get("/status")
def status() -> str:
    """What the archive contains and whether its index is up to date, for people."""
    opened = opened_archive()
    return render_template("status.html", status=opened.status(), problem=opened.problem())


def count_requests(app: Flask, board: Board, process: int) -> None:
    """Counts every request of an application in its row of a board; those that no view answers as `none`.

    To be called once all views are there.
    """
    counters = app.extensions["arshif.counters"] = Counters(board, process, [*app.view_functions, _NO_VIEW])

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        began = g.get("began")
        if began is not None:
            counters.count(request.endpoint or _NO_VIEW, response.status_code, time.perf_counter() - began)
        return response


STATUSES: Final = ("2xx", "3xx", "4xx", "5xx")
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds: upper bounds of the histogram's buckets."""

MOST_VIEWS: Final = 60
_OF_A_VIEW: Final = len(STATUSES) + len(BOUNDS) + 2  # and the bucket above all bounds, and the sum
_ROW: Final = MOST_VIEWS * _OF_A_VIEW


class Board:
    """The shared memory of all processes of a server."""

    def __init__(self, processes: int = 1) -> None:
        self.processes = processes
        self.numbers = SharedNumbers(processes * _ROW)


class Counters:
    """One process's row of a board. `views` are the same in all processes."""

    def __init__(self, board: Board, process: int, views: Sequence[str]) -> None:
        self._board = board
        self._start = process * _ROW
        self._views = {view: number for number, view in enumerate(sorted(views)[:MOST_VIEWS])}
        self._lock = threading.Lock()

    def count(self, view: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        number = self._views.get(view)
        if number is None:
            return
        values, at = self._board.numbers.values, self._start + number * _OF_A_VIEW
        with self._lock:
            values[at + min(max(status // 100 - 2, 0), len(STATUSES) - 1)] += 1
            values[at + len(STATUSES) + bisect_left(BOUNDS, seconds)] += 1
            values[at + _OF_A_VIEW - 1] += seconds

    def lines(self) -> Iterator[str]:
        """The lines of requests and their times."""
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
        """The views that were asked for, with their numbers summed over all processes."""
        values = self._board.numbers.values
        for view, number in self._views.items():
            rows = [
                values[start + number * _OF_A_VIEW : start + (number + 1) * _OF_A_VIEW].tolist()
                for start in range(0, self._board.processes * _ROW, _ROW)
            ]
            sums = [sum(column) for column in zip(*rows, strict=True)]
            if any(sums):
                yield view, sums


def gauges(status: dict[str, Any]) -> Iterator[str]:
    """The gauges of the archive and its index (`OpenArchive.status`)."""
    told = {
        "articles": "Articles in the archive.",
        "revisions": "Revisions of the articles.",
        "groups": "Groups of near-duplicates.",
        "index": "Number of the index's current commit.",
        "indexed_articles": "Articles in the index.",
        "pending_changes": "Changes that are not indexed yet.",
    }
    for name, help_text in told.items():
        if (value := status[name]) is not None:
            yield f"# HELP arshif_{name} {help_text}"
            yield f"# TYPE arshif_{name} gauge"
            yield f"arshif_{name} {value}"
    yield "# HELP arshif_ready Whether there is an index to search."
    yield "# TYPE arshif_ready gauge"
    yield f"arshif_ready {int(status['problem'] is None)}"
