"""Searching an archive whose index is a cluster: requests, plans, marks and pages as with the embedded engine.

The cluster ranks and counts; titles, texts and snippets come from the archive.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Any, Final, TypeVar

from corpus import Archive, ArshifError
from indexer.completion import Completer
from indexer.errors import ClusterUnavailable
from indexer.hits import find_hits
from indexer.marking import Marker
from indexer.more_like import LEAST_SHARE, telling_plan
from indexer.opensearch.aggregations import facet_aggregations, read_facets, read_timeline
from indexer.opensearch.client import Client, NotThere, missing
from indexer.opensearch.compile import Compiler, Query, filtered
from indexer.opensearch.indices import Indices
from indexer.opensearch.mapping import IndexState
from indexer.opensearch.statistics import GLOBAL, Statistics
from indexer.plan import STRICT_WORDS, PlainWord, Plan, make_filters, make_plan, plain_word, plain_words
from indexer.printed import PrintedForms
from indexer.query import Everything, Node, ParsedQuery, Word, display_query, parse_query, warnings
from indexer.results import (
    MAX_PAGE_SIZE,
    Hit,
    QueryWarning,
    Ranking,
    ResultPage,
    SearchRequest,
    Sort,
    Suggestion,
)
from indexer.speller import Speller
from indexer.vocabulary import MAX_EXPANSION

MAX_HIT: Final = 10_000
"""The last hit that paging reaches, as with the embedded engine; `scan` goes on."""

STATE_SECONDS: Final = 1.0
"""A commit is seen at the latest after so long; the articles of one are found at once."""

_SCAN_PAGE: Final = 2_000
_SCAN_KEPT: Final = "5m"  # a reader of a scan may pause for so long
_TIME_SORTS: Final = {Sort.NEWEST: "desc", Sort.OLDEST: "asc"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index and what answers questions about it."""

    state: IndexState
    statistics: Statistics
    lexicon: ClusterLexicon
    compiler: Compiler
    printed: PrintedForms


class ClusterLexicon:
    """The words of one state of an index in the cluster (`indexer.lexicon.Lexicon`)."""

    def __init__(self, client: Client, statistics: Statistics) -> None:
        self._client = client
        self._statistics = statistics
        self.frequency = statistics.frequency
        self.frequencies = statistics.frequencies
        self.near = statistics.near
        self.beginning = statistics.beginning

    @property
    def doc_count(self) -> int:
        """Articles in the index."""
        return self._statistics.doc_count

    def witnesses(self, form: str, count: int) -> list[str]:
        """The ids of the shortest articles that hold a form."""
        body = {
            "size": count,
            "query": {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}},
            "sort": [{"length": "asc"}, {"order": "asc"}],
            **_IDS_ALONE,
        }
        return [_id(hit) for hit in self._client.search(self._statistics.state.name, body)["hits"]["hits"]]


_IDS_ALONE: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}


