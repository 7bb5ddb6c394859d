"""From a compiled query to ranked articles: what matches with all its counts, pages of it, and the nearest others.

Pages by number begin at the first hit; pages by cursor continue by `search_after`, without state. A point in time for
every client that might request another page would keep the cluster's old segments for each of them, and OpenSearch
allows three hundred per node.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import isclose
from typing import Any, Final, NamedTuple

from indexer.opensearch.aggregations import (
    copies_aggregation,
    facet_aggregations,
    read_copies,
    read_stories,
    story_aggregations,
)
from indexer.opensearch.client import Client, Search
from indexer.opensearch.compile import ScoredQuery
from indexer.opensearch.filters import QueryFilters, count_body, read_counts
from indexer.opensearch.indices import IndexState
from indexer.opensearch.scanning import (
    IDS_AND_GROUPS,
    ClusterHit,
    PointInTime,
    groups_of,
    in_groups,
    read_hits,
    sort_of,
    sort_values,
)
from indexer.opensearch.statistics import GLOBAL, Query
from indexer.query.plan import CompiledQuery
from indexer.results import ModeCounts, PartCount, SearchRequest, Sort
from indexer.search.index_reader import CursorPosition, RankedArticle

_ROUNDING: Final = 1e-6  # of single precision

_EXTRA_HITS: Final = 50
"""Hits that are read in addition to those of a page, since some may be copies of earlier stories."""


class CountedHits(NamedTuple):
    """The hits of a query and all its counts; `aggregations` are those of facets, timeline and stories."""

    hits: Hits
    total: int
    stories: int
    mode_counts: ModeCounts | None
    parts: tuple[PartCount, ...]
    aggregations: Mapping[str, Any]


class Ranker:
    """Ranks articles in one commit of an index. Safe to share between threads."""

    def __init__(self, client: Client, state: IndexState, point: PointInTime | None = None) -> None:
        """With a point in time every search reads the index as it was then."""
        self._client = client
        self._state = state
        self._point = point

    def match(
        self,
        query: CompiledQuery,
        filters: QueryFilters,
        scored: ScoredQuery,
        request: SearchRequest,
        read_ahead: range,
    ) -> CountedHits:
        """What matches a query, with all counts, and the hits with these numbers: in one round trip."""
        answer, counted = self._counted(filters, scored, request, read_ahead)
        total, aggregations = int(answer["hits"]["total"]["value"]), answer.get("aggregations") or {}
        mode_counts: ModeCounts | None = ModeCounts(total, total, total) if query.parts else None
        parts = tuple(PartCount(part.text, total) for part in query.parts)
        if counted:
            mode_counts, parts = read_counts(query, counted)
        return CountedHits(
            Hits(self, scored, request, read_ahead, read_hits(answer)),
            total,
            read_stories(aggregations, total) if request.group else total,
            mode_counts,
            parts,
            aggregations,
        )

    def _counted(
        self, filters: QueryFilters, scored: ScoredQuery, request: SearchRequest, read_ahead: range
    ) -> tuple[Any, Any]:
        """The answers to the search for a page and to that for the counts; a single part needs no second one."""
        page = {**_page_body(scored, request, read_ahead.start, len(read_ahead)), "track_total_hits": True}
        aggregations = facet_aggregations() if request.facets else {}
        if request.group:
            aggregations |= story_aggregations()
        if aggregations:
            page["aggs"] = aggregations
        if len(filters.parts) < 2:
            return self._search(page, request), None
        if self._point:
            return self._search(page, request), self._search(count_body(filters), request)
        preference = {"preference": _preference(request)}
        searches = [
            Search(self._state.name, page, {**preference, "search_type": GLOBAL}),
            Search(self._state.name, count_body(filters), preference),
        ]
        answer, counted = self._client.searches(searches)
        return answer, counted

    def page(self, scored: ScoredQuery, request: SearchRequest, offset: int, limit: int) -> list[ClusterHit]:
        """At most `limit` hits after the first `offset`; of each group the copy that sorts first, if requested."""
        return read_hits(self._search(_page_body(scored, request, offset, limit), request)) if limit > 0 else []

    def after(
        self, scored: ScoredQuery, request: SearchRequest, position: CursorPosition, limit: int
    ) -> list[ClusterHit]:
        """At most `limit` hits after a position."""
        values = self._sort_values(scored, request, position)
        body = {**_body(scored, request), "size": limit + _EXTRA_HITS}
        hits: list[ClusterHit] = []
        while len(hits) < limit:
            page = read_hits(self._search({**body, "search_after": values}, request))
            hits += self._first_copies(page, scored, request) if request.group else page
            if len(page) < body["size"]:
                break
            values = page[-1].values
        return hits[:limit]

    def numbered(self, scored: ScoredQuery, request: SearchRequest, numbers: Sequence[int]) -> list[ClusterHit]:
        """The hits among the articles of some numbers in the archive, best first."""
        query = {"bool": {"must": [scored.query], "filter": [{"terms": {"order": list(numbers)}}]}}
        return read_hits(self._search({**_body(scored, request), "query": query, "size": len(numbers)}, request))

    def numbers(self, filters: Query, request: SearchRequest, limit: int) -> list[int]:
        """The lowest numbers in the archive of the articles that match, at most `limit`."""
        body = {"query": {"bool": {"filter": [filters]}}, "sort": [{"order": "asc"}], "size": limit}
        answer = self._search({**body, "track_total_hits": False, "_source": False, "stored_fields": "_none_"}, request)
        return [int(hit["sort"][0]) for hit in answer["hits"]["hits"]]

    def copies(self, groups: Iterable[str], scored: ScoredQuery, request: SearchRequest) -> dict[str, int]:
        """The number of matching articles of each group."""
        names = sorted(groups)
        body = {"size": 0, "query": in_groups(scored.filter, names), "aggs": copies_aggregation(names)}
        return read_copies(self._search(body, request)["aggregations"])

    def count(self, filters: Sequence[Mapping[str, Any]], request: SearchRequest) -> int:
        """The number of articles that match all filters."""
        query = {"bool": {"filter": list(filters)}}
        answer = self._search({"size": 0, "query": query, "track_total_hits": True}, request)
        return int(answer["hits"]["total"]["value"])

    def _sort_values(self, scored: ScoredQuery, request: SearchRequest, position: CursorPosition) -> list[Any]:
        """The current sort values of the article of a position."""
        itself = {"bool": {"must": [scored.query], "filter": [{"term": {"id": {"value": position.article_id}}}]}}
        body = {**_body(scored, request), "query": itself, "size": 1}
        hits = self._search(body, request)["hits"]["hits"]
        if not hits:
            return sort_values(request.sort, position.key, position.number)  # it is gone
        values: list[Any] = hits[0]["sort"]
        if request.sort is Sort.RELEVANCE and isclose(values[0], position.key, rel_tol=_ROUNDING):
            # Summed in another order a score may differ in the last bit, and articles that tie with it would be lost.
            values[0] = position.key
        return values

    def _first_copies(
        self, page: Sequence[ClusterHit], scored: ScoredQuery, request: SearchRequest
    ) -> list[ClusterHit]:
        """The hits that sort first in their groups."""
        groups = sorted(groups_of(page))
        if not groups:
            return list(page)
        body = {**_page_body(scored, request, 0, len(groups)), "query": in_groups(scored.query, groups)}
        first = {hit.article_id for hit in read_hits(self._search(body, request))}
        return [hit for hit in page if hit.group is None or hit.article_id in first]

    def _search(self, body: Mapping[str, Any], request: SearchRequest) -> Any:
        if self._point:
            return self._point.search(body)
        return self._client.search(self._state.name, body, search_type=GLOBAL, preference=_preference(request))


class Hits:
    """The hits of one request, read from the cluster as they are needed; the last run that was read is cached."""

    def __init__(
        self,
        ranker: Ranker,
        scored: ScoredQuery,
        request: SearchRequest,
        numbers: range = range(0),
        cached: Sequence[ClusterHit] = (),
    ) -> None:
        """`cached` are the hits with these numbers, or those of them that exist."""
        self._ranker = ranker
        self._scored = scored
        self._request = request
        self._start = numbers.start
        self._end = numbers.stop
        self._cached = cached
        self._copies: dict[str, int] = {}

    def page(self, offset: int, limit: int) -> Sequence[ClusterHit]:
        """At most `limit` hits after the first `offset`."""
        if not (self._start <= offset and self._covers(offset + limit)):
            self._cached = self._ranker.page(self._scored, self._request, offset, limit)
            self._start, self._end = offset, offset + limit
        return self._cached[offset - self._start : offset - self._start + limit]

    def after(self, position: CursorPosition, limit: int) -> Sequence[ClusterHit]:
        """At most `limit` hits after a position."""
        known = next((at for at, hit in enumerate(self._cached) if hit.article_id == position.article_id), None)
        if known is not None and self._covers(self._start + known + 1 + limit):
            return self._cached[known + 1 : known + 1 + limit]
        return self._ranker.after(self._scored, self._request, position, limit)

    def with_copies(self, hits: Sequence[ClusterHit]) -> tuple[RankedArticle, ...]:
        """Some of the hits, each with the number of matching copies of its story that were left out."""
        if self._request.group and groups_of(hits) - self._copies.keys():
            # For all cached hits: one request serves the page and those that are read after it.
            groups = groups_of((*hits, *self._cached)) - self._copies.keys()
            self._copies |= self._ranker.copies(groups, self._scored, self._request)
        return tuple(hit.ranked(self._request.sort, self._copies) for hit in hits)

    def _covers(self, end: int) -> bool:
        """Whether the cached run has the hits up to this number, or up to the last one."""
        return end <= self._end or self._start + len(self._cached) < self._end


def _preference(request: SearchRequest) -> str:
    """Routes all pages of a query to the same shard copies: two copies may count deleted articles differently."""
    return hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _body(scored: ScoredQuery, request: SearchRequest) -> dict[str, Any]:
    return {"query": scored.query, "sort": sort_of(request.sort), "track_total_hits": False, **IDS_AND_GROUPS}


def _page_body(scored: ScoredQuery, request: SearchRequest, offset: int, limit: int) -> dict[str, Any]:
    collapsed = {"collapse": {"field": "group_name"}} if request.group and limit else {}
    return {**_body(scored, request), "from": offset if limit else 0, "size": limit, **collapsed}
