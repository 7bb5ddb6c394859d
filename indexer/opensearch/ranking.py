"""From a compiled query to ranked articles: the first of them, or those behind a place, one a story where asked.

Whoever pages by number is given the first so many; whoever holds a cursor goes on by `search_after`, statelessly: a
point in time for everybody who might turn a page would hold the cluster's old segments for each of them, and
OpenSearch lets a node hold three hundred.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Final

from indexer.cursor import Place
from indexer.hits import Ranked
from indexer.opensearch.aggregations import (
    copies_aggregation,
    facet_aggregations,
    read_copies,
    read_stories,
    story_aggregations,
)
from indexer.opensearch.client import Client
from indexer.opensearch.compile import Query
from indexer.opensearch.mapping import IndexState
from indexer.opensearch.scanning import IDS_AND_GROUPS, Found, PointInTime, read_found, sort_of, values_of
from indexer.opensearch.statistics import GLOBAL
from indexer.results import SearchRequest, Sort

_ROUNDING: Final = 1e-6  # of single precision

_AT_ONCE: Final = 50
"""Hits that are read beyond those of a page, since some may be copies of stories before."""


@dataclass(frozen=True, slots=True)
class Met:
    """What a query met: its first articles; how many in all, of how many stories; what was counted of them."""

    query: Query
    ranked: tuple[Ranked, ...]
    total: int
    stories: int
    aggregations: Mapping[str, Any]


class Ranker:
    """Ranks what queries meet in one state of an index. Safe to use from several threads."""

    def __init__(self, client: Client, state: IndexState, point: PointInTime | None = None) -> None:
        """With a point in time all is read as it was then."""
        self._client = client
        self._state = state
        self._point = point

    def first(self, query: Query, request: SearchRequest, skipped: int, size: int) -> Met:
        """The articles behind the first `skipped`, which are hits of the request, and all counts."""
        body: dict[str, Any] = {
            "query": query,
            "from": skipped,
            "size": size,
            "sort": sort_of(request.sort),
            "track_total_hits": True,
            **IDS_AND_GROUPS,
        }
        wanted = facet_aggregations() if request.facets else {}
        if request.group:
            # Of each group the copy that sorts first.
            body["collapse"] = {"field": "group_name"}
            wanted |= story_aggregations()
        if wanted:
            body["aggs"] = wanted
        answer = self._search(body, request)
        found = [read_found(hit) for hit in answer["hits"]["hits"]]
        total, counted = int(answer["hits"]["total"]["value"]), answer.get("aggregations") or {}
        stories = read_stories(counted, total) if request.group else total
        return Met(query, self._ranked(found, query, request), total, stories, counted)

    def after(self, query: Query, request: SearchRequest, place: Place, size: int) -> tuple[Ranked, ...]:
        """The next articles behind a place."""
        values = self._values(query, request, place)
        body: dict[str, Any] = {
            "query": query,
            "size": size + _AT_ONCE,
            "sort": sort_of(request.sort),
            "track_total_hits": False,
            **IDS_AND_GROUPS,
        }
        found: list[Found] = []
        while len(found) < size:
            hits = self._search({**body, "search_after": values}, request)["hits"]["hits"]
            page = [read_found(hit) for hit in hits]
            found += self._first_copies(page, query, request) if request.group else page
            if len(page) < body["size"]:
                break
            values = page[-1].values
        return self._ranked(found[:size], query, request)

    def count(self, query: Query, request: SearchRequest) -> int:
        """How many articles a query of a request meets."""
        answer = self._search({"size": 0, "query": query, "track_total_hits": True}, request)
        return int(answer["hits"]["total"]["value"])

    def _values(self, query: Query, request: SearchRequest, place: Place) -> list[Any]:
        """What the article of a place sorts by now."""
        itself = {"bool": {"must": [query], "filter": [{"term": {"id": {"value": place.article_id}}}]}}
        body = {"query": itself, "size": 1, "sort": sort_of(request.sort), "track_total_hits": False, **IDS_AND_GROUPS}
        hits = self._search(body, request)["hits"]["hits"]
        if not hits:
            # It is gone: on with all that have its key, rather twice than left out.
            return values_of(request.sort, place.key, -1)
        values: list[Any] = hits[0]["sort"]
        if request.sort is Sort.RELEVANCE and isclose(values[0], place.key, rel_tol=_ROUNDING):
            # Summed in another order a score may differ in the last bit, and would leave out those that tie with it.
            values[0] = place.key
        return values

    def _first_copies(self, page: Sequence[Found], query: Query, request: SearchRequest) -> list[Found]:
        """Those of some articles that sort first of their groups."""
        groups = sorted({one.group for one in page if one.group})
        if not groups:
            return list(page)
        body = {
            "query": _of_groups(query, groups),
            "size": len(groups),
            "sort": sort_of(request.sort),
            "collapse": {"field": "group_name"},
            "track_total_hits": False,
            **IDS_AND_GROUPS,
        }
        first = {read_found(hit).article_id for hit in self._search(body, request)["hits"]["hits"]}
        return [one for one in page if one.group is None or one.article_id in first]

    def _ranked(self, found: Sequence[Found], query: Query, request: SearchRequest) -> tuple[Ranked, ...]:
        """The articles, each with how many copies of its story were met and left out."""
        groups = sorted({one.group for one in found if one.group}) if request.group else []
        copies: dict[str, int] = {}
        if groups:
            body = {"size": 0, "query": _of_groups(query, groups), "aggs": copies_aggregation(groups)}
            copies = read_copies(self._search(body, request)["aggregations"])
        return tuple(one.ranked(request.sort, copies) for one in found)

    def _search(self, body: Mapping[str, Any], request: SearchRequest) -> Any:
        if self._point:
            return self._point.search(body)
        # The same copies of the shards for all pages of a query: two copies may count deleted articles differently.
        stable = hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self._client.search(self._state.name, body, search_type=GLOBAL, preference=stable)


def _of_groups(query: Query, groups: Sequence[str]) -> Query:
    return {"bool": {"must": [query], "filter": [{"terms": {"group_name": list(groups)}}]}}
