"""Executing plans over one snapshot: array operations, segment by segment, with the statistics of all segments.

For each segment a plan gives the documents that match it, ascending, and their scores (`DocSet`). Patterns and
misspelt words are first expanded to the terms of the segment's dictionaries that they match (`Expansion`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer import budget
from indexer.analysis import MAX_TERM_LENGTH
from indexer.codec import Kind
from indexer.embedded import phrases
from indexer.embedded.doc_sets import (
    NONE,
    DocSet,
    Workspace,
    all_docs,
    both,
    places,
    scores_at,
    summed_occurrences,
    union,
    without,
)
from indexer.embedded.snapshot import SegmentView, Snapshot
from indexer.embedded.term_scores import ArrayCache, TermScores
from indexer.query.minimum_match import minimum_weight
from indexer.query.plan import (
    MAX_EXPANSION,
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
from indexer.search.bm25 import bm25, idf

_LEAST_MASS: Final = np.finfo(np.float32).tiny  # of a document that has any part


@dataclass(frozen=True, slots=True)
class MatchSet:
    """The documents that match a query, and their counts."""

    sets: Sequence[DocSet]
    """The matching documents of each segment, scored."""
    permitted: Sequence[np.ndarray | None]
    """The documents of each segment that fulfil the query's conditions, ascending; None for all."""
    total: int
    """Matching documents."""
    mode_counts: ModeCounts | None
    """Documents that match in each mode; None if the query has no parts."""
    parts: tuple[PartCount, ...]
    """Documents that have each part."""


