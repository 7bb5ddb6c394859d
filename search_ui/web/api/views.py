"""The views of the API: each reads its parameters, makes one call and writes JSON; errors are problem details.

Recent responses are cached as they were sent, since many clients ask the same. A response is valid for one state of
archive and index.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from search_ui.web.api.openapi import PROBLEMS, SCHEMAS, document
from search_ui.web.api.operations import OPERATIONS, Operation
from search_ui.web.api.parameters import BadParameters, read_parameters
from search_ui.web.languages import catalogue, language
from search_ui.web.served_archive import served_archive

api = Blueprint("api", __name__, url_prefix="/api/v1")

API_PREFIX = "/api/"

_CACHE_BYTES: Final = 32 * 2**20
_MAX_CACHED: Final = 2**18  # bytes of a response; longer ones are not cached


@api.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    settings = served_archive().archive.settings
    return _json(document(settings.name, settings.private))


@api.get("/")
def guide() -> str:
    """The page that describes the API to people, made from the same list."""
    described = catalogue(language(), "api").gettext
    return render_template("api.html", operations=OPERATIONS, schemas=SCHEMAS, problems=PROBLEMS, described=described)


@api.errorhandler(BadParameters)
def bad_parameters(error: BadParameters) -> Response:
    """List the invalid parameters."""
    return problem(400, f"invalid parameters: {error}", error.errors)


@api.after_request
def allow_origins(response: Response) -> Response:
    """Let pages of the origins in the settings read the response (CORS); never with the visitor's cookies."""
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


class ResponseCache:
    """Responses by URL, up to a number of bytes; the least recently used are evicted first."""

    def __init__(self, max_bytes: int = _CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._version = ""
        self._size = 0
        self._responses: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str, version: str) -> bytes | None:
        """Return the cached response of a URL in this state of the archive; None if there is none."""
        with self._lock:
            if version != self._version:
                self._responses.clear()
                self._version, self._size = version, 0
            cached = self._responses.get(address)
            if cached is not None:
                self._responses.move_to_end(address)
            return cached

    def put(self, address: str, version: str, response: bytes) -> None:
        """Cache a response, unless the state has changed since or it is too long."""
        cost = len(response) + 2 * len(address)
        if cost > _MAX_CACHED:
            return
        with self._lock:
            if version != self._version or address in self._responses:
                return
            self._responses[address] = response
            self._size += cost
            while self._size > self._max_bytes:
                old, evicted = self._responses.popitem(last=False)
                self._size -= len(evicted) + 2 * len(old)


def is_api_request() -> bool:
    """Whether the request is to the API, which responds with problem details instead of a page."""
    return request.path.startswith(API_PREFIX)


def problem(status: int, detail: str, errors: Iterable[tuple[str, str]] = ()) -> Response:
    """A response with problem details (RFC 9457); `errors` are the names and reasons of invalid parameters."""
    value = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **({"errors": [{"parameter": name, "reason": reason} for name, reason in errors]} if errors else {}),
    }
    return Response(json.dumps(value, ensure_ascii=False), status, mimetype="application/problem+json")


def _respond(operation: Operation) -> Response:
    """The response of an operation, from the cache if it is there; 304 if the client has it already."""
    values = read_parameters(operation.parameters, request.args)
    served = served_archive()
    if operation.name == "status":  # needs no index, and `version` does
        return _json(operation.respond(served, values))
    version = served.version()
    if request.if_none_match.contains_weak(version):
        response = Response(status=304)
    else:
        cache: ResponseCache = current_app.extensions["arshif.response_cache"]
        data = cache.get(request.url, version)  # with the host, which permanent addresses name
        if data is None:
            data = _bytes(operation.respond(served, values))
            cache.put(request.url, version, data)
        response = Response(data, mimetype="application/json")
    response.set_etag(version, weak=True)  # weak: the time that a search took differs
    response.headers["Cache-Control"] = "no-cache"  # store it, and revalidate it before use
    return response


for operation in OPERATIONS:
    api.add_url_rule(operation.path, operation.name, partial(_respond, operation), methods=["GET"])


def _json(value: Any) -> Response:
    return Response(_bytes(value), mimetype="application/json")


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
