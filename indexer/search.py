"""Searching: a request goes through the query tree and its plan to the executor, and comes back as marked hits."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

from corpus import Archive, display_url, groups_of
from indexer import ranking
from indexer.collapse import Collapser, uncollapsed
from indexer.completion import Completer
from indexer.executor import Executor
from indexer.facets import count_facets, count_times
from indexer.hits import Ranked, find_hits
from indexer.marking import Marker
from indexer.matches import Matches
from indexer.more_like import LEAST_SHARE, telling_plan
from indexer.plan import STRICT_WORDS, Plan, make_filters, make_plan, plain_word, plain_words
from indexer.printed import PrintedForms
from indexer.query import Everything, Node, ParsedQuery, Word, display_query, parse_query, warnings
from indexer.results import (
    MAX_PAGE_SIZE,
    Hit,
    QueryWarning,
    Ranking,
    ResultPage,
    SearchRequest,
    Snippet,
    Sort,
    Suggestion,
)
from indexer.snapshot import Snapshot, open_snapshot
from indexer.speller import Speller
from indexer.store import current_generation, reading
from indexer.vocabulary import MAX_EXPANSION

MAX_HIT: Final = 10_000
"""The last hit that paging reaches: no reader goes further."""

CACHE_BYTES: Final = 256 * 2**20
"""Memory for the postings of words that queries share."""


class Searcher:
    """Searches one archive. Keep it open and share it between threads: it sees new commits by itself."""

    def __init__(self, archive: Archive) -> None:
        """Opens the archive's index.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        """
        self._archive = archive
        self._directory = archive.index_directory
        self._lock = threading.Lock()
        self._opened = self._open()

    def search(self, request: SearchRequest) -> ResultPage:
        """The page of hits that a request asks for. No query raises.

        Raises:
            IndexDamaged: a file of the index is missing, cut short or altered.
            IndexVersionMismatch: the index was rebuilt by another version meanwhile.
        """
        began = perf_counter()
        request = replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))
        first = (request.page - 1) * request.page_size
        last = min(request.page * request.page_size, MAX_HIT)
        if addressed := self._archive.ids_of_url(request.query):
            # An address is a name: its articles come whatever the filters.
            named = find_hits(self._archive, [Ranked(one, 0.0) for one in addressed[first:last]], Marker(Everything()))
            understood = display_url(request.query.strip())
            return ResultPage(request, named, len(addressed), len(addressed), (), perf_counter() - began, understood)
        parsed = parse_query(request.query)
        with reading(self._directory):
            opened = self._newest()
            found = _find(opened.executor, parsed, request)
            ranked, stories = _ranked(opened, found.matches, request, last)
            facets = count_facets(opened.snapshot, found.matches) if request.facets else ()
            timeline = count_times(opened.snapshot, found.matches) if request.facets else None
            suggestion = Speller(opened.snapshot, opened.printed).suggest(parsed.node)
            similar = _similar(opened, parsed.node) if found.weak else None
        marker = Marker(parsed.node, weak=found.weak, similar=similar)
        hits = find_hits(self._archive, ranked[first:], marker)
        return ResultPage(
            request,
            hits,
            found.total,
            stories,
            found.warnings,
            perf_counter() - began,
            display_query(parsed.node),
            suggestion,
            facets,
            timeline,
        )

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        For batches and evaluation, which want many ids and no texts. `limit` is clamped to 1..MAX_HIT; the request's
        page and page size are passed over.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        if addressed := self._archive.ids_of_url(request.query):
            return Ranking(tuple((found, 0.0) for found in addressed[: max(1, limit)]), len(addressed), ())
        with reading(self._directory):
            opened = self._newest()
            found = _find(opened.executor, parse_query(request.query), request)
            ranked, _ = _ranked(opened, found.matches, request, min(max(1, limit), MAX_HIT))
        return Ranking(tuple((one.article_id, one.score) for one in ranked), found.total, found.warnings)

    def scan(self, request: SearchRequest) -> Iterator[tuple[str, float]]:
        """All articles that `search` would page through, in its order, past `MAX_HIT` too: ids and scores.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with reading(self._directory):
            opened = self._newest()
            found = _find(opened.executor, parse_query(request.query), request)
            ranked, _ = _ranked(opened, found.matches, request, max(1, found.total))
        yield from ((one.article_id, one.score) for one in ranked)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with reading(self._directory):
            opened = self._newest()
            return Completer(opened.snapshot, opened.printed, self._archive, opened.best).suggest(prefix, limit)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, one a story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        article = self._archive.get(article_id)
        group = groups_of(self._archive, [article_id]).get(article_id)
        own = {copy.article_id for copy in group.copies} if group else {article_id}
        with reading(self._directory):
            opened = self._newest()
            found = opened.executor.run(telling_plan(article, opened.snapshot))
            ranked, _ = _ranked(opened, found, SearchRequest(""), max(0, min(limit, MAX_PAGE_SIZE)) + 1)
        # Its own story comes first, if it is in the index: how much it is like itself is the measure.
        least = LEAST_SHARE * max((one.score for one in ranked), default=0.0)
        others = [one for one in ranked if one.article_id not in own and one.score >= least]
        return find_hits(self._archive, others[: max(0, limit)], Marker(Everything()))

    def document_count(self) -> int:
        """Number of articles that can be found."""
        with reading(self._directory):
            return self._newest().snapshot.live_count

    @property
    def snapshot(self) -> Snapshot:
        """The newest commit, opened."""
        with reading(self._directory):
            return self._newest().snapshot

    def _open(self) -> _Opened:
        with reading(self._directory):
            snapshot = open_snapshot(self._directory)
            executor = Executor(snapshot, CACHE_BYTES)
            return _Opened(snapshot, executor, Collapser(snapshot), PrintedForms(snapshot, self._archive))

    def _newest(self) -> _Opened:
        """The newest commit; the one before is let go when its last search has ended."""
        if current_generation(self._directory) == self._opened.snapshot.generation:
            return self._opened
        with self._lock:
            if current_generation(self._directory) != self._opened.snapshot.generation:
                self._opened = self._open()
            return self._opened


def mark_text(query: str, texts: Iterable[str]) -> list[Snippet]:
    """Each text whole, with the spans that meet the query: for showing an article."""
    node = parse_query(query).node
    marker = Marker(node, weak=len(plain_words(node)) > STRICT_WORDS)
    return [Snippet(text, marker.spans(text)) for text in texts]


@dataclass(frozen=True, slots=True)
class _Opened:
    """One commit of the index and what answers questions about it."""

    snapshot: Snapshot
    executor: Executor
    collapser: Collapser
    printed: PrintedForms

    def best(self, plan: Plan, limit: int) -> list[str]:
        """The ids of the first articles that meet a plan."""
        found, _ = _ranked(self, self.executor.run(plan), SearchRequest("", group=False), limit)
        return [one.article_id for one in found]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a query met in each segment; `weak` when words were also met by their roots or by likeness."""

    matches: Sequence[Matches]
    warnings: tuple[QueryWarning, ...]
    weak: bool

    @property
    def total(self) -> int:
        return sum(len(matches.docs) for matches in self.matches)


