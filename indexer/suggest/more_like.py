"""More like this: the articles that share the most significant stems of one.

Stems are weighted by tf-idf: how often the article has them, damped, times how rare they are. Those with the highest
weights are searched as one query, and an article may match any of them. With `meaning`, the articles whose vectors are
nearest join them.

*Retellings* are the same news in the words of another paper: so near in meaning, and published so soon before or
after, that most are (docs/meaning.md has the judgements). They are no copies: groups and counts do not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
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
from indexer.search.reordering import Meaning
from indexer.spellings.vocabulary import Vocabulary

MAX_STEMS: Final = 25

RETELLING_DAYS: Final = timedelta(days=2)
"""A retelling is published at most so long before or after."""

NEAREST: Final = 50
"""At most so many of the articles that are nearest in meaning are compared with those by words."""

MEANING_WEIGHT: Final = 0.3
"""Of the similarity beside the score of words, both scaled to 0..1."""

MIN_SCORE_SHARE: Final = 0.15
"""An article that scores less than this share of what the article itself scores is about something else."""

_TITLE_TIMES: Final = 3
"""A word of the title counts as much as so many of the body."""
_LONGEST: Final = 20_000
"""Characters of the body that are read: an article says early what it is about."""
_MIN_ARTICLES: Final = 2
"""Articles; a stem that no other article has finds nothing."""


def more_like(
    archive: Archive,
    article_id: str,
    limit: int,
    first: Callable[[Article, int], Sequence[RankedArticle]],
    meaning: Meaning | None = None,
    without: Collection[str] = (),
) -> tuple[Hit, ...]:
    """The articles most like one, best first, without its own story.

    Args:
        archive: the archive.
        article_id: of the article.
        limit: how many are returned at most.
        first: searches for an article by `more_like_plan`: the best hits, at most so many.
        meaning: the archive's vectors; those that words did not find are `Hit.by_meaning`.
        without: ids of articles that are left out, since they are listed elsewhere.

    Raises:
        ArticleNotFound: there is no article with this id.
    """
    article = archive.get(article_id)
    own = _own_story(archive, article_id)
    limit = max(0, min(limit, MAX_PAGE_SIZE))
    read = limit + len(without)
    ranked = first(article, (max(read, NEAREST) if meaning else read) + 1)
    # Its own story comes first if it is indexed, and its score is what the others are compared with.
    least = MIN_SCORE_SHARE * max((one.score for one in ranked), default=0.0)
    others = [one for one in ranked if one.article_id not in own and one.score >= least]
    if meaning:
        others = _with_nearest(archive, others, _nearest(archive, article_id, own, meaning))
    listed = [one for one in others if one.article_id not in without]
    return find_hits(archive, listed[:limit], Marker(()))


def retellings(archive: Archive, article_id: str, limit: int, meaning: Meaning) -> tuple[Hit, ...]:
    """The articles of other sources with the news of one in other words, the most similar first; one per story.

    None for an article without a date or a source, and with an encoder for which it was not measured how similar they
    are.

    Raises:
        ArticleNotFound: there is no article with this id.
    """
    article = archive.get(article_id)
    least, published = meaning.least_retelling, article.published
    if least is None or published is None or article.source is None:
        return ()
    near = _nearest(archive, article_id, _own_story(archive, article_id), meaning)
    articles = archive.get_many(one.article_id for one in near if one.score >= least)

    def is_retelling(other: Article) -> bool:
        if other.published is None or other.source in (None, article.source):
            return False
        return abs(other.published - published) <= RETELLING_DAYS

    found = [one for one in near if one.article_id in articles and is_retelling(articles[one.article_id])]
    return find_hits(archive, found[: max(0, min(limit, MAX_PAGE_SIZE))], Marker(()))


def _own_story(archive: Archive, article_id: str) -> set[str]:
    group = groups_of(archive, [article_id]).get(article_id)
    return {copy.article_id for copy in group.copies} if group else {article_id}


def _nearest(archive: Archive, article_id: str, own: set[str], meaning: Meaning) -> list[RankedArticle]:
    """The articles that are nearest to one in meaning, scored by their similarity; one per story, without its own."""
    number = archive.numbers([article_id])[article_id]
    similarities = dict(meaning.nearest_to_article(number, NEAREST + len(own)))
    ids = archive.ids_of_numbers(similarities)
    existing = archive.get_many(ids.values())
    ranked = [
        RankedArticle(ids[one], similarity, number=one, matched=False, by_meaning=True)
        for one, similarity in similarities.items()
        if one in ids and ids[one] in existing and ids[one] not in own
    ]
    return _one_per_story(archive, ranked)


def _with_nearest(
    archive: Archive, by_words: Sequence[RankedArticle], near: Sequence[RankedArticle]
) -> list[RankedArticle]:
    """Articles by words and those near in meaning, sorted by the weighted sum of score and similarity."""
    most = max((one.score for one in by_words), default=0.0) or 1.0
    similarity = {one.article_id: one.score for one in near}
    high, low = max(similarity.values(), default=0.0), min(similarity.values(), default=0.0)
    words = {one.article_id: one for one in by_words}
    # The words' copy of a story stands for the one that is near in meaning.
    merged = _one_per_story(archive, [*by_words, *(one for one in near if one.article_id not in words)])

    def score(one: RankedArticle) -> float:
        by_meaning = (similarity.get(one.article_id, low) - low) / ((high - low) or 1.0)
        by_word = words[one.article_id].score / most if one.article_id in words else 0.0
        return MEANING_WEIGHT * by_meaning + (1 - MEANING_WEIGHT) * by_word

    return sorted((one._replace(score=score(one)) for one in merged), key=lambda one: -one.score)


def _one_per_story(archive: Archive, ranked: Iterable[RankedArticle]) -> list[RankedArticle]:
    """The first article of each story."""
    ranked = list(ranked)
    groups = groups_of(archive, [one.article_id for one in ranked])
    first: dict[str, RankedArticle] = {}
    for one in ranked:
        first.setdefault(groups[one.article_id].name if one.article_id in groups else one.article_id, one)
    return list(first.values())


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
