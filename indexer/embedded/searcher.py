"""Searching: a request goes through the query tree and its plan to the executor, and comes back as marked hits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from corpus import Archive, Article, display_url
from indexer import budget
from indexer.embedded import top_hits
from indexer.embedded.collapse import Collapsed, Collapser, uncollapsed
from indexer.embedded.commit import newest_stamp
from indexer.embedded.doc_sets import Matches
from indexer.embedded.executor import Executor, MatchSet
from indexer.embedded.facets import DIGITS, FIELDS, count_facets, count_times
from indexer.embedded.snapshot import Snapshot, open_snapshot
from indexer.highlight.marker import Marker, apart, spans
from indexer.query import ParsedQuery, parse_query
from indexer.query.compiler import compile_query
from indexer.query.plan import CompiledQuery, Plan
from indexer.results import (
    MAX_HIT,
    Hit,
    PartCount,
    QueryWarning,
    Ranking,
    ResultPage,
    Scan,
    SearchRequest,
    Snippet,
    Sort,
    Suggestion,
    TimeUnit,
    Widths,
    WordForms,
)
from indexer.search.hits import Ranked, ScannedHits, addressed_hits
from indexer.search.paging import Place, addressed_page, bounded, make_page, read_cursor
from indexer.search.relaxation import answer, answer_page, rank
from indexer.spellings.expansion import Spellings, sources_of
from indexer.spellings.vocabulary import PrintedForms
from indexer.suggest.autocomplete import Completer
from indexer.suggest.did_you_mean import Speller
from indexer.suggest.more_like import more_like, telling_plan

CACHE_BYTES: Final = 256 * 2**20
"""Memory for the postings of words that queries share."""


class Searcher:
    """Searches one archive. Keep it open and share it between threads: it sees new commits by itself."""

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        """Opens the archive's index; a search that costs more than `seconds` (`indexer.budget`) is ended.

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
            SearchTooCostly: it cost more than this searcher lets it. No other query raises.
            CursorInvalid: the cursor is none, or of another search.
            IndexDamaged: a file of the index is missing, cut short or altered.
            IndexVersionMismatch: the index was rebuilt by another version meanwhile.
        """
        began = perf_counter()
        request = bounded(request)
        after = read_cursor(cursor, request) if cursor else None
        if addressed := self._archive.ids_of_url(request.query):
            # An address is a name: its articles come whatever the filters.
            snapshot = self.snapshot
            return addressed_page(
                self._archive, request, addressed, after, snapshot.generation, snapshot.version, began
            )
        parsed = parse_query(request.query, request.today)
        with self._asking() as opened:
            snapshot = opened.snapshot
            engine = _Engine(opened, request)
            answered = answer(engine, parsed, request)
            matches = answered.matched.found.matches
            page = answer_page(
                engine,
                answered,
                request,
                after,
                generation=snapshot.generation,
                version=snapshot.version,
                suggestion=Speller(snapshot, opened.printed).suggest(answered.query),
                facets=count_facets(snapshot, matches) if request.facets else (),
                timeline=count_times(snapshot, matches) if request.facets else None,
            )
            return make_page(self._archive, request, page, after, began)

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
            parsed = parse_query(request.query, request.today)
            with self._asking() as opened:
                engine = _Engine(opened, request)
                answered = answer(engine, parsed, request)
                matched = answered.matched
                ordered = top_hits.order(opened.snapshot, matched.kept.matches, request.sort)
            snapshot = opened.snapshot
            marker = Marker(answered.query.items)

            def ranked() -> Iterator[Ranked]:
                with opened.snapshot.reading():
                    yield from _named(opened, matched.kept, ordered, request.sort)

            source = ScannedHits(self._archive, ranked, marker)
            understood = answered.query.understood
            said = answered.said
            counts = (matched.total, matched.stories)
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
        with self._asking() as opened:
            engine = _Engine(opened, request)
            answered = answer(engine, parse_query(request.query, request.today), request)
            ranked = rank(engine, answered, request, min(max(1, limit), MAX_HIT))
        return Ranking(
            tuple((one.article_id, one.score) for one in ranked),
            answered.matched.total,
            answered.warnings,
            frozenset(one.article_id for one in ranked if one.matched),
        )

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become: its last word completed, and titles. No text raises.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with self._asking() as opened:
            latin_names = self._archive.settings.latin_names
            completer = Completer(opened.snapshot, opened.printed, self._archive, opened.best, latin_names=latin_names)
            return completer.suggest(prefix, limit)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one, best first, one a story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
            IndexDamaged, IndexVersionMismatch: as `search`.
        """

        def first(article: Article, most: int) -> list[Ranked]:
            with self._asking() as opened:
                met = opened.executor.run(telling_plan(article, opened.snapshot))
                return _best(opened, opened.collapser.collapse(met, Sort.RELEVANCE), Sort.RELEVANCE, most)

        return more_like(self._archive, article_id, limit, first)

    def mark(self, request: SearchRequest, texts: Iterable[str]) -> list[Snippet]:
        """Each text whole, with the spans that match a request's query: for showing an article.

        Raises:
            SearchTooCostly, IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with self._asking() as opened:
            return marked(request, texts, opened.spellings.respelled)

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """How many articles the archive holds of each time of a unit, hits or not: `2017-02` → 31.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        with self._newest_read() as opened:
            return opened.snapshot.published(DIGITS[unit])

    def name_of(self, facet: str, name: str) -> str:
        """A name (of a `source`, `section` or `author`) as its facet spells it; itself where no article has it."""
        with self._newest_read() as opened:
            spellings = opened.snapshot.names_of(FIELDS[facet]).spellings(name)
        return spellings[0] if spellings else name

    def document_count(self) -> int:
        """Number of articles that can be found."""
        return self.snapshot.live_count

    def pending_changes(self) -> int:
        """How many changes of the archive the newest commit has not seen: they are in no answer."""
        # The mark first: a commit in between makes it too many, never too few.
        change = self.snapshot.change
        return max(0, self._archive.last_change() - change)

    @property
    def generation(self) -> int:
        """The number of the newest commit."""
        return self.snapshot.generation

    @property
    def version(self) -> str:
        """What the newest commit has and no other commit of any index: number and random id."""
        return self.snapshot.version

    @property
    def snapshot(self) -> Snapshot:
        """The newest commit, opened."""
        return self._newest().snapshot

    @contextmanager
    def _asking(self) -> Iterator[_Opened]:
        """The newest commit, for as long as one search may take."""
        with budget.limited(self._seconds), self._newest_read() as opened:
            yield opened

    @contextmanager
    def _newest_read(self) -> Iterator[_Opened]:
        """The newest commit; `IndexDamaged` where that is why something raises inside."""
        opened = self._newest()
        with opened.snapshot.reading():
            yield opened

    def _open(self) -> _Opened:
        snapshot = open_snapshot(self._directory)
        executor = Executor(snapshot, CACHE_BYTES)
        printed = PrintedForms(snapshot, self._archive)
        spellings = Spellings(snapshot, printed, sources_of(self._archive.settings))
        return _Opened(snapshot, executor, Collapser(snapshot), printed, spellings)

    def _newest(self) -> _Opened:
        """The newest commit, also where its file was put back or made anew under the same number.

        The one before is let go when its last search has ended.
        """
        if newest_stamp(self._directory) == self._opened.snapshot.stamp:
            return self._opened
        with self._lock:
            if newest_stamp(self._directory) != self._opened.snapshot.stamp:
                self._opened = self._open()
            return self._opened


