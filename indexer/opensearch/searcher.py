"""Searching an archive whose index is in a cluster: its searcher, and the readers of its commits.

The cluster ranks and counts; titles, texts and snippets come from the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from corpus import Archive
from indexer import budget
from indexer.analysis.fields import FACET_FIELDS
from indexer.errors import IndexMissing
from indexer.opensearch.aggregations import read_facets, read_timeline
from indexer.opensearch.candidates import (
    CandidateScope,
    in_order_of_words,
    nearest_articles,
    nearest_copies,
    without_listed,
)
from indexer.opensearch.client import Client, NotFound, Search
from indexer.opensearch.compile import Compiler, ScoredQuery
from indexer.opensearch.filters import EVERYTHING, QueryFilters
from indexer.opensearch.indices import IndexState, Indices
from indexer.opensearch.ranking import Hits, Ranker
from indexer.opensearch.scanning import IDS_ONLY, PointInTime, groups_of, id_of
from indexer.opensearch.statistics import Query, Statistics
from indexer.query import ParsedQuery
from indexer.query.compiler import compile_query
from indexer.query.foreign import ForeignQuestion
from indexer.query.plan import CompiledQuery, Plan, WildcardPlan
from indexer.results import Facet, ModeCounts, PartCount, SearchRequest, Sort, SourceTimes, Timeline, TimeUnit
from indexer.search.index_reader import CursorPosition, IndexReader, NearestByMeaning, RankedArticle
from indexer.search.reordering import Meaning
from indexer.searcher import Searcher
from indexer.spellings.variant_finder import VariantFinder, variant_sources
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

if TYPE_CHECKING:
    from indexer.meaning.encoder import EncoderIdentity
    from indexer.meaning.similarity import VectorSource

REFRESH_SECONDS: Final = 1.0
"""A new commit is noticed at the latest after this time; the articles of a commit can be found at once."""

_SEED: Final = 1  # of samples

T = TypeVar("T")


class OpenSearchSearcher(Searcher):
    """Searches the index of an archive in a cluster."""

    def __init__(self, archive: Archive, client: Client, *, seconds: float | None = None) -> None:
        """Looks up the archive's index; a search that costs more than `seconds` (`indexer.budget`) is ended.

        Raises:
            IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused, EngineMissing: as their names say.
        """
        super().__init__(archive, seconds=seconds)
        self._client = client
        self._indices = Indices(client)
        self._lock = threading.Lock()
        self._reader: _ClusterReader | None = None
        self._refreshed = 0.0
        self._vectors_found: str | None = None
        self._vectors_refreshed = -REFRESH_SECONDS
        self._newest_reader()

    def document_count(self) -> int:
        """Number of articles in the index."""
        with budget.limited(self._seconds):
            return self._with_newest(lambda reader: self._indices.count(reader.state.name))

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no particular order."""
        point = PointInTime(self._client, self._newest_reader().state.name)
        everything = ScoredQuery(EVERYTHING, EVERYTHING)
        yield from (article.article_id for article in point.ranked(everything, Sort.OLDEST, group=False))

    def _read(self, operation: Callable[[IndexReader], T], *, refresh: bool = False) -> T:
        with budget.limited(self._seconds):
            return self._with_newest(operation, refresh=refresh)

    def _open_meaning(self) -> Meaning:
        from indexer.meaning.similarity import Similarity

        return Similarity(self._archive, vectors_of=self._vectors_of())

    def _vectors_version(self) -> str | None:
        if not self._client.settings.vectors:
            return super()._vectors_version()
        from indexer.meaning.vector_store import LEAD
        from indexer.opensearch.vector_sending import VectorIndices

        if monotonic() - self._vectors_refreshed >= REFRESH_SECONDS:
            state = VectorIndices(self._client).newest_of(str(self._archive.settings.meaning.get("encoder")))
            self._vectors_found = repr(state) if state and state.marks[LEAD] else None
            self._vectors_refreshed = monotonic()
        return self._vectors_found

    def _vectors_of(self) -> Callable[[EncoderIdentity], VectorSource] | None:
        """The vectors in the cluster, if it keeps them."""
        if not self._client.settings.vectors:
            return None
        from indexer.opensearch.vectors import ClusterVectors

        return cache(partial(ClusterVectors, self._client))

    def _with_newest(self, operation: Callable[[_ClusterReader], T], *, refresh: bool = False) -> T:
        """Calls `operation` with the newest reader, and again with the next one if a reindex removed its index."""
        try:
            return operation(self._newest_reader(refresh=refresh))
        except NotFound:
            try:
                return operation(self._newest_reader(refresh=True))
            except NotFound as error:
                raise IndexMissing(Path(self._client.settings.prefix)) from error

    def _newest_reader(self, *, refresh: bool = False) -> _ClusterReader:
        if self._reader is not None and not refresh and monotonic() - self._refreshed < REFRESH_SECONDS:
            return self._reader
        with self._lock:
            state = self._indices.current(local=True)
            state.check()
            self._refreshed = monotonic()
            if self._reader is None or self._reader.state != state:
                statistics = Statistics(self._client, state)
                vocabulary = ClusterVocabulary(statistics)
                printed = SurfaceForms(vocabulary, self._archive)
                spellings = VariantFinder(vocabulary, printed, variant_sources(self._archive.settings))
                self._reader = _ClusterReader(
                    self._client,
                    state,
                    statistics,
                    vocabulary,
                    Compiler(statistics),
                    Ranker(self._client, state),
                    printed,
                    spellings,
                )
            return self._reader


