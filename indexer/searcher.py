"""Searching an archive: what every engine answers, and the steps that it brings.

A request becomes a query tree, a compiled query, what matches it, and marked hits. All of that is here and in the rooms
beside; an engine brings one `State` of its index, asked for one request as a `Session`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol, TypeVar

from corpus import Archive, Article, display_url
from indexer import budget
from indexer.highlight.marker import Marker, spans, without_overlaps
from indexer.query import ParsedQuery, parse_query
from indexer.query.compiler import compile_query
from indexer.query.plan import Plan
from indexer.results import (
    MAX_HIT,
    Hit,
    Ranking,
    ResultPage,
    Scan,
    SearchRequest,
    Snippet,
    Suggestion,
    TimeUnit,
    WordForms,
)
from indexer.search.hits import Ranked, ScannedHits
from indexer.search.paging import Place, addressed_page, bounded, make_page, read_cursor
from indexer.search.relaxation import Session, match_query, page_contents, rank, read_with_counts
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary
from indexer.suggest.autocomplete import Autocomplete
from indexer.suggest.did_you_mean import SpellChecker
from indexer.suggest.more_like import more_like, more_like_plan

T = TypeVar("T")


class State(Protocol):
    """One commit of an index."""

    @property
    def generation(self) -> int:
        """Its number: each commit has a higher one than the one before."""

    @property
    def version(self) -> str:
        """Its number and random id: no other commit of any index has it."""

    @property
    def change(self) -> int:
        """The archive's change that it has reached."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its terms."""

    @property
    def printed(self) -> SurfaceForms:
        """Its forms as the archive prints them."""

    def add_variants(self, parsed: ParsedQuery) -> ParsedQuery:
        """A query with the other spellings of its words."""

    def session(self, request: SearchRequest, first: range) -> Session[Any]:
        """Itself, asked for a request, of which the hits with numbers in `first` will be read."""

    def scanning(self) -> State:
        """Itself, kept as it is for as long as a scan reads from it."""

    def best(self, plan: Plan, most: int, *, group: bool) -> Sequence[Ranked]:
        """The articles that score highest for a plan; with `group` one per story."""

    def ahead(self, ask: Callable[[Vocabulary], object]) -> None:
        """Looks up together what `ask` will ask of the vocabulary one by one."""

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """See `Searcher.published`."""

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        """Every spelling of a name in a facet, the most frequent first; none for a name that no article has."""


