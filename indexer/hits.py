"""From ranked ids to the hits of a page: titles and texts from the archive, with what the query meets marked."""

from __future__ import annotations

from collections.abc import Iterable

from corpus import Archive, Article
from indexer.marking import Marker, apart, spans
from indexer.results import Hit, Snippet
from indexer.snippets import snippet_of


def find_hits(archive: Archive, ranked: Iterable[tuple[str, float]], marker: Marker) -> tuple[Hit, ...]:
    """The hits of some articles with their scores, in their order.

    An article that the index knows and the archive does not is left out: the archive is the truth.
    """
    scores = dict(ranked)
    articles = archive.get_many(scores)
    return tuple(
        make_hit(articles[article_id], marker, score) for article_id, score in scores.items() if article_id in articles
    )


def make_hit(article: Article, marker: Marker, score: float) -> Hit:
    """One article as a hit."""
    in_title, in_body = marker.all_marks(article.title), marker.all_marks(article.text)
    return Hit(
        id=article.id,
        title=Snippet(article.title, spans(apart(in_title))),
        url=article.url,
        source=article.source,
        section=article.section,
        authors=article.authors,
        published=article.published,
        score=score,
        snippet=snippet_of(article.text, apart(in_body)),
        matches=marker.matches([(article.title, in_title), (article.text, in_body)]),
    )