@dataclass(frozen=True, slots=True)
class _ClusterReader:
    """One commit of the index (`indexer.search.index_reader.IndexReader`), or a point in time of it."""

    client: Client
    state: IndexState
    statistics: Statistics
    vocabulary: ClusterVocabulary
    compiler: Compiler
    ranker: Ranker
    printed: SurfaceForms
    spellings: VariantFinder
    point: PointInTime | None = None

    @property
    def generation(self) -> int:
        return self.state.generation

    @property
    def version(self) -> str:
        return self.state.version

    @property
    def change(self) -> int:
        return self.state.change

    def add_variants(self, parsed: ParsedQuery, request: SearchRequest | None = None) -> ParsedQuery:
        # Most words have no other spellings: then the statistics of the query as typed are all that it needs.
        as_typed = compile_query(parsed, request) if request else None

        def look_up(statistics: Statistics) -> None:
            self.spellings.prefetch(parsed, ClusterVocabulary(statistics))
            if as_typed:
                Compiler(statistics).prefetch(as_typed)

        self.statistics.prefetch_for(look_up)
        return self.spellings.add_variants(parsed)

    def foreign_question(self, parsed: ParsedQuery) -> ForeignQuestion | None:
        self.statistics.prefetch_for(
            lambda statistics: self.spellings.prefetch_foreign(parsed, ClusterVocabulary(statistics))
        )
        return self.spellings.foreign_question(parsed)

    def match(self, query: CompiledQuery, request: SearchRequest, read_ahead: range) -> _ClusterMatches:
        filters = self.compiler.filters(query)
        scored = self.compiler.matching(query, filters, request.sort)
        counted = self.ranker.match(query, filters, scored, request, read_ahead)
        return _ClusterMatches(self, request, query, filters, scored, *counted)

    def was_cut(self, pattern: WildcardPlan) -> bool:
        return self.compiler.was_cut(pattern)

    def similar_stems(self, stem: str) -> Collection[str]:
        return [other for other, _ in self.statistics.similar(stem)]

    def top_articles(self, plan: Plan, limit: int, *, group: bool) -> tuple[RankedArticle, ...]:
        hits = Hits(self.ranker, self.compiler.plan(plan), SearchRequest("", group=group))
        return hits.with_copies(hits.page(0, limit))

    def point_in_time(self) -> _ClusterReader:
        point = PointInTime(self.client, self.state.name)  # articles that are indexed later are not in it
        return replace(self, ranker=Ranker(self.client, self.state, point), point=point)

    def prefetch(self, look_up: Callable[[Vocabulary], object]) -> None:
        self.statistics.prefetch_for(lambda statistics: look_up(ClusterVocabulary(statistics)))

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        return self.statistics.published(unit)

    def names(self, facet: str) -> Sequence[str]:
        return self.statistics.names_of(FACET_FIELDS[facet]).names

    def source_times(self) -> Sequence[SourceTimes]:
        return self.statistics.source_times()

    def undated(self, offset: int, limit: int) -> Sequence[str]:
        return self.statistics.undated(offset, limit)

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        return self.statistics.names_of(FACET_FIELDS[facet]).spellings(name)


