"""From a plan to OpenSearch's query language: the same articles, with the scores that the plan's weights give.

Lucene scores a term by BM25 with the same constants and the inverse document frequency of all shards; so what is left
is to add, to cap and to bound as `indexer.executor` does:

| plan | query |
|---|---|
| a word, by its stem | `must` the stem, `should` the other levels |
| a word, by any level | the same where the stem is; elsewhere root and likeness, capped by a script |
| enough of many words | a filter that adds their rarities and wants a least sum (`min_score`) |
| a phrase; near words | `match_phrase`; `span_near` |
| a pattern, a misspelt word | its forms by the vocabulary, counted as one term by a script |
| like stems | their likenesses, added, are a frequency; a script makes BM25 of it |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from indexer.analysis import MAX_TERM_LENGTH
from indexer.opensearch.statistics import Statistics, wildcard
from indexer.plan import (
    SIMILAR_WEIGHT,
    WEAK_CAP,
    All,
    Days,
    LevelTerm,
    Misspelt,
    Names,
    OneOf,
    Pattern,
    PlainWord,
    Plan,
    Telling,
    Terms,
)
from indexer.plan import Sequence as SequencePlan
from indexer.scoring import K1, B, idf

Query = dict[str, Any]

MOST_CLAUSES: Final = 900
"""Clauses of one query, well below the 1,024 that OpenSearch takes unless it is told otherwise."""

_FIXED: Final = 12  # clauses of a word by any level, without its like stems: more than any other part has

NOTHING: Final[Query] = {"match_none": {}}
_VOCABULARY_FIELD: Final = "text_form"
_HERE: Final = 1024.0  # far more than any score, and few enough that a score's digits stay
_CAP: Final = "_score >= params.here ? _score - params.here : Math.min(_score, params.cap)"
_AS_ONE: Final = (
    "double f = _score / (1 - _score);"
    " return params.weight * f / (f + params.base + params.slope * doc['length'].value)"
)
"""An interval query's score is f / (f + 1) of a frequency f."""
_AS_FREQUENCY: Final = "return params.weight * _score / (_score + params.base + params.slope * doc['length'].value)"
"""The score is the frequency."""
_WINDOW: Final = "interval.end - interval.start <= {}"  # these scripts know no parameters


