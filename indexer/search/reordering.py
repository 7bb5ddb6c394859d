"""Reordering by meaning: the first hits of a search, sorted by a weighted sum of their words and their meaning.

What matches, and every count, stays that of the words. An article has two values between 0 and 1: its score, scaled
from the lowest to the highest, and its similarity to the query, measured from that of the most similar hit. The weight
of the second depends on the kind of query: nothing where the words were chosen exactly (phrases, operators), little for
one or two words, most for sentences and questions. The sum is scaled back to the range of the scores, so that scores
still decrease from the first hit to the last, and a cursor stays valid. docs/meaning.md has the measurements.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus import Article
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

EVERY: Final = 5
"""Below the articles that match keywords, every fifth place is for an article that no word matches, if it is among the
`VERY_NEAR` nearest in meaning."""

VERY_NEAR: Final = 20

FOREIGN: Final = 1.0
"""The weight for a question in another language, with any encoder: the words of its articles are in Arabic."""

_SHORT_WORDS: Final = 2

_LEAST_RANGE: Final = 1e-6  # of scores that are all equal, and not 0


class SentenceWeights(NamedTuple):
    """How an encoder compares sentences with a question (`indexer.search.answers`).

    At most `most` sentences are encoded for a question. The similarity of each, times `weight`, is added to the share
    of the question's words that it has; a sentence that has less than `least` then does not answer.
    """

    most: int
    weight: float
    least: float


class Meaning(Protocol):
    """The encoder and the vectors of an archive: `indexer.meaning.similarity`."""

    @property
    def encoder(self) -> str:
        """The encoder's name."""

    @property
    def weight(self) -> float:
        """The encoder's weight for sentences, between 0 and 1; the words have the rest."""

    @property
    def spread(self) -> float | None:
        """By how much a similarity is below that of the nearest hit if it counts nothing; None if this is not known."""

    @property
    def version(self) -> str:
        """Identifies the commit of the vectors."""

    @property
    def sentence_weights(self) -> SentenceWeights:
        """How sentences are compared with a question."""

    @property
    def least_retelling(self) -> float | None:
        """How similar articles are at least that have the same news in other words; None if it was not measured."""

    def of_articles(self, query: str, numbers: Sequence[int]) -> Sequence[float | None]:
        """The similarity of a query and of each article, given by its number in the archive; None if unknown."""

    def nearest(self, query: str, limit: int, within: NDArray[np.uint64] | None = None) -> Sequence[tuple[int, float]]:
        """The articles with a passage that is nearest to a query, by their number in the archive, and its similarity;
        the best first. With `within`, ascending numbers, only these articles."""

    def nearest_to_article(self, number: int, limit: int) -> Sequence[tuple[int, float]]:
        """The articles that are nearest to an article, without itself; none if it has no vector yet."""

    def nearest_text(self, query: str, number: int, article: Article) -> tuple[int, int] | None:
        """Where the text of an article, given with its number, is nearest to a query: the offsets of a sentence, or of
        a passage if it takes too long to compare sentences; None if it has no vector yet, or no text."""

    def of_texts(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """The similarity of a query and of each text."""


class Reordered(NamedTuple):
    """Hits in their new order, and how many of them have no vector yet."""

    articles: Sequence[RankedArticle]
    unknown: int


@dataclass(frozen=True, slots=True)
class Reordering:
    """How one query is compared with articles in meaning.

    With `of_all` the hits that are reordered are the nearest in meaning of all that match, not the first by words.
    """

    meaning: Meaning
    text: str
    weight: float
    full: float
    """The weight for articles that do not match keywords: below those that do, no word was chosen with care."""
    prose: bool
    version: str
    """The commit of the vectors."""

    of_all: bool = False

    def nearest(self, limit: int, within: NDArray[np.uint64] | None) -> Sequence[tuple[int, float]]:
        """The articles that are nearest to the query in meaning (`indexer.search.index_reader.NearestByMeaning`)."""
        return self.meaning.nearest(self.text, limit, within)

    def nearest_text(self, number: int, article: Article) -> tuple[int, int] | None:
        """Where the text of an article is nearest to the query (`indexer.search.hits.NearestText`)."""
        return self.meaning.nearest_text(self.text, number, article)

    def reorder(self, ranked: Sequence[RankedArticle]) -> Reordered:
        """Reorders articles by words and meaning; those that match keywords come first."""
        similarities = self.meaning.of_articles(self.text, [article.number for article in ranked])
        weights = [self.weight if self.prose or article.matched else self.full for article in ranked]
        # Without a share for the words, similarities beyond the spread must not be equal.
        spread = None if self.of_all else self.meaning.spread
        moved = reorder_by(weights, spread, similarities, ranked, prose=self.prose)
        if not self.prose:
            matched = [article for article in moved if article.matched]
            below = [article for article in moved if not article.matched]
            moved = [*matched, *spaced_by_meaning(below, _very_near(similarities, ranked))]
        return Reordered(moved, similarities.count(None))


def reordering(meaning: Meaning | None, query: CompiledQuery, request: SearchRequest) -> Reordering | None:
    """How a query is compared with articles in meaning; None for one that keeps the order of its words."""
    if meaning is None:
        return None
    if query.is_foreign and request.sort is Sort.RELEVANCE:
        return Reordering(meaning, request.query, FOREIGN, FOREIGN, False, meaning.version, of_all=True)
    weight = meaning.weight * share_of(query, request)
    return Reordering(meaning, request.query, weight, meaning.weight, query.prose, meaning.version) if weight else None


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
    weights: Sequence[float],
    spread: float | None,
    similarities: Sequence[float | None],
    ranked: Sequence[RankedArticle],
    *,
    prose: bool,
) -> list[RankedArticle]:
    """Ranked articles, sorted by the sum of score and similarity, with a weight of the similarity for each article.

    A similarity counts 1 if it is the highest, and 0 if it is lower than that by the `spread`; if that is unknown, the
    lowest counts 0. Those that match stay before the nearest others, except for a sentence. An article whose similarity
    is unknown has the place that its score gives it.
    """
    known = [value for value in similarities if value is not None]
    if not known or not any(weights):
        return list(ranked)
    low, high = (bound(article.score for article in ranked) for bound in (min, max))
    # Scores that are all equal stay so nearly, since those of the hits that follow are at most as high.
    scale = high - low or (_LEAST_RANGE if high else 1.0)
    nearest = max(known)
    spread = spread or nearest - min(known) or 1.0
    moved = []
    for article, similarity, weight in zip(ranked, similarities, weights, strict=True):
        by_words = (article.score - low) / scale
        by_meaning = by_words if similarity is None else max(0.0, 1 - (nearest - similarity) / spread)
        score = low + ((1 - weight) * by_words + weight * by_meaning) * scale
        moved.append(article._replace(score=score, key=score))
    return sorted(moved, key=lambda article: (not (prose or article.matched), -article.score))