class Searcher(ABC):
    """Searches one archive. Safe to share between threads; sees new commits by itself.

    Every method may raise, beside what it names: `IndexDamaged`, `IndexVersionMismatch`, and for an archive on a
    cluster `ClusterUnavailable` and `ClusterRefused`.
    """

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        self._archive = archive
        self._seconds = seconds

    @abstractmethod
    def _ask(self, question: Callable[[State], T], *, look: bool = False) -> T:
        """Asks the newest state a question, within this searcher's budget; with `look` certainly the newest.

        Raises:
            SearchTooCostly: it cost more than `seconds`.
        """

    @abstractmethod
    def _newest(self) -> State:
        """The newest state."""

    @abstractmethod
    def document_count(self) -> int:
        """Number of articles that can be found."""

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of hits that a request asks for, or, with the `next` of another page, the one after that.

        Raises:
            SearchTooCostly: it cost more than this searcher allows. No other query raises.
            CursorInvalid: the cursor is malformed or belongs to another search.
        """
        began = perf_counter()
        request = bounded(request)
        after = read_cursor(cursor, request) if cursor else None
        if addressed := self._addressed(request):
            return addressed.page(request, after, began)
        parsed = parse_query(request.query, request.today)

        def ask(state: State) -> ResultPage:
            session = state.session(request, read_with_counts(request, after))
            answered = match_query(session, parsed, request)
            page = page_contents(
                session,
                answered,
                request,
                after,
                generation=state.generation,
                version=state.version,
                suggestion=SpellChecker(state.vocabulary, state.printed).suggest(answered.query),
                facets=session.facets(answered.matched) if request.facets else (),
                timeline=session.timeline(answered.matched) if request.facets else None,
            )
            return make_page(self._archive, request, page, after, began)

        # Whether the commit is another one than the cursor's must be known for certain.
        return self._ask(ask, look=after is not None)

    def scan(self, request: SearchRequest) -> Scan:
        """All hits of a request, in the order of `search`, without a cap, over the newest commit.

        The request's page and page size are ignored. The texts are read as the scan is read through.

        Raises:
            SearchTooCostly: it cost more than this searcher allows; not while the scan is read.
        """
        if addressed := self._addressed(request):
            return addressed.scan(request)
        parsed = parse_query(request.query, request.today)

        def ask(state: State) -> Scan:
            kept = state.scanning()
            session = kept.session(request, range(0))
            answered = match_query(session, parsed, request)
            matched = answered.matched
            source = ScannedHits(self._archive, session.all_ranked(matched), Marker(answered.query.items))
            counts, reached = (matched.total, matched.stories), (kept.generation, kept.change)
            return Scan(request, answered.query.understood, *counts, *reached, answered.said, source)

        return self._ask(ask, look=True)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        For batches and evaluation, which need many ids and no texts. `limit` is clamped to 1..MAX_HIT; the request's
        page, page size and facets are ignored.
        """
        limit = min(max(1, limit), MAX_HIT)
        if addressed := self._addressed(request):
            return addressed.ranking(limit)
        parsed, request = parse_query(request.query, request.today), replace(request, facets=False)

        def ask(state: State) -> Ranking:
            session = state.session(request, range(limit))
            answered = match_query(session, parsed, request)
            ranked = rank(session, answered, request, limit)
            return Ranking(
                tuple((one.article_id, one.score) for one in ranked),
                answered.matched.total,
                answered.warnings,
                frozenset(one.article_id for one in ranked if one.matched),
            )

        return self._ask(ask)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Completions of a query being typed: its last word completed, and titles. No text raises."""

        def ask(state: State) -> tuple[Suggestion, ...]:
            def best(plan: Plan, most: int) -> list[str]:
                return [one.article_id for one in state.best(plan, most, group=False)]

            latin_names = self._archive.settings.latin_names
            completer = Autocomplete(state.vocabulary, state.printed, self._archive, best, latin_names=latin_names)
            state.ahead(lambda vocabulary: completer.prefetch(prefix, limit, vocabulary))
            return completer.suggest(prefix, limit)

        return self._ask(ask)

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles most like one, best first, one per story, its own left out; none where none is near.

        Raises:
            ArticleNotFound: there is none with this id.
        """

        def first(article: Article, most: int) -> Sequence[Ranked]:
            return self._ask(lambda state: state.best(more_like_plan(article, state.vocabulary), most, group=True))

        return more_like(self._archive, article_id, limit, first)

    def mark(self, request: SearchRequest, texts: Iterable[str]) -> list[Snippet]:
        """Each text whole, with the spans that match a request's query: for showing an article.

        Raises:
            SearchTooCostly: it cost more than this searcher allows.
        """
        return self._ask(lambda state: _marked(request, texts, state.add_variants))

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """How many articles the archive holds of each time of a unit, hits or not: `2017-02` → 31."""
        return self._ask(lambda state: state.published(unit))

    def name_of(self, facet: str, name: str) -> str:
        """The spelling of a name in its facet (`source`, `section`, `author`); itself where no article has it."""
        spellings = self._ask(lambda state: state.spellings_of_name(facet, name))
        return spellings[0] if spellings else name

    def pending_changes(self) -> int:
        """How many changes of the archive the newest commit has not seen: they are in no answer."""
        # The mark first: a commit in between makes it too many, never too few.
        change = self._newest().change
        return max(0, self._archive.last_change() - change)

    @property
    def generation(self) -> int:
        """The number of the newest commit: each has a higher one than the one before."""
        return self._newest().generation

    @property
    def version(self) -> str:
        """What the newest commit has and no other commit of any index: number and random id."""
        return self._newest().version

    def _addressed(self, request: SearchRequest) -> _Addressed | None:
        """The articles of a query that is an address: it names them, whatever the filters."""
        ids = self._archive.ids_of_url(request.query)
        return _Addressed(self._archive, ids, self._newest()) if ids else None


def mark_text(
    query: str, texts: Iterable[str], *, forms: WordForms = WordForms.LEMMA, seconds: float | None = None
) -> list[Snippet]:
    """Each text whole, with the spans that match the query, without an index: `Searcher.mark` knows names' spellings.

    Raises:
        SearchTooCostly: it cost more than `seconds`.
    """
    with budget.limited(seconds):
        return _marked(SearchRequest(query, forms=forms), texts)


def _marked(
    request: SearchRequest, texts: Iterable[str], add_variants: Callable[[ParsedQuery], ParsedQuery] | None = None
) -> list[Snippet]:
    parsed = parse_query(request.query)
    if add_variants is not None and request.spellings:
        parsed = add_variants(parsed)
    compiled = compile_query(parsed, request)
    texts = list(texts)
    marks = Marker(compiled.items).all_marks(texts)
    if {compiled.items[mark.item].typed for each in marks for mark in each} != {one.typed for one in compiled.items}:
        # It does not have all the words: it was found as one of the nearest, if it was.
        marks = Marker(compiled.loose_items).all_marks(texts)
    return [Snippet(text, spans(without_overlaps(each))) for text, each in zip(texts, marks, strict=True)]


@dataclass(frozen=True, slots=True)
class _Addressed:
    """The articles that a query names by their address, found in the archive alone."""

    archive: Archive
    ids: tuple[str, ...]
    state: State

    def page(self, request: SearchRequest, after: Place | None, began: float) -> ResultPage:
        reached = self.state.generation, self.state.version
        return addressed_page(self.archive, request, self.ids, after, *reached, began)

    def scan(self, request: SearchRequest) -> Scan:
        ranked = [Ranked(one, 0.0) for one in self.ids]
        source = ScannedHits(self.archive, lambda: iter(ranked), Marker(()))
        counts, reached = (len(self.ids), len(self.ids)), (self.state.generation, self.state.change)
        return Scan(request, display_url(request.query.strip()), *counts, *reached, (), source)

    def ranking(self, limit: int) -> Ranking:
        return Ranking(tuple((one, 0.0) for one in self.ids[:limit]), len(self.ids), ())
