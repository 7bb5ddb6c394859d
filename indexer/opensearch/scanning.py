"""Hits of the cluster and their order, and reading all of them from a point in time, without a limit.

A point in time is the index as it was when the reading began. The sort values of a page's last hit are where the next
page begins (`search_after`), so that every page costs as much as the first.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from corpus import ArshifError
from indexer.errors import ClusterUnavailable
from indexer.opensearch.aggregations import copies_aggregation, read_copies
from indexer.opensearch.client import Client, NotFound
from indexer.opensearch.compile import ScoredQuery
from indexer.opensearch.statistics import GLOBAL, Query
from indexer.results import Sort
from indexer.search.index_reader import RankedArticle

IDS_ONLY: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}
"""The part of a search that requests only the ids of its hits, from doc values."""

IDS_AND_GROUPS: Final = {**IDS_ONLY, "docvalue_fields": ["id", "grouped", "group_name"]}

NO_TIME: Final = -1.0
"""The key of an article without a date; all others are seconds since the year 1."""

_PAGE: Final = 2_000
_KEEP_ALIVE: Final = "5m"  # a reader may pause for this long
# A point in time that is never read was opened twice: a node answered too late, and another one was asked. No client
# knows the first one, and while it is open its node cannot give the shard away.
_KEEP_ALIVE_UNREAD: Final = "1m"
_TIME_SORTS: Final = {Sort.NEWEST: "desc", Sort.OLDEST: "asc"}
_END_OF_TIME: Final = 2**63 - 1  # the sort value of a missing value in OpenSearch


@dataclass(frozen=True, slots=True)
class ClusterHit:
    """A hit of the cluster: the id of its article, its sort values, and the name of its group, if any."""

    article_id: str
    values: list[Any]
    group: str | None

    def ranked(self, sort: Sort, copies: Mapping[str, int]) -> RankedArticle:
        """The ranked article; `copies` has the number of matching articles of each group."""
        key = self.values[0]
        if sort is not Sort.RELEVANCE and abs(key) >= _END_OF_TIME:
            key = NO_TIME
        left_out = max(0, copies.get(self.group, 1) - 1) if self.group else 0
        score = float(key) if sort is Sort.RELEVANCE else 0.0
        return RankedArticle(self.article_id, score, left_out, float(key), int(self.values[1]))


def sort_of(sort: Sort) -> list[dict[str, Any]]:
    """The `sort` of a search: ties by number in the archive, articles without a date last."""
    if sort is Sort.RELEVANCE:
        return [{"_score": "desc"}, {"order": "asc"}]
    return [{"time": {"order": _TIME_SORTS[sort], "missing": "_last"}}, {"order": "asc"}]


def sort_values(sort: Sort, key: float, number: int) -> list[Any]:
    """The sort values of an article with this key and this number in the archive."""
    if sort is Sort.RELEVANCE:
        return [key, number]
    if key == NO_TIME:
        return [-_END_OF_TIME - 1 if sort is Sort.NEWEST else _END_OF_TIME, number]
    return [int(key), number]


def id_of(hit: dict[str, Any]) -> str:
    """The article id of a hit of `IDS_ONLY`."""
    return str(hit["fields"]["id"][0])


def read_hits(answer: Mapping[str, Any]) -> list[ClusterHit]:
    """The hits of a search for `IDS_AND_GROUPS`."""
    return [
        ClusterHit(id_of(hit), hit["sort"], hit["fields"]["group_name"][0] if "grouped" in hit["fields"] else None)
        for hit in answer["hits"]["hits"]
    ]


def groups_of(hits: Iterable[ClusterHit]) -> set[str]:
    """The names of the groups of hits."""
    return {hit.group for hit in hits if hit.group}


def in_groups(query: Query, groups: Sequence[str]) -> Query:
    """A query restricted to the articles of some groups."""
    return {"bool": {"must": [query], "filter": [{"terms": {"group_name": list(groups)}}]}}


class PointInTime:
    """An index as it is now, to read all matches of a query page by page; closed when nothing refers to it any more."""

    def __init__(self, client: Client, index: str) -> None:
        """Opens it.

        Raises:
            NotFound: there is no such index.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        params = {"keep_alive": _KEEP_ALIVE_UNREAD, "allow_partial_pit_creation": "false"}
        self._client = client
        self._point = client.request("POST", f"/{index}/_search/point_in_time", params=params)["pit_id"]
        # When the process exits, the cluster closes it after its keep-alive.
        weakref.finalize(self, _close, client, self._point).atexit = False

    def ranked(self, scored: ScoredQuery, sort: Sort, *, group: bool) -> Iterator[RankedArticle]:
        """All articles that match, in order; with `group` the first of each group.

        Raises:
            ClusterUnavailable, ClusterRefused: as `Client.request`, at any step.
        """
        seen: set[str] = set()
        body: dict[str, Any] = {"query": scored.query, "size": _PAGE, "sort": sort_of(sort), **IDS_AND_GROUPS}
        body["track_total_hits"] = False
        while page := read_hits(self.search(body)):
            groups = groups_of(page) - seen if group else set()
            copies = self._copies(scored.filter, sorted(groups)) if groups else {}
            for hit in page:
                if not group or hit.group is None:
                    yield hit.ranked(sort, {})
                elif hit.group not in seen:
                    seen.add(hit.group)
                    yield hit.ranked(sort, copies)
            body["search_after"] = page[-1].values

    def _copies(self, matching: Query, groups: Sequence[str]) -> dict[str, int]:
        answer = self.search({"size": 0, "query": in_groups(matching, groups), "aggs": copies_aggregation(groups)})
        return read_copies(answer["aggregations"])

    def search(self, body: Mapping[str, Any]) -> Any:
        """One search of the index as it was, complete or not at all.

        Raises:
            SearchTooCostly, ClusterUnavailable, ClusterRefused: as `Client.search`.
        """
        try:
            return self._client.search(
                None, {**body, "pit": {"id": self._point, "keep_alive": _KEEP_ALIVE}}, search_type=GLOBAL
            )
        except NotFound as error:
            raise ClusterUnavailable(self._client.hosts, f"reading many articles was interrupted: {error}") from error


def _close(client: Client, point: str) -> None:
    with suppress(ArshifError, NotFound):  # the cluster closes it after its keep-alive
        client.request("DELETE", "/_search/point_in_time", {"pit_id": [point]})
