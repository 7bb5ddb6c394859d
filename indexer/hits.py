"""From ranked ids to hits: titles and texts from the archive, with what the query meets marked. Knows no engine."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus import Archive, Article, Group, groups_of
from indexer.chunks import chunks
from indexer.marking import Mark, Marker, apart, spans
from indexer.query import Everything
from indexer.results import Hit, Snippet
from indexer.scan import BATCH
from indexer.snippets import snippet_of


class Ranked(NamedTuple):
    """An article of the ranking, its score, how many copies of its story were left out for it, what it sorts by."""

    article_id: str
    score: float
    copies: int = 0
    key: float = 0.0


_MarkedText = tuple[str, list[Mark]]
"""A text and its marks."""


@dataclass(frozen=True, slots=True)
class ScannedHits:
    """All hits of a search, `ranked` anew at each reading; what `indexer.scan.Scan` reads from."""

    archive: Archive
    ranked: Callable[[], Iterator[Ranked]]
    marker: Marker

    def ids(self) -> Iterator[tuple[str, float, int]]:
        """The id, the score and the number of copies left out of each hit, in order."""
        return ((one.article_id, one.score, one.copies) for one in self.ranked())

    def hits(self, *, marked: bool, only: Container[str] | None) -> Iterator[tuple[Article, Hit]]:
        """Each hit, or only those of some ids, with its article, in order; with marks or without."""
        ranked = (one for one in self.ranked() if only is None or one.article_id in only)
        marker = self.marker if marked else Marker(Everything())
        for part in chunks(ranked, BATCH):
            yield from read_hits(self.archive, part, marker)


def find_hits(archive: Archive, ranked: Sequence[Ranked], marker: Marker) -> tuple[Hit, ...]:
    """The hits of some articles, in their order."""
    return tuple(hit for _, hit in read_hits(archive, ranked, marker))


def read_hits(archive: Archive, ranked: Sequence[Ranked], marker: Marker) -> Iterator[tuple[Article, Hit]]:
    """The hits of some articles with these, in their order.

    An article that the index knows and the archive does not is left out: the archive is the truth.
    """
    articles = archive.get_many(one.article_id for one in ranked)
    groups = groups_of(archive, articles)
    ranked = [one for one in ranked if one.article_id in articles]
    texts = [text for one in ranked for text in (articles[one.article_id].title, articles[one.article_id].text)]
    marked = list(zip(texts, marker.all_marks(texts), strict=True))
    for one, title, body in zip(ranked, marked[::2], marked[1::2], strict=True):
        article = articles[one.article_id]
        yield article, _hit(article, one, groups.get(one.article_id), marker, title, body)


def addressed_hits(archive: Archive, ids: tuple[str, ...]) -> ScannedHits:
    """All articles that have an address."""
    named = [Ranked(one, 0.0) for one in ids]
    return ScannedHits(archive, lambda: iter(named), Marker(Everything()))


def _hit(
    article: Article, ranked: Ranked, group: Group | None, marker: Marker, title: _MarkedText, body: _MarkedText
) -> Hit:
    return Hit(
        id=article.id,
        title=Snippet(article.title, spans(apart(title[1]))),
        url=article.url,
        source=article.source,
        section=article.section,
        authors=article.authors,
        published=article.published,
        score=ranked.score,
        snippet=snippet_of(body[0], apart(body[1])),
        matches=marker.matches([title, body]),
        copies=ranked.copies,
        group=group,
    )
