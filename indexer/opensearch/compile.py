"""From a compiled query to OpenSearch's query language: the same articles, with the scores that its weights give.

What matches is a `filter` (`indexer.opensearch.filters`, `sets`), what it scores are `should` clauses beside it. Lucene
scores a term by BM25 with the same constants and the inverse document frequency of all shards; so what is left is to
add, to cap and to bound as `indexer.embedded.executor` does:

| plan | scores |
|---|---|
| a word, by its lemmas | its levels; root and likeness are bounded by a script where the stem is not |
| a loose word | the same, by any level |
| a phrase | as Lucene scores it |
| near words | a script scores them as a phrase that is there once, however far apart they are |
| terms, a pattern, a misspelt word | counted as one term by a script |
| the same in another field | terms the same way, by other scripts; patterns by their rarity alone |
| like stems | their likenesses, added, are a frequency; a script makes BM25 of it |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.opensearch.filters import (
    NOTHING,
    VOCABULARY_FIELD,
    Filtered,
    Filters,
    any_of,
    clean,
    sequence,
    terms_of,
    widths_of,
)
from indexer.opensearch.statistics import Query, Statistics
from indexer.query.plan import (
    SIMILAR_WEIGHT,
    WEAK_CAP,
    AnyName,
    AnyTerm,
    CompiledQuery,
    Conjunction,
    DayRange,
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

MOST_CLAUSES: Final = 900
"""Clauses of one query, well below the 1,024 that OpenSearch allows by default."""

_FIXED: Final = 12  # clauses of a loose word without its like stems, its filter included: more than others have
_EACH: Final = 4  # clauses of each word of a phrase, or of words near each other, for scores and filter

_HELD: Final = 64.0  # more than root and likeness can score, and so little that a score keeps its digits
_HERE: Final = 2 * _HELD
_BOUNDED: Final = (
    "double s = _score;"
    " if (s >= params.here) { return s >= params.here + params.held ? s - params.here - params.held : s - params.here }"
    " if (s >= params.held) { return params.least * (1 - (1 - params.cap) / (1 + s - params.held)) }"
    " return Math.min(s, params.cap * params.least)"
)
"""Marks of the stem and of the lemma are part of the score, so that all is looked at once."""
_AS_ONE: Final = (
    "double f = _score / (1 - _score);"
    " return params.weight * f / (f + params.base + params.slope * doc['length'].value)"
)
"""An interval query's score is f / (f + 1) of a frequency f."""
_PER_TERM: Final = "double s = Math.min(_score / params.most, 0.9999); return s / (1 - s)"
"""A term's frequency in an article by the field's length norm, from its score: so those of several can be added."""
_OF_TERMS: Final = "return params.weight * _score / (_score + 1)"
_ONCE: Final = "return params.weight / (1 + params.base + params.slope * doc['length'].value)"
_AS_FREQUENCY: Final = "return params.weight * _score / (_score + params.base + params.slope * doc['length'].value)"
"""The score is the frequency."""


@dataclass(frozen=True, slots=True)
class RankedSet:
    """A set of articles: `filter` has them, `query` has the same and scores them."""

    filter: Query
    query: Query


