"""Relaxation: if few articles match a query, the nearest others follow. The rules are the same on both engines.

Hits are the articles that match. In the order of relevance, if fewer than `FILL_TO` stories match, the nearest other
articles follow, which no count includes. For keywords, those that match come first; a sentence is ordered by score
alone, since hardly any article has all its words (docs/relevance.md has the measurement).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.highlight.marker import Marker
from indexer.highlight.matchers import WordMatcher
from indexer.query.plan import CompiledQuery
from indexer.results import SearchRequest, Sort
from indexer.search.index_reader import CursorPosition, IndexReader, Matches, RankedArticle
from indexer.search.paging import page_bounds

FILL_TO: Final = 100
"""If fewer stories match, the nearest articles follow, up to this number of hits."""


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


def rank_page(
    query: CompiledQuery, matches: Matches, request: SearchRequest, after: CursorPosition | None
) -> RankedPage:
    """The page of a request, or the one after a position."""
    offset, shown = page_bounds(request, after)
    if not shown:
        return RankedPage((), matches.stories)
    if not _nearest_follow(query, matches, request, FILL_TO):
        # A position among the nearest of an earlier commit is after all that matches.
        past = after is not None and not after.matched
        return RankedPage([] if past else matches.ranked(offset, shown + 1, after), matches.stories)
    ranked = _with_nearest(query, matches, FILL_TO)
    start = offset if after is None else _index_after(ranked, after, prose=query.prose)
    return RankedPage(ranked[start : start + shown + 1], len(ranked))


def rank(query: CompiledQuery, matches: Matches, request: SearchRequest, limit: int) -> Sequence[RankedArticle]:
    """The first `limit` articles in the order of the pages, including the nearest if fewer match."""
    if _nearest_follow(query, matches, request, limit):
        return _with_nearest(query, matches, limit)
    return matches.ranked(0, limit)


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


def _nearest_follow(query: CompiledQuery, matches: Matches, request: SearchRequest, limit: int) -> bool:
    # Without parts everything that meets the conditions matches.
    return request.sort is Sort.RELEVANCE and bool(query.parts and query.near) and matches.stories < limit


def _with_nearest(query: CompiledQuery, matches: Matches, limit: int) -> Sequence[RankedArticle]:
    """All that matches, and the nearest, up to `limit` in all."""
    ranked = matches.ranked(0, limit)
    nearest = matches.nearest(limit - len(ranked))
    merged = [*ranked, *(article._replace(matched=False) for article in nearest)]
    if query.prose:
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
