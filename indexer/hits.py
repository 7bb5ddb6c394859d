"""From ranked ids to the hits of a page: titles and texts from the archive, with what the query meets marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus import Archive, Article, Group, groups_of
from indexer.marking import Marker, apart, spans
from indexer.results import Hit, Snippet
from indexer.snippets import snippet_of


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article of the ranking, its score, and how many copies of its story were left out for it."""

    article_id: str
    score: float
    copies: int = 0


def find_hits(archive: Archive, ranked: Sequence[Ranked], marker: Marker) -> tuple[Hit, ...]:
    """The hits of some articles, in their order.

    An article that the index knows and the archive does not is left out: the archive is the truth.
    """
    articles = archive.get_many(one.article_id for one in ranked)
    groups = groups_of(archive, articles)
    marker.read(text for article in articles.values() for text in (article.title, article.text))
    return tuple(
        _hit(articles[one.article_id], marker, one, groups.get(one.article_id))
        for one in ranked
        if one.article_id in articles
    )


def _hit(article: Article, marker: Marker, ranked: Ranked, group: Group | None) -> Hit:
    in_title, in_body = marker.all_marks(article.title), marker.all_marks(article.text)
    return Hit(
        id=article.id,
        title=Snippet(article.title, spans(apart(in_title))),
        url=article.url,
        source=article.source,
        section=article.section,
        authors=article.authors,
        published=article.published,
        score=ranked.score,
        snippet=snippet_of(article.text, apart(in_body)),
        matches=marker.matches([(article.title, in_title), (article.text, in_body)]),
        copies=ranked.copies,
        group=group,
    )
