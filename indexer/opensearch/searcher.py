"""Searching an archive whose index is a cluster: requests, plans, marks and pages as with the embedded engine.

The cluster ranks and counts; titles, texts and snippets come from the archive.

The words of an index in the cluster, for suggestions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Final, TypeVar

from corpus import Archive, Article, display_url
from indexer import budget
from indexer.embedded.facets import FIELDS
from indexer.embedded.searcher import marked
from indexer.highlight.marker import Marker
from indexer.opensearch.aggregations import read_facets, read_timeline
from indexer.opensearch.client import Client, NotThere, Search, missing
from indexer.opensearch.compile import Compiler, RankedSet
from indexer.opensearch.filters import EVERYTHING
from indexer.opensearch.indices import IndexState, Indices
from indexer.opensearch.ranking import Hits, Matched, Ranker
from indexer.opensearch.scanning import IDS_ALONE, PointInTime, id_of
from indexer.opensearch.statistics import Statistics
from indexer.query import ParsedQuery, parse_query
from indexer.query.compiler import compile_query
from indexer.query.plan import CompiledQuery, Pattern, Plan
from indexer.results import (
    MAX_HIT,
    Facet,
    Hit,
    Ranking,
    ResultPage,
    Scan,
    SearchRequest,
    Snippet,
    Sort,
    Suggestion,
    TimeUnit,
)
from indexer.search.hits import Ranked, ScannedHits, addressed_hits
from indexer.search.paging import Place, addressed_page, bounded, make_page, read_cursor, room_of
from indexer.search.relaxation import NEAREST, answer, answer_page, rank
from indexer.spellings.expansion import Spellings, sources_of
from indexer.spellings.vocabulary import PrintedForms
from indexer.suggest.autocomplete import Completer
from indexer.suggest.did_you_mean import Speller
from indexer.suggest.more_like import more_like, telling_plan

STATE_SECONDS: Final = 1.0
"""A commit is seen at the latest after so long; the articles of one are found at once."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index and what answers questions about it."""

    state: IndexState
    statistics: Statistics
    lexicon: ClusterLexicon
    compiler: Compiler
    ranker: Ranker
    printed: PrintedForms
    spellings: Spellings

    def respelled(self, parsed: ParsedQuery, beside: CompiledQuery | None = None) -> ParsedQuery:
        """A query with the other spellings of its words; what compiling `beside` needs is asked with what they need."""

        def ask(statistics: Statistics) -> None:
            self.spellings.ask(parsed, ClusterLexicon(statistics))
            if beside:
                Compiler(statistics).prepare(beside)

        self.statistics.ahead(ask)
        return self.spellings.respelled(parsed)

    def best(self, plan: Plan, request: SearchRequest, most: int) -> tuple[Ranked, ...]:
        """The first articles that match a plan, whatever the request's query and filters."""
        hits = Hits(self.ranker, self.compiler.plan(plan), request)
        return hits.with_copies(hits.first(0, most))