@dataclass(frozen=True, slots=True)
class _ClusterMatches:
    """What matches a query in one commit (`indexer.search.index_reader.Matches`)."""

    reader: _ClusterReader
    request: SearchRequest
    query: CompiledQuery
    filters: QueryFilters
    scored: ScoredQuery
    hits: Hits
    total: int
    stories: int
    mode_counts: ModeCounts | None
    parts: tuple[PartCount, ...]
    aggregations: Mapping[str, Any]

    def ranked(self, offset: int, limit: int, after: CursorPosition | None = None) -> Sequence[RankedArticle]:
        if offset >= self.stories:
            return ()
        return self.hits.with_copies(self.hits.page(offset, limit) if after is None else self.hits.after(after, limit))

    def nearest(self, limit: int) -> Sequence[RankedArticle]:
        if not self.query.parts:  # everything that meets the conditions matches
            return ()
        hits = self._nearest(self._matching_groups())
        return hits.with_copies(hits.page(0, limit))

    def nearest_matches(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        scope = CandidateScope(self.scored, self.scored.filter, limited=True, matching=0)
        found = nearest_articles(self.reader.ranker, scope, self.request, limit, by_meaning)
        return self.hits.with_copies(in_order_of_words(nearest_copies(found) if self.request.group else found))

    def other_matches(
        self, listed: Sequence[RankedArticle], offset: int, limit: int, after: CursorPosition | None = None
    ) -> Sequence[RankedArticle]:
        numbers = [article.number for article in listed]
        ranker = self.reader.ranker
        excluded: list[Query] = [{"terms": {"order": numbers}}]
        if self.request.group and (groups := groups_of(ranker.numbered(self.scored, self.request, numbers))):
            excluded.append({"terms": {"group_name": sorted(groups)}})
        hits = Hits(ranker, self.scored.without(excluded), self.request)
        return hits.with_copies(hits.page(offset, limit) if after is None else hits.after(after, limit))

    def candidates(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        groups = self._matching_groups()
        near = self._nearest(groups)
        by_words = near.page(0, limit)
        scope = CandidateScope(
            self.reader.compiler.candidates(self.query, self.filters),
            self.filters.eligible(),
            limited=self.filters.is_limited,
            matching=self.total,
        )
        found = nearest_articles(self.reader.ranker, scope, self.request, limit, by_meaning)
        return (*near.with_copies(by_words), *without_listed(found, by_words, groups, group=self.request.group))

    def _matching_groups(self) -> set[str]:
        """The names of the groups of the stories that match."""
        return groups_of(self.hits.page(0, self.stories)) if self.request.group else set()

    def _nearest(self, groups: Collection[str]) -> Hits:
        scored = self.reader.compiler.nearest(self.query, self.filters, sorted(groups))
        return Hits(self.reader.ranker, scored, self.request)

    def sample(self, limit: int) -> list[str]:
        at_random = {"random_score": {"seed": _SEED, "field": "order"}}
        query = {"function_score": {"query": {"bool": {"filter": [self.scored.filter]}}, **at_random}}
        drawn = replace(self.scored, query=query)
        by_draw = replace(self.request, sort=Sort.RELEVANCE)
        return [hit.article_id for hit in self.reader.ranker.page(drawn, by_draw, 0, limit)]

    def facets(self) -> tuple[Facet, ...]:
        def count_any(field: str, names: list[str]) -> int:
            return self.reader.ranker.count([self.scored.filter, {"terms": {field: names}}], self.request)

        return read_facets(self.aggregations, self.reader.statistics.names_of, count_any)

    def timeline(self) -> Timeline:
        return read_timeline(self.aggregations, self.reader.statistics.published)

    def all_ranked(self) -> Callable[[], Iterator[RankedArticle]]:
        point = self.reader.point or PointInTime(self.reader.client, self.reader.state.name)
        return lambda: point.ranked(self.scored, self.request.sort, group=self.request.group)


class ClusterVocabulary:
    """The terms of one commit of an index in the cluster (`indexer.spellings.vocabulary.Vocabulary`)."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self.frequency = statistics.frequency
        self.frequencies = statistics.frequencies
        self.near = statistics.near
        self.cooccurrences = statistics.cooccurrences
        self.adjacent = statistics.adjacent
        self.forms_with_prefix = statistics.forms_with_prefix
        self.existing_prefixes = statistics.existing_prefixes

    @property
    def doc_count(self) -> int:
        """Number of articles in the index."""
        return self._statistics.doc_count

    def sample_articles(self, forms: Sequence[str], count: int) -> dict[str, list[str]]:
        """The ids of the shortest articles that contain each form."""
        found = self._statistics.fetch({("witnesses", form, count): self._shortest(form, count) for form in forms})
        return {form: list(map(id_of, found["witnesses", form, count]["hits"]["hits"])) for form in forms}

    def _shortest(self, form: str, count: int) -> Search:
        query = {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}}
        by_length = [{"length": "asc"}, {"order": "asc"}]
        return Search(self._statistics.state.name, {"size": count, "query": query, "sort": by_length, **IDS_ONLY})
