"""From a compiled query to ranked articles: what matches with all its counts, pages of it, and the nearest others.

Pages by number begin at the first hit; pages by cursor go on by `search_after`, statelessly: a point in time for
everybody who might turn a page would hold the cluster's old segments for each of them, and OpenSearch lets a node hold
three hundred.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Final

from indexer.opensearch.aggregations import (
    copies_aggregation,
    facet_aggregations,
    read_copies,
    read_stories,
    story_aggregations,
)
from indexer.opensearch.client import Client, Search
from indexer.opensearch.compile import RankedSet
from indexer.opensearch.filters import Filtered, count_body, read_counts
from indexer.opensearch.indices import IndexState
from indexer.opensearch.scanning import IDS_AND_GROUPS, Found, PointInTime, read_found, sort_of, values_of
from indexer.opensearch.statistics import GLOBAL
from indexer.query.plan import CompiledQuery
from indexer.results import PartCount, SearchRequest, Sort, Widths
from indexer.search.hits import Ranked
from indexer.search.paging import Place

_ROUNDING: Final = 1e-6  # of single precision

_AT_ONCE: Final = 50
"""Hits that are read beyond those of a page, since some may be copies of stories before."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What matches a query (`indexer.search.relaxation.Matched`), and its hits."""

    query: CompiledQuery
    filtered: Filtered
    ranked: RankedSet
    hits: Hits
    total: int
    stories: int
    widths: Widths | None
    parts: tuple[PartCount, ...]
    aggregations: Mapping[str, Any]


class Ranker:
    """Ranks articles in one state of an index. Safe to use from several threads."""

    def __init__(self, client: Client, state: IndexState, point: PointInTime | None = None) -> None:
        """With a point in time all is read as it was then."""
        self._client = client
        self._state = state
        self._point = point

    def match(
        self, query: CompiledQuery, filtered: Filtered, ranked: RankedSet, request: SearchRequest, start: int, size: int
    ) -> Matched:
        """What matches a query, with all counts, and `size` of its hits behind the first `start`: in one round trip."""
        answer, counted = self._counted(filtered, ranked, request, start, size)
        total, aggregations = int(answer["hits"]["total"]["value"]), answer.get("aggregations") or {}
        widths: Widths | None = Widths(total, total, total) if query.parts else None
        parts = tuple(PartCount(part.text, total) for part in query.parts)
        if counted:
            widths, parts = read_counts(query, counted)
        return Matched(
            query,
            filtered,
            ranked,
            Hits(self, ranked, request, start, start + size, _found(answer)),
            total,
            read_stories(aggregations, total) if request.group else total,
            widths,
            parts,
            aggregations,
        )

    def _counted(
        self, filtered: Filtered, ranked: RankedSet, request: SearchRequest, start: int, size: int
    ) -> tuple[Any, Any]:
        """The answers to the search for a page and to that for the counts; one part needs no second one."""
        page = {**_page_body(ranked, request, start, size), "track_total_hits": True}
        wanted = facet_aggregations() if request.facets else {}
        if request.group:
            wanted |= story_aggregations()
        if wanted:
            page["aggs"] = wanted
        if len(filtered.parts) < 2:
            return self._search(page, request), None
        if self._point:
            return self._search(page, request), self._search(count_body(filtered), request)
        preference = {"preference": _stable(request)}
        searches = [
            Search(self._state.name, page, {**preference, "search_type": GLOBAL}),
            Search(self._state.name, count_body(filtered), preference),
        ]
        answer, counted = self._client.searches(searches)
        return answer, counted

    def page(self, ranked: RankedSet, request: SearchRequest, skipped: int, size: int) -> list[Found]:
        """The articles behind the first `skipped`; of each group the copy that sorts first, where asked."""
        return _found(self._search(_page_body(ranked, request, skipped, size), request)) if size > 0 else []

    def after(self, ranked: RankedSet, request: SearchRequest, place: Place, size: int) -> list[Found]:
        """The next articles behind a place."""
        values = self._values(ranked, request, place)
        body = {**_body(ranked, request), "size": size + _AT_ONCE}
        found: list[Found] = []
        while len(found) < size:
            page = _found(self._search({**body, "search_after": values}, request))
            found += self._first_copies(page, ranked, request) if request.group else page
            if len(page) < body["size"]:
                break
            values = page[-1].values
        return found[:size]

    def copies(self, groups: Iterable[str], ranked: RankedSet, request: SearchRequest) -> dict[str, int]:
        """How many articles of each of some groups are in a set."""
        of_groups = sorted(groups)
        body = {"size": 0, "query": _of_groups(ranked.filter, of_groups), "aggs": copies_aggregation(of_groups)}
        return read_copies(self._search(body, request)["aggregations"])

    def count(self, filtered: Sequence[Mapping[str, Any]], request: SearchRequest) -> int:
        """How many articles meet all of some filters."""
        query = {"bool": {"filter": list(filtered)}}
        answer = self._search({"size": 0, "query": query, "track_total_hits": True}, request)
        return int(answer["hits"]["total"]["value"])

    def _values(self, ranked: RankedSet, request: SearchRequest, place: Place) -> list[Any]:
        """What the article of a place sorts by now."""
        itself = {"bool": {"must": [ranked.query], "filter": [{"term": {"id": {"value": place.article_id}}}]}}
        body = {**_body(ranked, request), "query": itself, "size": 1}
        hits = self._search(body, request)["hits"]["hits"]
        if not hits:
            return values_of(request.sort, place.key, place.number)  # it is gone
        values: list[Any] = hits[0]["sort"]
        if request.sort is Sort.RELEVANCE and isclose(values[0], place.key, rel_tol=_ROUNDING):
            # Summed in another order a score may differ in the last bit, and would leave out those that tie with it.
            values[0] = place.key
        return values

    def _first_copies(self, page: Sequence[Found], ranked: RankedSet, request: SearchRequest) -> list[Found]:
        """Those of some articles that sort first of their groups."""
        groups = sorted(_groups(page))
        if not groups:
            return list(page)
        body = {**_page_body(ranked, request, 0, len(groups)), "query": _of_groups(ranked.query, groups)}
        first = {one.article_id for one in _found(self._search(body, request))}
        return [one for one in page if one.group is None or one.article_id in first]

    def _search(self, body: Mapping[str, Any], request: SearchRequest) -> Any:
        if self._point:
            return self._point.search(body)
        return self._client.search(self._state.name, body, search_type=GLOBAL, preference=_stable(request))


