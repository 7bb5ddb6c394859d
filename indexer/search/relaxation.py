"""Matching and relaxation: what matches a query, and in which order, by rules that both engines share.

- A sentence that contains operators and matches nothing as a formula is read as text, if it matches something as text.
  Keywords are not: for a query that excludes or quotes words, the result is empty, and the page says so.
- Hits are the articles that match. In the order of relevance, if fewer than `FILL_TO` stories match, the nearest other
  articles follow. For keywords, those that match come first; a sentence is ordered by score alone, since hardly any
  article has all its words (docs/relevance.md has the measurement).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.highlight.marker import Marker
from indexer.highlight.matchers import WordMatcher
from indexer.query import ParsedQuery, warnings
from indexer.query.compiler import compile_query
from indexer.query.plan import MAX_EXPANSION, CompiledQuery
from indexer.results import QueryWarning, Reading, SearchRequest, Sort
from indexer.search.index_reader import CursorPosition, IndexReader, Matches, RankedArticle
from indexer.search.paging import page_bounds

FILL_TO: Final = 100
"""If fewer stories match, the nearest articles follow, up to this number of hits."""


@dataclass(frozen=True, slots=True)
class MatchedQuery:
    """A query as it was compiled at last, and what matches it; `no_match` explains an empty result."""

    query: CompiledQuery
    matches: Matches
    warnings: tuple[QueryWarning, ...]
    no_match: QueryWarning | None

    @property
    def all_warnings(self) -> tuple[QueryWarning, ...]:
        """The warnings, and the explanation of an empty result."""
        return (*self.warnings, self.no_match) if self.no_match else self.warnings


def match_query(
    reader: IndexReader, parsed: ParsedQuery, request: SearchRequest, read_ahead: range = range(0)
) -> MatchedQuery:
    """Matches a query; a sentence as text, if nothing matches it as a formula and something does as text.

    `read_ahead` are the numbers of the hits that will be read: see `hits_to_read`.
    """
    if request.spellings:
        parsed = reader.respelled(parsed, request)
    query = compile_query(parsed, request)
    matches = reader.match(query, request, read_ahead)
    notes = list(query.warnings)
    if not matches.total and parsed.prose and query.reading is Reading.FORMULA:
        text = compile_query(parsed, request, as_text=True)
        matches_of_text = reader.match(text, request, read_ahead)
        if matches_of_text.total:
            query, matches, notes = text, matches_of_text, [warnings.read_as_text()]
    if any(map(reader.was_cut, query.patterns)):
        notes.append(warnings.pattern_cut(MAX_EXPANSION))
    no_match = None
    if not matches.total and matches.parts:
        no_match = warnings.nothing_matches([(part.text, part.articles) for part in matches.parts])
    return MatchedQuery(query, matches, tuple(dict.fromkeys(notes)), no_match)


def hits_to_read(request: SearchRequest, after: CursorPosition | None) -> range:
    """The numbers of the hits that a page, or the one after a position, needs together with its counts."""
    offset, shown = page_bounds(request, after)
    if shown and request.sort is Sort.RELEVANCE and offset < FILL_TO:
        # If few stories match, all of them are needed to find the nearest others.
        return range(max(FILL_TO, offset + shown + 1))
    # One more than is shown tells whether there is a next page.
    return range(offset, offset + shown + 1) if shown and after is None else range(0)


@dataclass(frozen=True, slots=True)
class RankedPage:
    """The articles of a page, and one more if there is a next page; `listed` is the number of hits on all pages."""

    articles: Sequence[RankedArticle]
    listed: int


def rank_page(matched: MatchedQuery, request: SearchRequest, after: CursorPosition | None) -> RankedPage:
    """The page of a request, or the one after a position."""
    matches = matched.matches
    offset, shown = page_bounds(request, after)
    if not shown:
        return RankedPage((), matches.stories)
    if not _nearest_follow(matched, request, FILL_TO):
        # A position among the nearest of an earlier commit is after all that matches.
        past = after is not None and not after.matched
        return RankedPage([] if past else matches.ranked(offset, shown + 1, after), matches.stories)
    ranked = _with_nearest(matched, FILL_TO)
    start = offset if after is None else _index_after(ranked, after, prose=matched.query.prose)
    return RankedPage(ranked[start : start + shown + 1], len(ranked))


def rank(matched: MatchedQuery, request: SearchRequest, limit: int) -> Sequence[RankedArticle]:
    """The first `limit` articles in the order of the pages, including the nearest if fewer match."""
    if _nearest_follow(matched, request, limit):
        return _with_nearest(matched, limit)
    return matched.matches.ranked(0, limit)


def markers(reader: IndexReader, query: CompiledQuery, ranked: Iterable[RankedArticle]) -> tuple[Marker, Marker]:
    """The marker of the articles that match, and that of the nearest, which differs if some are among the ranked."""
    marker = Marker(query.highlight_terms)
    if all(article.matched for article in ranked):
        return marker, marker
    stems = {
        term.matcher.similar
        for term in query.loose_highlight_terms
        if isinstance(term.matcher, WordMatcher) and term.matcher.similar is not None
    }
    return marker, Marker(query.loose_highlight_terms, {stem: reader.similar_stems(stem) for stem in stems})


def _nearest_follow(matched: MatchedQuery, request: SearchRequest, limit: int) -> bool:
    query = matched.query
    # Without parts everything that meets the conditions matches.
    return request.sort is Sort.RELEVANCE and bool(query.parts and query.near) and matched.matches.stories < limit


def _with_nearest(matched: MatchedQuery, limit: int) -> Sequence[RankedArticle]:
    """All that matches, and the nearest, up to `limit` in all."""
    ranked = matched.matches.ranked(0, limit)
    nearest = matched.matches.nearest(limit - len(ranked))
    merged = [*ranked, *(article._replace(matched=False) for article in nearest)]
    if matched.query.prose:
        merged.sort(key=lambda article: -article.score)  # the sort is stable: of equal scores, what matches comes first
    return merged


def _index_after(ranked: Sequence[RankedArticle], after: CursorPosition, *, prose: bool) -> int:
    """The index after a position: after its article, or, if that is gone, after what sorted before it."""

    def sort_key(score: float, number: int, matched: bool) -> tuple[float, ...]:
        return (-score, not matched, number) if prose else (not matched, -score, number)

    position = sort_key(after.key, after.number, after.matched)
    following = len(ranked)
    for index, article in enumerate(ranked):
        if article.article_id == after.article_id:
            return index + 1
        if following == len(ranked) and sort_key(article.score, article.number, article.matched) > position:
            following = index
    return following
