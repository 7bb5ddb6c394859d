"""From a plan to a filter of OpenSearch's query language: the articles that the plan matches, without scores.

Filters are cheaper for a cluster than scores: what matches is counted and restricted by them, and scored separately
(`indexer.opensearch.compile`).

| plan | filter |
|---|---|
| a word | `terms` of its lemmas |
| terms, a pattern, a misspelled word | `terms`: any number of them is one clause |
| a phrase; near words | `match_phrase`; `span_near`, or `intervals` if a word is repeated |
| days, names | `range`, `terms` |

The filters of a whole query (`QueryFilters`) are its conditions, its parts, and one for each match mode: `all` requires
every part, `any` one of them. `most` requires parts with a share of the weight of all: parts that no article can do
without are filters, and a number of the others is required. Only if no number is equivalent does a query add up
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.analysis import MAX_TERM_LENGTH
from indexer.opensearch.statistics import Query, Statistics, wildcard
from indexer.query.minimum_match import is_indispensable, minimum_weight
from indexer.query.plan import (
    AnyName,
    AnyTerm,
    CompiledQuery,
    Conjunction,
    DayRangePlan,
    Disjunction,
    FuzzyPlan,
    PhrasePlan,
    Plan,
    SummedTerms,
    WildcardPlan,
    WordPlan,
)
from indexer.results import MatchMode, ModeCounts, PartCount

EVERYTHING: Final[Query] = {"match_all": {}}
NOTHING: Final[Query] = {"match_none": {}}

VOCABULARY_FIELD: Final = "text_form"
"""The field whose terms the vocabulary lists."""

_WINDOW: Final = "interval.end - interval.start <= {}"  # scripts of intervals have no parameters

_ROUNDING: Final = 1e-6  # of sums in single precision


class FilterCompiler:
    """Compiles plans to filters by the statistics of one commit of the index."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def compile(self, plan: Plan) -> Query:
        """The filter of a plan. A word is matched by its lemmas; other levels only add to scores."""
        match plan:
            case Conjunction():
                return all_of(map(self.compile, plan.required), map(self.compile, plan.excluded))
            case Disjunction():
                return any_of([self.compile(choice) for choice in plan.choices])
            case SummedTerms():
                return any_of([_term(term.field, term.term) for term in plan.terms])
            case WordPlan():
                return self.compile(plan.lemma)
            case DayRangePlan():
                return _days(plan)
            case AnyName():
                return self._names(plan)
            case AnyTerm():
                return _terms(plan.field, terms_of(plan))
            case WildcardPlan() | FuzzyPlan():
                return self._forms(plan)
            case PhrasePlan():
                return phrase_query(plan)

    def _names(self, plan: AnyName) -> Query:
        known = self._statistics.names_of(plan.field)
        return _terms(plan.field, {spelling for name in plan.names for spelling in known.spellings(clean(name))})

    def _forms(self, plan: WildcardPlan | FuzzyPlan) -> Query:
        if isinstance(plan, WildcardPlan) and plan.field != VOCABULARY_FIELD:
            # OpenSearch sets no bound on the terms of a wildcard, and these fields are small.
            return {"wildcard": {plan.field: {"value": wildcard(plan.pattern)}}}
        return _terms(plan.field, self._statistics.expansion(plan)[0])


def all_of(required: Iterable[Query], excluded: Iterable[Query] = ()) -> Query:
    """All of some filters and none of others; every article if nothing is required."""
    filters, must_not = list(required), list(excluded)
    if len(filters) == 1 and not must_not:
        return filters[0]
    return {"bool": {"filter": filters or [EVERYTHING], **({"must_not": must_not} if must_not else {})}}


def any_of(queries: Sequence[Query]) -> Query:
    """At least one of some queries, their scores added; no article if there are none."""
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def phrase_query(plan: PhrasePlan) -> Query:
    """The query of a phrase, or of words near each other; also used for its scores."""
    forms = [clean(form) for form in plan.forms]
    if not forms:
        return NOTHING
    if len(forms) == 1:
        return _term(plan.field, forms[0])
    if plan.distance is None:
        # The analyzer of the field splits the terms at spaces.
        return {"match_phrase": {plan.field: {"query": " ".join(forms)}}}
    if plan.distance + 1 < len(forms):
        return NOTHING
    counts = Counter(forms)
    if len(counts) == 1:
        return _window(plan.field, counts, plan.distance)
    clauses = [{"span_term": {plan.field: form}} for form in counts]
    # Without repeated words the span is as long as the distance allows.
    slop = plan.distance + 1 - len(counts)
    near: Query = {"span_near": {"clauses": clauses, "slop": slop, "in_order": False}}
    if len(counts) == len(forms):
        return near
    return {"bool": {"must": [near], "filter": [_window(plan.field, counts, plan.distance)]}}


def terms_of(plan: AnyTerm) -> list[str]:
    """The terms of a plan as the index has them."""
    return sorted({clean(term[:MAX_TERM_LENGTH]) for term in plan.terms})


def clean(term: str) -> str:
    """A term as it can be sent: lone surrogates, which no text contains, become question marks."""
    return term if term.isprintable() else term.encode("utf-8", "replace").decode("utf-8")


