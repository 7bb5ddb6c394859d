"""The OpenAPI 3.1 document of the API, made from the list of its operations.

How the API's answers look: JSON Schema (2020-12, as OpenAPI 3.1 uses it), by name. Nothing is left open.
"""

from __future__ import annotations

from typing import Any, Final

from corpus import OriginKind
from indexer import MatchLevel, Reading
from search_ui.web.api.operations import OPERATIONS, Operation
from search_ui.web.api.parameters import MOST_VALUES, Parameter

VERSION: Final = "1.0.0"
"""Of the API: a change that breaks a client is a new first number, and a new address beside `/api/v1`."""

PROBLEMS: Final = {
    400: "A parameter cannot be read, or the search took longer than one may.",
    401: "The archive is private: a token is wanted.",
    404: "There is no such article.",
    410: "The article was removed from the archive.",
    429: "Too many requests from one address; Retry-After says when to come again.",
    503: "There is no index to search yet, or it is of another version.",
}


def document(name: str, private: bool) -> dict[str, Any]:
    """The document for an archive of this name."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: Arshif",
            "version": VERSION,
            "description": "Searching an archive of Arabic news. Every operation is a GET; answers are JSON in UTF-8.",
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
                "description": "The answer.",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{operation.schema}"}}},
            },
            "304": {"description": "As the client has it already (If-None-Match)."},
            "431": {"description": "Address and headers are longer than the server reads: 64 KB."},
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


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE_TEXT: Final[dict[str, Any]] = {"type": ["string", "null"]}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_MAYBE_COUNT: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 0}
_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_DATE: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "description": "A day, or, where a time was printed, a timestamp with the printed offset; ISO 8601.",
}
_SPANS: Final[dict[str, Any]] = {
    "type": "array",
    "description": "What to mark: [start, end) offsets in characters (Unicode code points).",
    "items": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _maybe(name: str) -> dict[str, Any]:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(description: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_PRINTED: Final[dict[str, Any]] = {
    "id": _TEXT,
    "title": _TEXT,
    "url": _MAYBE_TEXT,
    "source": _MAYBE_TEXT,
    "section": _MAYBE_TEXT,
    "author": _list(_TEXT),
    "date": _DATE,
}
_ANSWER: Final[dict[str, Any]] = {
    "query": _TEXT,
    "understood": {**_TEXT, "description": "The query as it was understood, in the query language."},
    "reading": {
        "type": "string",
        "enum": [*Reading],
        "description": "Whether operators counted, or all of the query was read as plain words.",
    },
    "total": {**_COUNT, "description": "All articles that match."},
    "widths": {
        "anyOf": [_ref("Widths"), {"type": "null"}],
        "description": "How many articles match at each `match`; null where the query has no words.",
    },
    "parts": _list(_ref("PartCount")),
    "warnings": _list(_ref("Warning")),
    "index": {**_COUNT, "description": "The number of the index's commit that answered."},
    "pending_changes": {
        **_COUNT,
        "description": "Changes of the archive that wait for the index, and are not in the answer.",
    },
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "SearchPage": _object(
        "A page of hits.",
        **_ANSWER,
        stories={**_COUNT, "description": "The articles that match, without the copies left out."},
        listed={
            **_COUNT,
            "description": "The hits to page through. Where fewer than 100 match and the order is relevance, the"
            " nearest others are among them.",
        },
        hits=_list(_ref("Hit")),
        next={**_MAYBE_TEXT, "description": "The cursor of the next page; null at the end."},
        moved={**_FLAG, "description": "Whether the index has changed since the cursor was given."},
        suggestion={**_MAYBE_TEXT, "description": "The query that was probably meant."},
        spellings=_list(
            _object("A name of which other spellings were searched too.", typed=_TEXT, others=_list(_TEXT))
        ),
        facets={"anyOf": [_list(_ref("Facet")), {"type": "null"}]},
        timeline=_maybe("Timeline"),
        seconds=_NUMBER,
    ),
    "Hit": _object(
        "An article that a search found.",
        **_PRINTED,
        title_spans=_SPANS,
        score={**_NUMBER, "description": "0 when sorted by date."},
        matched={
            **_FLAG,
            "description": "False for an article that does not match and is listed as one of the nearest.",
        },
        snippet=_object("A passage of the text.", text=_TEXT, spans=_SPANS),
        matches=_list(
            _object(
                "Why it was found: a word of the query, and what it met. The surest levels come first in the list of "
                "values; `lemma` is another form of the word.",
                word=_TEXT,
                printed=_TEXT,
                level={"type": "string", "enum": [*MatchLevel]},
            )
        ),
        copies={**_COUNT, "description": "Further copies of the story that were found and left out."},
        group=_maybe("Group"),
    ),
    "Widths": _object("Articles that match, by how much of the query they have.", all=_COUNT, most=_COUNT, any=_COUNT),
    "PartCount": _object(
        "How many articles, within the filters, have one word, phrase or bracket of the query.",
        text=_TEXT,
        articles=_COUNT,
    ),
    "Group": _object(
        "The printings of one story, the first publisher's first.",
        name=_TEXT,
        papers={**_COUNT, "description": "Sources that printed it."},
        sources={**_list(_TEXT), "description": "Their names; of a hit the first 20."},
        count={**_COUNT, "description": "Printings."},
        copies=_list(_object("A printing.", id=_TEXT, title=_TEXT, source=_MAYBE_TEXT, date=_DATE)),
    ),
    "Article": _object(
        "An article, whole.",
        **_PRINTED,
        text={**_TEXT, "description": "A paragraph a line."},
        retrieved_at=_MAYBE_TEXT,
        revision=_COUNT,
        revisions=_list(
            _object(
                "A text that it had.", number=_COUNT, recorded_at=_TEXT, page=_MAYBE_TEXT, origins=_list(_ref("Origin"))
            )
        ),
        group=_maybe("Group"),
        marks=_object("Where the words of `q` stand.", title=_SPANS, text=_SPANS),
        citation=_object("How it is cited.", plain=_TEXT, bibtex=_TEXT, ris=_TEXT),
    ),
    "Origin": _object(
        "A place that held a text.",
        kind={"type": "string", "enum": [*OriginKind]},
        name=_TEXT,
        part=_MAYBE_TEXT,
        first_seen=_MAYBE_TEXT,
        last_seen=_MAYBE_TEXT,
    ),
    "SimilarArticles": _object("The articles most like one.", hits=_list(_ref("Hit"))),
    "Suggestions": _object(
        "What a query may become.",
        suggestions=_list(
            _object("A query with its last word completed, or a title.", kind=_TEXT, text=_TEXT, id=_MAYBE_TEXT)
        ),
    ),
    "Facets": _object("All hits, counted by their values.", **_ANSWER, facets=_list(_ref("Facet"))),
    "Facet": _object(
        "The values of one kind, the most frequent first.",
        name=_TEXT,
        values=_list(_object("A value.", value=_TEXT, count=_COUNT)),
    ),
    "TimelineAnswer": _object(
        "All hits, counted by the time they were published.", **_ANSWER, timeline=_ref("Timeline")
    ),
    "Timeline": _object(
        "Hits by day, month or year, without the zeros of gaps.",
        unit={"type": "string", "enum": ["day", "month", "year"]},
        counts=_list(_object("A bar.", time=_TEXT, count=_COUNT)),
    ),
    "Status": _object(
        "What the archive holds and how its index stands.",
        name=_TEXT,
        program=_TEXT,
        articles=_COUNT,
        revisions=_COUNT,
        sources=_COUNT,
        sections=_COUNT,
        first_day=_MAYBE_TEXT,
        last_day=_MAYBE_TEXT,
        groups=_COUNT,
        grouped_articles=_COUNT,
        index=_MAYBE_COUNT,
        indexed_articles=_MAYBE_COUNT,
        pending_changes=_MAYBE_COUNT,
        problem={**_MAYBE_TEXT, "description": "Why there is no index to search, or null."},
    ),
    "Warning": _object("What of a query was not understood or met.", english=_TEXT, arabic=_TEXT),
    "Problem": {
        **_object("Problem details (RFC 9457).", type=_TEXT, title=_TEXT, status=_COUNT, detail=_TEXT),
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": _COUNT,
            "detail": _TEXT,
            "errors": _list(_object("A parameter at fault.", parameter=_TEXT, reason=_TEXT)),
        },
    },
}
