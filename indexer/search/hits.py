"""From ranked ids to hits: titles and texts from the archive, with what the query meets marked. Knows no engine."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus import Archive, Article, Group, groups_of
from indexer import budget
from indexer.highlight.marker import Mark, Marker, spans, without_overlaps
from indexer.highlight.snippets import snippet_of
from indexer.results import BATCH, Hit, Snippet
from indexer.search.batches import batched


class Ranked(NamedTuple):
    """An article of the ranking, its score, how many copies of its story were left out for it, what it sorts by.

    `number` is its number in the archive, by which equals are sorted; `matched` is false for one of the nearest, which
    does not match the query.
    """

    article_id: str
    score: float
    copies: int = 0
    key: float = 0.0
    number: int = 0
    matched: bool = True


_MarkedText = tuple[str, list[Mark]]
"""A text and its marks."""


@dataclass(frozen=True, slots=True)
class ScannedHits:
    """All hits of a search, `ranked` anew at each reading; what `indexer.results.Scan` reads from."""

    archive: Archive
    ranked: Callable[[], Iterator[Ranked]]
    marker: Marker

    def ids(self) -> Iterator[tuple[str, float, int]]:
        """The id, the score and the number of copies left out of each hit, in order."""
        return ((one.article_id, one.score, one.copies) for one in self.ranked())

    def hits(self, *, marked: bool, only: Container[str] | None) -> Iterator[tuple[Article, Hit]]:
        """Each hit, or only those of some ids, with its article, in order; with marks or without."""
        ranked = (one for one in self.ranked() if only is None or one.article_id in only)
        marker = self.marker if marked else Marker(())
        for part in batched(ranked, BATCH):
            yield from read_hits(self.archive, part, marker)


def find_hits(
    archive: Archive, ranked: Sequence[Ranked], marker: Marker, loose: Marker | None = None
) -> tuple[Hit, ...]:
    """The hits of some articles, in their order; those that do not match are marked by `loose`."""
    return tuple(hit for _, hit in read_hits(archive, ranked, marker, loose))


def read_hits(
    archive: Archive, ranked: Sequence[Ranked], marker: Marker, loose: Marker | None = None
) -> Iterator[tuple[Article, Hit]]:
    """The hits of some articles with these, in their order.

    An article that the index knows and the archive does not is left out: the archive is the truth.
    """
    articles = archive.get_many(one.article_id for one in ranked)
    groups = groups_of(archive, articles)
    ranked = [one for one in ranked if one.article_id in articles]
    marked: dict[str, tuple[_MarkedText, _MarkedText, Marker]] = {}
    for matched, by in ((True, marker), (False, loose or marker)):
        ids = [one.article_id for one in ranked if one.matched is matched]
        texts = [text for one in ids for text in (articles[one].title, articles[one].text)]
        both = list(zip(texts, by.all_marks(texts), strict=True))
        marked |= {one: (title, body, by) for one, title, body in zip(ids, both[::2], both[1::2], strict=True)}
    for one in ranked:
        budget.check()
        article = articles[one.article_id]
        yield article, _hit(article, one, groups.get(one.article_id), *marked[one.article_id])


def addressed_hits(archive: Archive, ids: tuple[str, ...]) -> ScannedHits:
    """All articles that have an address."""
    named = [Ranked(one, 0.0) for one in ids]
    return ScannedHits(archive, lambda: iter(named), Marker(()))


def _hit(
    article: Article, ranked: Ranked, group: Group | None, title: _MarkedText, body: _MarkedText, marker: Marker
) -> Hit:
    return Hit(
        id=article.id,
        title=Snippet(article.title, spans(without_overlaps(title[1]))),
        url=article.url,
        source=article.source,
        section=article.section,
        authors=article.authors,
        published=article.published,
        score=ranked.score,
        snippet=snippet_of(body[0], without_overlaps(body[1])),
        matches=marker.matches([title, body]),
        copies=ranked.copies,
        group=group,
        matched=ranked.matched,
    )
