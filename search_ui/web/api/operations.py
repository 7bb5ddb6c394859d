"""The operations of the API: the one list that its addresses and its OpenAPI document come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from search_ui.web.api import answers
from search_ui.web.api.parameters import (
    CURSOR,
    FACETS,
    FILTERS,
    GROUP,
    ID,
    LIMIT,
    MARKS,
    PREFIX,
    REVISION,
    SORT,
    SUGGESTIONS,
    Parameter,
)
from search_ui.web.opened import OpenArchive


@dataclass(frozen=True, slots=True)
class Operation:
    """A GET at `/api/v1` + `path`; `answer` computes the response from the parameters, `schema` names its schema."""

    name: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    schema: str
    answer: Callable[[OpenArchive, dict[str, Any]], dict[str, Any]]
    finds: bool = False
    """Whether it looks up an article, which may not exist (404)."""


OPERATIONS: Final = (
    Operation(
        "search",
        "/search",
        "Search articles, page by page.",
        (*FILTERS, SORT, GROUP, LIMIT, CURSOR, FACETS),
        "SearchPage",
        answers.search,
    ),
    Operation(
        "article",
        "/article",
        "Get an article with its full text, revisions, other printings of its story, and citations.",
        (ID, REVISION, MARKS),
        "Article",
        answers.article,
        finds=True,
    ),
    Operation(
        "similar",
        "/similar",
        "Get the articles most similar to an article.",
        (ID, SUGGESTIONS),
        "SimilarArticles",
        answers.similar,
        finds=True,
    ),
    Operation(
        "suggest",
        "/suggest",
        "Complete the beginning of a query.",
        (PREFIX, SUGGESTIONS),
        "Suggestions",
        answers.suggest,
    ),
    Operation("facets", "/facets", "Count all hits by source, section and author.", FILTERS, "Facets", answers.facets),
    Operation("timeline", "/timeline", "Count all hits by time.", FILTERS, "TimelineAnswer", answers.timeline),
    Operation(
        "status", "/status", "Get what the archive contains and the state of its index.", (), "Status", answers.status
    ),
)
