"""Carrying out a plan over one snapshot: array operations, segment by segment, with the statistics of all.

Every plan gives, for a segment, the documents that meet it, ascending, and their scores (`Matches`). What a word or
phrase gives is kept in a bounded cache, since queries share words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from indexer import positions
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
from indexer.scoring import bm25, idf, norms
from indexer.snapshot import SegmentView, Snapshot

# Of postings so many times as many as the documents that they are wanted for, most are passed over first.
_MANY_MORE: Final = 4


class Executor:
    """Carries out plans over a snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, cache_bytes: int) -> None:
        self.snapshot = snapshot
        self._cache: ArrayCache[Matches] = ArrayCache(cache_bytes)
        self._expansions: ArrayCache[Expansion] = ArrayCache(cache_bytes // 16)
        self._norms: dict[tuple[str, int], np.ndarray] = {}
        self._space = Workspace()

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
            lists = sorted((self._weak_word(word, at).docs for word in plan.words), key=len)
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
        segment = self.snapshot.segments[at]
        match plan:
            case All():
                return self._all(plan, at)
            case OneOf():
                return union([self._segment(choice, at) for choice in plan.choices], segment.doc_count, self._space)
            case Most():
                return self._most(plan, at)
            case Telling():
                return union([self._levels((term,), at) for term in plan.terms], segment.doc_count, self._space)
            case PlainWord():
                return self._cached((plan, "strict"), at, lambda: self._strict_word(plan, at))
            case Days():
                return self._days(plan, segment)
            case Names():
                return self._names(plan, segment)
            case Terms() | Pattern() | Misspelt():
                return self._cached(plan, at, lambda: self._group(plan, at))
            case SequencePlan():
                return self._cached(plan, at, lambda: self._sequence(plan, at))

    # Words

    def _strict_word(self, word: PlainWord, at: int) -> Matches:
        """The documents that hold the word itself, by its stem; what other levels say of them adds to their scores."""
        strong = self._levels((word.strong,), at)
        if not len(strong.docs):
            return NONE
        others = self._levels((*((word.root,) if word.root else ()), *word.added), at, strong.docs)
        scores = summed(strong.docs, others, self._every(at))
        scores += strong.scores
        return Matches(strong.docs, scores)

    def _weak_word(self, word: PlainWord, at: int) -> Matches:
        """The documents that hold the word or one of its root or one like it; see `WEAK_CAP`."""
        return self._cached((word, "weak"), at, lambda: self._make_weak_word(word, at))

    def _make_weak_word(self, word: PlainWord, at: int) -> Matches:
        every = self._every(at)
        strong = self._levels((word.strong, *word.added), at)
        weak = [self._levels((word.root,), at)] if word.root else []
        if word.similar:
            weak.append(self._similar(word.similar, at))
        docs = all_docs([part.docs for part in (strong, *weak)], self._doc_count(at), self._space)
        scores = summed(docs, joined(weak or [NONE]), every)
        least = self._least(word.strong)
        if least is not None:
            own = strong.docs[: self._frequency_in(word.strong, at)]
            uncapped = every[own]
            np.minimum(scores, np.float32(WEAK_CAP * least), out=scores)
            every[docs] = scores
            every[own] = uncapped
            scores = every[docs]
        scores += summed(docs, strong, every)
        return Matches(docs, scores)

    def _levels(self, levels: Sequence[LevelTerm], at: int, among: np.ndarray | None = None) -> Matches:
        """The postings of some terms and their scores, one term after the other, each in order of its documents.

        Given what they are wanted `among`, others may be left out.
        """
        segment = self.snapshot.segments[at]
        found = []
        for level in levels:
            field = segment.field(level.field)
            number = field.find(level.term.encode("utf-8", "surrogatepass"))
            if number < 0:
                continue
            docs, freqs = field.docs(number), field.freqs(number)
            if among is not None and len(docs) > _MANY_MORE * len(among):
                kept = places(docs, among, segment.doc_count, self._space)
                docs, freqs = docs[kept], freqs[kept]
            rarity = idf(self.snapshot.frequency(level.field, level.term), self.snapshot.doc_count)
            found.append((docs, freqs, self._norm(level.field, at), level.weight * rarity))
        if not found:
            return NONE
        docs = np.concatenate([docs for docs, _, _, _ in found], dtype=np.intp, casting="unsafe")
        freqs = np.concatenate([freqs for _, freqs, _, _ in found], dtype=np.float32, casting="unsafe")
        norm, weight = np.empty(len(docs), np.float32), np.empty(len(docs), np.float32)
        start = 0
        for part, _, every, value in found:
            end = start + len(part)
            every.take(docs[start:end], out=norm[start:end], mode="clip")
            weight[start:end] = value
            start = end
        return Matches(docs, bm25(weight, freqs, norm))

    def _frequency_in(self, level: LevelTerm, at: int) -> int:
        """In how many documents of a segment a term is."""
        field = self.snapshot.segments[at].field(level.field)
        number = field.find(level.term.encode("utf-8", "surrogatepass"))
        return field.frequency(number) if number >= 0 else 0

    def _every(self, at: int) -> np.ndarray:
        """This thread's array of a score for each document of a segment."""
        return self._space.scores(self._doc_count(at))

    def _doc_count(self, at: int) -> int:
        return self.snapshot.segments[at].doc_count

    def _norm(self, field: str, at: int) -> np.ndarray:
        """BM25's length norm of each document of a segment, float32[documents]."""
        found = self._norms.get((field, at))
        if found is None:
            lengths = self.snapshot.segments[at].field(field).lengths
            found = self._norms[field, at] = norms(lengths, self.snapshot.lengths[field])
        return found

    def _least(self, level: LevelTerm) -> float | None:
        """The least that a match of this term adds to any document; None where there is none."""

        def least() -> Matches:
            found = [self._levels((level,), at).scores for at in range(len(self.snapshot.segments))]
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
        docs, freqs, counts = field.postings(numbers)
        return summed_occurrences(docs, np.repeat(likeness, counts) * freqs, segment.doc_count, self._space)

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
        return Matches(docs, bm25(weight * rarity, tf, self._norm(field_name, at)[docs]))

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
        return Matches(found.docs, bm25(weight, found.scores, self._norm(plan.field, at)[found.docs]))

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
        numbers = [field.find(name.encode("utf-8", "surrogatepass")) for name in plan.names]
        lists = [field.docs(number) for number in numbers if number >= 0]
        docs = np.unique(np.concatenate(lists)).astype(np.intp) if lists else NONE.docs
        return Matches(docs, np.zeros(len(docs), np.float32))

    # Operators

    def _all(self, plan: All, at: int) -> Matches:
        doc_count = self._doc_count(at)
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
            matches = [self._weak_word(word, i) for i in range(len(self.snapshot.segments))]
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
        found, every = joined(parts), self._every(at)
        docs = all_docs([part.docs for part in parts], self._doc_count(at), self._space)
        if min(masses) < enough:
            each = np.repeat(np.array(masses, np.float32), [len(part.docs) for part in parts])
            docs = docs[summed(docs, Matches(found.docs, each), every) >= np.float32(enough)]
        if plan.phrases:
            found = joined([found, *(self._segment(phrase, at) for phrase in plan.phrases)])
        return Matches(docs, summed(docs, found, every))

    def _cached(self, key: object, at: int, make: Callable[[], Matches]) -> Matches:
        return self._cache.get((key, at), make)
