"""Searching an archive whose index is a cluster: its states, as `indexer.searcher` asks them.

The cluster ranks and counts; titles, texts and snippets come from the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final, TypeVar

from corpus import Archive
from indexer import budget
from indexer.analysis.fields import FACET_FIELDS
from indexer.opensearch.aggregations import read_facets, read_timeline
from indexer.opensearch.client import Client, NotThere, Search, missing
from indexer.opensearch.compile import Compiler, RankedSet
from indexer.opensearch.filters import EVERYTHING
from indexer.opensearch.indices import IndexState, Indices
from indexer.opensearch.ranking import Hits, Matched, Ranker
from indexer.opensearch.scanning import IDS_ALONE, PointInTime, id_of
from indexer.opensearch.statistics import Statistics
from indexer.query import ParsedQuery
from indexer.query.compiler import compile_query
from indexer.query.plan import CompiledQuery, Plan, WildcardPlan
from indexer.results import Facet, SearchRequest, Sort, Timeline, TimeUnit
from indexer.search.hits import Ranked
from indexer.search.paging import Place
from indexer.searcher import Searcher, State
from indexer.spellings.variant_finder import VariantFinder, variant_sources
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

STATE_SECONDS: Final = 1.0
"""A commit is seen at the latest after so long; the articles of one are found at once."""

T = TypeVar("T")


class OpenSearchSearcher(Searcher):
    """Searches the index of an archive in a cluster."""

    def __init__(self, archive: Archive, client: Client, *, seconds: float | None = None) -> None:
        """Looks for the archive's index; a search that takes longer than `seconds` is ended.

        Raises:
            IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused, EngineMissing: as their names say.
        """
        super().__init__(archive, seconds=seconds)
        self._client = client
        self._indices = Indices(client)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._looked = 0.0
        self._newest()

    def document_count(self) -> int:
        """Number of articles that can be found."""
        with budget.limited(self._seconds):
            return self._retried(lambda opened: self._indices.count(opened.state.name))

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no order that means anything."""
        point = PointInTime(self._client, self._newest().state.name)
        everything = RankedSet(EVERYTHING, EVERYTHING)
        yield from (one.article_id for one in point.ranked(everything, Sort.OLDEST, group=False))

    def _ask(self, question: Callable[[State], T], *, look: bool = False) -> T:
        with budget.limited(self._seconds):
            return self._retried(question, look=look)

    def _retried(self, question: Callable[[_Opened], T], *, look: bool = False) -> T:
        """Asks of the newest state; when a reindex removed that index meanwhile, of the one after."""
        try:
            return question(self._newest(look=look))
        except NotThere:
            try:
                return question(self._newest(look=True))
            except NotThere as error:
                raise missing(self._client.settings.prefix) from error

    def _newest(self, *, look: bool = False) -> _Opened:
        if self._opened is not None and not look and monotonic() - self._looked < STATE_SECONDS:
            return self._opened
        with self._lock:
            state = self._indices.current(local=True)
            state.check()
            self._looked = monotonic()
            if self._opened is None or self._opened.state != state:
                statistics = Statistics(self._client, state)
                vocabulary = ClusterVocabulary(statistics)
                printed = SurfaceForms(vocabulary, self._archive)
                ranker = Ranker(self._client, state)
                spellings = VariantFinder(vocabulary, printed, variant_sources(self._archive.settings))
                compiler = Compiler(statistics)
                self._opened = _Opened(
                    self._client, state, statistics, vocabulary, compiler, ranker, printed, spellings
                )
            return self._opened


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index (`indexer.searcher.State`); read through a point in time where there is one."""

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

    def add_variants(self, parsed: ParsedQuery, beside: CompiledQuery | None = None) -> ParsedQuery:
        """A query with the other spellings of its words; what compiling `beside` needs is asked with what they need."""

        def ask(statistics: Statistics) -> None:
            self.spellings.prefetch(parsed, ClusterVocabulary(statistics))
            if beside:
                Compiler(statistics).prepare(beside)

        self.statistics.ahead(ask)
        return self.spellings.add_variants(parsed)

    def session(self, request: SearchRequest, first: range) -> _Session:
        return _Session(self, request, first)

    def scanning(self) -> _Opened:
        point = PointInTime(self.client, self.state.name)  # what is indexed from here on is not in the scan
        return replace(self, ranker=Ranker(self.client, self.state, point), point=point)

    def best(self, plan: Plan, most: int, *, group: bool) -> tuple[Ranked, ...]:
        hits = Hits(self.ranker, self.compiler.plan(plan), SearchRequest("", group=group))
        return hits.with_copies(hits.first(0, most))

    def ahead(self, ask: Callable[[Vocabulary], object]) -> None:
        self.statistics.ahead(lambda statistics: ask(ClusterVocabulary(statistics)))

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        return self.statistics.published(unit)

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        return self.statistics.names_of(FACET_FIELDS[facet]).spellings(name)


class _Session:
    """One state of the index, asked for one request (`relaxation.Session`).

    The hits with numbers in `first` are read together with the counts.
    """

    def __init__(self, opened: _Opened, request: SearchRequest, first: range) -> None:
        self._opened = opened
        self._request = request
        self._first = first

    def add_variants(self, parsed: ParsedQuery) -> ParsedQuery:
        # Most words have no other spellings: then what the query needs as typed is all that it needs.
        return self._opened.add_variants(parsed, compile_query(parsed, self._request))

    def match(self, query: CompiledQuery) -> Matched:
        filtered = self._opened.compiler.filtered(query)
        ranked = self._opened.compiler.matching(query, filtered, self._request.sort)
        read = self._first
        return self._opened.ranker.match(query, filtered, ranked, self._request, read.start, len(read))

    def first(self, matched: Matched, skipped: int, size: int, after: Place | None) -> Sequence[Ranked]:
        if skipped >= matched.stories:
            return ()
        hits = matched.hits
        return hits.with_copies(hits.first(skipped, size) if after is None else hits.after(after, size))

    def nearest(self, matched: Matched, most: int) -> Sequence[Ranked]:
        if not matched.query.parts:  # what meets the conditions matches
            return ()
        stories = matched.hits.first(0, matched.stories) if self._request.group else ()
        groups = sorted({one.group for one in stories if one.group})
        ranked = self._opened.compiler.nearest(matched.query, matched.filtered, groups)
        hits = Hits(self._opened.ranker, ranked, self._request)
        return hits.with_copies(hits.first(0, most))

    def was_cut(self, pattern: WildcardPlan) -> bool:
        return self._opened.compiler.was_cut(pattern)

    def similar_stems(self, stem: str) -> Collection[str]:
        return [other for other, _ in self._opened.statistics.like(stem)]

    def facets(self, matched: Matched) -> tuple[Facet, ...]:
        def count_any(field: str, names: list[str]) -> int:
            return self._opened.ranker.count([matched.ranked.filter, {"terms": {field: names}}], self._request)

        return read_facets(matched.aggregations, self._opened.statistics.names_of, count_any)

    def timeline(self, matched: Matched) -> Timeline:
        return read_timeline(matched.aggregations, self._opened.statistics.published)

    def all_ranked(self, matched: Matched) -> Callable[[], Iterator[Ranked]]:
        point = self._opened.point or PointInTime(self._opened.client, self._opened.state.name)
        return lambda: point.ranked(matched.ranked, self._request.sort, group=self._request.group)


class ClusterVocabulary:
    """The terms of one state of an index in the cluster (`indexer.spellings.vocabulary.Vocabulary`)."""

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
        """Articles in the index."""
        return self._statistics.doc_count

    def sample_articles(self, forms: Sequence[str], count: int) -> dict[str, list[str]]:
        """For each of some forms: the ids of the shortest articles that hold it."""
        found = self._statistics.ask({("witnesses", form, count): self._shortest(form, count) for form in forms})
        return {form: list(map(id_of, found["witnesses", form, count]["hits"]["hits"])) for form in forms}

    def _shortest(self, form: str, count: int) -> Search:
        query = {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}}
        by_length = [{"length": "asc"}, {"order": "asc"}]
        return Search(self._statistics.state.name, {"size": count, "query": query, "sort": by_length, **IDS_ALONE})