def marked(
    request: SearchRequest, texts: Iterable[str], respelled: Callable[[ParsedQuery], ParsedQuery] | None = None
) -> list[Snippet]:
    """Each text whole, with the spans that match a request's query; `respelled` puts in other spellings."""
    parsed = parse_query(request.query)
    if respelled is not None and request.spellings:
        parsed = respelled(parsed)
    compiled = compile_query(parsed, request)
    texts = list(texts)
    marks = Marker(compiled.items).all_marks(texts)
    if {compiled.items[mark.item].typed for each in marks for mark in each} != {one.typed for one in compiled.items}:
        # It does not have all the words: it was found as one of the nearest, if it was.
        marks = Marker(compiled.loose_items).all_marks(texts)
    return [Snippet(text, spans(apart(each))) for text, each in zip(texts, marks, strict=True)]


def mark_text(
    query: str, texts: Iterable[str], *, forms: WordForms = WordForms.LEMMA, seconds: float | None = None
) -> list[Snippet]:
    """Each text whole, with the spans that match the query, without an index: `Searcher.mark` knows names' spellings.

    Raises:
        SearchTooCostly: it cost more than `seconds`.
    """
    with budget.limited(seconds):
        return marked(SearchRequest(query, forms=forms), texts)


@dataclass(frozen=True, slots=True)
class _Opened:
    """One commit of the index and what answers questions about it."""

    snapshot: Snapshot
    executor: Executor
    collapser: Collapser
    printed: PrintedForms
    spellings: Spellings

    def best(self, plan: Plan, limit: int) -> list[str]:
        """The ids of the first articles that meet a plan."""
        return [one.article_id for one in _best(self, uncollapsed(self.executor.run(plan)), Sort.RELEVANCE, limit)]


