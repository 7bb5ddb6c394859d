"""Carrying out a plan over one snapshot: array operations, segment by segment, with the statistics of all.

Every plan gives, for a segment, the documents that meet it, ascending, and their scores (`Matches`). What a word or
phrase gives is kept in a bounded cache, since queries share words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from indexer import positions
from indexer.cache import ArrayCache
from indexer.expansion import Expansion, expand
from indexer.matches import NONE, Matches, add, both, places, union, within, without
from indexer.plan import (
    LEAST_MASS,
    SIMILAR_WEIGHT,
    WEAK_CAP,
    All,
    Days,
    LevelTerm,
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


class Executor:
    """Carries out plans over a snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, cache_bytes: int) -> None:
        self.snapshot = snapshot
        self._cache: ArrayCache[Matches] = ArrayCache(cache_bytes)
        self._expansions: ArrayCache[Expansion] = ArrayCache(cache_bytes // 16)

    def run(self, plan: Plan, filters: Sequence[Plan] = ()) -> list[Matches]:
        """What meets the plan and all filters, in each segment; deleted documents are left out.

        A pattern that stands for more than `MAX_EXPANSION` forms is cut to the most frequent ones; see `was_cut`.
        """
        found = []
        for number, segment in enumerate(self.snapshot.segments):
            matches = self._segment(plan, number)
            for one in filters:
                matches = within(matches, self._segment(one, number).docs)
            if segment.live is not None and len(matches.docs):
                live = segment.live[matches.docs]
                matches = Matches(matches.docs[live], matches.scores[live])
            found.append(matches)
        return found

    def none_has_all(self, plan: Plan) -> bool:
        """Whether the plan is of words that no document has all of, by any level."""
        if not isinstance(plan, Most):
            return isinstance(plan, All) and any(map(self.none_has_all, plan.wanted))
        for at in range(len(self.snapshot.segments)):
            lists = sorted((self._weak_word(word, at).docs for word in plan.words), key=len)
            common = lists[0] if lists else NONE.docs
            for docs in lists[1:]:
                common = common[places(common, docs)[1]]
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
        segment = self.snapshot.segments[at]
        match plan:
            case All():
                return self._all(plan, at)
            case OneOf():
                return union([self._segment(choice, at) for choice in plan.choices], segment.doc_count)
            case Most():
                return self._most(plan, at)
            case Telling():
                return union([self._level(term, at) for term in plan.terms], segment.doc_count)
            case PlainWord():
                return self._cached((plan, "strict"), at, lambda: self._word(plan, at, weak=False))
            case Days():
                return self._days(plan, segment)
            case Names():
                return self._names(plan, segment)
            case Terms() | Pattern() | Misspelt():
                return self._cached(plan, at, lambda: self._group(plan, at))
            case SequencePlan():
                return self._cached(plan, at, lambda: self._sequence(plan, at))

    # Words

    def _word(self, word: PlainWord, at: int, *, weak: bool) -> Matches:
        """A word's documents and scores: those that meet it strongly, or with `weak` also those that only resemble."""
        segment = self.snapshot.segments[at]
        strong = self._level(word.strong, at)
        if not weak and not len(strong.docs):
            return NONE
        scores = np.zeros(segment.doc_count, np.float32)
        if word.root:
            add(scores, self._level(word.root, at))
        if word.similar and weak:  # beside the word itself, what is like it says little
            add(scores, self._similar(word.similar, at))
        if weak:
            least = self._least(word.strong)
            kept = scores[strong.docs]
            if least is not None:
                np.minimum(scores, np.float32(WEAK_CAP * least), out=scores)
            scores[strong.docs] = kept
        add(scores, strong)
        for level in word.added:
            add(scores, self._level(level, at))
        docs = np.flatnonzero(scores) if weak else strong.docs.astype(np.int64)
        return Matches(docs, scores[docs])

    def _weak_word(self, word: PlainWord, at: int) -> Matches:
        return self._cached((word, "weak"), at, lambda: self._word(word, at, weak=True))

    def _level(self, level: LevelTerm, at: int) -> Matches:
        segment = self.snapshot.segments[at]
        field = segment.field(level.field)
        number = field.find(level.term.encode("utf-8", "surrogatepass"))
        if number < 0:
            return NONE
        docs = field.docs(number)
        weight = level.weight * idf(self.snapshot.frequency(level.field, level.term), self.snapshot.doc_count)
        mean = self.snapshot.lengths[level.field]
        return Matches(docs, bm25(weight, field.freqs(number), field.lengths[docs], mean))

    def _least(self, level: LevelTerm) -> float | None:
        """The least that a match of this term adds to any document; None where there is none."""

        def least() -> Matches:
            found = [self._level(level, at).scores for at in range(len(self.snapshot.segments))]
            smallest = [scores.min() for scores in found if len(scores)]
            return Matches(NONE.docs, np.array(smallest, np.float32))

        scores = self._cached((level, "least"), 0, least).scores
        return float(scores.min()) if len(scores) else None

    def _similar(self, stem: str, at: int) -> Matches:
        """The documents with stems like this one, each counted as much as it is alike, scored as one term."""
        counts = self._everywhere(("similar", stem), lambda i: self._blend(stem, i))
        return self._scored(counts, "text_stem", SIMILAR_WEIGHT, at)

    def _blend(self, stem: str, at: int) -> Matches:
        segment = self.snapshot.segments[at]
        field = segment.field("text_stem")
        numbers, likeness = segment.similar.like(stem)
        tf = np.zeros(segment.doc_count, np.float32)
        for number, how_like in zip(numbers.tolist(), likeness.tolist(), strict=True):
            tf[field.docs(number)] += np.float32(how_like) * field.freqs(number)
        docs = np.flatnonzero(tf)
        return Matches(docs, tf[docs])

    def _everywhere(self, key: object, count: Callable[[int], Matches]) -> list[Matches]:
        """Occurrences (as scores) in every segment: a score needs the documents of all."""
        return [
            self._cached((key, "occurrences"), at, lambda at=at: count(at))  # type: ignore[misc]
            for at in range(len(self.snapshot.segments))
        ]

    def _scored(self, counts: list[Matches], field_name: str, weight: float, at: int) -> Matches:
        """BM25 of occurrences that count as one term's, with a weight besides its idf."""
        docs, tf = counts[at].docs, counts[at].scores
        if not len(docs):
            return NONE
        rarity = idf(sum(len(found.docs) for found in counts), self.snapshot.doc_count)
        lengths = self.snapshot.segments[at].field(field_name).lengths[docs]
        return Matches(docs, bm25(weight * rarity, tf, lengths, self.snapshot.lengths[field_name]))

    # Groups of terms

    def _group(self, plan: Terms | Pattern | Misspelt, at: int) -> Matches:
        """Any of some terms, scored as one: frequencies summed, documents counted once."""
        counts = self._everywhere(plan, lambda i: self._counted(plan.field, self._expanded(plan).numbers[i], i))
        return self._scored(counts, plan.field, 1.0, at)

    def _expanded(self, plan: Terms | Pattern | Misspelt) -> Expansion:
        return self._expansions.get(plan, lambda: expand(plan, self.snapshot))

    def _counted(self, field_name: str, numbers: np.ndarray, at: int) -> Matches:
        segment = self.snapshot.segments[at]
        field = segment.field(field_name)
        if len(numbers) == 1:
            number = int(numbers[0])
            return Matches(field.docs(number).astype(np.int64), field.freqs(number).astype(np.float32))
        tf = np.zeros(segment.doc_count, np.float32)
        for number in numbers.tolist():
            tf[field.docs(number)] += field.freqs(number)
        docs = np.flatnonzero(tf)
        return Matches(docs, tf[docs])

    def _sequence(self, plan: SequencePlan, at: int) -> Matches:
        found = self._places(plan, at)
        if not len(found.docs):
            return NONE
        # A phrase weighs what its words weigh together.
        weight = sum(idf(self.snapshot.frequency(plan.field, form), self.snapshot.doc_count) for form in plan.forms)
        lengths = self.snapshot.segments[at].field(plan.field).lengths[found.docs]
        return Matches(found.docs, bm25(weight, found.scores, lengths, self.snapshot.lengths[plan.field]))

    def _places(self, plan: SequencePlan, at: int) -> Matches:
        """How often the forms stand so in each document."""
        field = self.snapshot.segments[at].field(plan.field)
        numbers = [field.find(form.encode("utf-8", "surrogatepass")) for form in plan.forms]
        if not numbers or min(numbers) < 0:
            return NONE
        if len(numbers) == 1:
            docs, tf = field.docs(numbers[0]).astype(np.int64), field.freqs(numbers[0])
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
        docs = np.sort(field.flat_docs[int(field.starts[first]) : int(field.starts[max(first, last)])]).astype(np.int64)
        return Matches(docs, np.zeros(len(docs), np.float32))

    def _names(self, plan: Names, segment: SegmentView) -> Matches:
        field = segment.field(plan.field)
        numbers = [field.find(name.encode("utf-8", "surrogatepass")) for name in plan.names]
        lists = [field.docs(number) for number in numbers if number >= 0]
        docs = np.unique(np.concatenate(lists)).astype(np.int64) if lists else NONE.docs
        return Matches(docs, np.zeros(len(docs), np.float32))

    # Operators

    def _all(self, plan: All, at: int) -> Matches:
        parts = sorted((self._segment(wanted, at) for wanted in plan.wanted), key=lambda matches: len(matches.docs))
        if parts:
            matches = parts[0]
            for other in parts[1:]:
                matches = both(matches, other)
        else:
            count = self.snapshot.segments[at].doc_count
            matches = Matches(np.arange(count), np.zeros(count, np.float32))
        for excluded in plan.excluded:
            matches = without(matches, self._segment(excluded, at).docs)
        return matches

    def _most(self, plan: Most, at: int) -> Matches:
        """The documents with enough of the words: each word counts with its idf, if the archive has it at all."""
        segment = self.snapshot.segments[at]
        scores = np.zeros(segment.doc_count, np.float32)
        mass = np.zeros(segment.doc_count, np.float32)
        whole = 0.0
        for word in plan.words:
            matches = [self._weak_word(word, i) for i in range(len(self.snapshot.segments))]
            frequency = sum(len(found.docs) for found in matches)
            if not frequency:
                continue
            # The rarity of the word itself, not of its family, or rare words would count as little as common ones.
            own = self.snapshot.frequency(word.strong.field, word.strong.term)
            weight = idf(own or frequency, self.snapshot.doc_count)
            whole += weight
            add(scores, matches[at])
            mass[matches[at].docs] += np.float32(weight)
        if not whole:
            return NONE
        for phrase in plan.phrases:
            add(scores, self._segment(phrase, at))
        enough = mass >= np.float32(LEAST_MASS * whole * (1 - 1e-6))
        docs = np.flatnonzero(enough)
        return Matches(docs, scores[docs])

    def _cached(self, key: object, at: int, make: Callable[[], Matches]) -> Matches:
        return self._cache.get((key, at), make)
