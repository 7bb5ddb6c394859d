"""Carrying out a plan over one snapshot: array operations, segment by segment, with the statistics of all.

Every plan gives, for a segment, the documents that meet it, ascending, and their scores (`Matches`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer import budget, positions
from indexer.cache import ArrayCache
from indexer.expansion import Expansion, expand
from indexer.matches import (
    NONE,
    Matches,
    Workspace,
    all_docs,
    both,
    joined,
    places,
    summed,
    summed_occurrences,
    union,
    within,
    without,
)
from indexer.plan import (
    LEAST_MASS,
    All,
    Days,
    Misspelt,
    Most,
    Names,
    OneOf,
    Pattern,
    PlainWord,
    Plan,
    Telling,
    Terms,
)
from indexer.plan import Sequence as SequencePlan
from indexer.scoring import bm25, idf
from indexer.snapshot import SegmentView, Snapshot
from indexer.term_scores import TermScores


class Executor:
    """Carries out plans over a snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, cache_bytes: int) -> None:
        self.snapshot = snapshot
        self._expansions: ArrayCache[Expansion] = ArrayCache(cache_bytes // 16)
        self._space = Workspace()
        self._terms = TermScores(snapshot, cache_bytes, self._space)

    def run(self, plan: Plan, filters: Sequence[Plan] = ()) -> list[Matches]:
        """What meets the plan and all filters, in each segment; deleted documents are left out.

        A pattern that stands for more than `MAX_EXPANSION` forms is cut to the most frequent ones; see `was_cut`.
        """
        found = []
        for number, segment in enumerate(self.snapshot.segments):
            matches = self._segment(plan, number)
            for one in filters:
                matches = within(matches, self._segment(one, number).docs, segment.doc_count, self._space)
            if segment.live is not None and len(matches.docs):
                live = segment.live[matches.docs]
                matches = Matches(matches.docs[live], matches.scores[live])
            found.append(matches)
        return found

    def none_has_all(self, plan: Plan) -> bool:
        """Whether the plan is of words that no document has all of, by any level."""
        if not isinstance(plan, Most):
            return isinstance(plan, All) and any(map(self.none_has_all, plan.wanted))
        for at, segment in enumerate(self.snapshot.segments):
            lists = sorted((self._terms.weak_word(word, at).docs for word in plan.words), key=len)
            common = lists[0] if lists else NONE.docs
            for docs in lists[1:]:
                common = common[places(common, docs, segment.doc_count, self._space)]
            if len(common):
                return False
        return True

    def was_cut(self, plan: Plan) -> bool:
        """Whether a pattern in the plan stands for more forms than were looked up."""
        match plan:
            case Pattern():
                return self._expanded(plan).cut
            case All():
                return any(map(self.was_cut, plan.wanted + plan.excluded))
            case OneOf():
                return any(map(self.was_cut, plan.choices))
        return False

    def _segment(self, plan: Plan, at: int) -> Matches:
        budget.check()
        segment = self.snapshot.segments[at]
        match plan:
            case All():
                return self._all(plan, at)
            case OneOf():
                return union([self._segment(choice, at) for choice in plan.choices], segment.doc_count, self._space)
            case Most():
                return self._most(plan, at)
            case Telling():
                return union([self._terms.levels((term,), at) for term in plan.terms], segment.doc_count, self._space)
            case PlainWord():
                return self._terms.strict_word(plan, at)
            case Days():
                return self._days(plan, segment)
            case Names():
                return self._names(plan, segment)
            case Terms() | Pattern() | Misspelt():
                return self._terms.cached(plan, at, lambda: self._group(plan, at))
            case SequencePlan():
                return self._terms.cached(plan, at, lambda: self._sequence(plan, at))

    # Groups of terms

    def _group(self, plan: Terms | Pattern | Misspelt, at: int) -> Matches:
        """Any of some terms, scored as one: frequencies summed, documents counted once."""
        counts = self._terms.everywhere(plan, lambda i: self._counted(plan.field, self._expanded(plan).numbers[i], i))
        return self._terms.scored(counts, plan.field, 1.0, at)

    def _expanded(self, plan: Terms | Pattern | Misspelt) -> Expansion:
        return self._expansions.get(plan, lambda: expand(plan, self.snapshot))

    def _counted(self, field_name: str, numbers: np.ndarray, at: int) -> Matches:
        segment = self.snapshot.segments[at]
        field = segment.field(field_name)
        docs, freqs, _ = field.postings(numbers)
        if len(numbers) == 1:
            return Matches(docs.astype(np.intp), freqs.astype(np.float32))
        return summed_occurrences(docs, freqs, segment.doc_count, self._space)

    def _sequence(self, plan: SequencePlan, at: int) -> Matches:
        found = self._places(plan, at)
        if not len(found.docs):
            return NONE
        # A phrase weighs what its words weigh together.
        weight = sum(idf(self.snapshot.frequency(plan.field, form), self.snapshot.doc_count) for form in plan.forms)
        return Matches(found.docs, bm25(weight, found.scores, self._terms.norm(plan.field, at)[found.docs]))

    def _places(self, plan: SequencePlan, at: int) -> Matches:
        """How often the forms stand so in each document."""
        field = self.snapshot.segments[at].field(plan.field)
        numbers = [field.find(form.encode("utf-8", "surrogatepass")) for form in plan.forms]
        if not numbers or min(numbers) < 0:
            return NONE
        if len(numbers) == 1:
            docs, tf = field.docs(numbers[0]).astype(np.intp), field.freqs(numbers[0])
        elif plan.distance is None:
            docs, tf = positions.phrase(field, numbers)
        else:
            docs, tf = positions.near(field, numbers, plan.distance)
        return Matches(docs, tf.astype(np.float32))

    # Values

    def _days(self, plan: Days, segment: SegmentView) -> Matches:
        field = segment.field("day")
        first = field.lower_bound(plan.first.encode()) if plan.first else 0
        last = field.lower_bound(plan.last.encode() + b"\xff") if plan.last else field.term_count
        docs = np.sort(field.flat_docs[int(field.starts[first]) : int(field.starts[max(first, last)])]).astype(np.intp)
        return Matches(docs, np.zeros(len(docs), np.float32))

    def _names(self, plan: Names, segment: SegmentView) -> Matches:
        field = segment.field(plan.field)
        names = self.snapshot.names_of(plan.field)
        spellings = {spelling for name in plan.names for spelling in names.spellings(name)}
        numbers = [field.find(name.encode("utf-8", "surrogatepass")) for name in sorted(spellings)]
        lists = [field.docs(number) for number in numbers if number >= 0]
        docs = np.unique(np.concatenate(lists)).astype(np.intp) if lists else NONE.docs
        return Matches(docs, np.zeros(len(docs), np.float32))

    # Operators

    def _all(self, plan: All, at: int) -> Matches:
        doc_count = self._terms.doc_count(at)
        parts = sorted((self._segment(wanted, at) for wanted in plan.wanted), key=lambda matches: len(matches.docs))
        if parts:
            matches = parts[0]
            for other in parts[1:]:
                matches = both(matches, other, doc_count, self._space)
        else:
            matches = Matches(np.arange(doc_count), np.zeros(doc_count, np.float32))
        for excluded in plan.excluded:
            matches = without(matches, self._segment(excluded, at).docs, doc_count, self._space)
        return matches

    def _most(self, plan: Most, at: int) -> Matches:
        """The documents with enough of the words: each word counts with its idf, if the archive has it at all."""
        parts: list[Matches] = []
        masses: list[float] = []
        for word in plan.words:
            budget.check()
            matches = [self._terms.weak_word(word, i) for i in range(len(self.snapshot.segments))]
            frequency = sum(len(found.docs) for found in matches)
            if not frequency:
                continue
            # The rarity of the word itself, not of its family, or rare words would count as little as common ones.
            own = self.snapshot.frequency(word.strong.field, word.strong.term)
            masses.append(idf(own or frequency, self.snapshot.doc_count))
            parts.append(matches[at])
        if not parts:
            return NONE
        enough = LEAST_MASS * sum(masses) * (1 - 1e-6)
        found, every = joined(parts), self._terms.every(at)
        docs = all_docs([part.docs for part in parts], self._terms.doc_count(at), self._space)
        if min(masses) < enough:
            each = np.repeat(np.array(masses, np.float32), [len(part.docs) for part in parts])
            docs = docs[summed(docs, Matches(found.docs, each), every) >= np.float32(enough)]
        if plan.phrases:
            found = joined([found, *(self._segment(phrase, at) for phrase in plan.phrases)])
        return Matches(docs, summed(docs, found, every))