class Compiler:
    """Compiles plans by the statistics of one state of the index."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def query(self, plan: Plan) -> Query:
        """The query that meets what the plan meets, and scores it so."""
        parts = list(_parts(plan))
        elastic = [part for part in parts if isinstance(part, Pattern | Misspelt) or _is_similar(part)]
        room = MOST_CLAUSES - _FIXED * len(parts)
        return _Tree(self._statistics, max(0, room) // max(1, len(elastic))).query(plan)

    def every_word(self, plan: Plan) -> list[Query]:
        """For each `Most` that the plan wants a query for articles with all its words, by any level."""
        if False:
            words = [_Tree(self._statistics, 0).holds(word) for word in plan.words]
            return [{"bool": {"filter": words}} if words else NOTHING]
        if isinstance(plan, All):
            return [query for wanted in plan.wanted for query in self.every_word(wanted)]
        return []

    def was_cut(self, plan: Plan) -> bool:
        """Whether a pattern in the plan stands for more forms than are looked up."""
        match plan:
            case Pattern():
                return plan.field == _VOCABULARY_FIELD and self._statistics.forms(plan)[1]
            case All():
                return any(map(self.was_cut, plan.wanted + plan.excluded))
            case OneOf():
                return any(map(self.was_cut, plan.choices))
        return False


class _Tree:
    """Compiles one plan; like stems and forms beyond `most` of each word or pattern are looked up as one clause."""

    def __init__(self, statistics: Statistics, most: int) -> None:
        self._statistics = statistics
        self._most_each = most

    def query(self, plan: Plan) -> Query:
        """The query of a part of the plan."""
        match plan:
            case All():
                return self._all(plan)
            case OneOf():
                return _any([self.query(choice) for choice in plan.choices])
            case Telling():
                return _any([_term(level) for level in plan.terms])
            case PlainWord():
                return self._strict_word(plan)
            case Days():
                return _unscored(self._days(plan))
            case Names():
                known = self._statistics.names_of(plan.field)
                spellings = {spelling for name in plan.names for spelling in known.spellings(_clean(name))}
                return _unscored({"terms": {plan.field: sorted(spellings)}}) if spellings else NOTHING
            case Terms():
                return self._terms(plan)
            case Pattern() | Misspelt():
                return self._forms(plan)
            case SequencePlan():
                return self._sequence(plan)

    # Words

    def _strict_word(self, word: PlainWord) -> Query:
        added = [_term(level) for level in (*((word.root,) if word.root else ()), *word.added)]
        return {"bool": {"must": [_term(word.strong)], "should": added}}

    def _weak_word(self, word: PlainWord) -> Query:
        strong = _term(word.strong)
        weak = [_term(word.root)] if word.root else []
        weak += self._similar(word)
        parts = [_term(level) for level in word.added]
        least = self._statistics.least(word.strong)
        if least is None:  # nothing holds the word itself, and there is nothing to cap by
            return _any([*parts, *weak])
        parts.append(strong)
        if weak:
            # Whether the word itself is there goes into the score, so that all is looked at once.
            here = {"constant_score": {"filter": strong, "boost": _HERE}}
            script = {"source": _CAP, "params": {"here": _HERE, "cap": WEAK_CAP * least}}
            parts.append({"script_score": {"query": _any([here, *weak]), "script": script}})
        return _any(parts)

    def _similar(self, word: PlainWord) -> list[Query]:
        """The stems like a word's: the likenesses of those that an article holds are added to a frequency."""
        like = self._statistics.like(word.similar) if word.similar else ()
        if not like:
            return []
        field = word.strong.field
        rarity = idf(self._statistics.count_any(field, [stem for stem, _ in like]), self._statistics.doc_count)
        held = [
            {"constant_score": {"filter": {"terms": {field: sorted(stems)}}, "boost": likeness}}
            for likeness, stems in _classes(like, max(1, self._most_each))
        ]
        script = {"source": _AS_FREQUENCY, "params": self._norm(SIMILAR_WEIGHT * rarity)}
        return [{"script_score": {"query": _any(held), "script": script}}]

    def _norm(self, weight: float) -> dict[str, float]:
        """The parameters of a script that makes BM25 of a frequency."""
        slope = K1 * B / max(1.0, self._statistics.mean_length)
        return {"weight": (K1 + 1) * weight, "base": K1 * (1 - B), "slope": slope}

    def holds(self, word: PlainWord) -> Query:
        """A filter for the articles that hold a word by any level."""
        levels = [word.strong, *word.added, *((word.root,) if word.root else ())]
        by_field: dict[str, set[str]] = {}
        for level in levels:
            by_field.setdefault(level.field, set()).add(level.term)
        for stem, _ in self._statistics.like(word.similar) if word.similar else ():
            by_field.setdefault(word.strong.field, set()).add(stem)
        fields = [{"terms": {field: sorted(terms)}} for field, terms in by_field.items()]
        return {"bool": {"should": fields, "minimum_should_match": 1}}

    def _most(self, plan) -> Query:
        """The articles with enough of the words: each word counts with its idf, if the archive has it at all."""
        words, masses = [], []
        for word in plan.words:
            frequency = self._statistics.frequency(word.strong.field, word.strong.term)
            frequency = frequency or self._statistics.count(self.holds(word), ("holds", word))
            if frequency:
                words.append(word)
                masses.append(idf(frequency, self._statistics.doc_count))
        if not words:
            return NOTHING
        scored = [self._weak_word(word) for word in words]
        scored += [self._sequence(phrase) for phrase in plan.phrases]
        enough = LEAST_MASS * sum(masses) * (1 - 1e-6)
        if min(masses) >= enough:
            held = _any([self.holds(word) for word in words])
        else:
            counted = [
                {"constant_score": {"filter": self.holds(word), "boost": mass}}
                for word, mass in zip(words, masses, strict=True)
            ]
            held = {"function_score": {"query": _any(counted), "boost_mode": "multiply", "min_score": enough}}
        return {"bool": {"filter": [held], "should": scored}}

    # Groups of terms

    def _terms(self, plan: Terms) -> Query:
        terms = sorted({_clean(term[:MAX_TERM_LENGTH]) for term in plan.terms})
        if len(terms) == 1:
            return _term(LevelTerm(plan.field, terms[0], 1.0))
        return self._as_one(plan.field, terms)

    def _forms(self, plan: Pattern | Misspelt) -> Query:
        """Its forms as one term; of a field whose terms no vocabulary tells, scored by rarity alone."""
        if plan.field == _VOCABULARY_FIELD:
            return self._as_one(plan.field, self._statistics.forms(plan)[0])
        if isinstance(plan, Pattern):
            # OpenSearch bounds the forms of a wildcard by nothing, and these fields are small.
            query: Query = {"wildcard": {plan.field: {"value": wildcard(plan.pattern)}}}
        else:
            query = {"terms": {plan.field: sorted(self._statistics.forms(plan)[0])}}
        frequency = self._statistics.count(query, (type(plan), plan))
        return {"constant_score": {"filter": query, "boost": idf(frequency, self._statistics.doc_count)}}

    def _as_one(self, field: str, terms: Sequence[str]) -> Query:
        """Any of some terms, scored as one: frequencies summed, articles counted once."""
        if not terms:
            return NOTHING
        if len(terms) == 1:
            return _term(LevelTerm(field, terms[0], 1.0))
        weight = idf(self._statistics.count_any(field, terms), self._statistics.doc_count)
        if len(terms) > self._most_each:
            return {"constant_score": {"filter": {"terms": {field: sorted(terms)}}, "boost": weight}}
        # Their frequency in an article is how many intervals of one word there are; the script makes BM25 of it.
        words = [{"match": {"query": term, "analyzer": "whitespace"}} for term in terms]
        query = {"intervals": {field: {"any_of": {"intervals": words}}}}
        return {"script_score": {"query": query, "script": {"source": _AS_ONE, "params": self._norm(weight)}}}

    def _sequence(self, plan: SequencePlan) -> Query:
        forms = [_clean(form) for form in plan.forms]
        if not forms:
            return NOTHING
        if len(forms) == 1:
            return _term(LevelTerm(plan.field, forms[0], 1.0))
        if plan.distance is None:
            # Of the field's own analysis: the terms come apart at the spaces.
            return {"match_phrase": {plan.field: {"query": " ".join(forms)}}}
        slop = plan.distance + 1 - len(forms)
        if slop < 0:
            return NOTHING
        wanted = Counter(forms)
        if len(wanted) == 1:
            return self._window(plan.field, wanted, plan.distance)
        clauses = [{"span_term": {plan.field: form}} for form in wanted]
        # Without repeated words the span is as long as the distance allows.
        slop = plan.distance + 1 - len(wanted)
        near: Query = {"span_near": {"clauses": clauses, "slop": slop, "in_order": False}}
        if len(wanted) == len(forms):
            return near
        return {"bool": {"must": [near], "filter": [self._window(plan.field, wanted, plan.distance)]}}

    def _window(self, field: str, wanted: Counter[str], distance: int) -> Query:
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

    # Values and operators

    def _days(self, plan: Days) -> Query:
        bounds = {name: day for name, day in (("gte", plan.first), ("lte", plan.last)) if day}
        return {"range": {"day": bounds}} if bounds else {"exists": {"field": "day"}}

    def _all(self, plan: All) -> Query:
        value: dict[str, Any] = {}
        if plan.wanted:
            value["must"] = [self.query(wanted) for wanted in plan.wanted]
        else:
            value["filter"] = [{"match_all": {}}]
        if plan.excluded:
            value["must_not"] = [self.query(excluded) for excluded in plan.excluded]
        return {"bool": value}