def spaced_by_meaning(articles: Sequence[RankedArticle], very_near: Collection[int]) -> list[RankedArticle]:
    """Articles in their order, but of `EVERY` in a row one is very near in meaning and no word matches it.

    One that moves up gets the score of the article that it precedes, so that scores still decrease.
    """
    by_words = deque((at, article) for at, article in enumerate(articles) if not article.by_meaning)
    by_meaning = deque((at, article) for at, article in enumerate(articles) if article.by_meaning)
    spaced: list[RankedArticle] = []
    since = 0
    while by_words and by_meaning:
        moves_up = since == EVERY - 1 and by_meaning[0][1].number in very_near
        if by_meaning[0][0] < by_words[0][0] or moves_up:
            article = by_meaning.popleft()[1]
            score = max(article.score, by_words[0][1].score)
            spaced.append(article._replace(score=score, key=score))
            since = 0
        else:
            spaced.append(by_words.popleft()[1])
            since = min(since + 1, EVERY - 1)
    return [*spaced, *(article for _, article in (*by_words, *by_meaning))]


def _very_near(similarities: Sequence[float | None], ranked: Sequence[RankedArticle]) -> set[int]:
    """The numbers of the `VERY_NEAR` articles that are nearest in meaning; of equal ones those with lower numbers."""
    known = [(-value, one.number) for value, one in zip(similarities, ranked, strict=True) if value is not None]
    return {number for _, number in sorted(known)[:VERY_NEAR]}


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