class Compiler:
    """Compiles queries and plans by the statistics of one state of the index."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._filters = Filters(statistics)

    def filtered(self, query: CompiledQuery) -> Filtered:
        """The filters of a query: its conditions, parts and widths."""
        parts = tuple(self._filters.of(part.plan) for part in query.parts)
        self.prepare(query)
        masses = list(map(self._mass, query.parts)) if len(parts) > 1 else []
        return Filtered(
            tuple(map(self._filters.of, query.conditions)),
            tuple(map(self._filters.of, query.required)),
            tuple(map(self._filters.of, query.excluded)),
            parts,
            widths_of(parts, masses),
        )

    def prepare(self, query: CompiledQuery) -> None:
        """Asks together what the compiling of a query will ask one by one."""
        self._prepare(query.scored, query.parts)

    def matching(self, query: CompiledQuery, filtered: Filtered, sort: Sort) -> RankedSet:
        """What matches a query; an order by date needs no scores."""
        matching = filtered.matching(query.match)
        if sort is not Sort.RELEVANCE or not query.scored:
            return RankedSet(matching, {"bool": {"filter": [matching]}})
        return RankedSet(matching, {"bool": {"filter": [matching], "should": self._scores(query.scored)}})

    def nearest(self, query: CompiledQuery, filtered: Filtered, groups: Sequence[str]) -> RankedSet:
        """What does not match a query and has something of it; without the articles of some groups."""
        self._prepare(query.near)
        others = filtered.others(query.match, groups)
        near = {"bool": {"filter": [others], "should": self._scores(query.near), "minimum_should_match": 1}}
        return RankedSet(near, near)

    def plan(self, plan: Plan) -> RankedSet:
        """What matches a plan."""
        (query,) = self._scores((plan,))
        return RankedSet(query, query)

    def was_cut(self, pattern: WildcardPlan) -> bool:
        """Whether a pattern stands for more forms than are looked up."""
        return pattern.field == VOCABULARY_FIELD and self._statistics.forms(pattern)[1]

    def _prepare(self, plans: Iterable[Plan], parts: Sequence[Part] = ()) -> None:
        """Asks together what the compiling of some plans, and the masses of parts, will ask one by one."""
        leaves = [leaf for plan in plans for leaf in _leaves(plan)]
        terms = [term for leaf in leaves for term in _scored_terms(leaf)]
        words = [leaf for leaf in leaves if isinstance(leaf, WordPlan) and leaf.loose]
        stems = [(word.strong.field, word.similar) for word in words if word.similar]
        weighed = [part.weighed for part in parts] if len(parts) > 1 else []
        weighed += [leaf for leaf in leaves if isinstance(leaf, AnyTerm) and len(leaf.terms) > 1]
        counted: dict[Plan, Query] = {plan: self._filters.of(plan) for plan in weighed}
        self._statistics.prepare(terms, stems, counted)

    def _mass(self, part: Part) -> float:
        """What a part weighs among the parts: its rarity; nothing where no article has it."""
        frequency = self._statistics.count(part.weighed, self._filters.of(part.weighed))
        return idf(frequency, self._statistics.doc_count) if frequency else 0.0

    def _scores(self, plans: Sequence[Plan]) -> list[Query]:
        """For each plan the query that matches what it matches, and scores it so."""
        leaves = [leaf for plan in plans for leaf in _leaves(plan)]
        elastic = sum(map(_is_elastic, leaves))
        placed = sum(len(leaf.forms) for leaf in leaves if isinstance(leaf, PhrasePlan))
        room = MOST_CLAUSES - _FIXED * len(leaves) - _EACH * placed
        scores = _Scores(self._statistics, self._filters, max(0, room) // max(1, elastic))
        return [scores.of(plan) for plan in plans]


class _Scores:
    """Compiles the plans of one query; like stems and forms beyond `most` of each word or pattern are one clause."""

    def __init__(self, statistics: Statistics, filters: Filters, most: int) -> None:
        self._statistics = statistics
        self._filters = filters
        self._most = most

    def of(self, plan: Plan) -> Query:
        """The scored query of a plan or a part of it."""
        match plan:
            case Conjunction():
                return self._all(plan)
            case Disjunction():
                return any_of([self.of(choice) for choice in plan.choices])
            case SummedTerms():
                return any_of([_term(level) for level in plan.terms])
            case WordPlan():
                return self._word(plan)
            case DayRange() | AnyName():
                return {"bool": {"filter": [self._filters.of(plan)]}}
            case AnyTerm():
                return self._as_one(plan, terms_of(plan))
            case WildcardPlan() | FuzzyPlan():
                return self._forms(plan)
            case PhrasePlan():
                return self._sequence(plan)

    def _all(self, plan: Conjunction) -> Query:
        if not plan.required:
            return {"bool": {"filter": [self._filters.of(plan)]}}
        excluded = [self._filters.of(one) for one in plan.excluded]
        return {"bool": {"must": [self.of(wanted) for wanted in plan.required], "must_not": excluded}}

    # Words

    def _word(self, word: WordPlan) -> Query:
        strong, held = _term(word.strong), self._filters.of(word.lemma)
        weak = [_term(word.root)] if word.root else []
        if word.loose:
            weak += self._similar(word)
        parts = [_term(level) for level in word.added]
        least = self._least(word, held)
        if least is None:  # nothing holds the word, and there is nothing to bound by
            return any_of([*parts, *weak]) if word.loose else NOTHING
        parts.append(strong)
        marks = [
            {"constant_score": {"filter": found, "boost": boost}} for found, boost in ((strong, _HERE), (held, _HELD))
        ]
        bounds = {"here": _HERE, "held": _HELD, "cap": WEAK_CAP, "least": least}
        script = {"source": _BOUNDED, "params": bounds}
        parts.append({"script_score": {"query": any_of([*marks, *weak]), "script": script}})
        return any_of(parts) if word.loose else {"bool": {"filter": [held], "must": [any_of(parts)]}}

    def _least(self, word: WordPlan, held: Query) -> float | None:
        """The least that a match of a word's stem adds to any article, or what it might where there is none.

        None where no article has the word at all.
        """
        least = self._statistics.least(word.strong)
        if least is None:
            count = self._statistics.count(word.lemma, held)
            least = word.strong.weight * self._idf(count) if count else None
        return least

    def _similar(self, word: WordPlan) -> list[Query]:
        """The stems like a word's: the likenesses of those that an article holds are added to a frequency."""
        like = self._statistics.like(word.similar) if word.similar else ()
        if not like:
            return []
        field = word.strong.field
        rarity = self._idf(self._statistics.count_any(field, [stem for stem, _ in like]))
        held = [
            {"constant_score": {"filter": {"terms": {field: sorted(stems)}}, "boost": likeness}}
            for likeness, stems in _classes(like, max(1, self._most))
        ]
        script = {"source": _AS_FREQUENCY, "params": self._norm(SIMILAR_WEIGHT * rarity)}
        return [{"script_score": {"query": any_of(held), "script": script}}]

    def _norm(self, weight: float) -> dict[str, float]:
        """The parameters of a script that makes BM25 of a frequency."""
        slope = K1 * B / max(1.0, self._statistics.mean_length)
        return {"weight": (K1 + 1) * weight, "base": K1 * (1 - B), "slope": slope}

    # Groups of terms

    def _forms(self, plan: WildcardPlan | FuzzyPlan) -> Query:
        if isinstance(plan, WildcardPlan) and plan.field != VOCABULARY_FIELD:
            return self._by_rarity(plan)
        return self._as_one(plan, self._statistics.forms(plan)[0])

    def _as_one(self, plan: AnyTerm | WildcardPlan | FuzzyPlan, terms: Sequence[str]) -> Query:
        """Any of some terms, scored as one: frequencies summed, articles counted once."""
        if not terms:
            return NOTHING
        if len(terms) == 1:
            return _term(WeightedTerm(plan.field, terms[0], _weight(plan)))
        if len(terms) > self._most:
            return self._by_rarity(plan)
        if plan.field != VOCABULARY_FIELD:
            return self._summed(plan, terms) if isinstance(plan, AnyTerm) else self._by_rarity(plan)
        # Their frequency in an article is how many intervals of one word there are; the script makes BM25 of it.
        words = [{"match": {"query": term, "analyzer": "whitespace"}} for term in terms]
        query = {"intervals": {plan.field: {"any_of": {"intervals": words}}}}
        script = {"source": _AS_ONE, "params": self._norm(_weight(plan) * self._rarity(plan))}
        return {"script_score": {"query": query, "script": script}}

    def _summed(self, plan: AnyTerm, terms: Sequence[str]) -> Query:
        """Any of some terms of a field without positions, scored as one."""
        each = []
        for term in terms:
            if frequency := self._statistics.frequency(plan.field, term):
                script = {"source": _PER_TERM, "params": {"most": (K1 + 1) * self._idf(frequency)}}
                each.append({"script_score": {"query": _term(WeightedTerm(plan.field, term, 1.0)), "script": script}})
        weight = (K1 + 1) * _weight(plan) * self._rarity(plan)
        script = {"source": _OF_TERMS, "params": {"weight": weight}}
        return {"script_score": {"query": any_of(each), "script": script}} if each else NOTHING

    def _sequence(self, plan: PhrasePlan) -> Query:
        query = sequence(plan)
        if plan.distance is None or plan.field != VOCABULARY_FIELD or len(plan.forms) < 2:
            return query
        # Lucene counts words that are further apart for less.
        weight = sum(self._idf(self._statistics.frequency(plan.field, form)) for form in plan.forms)
        script = {"source": _ONCE, "params": self._norm(weight)}
        return {"script_score": {"query": query, "script": script}}

    def _by_rarity(self, plan: Plan) -> Query:
        return {"constant_score": {"filter": self._filters.of(plan), "boost": _weight(plan) * self._rarity(plan)}}

    def _rarity(self, plan: Plan) -> float:
        return self._idf(self._statistics.count(plan, self._filters.of(plan)))

    def _idf(self, frequency: int) -> float:
        return idf(frequency, self._statistics.doc_count)


