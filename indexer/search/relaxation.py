"""Matching: from a parsed query to what matches it and in which order, by rules that both engines share.

An engine brings the steps as a `Session`; the rules are here alone:

- A sentence that holds operators and matches nothing as a formula is read as text, where the text matches something.
  Keywords are not: who excludes a word, or quotes, is told that nothing matches.
- Hits are the articles that match. In the order of relevance, where fewer than `NEAREST` stories match, the nearest
  others make up the number. After keywords those that match come first; a sentence is ordered by score alone, since
  hardly an article has all its words (docs/relevance.md has the measurement).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from indexer.highlight.marker import Marker
from indexer.highlight.matchers import WordMatcher
from indexer.query import ParsedQuery, warnings
from indexer.query.compiler import compile_query
from indexer.query.plan import MAX_EXPANSION, CompiledQuery, WildcardPlan
from indexer.results import Facet, PartCount, QueryWarning, Reading, SearchRequest, Sort, Timeline, Widths
from indexer.search.hits import Ranked
from indexer.search.paging import PageContents, Place, page_bounds

NEAREST: Final = 100
"""Hits of a page order, the nearest included, where fewer articles match."""


class Matched(Protocol):
    """What matches a query in one state of an index: how many articles, in how many stories, at each width."""

    @property
    def total(self) -> int:
        """Articles."""

    @property
    def stories(self) -> int:
        """Hits, where the copies of a story are one."""

    @property
    def widths(self) -> Widths | None:
        """Articles at each width; None for a query without parts."""

    @property
    def parts(self) -> tuple[PartCount, ...]:
        """Articles that have each part."""


M = TypeVar("M", bound=Matched)


class Session(Protocol[M]):
    """One state of an index, asked for one request."""

    def add_variants(self, parsed: ParsedQuery) -> ParsedQuery:
        """A query with the other spellings of its words."""

    def match(self, query: CompiledQuery) -> M:
        """What matches a query, within the request's filters."""

    def first(self, matched: M, skipped: int, size: int, after: Place | None) -> Sequence[Ranked]:
        """The articles that match, in the request's order: `size` behind the first `skipped`, or behind a place."""

    def nearest(self, matched: M, most: int) -> Sequence[Ranked]:
        """The first articles that do not match and have something of the query, best first; no story that matches."""

    def was_cut(self, pattern: WildcardPlan) -> bool:
        """Whether a pattern stands for more forms than are looked up."""

    def similar_stems(self, stem: str) -> Collection[str]:
        """The stems that the index counts as like this one."""

    def facets(self, matched: M) -> tuple[Facet, ...]:
        """All that matches, counted by source, section and author."""

    def timeline(self, matched: M) -> Timeline:
        """All that matches, counted by time."""

    def all_ranked(self, matched: M) -> Callable[[], Iterator[Ranked]]:
        """Reads all that matches, in the request's order, as often as it is called."""


@dataclass(frozen=True, slots=True)
class MatchedQuery(Generic[M]):
    """A query as it was answered, and what matches it; `nothing` says why nothing does."""

    query: CompiledQuery
    matched: M
    warnings: tuple[QueryWarning, ...]
    nothing: QueryWarning | None

    @property
    def said(self) -> tuple[QueryWarning, ...]:
        """All that is told about the answer: the warnings, and why nothing matches."""
        return (*self.warnings, self.nothing) if self.nothing else self.warnings


