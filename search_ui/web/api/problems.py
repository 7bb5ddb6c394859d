"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus

from flask import Response, request

PREFIX = "/api/"


class BadParameters(Exception):
    """Invalid parameters: (name, reason) each."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in self.errors))


def is_api_request() -> bool:
    """Whether the request is to the API, which responds with problem details instead of a page."""
    return request.path.startswith(PREFIX)


def problem(status: int, detail: str, errors: Iterable[tuple[str, str]] = ()) -> Response:
    """A response with problem details; `errors` are the invalid parameters."""
    value = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **({"errors": [{"parameter": name, "reason": reason} for name, reason in errors]} if errors else {}),
    }
    return Response(json.dumps(value, ensure_ascii=False), status, mimetype="application/problem+json")
