"""Scores of terms and words: BM25 of each level's postings, summed with the weights of the plan.

Queries share words, so what a word gives in a segment is kept in a cache of limited size.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Final, Generic, Protocol, TypeVar

import numpy as np

from indexer.embedded.doc_sets import NONE, DocSet, Workspace, all_docs, contained, joined, summed, summed_occurrences
from indexer.embedded.snapshot import Snapshot
from indexer.query.plan import SIMILAR_WEIGHT, WEAK_CAP, AnyTerm, WeightedTerm, WordPlan
from indexer.search.bm25 import bm25, idf, norms

_ENTRY_BYTES: Final = 500  # of Python objects around the arrays of a cache entry


class TermScores:
    """Scores of terms and words over one snapshot, segment by segment, with the statistics of all segments.

    `at` is the number of a segment.
    """

    def __init__(self, snapshot: Snapshot, cache_bytes: int, space: Workspace) -> None:
        self._snapshot = snapshot
        self._cache: ArrayCache[DocSet] = ArrayCache(cache_bytes)
        self._norms: dict[tuple[str, int], np.ndarray] = {}
        self._space = space

    def cached(self, key: object, at: int, make: Callable[[], DocSet]) -> DocSet:
        """Return what a key gives in a segment, from the cache or made."""
        return self._cache.get((key, at), make)

    def strict_word(self, word: WordPlan, at: int) -> DocSet:
        """The documents that have one of the word's lemmas; the other levels add to their scores."""
        return self.cached((word, "strict"), at, lambda: self._make_strict_word(word, at))

    def weak_word(self, word: WordPlan, at: int) -> DocSet:
        """The documents that have the word, its stem or root, or a similar stem; see `WEAK_CAP`."""
        return self.cached((word, "weak"), at, lambda: self._make_weak_word(word, at))

    def holders(self, plan: AnyTerm, at: int) -> DocSet:
        """The documents that have any of some terms, unscored; for fields that store documents only."""

        def make() -> DocSet:
            field = self._snapshot.segments[at].field(plan.field)
            numbers = [self._snapshot.find(plan.field, term)[at] for term in plan.terms]
            lists = [field.docs(number).astype(np.intp, copy=False) for number in numbers if number >= 0]
            docs = all_docs(lists, self.doc_count(at), self._space)
            return DocSet(docs, np.zeros(len(docs), np.float32))

        return self.cached(plan, at, make)

    def levels(self, levels: Sequence[WeightedTerm], at: int) -> DocSet:
        """The scored postings of some terms, one term after the other, each in order of its documents."""
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
        for part, _, all_norms, value in found:
            end = start + len(part)
            all_norms.take(docs[start:end], out=norm[start:end], mode="clip")
            weight[start:end] = value
            start = end
        return DocSet(docs, bm25(weight, freqs, norm))

    def occurrences(self, key: object, count: Callable[[int], DocSet]) -> list[DocSet]:
        """Count occurrences (as scores) in every segment: the inverse document frequency needs all of them."""
        return [
            self.cached((key, "occurrences"), at, lambda at=at: count(at))  # type: ignore[misc]
            for at in range(len(self._snapshot.segments))
        ]

    def scored(self, counts: list[DocSet], field_name: str, weight: float, at: int) -> DocSet:
        """BM25 of `occurrences` that count as one term's, times a weight."""
        docs, tf = counts[at].docs, counts[at].scores
        if not len(docs):
            return NONE
        rarity = idf(sum(len(found.docs) for found in counts), self._snapshot.doc_count)
        return DocSet(docs, bm25(weight * rarity, tf, self.norm(field_name, at)[docs]))

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

    def _make_strict_word(self, word: WordPlan, at: int) -> DocSet:
        docs = self.holders(word.lemma, at).docs
        own = self._docs_of(word.strong, at)
        found = self.levels((word.strong, *((word.root,) if word.root else ()), *word.added), at)
        self._note_least(word.strong, at, found.scores[: len(own)])
        scores = summed(docs, found, self.doc_count(at), self._space)
        if len(docs) != len(own) or not np.array_equal(docs, own):
            others = ~contained(docs, own, self.doc_count(at), self._space)
            if others.any() and (least := self._least_of(word)) is not None:
                scores[others] = _of_other_forms(scores[others], least)
        return DocSet(docs, scores)

    def _make_weak_word(self, word: WordPlan, at: int) -> DocSet:
        doc_count = self.doc_count(at)
        held = self.holders(word.lemma, at).docs
        own = self._docs_of(word.strong, at)
        strong = self.levels((word.strong, *word.added), at)
        self._note_least(word.strong, at, strong.scores[: len(own)])
        weak = [self.levels((word.root,), at)] if word.root else []
        if word.similar:
            weak.append(self._similar(word.similar, at))
        docs = all_docs([part.docs for part in (strong, *weak)] + [held], doc_count, self._space)
        scores = summed(docs, joined(weak or [NONE]), doc_count, self._space)
        if (least := self._least_of(word)) is not None:
            # The documents without the stem, with one of the word's lemmas or not.
            rest = np.flatnonzero(~contained(docs, own, doc_count, self._space))
            weaker = scores[rest]
            by_lemma = contained(docs[rest], held, doc_count, self._space)
            scores[rest] = np.where(by_lemma, _of_other_forms(weaker, least), np.minimum(weaker, _cap(least)))
        scores += summed(docs, strong, doc_count, self._space)
        return DocSet(docs, scores)

    def _docs_of(self, level: WeightedTerm, at: int) -> np.ndarray:
        """The documents that have a term, ascending."""
        number = self._snapshot.find(level.field, level.term)[at]
        return self._snapshot.segments[at].field(level.field).docs(number) if number >= 0 else NONE.docs

    def _least_of(self, word: WordPlan) -> float | None:
        """The least that a match of the word's stem adds to any document; if none has the stem, what it would add.

        None if no document has the word at all.
        """
        least = self._least(word.strong)
        if least is None:
            count = sum(len(self.holders(word.lemma, at).docs) for at in range(len(self._snapshot.segments)))
            least = word.strong.weight * idf(count, self._snapshot.doc_count) if count else None
        return least

    def _least(self, level: WeightedTerm) -> float | None:
        """The least that a match of this term adds to any document; None if no document has it."""
        found = [
            self.cached((level, "least"), at, lambda at=at: _least(self.levels((level,), at).scores))  # type: ignore[misc]
            for at in range(len(self._snapshot.segments))
        ]
        return min((float(least.scores[0]) for least in found if len(least.scores)), default=None)

    def _note_least(self, level: WeightedTerm, at: int, scores: np.ndarray) -> None:
        """Cache the least of a term's scores in a segment, which have just been computed."""
        self.cached((level, "least"), at, lambda: _least(scores))

    def _similar(self, stem: str, at: int) -> DocSet:
        """The documents that have stems similar to this one, scored as one term, each occurrence times its likeness."""
        counts = self.occurrences(("similar", stem), lambda i: self._blend(stem, i))
        return self.scored(counts, "text_stem", SIMILAR_WEIGHT, at)

    def _blend(self, stem: str, at: int) -> DocSet:
        segment = self._snapshot.segments[at]
        field = segment.field("text_stem")
        numbers, likeness = segment.similar.like(stem)
        docs, freqs, counts = field.postings(numbers)
        return summed_occurrences(docs, np.repeat(likeness, counts) * freqs, segment.doc_count, self._space)


class Sized(Protocol):
    """A value that knows the size of its arrays."""

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""


V = TypeVar("V", bound=Sized)


class ArrayCache(Generic[V]):
    """Values by key, up to a number of bytes; the least recently used are evicted first.

    Safe to use from several threads. Two that miss the same key both make its value, which changes nothing: making is
    pure.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key; make and keep it if it is not cached."""
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
                _, evicted = self._values.popitem(last=False)
                self._size -= evicted.nbytes + _ENTRY_BYTES
        return made


def _least(scores: np.ndarray) -> DocSet:
    """The least of some scores, if any, as a doc set without documents: a value for the cache."""
    return DocSet(NONE.docs, scores.min(keepdims=True) if len(scores) else NONE.scores)


def _cap(least: float) -> np.float32:
    return np.float32(WEAK_CAP * least)


def _of_other_forms(scores: np.ndarray, least: float) -> np.ndarray:
    """Scores of documents with other forms of a word, from what its root and similar stems give: see `WEAK_CAP`."""
    bounded: np.ndarray = np.float32(least) * (1 - np.float32(1 - WEAK_CAP) / (1 + scores))
    return bounded