def _parts(plan: Plan) -> Iterator[Plan]:
    """The words, phrases, patterns and values of a plan."""
    match plan:
        case All():
            for part in plan.wanted + plan.excluded:
                yield from _parts(part)
        case OneOf():
            for part in plan.choices:
                yield from _parts(part)
        case Most():
            yield from plan.words
            yield from plan.phrases
        case _:
            yield plan


def _classes(like: Sequence[tuple[str, float]], most: int) -> list[tuple[float, list[str]]]:
    """Stems by their likeness, which comes likest first; the last of `most` classes has all others."""
    classes: dict[float, list[str]] = {}
    for stem, likeness in like:
        if likeness in classes or len(classes) < most:
            classes.setdefault(likeness, []).append(stem)
        else:
            classes[next(reversed(classes))].append(stem)
    return list(classes.items())


def _is_similar(plan: Plan) -> bool:
    return isinstance(plan, PlainWord) and plan.similar is not None


def filtered(query: Query, filters: Iterable[Query]) -> Query:
    """A query within filters, which add nothing to the scores."""
    wanted = list(filters)
    return {"bool": {"must": [query], "filter": wanted}} if wanted else query


def _term(level: LevelTerm) -> Query:
    return {"term": {level.field: {"value": _clean(level.term), "boost": level.weight}}}


def _any(queries: Sequence[Query]) -> Query:
    """At least one of these; scores are added."""
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _unscored(query: Query) -> Query:
    return {"bool": {"filter": [query]}}


def _clean(term: str) -> str:
    """A term as it can be sent: what no text can hold is a letter that none has."""
    return term if term.isprintable() else term.encode("utf-8", "replace").decode("utf-8")