@dataclass(frozen=True, slots=True)
class _Matched:
    """What matches a query in one commit, and what stays where a story is one hit."""

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


class _Engine:
    """One commit, asked for one request (`indexer.search.relaxation.Engine`)."""

    def __init__(self, opened: _Opened, request: SearchRequest) -> None:
        self._opened = opened
        self._request = request
        self.was_cut = opened.executor.was_cut
        self.similar_stems = opened.snapshot.similar_stems
        self.respelled = opened.spellings.respelled

    def match(self, query: CompiledQuery) -> _Matched:
        found = self._opened.executor.match(query)
        return _Matched(query, found, self._collapsed(found.matches))

    def first(self, matched: _Matched, skipped: int, size: int, after: Place | None) -> Sequence[Ranked]:
        return _best(self._opened, matched.kept, self._request.sort, skipped + size, after)[skipped:]

    def nearest(self, matched: _Matched, most: int) -> Sequence[Ranked]:
        found = self._opened.executor.nearest(matched.query, matched.found)
        kept = self._collapsed(found, beside=matched.found.matches)
        return _best(self._opened, kept, Sort.RELEVANCE, most)

    def _collapsed(self, found: Sequence[Matches], beside: Sequence[Matches] | None = None) -> Collapsed:
        if not self._request.group:
            return uncollapsed(found)
        return self._opened.collapser.collapse(found, self._request.sort, beside)


def _best(opened: _Opened, kept: Collapsed, sort: Sort, limit: int, after: Place | None = None) -> list[Ranked]:
    """The first articles in an order, or those behind a place."""
    place = None
    if after:
        place = top_hits.After(opened.snapshot.document_of(after.article_id), after.key, after.number)
    ordered = top_hits.order(opened.snapshot, kept.matches, sort, limit, place)
    return list(_named(opened, kept, ordered, sort))


def _named(opened: _Opened, kept: Collapsed, ordered: top_hits.Ordered, sort: Sort) -> Iterator[Ranked]:
    # An order by date has no scores to show.
    scores = ordered.scores if sort is Sort.RELEVANCE else np.zeros(len(ordered.docs), np.float32)
    numbers = opened.snapshot.order[ordered.docs]
    columns = (ordered.docs.tolist(), scores.tolist(), ordered.keys.tolist(), numbers.tolist())
    for document, score, key, number in zip(*columns, strict=True):
        yield Ranked(opened.snapshot.article_id(document), score, kept.copies(document), float(key), number)
