"""The operations of the API: the one list that its routes and its OpenAPI document come from.

Each operation is a function from the values of its parameters to the response as plain JSON values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from corpus import Article, ArticleNotFound, Sighting, groups_of
from indexer import Facet, ResultPage, SearchRequest, Timeline, read_concordance
from search_ui.export import (
    answer_value,
    article_value,
    citation,
    concordance_value,
    group_value,
    hit_value,
    source_name_value,
    typical_value,
    without_isolates,
)
from search_ui.web.api.parameters import (
    ANSWERS,
    CURSOR,
    FACETS,
    FILTERS,
    GROUP,
    ID,
    LIMIT,
    LINES,
    MARKS,
    MEANING,
    MOST_LINES,
    MOST_WORDS,
    PREFIX,
    REVISION,
    SIMILAR_MEANING,
    SORT,
    SUGGESTIONS,
    Parameter,
    search_request,
)
from search_ui.web.citing import archive_copy
from search_ui.web.served_archive import ServedArchive
from search_ui.web.template_filters import origin_name


@dataclass(frozen=True, slots=True)
class Operation:
    """A GET at `/api/v1` + `path`; `respond` computes the response from the parameters, `schema` names its schema."""

    name: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    schema: str
    respond: Callable[[ServedArchive, dict[str, Any]], dict[str, Any]]
    finds: bool = False
    """Whether it looks up an article, which may not exist (404)."""


def search(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return a page of hits."""
    request = search_request(values, facets=values["facets"], meaning=_meaning(served, values))
    # A client that asks for meaning gets it or an error; one that did not gets an answer by words, with a warning.
    search = served.searcher.search if values["meaning"] else served.search
    page = search(request, values["cursor"])
    return {
        **_search_value(served, page),
        "stories": page.stories,
        "listed": page.listed,
        "hits": [hit_value(hit) for hit in page.hits],
        "answers": [answer_value(answer) for answer in served.searcher.answers(page.request)]
        if values["answers"] and page.encoder and not values["cursor"]
        else None,
        "encoder": page.encoder,
        "next": page.next,
        "moved": page.moved,
        "suggestion": page.suggestion,
        "spellings": [{"typed": name.typed, "others": list(name.others)} for name in page.spellings],
        "facets": _facet_values(served, page.facets) if request.facets else None,
        "timeline": _timeline_value(page.timeline) if page.timeline else None,
        "seconds": round(page.seconds, 4),
    }


