"""Counting all hits by their values in the cluster: the facets and the timeline of `indexer.facets`."""

from __future__ import annotations

from typing import Any, Final

from indexer.facets import FIELDS, MOST_BARS, printed_period
from indexer.results import Facet, Timeline, TimeUnit

MOST_VALUES: Final = 10_000
"""Values of a facet that are told; up to so many the counts are exact."""

_MOST_YEARS: Final = 10_000


_MOST_GROUPS: Final = 40_000  # up to so many they are counted nearly exactly, beyond to one in a hundred


def story_aggregations() -> dict[str, Any]:
    """The aggregation whose answer `read_stories` reads."""
    groups = {"cardinality": {"field": "group_name", "precision_threshold": _MOST_GROUPS}}
    return {"grouped": {"filter": {"exists": {"field": "grouped"}}, "aggs": {"groups": groups}}}


def read_stories(answer: dict[str, Any], total: int) -> int:
    """How many stories the hits are: the copies of one are one."""
    grouped = answer["grouped"]
    return total - int(grouped["doc_count"]) + int(grouped["groups"]["value"])


def facet_aggregations() -> dict[str, Any]:
    """The aggregations whose answer `read_facets` and `read_timeline` read."""
    wanted: dict[str, Any] = {name: _terms(field, MOST_VALUES) for name, field in FIELDS.items()}
    for unit in TimeUnit:
        # One more than the bars of a timeline tells whether there are too many; and so few are counted exactly.
        wanted[f"by_{unit}"] = _terms(unit.value, _MOST_YEARS if unit is TimeUnit.YEAR else MOST_BARS + 1)
    return wanted


def read_facets(answer: dict[str, Any]) -> tuple[Facet, ...]:
    """For each facet its values with the number of hits of each, most frequent first, then by name."""
    return tuple(
        Facet(name, tuple(sorted(_counts(answer[name]), key=lambda pair: (-pair[1], pair[0])))) for name in FIELDS
    )


def read_timeline(answer: dict[str, Any]) -> Timeline:
    """How many hits were published on each day, or in each month or year where there are many."""
    for unit in TimeUnit:
        counts = _counts(answer[f"by_{unit}"])
        if len(counts) <= MOST_BARS:
            break
    return Timeline(unit, tuple(sorted((printed_period(digits), count) for digits, count in counts)))


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _counts(buckets: dict[str, Any]) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in buckets["buckets"]]