class Executor:
    """Executes plans over a snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, cache_bytes: int) -> None:
        self.snapshot = snapshot
        self._expansions: ArrayCache[Expansion] = ArrayCache(cache_bytes // 16)
        self._space = Workspace()
        self._terms = TermScores(snapshot, cache_bytes, self._space)

    def run(self, plan: Plan) -> list[DocSet]:
        """The live documents that match a plan in each segment, scored.

        Of a pattern that matches more than `MAX_EXPANSION` forms only the most frequent are used; see `was_cut`.
        """
        found = []
        for number, segment in enumerate(self.snapshot.segments):
            matches = self._segment(plan, number)
            if segment.live is not None and len(matches.docs):
                live = segment.live[matches.docs]
                matches = DocSet(matches.docs[live], matches.scores[live])
            found.append(matches)
        return found

    def match(self, query: CompiledQuery) -> MatchSet:
        """The documents that match a query, scored; counted for each match mode and part."""
        several = len(query.parts) > 1
        masses = np.array([self._mass(part.weighed) if several else 1.0 for part in query.parts], np.float32)
        counts = np.zeros(len(query.parts), np.int64)
        counts_by_mode = np.zeros(len(MatchMode), np.int64)
        found, allowed = [], []
        for at, segment in enumerate(self.snapshot.segments):
            permitted = self._permitted(query, at)
            lists = [self._within(self._docs(part.plan, at), permitted, segment) for part in query.parts]
            if lists:
                by_mode = _by_mode(lists, masses, segment.doc_count, self._space)
                counts += [len(docs) for docs in lists]
                for required in self._required(query, at) if several else ():
                    by_mode = {mode: self._within(some, required, segment) for mode, some in by_mode.items()}
                docs = by_mode[query.match]
                counts_by_mode += [len(by_mode[mode]) for mode in MatchMode]
            else:
                docs = np.arange(segment.doc_count) if permitted is None else permitted
            found.append(DocSet(docs, self._scores(query.scored, docs, at)))
            allowed.append(permitted)
        parts = zip(query.parts, counts.tolist(), strict=True)
        return MatchSet(
            found,
            allowed,
            sum(len(matches.docs) for matches in found),
            ModeCounts(*counts_by_mode.tolist()) if query.parts else None,
            tuple(PartCount(part.text, count) for part, count in parts),
        )

    def nearest(self, query: CompiledQuery, matched: MatchSet) -> list[DocSet]:
        """The documents that do not match a query but have something of it, scored."""
        found = []
        for at, segment in enumerate(self.snapshot.segments):
            parts = [self._segment(plan, at) for plan in query.near]
            near = np.zeros(segment.doc_count, np.bool_)
            for part in parts:
                near[part.docs] = True
            permitted = matched.permitted[at]
            for docs in (*([] if permitted is None else [permitted]), *self._required(query, at)):
                there = np.zeros(segment.doc_count, np.bool_)
                there[docs] = True
                near &= there
            near[matched.sets[at].docs] = False
            docs = np.flatnonzero(near)
            found.append(DocSet(docs, scores_at(docs, parts, segment.doc_count)))
        return found

    def eligible(self, query: CompiledQuery, matched: MatchSet) -> list[np.ndarray] | None:
        """The documents of each segment that fulfil the conditions of a query and have all that it requires, ascending.

        None for a query without conditions: these are all live documents.
        """
        if not (query.conditions or query.excluded or query.required):
            return None
        found = []
        for at, segment in enumerate(self.snapshot.segments):
            permitted = matched.permitted[at]
            docs = np.arange(segment.doc_count) if permitted is None else permitted
            for required in self._required(query, at):
                docs = self._within(docs, required, segment)
            found.append(docs)
        return found

    def was_cut(self, pattern: WildcardPlan) -> bool:
        """Whether a pattern matches more forms than were used."""
        return self._expanded(pattern).cut

    def _mass(self, plan: Plan) -> float:
        """The weight of a part among the parts: its inverse document frequency, 0 if no document has it."""
        frequency = sum(len(self._docs(plan, at)) for at in range(len(self.snapshot.segments)))
        return idf(frequency, self.snapshot.doc_count) if frequency else 0.0

    def _permitted(self, query: CompiledQuery, at: int) -> np.ndarray | None:
        """The live documents that fulfil the conditions of a query, ascending; None for all documents."""
        segment = self.snapshot.segments[at]
        if not query.conditions and not query.excluded:
            return None if segment.live is None else np.flatnonzero(segment.live)
        docs = self._all(Conjunction(query.conditions, query.excluded), at).docs
        return docs if segment.live is None else docs[segment.live[docs]]

    def _required(self, query: CompiledQuery, at: int) -> list[np.ndarray]:
        """The documents of each plan that is required in every match mode."""
        return [self._docs(plan, at) for plan in query.required]

    def _within(self, docs: np.ndarray, permitted: np.ndarray | None, segment: SegmentView) -> np.ndarray:
        if permitted is None:
            return docs
        kept: np.ndarray = docs[places(docs, permitted, segment.doc_count, self._space)]
        return kept

    def _scores(self, plans: Sequence[Plan], docs: np.ndarray, at: int) -> np.ndarray:
        """The summed scores that some plans give to documents; float32[docs]."""
        parts = [self._segment(plan, at) for plan in plans]
        if len(parts) == 1 and len(parts[0].docs) == len(docs):
            return parts[0].scores  # the plan that scores is the one that matches
        return scores_at(docs, parts, self.snapshot.segments[at].doc_count)

    def _docs(self, plan: Plan, at: int) -> np.ndarray:
        """The documents that match a plan, ascending, for callers that need no scores."""
        if isinstance(plan, Disjunction):
            lists = [self._docs(choice, at) for choice in plan.choices]
            return all_docs(lists, self._terms.doc_count(at), self._space)
        return self._segment(plan, at).docs

    def _segment(self, plan: Plan, at: int) -> DocSet:
        budget.check()
        segment = self.snapshot.segments[at]
        match plan:
            case Conjunction():
                return self._all(plan, at)
            case Disjunction():
                return union([self._segment(choice, at) for choice in plan.choices], segment.doc_count, self._space)
            case SummedTerms():
                return union([self._terms.levels((term,), at) for term in plan.terms], segment.doc_count, self._space)
            case WordPlan():
                return self._terms.weak_word(plan, at) if plan.loose else self._terms.strict_word(plan, at)
            case DayRangePlan():
                return self._days(plan, segment)
            case AnyName():
                return self._names(plan, segment)
            case AnyTerm() if segment.field(plan.field).kind is Kind.EXISTENCE:
                return self._terms.holders(plan, at)
            case AnyTerm() | WildcardPlan() | FuzzyPlan():
                return self._terms.cached(plan, at, lambda: self._group(plan, at))
            case PhrasePlan():
                return self._terms.cached(plan, at, lambda: self._sequence(plan, at))

    def _group(self, plan: AnyTerm | WildcardPlan | FuzzyPlan, at: int) -> DocSet:
        """Any of some terms, scored as one term: frequencies summed, documents counted once."""
        counts = self._terms.occurrences(plan, lambda i: self._counted(plan.field, self._expanded(plan).numbers[i], i))
        weight = plan.weight if isinstance(plan, AnyTerm) else 1.0
        return self._terms.scored(counts, plan.field, weight, at)

    def _expanded(self, plan: AnyTerm | WildcardPlan | FuzzyPlan) -> Expansion:
        return self._expansions.get(plan, lambda: _expand(plan, self.snapshot))

    def _counted(self, field_name: str, numbers: np.ndarray, at: int) -> DocSet:
        segment = self.snapshot.segments[at]
        field = segment.field(field_name)
        docs, freqs, _ = field.postings(numbers)
        if len(numbers) == 1:
            return DocSet(docs.astype(np.intp), freqs.astype(np.float32))
        return summed_occurrences(docs, freqs, segment.doc_count, self._space)

    def _sequence(self, plan: PhrasePlan, at: int) -> DocSet:
        found = self._places(plan, at)
        if not len(found.docs):
            return NONE
        # The weight of a phrase is the sum of its words'.
        weight = sum(idf(self.snapshot.frequency(plan.field, form), self.snapshot.doc_count) for form in plan.forms)
        return DocSet(found.docs, bm25(weight, found.scores, self._terms.norm(plan.field, at)[found.docs]))

    def _places(self, plan: PhrasePlan, at: int) -> DocSet:
        """The documents that have the forms so placed, and how often."""
        field = self.snapshot.segments[at].field(plan.field)
        numbers = [field.find(form.encode("utf-8", "surrogatepass")) for form in plan.forms]
        if not numbers or min(numbers) < 0:
            return NONE
        if len(numbers) == 1:
            docs, tf = field.docs(numbers[0]).astype(np.intp), field.freqs(numbers[0])
        elif plan.distance is None:
            docs, tf = phrases.phrase(field, numbers)
        else:
            docs, tf = phrases.near(field, numbers, plan.distance)
        return DocSet(docs, tf.astype(np.float32))

    def _days(self, plan: DayRangePlan, segment: SegmentView) -> DocSet:
        field = segment.field("day")
        first = field.lower_bound(plan.first.encode()) if plan.first else 0
        last = field.lower_bound(plan.last.encode() + b"\xff") if plan.last else field.term_count
        docs = np.sort(field.flat_docs[int(field.starts[first]) : int(field.starts[max(first, last)])]).astype(np.intp)
        return DocSet(docs, np.zeros(len(docs), np.float32))

    def _names(self, plan: AnyName, segment: SegmentView) -> DocSet:
        field = segment.field(plan.field)
        names = self.snapshot.names_of(plan.field)
        spellings = {spelling for name in plan.names for spelling in names.spellings(name)}
        numbers = [field.find(name.encode("utf-8", "surrogatepass")) for name in sorted(spellings)]
        lists = [field.docs(number) for number in numbers if number >= 0]
        docs = np.unique(np.concatenate(lists)).astype(np.intp) if lists else NONE.docs
        return DocSet(docs, np.zeros(len(docs), np.float32))

    def _all(self, plan: Conjunction, at: int) -> DocSet:
        doc_count = self._terms.doc_count(at)
        parts = sorted(
            (self._segment(required, at) for required in plan.required), key=lambda matches: len(matches.docs)
        )
        if parts:
            matches = parts[0]
            for other in parts[1:]:
                matches = both(matches, other, doc_count, self._space)
        else:
            matches = DocSet(np.arange(doc_count), np.zeros(doc_count, np.float32))
        for excluded in plan.excluded:
            matches = without(matches, self._segment(excluded, at).docs, doc_count, self._space)
        return matches


@dataclass(frozen=True, slots=True)
class Expansion:
    """The terms that a plan stands for in each segment."""

    numbers: tuple[np.ndarray, ...]
    """The numbers of the terms in each segment, ascending."""
    cut: bool
    """Whether a segment has more than `MAX_EXPANSION` such terms; then these are the most frequent."""

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(int(numbers.nbytes) for numbers in self.numbers)


def _expand(plan: AnyTerm | WildcardPlan | FuzzyPlan, snapshot: Snapshot) -> Expansion:
    """Expand a plan to the terms that it stands for."""
    found = [_numbers(plan, segment) for segment in snapshot.segments]
    kept = tuple(
        _most_frequent(plan.field, numbers, segment) for numbers, segment in zip(found, snapshot.segments, strict=True)
    )
    return Expansion(kept, any(len(numbers) > MAX_EXPANSION for numbers in found))


def _by_mode(
    lists: Sequence[np.ndarray], masses: np.ndarray, doc_count: int, space: Workspace
) -> dict[MatchMode, np.ndarray]:
    """The documents of a segment, ascending, that have all of some parts, most of them by weight, or any.

    Args:
        lists: the documents of each part, ascending.
        masses: the weight of each part; float32[parts].
        doc_count: documents of the segment.
        space: for scratch arrays.
    """
    if len(lists) == 1:
        return dict.fromkeys(MatchMode, lists[0])
    common, *rest = sorted(lists, key=len)
    for docs in rest:
        common = common[places(common, docs, doc_count, space)]
    held = np.zeros(doc_count, np.float32)
    for docs, mass in zip(lists, masses, strict=True):
        held[docs] += mass
    enough = np.float32(minimum_weight(float(masses.sum())))
    return {
        MatchMode.ALL: common,
        MatchMode.MOST: np.flatnonzero(held >= max(enough, _LEAST_MASS)),
        MatchMode.ANY: np.flatnonzero(held > 0),
    }


def _numbers(plan: AnyTerm | WildcardPlan | FuzzyPlan, segment: SegmentView) -> np.ndarray:
    budget.check()
    field = segment.field(plan.field)
    match plan:
        case AnyTerm():
            found = (field.find(term[:MAX_TERM_LENGTH].encode("utf-8", "surrogatepass")) for term in plan.terms)
            return np.array(sorted({number for number in found if number >= 0}), np.int64)
        case FuzzyPlan():
            near = segment.vocabulary_of(plan.field).near(plan.form, plan.limit)
            return np.array(sorted(number for number, _, _ in near), np.int64)
    prefix = plan.pattern.rstrip("*")
    if plan.pattern != prefix and not re.search(r"[*?]", prefix):
        first = prefix.encode("utf-8", "surrogatepass")
        return np.arange(field.lower_bound(first), field.lower_bound(first + b"\xff"))
    parts = {"*": r"[^\n]*", "?": r"[^\n]"}
    body = "".join(parts.get(letter) or re.escape(letter) for letter in re.sub(r"\*+", "*", plan.pattern))
    return segment.vocabulary_of(plan.field).like(re.compile(rf"\n{body}(?=\n)"))


def _most_frequent(field_name: str, numbers: np.ndarray, segment: SegmentView) -> np.ndarray:
    if len(numbers) <= MAX_EXPANSION:
        return numbers
    frequencies = segment.field(field_name).doc_frequency[numbers]
    return np.sort(numbers[np.argsort(-frequencies.astype(np.int64), kind="stable")[:MAX_EXPANSION]])
