"""The OpenAPI 3.1 document of the API, made from the list of its operations, and the schemas of its responses.

The schemas are JSON Schema 2020-12, as in OpenAPI 3.1, and allow no additional properties.
"""

from __future__ import annotations

from typing import Any, Final

from corpus import OriginKind
from indexer import MatchLevel, Reading
from search_ui.web.api.operations import OPERATIONS, Operation
from search_ui.web.api.parameters import MAX_VALUES, Parameter

VERSION: Final = "1.0.0"
"""Version of the API. A breaking change gets a new major version, at a new address beside `/api/v1`."""

PROBLEMS: Final = {
    400: "A parameter is not valid, or the search exceeded its time limit.",
    401: "The archive is private: a token is required.",
    404: "The article does not exist.",
    410: "The article was removed from the archive.",
    429: "Too many requests from one address; Retry-After says when to try again.",
    503: "There is no index yet, or it has another version; or the archive cannot be searched by meaning now.",
}


# Builders and fragments of schemas.


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
        "required": [name for name in properties if name != "source_name"],
        "additionalProperties": False,
    }


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE_TEXT: Final[dict[str, Any]] = {"type": ["string", "null"]}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_MAYBE_COUNT: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 0}
_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_DATE: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "description": "A day, or a timestamp with the printed offset if a time was printed; ISO 8601.",
}
_SPAN: Final[dict[str, Any]] = {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}
_SPANS: Final[dict[str, Any]] = {
    "type": "array",
    "description": "Matches to highlight: [start, end) offsets in characters (Unicode code points).",
    "items": _SPAN,
}

_SOURCE_NAME: Final[dict[str, Any]] = {
    **_TEXT,
    "description": "The name by which the source is shown, from the archive's settings; only if it differs.",
}

