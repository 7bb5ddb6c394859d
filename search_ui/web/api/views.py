"""The views of the API: each reads its parameters, makes one call and writes JSON.

Answers given lately, as they were sent: many ask the same. Each is good for one state of archive and index.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from search_ui.web.api.openapi import PROBLEMS, SCHEMAS, document
from search_ui.web.api.operations import OPERATIONS, Operation
from search_ui.web.api.parameters import BadParameters, problem, read_parameters
from search_ui.web.open_archive import opened_archive

api = Blueprint("api", __name__, url_prefix="/api/v1")


def _view(operation: Operation) -> Callable[[], Response]:
    def view() -> Response:
        values = read_parameters(operation.parameters, request.args)
        opened = opened_archive()
        if operation.name == "status":
            return _json(operation.answer(opened, values))
        version = opened.version()
        if request.if_none_match.contains_weak(version):
            response = Response(status=304)
        else:
            answered: Answered = current_app.extensions["arshif.answered"]
            address = request.full_path
            data = answered.get(address, version)
            if data is None:
                data = _bytes(operation.answer(opened, values))
                answered.keep(address, version, data)
            response = Response(data, mimetype="application/json")
        response.set_etag(version, weak=True)  # weak: the time that a search took differs
        response.headers["Cache-Control"] = "no-cache"  # keep it, and ask whether it is still so
        return response

    return view


for one in OPERATIONS:
    api.add_url_rule(one.path, one.name, _view(one), methods=["GET"])


@api.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    settings = opened_archive().archive.settings
    return _json(document(settings.name, settings.private))


@api.get("/")
def guide() -> str:
    """The API for people: the same list as a page."""
    return render_template("api.html", operations=OPERATIONS, schemas=SCHEMAS, problems=PROBLEMS)


@api.errorhandler(BadParameters)
def bad_parameters(error: BadParameters) -> Response:
    """Lists the invalid parameters."""
    return problem(400, f"invalid parameters: {error}", error.errors)


@api.after_request
def share(response: Response) -> Response:
    """Lets pages of the origins that the settings name read the answer (CORS); never with the visitor's cookies."""
    allowed: tuple[str, ...] = current_app.config["CORS_ORIGINS"]
    origin = request.headers.get("Origin")
    if not allowed:
        return response
    if "*" in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if origin in allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS" and "Access-Control-Allow-Origin" in response.headers:
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    return response


def _json(value: Any) -> Response:
    return Response(_bytes(value), mimetype="application/json")


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_MOST_BYTES: Final = 32 * 2**20
_LONGEST: Final = 2**18  # what is longer is not kept


class Answered:
    """Answers by address, up to a number of bytes; the least recently asked for go first."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._version = ""
        self._size = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str, version: str) -> bytes | None:
        """The answer of an address for a state; None where it is not kept."""
        with self._lock:
            if version != self._version:
                self._kept.clear()
                self._version, self._size = version, 0
            found = self._kept.get(address)
            if found is not None:
                self._kept.move_to_end(address)
            return found

    def keep(self, address: str, version: str, answer: bytes) -> None:
        """Keeps an answer, unless the state is another one by now."""
        cost = len(answer) + 2 * len(address)
        if cost > _LONGEST:
            return
        with self._lock:
            if version != self._version or address in self._kept:
                return
            self._kept[address] = answer
            self._size += cost
            while self._size > self._most:
                old, gone = self._kept.popitem(last=False)
                self._size -= len(gone) + 2 * len(old)
