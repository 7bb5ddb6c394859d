"""Orders of hits, and reading on behind one of them: with a point in time all that a query meets, however many.

A point in time is the index as it was when the reading began; the sort values of a page's last hit say where the next
page begins (`search_after`), so that no page costs more than the first.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from corpus import ArshifError
from indexer.errors import ClusterUnavailable
from indexer.opensearch.aggregations import copies_aggregation, read_copies
from indexer.opensearch.client import Client, NotThere
from indexer.opensearch.compile import RankedSet
from indexer.opensearch.statistics import GLOBAL, Query
from indexer.results import Sort
from indexer.search.hits import Ranked

IDS_ALONE: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}
"""What a search asks of its hits: nothing but their ids, from a column."""

IDS_AND_GROUPS: Final = {**IDS_ALONE, "docvalue_fields": ["id", "grouped", "group_name"]}

NO_TIME: Final = -1.0
"""The key of an article without a date; all others are seconds since the year 1."""

_PAGE: Final = 2_000
_KEPT: Final = "5m"  # the reader may pause for so long
# One that is never read was opened twice: a node answered too late, and another was asked. Nobody knows the first, and
# while it is there its node cannot give the shard away.
_KEPT_UNREAD: Final = "1m"
_TIME_SORTS: Final = {Sort.NEWEST: "desc", Sort.OLDEST: "asc"}
_END_OF_TIME: Final = 2**63 - 1  # how OpenSearch sorts what has no value


@dataclass(frozen=True, slots=True)
class Found:
    """An article as the cluster gives it: `values` are what it is sorted by, `group` is its group's name, if any."""

    article_id: str
    values: list[Any]
    group: str | None

    def ranked(self, sort: Sort, copies: Mapping[str, int]) -> Ranked:
        """The article as hits are made of it, with how many of each group were met."""
        key = self.values[0]
        if sort is not Sort.RELEVANCE and abs(key) >= _END_OF_TIME:
            key = NO_TIME
        left_out = max(0, copies.get(self.group, 1) - 1) if self.group else 0
        score = float(key) if sort is Sort.RELEVANCE else 0.0
        return Ranked(self.article_id, score, left_out, float(key), int(self.values[1]))


def sort_of(sort: Sort) -> list[dict[str, Any]]:
    """Equals come in the order in which they came to the archive; articles without a date last."""
    if sort is Sort.RELEVANCE:
        return [{"_score": "desc"}, {"order": "asc"}]
    return [{"time": {"order": _TIME_SORTS[sort], "missing": "_last"}}, {"order": "asc"}]


def values_of(sort: Sort, key: float, number: int) -> list[Any]:
    """The sort values of an article with this key and this number in the archive."""
    if sort is Sort.RELEVANCE:
        return [key, number]
    if key == NO_TIME:
        return [-_END_OF_TIME - 1 if sort is Sort.NEWEST else _END_OF_TIME, number]
    return [int(key), number]


def id_of(hit: dict[str, Any]) -> str:
    """The id of the article that a hit is."""
    return str(hit["fields"]["id"][0])


def read_found(hit: dict[str, Any]) -> Found:
    """A hit of `IDS_AND_GROUPS`."""
    fields = hit["fields"]
    return Found(id_of(hit), hit["sort"], fields["group_name"][0] if "grouped" in fields else None)


class PointInTime:
    """An index as it is now, for reading what a query meets page after page; let go when nobody reads from it."""

    def __init__(self, client: Client, index: str) -> None:
        """Opens it.

        Raises:
            NotThere: there is no such index.
            ClusterUnavailable, ClusterRefused: as `Client.request`.
        """
        params = {"keep_alive": _KEPT_UNREAD, "allow_partial_pit_creation": "false"}
        self._client = client
        self._point = client.request("POST", f"/{index}/_search/point_in_time", params=params)["pit_id"]
        # At the end of the process it ends by itself.
        weakref.finalize(self, _close, client, self._point).atexit = False

    def ranked(self, ranked: RankedSet, sort: Sort, *, group: bool) -> Iterator[Ranked]:
        """All articles of a set, in order; with `group` of each group what sorts first.

        Raises:
            ClusterUnavailable, ClusterRefused: as `Client.request`, at any step.
        """
        seen: set[str] = set()
        body: dict[str, Any] = {"query": ranked.query, "size": _PAGE, "sort": sort_of(sort), **IDS_AND_GROUPS}
        body["track_total_hits"] = False
        while page := self.search(body)["hits"]["hits"]:
            found = list(map(read_found, page))
            groups = {one.group for one in found if one.group} - seen if group else set()
            copies = self._copies(ranked.filter, groups) if groups else {}
            for one in found:
                if not group or one.group is None:
                    yield one.ranked(sort, {})
                elif one.group not in seen:
                    seen.add(one.group)
                    yield one.ranked(sort, copies)
            body["search_after"] = page[-1]["sort"]

    def _copies(self, filtered: Query, groups: set[str]) -> dict[str, int]:
        of_groups = {"bool": {"filter": [filtered, {"terms": {"group_name": sorted(groups)}}]}}
        answer = self.search({"size": 0, "query": of_groups, "aggs": copies_aggregation(sorted(groups))})
        return read_copies(answer["aggregations"])

    def search(self, body: Mapping[str, Any]) -> Any:
        """One search of the index as it was, whole or not at all.

        Raises:
            SearchTooCostly, ClusterUnavailable, ClusterRefused: as `Client.search`.
        """
        asked = {**body, "pit": {"id": self._point, "keep_alive": _KEPT}}
        try:
            return self._client.search(None, asked, search_type=GLOBAL)
        except NotThere as error:
            raise ClusterUnavailable(self._client.hosts, f"reading many articles was interrupted: {error}") from error


def _close(client: Client, point: str) -> None:
    with suppress(ArshifError, NotThere):  # it ends by itself
        client.request("DELETE", "/_search/point_in_time", {"pit_id": [point]})