class OpenSearchSearcher:
    """Searches one archive in a cluster. Keep it open and share it between threads: it sees new commits by itself."""

    def __init__(self, archive: Archive, client: Client | None = None) -> None:
        """Looks for the archive's index.

        Raises:
            IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused, EngineMissing: as their names say.
        """
        self._archive = archive
        self._client = client or Client(archive.settings.cluster)
        self._indices = Indices(self._client)
        self._lock = threading.Lock()
        self._opened: _Opened | None = None
        self._looked = 0.0
        self._newest()

    def search(self, request: SearchRequest) -> ResultPage:
        """The page of hits that a request asks for. No query raises.

        Raises:
            ClusterUnavailable: the cluster does not answer, or not whole.
            IndexVersionMismatch, ClusterRefused: as their names say.
        """
        began = perf_counter()
        request = replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))
        first = (request.page - 1) * request.page_size
        size = max(0, min(request.page_size, MAX_HIT - first))
        parsed = parse_query(request.query)

        def ask(opened: _Opened) -> tuple[_Found, str | None, dict[str, Collection[str]] | None]:
            found = self._find(opened, parsed, request, first if size else 0, size)
            suggestion = Speller(opened.lexicon, opened.printed).suggest(parsed.node)
            return found, suggestion, _similar(opened, parsed.node) if found.weak else None

        found, suggestion, similar = self._ask(ask)
        return ResultPage(
            request,
            find_hits(self._archive, found.ranked, Marker(parsed.node, weak=found.weak, similar=similar)),
            found.total,
            found.warnings,
            perf_counter() - began,
            display_query(parsed.node),
            suggestion,
            read_facets(found.aggregations) if request.facets else (),
            read_timeline(found.aggregations) if request.facets else None,
        )

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        `limit` is clamped to 1..MAX_HIT; the request's page, page size and facets are passed over.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        parsed = parse_query(request.query)
        wanted = replace(request, facets=False)
        size = min(max(1, limit), MAX_HIT)
        found = self._ask(lambda opened: self._find(opened, parsed, wanted, 0, size))
        return Ranking(tuple(found.ranked), found.total, found.warnings)

    def scan(self, request: SearchRequest) -> Iterator[tuple[str, float]]:
        """All articles that `search` would page through, in its order, past `MAX_HIT` too, as they come.

        They are those of the moment at which it began, whatever is indexed meanwhile.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`, at any step.
        """
        parsed = parse_query(request.query)
        opened, found = self._ask(lambda opened: (opened, self._find(opened, parsed, request, 0, 0)))
        yield from self._scan(opened.state.name, found.query, request.sort)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def ask(opened: _Opened) -> tuple[Suggestion, ...]:
            def best(plan: Plan, most: int) -> list[str]:
                return [article_id for article_id, _ in self._best(opened, plan, most)]

            return Completer(opened.lexicon, opened.printed, self._archive, best).suggest(prefix, limit)

        return self._ask(ask)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, itself left out; none where none is much like it.

        Raises:
            ArticleNotFound: there is none with this id.
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        article = self._archive.get(article_id)
        most = max(0, min(limit, MAX_PAGE_SIZE)) + 1
        scored = self._ask(lambda opened: self._best(opened, telling_plan(article, opened.lexicon), most))
        # The article itself comes first, if it is in the index: how much it is like itself is the measure.
        least = LEAST_SHARE * max((score for _, score in scored), default=0.0)
        others = [(other, score) for other, score in scored if other != article_id and score >= least]
        return find_hits(self._archive, others[: max(0, limit)], Marker(Everything()))

    def document_count(self) -> int:
        """Number of articles that can be found."""
        return self._ask(lambda opened: self._indices.count(opened.state.name))

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no order that means anything."""
        opened = self._newest()
        yield from (article_id for article_id, _ in self._scan(opened.state.name, {"match_all": {}}, Sort.OLDEST))

    def _find(self, opened: _Opened, parsed: ParsedQuery, request: SearchRequest, first: int, size: int) -> _Found:
        said = list(parsed.warnings)
        words = plain_words(parsed.node)
        weak = len(words) > STRICT_WORDS
        opened.statistics.prepare(_plain(words), weak=weak)
        plan = make_plan(parsed.node)
        found = self._run(opened, plan, request, first, size)
        if words and not found.total:
            weak = True
            opened.statistics.prepare(_plain(words), weak=True)
            plan = make_plan(parsed.node, relaxed=True)
            found = self._run(opened, plan, request, first, size)
        if weak and found.total:
            if isinstance(parsed.node, Word):
                said.append(warnings.resembling())
            elif self._none_has_all(opened, plan):
                said.append(warnings.relaxed())
        if opened.compiler.was_cut(plan):
            said.append(warnings.pattern_cut(MAX_EXPANSION))
        return replace(found, warnings=tuple(dict.fromkeys(said)), weak=weak)

    def _run(self, opened: _Opened, plan: Plan, request: SearchRequest, first: int, size: int) -> _Found:
        filters = [opened.compiler.query(one) for one in make_filters(request)]
        query = filtered(opened.compiler.query(plan), filters)
        body: dict[str, Any] = {
            "query": query,
            "from": first,
            "size": size,
            "sort": _sort(request.sort),
            "track_total_hits": True,
            **_IDS_ALONE,
        }
        if request.facets:
            body["aggs"] = facet_aggregations()
        # The same copies of the shards for all pages of a query: two copies may count deleted articles differently.
        stable = hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        answer = self._client.search(opened.state.name, body, search_type=GLOBAL, preference=stable)
        by_score = request.sort is Sort.RELEVANCE
        hits = [(_id(hit), float(hit["sort"][0]) if by_score else 0.0) for hit in answer["hits"]["hits"]]
        return _Found(query, hits, int(answer["hits"]["total"]["value"]), answer.get("aggregations") or {})

    def _none_has_all(self, opened: _Opened, plan: Plan) -> bool:
        return any(
            not opened.statistics.count(query, ("all words", plan, number))
            for number, query in enumerate(opened.compiler.every_word(plan))
        )

    def _best(self, opened: _Opened, plan: Plan, most: int) -> list[tuple[str, float]]:
        return self._run(opened, plan, SearchRequest(""), 0, most).ranked

    def _scan(self, index: str, query: Query, sort: Sort) -> Iterator[tuple[str, float]]:
        params = {"keep_alive": _SCAN_KEPT, "allow_partial_pit_creation": "false"}
        point = self._client.request("POST", f"/{index}/_search/point_in_time", params=params)["pit_id"]
        try:
            body: dict[str, Any] = {
                "pit": {"id": point, "keep_alive": _SCAN_KEPT},
                "query": query,
                "size": _SCAN_PAGE,
                "sort": _sort(sort),
                "track_total_hits": False,
                **_IDS_ALONE,
            }
            params = {"allow_partial_search_results": "false", "search_type": GLOBAL}
            while hits := self._client.request("POST", "/_search", body, params=params)["hits"]["hits"]:
                for hit in hits:
                    yield _id(hit), float(hit["sort"][0]) if sort is Sort.RELEVANCE else 0.0
                body["search_after"] = hits[-1]["sort"]
        except NotThere as error:
            raise ClusterUnavailable(
                self._client.hosts, f"the reading of many articles was cut off: {error}"
            ) from error
        finally:
            self._forget(point)

    def _forget(self, point: str) -> None:
        with suppress(ArshifError, NotThere):  # it ends by itself
            self._client.request("DELETE", "/_search/point_in_time", {"pit_id": [point]})

    def _ask(self, question: Callable[[_Opened], T]) -> T:
        """Asks of the newest state; when a reindex removed that index meanwhile, of the one after."""
        try:
            return question(self._newest())
        except NotThere:
            try:
                return question(self._newest(look=True))
            except NotThere as error:
                raise missing(self._client.settings.prefix) from error

    def _newest(self, *, look: bool = False) -> _Opened:
        if self._opened is not None and not look and monotonic() - self._looked < STATE_SECONDS:
            return self._opened
        with self._lock:
            state = self._indices.current()
            state.check()
            self._looked = monotonic()
            if self._opened is None or self._opened.state != state:
                statistics = Statistics(self._client, state)
                lexicon = ClusterLexicon(self._client, statistics)
                printed = PrintedForms(lexicon, self._archive)
                self._opened = _Opened(state, statistics, lexicon, Compiler(statistics), printed)
            return self._opened


@dataclass(frozen=True, slots=True)
class _Found:
    """What a query met: its first articles, how many in all, what was counted; `weak` as in `indexer.search`."""

    query: Query
    ranked: list[tuple[str, float]]
    total: int
    aggregations: dict[str, Any]
    warnings: tuple[QueryWarning, ...] = ()
    weak: bool = False


def _plain(words: Sequence[Word]) -> list[PlainWord]:
    return [plan for word in words if (plan := plain_word(word.text)) is not None]


def _similar(opened: _Opened, node: Node) -> dict[str, Collection[str]]:
    """For each stem of the query's plain words the stems that the index counts as like it."""
    return {
        word.similar: [stem for stem, _ in opened.statistics.like(word.similar)]
        for word in _plain(plain_words(node))
        if word.similar
    }


def _sort(sort: Sort) -> list[dict[str, Any]]:
    """Equals come in the order in which they were indexed; articles without a date last."""
    if sort is Sort.RELEVANCE:
        return [{"_score": "desc"}, {"order": "asc"}]
    return [{"time": {"order": _TIME_SORTS[sort], "missing": "_last"}}, {"order": "asc"}]


def _id(hit: dict[str, Any]) -> str:
    return str(hit["fields"]["id"][0])
