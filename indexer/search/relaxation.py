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
from indexer.search.reordering import REORDERED, Reordered, Reordering

FILL_TO: Final = REORDERED
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
    """The articles of a page, and one more if there is a next page; `listed` is the number of hits on all pages.

    `without_vector` of the hits that were to be reordered have no vector yet.
    """

    articles: Sequence[RankedArticle]
    listed: int
    without_vector: int = 0


def rank_page(
    query: CompiledQuery,
    matches: Matches,
    request: SearchRequest,
    after: CursorPosition | None,
    by_meaning: Reordering | None = None,
) -> RankedPage:
    """The page of a request, or the one after a position; `by_meaning` reorders the first hits."""
    offset, shown = page_bounds(request, after)
    if not shown:
        return RankedPage((), matches.stories)
    nearest_follow = _nearest_follow(query, matches, request, FILL_TO)
    if by_meaning and not nearest_follow:
        return _page_by_meaning(query, matches, request, after, by_meaning)
    if not nearest_follow:
        # A position among the nearest of an earlier commit is after all that matches.
        past = after is not None and not after.matched
        return RankedPage([] if past else matches.ranked(offset, shown + 1, after), matches.stories)
    unknown = 0
    if by_meaning:
        ranked, unknown = _with_candidates(matches, by_meaning)
    else:
        ranked = _with_nearest(query, matches, FILL_TO)
    start = offset if after is None else _index_after(ranked, after, prose=query.prose)
    return RankedPage(ranked[start : start + shown + 1], len(ranked), unknown)


def rank(
    query: CompiledQuery, matches: Matches, request: SearchRequest, limit: int, by_meaning: Reordering | None = None
) -> Sequence[RankedArticle]:
    """The first `limit` articles in the order of the pages, including the nearest if fewer match."""
    # The order of the first hits depends on all that are reordered, also if fewer are needed.
    most = max(limit, REORDERED) if by_meaning else limit
    if by_meaning and _nearest_follow(query, matches, request, FILL_TO):
        first = _with_candidates(matches, by_meaning).articles
        if len(first) < limit:
            listed = {article.number for article in first}
            others = [each for each in _by_words(query, matches, request, most) if each.number not in listed]
            first = [*first, *_scaled_below(first, others)]
        return first[:limit]
    if by_meaning and by_meaning.of_all:
        first = _nearest_of_all(matches, by_meaning).articles
        return [*first, *matches.other_matches(first, 0, most)][:limit]
    ranked = _by_words(query, matches, request, most)
    if by_meaning:
        ranked = [*by_meaning.reorder(ranked[:REORDERED]).articles, *ranked[REORDERED:]]
    return ranked[:limit]


def _by_words(query: CompiledQuery, matches: Matches, request: SearchRequest, limit: int) -> Sequence[RankedArticle]:
    """The first `limit` articles by words, including the nearest if fewer match."""
    if _nearest_follow(query, matches, request, limit):
        return _with_nearest(query, matches, limit)
    return matches.ranked(0, limit)


def markers(reader: IndexReader, query: CompiledQuery, ranked: Iterable[RankedArticle]) -> tuple[Marker, Marker]:
    """The marker of the articles that match, and that of the nearest, which differs if some are among the ranked."""
    marker = Marker(query.highlight_terms)
    if all(article.matched for article in ranked):
        return marker, marker
    return marker, loose_marker(reader, query)


def loose_marker(reader: IndexReader, query: CompiledQuery) -> Marker:
    """The marker of the nearest articles: it also marks words of a similar stem."""
    stems = {
        term.matcher.similar
        for term in query.loose_highlight_terms
        if isinstance(term.matcher, WordMatcher) and term.matcher.similar is not None
    }
    return Marker(query.loose_highlight_terms, {stem: reader.similar_stems(stem) for stem in stems})


def _page_by_meaning(
    query: CompiledQuery,
    matches: Matches,
    request: SearchRequest,
    after: CursorPosition | None,
    by_meaning: Reordering,
) -> RankedPage:
    """A page of hits that all match: the first by meaning, then the others in their own order."""
    offset, shown = page_bounds(request, after)
    if by_meaning.of_all:
        first, unknown = _nearest_of_all(matches, by_meaning)
    elif after is None and offset >= REORDERED:
        return RankedPage(matches.ranked(offset, shown + 1), matches.stories)
    else:
        first, unknown = by_meaning.reorder(matches.ranked(0, REORDERED))

    def others(start: int, limit: int, position: CursorPosition | None = None) -> Sequence[RankedArticle]:
        if by_meaning.of_all:
            return matches.other_matches(first, max(0, start - len(first)), limit, position)
        return matches.ranked(start, limit, position)

    start = offset if after is None else _index_after(first, after, prose=query.prose)
    if after is not None and start == len(first) and not (first and after.article_id == first[-1].article_id):
        # The position is among the others.
        return RankedPage(others(0, shown + 1, after), matches.stories, unknown)
    page = list(first[start : start + shown + 1])
    if room := shown + 1 - len(page):
        page += others(max(start, len(first)), room)
    return RankedPage(page, matches.stories, unknown)


def _nearest_of_all(matches: Matches, by_meaning: Reordering) -> Reordered:
    """The hits that are nearest in meaning of all that match; they score higher than all others."""
    best = matches.ranked(0, 1)
    found, unknown = by_meaning.reorder(matches.nearest_matches(REORDERED, by_meaning.nearest))
    above = best[0].score + 1 if best else 0.0
    return Reordered([hit._replace(score=hit.score + above, key=hit.key + above) for hit in found], unknown)


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


def _with_candidates(matches: Matches, by_meaning: Reordering) -> Reordered:
    """All that matches, and the best by words and meaning of the others, up to `FILL_TO` in all."""
    ranked = matches.ranked(0, FILL_TO)
    if by_meaning.of_all:
        first = matches.nearest_matches(FILL_TO, by_meaning.nearest)
        ranked = [*first, *matches.other_matches(first, 0, FILL_TO)]
    others = [
        article._replace(matched=False, by_meaning=not article.score)
        for article in matches.candidates(FILL_TO, by_meaning.nearest)
    ]
    articles, unknown = by_meaning.reorder([*ranked, *others])
    # Everything that matches is listed, also if it is the last.
    below = [article for article in articles if not article.matched]
    left_out = {article.number for article in below[FILL_TO - len(ranked) :]}
    return Reordered([article for article in articles if article.number not in left_out], unknown)


def _scaled_below(first: Sequence[RankedArticle], others: Sequence[RankedArticle]) -> list[RankedArticle]:
    """Other articles, their scores scaled so that none is higher than those of the first."""
    least = min((article.score for article in first), default=0.0)
    highest = max((article.score for article in others), default=0.0)
    factor = least / highest if highest > least else 1.0
    return [each._replace(score=each.score * factor, key=each.key * factor) for each in others]


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
