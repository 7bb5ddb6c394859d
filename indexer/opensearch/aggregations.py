"""Aggregations: all hits of a search counted by their values, as facets, timeline, stories and copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from indexer.analysis.fields import FACET_FIELDS, MOST_BARS, printed_time
from indexer.results import Facet, Timeline, TimeUnit
from indexer.search.facet_names import NameSpellings

MOST_VALUES: Final = 10_000
"""Values of a facet that are told; up to so many the counts are exact."""

_MOST_YEARS: Final = 10_000
_MOST_GROUPS: Final = 40_000  # up to so many they are counted nearly exactly, beyond to one in a hundred


def story_aggregations() -> dict[str, Any]:
    """The aggregation whose answer `read_stories` reads."""
    groups = {"cardinality": {"field": "group_name", "precision_threshold": _MOST_GROUPS}}
    return {"grouped": {"filter": {"exists": {"field": "grouped"}}, "aggs": {"groups": groups}}}


def read_stories(answer: Mapping[str, Any], total: int) -> int:
    """How many stories the hits are: the copies of one are one."""
    grouped = answer["grouped"]
    return total - int(grouped["doc_count"]) + int(grouped["groups"]["value"])


def copies_aggregation(groups: Sequence[str]) -> dict[str, Any]:
    """The aggregation whose answer `read_copies` reads."""
    return {"copies": {"terms": {"field": "group_name", "include": list(groups), "size": max(1, len(groups))}}}


def read_copies(answer: Mapping[str, Any]) -> dict[str, int]:
    """For each group how many of its copies were met."""
    return dict(_counts(answer["copies"]))


def facet_aggregations() -> dict[str, Any]:
    """The aggregations whose answer `read_facets` and `read_timeline` read."""
    wanted: dict[str, Any] = {name: _terms(field, MOST_VALUES) for name, field in FACET_FIELDS.items()}
    for unit in TimeUnit:
        # One more than the bars of a timeline tells whether there are too many; and so few are counted exactly.
        wanted[f"by_{unit}"] = _terms(unit.value, _MOST_YEARS if unit is TimeUnit.YEAR else MOST_BARS + 1)
    return wanted


def read_facets(
    answer: Mapping[str, Any], names_of: Callable[[str], NameSpellings], count_any: Callable[[str, list[str]], int]
) -> tuple[Facet, ...]:
    """For each facet its values with the number of hits of each, most frequent first, then by name.

    `names_of` a field tells which values are one name, `count_any` how many hits have any of some values of a field.
    """
    facets = []
    for name, field in FACET_FIELDS.items():
        found = dict(_counts(answer[name]))
        counts = {
            # An article may name an author in two spellings: it is one hit.
            shown: count_any(field, spellings) if len(spellings) > 1 else found[spellings[0]]
            for shown, spellings in names_of(field).shown_spellings(found).items()
        }
        facets.append(Facet(name, tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))))
    return tuple(facets)


def read_timeline(answer: Mapping[str, Any], published: Callable[[TimeUnit], Mapping[str, int]]) -> Timeline:
    """How many hits were published on each day, or in each month or year where there are many.

    `published` tells how many articles the whole index holds of each time of a unit.
    """
    for unit in TimeUnit:
        counts = _counts(answer[f"by_{unit}"])
        if len(counts) <= MOST_BARS:
            break
    times = sorted((printed_time(digits), count) for digits, count in counts)
    totals = published(unit)
    return Timeline(unit, tuple(times), tuple(totals.get(time, 0) for time, _ in times))


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size, "order": [{"_count": "desc"}, {"_key": "asc"}]}}


def _counts(buckets: dict[str, Any]) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in buckets["buckets"]]
