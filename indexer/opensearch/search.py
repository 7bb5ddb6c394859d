"""Searching an archive whose index is a cluster: requests, plans, marks and pages as with the embedded engine.

The cluster ranks and counts; titles, texts and snippets come from the archive.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Any, Final, TypeVar

from corpus import Archive, display_url, group_names, groups_of
from indexer.completion import Completer
from indexer.hits import Ranked, find_hits
from indexer.marking import Marker
from indexer.more_like import LEAST_SHARE, telling_plan
from indexer.opensearch.aggregations import (
    facet_aggregations,
    read_facets,
    read_stories,
    read_timeline,
    story_aggregations,
)
from indexer.opensearch.client import Client, NotThere, missing
from indexer.opensearch.compile import Compiler, Query, filtered
from indexer.opensearch.indices import Indices
from indexer.opensearch.lexicon import ClusterLexicon
from indexer.opensearch.mapping import IndexState
from indexer.opensearch.scanning import IDS_ALONE, id_of, scan, sort_of
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


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One state of the index and what answers questions about it."""

    state: IndexState
    statistics: Statistics
    lexicon: ClusterLexicon
    compiler: Compiler
    printed: PrintedForms


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
        if addressed := self._archive.ids_of_url(request.query):
            # An address is a name: its articles come whatever the filters.
            named = find_hits(
                self._archive, [Ranked(one, 0.0) for one in addressed[first : first + size]], Marker(Everything())
            )
            understood = display_url(request.query.strip())
            return ResultPage(request, named, len(addressed), len(addressed), (), perf_counter() - began, understood)
        parsed = parse_query(request.query)

        def ask(opened: _Opened) -> tuple[_Found, str | None, dict[str, Collection[str]] | None]:
            found = self._find(opened, parsed, request, first if size else 0, size)
            found = replace(found, ranked=self._with_copies(opened, found, request))
            suggestion = Speller(opened.lexicon, opened.printed).suggest(parsed.node)
            return found, suggestion, _similar(opened, parsed.node) if found.weak else None

        found, suggestion, similar = self._ask(ask)
        return ResultPage(
            request,
            find_hits(self._archive, found.ranked, Marker(parsed.node, weak=found.weak, similar=similar)),
            found.total,
            found.stories,
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
        if addressed := self._archive.ids_of_url(request.query):
            return Ranking(tuple((found, 0.0) for found in addressed[: max(1, limit)]), len(addressed), ())
        parsed = parse_query(request.query)
        wanted = replace(request, facets=False)
        size = min(max(1, limit), MAX_HIT)
        found = self._ask(lambda opened: self._find(opened, parsed, wanted, 0, size))
        return Ranking(tuple((one.article_id, one.score) for one in found.ranked), found.total, found.warnings)

    def scan(self, request: SearchRequest) -> Iterator[tuple[str, float]]:
        """All articles that `search` would page through, in its order, past `MAX_HIT` too, as they come.

        They are those of the moment at which it began, whatever is indexed meanwhile.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`, at any step.
        """
        parsed = parse_query(request.query)
        opened, found = self._ask(lambda opened: (opened, self._find(opened, parsed, request, 0, 0)))
        seen: set[str] = set()
        for article_id, score, group in scan(self._client, opened.state.name, found.query, request.sort):
            if group is None or not request.group:
                yield article_id, score
            elif group not in seen:
                seen.add(group)
                yield article_id, score

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """

        def ask(opened: _Opened) -> tuple[Suggestion, ...]:
            def best(plan: Plan, most: int) -> list[str]:
                ranked = self._run(opened, plan, SearchRequest("", group=False), 0, most).ranked
                return [one.article_id for one in ranked]

            return Completer(opened.lexicon, opened.printed, self._archive, best).suggest(prefix, limit)

        return self._ask(ask)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, one a story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
            ClusterUnavailable, IndexVersionMismatch, ClusterRefused: as `search`.
        """
        article = self._archive.get(article_id)
        group = groups_of(self._archive, [article_id]).get(article_id)
        own = {copy.article_id for copy in group.copies} if group else {article_id}
        most = max(0, min(limit, MAX_PAGE_SIZE)) + 1

        def ask(opened: _Opened) -> list[Ranked]:
            return self._run(opened, telling_plan(article, opened.lexicon), SearchRequest(""), 0, most).ranked

        ranked = self._ask(ask)
        # Its own story comes first, if it is in the index: how much it is like itself is the measure.
        least = LEAST_SHARE * max((one.score for one in ranked), default=0.0)
        others = [one for one in ranked if one.article_id not in own and one.score >= least]
        return find_hits(self._archive, others[: max(0, limit)], Marker(Everything()))

    def document_count(self) -> int:
        """Number of articles that can be found."""
        return self._ask(lambda opened: self._indices.count(opened.state.name))

    def indexed_ids(self) -> Iterator[str]:
        """The ids of all articles in the index, in no order that means anything."""
        opened = self._newest()
        yield from (one[0] for one in scan(self._client, opened.state.name, {"match_all": {}}, Sort.OLDEST))

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
            "sort": sort_of(request.sort),
            "track_total_hits": True,
            **IDS_ALONE,
        }
        wanted = facet_aggregations() if request.facets else {}
        if request.group:
            # Of each group the copy that sorts first.
            body["collapse"] = {"field": "group_name"}
            wanted |= story_aggregations()
        if wanted:
            body["aggs"] = wanted
        # The same copies of the shards for all pages of a query: two copies may count deleted articles differently.
        stable = hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        answer = self._client.search(opened.state.name, body, search_type=GLOBAL, preference=stable)
        by_score = request.sort is Sort.RELEVANCE
        hits = [Ranked(id_of(hit), float(hit["sort"][0]) if by_score else 0.0) for hit in answer["hits"]["hits"]]
        total, counted = int(answer["hits"]["total"]["value"]), answer.get("aggregations") or {}
        return _Found(query, hits, total, read_stories(counted, total) if request.group else total, counted)

    def _with_copies(self, opened: _Opened, found: _Found, request: SearchRequest) -> list[Ranked]:
        """The articles of a page with how many copies of each were met and left out."""
        names = group_names(self._archive, [one.article_id for one in found.ranked]) if request.group else {}
        if not names:
            return found.ranked
        groups = list(dict.fromkeys(names.values()))
        counted = {"terms": {"field": "group_name", "include": groups, "size": len(groups)}}
        body = {"size": 0, "query": found.query, "aggs": {"copies": counted}}
        buckets = self._client.search(opened.state.name, body)["aggregations"]["copies"]["buckets"]
        copies = {bucket["key"]: bucket["doc_count"] - 1 for bucket in buckets}
        return [replace(one, copies=copies.get(names.get(one.article_id, ""), 0)) for one in found.ranked]

    def _none_has_all(self, opened: _Opened, plan: Plan) -> bool:
        return any(
            not opened.statistics.count(query, ("all words", plan, number))
            for number, query in enumerate(opened.compiler.every_word(plan))
        )

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
    """What a query met: its first articles; how many in all, of how many stories; what was counted.

    `weak` when words were also met by their roots or by likeness.
    """

    query: Query
    ranked: list[Ranked]
    total: int
    stories: int
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
