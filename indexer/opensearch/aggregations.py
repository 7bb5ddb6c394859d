"""Aggregations: all matches of a search, counted by value: facets, timeline, stories and copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from indexer.analysis.fields import FACET_FIELDS, MOST_BARS, NameSpellings, printed_time
from indexer.results import Facet, Timeline, TimeUnit

MAX_VALUES: Final = 10_000
"""Values that a facet lists; if a field has no more, the counts are exact."""

_MAX_YEARS: Final = 10_000
_MAX_GROUPS: Final = 40_000  # up to this number they are counted nearly exactly, beyond it to one in a hundred


def story_aggregations() -> dict[str, Any]:
    """The aggregation for `read_stories`."""
    groups = {"cardinality": {"field": "group_name", "precision_threshold": _MAX_GROUPS}}
    return {"grouped": {"filter": {"exists": {"field": "grouped"}}, "aggs": {"groups": groups}}}


def read_stories(answer: Mapping[str, Any], total: int) -> int:
    """The number of stories among the matches: the copies of a story are one."""
    grouped = answer["grouped"]
    return total - int(grouped["doc_count"]) + int(grouped["groups"]["value"])


def copies_aggregation(groups: Sequence[str]) -> dict[str, Any]:
    """The aggregation for `read_copies`."""
    return {"copies": {"terms": {"field": "group_name", "include": list(groups), "size": max(1, len(groups))}}}


def read_copies(answer: Mapping[str, Any]) -> dict[str, int]:
    """The number of matching copies of each group."""
    return dict(_counts(answer["copies"]))


def facet_aggregations() -> dict[str, Any]:
    """The aggregations for `read_facets` and `read_timeline`."""
    aggregations: dict[str, Any] = {name: _terms(field, MAX_VALUES) for name, field in FACET_FIELDS.items()}
    for unit in TimeUnit:
        # One more than the bars of a timeline shows whether there are too many; this few are counted exactly.
        aggregations[f"by_{unit}"] = _terms(unit.value, _MAX_YEARS if unit is TimeUnit.YEAR else MOST_BARS + 1)
    return aggregations


def read_facets(
    answer: Mapping[str, Any], names_of: Callable[[str], NameSpellings], count_any: Callable[[str, list[str]], int]
) -> tuple[Facet, ...]:
    """The values of each facet, with the number of articles of each, most frequent first, then by name.

    `names_of` returns which values of a field are spellings of one name, `count_any` the number of matches with any of
    some values of a field.
    """
    facets = []
    for name, field in FACET_FIELDS.items():
        found = dict(_counts(answer[name]))
        counts = {
            # An article that has an author in two spellings is counted once.
            shown: count_any(field, spellings) if len(spellings) > 1 else found[spellings[0]]
            for shown, spellings in names_of(field).shown_spellings(found).items()
        }
        facets.append(Facet(name, tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))))
    return tuple(facets)


def read_timeline(answer: Mapping[str, Any], published: Callable[[TimeUnit], Mapping[str, int]]) -> Timeline:
    """The number of matches per day, or per month or year if there are too many days.

    `published` returns the number of articles in the whole index by time, in a unit.
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