def article(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return an article: its current revision or an earlier one."""
    found = served.archive.find(values["id"])
    revisions = served.archive.revisions(found.id)
    number = values["revision"] or revisions[-1].number
    shown = next((revision.article for revision in revisions if revision.number == number), None)
    if shown is None:
        raise ArticleNotFound(f"{found.id}, revision {number}")
    group = groups_of(served.archive, [found.id]).get(found.id)
    cited, copy = served.archive.source_names.for_people(shown), archive_copy(revisions, number)
    return {
        **article_value(shown),
        **source_name_value(served.archive.source_names.other(shown.source)),
        "retrieved_at": shown.retrieved_at.isoformat() if shown.retrieved_at else None,
        "revision": number,
        "revisions": [
            {
                "number": revision.number,
                "recorded_at": revision.recorded_at.isoformat(),
                "page": revision.page,
                "origins": [_origin_value(sighting) for sighting in revision.sightings],
            }
            for revision in revisions
        ],
        "group": group_value(group) if group else None,
        "marks": _marks(served, values["q"].strip(), shown),
        "citation": {
            "plain": citation.plain(cited, copy),
            "english": citation.plain_english(cited, copy),
            "bibtex": citation.bibtex(cited, copy),
            "ris": citation.ris(cited, copy),
        },
    }


def similar(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the articles most similar to one."""
    found = served.archive.find(values["id"])
    more_like = served.searcher.more_like if values["meaning"] else served.more_like
    hits = more_like(found.id, values["limit"], meaning=_meaning(served, values))
    return {"hits": [hit_value(hit) for hit in hits]}


def suggest(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return completions of a query."""
    suggestions = served.searcher.suggest(values["q"], values["limit"])
    return {
        "suggestions": [{"kind": item.kind.value, "text": item.text, "id": item.article_id} for item in suggestions]
    }


def facets(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the number of hits by source, section and author."""
    page = _count_hits(served, values)
    return {**_search_value(served, page), "facets": _facet_values(served, page.facets)}


def timeline(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the number of hits by time."""
    page = _count_hits(served, values)
    return {**_search_value(served, page), "timeline": _timeline_value(page.timeline)}


def context(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the occurrences of the query's words, each with its context."""
    request = search_request({**values, "limit": 1})
    found = read_concordance(served.searcher.scan(request), values["lines"], most=values["limit"])
    return {
        "query": request.query,
        **concordance_value(found),
        "warnings": [{"english": warning.english, "arabic": warning.arabic} for warning in found.warnings],
        "index": found.generation,
    }


def words(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the words that are typical of all hits."""
    request = search_request({**values, "limit": 1})
    found = served.searcher.typical_words(request, values["limit"])
    return {
        "query": request.query,
        "total": found.articles,
        "stories": found.stories,
        "read": found.read,
        "terms": [typical_value(word) for word in found.several],
        "words": [typical_value(word) for word in found.single],
    }


def status(served: ServedArchive, values: dict[str, Any]) -> dict[str, Any]:
    """Return the contents of the archive and the state of its index."""
    return served.status()


OPERATIONS: Final = (
    Operation(
        "search",
        "/search",
        "Search articles, page by page.",
        (*FILTERS, MEANING, SORT, GROUP, LIMIT, CURSOR, FACETS, ANSWERS),
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
        (ID, SUGGESTIONS, SIMILAR_MEANING),
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
    Operation(
        "context",
        "/context",
        "Get every occurrence of the query's words, with the text before and after it.",
        (*FILTERS, SORT, GROUP, LINES, MOST_LINES),
        "Concordance",
        context,
    ),
    Operation(
        "words",
        "/words",
        "Get the words and terms that are typical of all hits against the whole archive.",
        (*FILTERS, GROUP, MOST_WORDS),
        "TypicalWords",
        words,
    ),
    Operation("status", "/status", "Get what the archive contains and the state of its index.", (), "Status", status),
)


def _meaning(served: ServedArchive, values: dict[str, Any]) -> bool:
    chosen: bool | None = values["meaning"]
    return served.meaning_by_default if chosen is None else chosen


def _search_value(served: ServedArchive, page: ResultPage) -> dict[str, Any]:
    return {
        "query": page.request.query,
        "understood": without_isolates(page.understood),
        "reading": page.reading.value,
        "total": page.total,
        "widths": {"all": page.mode_counts.all, "most": page.mode_counts.most, "any": page.mode_counts.any}
        if page.mode_counts
        else None,
        "parts": [{"text": part.text, "articles": part.articles} for part in page.parts],
        "warnings": [{"english": warning.english, "arabic": warning.arabic} for warning in page.all_warnings],
        "index": page.generation,
        "pending_changes": served.searcher.pending_changes(),
    }


def _facet_values(served: ServedArchive, facets: tuple[Facet, ...]) -> list[dict[str, Any]]:
    names = served.archive.source_names

    def value_of(facet: Facet, value: str, count: int) -> dict[str, Any]:
        other = names.other(value) if facet.name == "source" else None
        return {"value": value, **source_name_value(other), "count": count}

    return [
        {"name": facet.name, "values": [value_of(facet, value, count) for value, count in facet.values]}
        for facet in facets
    ]


def _timeline_value(timeline: Timeline | None) -> dict[str, Any]:
    if timeline is None:  # the query is the address of an article, for which there is no timeline
        return {"unit": "day", "counts": []}
    counts = [{"time": time, "count": count} for time, count in timeline.counts]
    return {"unit": timeline.unit.value, "counts": counts}


def _origin_value(sighting: Sighting) -> dict[str, Any]:
    """Where a revision came from, and when it was seen there."""
    origin = sighting.origin
    return {
        "kind": origin.kind.value,
        "name": origin_name(origin),
        "part": origin.part,
        "first_seen": sighting.first_seen.isoformat() if sighting.first_seen else None,
        "last_seen": sighting.last_seen.isoformat() if sighting.last_seen else None,
    }


def _marks(served: ServedArchive, query: str, shown: Article) -> dict[str, Any]:
    title, text = served.marked(SearchRequest(query), [shown.title, shown.text]) if query else (None, None)
    return {"title": list(title.spans) if title else [], "text": list(text.spans) if text else []}


def _count_hits(served: ServedArchive, values: dict[str, Any]) -> ResultPage:
    return served.searcher.search(replace(search_request(values, facets=True), page_size=1, group=False))
