"""From a compiled query to OpenSearch's query language: the same articles and scores as in the embedded engine.

What matches is a `filter` (`indexer.opensearch.filters`), what adds to scores are `should` clauses beside it. Lucene
scores a term by BM25 with the same constants and the inverse document frequency of all shards; what remains is to add,
to cap and to bound scores by the rules of `indexer.query.plan`:

| plan | scores |
|---|---|
| a word, by its lemmas | its levels; where the stem is missing, a script bounds root and similar stems |
| a loose word | the same, by any level |
| a phrase | as Lucene scores it |
| near words | a script scores them as one occurrence of a phrase, at any distance |
| terms, a pattern, a misspelled word | counted as one term by a script |
| the same in another field | terms the same way, by other scripts; patterns by their rarity alone |
| similar stems | their similarities, added, are a frequency; a script makes BM25 of it |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.opensearch.filters import (
    NOTHING,
    VOCABULARY_FIELD,
    FilterCompiler,
    QueryFilters,
    any_of,
    clean,
    mode_filters,
    phrase_query,
    terms_of,
)
from indexer.opensearch.statistics import Query, Statistics
from indexer.query.plan import (
    SIMILAR_WEIGHT,
    WEAK_CAP,
    AnyName,
    AnyTerm,
    CompiledQuery,
    Conjunction,
    DayRangePlan,
    Disjunction,
    FuzzyPlan,
    Part,
    PhrasePlan,
    Plan,
    SummedTerms,
    WeightedTerm,
    WildcardPlan,
    WordPlan,
)
from indexer.results import Sort
from indexer.search.bm25 import K1, B, idf

MAX_CLAUSES: Final = 900
"""Clauses of one query, well below the 1,024 that OpenSearch allows by default."""

_CLAUSES_PER_LEAF: Final = 12  # of a loose word without its similar stems, its filter included: more than others need
_CLAUSES_PER_FORM: Final = 4  # of a phrase, or of words near each other, for scores and filter

_HAS_LEMMA: Final = 64.0  # more than root and similar stems can score, and small enough for a score to keep its digits
_HAS_STEM: Final = 2 * _HAS_LEMMA
_BOUNDED: Final = (
    "double s = _score;"
    " if (s >= params.stem + params.lemma) { return s - params.stem - params.lemma }"
    " if (s >= params.stem) { return s - params.stem }"
    " if (s >= params.lemma) { return params.least * (1 - (1 - params.cap) / (1 + s - params.lemma)) }"
    " return Math.min(s, params.cap * params.least)"
)
"""Whether an article has the stem and the lemma is added to the score, so that a single query is enough."""
_AS_ONE: Final = (
    "double f = _score / (1 - _score);"
    " return params.weight * f / (f + params.base + params.slope * doc['length'].value)"
)
"""The score of an interval query is f / (f + 1) of a frequency f."""
_PER_TERM: Final = "double s = Math.min(_score / params.most, 0.9999); return s / (1 - s)"
"""A term's frequency in an article by the field's length norm, from its score: so those of several terms add up."""
_OF_TERMS: Final = "return params.weight * _score / (_score + 1)"
_ONCE: Final = "return params.weight / (1 + params.base + params.slope * doc['length'].value)"
_AS_FREQUENCY: Final = "return params.weight * _score / (_score + params.base + params.slope * doc['length'].value)"
"""The score is the frequency."""


@dataclass(frozen=True, slots=True)
class ScoredQuery:
    """A query with and without scores: `query` matches the same articles as `filter`, and scores them."""

    filter: Query
    query: Query

    def without(self, excluded: Sequence[Query]) -> ScoredQuery:
        """The same, except the articles that match any of some filters."""
        return ScoredQuery(
            *({"bool": {"must": [each], "must_not": list(excluded)}} for each in (self.filter, self.query))
        )


class Compiler:
    """Compiles queries and plans by the statistics of one commit of the index."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._filters = FilterCompiler(statistics)

    def filters(self, query: CompiledQuery) -> QueryFilters:
        """The filters of a query: its conditions, its parts, and its match modes."""
        parts = tuple(self._filters.compile(part.plan) for part in query.parts)
        self.prefetch(query)
        weights = list(map(self._weight_of_part, query.parts)) if len(parts) > 1 else []
        return QueryFilters(
            tuple(map(self._filters.compile, query.conditions)),
            tuple(map(self._filters.compile, query.required)),
            tuple(map(self._filters.compile, query.excluded)),
            parts,
            mode_filters(parts, weights),
        )

    def prefetch(self, query: CompiledQuery) -> None:
        """Fetches together the statistics that compiling a query needs one by one."""
        self._prefetch(query.scored, query.parts)

    def matching(self, query: CompiledQuery, filters: QueryFilters, sort: Sort) -> ScoredQuery:
        """What matches a query; an order by date needs no scores."""
        matching = filters.matching(query.match)
        if sort is not Sort.RELEVANCE or not query.scored:
            return ScoredQuery(matching, {"bool": {"filter": [matching]}})
        return ScoredQuery(matching, {"bool": {"filter": [matching], "should": self._scores(query.scored)}})

    def nearest(self, query: CompiledQuery, filters: QueryFilters, groups: Sequence[str]) -> ScoredQuery:
        """What matches only something of a query; without the articles of some groups."""
        self._prefetch(query.near)
        others = filters.not_matching(query.match, groups)
        near = {"bool": {"filter": [others], "should": self._scores(query.near), "minimum_should_match": 1}}
        return ScoredQuery(near, near)

    def candidates(self, query: CompiledQuery, filters: QueryFilters) -> ScoredQuery:
        """As `nearest`, with the articles that match nothing of the query; their score is 0."""
        self._prefetch(query.near)
        others = filters.not_matching(query.match, ())
        return ScoredQuery(others, {"bool": {"filter": [others], "should": self._scores(query.near)}})

    def plan(self, plan: Plan) -> ScoredQuery:
        """What matches a plan."""
        (query,) = self._scores((plan,))
        return ScoredQuery(query, query)

    def was_cut(self, pattern: WildcardPlan) -> bool:
        """Whether a pattern expands to more forms than are looked up."""
        return pattern.field == VOCABULARY_FIELD and self._statistics.expansion(pattern)[1]

    def _prefetch(self, plans: Iterable[Plan], parts: Sequence[Part] = ()) -> None:
        """Fetches together the statistics that compiling some plans, and the weights of parts, need one by one."""
        leaves = [leaf for plan in plans for leaf in _leaves(plan)]
        terms = [term for leaf in leaves for term in _scored_terms(leaf)]
        words = [leaf for leaf in leaves if isinstance(leaf, WordPlan) and leaf.loose]
        stems = [(word.strong.field, word.similar) for word in words if word.similar]
        weighed = [part.weighed for part in parts] if len(parts) > 1 else []
        weighed += [leaf for leaf in leaves if isinstance(leaf, AnyTerm) and len(leaf.terms) > 1]
        counted: dict[Plan, Query] = {plan: self._filters.compile(plan) for plan in weighed}
        self._statistics.prefetch(terms, stems, counted)

    def _weight_of_part(self, part: Part) -> float:
        """The weight of a part among the parts: its rarity; 0 if no article has it."""
        frequency = self._statistics.count(part.weighed, self._filters.compile(part.weighed))
        return idf(frequency, self._statistics.doc_count) if frequency else 0.0

    def _scores(self, plans: Sequence[Plan]) -> list[Query]:
        """The scored query of each plan."""
        leaves = [leaf for plan in plans for leaf in _leaves(plan)]
        expandable = sum(map(_is_expandable, leaves))
        forms = sum(len(leaf.forms) for leaf in leaves if isinstance(leaf, PhrasePlan))
        room = MAX_CLAUSES - _CLAUSES_PER_LEAF * len(leaves) - _CLAUSES_PER_FORM * forms
        scores = _ScoreCompiler(self._statistics, self._filters, max(0, room) // max(1, expandable))
        return [scores.compile(plan) for plan in plans]


class _ScoreCompiler:
    """Compiles the plans of one query; a word or pattern that expands to many terms has at most `max_terms` clauses."""

    def __init__(self, statistics: Statistics, filters: FilterCompiler, max_terms: int) -> None:
        self._statistics = statistics
        self._filters = filters
        self._max_terms = max_terms

    def compile(self, plan: Plan) -> Query:
        """The scored query of a plan or a part of it."""
        match plan:
            case Conjunction():
                return self._all(plan)
            case Disjunction():
                return any_of([self.compile(choice) for choice in plan.choices])
            case SummedTerms():
                return any_of([_term(level) for level in plan.terms])
            case WordPlan():
                return self._word(plan)
            case DayRangePlan() | AnyName():
                return {"bool": {"filter": [self._filters.compile(plan)]}}
            case AnyTerm():
                return self._as_one(plan, terms_of(plan))
            case WildcardPlan() | FuzzyPlan():
                return self._forms(plan)
            case PhrasePlan():
                return self._phrase(plan)

    def _all(self, plan: Conjunction) -> Query:
        if not plan.required:
            return {"bool": {"filter": [self._filters.compile(plan)]}}
        excluded = [self._filters.compile(one) for one in plan.excluded]
        return {"bool": {"must": [self.compile(part) for part in plan.required], "must_not": excluded}}

    # Words

    def _word(self, word: WordPlan) -> Query:
        strong, lemma = _term(word.strong), self._filters.compile(word.lemma)
        weak = [_term(word.root)] if word.root else []
        if word.loose:
            weak += self._similar(word)
        parts = [_term(level) for level in word.added]
        least = self._least(word, lemma)
        if least is None:  # no article has the word, and there is nothing to bound by
            return any_of([*parts, *weak]) if word.loose else NOTHING
        parts.append(strong)
        flags = [
            {"constant_score": {"filter": matching, "boost": boost}}
            for matching, boost in ((strong, _HAS_STEM), (lemma, _HAS_LEMMA))
        ]
        bounds = {"stem": _HAS_STEM, "lemma": _HAS_LEMMA, "cap": WEAK_CAP, "least": least}
        script = {"source": _BOUNDED, "params": bounds}
        parts.append({"script_score": {"query": any_of([*flags, *weak]), "script": script}})
        return any_of(parts) if word.loose else {"bool": {"filter": [lemma], "must": [any_of(parts)]}}

    def _least(self, word: WordPlan, lemma: Query) -> float | None:
        """The least that a match of a word's stem adds to any article; an estimate if no article has the stem.

        None if no article has the word at all.
        """
        least = self._statistics.least(word.strong)
        if least is None:
            count = self._statistics.count(word.lemma, lemma)
            least = word.strong.weight * self._idf(count) if count else None
        return least

    def _similar(self, word: WordPlan) -> list[Query]:
        """The stems similar to a word's: the similarities of those that an article has are added up as a frequency."""
        similar = self._statistics.similar(word.similar) if word.similar else ()
        if not similar:
            return []
        field = word.strong.field
        rarity = self._idf(self._statistics.count_any(field, [stem for stem, _ in similar]))
        clauses = [
            {"constant_score": {"filter": {"terms": {field: sorted(stems)}}, "boost": similarity}}
            for similarity, stems in _by_similarity(similar, max(1, self._max_terms))
        ]
        script = {"source": _AS_FREQUENCY, "params": self._norm(SIMILAR_WEIGHT * rarity)}
        return [{"script_score": {"query": any_of(clauses), "script": script}}]

    def _norm(self, weight: float) -> dict[str, float]:
        """The parameters of a script that makes BM25 of a frequency."""
        slope = K1 * B / max(1.0, self._statistics.mean_length)
        return {"weight": (K1 + 1) * weight, "base": K1 * (1 - B), "slope": slope}

    # Groups of terms

    def _forms(self, plan: WildcardPlan | FuzzyPlan) -> Query:
        if isinstance(plan, WildcardPlan) and plan.field != VOCABULARY_FIELD:
            return self._by_rarity(plan)
        return self._as_one(plan, self._statistics.expansion(plan)[0])

    def _as_one(self, plan: AnyTerm | WildcardPlan | FuzzyPlan, terms: Sequence[str]) -> Query:
        """Any of the terms, scored as one term: frequencies summed, articles counted once."""
        if not terms:
            return NOTHING
        if len(terms) == 1:
            return _term(WeightedTerm(plan.field, terms[0], _weight(plan)))
        if len(terms) > self._max_terms:
            return self._by_rarity(plan)
        if plan.field != VOCABULARY_FIELD:
            return self._summed(plan, terms) if isinstance(plan, AnyTerm) else self._by_rarity(plan)
        # Their frequency in an article is the number of intervals of one word; the script makes BM25 of it.
        words = [{"match": {"query": term, "analyzer": "whitespace"}} for term in terms]
        query = {"intervals": {plan.field: {"any_of": {"intervals": words}}}}
        script = {"source": _AS_ONE, "params": self._norm(_weight(plan) * self._rarity(plan))}
        return {"script_score": {"query": query, "script": script}}

    def _summed(self, plan: AnyTerm, terms: Sequence[str]) -> Query:
        """Any of the terms of a field without positions, scored as one term."""
        each = []
        for term in terms:
            if frequency := self._statistics.frequency(plan.field, term):
                script = {"source": _PER_TERM, "params": {"most": (K1 + 1) * self._idf(frequency)}}
                each.append({"script_score": {"query": _term(WeightedTerm(plan.field, term, 1.0)), "script": script}})
        weight = (K1 + 1) * _weight(plan) * self._rarity(plan)
        script = {"source": _OF_TERMS, "params": {"weight": weight}}
        return {"script_score": {"query": any_of(each), "script": script}} if each else NOTHING

    def _phrase(self, plan: PhrasePlan) -> Query:
        query = phrase_query(plan)
        if plan.distance is None or plan.field != VOCABULARY_FIELD or len(plan.forms) < 2:
            return query
        # Lucene gives words that are further apart a lower score.
        weight = sum(self._idf(self._statistics.frequency(plan.field, form)) for form in plan.forms)
        script = {"source": _ONCE, "params": self._norm(weight)}
        return {"script_score": {"query": query, "script": script}}

    def _by_rarity(self, plan: Plan) -> Query:
        return {"constant_score": {"filter": self._filters.compile(plan), "boost": _weight(plan) * self._rarity(plan)}}

    def _rarity(self, plan: Plan) -> float:
        return self._idf(self._statistics.count(plan, self._filters.compile(plan)))

    def _idf(self, frequency: int) -> float:
        return idf(frequency, self._statistics.doc_count)


def _weight(plan: Plan) -> float:
    return plan.weight if isinstance(plan, AnyTerm) else 1.0


def _leaves(plan: Plan) -> Iterator[Plan]:
    """The leaves of a plan: its words, phrases, patterns and values."""
    match plan:
        case Conjunction():
            for part in plan.required + plan.excluded:
                yield from _leaves(part)
        case Disjunction():
            for part in plan.choices:
                yield from _leaves(part)
        case _:
            yield plan


def _scored_terms(plan: Plan) -> list[tuple[str, str]]:
    """The terms (field, term) of a leaf whose statistics its scores need."""
    match plan:
        case WordPlan():
            return [(plan.strong.field, plan.strong.term)]
        case AnyTerm() if plan.field != VOCABULARY_FIELD and len(plan.terms) > 1:
            return [(plan.field, term) for term in terms_of(plan)]
        case PhrasePlan() if plan.field == VOCABULARY_FIELD and plan.distance is not None:
            return [(plan.field, form) for form in plan.forms]
    return []


def _by_similarity(similar: Sequence[tuple[str, float]], max_clauses: int) -> list[tuple[float, list[str]]]:
    """Stems, which come most similar first, one per clause; if there are too many, those of one similarity share one.

    An article that has two stems of a clause counts as if it had one. The last clause has all remaining stems.
    """
    if len(similar) <= max_clauses:
        return [(similarity, [stem]) for stem, similarity in similar]
    clauses: dict[float, list[str]] = {}
    for stem, similarity in similar:
        if similarity in clauses or len(clauses) < max_clauses:
            clauses.setdefault(similarity, []).append(stem)
        else:
            clauses[next(reversed(clauses))].append(stem)
    return list(clauses.items())


def _is_expandable(plan: Plan) -> bool:
    """Whether a leaf of a plan expands to many terms."""
    match plan:
        case WordPlan():
            return plan.loose and plan.similar is not None
        case AnyTerm():
            return len(plan.terms) > 1
    return isinstance(plan, (WildcardPlan, FuzzyPlan))


def _term(level: WeightedTerm) -> Query:
    return {"term": {level.field: {"value": clean(level.term), "boost": level.weight}}}
