"""The scores of words: BM25 of each level's postings, summed as the plan weighs them.

What a word gives in a segment is kept in a bounded cache, since queries share words.

A bounded cache of posting arrays: the least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, Protocol, TypeVar

import numpy as np

from indexer.embedded.doc_sets import NONE, DocSet, Workspace, all_docs, joined, summed, summed_occurrences
from indexer.embedded.snapshot import Snapshot
from indexer.query.plan import SIMILAR_WEIGHT, WEAK_CAP, AnyTerm, WeightedTerm, WordPlan
from indexer.search.bm25 import bm25, idf, norms


class TermScores:
    """The scores of terms and words over one snapshot, segment by segment, with the statistics of all."""

    def __init__(self, snapshot: Snapshot, cache_bytes: int, space: Workspace) -> None:
        self._snapshot = snapshot
        self._cache: ArrayCache[DocSet] = ArrayCache(cache_bytes)
        self._norms: dict[tuple[str, int], np.ndarray] = {}
        self._space = space

    def cached(self, key: object, at: int, make: Callable[[], DocSet]) -> DocSet:
        """What a key gives in segment number `at`; made when it is not in the cache."""
        return self._cache.get((key, at), make)

    def strict_word(self, word: WordPlan, at: int) -> DocSet:
        """The documents that hold the word, by its lemmas; what other levels say of them adds to their scores."""
        return self.cached((word, "strict"), at, lambda: self._make_strict_word(word, at))

    def weak_word(self, word: WordPlan, at: int) -> DocSet:
        """The documents that hold the word or one of its stem or root or one like it; see `WEAK_CAP`."""
        return self.cached((word, "weak"), at, lambda: self._make_weak_word(word, at))

    def holders(self, plan: AnyTerm, at: int) -> DocSet:
        """The documents that hold any of some terms, of a field that keeps no more than that."""

        def make() -> DocSet:
            field = self._snapshot.segments[at].field(plan.field)
            numbers = [self._snapshot.find(plan.field, term)[at] for term in plan.terms]
            lists = [field.docs(number).astype(np.intp, copy=False) for number in numbers if number >= 0]
            docs = all_docs(lists, self.doc_count(at), self._space)
            return DocSet(docs, np.zeros(len(docs), np.float32))

        return self.cached(plan, at, make)

    def _make_strict_word(self, word: WordPlan, at: int) -> DocSet:
        every = self.every(at)
        docs = self.holders(word.lemma, at).docs
        own, others = self._own_and_others(word, at)
        found = self.levels((word.strong, *((word.root,) if word.root else ()), *word.added), at)
        self._note_least(word.strong, at, found.scores[: len(own)])
        scores = summed(docs, found, every)
        if len(others) and (least := self._least_of(word)) is not None:
            every[others] = _of_other_forms(every[others], least)
            scores = every[docs]
        return DocSet(docs, scores)

    def _make_weak_word(self, word: WordPlan, at: int) -> DocSet:
        every = self.every(at)
        own, others = self._own_and_others(word, at)
        strong = self.levels((word.strong, *word.added), at)
        self._note_least(word.strong, at, strong.scores[: len(own)])
        weak = [self.levels((word.root,), at)] if word.root else []
        if word.similar:
            weak.append(self._similar(word.similar, at))
        docs = all_docs([part.docs for part in (strong, *weak)] + [others], self.doc_count(at), self._space)
        scores = summed(docs, joined(weak or [NONE]), every)
        least = self._least_of(word)
        if least is not None:
            of_own, of_others = every[own], every[others]
            np.minimum(scores, np.float32(WEAK_CAP * least), out=scores)
            every[docs] = scores
            every[own] = of_own
            every[others] = _of_other_forms(of_others, least)
            scores = every[docs]
        scores += summed(docs, strong, every)
        return DocSet(docs, scores)

    def _own_and_others(self, word: WordPlan, at: int) -> tuple[np.ndarray, np.ndarray]:
        """The documents that hold a word's stem, and those that hold its lemmas in forms of other stems."""
        held = self.holders(word.lemma, at).docs
        number = self._snapshot.find(word.strong.field, word.strong.term)[at]
        own = self._snapshot.segments[at].field(word.strong.field).docs(number) if number >= 0 else NONE.docs
        if len(held) == len(own) and np.array_equal(held, own):
            return own, NONE.docs
        has_stem = self._space.flags(self.doc_count(at))
        has_stem[own] = True
        return own, held[~has_stem[held]]

    def levels(self, levels: Sequence[WeightedTerm], at: int) -> DocSet:
        """The postings of some terms and their scores, one term after the other, each in order of its documents."""
        segment = self._snapshot.segments[at]
        found = []
        for level in levels:
            number = self._snapshot.find(level.field, level.term)[at]
            if number < 0:
                continue
            field = segment.field(level.field)
            docs, freqs = field.docs(number), field.freqs(number)
            rarity = idf(self._snapshot.frequency(level.field, level.term), self._snapshot.doc_count)
            found.append((docs, freqs, self.norm(level.field, at), level.weight * rarity))
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
        return DocSet(docs, bm25(weight, freqs, norm))

    def every(self, at: int) -> np.ndarray:
        """This thread's array of a score for each document of a segment."""
        return self._space.scores(self.doc_count(at))

    def doc_count(self, at: int) -> int:
        """Documents of a segment."""
        return self._snapshot.segments[at].doc_count

    def norm(self, field: str, at: int) -> np.ndarray:
        """BM25's length norm of each document of a segment, float32[documents]."""
        found = self._norms.get((field, at))
        if found is None:
            lengths = self._snapshot.segments[at].field(field).lengths
            found = self._norms[field, at] = norms(lengths, self._snapshot.lengths[field])
        return found

    def _least_of(self, word: WordPlan) -> float | None:
        """The least that a match of a word's stem adds to any document, or what it might where there is none.

        None where no document has the word at all.
        """
        least = self._least(word.strong)
        if least is None:
            count = sum(len(self.holders(word.lemma, at).docs) for at in range(len(self._snapshot.segments)))
            least = word.strong.weight * idf(count, self._snapshot.doc_count) if count else None
        return least

    def _least(self, level: WeightedTerm) -> float | None:
        """The least that a match of this term adds to any document; None where there is none."""
        found = [
            self.cached((level, "least"), at, lambda at=at: _least(self.levels((level,), at).scores))  # type: ignore[misc]
            for at in range(len(self._snapshot.segments))
        ]
        return min((float(one.scores[0]) for one in found if len(one.scores)), default=None)

    def _note_least(self, level: WeightedTerm, at: int, scores: np.ndarray) -> None:
        """Keeps the least of a term's scores in a segment, where they are at hand."""
        self.cached((level, "least"), at, lambda: _least(scores))

    def _similar(self, stem: str, at: int) -> DocSet:
        """The documents with stems like this one, each counted as much as it is alike, scored as one term."""
        counts = self.everywhere(("similar", stem), lambda i: self._blend(stem, i))
        return self.scored(counts, "text_stem", SIMILAR_WEIGHT, at)

    def _blend(self, stem: str, at: int) -> DocSet:
        segment = self._snapshot.segments[at]
        field = segment.field("text_stem")
        numbers, likeness = segment.similar.like(stem)
        docs, freqs, counts = field.postings(numbers)
        return summed_occurrences(docs, np.repeat(likeness, counts) * freqs, segment.doc_count, self._space)

    def everywhere(self, key: object, count: Callable[[int], DocSet]) -> list[DocSet]:
        """Occurrences (as scores) in every segment: a score needs the documents of all."""
        return [
            self.cached((key, "occurrences"), at, lambda at=at: count(at))  # type: ignore[misc]
            for at in range(len(self._snapshot.segments))
        ]

    def scored(self, counts: list[DocSet], field_name: str, weight: float, at: int) -> DocSet:
        """BM25 of occurrences that count as one term's, with a weight besides its idf."""
        docs, tf = counts[at].docs, counts[at].scores
        if not len(docs):
            return NONE
        rarity = idf(sum(len(found.docs) for found in counts), self._snapshot.doc_count)
        return DocSet(docs, bm25(weight * rarity, tf, self.norm(field_name, at)[docs]))


def _least(scores: np.ndarray) -> DocSet:
    """The least of some scores, kept as matches of no document; none of none."""
    return DocSet(NONE.docs, scores.min(keepdims=True) if len(scores) else NONE.scores)


def _of_other_forms(scores: np.ndarray, least: float) -> np.ndarray:
    """What documents with other forms of a word get, for what its root and like stems give them: see `WEAK_CAP`."""
    bounded: np.ndarray = np.float32(least) * (1 - np.float32(1 - WEAK_CAP) / (1 + scores))
    return bounded


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


V = TypeVar("V", bound=_Sized)

_ENTRY_BYTES = 500  # of Python objects around the arrays of an entry


class ArrayCache(Generic[V]):
    """Values by key, up to a number of bytes. Two threads that miss the same key both make it: making is pure."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of a key, made when it is not here."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found
        made = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = made
                self._size += made.nbytes + _ENTRY_BYTES
            while self._size > self._limit and self._values:
                _, gone = self._values.popitem(last=False)
                self._size -= gone.nbytes + _ENTRY_BYTES
        return made
