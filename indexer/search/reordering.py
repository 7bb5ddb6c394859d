"""Reordering by meaning: the first hits of a search by words, sorted by a weighted sum of both scores.

The set of hits and every count stay those of the words. The scores of the first `REORDERED` hits and their similarities
to the query are each scaled to 0..1 and added, with a weight that depends on the kind of query: nothing where the words
were chosen exactly (phrases, operators), little for one or two words, most for sentences and questions. The sum is
scaled back to the range of the scores, so that scores still decrease from the first hit to the last, and a cursor stays
valid. docs/meaning.md has the measurements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.query.ast import And, Node, SpellingVariants, Word
from indexer.query.plan import CompiledQuery
from indexer.results import SearchRequest, Sort, WordForms
from indexer.search.index_reader import RankedArticle

REORDERED: Final = 100
"""Hits that are reordered, from the first."""

FULL: Final = 1.0
"""Share of the encoder's weight for sentences and questions."""

KEYWORDS: Final = 0.75
"""Share for three or more words that are no sentence."""

SHORT: Final = 0.25
"""Share for one or two words."""

_SHORT_WORDS: Final = 2

_LEAST_RANGE: Final = 1e-6  # of scores that are all equal


class Meaning(Protocol):
    """The encoder and the vectors of an archive: `indexer.meaning.similarity`."""

    @property
    def encoder(self) -> str:
        """The encoder's name."""

    @property
    def weight(self) -> float:
        """The encoder's weight for sentences, between 0 and 1; its scores have the rest."""

    def of_articles(self, query: str, numbers: Sequence[int]) -> Sequence[float | None]:
        """The similarity of a query and of each article, given by its number in the archive; None if unknown."""

    def nearest(self, query: str, limit: int, within: NDArray[np.uint64] | None = None) -> Sequence[tuple[int, float]]:
        """The articles with a passage that is nearest to a query, by their number in the archive, and its similarity;
        the best first. With `within`, ascending numbers, only these articles."""

    def nearest_to_article(
        self, number: int, limit: int, within: NDArray[np.uint64] | None = None
    ) -> Sequence[tuple[int, float]]:
        """The articles that are nearest to an article, without itself; none if it has no vector yet."""

    def of_texts(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """The similarity of a query and of each text."""


class Reordered(NamedTuple):
    """Hits in their new order, and how many of them have no vector yet."""

    articles: Sequence[RankedArticle]
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Reordering:
    """How one query is compared with articles in meaning."""

    meaning: Meaning
    text: str
    weight: float
    prose: bool

    def nearest(self, limit: int, within: NDArray[np.uint64] | None) -> Sequence[tuple[int, float]]:
        """The articles that are nearest to the query in meaning (`indexer.search.index_reader.NearestByMeaning`)."""
        return self.meaning.nearest(self.text, limit, within)

    def reorder(self, ranked: Sequence[RankedArticle]) -> Reordered:
        """Reorders articles by words and meaning."""
        similarities = self.meaning.of_articles(self.text, [article.number for article in ranked])
        return Reordered(reorder_by(self.weight, similarities, ranked, prose=self.prose), similarities.count(None))


def reordering(meaning: Meaning | None, query: CompiledQuery, request: SearchRequest) -> Reordering | None:
    """How a query is compared with articles in meaning; None for one that keeps the order of its words."""
    weight = meaning.weight * share_of(query, request) if meaning else 0.0
    return Reordering(meaning, request.query, weight, query.prose) if meaning and weight else None


def share_of(query: CompiledQuery, request: SearchRequest) -> float:
    """How much of the encoder's weight a query gets, from 0 to 1."""
    if request.sort is not Sort.RELEVANCE or request.forms is WordForms.PRINTED:
        return 0.0
    words = _plain_words(query.node)
    if not words:
        return 0.0
    if query.prose:
        return FULL
    return SHORT if words <= _SHORT_WORDS else KEYWORDS


def reorder_by(
    weight: float, similarities: Sequence[float | None], ranked: Sequence[RankedArticle], *, prose: bool
) -> list[RankedArticle]:
    """Ranked articles, sorted by the weighted sum of score and similarity.

    Those that match stay before the nearest others, except for a sentence. An article whose similarity is unknown keeps
    the place that its score gives it.
    """
    known = [value for value in similarities if value is not None]
    if not known or not weight:
        return list(ranked)
    low, high = (bound(article.score for article in ranked) for bound in (min, max))
    least, most = min(known), max(known)
    moved = []
    for article, similarity in zip(ranked, similarities, strict=True):
        by_words = _scaled(article.score, low, high)
        by_meaning = by_words if similarity is None else _scaled(similarity, least, most)
        score = low + ((1 - weight) * by_words + weight * by_meaning) * (high - low or _LEAST_RANGE)
        moved.append(article._replace(score=score, key=score))
    return sorted(moved, key=lambda article: (not (prose or article.matched), -article.score))


def _scaled(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.0


def _plain_words(node: Node) -> int:
    """The number of words of a query that is nothing but words; 0 for one with phrases or operators."""
    if isinstance(node, Word):
        return 1
    if isinstance(node, SpellingVariants):
        return len(node.typed)
    if isinstance(node, And):
        counts = list(map(_plain_words, node.children))
        return sum(counts) if all(counts) else 0
    return 0
