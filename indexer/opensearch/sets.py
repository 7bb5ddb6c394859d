"""The set of a query as filters: its conditions, its parts, and its three widths; and counting them.

`all` requires every part, `any` one of them. `most` requires parts with a share of the mass of all: those that must
not be missing are filters, and a number of the others is required. Only where no number says it does a query add up
masses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.compiled_query import CompiledQuery
from indexer.opensearch.filters import NOTHING, all_of, any_of
from indexer.opensearch.statistics import Query
from indexer.plan import MOST_SHARE
from indexer.results import MatchMode, PartCount, Widths

_ROUNDING: Final = 1e-6  # of sums in single precision


@dataclass(frozen=True, slots=True)
class Filtered:
    """The filters of a query; `widths` are empty for a query without parts."""

    conditions: tuple[Query, ...]
    required: tuple[Query, ...]
    excluded: tuple[Query, ...]
    parts: tuple[Query, ...]
    widths: Mapping[MatchMode, Query]

    def matching(self, match: MatchMode) -> Query:
        """The articles that match in one width."""
        width = (self.widths[match],) if self.widths else ()
        return all_of((*self.conditions, *self.required, *width), self.excluded)

    def others(self, match: MatchMode, groups: Sequence[str]) -> Query:
        """The articles that have what is required and do not match; without those of some groups."""
        taken = [{"terms": {"group_name": list(groups)}}] if groups else []
        return all_of((*self.conditions, *self.required), (*self.excluded, self.widths[match], *taken))


def widths_of(parts: Sequence[Query], masses: Sequence[float]) -> dict[MatchMode, Query]:
    """The filter of each width of some parts, with the mass of each; for one part masses are not looked at."""
    if not parts:
        return {}
    if len(parts) == 1:
        return dict.fromkeys(MatchMode, parts[0])
    return {MatchMode.ALL: all_of(parts), MatchMode.MOST: _most(parts, masses), MatchMode.ANY: any_of(parts)}


def count_body(filtered: Filtered) -> dict[str, Any]:
    """The search whose answer `read_counts` reads: articles of each width and of each part, within the conditions."""
    counted = {mode.value: all_of((*filtered.required, filtered.widths[mode])) for mode in MatchMode}
    counted |= {_part(number): part for number, part in enumerate(filtered.parts)}
    return {
        "size": 0,
        "query": all_of((*filtered.conditions, filtered.widths[MatchMode.ANY]), filtered.excluded),
        "track_total_hits": False,
        "aggs": {"counted": {"filters": {"filters": counted}}},
    }


def read_counts(query: CompiledQuery, answer: Mapping[str, Any]) -> tuple[Widths, tuple[PartCount, ...]]:
    """The counts of each width and each part."""
    found = {name: int(value["doc_count"]) for name, value in answer["aggregations"]["counted"]["buckets"].items()}
    widths = Widths(*(found[mode] for mode in MatchMode))
    return widths, tuple(PartCount(part.text, found[_part(number)]) for number, part in enumerate(query.parts))


def _part(number: int) -> str:
    return f"part {number}"


def _most(parts: Sequence[Query], masses: Sequence[float]) -> Query:
    """The articles that have parts with enough of the mass of all; a part without mass is in no article."""
    total = sum(masses)
    enough = MOST_SHARE * total * (1 - _ROUNDING)
    needed, weighed, left = [], [], enough
    for part, mass in zip(parts, masses, strict=True):
        if mass > total - enough:  # all others together are not enough
            needed.append(part)
            left -= mass
        elif mass:
            weighed.append((part, mass))
    if not needed and not weighed:
        return NOTHING
    return all_of([*needed, _heavy(weighed, left)] if left > 0 else needed)


def _heavy(weighed: Sequence[tuple[Query, float]], least: float) -> Query:
    """The articles that have parts with at least this mass."""
    parts, masses = [part for part, _ in weighed], sorted(mass for _, mass in weighed)
    for number in range(1, len(parts) + 1):
        if sum(masses[:number]) >= least > sum(masses[len(parts) - number + 1 :]):
            return any_of(parts) if number == 1 else {"bool": {"should": parts, "minimum_should_match": number}}
    counted = [{"constant_score": {"filter": part, "boost": mass}} for part, mass in weighed]
    return {"function_score": {"query": any_of(counted), "boost_mode": "multiply", "min_score": least}}
