"""From a compiled query to ranked articles: what matches with all its counts, pages of it, and the nearest others.

Pages by number begin at the first hit; pages by cursor go on by `search_after`, statelessly: a point in time for
everybody who might turn a page would hold the cluster's old segments for each of them, and OpenSearch lets a node hold
three hundred.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Final

from indexer.compilation import CompiledQuery
from indexer.cursor import Place
from indexer.hits import Ranked
from indexer.opensearch.aggregations import (
    copies_aggregation,
    facet_aggregations,
    read_copies,
    read_stories,
    story_aggregations,
)
from indexer.opensearch.client import Client, Search
from indexer.opensearch.compile import RankedSet
from indexer.opensearch.mapping import IndexState
from indexer.opensearch.scanning import IDS_AND_GROUPS, Found, PointInTime, read_found, sort_of, values_of
from indexer.opensearch.sets import Filtered, count_body, read_counts
from indexer.opensearch.statistics import GLOBAL
from indexer.results import PartCount, SearchRequest, Sort, Widths

_ROUNDING: Final = 1e-6  # of single precision

_AT_ONCE: Final = 50
"""Hits that are read beyond those of a page, since some may be copies of stories before."""


class Window:
    """A run of the hits of a query, read again from another hit on where one is asked for that is not in it."""

    def __init__(self, read: Callable[[int, int], list[Found]], start: int, end: int, found: list[Found]) -> None:
        """`found` are the hits from number `start` to `end`, or to the last."""
        self._read = read
        self._start = start
        self._end = end
        self._found = found

    def hits(self, skipped: int, size: int) -> list[Found]:
        """So many hits behind the first `skipped`."""
        if not (self._start <= skipped and (skipped + size <= self._end or self.is_last)):
            self._start, self._end, self._found = skipped, skipped + size, self._read(skipped, size)
        return self._found[skipped - self._start : skipped - self._start + size]

    def behind(self, article_id: str, size: int) -> list[Found] | None:
        """So many hits behind an article; None where they are not all in the window."""
        place = next((at for at, one in enumerate(self._found) if one.article_id == article_id), None)
        if place is None or not (self._start + place + 1 + size <= self._end or self.is_last):
            return None
        return self._found[place + 1 : place + 1 + size]

    @property
    def is_last(self) -> bool:
        """Whether no hit comes behind it."""
        return self._start + len(self._found) < self._end


@dataclass(frozen=True, slots=True)
class Matched:
    """What matches a query (`indexer.matching.Matched`), and the hits of it that were read with the counts."""

    query: CompiledQuery
    filtered: Filtered
    ranked: RankedSet
    window: Window
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

        def read(skipped: int, most: int) -> list[Found]:
            return self.page(ranked, request, skipped, most)

        return Matched(
            query,
            filtered,
            ranked,
            Window(read, start, start + size, _found(answer)),
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

    def with_copies(self, found: Sequence[Found], ranked: RankedSet, request: SearchRequest) -> tuple[Ranked, ...]:
        """The articles, each with how many copies of its story are in the same set and were left out."""
        groups = sorted({one.group for one in found if one.group}) if request.group else []
        copies: dict[str, int] = {}
        if groups:
            body = {"size": 0, "query": _of_groups(ranked.filter, groups), "aggs": copies_aggregation(groups)}
            copies = read_copies(self._search(body, request)["aggregations"])
        return tuple(one.ranked(request.sort, copies) for one in found)

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
            # It is gone: on with all that have its key, rather twice than left out.
            return values_of(request.sort, place.key, -1)
        values: list[Any] = hits[0]["sort"]
        if request.sort is Sort.RELEVANCE and isclose(values[0], place.key, rel_tol=_ROUNDING):
            # Summed in another order a score may differ in the last bit, and would leave out those that tie with it.
            values[0] = place.key
        return values

    def _first_copies(self, page: Sequence[Found], ranked: RankedSet, request: SearchRequest) -> list[Found]:
        """Those of some articles that sort first of their groups."""
        groups = sorted({one.group for one in page if one.group})
        if not groups:
            return list(page)
        body = {**_page_body(ranked, request, 0, len(groups)), "query": _of_groups(ranked.query, groups)}
        first = {one.article_id for one in _found(self._search(body, request))}
        return [one for one in page if one.group is None or one.article_id in first]

    def _search(self, body: Mapping[str, Any], request: SearchRequest) -> Any:
        if self._point:
            return self._point.search(body)
        return self._client.search(self._state.name, body, search_type=GLOBAL, preference=_stable(request))


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
