"""More like this: the articles that share the most significant stems of one.

Stems are weighted by tf-idf: how often the article has them, damped, times how rare they are. Those with the highest
weights are searched as one query, of which an article may match any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log
from typing import Final

from corpus import Archive, Article, groups_of
from indexer.analysis import analyze_words
from indexer.highlight.marker import Marker
from indexer.query.plan import SummedTerms, WeightedTerm
from indexer.results import MAX_PAGE_SIZE, Hit
from indexer.search.bm25 import idf
from indexer.search.hits import find_hits
from indexer.search.index_reader import RankedArticle
from indexer.spellings.vocabulary import Vocabulary

MAX_STEMS: Final = 25

MIN_SCORE_SHARE: Final = 0.15
"""An article that scores less than this share of what the article itself scores is about something else."""

_TITLE_TIMES: Final = 3
"""A word of the title counts as much as so many of the body."""
_LONGEST: Final = 20_000
"""Characters of the body that are read: an article says early what it is about."""
_MIN_ARTICLES: Final = 2
"""Articles; a stem that no other article has finds nothing."""


def more_like(
    archive: Archive, article_id: str, limit: int, first: Callable[[Article, int], Sequence[RankedArticle]]
) -> tuple[Hit, ...]:
    """The articles most like one, best first, without its own story.

    Args:
        archive: the archive.
        article_id: of the article.
        limit: how many are returned at most.
        first: searches for an article by `more_like_plan`: the best hits, at most so many.

    Raises:
        ArticleNotFound: there is no article with this id.
    """
    article = archive.get(article_id)
    group = groups_of(archive, [article_id]).get(article_id)
    own = {copy.article_id for copy in group.copies} if group else {article_id}
    ranked = first(article, max(0, min(limit, MAX_PAGE_SIZE)) + 1)
    # Its own story comes first if it is indexed, and its score is what the others are compared with.
    least = MIN_SCORE_SHARE * max((one.score for one in ranked), default=0.0)
    others = [one for one in ranked if one.article_id not in own and one.score >= least]
    return find_hits(archive, others[: max(0, limit)], Marker(()))


def more_like_plan(article: Article, vocabulary: Vocabulary) -> SummedTerms:
    """The plan of an article's most significant stems; without terms if it shares none with another article."""
    stems: Counter[str] = Counter()
    for text, times in ((article.title, _TITLE_TIMES), (article.text[:_LONGEST], 1)):
        for terms in analyze_words(text):
            if terms.stem:
                stems[terms.stem] += times
    weighed = []
    known = vocabulary.frequencies("text_stem", list(stems))
    for stem, count in stems.items():
        frequency = known.get(stem, 0)
        if frequency >= _MIN_ARTICLES:
            weight = 1 + log(count)
            weighed.append((weight * idf(frequency, vocabulary.doc_count), stem, weight))
    weighed.sort(key=lambda entry: (-entry[0], entry[1]))
    return SummedTerms(tuple(WeightedTerm("text_stem", stem, weight) for _, stem, weight in weighed[:MAX_STEMS]))
