"""Searching: a request goes through the query tree and its plan to the executor, and comes back as marked hits."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np

from corpus import Archive, display_url, groups_of
from indexer import budget, ranking
from indexer.collapse import Collapsed, Collapser, uncollapsed
from indexer.completion import Completer
from indexer.cursor import Place, read_cursor, write_cursor
from indexer.executor import Executor
from indexer.facets import DIGITS, FIELDS, count_facets, count_times
from indexer.hits import Ranked, ScannedHits, addressed_hits, addressed_page, find_hits
from indexer.marking import Marker, apart, spans
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
    TimeUnit,
)
from indexer.scan import Scan
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

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        """Opens the archive's index; a search that takes longer than `seconds` is ended.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        """
        self._archive = archive
        self._directory = archive.index_directory
        self._seconds = seconds
        self._lock = threading.Lock()
        self._opened = self._open()

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of hits that a request asks for, or, with the `next` of another page, the one after that.

        Raises:
            SearchTooCostly: it took longer than this searcher lets it. No other query raises.
            CursorInvalid: the cursor is none, or of another search.
            IndexDamaged: a file of the index is missing, cut short or altered.
            IndexVersionMismatch: the index was rebuilt by another version meanwhile.
        """
        began = perf_counter()
        request = replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))
        after = read_cursor(cursor, request) if cursor else None
        if addressed := self._archive.ids_of_url(request.query):
            # An address is a name: its articles come whatever the filters.
            generation = current_generation(self._directory)
            return addressed_page(self._archive, request, addressed, after, generation, most=MAX_HIT, began=began)
        parsed = parse_query(request.query)
        with reading(self._directory), budget.limited(self._seconds):
            opened = self._newest()
            found = _find(opened.executor, parsed, request)
            first = 0 if after else (request.page - 1) * request.page_size
            last = request.page_size if after else min(request.page * request.page_size, MAX_HIT)
            # One more than is shown tells whether there is a next page.
            ranked, stories = _ranked(opened, found.matches, request, last + 1, after)
            facets = count_facets(opened.snapshot, found.matches) if request.facets else ()
            timeline = count_times(opened.snapshot, found.matches) if request.facets else None
            suggestion = Speller(opened.snapshot, opened.printed).suggest(parsed.node)
            similar = _similar(opened, parsed.node) if found.weak else None
            marker = Marker(parsed.node, weak=found.weak, similar=similar)
            hits = find_hits(self._archive, ranked[first:last], marker)
        generation = opened.snapshot.generation
        following = None
        if len(ranked) > last > first:
            following = write_cursor(Place(generation, ranked[last - 1].key, ranked[last - 1].article_id), request)
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
            generation,
            following,
            after is not None and after.generation != generation,
        )

    def scan(self, request: SearchRequest) -> Scan:
        """All hits of a request, in the order of `search`, without a cap, over the newest commit.

        The request's page and page size are passed over. The texts are read as the scan is read through.

        Raises:
            SearchTooCostly, IndexDamaged, IndexVersionMismatch: as `search`; when the scan is read, none.
        """
        if addressed := self._archive.ids_of_url(request.query):
            snapshot, source = self.snapshot, addressed_hits(self._archive, addressed)
            understood, counts = display_url(request.query.strip()), (len(addressed), len(addressed))
            said: tuple[QueryWarning, ...] = ()
        else:
            parsed = parse_query(request.query)
            with reading(self._directory), budget.limited(self._seconds):
                opened = self._newest()
                found = _find(opened.executor, parsed, request)
                kept = _kept(opened, found.matches, request)
                ordered = ranking.order(opened.snapshot, kept.matches, request.sort)
                similar = _similar(opened, parsed.node) if found.weak else None
            snapshot, marker = opened.snapshot, Marker(parsed.node, weak=found.weak, similar=similar)
            source = ScannedHits(self._archive, lambda: _named(opened, kept, ordered, request.sort), marker)
            understood, counts, said = display_query(parsed.node), (found.total, kept.total), found.warnings
        return Scan(request, understood, *counts, snapshot.generation, snapshot.change, said, source)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        For batches and evaluation, which want many ids and no texts. `limit` is clamped to 1..MAX_HIT; the request's
        page and page size are passed over.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        if addressed := self._archive.ids_of_url(request.query):
            return Ranking(tuple((found, 0.0) for found in addressed[: max(1, limit)]), len(addressed), ())
        with reading(self._directory), budget.limited(self._seconds):
            opened = self._newest()
            found = _find(opened.executor, parse_query(request.query), request)
            ranked, _ = _ranked(opened, found.matches, request, min(max(1, limit), MAX_HIT))
        return Ranking(tuple((one.article_id, one.score) for one in ranked), found.total, found.warnings)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with reading(self._directory), budget.limited(self._seconds):
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

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """How many articles the archive holds of each time of a unit, hits or not: `2017-02` → 31.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with reading(self._directory):
            return self._newest().snapshot.published(DIGITS[unit])

    def name_of(self, facet: str, name: str) -> str:
        """A name (of a `source`, `section` or `author`) as its facet spells it; itself where no article has it."""
        with reading(self._directory):
            spellings = self._newest().snapshot.names_of(FIELDS[facet]).spellings(name)
        return spellings[0] if spellings else name

    def document_count(self) -> int:
        """Number of articles that can be found."""
        with reading(self._directory):
            return self._newest().snapshot.live_count

    @property
    def generation(self) -> int:
        """The number of the newest commit."""
        return self.snapshot.generation

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


def mark_text(query: str, texts: Iterable[str], *, seconds: float | None = None) -> list[Snippet]:
    """Each text whole, with the spans that meet the query: for showing an article.

    Raises:
        SearchTooCostly: it took longer than `seconds`.
    """
    with budget.limited(seconds):
        node = parse_query(query).node
        marker = Marker(node, weak=len(plain_words(node)) > STRICT_WORDS)
        texts = list(texts)
        return [Snippet(text, spans(apart(marks))) for text, marks in zip(texts, marker.all_marks(texts), strict=True)]


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


def _ranked(
    opened: _Opened, found: Sequence[Matches], request: SearchRequest, limit: int, after: Place | None = None
) -> tuple[list[Ranked], int]:
    """The first articles in the order that is asked for, and how many there are to page through."""
    kept = _kept(opened, found, request)
    place = ranking.After(opened.snapshot.document_of(after.article_id), after.key) if after else None
    ordered = ranking.order(opened.snapshot, kept.matches, request.sort, limit, place)
    return list(_named(opened, kept, ordered, request.sort)), kept.total


def _kept(opened: _Opened, found: Sequence[Matches], request: SearchRequest) -> Collapsed:
    return opened.collapser.collapse(found, request.sort) if request.group else uncollapsed(found)


def _named(opened: _Opened, kept: Collapsed, ordered: ranking.Ordered, sort: Sort) -> Iterator[Ranked]:
    # An order by date has no scores to show.
    scores = ordered.scores if sort is Sort.RELEVANCE else np.zeros(len(ordered.docs), np.float32)
    for document, score, key in zip(ordered.docs.tolist(), scores.tolist(), ordered.keys.tolist(), strict=True):
        yield Ranked(opened.snapshot.article_id(document), score, kept.copies(document), float(key))


def _similar(opened: _Opened, node: Node) -> dict[str, Collection[str]]:
    """For each stem of the query's plain words the stems that the index counts as like it."""
    words = [plan for word in plain_words(node) if (plan := plain_word(word.text)) is not None]
    return {word.similar: opened.snapshot.similar_stems(word.similar) for word in words if word.similar}
