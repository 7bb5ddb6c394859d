"""Searching an archive whose index is a cluster: requests, plans, marks and pages as with the embedded engine.

The cluster ranks and counts; titles, texts and snippets come from the archive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Final, TypeVar

from corpus import Archive, Article, display_url
from indexer import budget
from indexer.completion import Completer
from indexer.cursor import Place, read_cursor
from indexer.facets import FIELDS
from indexer.hits import Ranked, ScannedHits, addressed_hits
from indexer.more_like import more_like, telling_plan
from indexer.opensearch.aggregations import read_facets, read_timeline
from indexer.opensearch.client import Client, NotThere, missing
from indexer.opensearch.compile import Compiler, Query, filtered
from indexer.opensearch.indices import Indices
from indexer.opensearch.lexicon import ClusterLexicon
from indexer.opensearch.mapping import IndexState
from indexer.opensearch.ranking import Met, Ranker
from indexer.opensearch.scanning import PointInTime
from indexer.opensearch.statistics import Statistics
from indexer.paging import Answer, addressed_page, bounded, make_page, room_of
from indexer.plan import PlainWord, Plan
from indexer.printed import PrintedForms
from indexer.query import ParsedQuery, display_query, parse_query
from indexer.results import (
    MAX_HIT,
    Facet,
    Hit,
    Ranking,
    ResultPage,
    SearchRequest,
    Sort,
    Suggestion,
    TimeUnit,
)
from indexer.scan import Scan
from indexer.speller import Speller

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

    def query(self, plan: Plan, request: SearchRequest) -> Query:
        """A plan and the request's filters, compiled."""
        return filtered(self.compiler.query(plan), [self.compiler.query(one) for one in make_filters(request)])

    def best(self, plan: Plan, request: SearchRequest, most: int) -> Met:
        """The first articles that meet a plan."""
        return self.ranker.first(self.query(plan, request), request, 0, most)


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
            return addressed_page(self._archive, request, addressed, after, self.generation, began)
        parsed = parse_query(request.query)

        def ask(opened: _Opened) -> ResultPage:
            return self._page(opened, parsed, request, after, began)

        # Whether the commit is another one than the cursor's must be known for certain.
        return self._ask(ask, look=after is not None)

    def scan(self, request: SearchRequest) -> Scan:
        """All hits of a request, in the order of `search`, without a cap, as the index is at this moment.

        The request's page and page size are passed over. The hits are read as the scan is read through.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`; when the scan is
                read, the middle two of them.
        """
        if addressed := self._archive.ids_of_url(request.query):
            state = self._newest().state
            counts, source = (len(addressed), len(addressed)), addressed_hits(self._archive, addressed)
            understood = display_url(request.query.strip())
            return Scan(request, understood, *counts, state.generation, state.change, (), source)
        parsed = parse_query(request.query)

        def ask(opened: _Opened) -> Scan:
            # What is indexed from here on is not in the scan.
            point = PointInTime(self._client, opened.state.name)
            then = replace(opened, ranker=Ranker(self._client, opened.state, point))
            finder = _Finder(then, request, 0, 0)
            found = find(finder, parsed)
            query, sort, group = found.met.query, request.sort, request.group
            marker = marker_of(finder, parsed.node, found)
            source = ScannedHits(self._archive, lambda: point.ranked(query, sort, group=group), marker)
            counts = found.total, found.met.stories
            state = opened.state
            understood = display_query(parsed.node)
            return Scan(request, understood, *counts, state.generation, state.change, found.warnings, source)

        return self._ask(ask, look=True)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        `limit` is clamped to 1..MAX_HIT; the request's page, page size and facets are passed over.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        if addressed := self._archive.ids_of_url(request.query):
            return Ranking(tuple((found, 0.0) for found in addressed[: max(1, limit)]), len(addressed), ())
        parsed = parse_query(request.query)
        wanted = replace(request, facets=False)
        size = min(max(1, limit), MAX_HIT)
        found = self._ask(lambda opened: find(_Finder(opened, wanted, 0, size), parsed))
        return Ranking(tuple((one.article_id, one.score) for one in found.met.ranked), found.total, found.warnings)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            SearchTooCostly, ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def ask(opened: _Opened) -> tuple[Suggestion, ...]:
            def best(plan: Plan, most: int) -> list[str]:
                return [one.article_id for one in opened.best(plan, SearchRequest("", group=False), most).ranked]

            return Completer(opened.lexicon, opened.printed, self._archive, best).suggest(prefix, limit)

        return self._ask(ask)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, one a story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def first(article: Article, most: int) -> Sequence[Ranked]:
            return self._ask(
                lambda opened: opened.best(telling_plan(article, opened.lexicon), SearchRequest(""), most).ranked
            )

        return more_like(self._archive, article_id, limit, first)

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

    @property
    def generation(self) -> int:
        """The number of the newest commit."""
        return self._newest().state.generation

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no order that means anything."""
        point = PointInTime(self._client, self._newest().state.name)
        yield from (one.article_id for one in point.ranked({"match_all": {}}, Sort.OLDEST, group=False))

    def _page(
        self, opened: _Opened, parsed: ParsedQuery, request: SearchRequest, after: Place | None, began: float
    ) -> ResultPage:
        skipped, shown = room_of(request, after)
        counted_alone = after is not None or not shown
        # One more than is shown tells whether there is a next page.
        finder = _Finder(opened, request, 0 if counted_alone else skipped, 0 if counted_alone else shown + 1)
        found = find(finder, parsed)
        met = found.met
        answer = Answer(
            opened.ranker.after(met.query, request, after, shown + 1) if after else met.ranked,
            marker_of(finder, parsed.node, found),
            found.total,
            met.stories,
            opened.state.generation,
            found.warnings,
            Speller(opened.lexicon, opened.printed).suggest(parsed.node),
            _facets(opened, met, request) if request.facets else (),
            read_timeline(dict(met.aggregations), opened.statistics.published) if request.facets else None,
        )
        return make_page(self._archive, request, parsed, answer, after, began)

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
                lexicon = ClusterLexicon(self._client, statistics)
                printed = PrintedForms(lexicon, self._archive)
                ranker = Ranker(self._client, state)
                self._opened = _Opened(state, statistics, lexicon, Compiler(statistics), ranker, printed)
            return self._opened


class _Finder:
    """One state of the index, asked for one request (`indexer.finding.Finder`): for `size` hits behind the skipped."""

    def __init__(self, opened: _Opened, request: SearchRequest, skipped: int, size: int) -> None:
        self._opened = opened
        self._request = request
        self._skipped = skipped
        self._size = size
        self.was_cut = opened.compiler.was_cut

    def run(self, plan: Plan, words: Sequence[PlainWord], *, weak: bool) -> Met:
        self._opened.statistics.prepare(words, weak=weak)
        query = self._opened.query(plan, self._request)
        return self._opened.ranker.first(query, self._request, self._skipped, self._size)

    def total(self, met: Met) -> int:
        return met.total

    def none_has_all(self, plan: Plan) -> bool:
        return any(
            not self._opened.statistics.count(query, ("all words", plan, number))
            for number, query in enumerate(self._opened.compiler.every_word(plan))
        )

    def similar_stems(self, stem: str) -> Collection[str]:
        return [other for other, _ in self._opened.statistics.like(stem)]


def _facets(opened: _Opened, met: Met, request: SearchRequest) -> tuple[Facet, ...]:
    def count_any(field: str, names: list[str]) -> int:
        query = {"bool": {"must": [met.query], "filter": [{"terms": {field: names}}]}}
        return opened.ranker.count(query, request)

    return read_facets(dict(met.aggregations), opened.statistics.names_of, count_any)
