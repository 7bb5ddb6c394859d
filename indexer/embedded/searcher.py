"""Searching the embedded index: `indexer.searcher` on its commits."""

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
from indexer.spellings.expansion import Spellings, sources_of
from indexer.spellings.vocabulary import PrintedForms, Vocabulary

CACHE_BYTES: Final = 256 * 2**20
"""Size of the cache of what words match, which queries share."""

T = TypeVar("T")


class EmbeddedSearcher(Searcher):
    """Searches the index beside an archive."""

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        """Opens the archive's index; a search that costs more than `seconds` (`indexer.budget`) is interrupted.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: see `open_commit`.
        """
        super().__init__(archive, seconds=seconds)
        self._directory = archive.index_directory
        self._lock = threading.Lock()
        self._opened = _open(self._directory, archive)

    def document_count(self) -> int:
        """The number of live articles."""
        return self.snapshot.live_count

    @property
    def snapshot(self) -> Snapshot:
        """The newest commit."""
        return self._newest().snapshot

    def _ask(self, question: Callable[[State], T], *, look: bool = False) -> T:
        with budget.limited(self._seconds):
            opened = self._newest()
            with opened.snapshot.reading():
                return question(opened)

    def _newest(self) -> _OpenCommit:
        """The newest commit, reopened if its file has changed, even under the same number.

        The previous commit is freed when its last search has ended.
        """
        if newest_stamp(self._directory) == self._opened.snapshot.stamp:
            return self._opened
        with self._lock:
            if newest_stamp(self._directory) != self._opened.snapshot.stamp:
                self._opened = _open(self._directory, self._archive)
            return self._opened


def _open(directory: Path, archive: Archive) -> _OpenCommit:
    snapshot = open_snapshot(directory)
    printed = PrintedForms(snapshot, archive)
    spellings = Spellings(snapshot, printed, sources_of(archive.settings))
    return _OpenCommit(snapshot, Executor(snapshot, CACHE_BYTES), Collapser(snapshot), printed, spellings)


@dataclass(frozen=True, slots=True)
class _OpenCommit:
    """One commit of the index (`indexer.searcher.State`)."""

    snapshot: Snapshot
    executor: Executor
    collapser: Collapser
    printed: PrintedForms
    spellings: Spellings

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

    def respelled(self, parsed: ParsedQuery) -> ParsedQuery:
        return self.spellings.respelled(parsed)

    def session(self, request: SearchRequest, first: range) -> _Session:
        return _Session(self, request)  # a look-up needs no round trip: nothing is read ahead

    def scanning(self) -> _OpenCommit:
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
        """The first articles in an order, or those after a place."""
        place = None
        if after:
            place = top_hits.After(self.snapshot.document_of(after.article_id), after.key, after.number)
        return list(self.named(kept, top_hits.sort_hits(self.snapshot, kept.sets, sort, limit, place), sort))

    def named(self, kept: Collapsed, ordered: top_hits.Ordered, sort: Sort) -> Iterator[Ranked]:
        """The articles of sorted documents."""
        # An order by date has no scores to show.
        scores = ordered.scores if sort is Sort.RELEVANCE else np.zeros(len(ordered.docs), np.float32)
        numbers = self.snapshot.order[ordered.docs]
        columns = (ordered.docs.tolist(), scores.tolist(), ordered.keys.tolist(), numbers.tolist())
        for document, score, key, number in zip(*columns, strict=True):
            yield Ranked(self.snapshot.article_id(document), score, kept.copies(document), float(key), number)


@dataclass(frozen=True, slots=True)
class _Matched:
    """The matches of a query in one commit, before and after collapsing (`relaxation.Matched`)."""

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
    """One request on one commit (`relaxation.Session`)."""

    def __init__(self, opened: _OpenCommit, request: SearchRequest) -> None:
        self._opened = opened
        self._request = request
        self.was_cut = opened.executor.was_cut
        self.similar_stems = opened.snapshot.similar_stems
        self.respelled = opened.respelled

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
        ordered = top_hits.sort_hits(snapshot, kept.sets, sort)

        def ranked() -> Iterator[Ranked]:
            with snapshot.reading():
                yield from self._opened.named(kept, ordered, sort)

        return ranked

    def _collapsed(self, found: Sequence[DocSet], beside: Sequence[DocSet] | None = None) -> Collapsed:
        if not self._request.group:
            return uncollapsed(found)
        return self._opened.collapser.collapse(found, self._request.sort, beside)