def match_query(session: Session[M], parsed: ParsedQuery, request: SearchRequest) -> MatchedQuery[M]:
    """Matches a query; a sentence as text, where nothing matches it as a formula and something does as text."""
    if request.spellings:
        parsed = session.add_variants(parsed)
    query = compile_query(parsed, request)
    matched = session.match(query)
    said = list(query.warnings)
    if not matched.total and parsed.prose and query.reading is Reading.OPERATORS:
        text = compile_query(parsed, request, as_text=True)
        matched_text = session.match(text)
        if matched_text.total:
            query, matched, said = text, matched_text, [warnings.read_as_text()]
    if any(map(session.was_cut, query.patterns)):
        said.append(warnings.pattern_cut(MAX_EXPANSION))
    nothing = None
    if not matched.total and matched.parts:
        nothing = warnings.nothing_matches([(part.text, part.articles) for part in matched.parts])
    return MatchedQuery(query, matched, tuple(dict.fromkeys(said)), nothing)


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles of a page, and one more where there is a next page; `listed` is how many can be paged through."""

    ranked: Sequence[Ranked]
    listed: int


def list_page(session: Session[M], answered: MatchedQuery[M], request: SearchRequest, after: Place | None) -> Listing:
    """The page of a request, or the one behind a place."""
    matched = answered.matched
    skipped, shown = page_bounds(request, after)
    if not shown:
        return Listing((), matched.stories)
    if not _nearest_follow(answered, request, NEAREST):
        # A place among the nearest of an earlier commit is behind all that matches.
        past = after is not None and not after.matched
        return Listing([] if past else session.first(matched, skipped, shown + 1, after), matched.stories)
    ranked = _with_nearest(session, answered, NEAREST)
    start = skipped if after is None else _position(ranked, after, prose=answered.query.prose)
    return Listing(ranked[start : start + shown + 1], len(ranked))


def page_contents(
    session: Session[M],
    answered: MatchedQuery[M],
    request: SearchRequest,
    after: Place | None,
    *,
    generation: int,
    version: str,
    suggestion: str | None,
    facets: tuple[Facet, ...],
    timeline: Timeline | None,
) -> PageContents:
    """All that the page of a request, or the one behind a place, is made of."""
    matched = answered.matched
    listing = list_page(session, answered, request, after)
    marker, loose = markers(session, answered, listing.ranked)
    return PageContents(
        answered.query,
        listing.ranked,
        marker,
        loose,
        matched.total,
        matched.stories,
        listing.listed,
        matched.widths,
        matched.parts,
        generation,
        version,
        answered.warnings,
        suggestion,
        facets,
        timeline,
        answered.nothing,
    )


def rank(session: Session[M], answered: MatchedQuery[M], request: SearchRequest, limit: int) -> Sequence[Ranked]:
    """The first `limit` articles in the order of the pages, the nearest included where fewer match."""
    if _nearest_follow(answered, request, limit):
        return _with_nearest(session, answered, limit)
    return session.first(answered.matched, 0, limit, None)


def read_with_counts(request: SearchRequest, after: Place | None) -> range:
    """The numbers of the hits that a page, or the one behind a place, needs together with its counts."""
    skipped, shown = page_bounds(request, after)
    if shown and request.sort is Sort.RELEVANCE and skipped < NEAREST:
        # Where few stories match, all of them are needed to find the nearest others.
        return range(max(NEAREST, skipped + shown + 1))
    # One more than is shown tells whether there is a next page.
    return range(skipped, skipped + shown + 1) if shown and after is None else range(0)


def markers(session: Session[M], answered: MatchedQuery[M], ranked: Iterable[Ranked]) -> tuple[Marker, Marker]:
    """What marks the articles that match, and what marks the nearest, where some are among the ranked."""
    query = answered.query
    marker = Marker(query.items)
    if all(one.matched for one in ranked):
        return marker, marker
    stems = {
        item.matcher.similar
        for item in query.loose_items
        if isinstance(item.matcher, WordMatcher) and item.matcher.similar is not None
    }
    return marker, Marker(query.loose_items, {stem: session.similar_stems(stem) for stem in stems})


def _nearest_follow(answered: MatchedQuery[M], request: SearchRequest, most: int) -> bool:
    query = answered.query
    # Without parts all that meets the conditions matches.
    return request.sort is Sort.RELEVANCE and bool(query.parts and query.near) and answered.matched.stories < most


def _with_nearest(session: Session[M], answered: MatchedQuery[M], most: int) -> Sequence[Ranked]:
    """All that matches, and the nearest to make up the number."""
    matched = session.first(answered.matched, 0, most, None)
    others = session.nearest(answered.matched, most - len(matched))
    ranked = [*matched, *(one._replace(matched=False) for one in others)]
    if answered.query.prose:
        ranked.sort(key=lambda one: -one.score)  # equals stay as they are: what matches first
    return ranked


def _position(ranked: Sequence[Ranked], after: Place, *, prose: bool) -> int:
    """Where to go on behind a place: behind its article, or, where that is gone, behind what sorted before it."""

    def order(score: float, number: int, matched: bool) -> tuple[float, ...]:
        return (-score, not matched, number) if prose else (not matched, -score, number)

    place = order(after.key, after.number, after.matched)
    behind = len(ranked)
    for at, one in enumerate(ranked):
        if one.article_id == after.article_id:
            return at + 1
        if behind == len(ranked) and order(one.score, one.number, one.matched) > place:
            behind = at
    return behind