def _window(field: str, counts: Counter[str], distance: int) -> Query:
    """Each form at least as often as counted, the first and the last at most `distance` apart."""
    sources = []
    for form, count in counts.items():
        interval: Query = {"match": {"query": form, "analyzer": "whitespace"}}
        sources.append(interval if count == 1 else {"all_of": {"intervals": [interval] * count, "mode": "ordered"}})
    inner = sources[0] if len(sources) == 1 else {"all_of": {"intervals": sources, "mode": "unordered"}}
    ((kind, value),) = inner.items()
    narrow = {"script": {"source": _WINDOW.format(distance)}}
    return {"intervals": {field: {kind: {**value, "filter": narrow}}}}


def _days(plan: DayRangePlan) -> Query:
    bounds: dict[str, Any] = {name: day for name, day in (("gte", plan.first), ("lte", plan.last)) if day}
    return {"range": {"day": bounds}} if bounds else {"exists": {"field": "day"}}


def _term(field: str, term: str) -> Query:
    return {"term": {field: {"value": clean(term)}}}


def _terms(field: str, terms: Iterable[str]) -> Query:
    found = sorted(terms)
    if len(found) == 1:
        return _term(field, found[0])
    return {"terms": {field: found}} if found else NOTHING


@dataclass(frozen=True, slots=True)
class QueryFilters:
    """The filters of a query; `modes` is empty for a query without parts."""

    conditions: tuple[Query, ...]
    required: tuple[Query, ...]
    excluded: tuple[Query, ...]
    parts: tuple[Query, ...]
    modes: Mapping[MatchMode, Query]

    def matching(self, match: MatchMode) -> Query:
        """The articles that match in a mode."""
        mode = (self.modes[match],) if self.modes else ()
        return all_of((*self.conditions, *self.required, *mode), self.excluded)

    @property
    def is_limited(self) -> bool:
        """Whether the query has conditions, or requires or excludes something."""
        return bool(self.conditions or self.required or self.excluded)

    def eligible(self) -> Query:
        """The articles that have what is required, whether they match or not."""
        return all_of((*self.conditions, *self.required), self.excluded)

    def not_matching(self, match: MatchMode, groups: Sequence[str]) -> Query:
        """The articles that have what is required and do not match in a mode; without those of some groups."""
        of_groups = [{"terms": {"group_name": list(groups)}}] if groups else []
        return all_of((*self.conditions, *self.required), (*self.excluded, self.modes[match], *of_groups))


def mode_filters(parts: Sequence[Query], weights: Sequence[float]) -> dict[MatchMode, Query]:
    """The filter of each match mode, from the parts of a query and their weights; a single part needs no weight."""
    if not parts:
        return {}
    if len(parts) == 1:
        return dict.fromkeys(MatchMode, parts[0])
    return {MatchMode.ALL: all_of(parts), MatchMode.MOST: _most(parts, weights), MatchMode.ANY: any_of(parts)}


def count_body(filters: QueryFilters) -> dict[str, Any]:
    """The search whose answer `read_counts` reads: articles in each match mode and with each part."""
    counted = {mode.value: all_of((*filters.required, filters.modes[mode])) for mode in MatchMode}
    counted |= {_part(number): part for number, part in enumerate(filters.parts)}
    return {
        "size": 0,
        "query": all_of((*filters.conditions, filters.modes[MatchMode.ANY]), filters.excluded),
        "track_total_hits": False,
        "aggs": {"counted": {"filters": {"filters": counted}}},
    }


def read_counts(query: CompiledQuery, answer: Mapping[str, Any]) -> tuple[ModeCounts, tuple[PartCount, ...]]:
    """The number of articles in each match mode and with each part."""
    found = {name: int(value["doc_count"]) for name, value in answer["aggregations"]["counted"]["buckets"].items()}
    modes = ModeCounts(*(found[mode] for mode in MatchMode))
    return modes, tuple(PartCount(part.text, found[_part(number)]) for number, part in enumerate(query.parts))


def _part(number: int) -> str:
    return f"part {number}"


def _most(parts: Sequence[Query], masses: Sequence[float]) -> Query:
    """The articles that have parts with enough of the mass of all; a part without mass is in no article."""
    total = sum(masses)
    needed, weighed, left = [], [], minimum_weight(total)
    for part, mass in zip(parts, masses, strict=True):
        if is_indispensable(mass, total):
            needed.append(part)
            left -= mass
        elif mass:
            weighed.append((part, mass))
    if not needed and not weighed:
        return NOTHING
    return all_of([*needed, _at_least(weighed, left)] if left > 0 else needed)


def _at_least(weighted: Sequence[tuple[Query, float]], least: float) -> Query:
    """The articles whose parts have at least this weight."""
    parts, weights = [part for part, _ in weighted], sorted(weight for _, weight in weighted)
    for number in range(1, len(parts) + 1):
        if sum(weights[:number]) >= least > sum(weights[len(parts) - number + 1 :]):
            return any_of(parts) if number == 1 else {"bool": {"should": parts, "minimum_should_match": number}}
    counted = [{"constant_score": {"filter": part, "boost": weight}} for part, weight in weighted]
    return {"function_score": {"query": any_of(counted), "boost_mode": "multiply", "min_score": least}}
