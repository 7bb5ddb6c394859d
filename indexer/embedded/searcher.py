"""Searching the embedded index: its searcher, and the readers of its commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from corpus import Archive
from indexer import budget
from indexer.analysis.fields import FACET_FIELDS
from indexer.embedded import top_hits
from indexer.embedded.collapse import Collapsed, Collapser, uncollapsed
from indexer.embedded.commit import newest_stamp
from indexer.embedded.doc_sets import DocSet, scores_at
from indexer.embedded.executor import Executor, MatchSet
from indexer.embedded.facets import DIGITS, count_facets, count_times
from indexer.embedded.snapshot import SegmentView, Snapshot, open_snapshot
from indexer.query import ParsedQuery
from indexer.query.foreign import ForeignQuestion
from indexer.query.plan import CompiledQuery, Plan, WildcardPlan
from indexer.results import Facet, ModeCounts, PartCount, SearchRequest, Sort, SourceTimes, Timeline, TimeUnit
from indexer.search.index_reader import CursorPosition, IndexReader, NearestByMeaning, RankedArticle
from indexer.search.reordering import Meaning
from indexer.searcher import Searcher
from indexer.spellings.variant_finder import VariantFinder, variant_sources
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

CACHE_BYTES: Final = 256 * 2**20
"""Memory for cached postings of words that queries share."""

_FARTHEST: Final = -2.0  # less than any similarity
_GOLDEN_RATIO: Final = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, TAOCP 6.4)

T = TypeVar("T")


class EmbeddedSearcher(Searcher):
    """Searches the index in an archive's directory."""

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        """Opens the archive's index; a search that costs more than `seconds` (`indexer.budget`) is interrupted.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: see `open_commit`.
        """
        super().__init__(archive, seconds=seconds)
        self._directory = archive.index_directory
        self._lock = threading.Lock()
        self._reader = _open(self._directory, archive)

    def document_count(self) -> int:
        """Number of articles in the index."""
        return self.snapshot.live_count

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the newest commit."""
        return self._newest_reader().snapshot

    def _read(self, operation: Callable[[IndexReader], T], *, refresh: bool = False) -> T:
        with budget.limited(self._seconds):
            reader = self._newest_reader()
            with reader.snapshot.reading():
                return operation(reader)

    def _open_meaning(self) -> Meaning:
        from indexer.meaning.similarity import Similarity

        return Similarity(self._archive)

    def _newest_reader(self) -> _EmbeddedReader:
        """A reader of the newest commit, also if the index was restored or rebuilt under the same commit number.

        The previous reader is freed when its last search ends.
        """
        if newest_stamp(self._directory) == self._reader.snapshot.stamp:
            return self._reader
        with self._lock:
            if newest_stamp(self._directory) != self._reader.snapshot.stamp:
                self._reader = _open(self._directory, self._archive)
            return self._reader


def _open(directory: Path, archive: Archive) -> _EmbeddedReader:
    snapshot = open_snapshot(directory)
    printed = SurfaceForms(snapshot, archive)
    spellings = VariantFinder(snapshot, printed, variant_sources(archive.settings))
    return _EmbeddedReader(snapshot, Executor(snapshot, CACHE_BYTES), Collapser(snapshot), printed, spellings)


@dataclass(frozen=True, slots=True)
class _EmbeddedReader:
    """One commit of the index (`indexer.search.index_reader.IndexReader`)."""

    snapshot: Snapshot
    executor: Executor
    collapser: Collapser
    printed: SurfaceForms
    spellings: VariantFinder

    @property
    def generation(self) -> int:
        return self.snapshot.generation

    @property
    def version(self) -> str:
        return self.snapshot.version

    @property
    def change(self) -> int:
        return self.snapshot.change

    @property
    def vocabulary(self) -> Vocabulary:
        return self.snapshot

    def add_variants(self, parsed: ParsedQuery, request: SearchRequest | None = None) -> ParsedQuery:
        return self.spellings.add_variants(parsed)

    def foreign_question(self, parsed: ParsedQuery) -> ForeignQuestion | None:
        return self.spellings.foreign_question(parsed)

    def match(self, query: CompiledQuery, request: SearchRequest, read_ahead: range) -> _EmbeddedMatches:
        found = self.executor.match(query)
        return _EmbeddedMatches(self, request, query, found, self.collapsed(found.sets, request))

    def was_cut(self, pattern: WildcardPlan) -> bool:
        return self.executor.was_cut(pattern)

    def similar_stems(self, stem: str) -> Collection[str]:
        return self.snapshot.similar_stems(stem)

    def top_articles(self, plan: Plan, limit: int, *, group: bool) -> list[RankedArticle]:
        found = self.collapsed(self.executor.run(plan), SearchRequest("", group=group))
        return self.ranked(found, Sort.RELEVANCE, limit)

    def point_in_time(self) -> _EmbeddedReader:
        return self  # a commit never changes

    def prefetch(self, look_up: Callable[[Vocabulary], object]) -> None:
        """Does nothing: a look-up costs no round trip."""

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        return self.snapshot.published(DIGITS[unit])

    def names(self, facet: str) -> Sequence[str]:
        return self.snapshot.names_of(FACET_FIELDS[facet]).names

    def source_times(self) -> Sequence[SourceTimes]:
        return self.snapshot.source_times

    def undated(self, offset: int, limit: int) -> Sequence[str]:
        return self.snapshot.undated(offset, limit)

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        return self.snapshot.names_of(FACET_FIELDS[facet]).spellings(name)

    def collapsed(
        self, found: Sequence[DocSet], request: SearchRequest, without: Sequence[DocSet] | None = None
    ) -> Collapsed:
        """One document per story, if the request groups; none of a story that is in `without`."""
        return self.collapser.collapse(found, request.sort, without) if request.group else uncollapsed(found)

    def ranked(
        self, found: Collapsed, sort: Sort, limit: int, after: CursorPosition | None = None
    ) -> list[RankedArticle]:
        """The first articles in an order, or the first after a position."""
        position = None
        if after:
            position = top_hits.After(self.snapshot.document_of(after.article_id), after.key, after.number)
        return list(self.articles(found, top_hits.sort_hits(self.snapshot, found.sets, sort, limit, position), sort))

    def articles(self, found: Collapsed, ordered: top_hits.Ordered, sort: Sort) -> Iterator[RankedArticle]:
        """The articles of ordered documents."""
        # An order by date has no scores to show.
        scores = ordered.scores if sort is Sort.RELEVANCE else np.zeros(len(ordered.docs), np.float32)
        numbers = self.snapshot.order[ordered.docs]
        columns = (ordered.docs.tolist(), scores.tolist(), ordered.keys.tolist(), numbers.tolist())
        for document, score, key, number in zip(*columns, strict=True):
            article_id = self.snapshot.article_id(document)
            yield RankedArticle(article_id, score, found.copies(document), float(key), number)


@dataclass(frozen=True, slots=True)
class _EmbeddedMatches:
    """What matches a query in one commit (`indexer.search.index_reader.Matches`).

    `found` are all matching documents, `hits` those that stay when a story is one hit.
    """

    reader: _EmbeddedReader
    request: SearchRequest
    query: CompiledQuery
    found: MatchSet
    hits: Collapsed

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def stories(self) -> int:
        return self.hits.total

    @property
    def mode_counts(self) -> ModeCounts | None:
        return self.found.mode_counts

    @property
    def parts(self) -> tuple[PartCount, ...]:
        return self.found.parts

    def ranked(self, offset: int, limit: int, after: CursorPosition | None = None) -> Sequence[RankedArticle]:
        return self.reader.ranked(self.hits, self.request.sort, offset + limit, after)[offset:]

    def nearest(self, limit: int) -> Sequence[RankedArticle]:
        return self._nearest(self.reader.executor.nearest(self.query, self.found), limit)

    def nearest_matches(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        within = np.sort(self._numbers([each.docs for each in self.found.sets]))
        return self._nearest_copies(self.found.sets, by_meaning(limit, within))

    def other_matches(
        self, listed: Sequence[RankedArticle], offset: int, limit: int, after: CursorPosition | None = None
    ) -> Sequence[RankedArticle]:
        documents = self.reader.snapshot.documents_of([article.number for article in listed])
        taken, others = [], []
        for segment, found in zip(self.reader.snapshot.segments, self.found.sets, strict=True):
            taken.append(_unscored(_docs_in(segment, documents)))
            is_other = ~np.isin(found.docs, taken[-1].docs, assume_unique=True)
            others.append(DocSet(found.docs[is_other], found.scores[is_other]))
        hits = self.reader.collapsed(others, self.request, without=taken)
        return self.reader.ranked(hits, self.request.sort, offset + limit, after)[offset:]

    def candidates(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        snapshot = self.reader.snapshot
        near = self.reader.executor.nearest(self.query, self.found)
        by_words = self._nearest(near, limit)
        eligible = self.reader.executor.eligible(self.query, self.found)
        within = None if eligible is None else np.sort(self._numbers(eligible))
        # What matches may be the nearest in meaning too, and is not a candidate.
        matched = set(self._numbers([each.docs for each in self.found.sets]).tolist())
        similar = by_meaning(limit + len(matched), within)
        nearest = [(number, similarity) for number, similarity in similar if number not in matched][:limit]
        documents = snapshot.documents_of([number for number, _ in nearest])
        listed = snapshot.documents_of([article.number for article in by_words])
        taken, others = [], []
        for segment, found, by_word in zip(snapshot.segments, self.found.sets, near, strict=True):
            taken.append(_unscored(np.union1d(found.docs, _docs_in(segment, listed))))
            docs = np.setdiff1d(_docs_in(segment, documents), taken[-1].docs, assume_unique=True)
            others.append(DocSet(docs, scores_at(docs, [by_word], segment.doc_count)))
        return [*by_words, *self._nearest_copies(others, nearest, without=taken)]

    def _nearest_copies(
        self,
        found: Sequence[DocSet],
        nearest: Sequence[tuple[int, float]],
        without: Sequence[DocSet] | None = None,
    ) -> list[RankedArticle]:
        """The stories of some documents that are nearest in meaning, each as the nearest of its copies.

        `nearest` are numbers of articles and their similarities. The scores, and the order, are those of `found`.
        """
        known = np.array([number for number, _ in nearest], np.int64)
        ascending = np.argsort(known)
        known, values = known[ascending], np.array([value for _, value in nearest], np.float32)[ascending]
        by_similarity = []
        for segment, each in zip(self.reader.snapshot.segments, found, strict=True):
            numbers = segment.order[each.docs].astype(np.int64)
            places = np.searchsorted(known, numbers)
            places[places == len(known)] = 0
            there = known[places] == numbers if len(known) else np.zeros(len(numbers), np.bool_)
            scores = np.full(len(numbers), _FARTHEST, np.float32)
            scores[there] = values[places[there]]
            by_similarity.append(DocSet(each.docs, scores))
        stories = self.reader.collapsed(by_similarity, self.request, without)
        kept = []
        for each, own in zip(stories.sets, found, strict=True):
            docs = each.docs[each.scores > _FARTHEST]
            kept.append(DocSet(docs, own.scores[np.searchsorted(own.docs, docs)]))
        return self.reader.ranked(replace(stories, sets=kept), Sort.RELEVANCE, len(known))

    def _numbers(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """The numbers of articles in the archive, by the documents of each segment."""
        numbers = [each.order[docs] for each, docs in zip(self.reader.snapshot.segments, documents, strict=True)]
        return np.concatenate([np.zeros(0, np.uint64), *numbers])

    def _nearest(self, near: Sequence[DocSet], limit: int) -> list[RankedArticle]:
        hits = self.reader.collapsed(near, self.request, without=self.found.sets)
        return self.reader.ranked(hits, Sort.RELEVANCE, limit)

    def sample(self, limit: int) -> list[str]:
        snapshot = self.reader.snapshot
        docs = np.concatenate(
            [each.docs + segment.base for each, segment in zip(self.hits.sets, snapshot.segments, strict=True)]
            or [np.zeros(0, np.intp)]
        )
        # A hash of the article's number: no order of the archive, such as that of time, has a share in the draw.
        drawn = snapshot.order[docs].astype(np.uint64) * _GOLDEN_RATIO
        return [snapshot.article_id(document) for document in docs[np.argsort(drawn, kind="stable")[:limit]].tolist()]

    def facets(self) -> tuple[Facet, ...]:
        return count_facets(self.reader.snapshot, self.found.sets)

    def timeline(self) -> Timeline:
        return count_times(self.reader.snapshot, self.found.sets)

    def all_ranked(self) -> Callable[[], Iterator[RankedArticle]]:
        snapshot, sort = self.reader.snapshot, self.request.sort
        ordered = top_hits.sort_hits(snapshot, self.hits.sets, sort)

        def read() -> Iterator[RankedArticle]:
            with snapshot.reading():
                yield from self.reader.articles(self.hits, ordered, sort)

        return read


def _unscored(docs: np.ndarray) -> DocSet:
    return DocSet(docs, np.zeros(len(docs), np.float32))


def _docs_in(segment: SegmentView, documents: np.ndarray) -> np.ndarray:
    """The documents of a segment among those of a snapshot, ascending, by their numbers in the segment."""
    first, end = np.searchsorted(documents, (segment.base, segment.base + segment.doc_count))
    return documents[first:end] - segment.base
