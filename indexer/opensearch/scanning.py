"""Orders of hits, and reading all that a query meets, however many: by a point in time, page after page.

A point in time is the index as it was when the reading began; the sort values of a page's last hit say where the next
page begins (`search_after`), so that no page costs more than the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from corpus import ArshifError
from indexer.errors import ClusterUnavailable
from indexer.opensearch.client import Client, NotThere
from indexer.opensearch.compile import Query
from indexer.opensearch.statistics import GLOBAL
from indexer.results import Sort

IDS_ALONE: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}
"""What a search asks of its hits: nothing but their ids, from a column."""

_PAGE: Final = 2_000
_KEPT: Final = "5m"  # the reader may pause for so long
_TIME_SORTS: Final = {Sort.NEWEST: "desc", Sort.OLDEST: "asc"}


def sort_of(sort: Sort) -> list[dict[str, Any]]:
    """Equals come in the order in which they were indexed; articles without a date last."""
    if sort is Sort.RELEVANCE:
        return [{"_score": "desc"}, {"order": "asc"}]
    return [{"time": {"order": _TIME_SORTS[sort], "missing": "_last"}}, {"order": "asc"}]


def id_of(hit: dict[str, Any]) -> str:
    """The id of the article that a hit is."""
    return str(hit["fields"]["id"][0])


def scan(client: Client, index: str, query: Query, sort: Sort) -> Iterator[tuple[str, float, str | None]]:
    """Id, score and, of a story with copies, the group's name, of all that a query meets, in order.

    Raises:
        NotThere: there is no such index.
        ClusterUnavailable, ClusterRefused: as `Client.request`, at any step.
    """
    params = {"keep_alive": _KEPT, "allow_partial_pit_creation": "false"}
    point = client.request("POST", f"/{index}/_search/point_in_time", params=params)["pit_id"]
    body: dict[str, Any] = {
        "pit": {"id": point, "keep_alive": _KEPT},
        "query": query,
        "size": _PAGE,
        "sort": sort_of(sort),
        "track_total_hits": False,
        **IDS_ALONE,
        "docvalue_fields": ["id", "grouped", "group_name"],
    }
    params = {"allow_partial_search_results": "false", "search_type": GLOBAL}
    try:
        while hits := client.request("POST", "/_search", body, params=params)["hits"]["hits"]:
            for hit in hits:
                group = hit["fields"]["group_name"][0] if "grouped" in hit["fields"] else None
                yield id_of(hit), float(hit["sort"][0]) if sort is Sort.RELEVANCE else 0.0, group
            body["search_after"] = hits[-1]["sort"]
    except NotThere as error:
        raise ClusterUnavailable(client.hosts, f"the reading of many articles was cut off: {error}") from error
    finally:
        with suppress(ArshifError, NotThere):  # it ends by itself
            client.request("DELETE", "/_search/point_in_time", {"pit_id": [point]})
