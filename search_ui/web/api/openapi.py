"""The OpenAPI 3.1 document of the API, made from the list of its operations."""

from __future__ import annotations

from typing import Any, Final

from search_ui.web.api.operations import OPERATIONS, Operation
from search_ui.web.api.parameters import MOST_VALUES, Parameter
from search_ui.web.api.schemas import SCHEMAS

VERSION: Final = "1.0.0"
"""Version of the API. A breaking change gets a new major version, at a new address beside `/api/v1`."""

PROBLEMS: Final = {
    400: "A parameter is not valid, or the search exceeded its time limit.",
    401: "The archive is private: a token is required.",
    404: "The article does not exist.",
    410: "The article was removed from the archive.",
    429: "Too many requests from one address; Retry-After says when to try again.",
    503: "There is no index yet, or it was built by another version of Arshif.",
}


def document(name: str, private: bool) -> dict[str, Any]:
    """The document for an archive of this name."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: Arshif",
            "version": VERSION,
            "description": "Search an archive of Arabic news. Every operation is a GET; responses are JSON in UTF-8.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": {operation.path: {"get": _operation(operation)} for operation in OPERATIONS},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}] if private else [],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    statuses = [400, 401, *([404, 410] if operation.finds else []), 429, 503]
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            "200": {
                "description": "Success.",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{operation.schema}"}}},
            },
            "304": {"description": "Not modified since the response that If-None-Match names."},
            "431": {"description": "The address and headers are longer than 64 KB."},
            **{str(status): _problem(PROBLEMS[status]) for status in statuses},
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = parameter.schema
    if parameter.repeated:
        schema = {"type": "array", "items": schema, "maxItems": MOST_VALUES}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.required,
        "schema": schema,
        **({"style": "form", "explode": True} if parameter.repeated else {}),
    }


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}
