"""The articles that are nearest to a query in meaning, among those that the cluster allows.

Which articles are near is known from their vectors, by their numbers in the archive; which are within the conditions
of a query and the filters of its request is known to the cluster. So the nearest of all articles are looked up first,
some more than are needed, and the cluster returns those of them that are allowed, with the scores of their words. If
too few are allowed, the numbers of all that are allowed are read, up to `MAX_ALLOWED`, and the nearest of them are
looked up. If even more are allowed, some of them are among the `MAX_NEAREST` nearest of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexer.opensearch.bulk import batched
from indexer.opensearch.compile import ScoredQuery
from indexer.opensearch.ranking import Ranker
from indexer.opensearch.scanning import ClusterHit
from indexer.opensearch.statistics import Query
from indexer.results import MAX_HIT, SearchRequest, Sort
from indexer.search.index_reader import NearestByMeaning, RankedArticle

MAX_ALLOWED: Final = MAX_HIT
"""Allowed articles whose numbers are read."""

MAX_NEAREST: Final = 50_000
"""Articles that are looked up at most, if more than `MAX_ALLOWED` are allowed."""

_SPARE: Final = 4  # times as many are looked up as are needed, where conditions may exclude some
_NUMBERS: Final = 5_000  # of articles in one query; OpenSearch allows 65,536


@dataclass(frozen=True, slots=True)
class CandidateScope:
    """The articles that may be candidates of a query.

    `scored` matches them and has the scores of their words; `eligible` is the same with those that match the query, of
    which there are `matching`. `limited` is false if these are all articles.
    """

    scored: ScoredQuery
    eligible: Query
    limited: bool
    matching: int


def nearest_articles(
    ranker: Ranker, scope: CandidateScope, request: SearchRequest, limit: int, by_meaning: NearestByMeaning
) -> list[ClusterHit]:
    """The `limit` articles nearest in meaning, the nearest first; fewer if there are no more."""
    needed = limit + scope.matching  # what matches may be the nearest, and is no candidate
    asked = _SPARE * needed if scope.limited else needed
    nearest = by_meaning(asked, None)
    found = _allowed(ranker, scope, request, limit, nearest)
    # A source of vectors may have a limit of its own, and none has less than that of a search's hits.
    all_known = len(nearest) < min(asked, MAX_HIT)
    if len(found) == limit or all_known or not scope.limited:
        return found
    numbers = _eligible_numbers(ranker, scope, request)
    nearest = by_meaning(MAX_NEAREST, None) if numbers is None else by_meaning(needed, numbers)
    return _allowed(ranker, scope, request, limit, nearest)


def nearest_copies(found: Sequence[ClusterHit]) -> list[ClusterHit]:
    """One article per story, the first."""
    stories: dict[str, ClusterHit] = {}
    for hit in found:
        stories.setdefault(hit.group or f"id {hit.article_id}", hit)
    return list(stories.values())


def in_order_of_words(found: Iterable[ClusterHit]) -> list[ClusterHit]:
    """Articles in the order of relevance."""
    return sorted(found, key=lambda hit: (-hit.values[0], hit.values[1]))


def without_listed(
    found: Sequence[ClusterHit], listed: Sequence[ClusterHit], groups: Collection[str], *, group: bool
) -> list[RankedArticle]:
    """The nearest articles that are not listed yet, in the order of relevance; with `group` the nearest one per story,
    and none of a listed story or of `groups`."""
    known = {hit.article_id for hit in listed}
    taken = {hit.group for hit in listed if hit.group} | set(groups)
    others = [hit for hit in found if hit.article_id not in known and not (group and hit.group in taken)]
    copies = Counter(hit.group for hit in others if hit.group) if group else Counter[str]()
    stories = nearest_copies(others) if group else others
    return [hit.ranked(Sort.RELEVANCE, copies) for hit in in_order_of_words(stories)]


def _allowed(
    ranker: Ranker, scope: CandidateScope, request: SearchRequest, limit: int, nearest: Sequence[tuple[int, float]]
) -> list[ClusterHit]:
    """The first `limit` of the nearest articles that are allowed."""
    found: list[ClusterHit] = []
    for part in batched((number for number, _ in nearest), _NUMBERS):
        place = {number: at for at, number in enumerate(part)}
        allowed = ranker.numbered(scope.scored, request, part)
        allowed.sort(key=lambda hit: place[hit.values[1]])
        found += allowed[: limit - len(found)]
        if len(found) == limit:
            break
    return found


def _eligible_numbers(ranker: Ranker, scope: CandidateScope, request: SearchRequest) -> NDArray[np.uint64] | None:
    """The numbers of all articles that are allowed or match, ascending; None if there are more than `MAX_ALLOWED`."""
    numbers = ranker.numbers(scope.eligible, request, MAX_ALLOWED + 1)
    return np.array(numbers, np.uint64) if len(numbers) <= MAX_ALLOWED else None
