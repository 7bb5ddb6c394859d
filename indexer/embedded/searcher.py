"""Searching the embedded index: its commits as states that `indexer.searcher` asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from corpus import Archive
from indexer import budget
from indexer.analysis.fields import FACET_FIELDS
from indexer.embedded import top_hits
from indexer.embedded.collapse import Collapsed, Collapser, uncollapsed
from indexer.embedded.commit import newest_stamp
from indexer.embedded.doc_sets import DocSet
from indexer.embedded.executor import Executor, MatchSet
from indexer.embedded.facets import DIGITS, count_facets, count_times
from indexer.embedded.snapshot import Snapshot, open_snapshot
from indexer.query import ParsedQuery
from indexer.query.plan import CompiledQuery, Plan
from indexer.results import Facet, PartCount, SearchRequest, Sort, Timeline, TimeUnit, Widths
from indexer.search.hits import Ranked
from indexer.search.paging import Place
from indexer.searcher import Searcher, State
from indexer.spellings.variant_finder import VariantFinder, variant_sources
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

CACHE_BYTES: Final = 256 * 2**20
"""Memory for the postings of words that queries share."""

T = TypeVar("T")


class EmbeddedSearcher(Searcher):
    """Searches the index beside an archive."""

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        """Opens the archive's index; a search that costs more than `seconds` (`indexer.budget`) is ended.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        """
        super().__init__(archive, seconds=seconds)
        self._directory = archive.index_directory
        self._lock = threading.Lock()
        self._opened = _open(self._directory, archive)

    def document_count(self) -> int:
        """Number of articles that can be found."""
        return self.snapshot.live_count

    @property
    def snapshot(self) -> Snapshot:
        """The newest commit, opened."""
        return self._newest().snapshot

    def _ask(self, question: Callable[[State], T], *, look: bool = False) -> T:
        with budget.limited(self._seconds):
            opened = self._newest()
            with opened.snapshot.reading():
                return question(opened)

    def _newest(self) -> _Opened:
        """The newest commit, also where its file was put back or made again under the same number.

        The one before is let go when its last search has ended.
        """
        if newest_stamp(self._directory) == self._opened.snapshot.stamp:
            return self._opened
        with self._lock:
            if newest_stamp(self._directory) != self._opened.snapshot.stamp:
                self._opened = _open(self._directory, self._archive)
            return self._opened


def _open(directory: Path, archive: Archive) -> _Opened:
    snapshot = open_snapshot(directory)
    printed = SurfaceForms(snapshot, archive)
    spellings = VariantFinder(snapshot, printed, variant_sources(archive.settings))
    return _Opened(snapshot, Executor(snapshot, CACHE_BYTES), Collapser(snapshot), printed, spellings)


@dataclass(frozen=True, slots=True)
class _Opened:
    """One commit of the index (`indexer.searcher.State`)."""

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

    def add_variants(self, parsed: ParsedQuery) -> ParsedQuery:
        return self.spellings.add_variants(parsed)

    def session(self, request: SearchRequest, first: range) -> _Session:
        return _Session(self, request)  # all that matches is at hand: nothing is read ahead

    def scanning(self) -> _Opened:
        return self  # a commit never changes

    def best(self, plan: Plan, most: int, *, group: bool) -> list[Ranked]:
        found = self.executor.run(plan)
        kept = self.collapser.collapse(found, Sort.RELEVANCE) if group else uncollapsed(found)
        return self.first(kept, Sort.RELEVANCE, most)

    def ahead(self, ask: Callable[[Vocabulary], object]) -> None:
        """Does nothing: a look-up costs no round trip."""

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        return self.snapshot.published(DIGITS[unit])

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        return self.snapshot.names_of(FACET_FIELDS[facet]).spellings(name)

    def first(self, kept: Collapsed, sort: Sort, limit: int, after: Place | None = None) -> list[Ranked]:
        """The first articles in an order, or those behind a place."""
        place = None
        if after:
            place = top_hits.After(self.snapshot.document_of(after.article_id), after.key, after.number)
        return list(self.named(kept, top_hits.order(self.snapshot, kept.sets, sort, limit, place), sort))

    def named(self, kept: Collapsed, ordered: top_hits.Ordered, sort: Sort) -> Iterator[Ranked]:
        """The articles that ordered documents are."""
        # An order by date has no scores to show.
        scores = ordered.scores if sort is Sort.RELEVANCE else np.zeros(len(ordered.docs), np.float32)
        numbers = self.snapshot.order[ordered.docs]
        columns = (ordered.docs.tolist(), scores.tolist(), ordered.keys.tolist(), numbers.tolist())
        for document, score, key, number in zip(*columns, strict=True):
            yield Ranked(self.snapshot.article_id(document), score, kept.copies(document), float(key), number)


@dataclass(frozen=True, slots=True)
class _Matched:
    """What matches a query in one commit, and what stays where a story is one hit (`relaxation.Matched`)."""

    query: CompiledQuery
    found: MatchSet
    kept: Collapsed

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def stories(self) -> int:
        return self.kept.total

    @property
    def widths(self) -> Widths | None:
        return self.found.widths

    @property
    def parts(self) -> tuple[PartCount, ...]:
        return self.found.parts


class _Session:
    """One commit, asked for one request (`relaxation.Session`)."""

    def __init__(self, opened: _Opened, request: SearchRequest) -> None:
        self._opened = opened
        self._request = request
        self.was_cut = opened.executor.was_cut
        self.similar_stems = opened.snapshot.similar_stems
        self.add_variants = opened.add_variants

    def match(self, query: CompiledQuery) -> _Matched:
        found = self._opened.executor.match(query)
        return _Matched(query, found, self._collapsed(found.sets))

    def first(self, matched: _Matched, skipped: int, size: int, after: Place | None) -> Sequence[Ranked]:
        return self._opened.first(matched.kept, self._request.sort, skipped + size, after)[skipped:]

    def nearest(self, matched: _Matched, most: int) -> Sequence[Ranked]:
        found = self._opened.executor.nearest(matched.query, matched.found)
        kept = self._collapsed(found, beside=matched.found.sets)
        return self._opened.first(kept, Sort.RELEVANCE, most)

    def facets(self, matched: _Matched) -> tuple[Facet, ...]:
        return count_facets(self._opened.snapshot, matched.found.sets)

    def timeline(self, matched: _Matched) -> Timeline:
        return count_times(self._opened.snapshot, matched.found.sets)

    def all_ranked(self, matched: _Matched) -> Callable[[], Iterator[Ranked]]:
        snapshot, kept, sort = self._opened.snapshot, matched.kept, self._request.sort
        ordered = top_hits.order(snapshot, kept.sets, sort)

        def ranked() -> Iterator[Ranked]:
            with snapshot.reading():
                yield from self._opened.named(kept, ordered, sort)

        return ranked

    def _collapsed(self, found: Sequence[DocSet], beside: Sequence[DocSet] | None = None) -> Collapsed:
        if not self._request.group:
            return uncollapsed(found)
        return self._opened.collapser.collapse(found, self._request.sort, beside)
