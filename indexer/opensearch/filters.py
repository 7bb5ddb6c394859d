"""From a plan to a filter of OpenSearch's query language: the articles that the plan matches, without scores.

Filters cost a cluster less than scores do: what matches is counted and narrowed by them, and scored apart
(`indexer.opensearch.compile`).

| plan | filter |
|---|---|
| a word | `terms` of its lemmas |
| terms, a pattern, a misspelt word | `terms`: any number of them is one clause |
| a phrase; near words | `match_phrase`; `span_near`, or `intervals` where a word comes twice |
| days, names | `range`, `terms` |

The set of a query as filters: its conditions, its parts, and its three widths; and counting them.

`all` requires every part, `any` one of them. `most` requires parts with a share of the mass of all: those that must
not be missing are filters, and a number of the others is required. Only where no number says it does a query add up
masses.
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
    DayRange,
    Disjunction,
    FuzzyPlan,
    PhrasePlan,
    Plan,
    SummedTerms,
    WildcardPlan,
    WordPlan,
)
from indexer.results import MatchMode, PartCount, Widths

EVERYTHING: Final[Query] = {"match_all": {}}
NOTHING: Final[Query] = {"match_none": {}}

VOCABULARY_FIELD: Final = "text_form"
"""The field whose terms the vocabulary lists."""

_WINDOW: Final = "interval.end - interval.start <= {}"  # these scripts know no parameters


class Filters:
    """Compiles plans to filters by the statistics of one state of the index."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def of(self, plan: Plan) -> Query:
        """The filter of a plan. A word is matched by its lemmas: other levels belong to the ranking."""
        match plan:
            case Conjunction():
                return all_of(map(self.of, plan.required), map(self.of, plan.excluded))
            case Disjunction():
                return any_of([self.of(choice) for choice in plan.choices])
            case SummedTerms():
                return any_of([_term(term.field, term.term) for term in plan.terms])
            case WordPlan():
                return self.of(plan.lemma)
            case DayRange():
                return _days(plan)
            case AnyName():
                return self._names(plan)
            case AnyTerm():
                return _terms(plan.field, terms_of(plan))
            case WildcardPlan() | FuzzyPlan():
                return self._forms(plan)
            case PhrasePlan():
                return sequence(plan)

    def _names(self, plan: AnyName) -> Query:
        known = self._statistics.names_of(plan.field)
        return _terms(plan.field, {spelling for name in plan.names for spelling in known.spellings(clean(name))})

    def _forms(self, plan: WildcardPlan | FuzzyPlan) -> Query:
        if isinstance(plan, WildcardPlan) and plan.field != VOCABULARY_FIELD:
            # OpenSearch bounds the forms of a wildcard by nothing, and these fields are small.
            return {"wildcard": {plan.field: {"value": wildcard(plan.pattern)}}}
        return _terms(plan.field, self._statistics.forms(plan)[0])


def all_of(wanted: Iterable[Query], excluded: Iterable[Query] = ()) -> Query:
    """All of some filters and none of others; every article where nothing is wanted."""
    filters, without = list(wanted), list(excluded)
    if len(filters) == 1 and not without:
        return filters[0]
    return {"bool": {"filter": filters or [EVERYTHING], **({"must_not": without} if without else {})}}


def any_of(queries: Sequence[Query]) -> Query:
    """At least one of some queries, their scores added; no article where there are none."""
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def sequence(plan: PhrasePlan) -> Query:
    """A phrase, or words near each other: as a filter, and for its scores."""
    forms = [clean(form) for form in plan.forms]
    if not forms:
        return NOTHING
    if len(forms) == 1:
        return _term(plan.field, forms[0])
    if plan.distance is None:
        # Of the field's own analysis: the terms come apart at the spaces.
        return {"match_phrase": {plan.field: {"query": " ".join(forms)}}}
    if plan.distance + 1 < len(forms):
        return NOTHING
    wanted = Counter(forms)
    if len(wanted) == 1:
        return _window(plan.field, wanted, plan.distance)
    clauses = [{"span_term": {plan.field: form}} for form in wanted]
    # Without repeated words the span is as long as the distance allows.
    slop = plan.distance + 1 - len(wanted)
    near: Query = {"span_near": {"clauses": clauses, "slop": slop, "in_order": False}}
    if len(wanted) == len(forms):
        return near
    return {"bool": {"must": [near], "filter": [_window(plan.field, wanted, plan.distance)]}}


def terms_of(plan: AnyTerm) -> list[str]:
    """The terms of a plan as the index has them."""
    return sorted({clean(term[:MAX_TERM_LENGTH]) for term in plan.terms})


def clean(term: str) -> str:
    """A term as it can be sent: what no text can hold is a letter that none has."""
    return term if term.isprintable() else term.encode("utf-8", "replace").decode("utf-8")


def _window(field: str, wanted: Counter[str], distance: int) -> Query:
    """Each form so often, the first and the last at most `distance` apart."""
    sources = []
    for form, times in wanted.items():
        one: Query = {"match": {"query": form, "analyzer": "whitespace"}}
        sources.append(one if times == 1 else {"all_of": {"intervals": [one] * times, "mode": "ordered"}})
    inner = sources[0] if len(sources) == 1 else {"all_of": {"intervals": sources, "mode": "unordered"}}
    ((kind, value),) = inner.items()
    kept = {"script": {"source": _WINDOW.format(distance)}}
    bounded = {kind: {**value, "filter": kept}}
    return {"intervals": {field: bounded}}


def _days(plan: DayRange) -> Query:
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
    needed, weighed, left = [], [], minimum_weight(total)
    for part, mass in zip(parts, masses, strict=True):
        if is_indispensable(mass, total):
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
