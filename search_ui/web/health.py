"""The state of the server: for monitoring, for Prometheus, and for people."""

from __future__ import annotations

import time
from typing import Final

from flask import Blueprint, Flask, Response, current_app, g, render_template, request

from corpus import ArshifError
from search_ui.web.metrics import Board, Counters, gauges
from search_ui.web.opened import opened_archive

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