class OpenSearchSearcher:
    """Searches one archive in a cluster. Keep it open and share it between threads: it sees new commits by itself."""

    def __init__(self, archive: Archive, client: Client | None = None, *, seconds: float | None = None) -> None:
        """Looks for the archive's index; a search that takes longer than `seconds` is ended.

        Raises:
            IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused, EngineMissing: as their names say.
        """
        self._archive = archive
        self._client = client or Client(archive.settings.cluster)
        self._seconds = seconds
        self._indices = Indices(self._client)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._looked = 0.0
        self._newest()

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of hits that a request asks for, or, with the `next` of another page, the one after that.

        Raises:
            SearchTooCostly: it took longer than this searcher lets it. No other query raises.
            CursorInvalid: the cursor is none, or of another search.
            ClusterUnavailable: the cluster does not answer, or not whole.
            IndexVersionMismatch, ClusterRefused: as their names say.
        """
        began = perf_counter()
        request = bounded(request)
        after = read_cursor(cursor, request) if cursor else None
        if addressed := self._archive.ids_of_url(request.query):
            # An address is a name: its articles come whatever the filters.
            state = self._newest().state
            return addressed_page(self._archive, request, addressed, after, state.generation, state.version, began)
        parsed = parse_query(request.query, request.today)

        def ask(opened: _Opened) -> ResultPage:
            return self._page(opened, parsed, request, after, began)

        # Whether the commit is another one than the cursor's must be known for certain.
        return self._ask(ask, look=after is not None)

    def scan(self, request: SearchRequest) -> Scan:
        """All hits of a request, in the order of `search`, without a cap, as the index is at this moment.

        The request's page and page size are ignored. The hits are read as the scan is read through.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`; when the scan is
                read, the middle two of them.
        """
        if addressed := self._archive.ids_of_url(request.query):
            state = self._newest().state
            counts, source = (len(addressed), len(addressed)), addressed_hits(self._archive, addressed)
            understood = display_url(request.query.strip())
            return Scan(request, understood, *counts, state.generation, state.change, (), source)
        parsed = parse_query(request.query, request.today)

        def ask(opened: _Opened) -> Scan:
            # What is indexed from here on is not in the scan.
            point = PointInTime(self._client, opened.state.name)
            then = replace(opened, ranker=Ranker(self._client, opened.state, point))
            engine = _Engine(then, request)
            answered = answer(engine, parsed, request)
            matched = answered.matched
            ranked, sort, group = matched.ranked, request.sort, request.group
            marker = Marker(answered.query.items)
            source = ScannedHits(self._archive, lambda: point.ranked(ranked, sort, group=group), marker)
            counts = matched.total, matched.stories
            state, said = opened.state, answered.said
            return Scan(request, answered.query.understood, *counts, state.generation, state.change, said, source)

        return self._ask(ask, look=True)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        `limit` is clamped to 1..MAX_HIT; the request's page, page size and facets are ignored.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        if addressed := self._archive.ids_of_url(request.query):
            return Ranking(tuple((found, 0.0) for found in addressed[: max(1, limit)]), len(addressed), ())
        parsed = parse_query(request.query, request.today)
        wanted = replace(request, facets=False)
        size = min(max(1, limit), MAX_HIT)

        def ask(opened: _Opened) -> Ranking:
            engine = _Engine(opened, wanted, 0, size)
            answered = answer(engine, parsed, wanted)
            ranked = rank(engine, answered, wanted, size)
            return Ranking(
                tuple((one.article_id, one.score) for one in ranked),
                answered.matched.total,
                answered.warnings,
                frozenset(one.article_id for one in ranked if one.matched),
            )

        return self._ask(ask)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def ask(opened: _Opened) -> tuple[Suggestion, ...]:
            def best(plan: Plan, most: int) -> list[str]:
                return [one.article_id for one in opened.best(plan, SearchRequest("", group=False), most)]

            latin_names = self._archive.settings.latin_names
            completer = Completer(opened.lexicon, opened.printed, self._archive, best, latin_names=latin_names)
            opened.statistics.ahead(lambda statistics: completer.ask(prefix, limit, ClusterLexicon(statistics)))
            return completer.suggest(prefix, limit)

        return self._ask(ask)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, one a story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def first(article: Article, most: int) -> Sequence[Ranked]:
            return self._ask(lambda opened: opened.best(telling_plan(article, opened.lexicon), SearchRequest(""), most))

        return more_like(self._archive, article_id, limit, first)

    def mark(self, request: SearchRequest, texts: Iterable[str]) -> list[Snippet]:
        """Each text whole, with the spans that match a request's query: for showing an article.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        return self._ask(lambda opened: marked(request, texts, opened.respelled))

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """How many articles the archive holds of each time of a unit, hits or not: `2017-02` → 31.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        return self._ask(lambda opened: opened.statistics.published(unit))

    def name_of(self, facet: str, name: str) -> str:
        """The spelling in which a facet (`source`, `section`, `author`) lists a name; itself where no article has it.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        spellings = self._ask(lambda opened: opened.statistics.names_of(FIELDS[facet]).spellings(name))
        return spellings[0] if spellings else name

    def document_count(self) -> int:
        """Number of articles that can be found."""
        return self._ask(lambda opened: self._indices.count(opened.state.name))

    def pending_changes(self) -> int:
        """How many changes of the archive the index has not seen, as it stood at most `STATE_SECONDS` ago."""
        change = self._newest().state.change
        return max(0, self._archive.last_change() - change)

    @property
    def generation(self) -> int:
        """The number of the newest commit."""
        return self._newest().state.generation

    @property
    def version(self) -> str:
        """What the newest commit has and no other commit of any index: number and random id."""
        return self._newest().state.version

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no order that means anything."""
        point = PointInTime(self._client, self._newest().state.name)
        everything = RankedSet(EVERYTHING, EVERYTHING)
        yield from (one.article_id for one in point.ranked(everything, Sort.OLDEST, group=False))

    def _page(
        self, opened: _Opened, parsed: ParsedQuery, request: SearchRequest, after: Place | None, began: float
    ) -> ResultPage:
        engine = _Engine(opened, request, *_hits_read(request, after))
        answered = answer(engine, parsed, request)
        matched = answered.matched
        page = answer_page(
            engine,
            answered,
            request,
            after,
            generation=opened.state.generation,
            version=opened.state.version,
            suggestion=Speller(opened.lexicon, opened.printed).suggest(answered.query),
            facets=_facets(opened, matched, request) if request.facets else (),
            timeline=read_timeline(matched.aggregations, opened.statistics.published) if request.facets else None,
        )
        return make_page(self._archive, request, page, after, began)

    def _ask(self, question: Callable[[_Opened], T], *, look: bool = False) -> T:
        """Asks of the newest state; when a reindex removed that index meanwhile, of the one after."""
        with budget.limited(self._seconds):
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
                lexicon = ClusterLexicon(statistics)
                printed = PrintedForms(lexicon, self._archive)
                ranker = Ranker(self._client, state)
                spellings = Spellings(lexicon, printed, sources_of(self._archive.settings))
                self._opened = _Opened(state, statistics, lexicon, Compiler(statistics), ranker, printed, spellings)
            return self._opened


class _Engine:
    """One state of the index, asked for one request (`indexer.search.relaxation.Engine`).

    The `size` hits behind the first `start` are read together with the counts.
    """

    def __init__(self, opened: _Opened, request: SearchRequest, start: int = 0, size: int = 0) -> None:
        self._opened = opened
        self._request = request
        self._start = start
        self._size = size

    def respelled(self, parsed: ParsedQuery) -> ParsedQuery:
        # Most words have no other spellings: then what the query needs as typed is all that it needs.
        return self._opened.respelled(parsed, compile_query(parsed, self._request))

    def match(self, query: CompiledQuery) -> Matched:
        filtered = self._opened.compiler.filtered(query)
        ranked = self._opened.compiler.matching(query, filtered, self._request.sort)
        return self._opened.ranker.match(query, filtered, ranked, self._request, self._start, self._size)

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

    def was_cut(self, pattern: Pattern) -> bool:
        return self._opened.compiler.was_cut(pattern)

    def similar_stems(self, stem: str) -> Collection[str]:
        return [other for other, _ in self._opened.statistics.like(stem)]


def _hits_read(request: SearchRequest, after: Place | None) -> tuple[int, int]:
    """Which hits a page, or the one behind a place, needs together with its counts: behind so many, so many."""
    skipped, shown = room_of(request, after)
    if shown and request.sort is Sort.RELEVANCE and skipped < NEAREST:
        # Where few stories match, all of them are needed to find the nearest others.
        return 0, max(NEAREST, skipped + shown + 1)
    # One more than is shown tells whether there is a next page.
    return (skipped, shown + 1) if shown and after is None else (0, 0)


def _facets(opened: _Opened, matched: Matched, request: SearchRequest) -> tuple[Facet, ...]:
    def count_any(field: str, names: list[str]) -> int:
        return opened.ranker.count([matched.ranked.filter, {"terms": {field: names}}], request)

    return read_facets(matched.aggregations, opened.statistics.names_of, count_any)


class ClusterLexicon:
    """The words of one state of an index in the cluster (`indexer.spellings.vocabulary.Lexicon`)."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self.frequency = statistics.frequency
        self.frequencies = statistics.frequencies
        self.near = statistics.near
        self.together = statistics.together
        self.adjacent = statistics.adjacent
        self.beginning = statistics.beginning
        self.begun = statistics.begun

    @property
    def doc_count(self) -> int:
        """Articles in the index."""
        return self._statistics.doc_count

    def witnesses(self, forms: Sequence[str], count: int) -> dict[str, list[str]]:
        """For each of some forms: the ids of the shortest articles that hold it."""
        found = self._statistics.ask({("witnesses", form, count): self._shortest(form, count) for form in forms})
        return {form: list(map(id_of, found["witnesses", form, count]["hits"]["hits"])) for form in forms}

    def _shortest(self, form: str, count: int) -> Search:
        query = {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}}
        by_length = [{"length": "asc"}, {"order": "asc"}]
        return Search(self._statistics.state.name, {"size": count, "query": query, "sort": by_length, **IDS_ALONE})
