"""More like this: which words tell most of an article, and the plan of what else holds them.

A stem tells as much as its tf-idf says: how often the article holds it, damped, times how few others do. The stems that
tell most are looked up together, as one query that no article needs to meet whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log
from typing import Final

from corpus import Archive, Article, groups_of
from indexer.analysis import analyze_words
from indexer.highlight.hits import find_hits
from indexer.highlight.marker import Marker
from indexer.query.plan import SummedTerms, WeightedTerm
from indexer.results import MAX_PAGE_SIZE, Hit
from indexer.search.bm25 import idf
from indexer.search.index_reader import RankedArticle
from indexer.spellings.vocabulary import Vocabulary

MOST_STEMS: Final = 25

LEAST_SHARE: Final = 0.15
"""An article whose score is less than this share of what the article itself scores is about something else."""

_TITLE_TIMES: Final = 3
"""A word of the title counts as so many of the body."""
_LONGEST: Final = 20_000
"""Characters of the body that are read: what an article is about, it says early."""
_LEAST_ARTICLES: Final = 2
"""A stem that no other article holds leads nowhere."""


def more_like(
    archive: Archive, article_id: str, limit: int, first: Callable[[Article, int], Sequence[RankedArticle]]
) -> tuple[Hit, ...]:
    """The articles most like one, best first, its own story left out; `first` gives so many that meet its plan.

    Raises:
        ArticleNotFound: there is none with this id.
    """
    article = archive.get(article_id)
    group = groups_of(archive, [article_id]).get(article_id)
    own = {copy.article_id for copy in group.copies} if group else {article_id}
    ranked = first(article, max(0, min(limit, MAX_PAGE_SIZE)) + 1)
    # Its own story comes first, if it is in the index: how much it is like itself is the measure.
    least = LEAST_SHARE * max((one.score for one in ranked), default=0.0)
    others = [one for one in ranked if one.article_id not in own and one.score >= least]
    return find_hits(archive, others[: max(0, limit)], Marker(()))


def more_like_plan(article: Article, vocabulary: Vocabulary) -> SummedTerms:
    """The plan of the article's most telling stems; of none for an article without any that another one holds."""
    stems: Counter[str] = Counter()
    for text, times in ((article.title, _TITLE_TIMES), (article.text[:_LONGEST], 1)):
        for terms in analyze_words(text):
            if terms.stem:
                stems[terms.stem] += times
    weighed = []
    known = vocabulary.frequencies("text_stem", list(stems))
    for stem, count in stems.items():
        frequency = known.get(stem, 0)
        if frequency >= _LEAST_ARTICLES:
            weight = 1 + log(count)
            weighed.append((weight * idf(frequency, vocabulary.doc_count), stem, weight))
    weighed.sort(key=lambda entry: (-entry[0], entry[1]))
    return SummedTerms(tuple(WeightedTerm("text_stem", stem, weight) for _, stem, weight in weighed[:MOST_STEMS]))