_ARTICLE: Final[dict[str, Any]] = {
    "id": _TEXT,
    "title": _TEXT,
    "url": _MAYBE_TEXT,
    "source": _MAYBE_TEXT,
    "source_name": _SOURCE_NAME,
    "section": _MAYBE_TEXT,
    "author": _list(_TEXT),
    "date": _DATE,
}
_COUNTS: Final[dict[str, Any]] = {
    "query": _TEXT,
    "understood": {**_TEXT, "description": "The query as it was understood, in the query language."},
    "reading": {
        "type": "string",
        "enum": [*Reading],
        "description": "Whether the query was read with its operators or as plain text.",
    },
    "total": {**_COUNT, "description": "Number of articles that match."},
    "widths": {
        "anyOf": [_ref("Widths"), {"type": "null"}],
        "description": "Number of articles that match for each value of `match`; null if the query has no words.",
    },
    "parts": _list(_ref("PartCount")),
    "warnings": _list(_ref("Warning")),
    "index": {**_COUNT, "description": "Number of the index commit that was searched."},
    "pending_changes": {
        **_COUNT,
        "description": "Changes that are not indexed yet and therefore not searched.",
    },
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "SearchPage": _object(
        "A page of hits.",
        **_COUNTS,
        stories={**_COUNT, "description": "Number of articles that match, counting the copies of a story once."},
        listed={
            **_COUNT,
            "description": "Number of hits on all pages. If fewer than 100 articles match and the order is relevance,"
            " the nearest other articles are among them.",
        },
        hits=_list(_ref("Hit")),
        answers={
            "anyOf": [_list(_ref("Answer")), {"type": "null"}],
            "description": "Null without the parameter `answers`, without `meaning`, and after the first page.",
        },
        encoder={
            **_MAYBE_TEXT,
            "description": "The encoder by whose vectors the first hits are ordered; null if words alone decide.",
        },
        next={**_MAYBE_TEXT, "description": "Cursor of the next page; null on the last page."},
        moved={**_FLAG, "description": "Whether the index has changed since the cursor was issued."},
        suggestion={**_MAYBE_TEXT, "description": "The query that was probably meant."},
        spellings=_list(
            _object("A name, and the other spellings that were searched too.", typed=_TEXT, others=_list(_TEXT))
        ),
        facets={"anyOf": [_list(_ref("Facet")), {"type": "null"}]},
        timeline=_maybe("Timeline"),
        seconds=_NUMBER,
    ),
    "Hit": _object(
        "An article found by a search.",
        **_ARTICLE,
        title_spans=_SPANS,
        score={**_NUMBER, "description": "0 if sorted by date."},
        matched={
            **_FLAG,
            "description": "False for an article that does not match and is listed as one of the nearest.",
        },
        by_meaning={
            **_FLAG,
            "description": "True for an article that has none of the words and is near the query in meaning.",
        },
        snippet=_object(
            "A passage of the text.",
            text=_TEXT,
            spans=_SPANS,
            nearest={
                "anyOf": [_SPAN, {"type": "null"}],
                "description": "A sentence or passage that is nearest in meaning, [start, end); for `by_meaning` only.",
            },
        ),
        matches=_list(
            _object(
                "Why it matched: a word of the query, and the printed word it matched. The values of `level` are in "
                "order of closeness; `lemma` is another form of the word.",
                word=_TEXT,
                printed=_TEXT,
                level={"type": "string", "enum": [*MatchLevel]},
            )
        ),
        copies={**_COUNT, "description": "Number of other copies of the story that match and are left out."},
        group=_maybe("Group"),
    ),
    "Answer": _object(
        "A sentence that may answer the question, as the article prints it.",
        id=_TEXT,
        title=_TEXT,
        url=_MAYBE_TEXT,
        source=_MAYBE_TEXT,
        date=_DATE,
        sentence=_object("The sentence.", text=_TEXT, spans=_SPANS),
        paragraph={**_COUNT, "description": "Number of its paragraph in the article, from 0."},
    ),
    "Widths": _object("Number of articles that match, by the value of `match`.", all=_COUNT, most=_COUNT, any=_COUNT),
    "PartCount": _object(
        "Number of articles, within the filters, that have a word, phrase or bracket of the query.",
        text=_TEXT,
        articles=_COUNT,
    ),
    "Group": _object(
        "The printings of a story, by their dates: a day without a time at its end, undated ones last.",
        name=_TEXT,
        papers={**_COUNT, "description": "Number of sources that printed it."},
        sources={**_list(_TEXT), "description": "Names of the sources; in a hit, the first 20."},
        count={**_COUNT, "description": "Number of printings."},
        copies=_list(
            _object("A printing.", id=_TEXT, title=_TEXT, source=_MAYBE_TEXT, source_name=_SOURCE_NAME, date=_DATE)
        ),
    ),
    "Article": _object(
        "An article with its full text.",
        **_ARTICLE,
        text={**_TEXT, "description": "One paragraph per line."},
        retrieved_at=_MAYBE_TEXT,
        revision=_COUNT,
        revisions=_list(
            _object("A revision.", number=_COUNT, recorded_at=_TEXT, page=_MAYBE_TEXT, origins=_list(_ref("Origin")))
        ),
        group=_maybe("Group"),
        marks=_object("Where the words of `q` occur.", title=_SPANS, text=_SPANS),
        citation=_object("Citations.", plain=_TEXT, english=_TEXT, bibtex=_TEXT, ris=_TEXT),
    ),
    "Origin": _object(
        "Where a revision came from.",
        kind={"type": "string", "enum": [*OriginKind]},
        name=_TEXT,
        part=_MAYBE_TEXT,
        first_seen=_MAYBE_TEXT,
        last_seen=_MAYBE_TEXT,
    ),
    "SimilarArticles": _object("The articles most like one.", hits=_list(_ref("Hit"))),
    "Suggestions": _object(
        "Completions of a query.",
        suggestions=_list(
            _object(
                "A query with its last word completed, or the title of an article.",
                kind=_TEXT,
                text=_TEXT,
                id=_MAYBE_TEXT,
            )
        ),
    ),
    "Facets": _object("All hits, counted by field values.", **_COUNTS, facets=_list(_ref("Facet"))),
    "Facet": _object(
        "The values of a field, the most frequent first.",
        name=_TEXT,
        values=_list(_object("A value.", value=_TEXT, source_name=_SOURCE_NAME, count=_COUNT)),
    ),
    "TimelineAnswer": _object("All hits, counted by publication time.", **_COUNTS, timeline=_ref("Timeline")),
    "Timeline": _object(
        "Hits by day, month or year; times without hits are left out.",
        unit={"type": "string", "enum": ["day", "month", "year"]},
        counts=_list(_object("A bar.", time=_TEXT, count=_COUNT)),
    ),
    "Concordance": _object(
        "Occurrences of the query's words, each with its sentence.",
        query=_TEXT,
        understood={**_TEXT, "description": "The query as it was understood, in the query language."},
        total={**_COUNT, "description": "Number of articles that match."},
        stories={**_COUNT, "description": "Number of hits: with `group` the copies of a story are one."},
        read={**_COUNT, "description": "Number of hits, the first ones in their order, that the lines are from."},
        whole={**_FLAG, "description": "Whether these are all occurrences."},
        lines=_list(_ref("ContextLine")),
        warnings=_list(_ref("Warning")),
        index={**_COUNT, "description": "Number of the index commit that was searched."},
    ),
    "ContextLine": _object(
        "One occurrence: consecutive text of one sentence.",
        before=_TEXT,
        keyword=_TEXT,
        after=_TEXT,
        paragraph={**_MAYBE_COUNT, "description": "Number of the paragraph, from 0; null for the title."},
        id=_TEXT,
        title=_TEXT,
        url=_MAYBE_TEXT,
        source=_MAYBE_TEXT,
        date=_DATE,
    ),
    "TypicalWords": _object(
        "The words that are typical of all hits, the surest first.",
        query=_TEXT,
        total={**_COUNT, "description": "Number of articles that match."},
        stories={**_COUNT, "description": "Number of hits: with `group` the copies of a story are one."},
        read={**_COUNT, "description": "Number of hits that were read to find candidates."},
        terms={**_list(_ref("TypicalWord")), "description": "Terms of several words."},
        words={**_list(_ref("TypicalWord")), "description": "Single words."},
    ),
    "TypicalWord": _object(
        "A word or term, and how typical it is.",
        text=_TEXT,
        narrowing={**_TEXT, "description": "What is added to the query to find only the articles with it."},
        articles={**_COUNT, "description": "Number of articles that match and have it."},
        found={**_COUNT, "description": "Number of hits that have it."},
        found_in_archive={**_COUNT, "description": "The same in the whole archive."},
        archive={**_COUNT, "description": "Number of articles of the archive; with `group` of stories."},
        log_likelihood={**_NUMBER, "description": "How sure it is that it is more frequent here: log-likelihood, G²."},
        log_ratio={**_NUMBER, "description": "How much more frequent, as a logarithm: 1 is twice, 2 four times."},
    ),
    "Status": _object(
        "Contents of the archive and state of its index.",
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
        problem={**_MAYBE_TEXT, "description": "Why the archive cannot be searched, or null."},
    ),
    "Warning": _object("A warning about the query.", english=_TEXT, arabic=_TEXT),
    "Problem": {
        **_object("Problem details (RFC 9457).", type=_TEXT, title=_TEXT, status=_COUNT, detail=_TEXT),
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": _COUNT,
            "detail": _TEXT,
            "errors": _list(_object("An invalid parameter.", parameter=_TEXT, reason=_TEXT)),
        },
    },
}


def document(name: str, private: bool) -> dict[str, Any]:
    """Return the document for an archive of this name."""
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
        schema = {"type": "array", "items": schema, "maxItems": MAX_VALUES}
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