def _weight(plan: Plan) -> float:
    return plan.weight if isinstance(plan, AnyTerm) else 1.0


def _leaves(plan: Plan) -> Iterator[Plan]:
    """The words, phrases, patterns and values of a plan."""
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
    """The terms (field, term) of a part of a plan that are looked up one by one."""
    match plan:
        case WordPlan():
            return [(plan.strong.field, plan.strong.term)]
        case AnyTerm() if plan.field != VOCABULARY_FIELD and len(plan.terms) > 1:
            return [(plan.field, term) for term in terms_of(plan)]
        case PhrasePlan() if plan.field == VOCABULARY_FIELD and plan.distance is not None:
            return [(plan.field, form) for form in plan.forms]
    return []


def _classes(like: Sequence[tuple[str, float]], most: int) -> list[tuple[float, list[str]]]:
    """Stems, which come likest first, each alone; of more than `most` those of one likeness together.

    An article that holds two of a class counts as if it held one. The last of `most` classes has all others.
    """
    if len(like) <= most:
        return [(likeness, [stem]) for stem, likeness in like]
    classes: dict[float, list[str]] = {}
    for stem, likeness in like:
        if likeness in classes or len(classes) < most:
            classes.setdefault(likeness, []).append(stem)
        else:
            classes[next(reversed(classes))].append(stem)
    return list(classes.items())


def _is_elastic(plan: Plan) -> bool:
    """Whether a part of a plan stands for many terms."""
    match plan:
        case WordPlan():
            return plan.loose and plan.similar is not None
        case AnyTerm():
            return len(plan.terms) > 1
    return isinstance(plan, (WildcardPlan, FuzzyPlan))


def _term(level: WeightedTerm) -> Query:
    return {"term": {level.field: {"value": clean(level.term), "boost": level.weight}}}
