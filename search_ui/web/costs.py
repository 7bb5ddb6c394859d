"""What a request may cost (`indexer.budget`), and what that takes off its client's rate."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from flask import Flask, g, request

from indexer import budget
from search_ui.web.limits import Limiter, client_name
from search_ui.web.settings import WebSettings

SECONDS_A_TOKEN: Final = 0.05
"""Processor time that one request of the rate covers; a longer request counts as several."""


def bound_costs(app: Flask, settings: WebSettings, limiter: Limiter | None) -> None:
    """Sets one budget for all that a request does, and charges its cost to the client when it is over."""

    @app.before_request
    def begin() -> None:
        seconds = settings.export_seconds if request.endpoint == "exports.export" else settings.seconds
        g.bounds = ExitStack()
        g.bounds.enter_context(budget.limited(seconds))
        g.cost_before = budget.cost()

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        lift_bounds()
        if limiter is not None and "cost_before" in g:
            tokens = (budget.cost() - g.cost_before) / SECONDS_A_TOKEN
            limiter.charge(client_name(request.remote_addr), tokens - 1)  # one was taken when it came


def lift_bounds() -> None:
    """Ends the budget of this request, so that its error can be shown."""
    if "bounds" in g:
        g.bounds.close()
