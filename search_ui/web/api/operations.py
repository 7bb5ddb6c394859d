"""What can be asked of the API: the one list that its addresses and its OpenAPI document come from."""

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
    """A GET at `/api/v1` + `path`; `schema` names what `answer` makes of the parameters' values."""

    name: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    schema: str
    answer: Callable[[OpenArchive, dict[str, Any]], dict[str, Any]]
    finds: bool = False
    """Whether it looks for an article that may not be there (404)."""


OPERATIONS: Final = (
    Operation(
        "search",
        "/search",
        "Find articles, a page at a time and to the end.",
        (*FILTERS, SORT, GROUP, LIMIT, CURSOR, FACETS),
        "SearchPage",
        answers.search,
    ),
    Operation(
        "article",
        "/article",
        "An article whole, with its revisions, the other printings of its story, and how it is cited.",
        (ID, REVISION, MARKS),
        "Article",
        answers.article,
        finds=True,
    ),
    Operation(
        "similar",
        "/similar",
        "The articles most like one.",
        (ID, SUGGESTIONS),
        "SimilarArticles",
        answers.similar,
        finds=True,
    ),
    Operation(
        "suggest",
        "/suggest",
        "What a query that begins so may become.",
        (PREFIX, SUGGESTIONS),
        "Suggestions",
        answers.suggest,
    ),
    Operation(
        "facets", "/facets", "All hits, counted by source, section and author.", FILTERS, "Facets", answers.facets
    ),
    Operation("timeline", "/timeline", "All hits, counted by time.", FILTERS, "TimelineAnswer", answers.timeline),
    Operation("status", "/status", "What the archive holds and how its index stands.", (), "Status", answers.status),
)