def _find(executor: Executor, parsed: ParsedQuery, request: SearchRequest) -> _Found:
    said = list(parsed.warnings)
    filters = make_filters(request)
    plan = make_plan(parsed.node)
    matches = executor.run(plan, filters)
    words = plain_words(parsed.node)
    weak = len(words) > STRICT_WORDS
    if words and not any(len(found.docs) for found in matches):
        plan = make_plan(parsed.node, relaxed=True)
        matches = executor.run(plan, filters)
        weak = True
    if weak and any(len(found.docs) for found in matches):
        if isinstance(parsed.node, Word):
            said.append(warnings.resembling())
        elif executor.none_has_all(plan):
            said.append(warnings.relaxed())
    if executor.was_cut(plan):
        said.append(warnings.pattern_cut(MAX_EXPANSION))
    return _Found(matches, tuple(dict.fromkeys(said)), weak)


def _ranked(opened: _Opened, found: Sequence[Matches], request: SearchRequest, limit: int) -> tuple[list[Ranked], int]:
    """The first articles in the order that is asked for, and how many there are to page through."""
    kept = opened.collapser.collapse(found, request.sort) if request.group else uncollapsed(found)
    best = ranking.best(opened.snapshot, kept.matches, request.sort, limit)
    # An order by date has no scores to show.
    by_score = request.sort is Sort.RELEVANCE
    ranked = [
        Ranked(opened.snapshot.article_id(document), score if by_score else 0.0, kept.copies(document))
        for document, score in best
    ]
    return ranked, kept.total


def _similar(opened: _Opened, node: Node) -> dict[str, Collection[str]]:
    """For each stem of the query's plain words the stems that the index counts as like it."""
    words = [plan for word in plain_words(node) if (plan := plain_word(word.text)) is not None]
    return {word.similar: opened.snapshot.similar_stems(word.similar) for word in words if word.similar}