class Hits:
    """The hits of one request, read from the cluster as they are asked for; the last run that was read is kept."""

    def __init__(
        self,
        ranker: Ranker,
        ranked: RankedSet,
        request: SearchRequest,
        start: int = 0,
        end: int = 0,
        found: Sequence[Found] = (),
    ) -> None:
        """`found` are the hits from number `start` to `end`, or to the last."""
        self._ranker = ranker
        self._set = ranked
        self._request = request
        self._start = start
        self._end = end
        self._found = found
        self._copies: dict[str, int] = {}

    def first(self, skipped: int, size: int) -> Sequence[Found]:
        """So many hits behind the first `skipped`."""
        if not (self._start <= skipped and self._reaches(skipped + size)):
            self._found = self._ranker.page(self._set, self._request, skipped, size)
            self._start, self._end = skipped, skipped + size
        return self._found[skipped - self._start : skipped - self._start + size]

    def after(self, place: Place, size: int) -> Sequence[Found]:
        """So many hits behind a place."""
        known = next((at for at, one in enumerate(self._found) if one.article_id == place.article_id), None)
        if known is not None and self._reaches(self._start + known + 1 + size):
            return self._found[known + 1 : known + 1 + size]
        return self._ranker.after(self._set, self._request, place, size)

    def with_copies(self, found: Sequence[Found]) -> tuple[Ranked, ...]:
        """Some of the hits, each with how many copies of its story are in the set and were left out."""
        if self._request.group and _groups(found) - self._copies.keys():
            # Of all that was read: one request for the page and what is asked for after it.
            asked = _groups((*found, *self._found)) - self._copies.keys()
            self._copies |= self._ranker.copies(asked, self._set, self._request)
        return tuple(one.ranked(self._request.sort, self._copies) for one in found)

    def _reaches(self, end: int) -> bool:
        """Whether the run that was read has the hits up to this number, or the last one."""
        return end <= self._end or self._start + len(self._found) < self._end


def _groups(found: Iterable[Found]) -> set[str]:
    return {one.group for one in found if one.group}


def _stable(request: SearchRequest) -> str:
    """The same copies of the shards for all pages of a query: two copies may count deleted articles differently."""
    return hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _body(ranked: RankedSet, request: SearchRequest) -> dict[str, Any]:
    return {"query": ranked.query, "sort": sort_of(request.sort), "track_total_hits": False, **IDS_AND_GROUPS}


def _page_body(ranked: RankedSet, request: SearchRequest, skipped: int, size: int) -> dict[str, Any]:
    collapsed = {"collapse": {"field": "group_name"}} if request.group and size else {}
    return {**_body(ranked, request), "from": skipped if size else 0, "size": size, **collapsed}


def _found(answer: Mapping[str, Any]) -> list[Found]:
    return [read_found(hit) for hit in answer["hits"]["hits"]]


def _of_groups(query: Mapping[str, Any], groups: Sequence[str]) -> dict[str, Any]:
    return {"bool": {"must": [query], "filter": [{"terms": {"group_name": list(groups)}}]}}
