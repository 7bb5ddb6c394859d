"""The operations of the API: the one list that its addresses and its OpenAPI document come from.

What each operation of the API answers: from the values of its parameters to plain JSON values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from corpus import Article, ArticleNotFound, Sighting, groups_of
from indexer import Facet, ResultPage, SearchRequest, Timeline
from search_ui.export import article_value, citation, group_value, hit_value
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
    search_request,
)
from search_ui.web.open_archive import OpenArchive
from search_ui.web.origins import public_name


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


def search(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """A page of hits."""
    request = search_request(values, facets=values["facets"])
    page = opened.searcher.search(request, values["cursor"])
    return {
        **_answer(opened, page),
        "stories": page.stories,
        "listed": page.listed,
        "hits": [hit_value(hit) for hit in page.hits],
        "next": page.next,
        "moved": page.moved,
        "suggestion": page.suggestion,
        "spellings": [{"typed": one.typed, "others": list(one.others)} for one in page.spellings],
        "facets": _facets(page.facets) if request.facets else None,
        "timeline": _timeline(page.timeline) if page.timeline else None,
        "seconds": round(page.seconds, 4),
    }


def article(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """An article, in its current text or an earlier one."""
    found = opened.archive.find(values["id"])
    revisions = opened.archive.revisions(found.id)
    number = values["revision"] or revisions[-1].number
    shown = next((revision.article for revision in revisions if revision.number == number), None)
    if shown is None:
        raise ArticleNotFound(f"{found.id}, revision {number}")
    group = groups_of(opened.archive, [found.id]).get(found.id)
    return {
        **article_value(shown),
        "retrieved_at": shown.retrieved_at.isoformat() if shown.retrieved_at else None,
        "revision": number,
        "revisions": [
            {
                "number": one.number,
                "recorded_at": one.recorded_at.isoformat(),
                "page": one.page,
                "origins": [_origin(sighting) for sighting in one.sightings],
            }
            for one in revisions
        ],
        "group": group_value(group) if group else None,
        "marks": _marks(opened, values["q"].strip(), shown),
        "citation": {"plain": citation.plain(shown), "bibtex": citation.bibtex(shown), "ris": citation.ris(shown)},
    }


def similar(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """The articles most like one."""
    found = opened.archive.find(values["id"])
    return {"hits": [hit_value(hit) for hit in opened.searcher.more_like(found.id, values["limit"])]}


def suggest(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """What a query may become."""
    suggestions = opened.searcher.suggest(values["q"], values["limit"])
    return {"suggestions": [{"kind": one.kind.value, "text": one.text, "id": one.article_id} for one in suggestions]}


def facets(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """All hits by their values."""
    page = _counted(opened, values)
    return {**_answer(opened, page), "facets": _facets(page.facets)}


def timeline(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """All hits by their time."""
    page = _counted(opened, values)
    return {**_answer(opened, page), "timeline": _timeline(page.timeline)}


def status(opened: OpenArchive, values: dict[str, Any]) -> dict[str, Any]:
    """What the archive holds."""
    return opened.status()


def _origin(sighting: Sighting) -> dict[str, Any]:
    """Where a revision came from."""
    origin = sighting.origin
    return {
        "kind": origin.kind.value,
        "name": public_name(origin),
        "part": origin.part,
        "first_seen": sighting.first_seen.isoformat() if sighting.first_seen else None,
        "last_seen": sighting.last_seen.isoformat() if sighting.last_seen else None,
    }


def _counted(opened: OpenArchive, values: dict[str, Any]) -> ResultPage:
    return opened.searcher.search(replace(search_request(values, facets=True), page_size=1, group=False))


def _answer(opened: OpenArchive, page: ResultPage) -> dict[str, Any]:
    return {
        "query": page.request.query,
        "understood": page.understood,
        "reading": page.reading.value,
        "total": page.total,
        "widths": {"all": page.mode_counts.all, "most": page.mode_counts.most, "any": page.mode_counts.any}
        if page.mode_counts
        else None,
        "parts": [{"text": part.text, "articles": part.articles} for part in page.parts],
        "warnings": [{"english": one.english, "arabic": one.arabic} for one in page.all_warnings],
        "index": page.generation,
        "pending_changes": opened.searcher.pending_changes(),
    }


def _facets(facets: tuple[Facet, ...]) -> list[dict[str, Any]]:
    return [
        {"name": facet.name, "values": [{"value": value, "count": count} for value, count in facet.values]}
        for facet in facets
    ]


def _timeline(timeline: Timeline | None) -> dict[str, Any]:
    if timeline is None:  # an address was asked for, which is not counted
        return {"unit": "day", "counts": []}
    counts = [{"time": time, "count": count} for time, count in timeline.counts]
    return {"unit": timeline.unit.value, "counts": counts}


def _marks(opened: OpenArchive, query: str, shown: Article) -> dict[str, Any]:
    title, text = opened.marked(SearchRequest(query), [shown.title, shown.text]) if query else (None, None)
    return {"title": list(title.spans) if title else [], "text": list(text.spans) if text else []}


OPERATIONS: Final = (
    Operation(
        "search",
        "/search",
        "Search articles, page by page.",
        (*FILTERS, SORT, GROUP, LIMIT, CURSOR, FACETS),
        "SearchPage",
        search,
    ),
    Operation(
        "article",
        "/article",
        "Get an article with its full text, revisions, other printings of its story, and citations.",
        (ID, REVISION, MARKS),
        "Article",
        article,
        finds=True,
    ),
    Operation(
        "similar",
        "/similar",
        "Get the articles most similar to an article.",
        (ID, SUGGESTIONS),
        "SimilarArticles",
        similar,
        finds=True,
    ),
    Operation(
        "suggest",
        "/suggest",
        "Complete the beginning of a query.",
        (PREFIX, SUGGESTIONS),
        "Suggestions",
        suggest,
    ),
    Operation("facets", "/facets", "Count all hits by source, section and author.", FILTERS, "Facets", facets),
    Operation("timeline", "/timeline", "Count all hits by time.", FILTERS, "TimelineAnswer", timeline),
    Operation("status", "/status", "Get what the archive contains and the state of its index.", (), "Status", status),
)
