"""From ranked articles to hits: titles and texts come from the archive, with what matches the query marked."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from corpus import Archive, Article, Group, groups_of
from indexer import budget
from indexer.highlight.marker import Mark, Marker, spans, without_overlaps
from indexer.highlight.snippets import snippet_of
from indexer.results import Hit, QueryWarning, SearchRequest, Snippet
from indexer.search.index_reader import RankedArticle

SCAN_BATCH: Final = 100
"""Articles whose texts a scan holds in memory at the same time."""

NearestText = Callable[[int, Article], tuple[int, int] | None]
"""Where the text of an article, given with its number in the archive, is nearest to a query in meaning."""

_MarkedText = tuple[str, list[Mark]]
"""A text and its marks."""


@dataclass(frozen=True, slots=True)
class Scan:
    """All hits of a request over one commit. `total` and `stories` count as in `ResultPage`, before any is read.

    `generation` is the number of the commit, and `change` the last change of the archive that it includes. `ranked`
    reads the hits from the index, from the first one at each call.
    """

    request: SearchRequest
    understood: str
    total: int
    stories: int
    generation: int
    change: int
    warnings: tuple[QueryWarning, ...]
    archive: Archive
    ranked: Callable[[], Iterator[RankedArticle]]
    marker: Marker

    def ids(self) -> Iterator[tuple[str, float]]:
        """The id and score of each hit, in order; the score is 0 when sorted by date."""
        return ((article.article_id, article.score) for article in self.ranked())

    def hits(self, *, marked: bool = True, only: Container[str] | None = None) -> Iterator[tuple[Article, Hit]]:
        """Each hit with its whole article, in order; the texts of `SCAN_BATCH` articles are in memory at a time.

        With `only` all other ids are skipped. Articles that have left the archive meanwhile are left out. With
        `marked=False` hits come several times as fast, without marks, matches, and snippets chosen for the query.
        """
        ranked = (article for article in self.ranked() if only is None or article.article_id in only)
        marker = self.marker if marked else Marker(())
        while batch := list(islice(ranked, SCAN_BATCH)):
            yield from read_hits(self.archive, batch, marker)


def find_hits(
    archive: Archive,
    ranked: Sequence[RankedArticle],
    marker: Marker,
    loose: Marker | None = None,
    nearest_text: NearestText | None = None,
) -> tuple[Hit, ...]:
    """The hits of ranked articles, in their order.

    Those that do not match are marked by `loose`; those that no word matches show their `nearest_text`.
    """
    return tuple(hit for _, hit in read_hits(archive, ranked, marker, loose, nearest_text))


def read_hits(
    archive: Archive,
    ranked: Sequence[RankedArticle],
    marker: Marker,
    loose: Marker | None = None,
    nearest_text: NearestText | None = None,
) -> Iterator[tuple[Article, Hit]]:
    """As `find_hits`, each hit with its article.

    An article that the index has and the archive does not is left out: the archive is the source of truth.
    """
    articles = archive.get_many(entry.article_id for entry in ranked)
    groups = groups_of(archive, articles)
    ranked = [entry for entry in ranked if entry.article_id in articles]
    marked: dict[str, tuple[_MarkedText, _MarkedText, Marker]] = {}
    for matched, by in ((True, marker), (False, loose or marker)):
        ids = [entry.article_id for entry in ranked if entry.matched is matched]
        texts = [text for article_id in ids for text in (articles[article_id].title, articles[article_id].text)]
        both = list(zip(texts, by.all_marks(texts), strict=True))
        marked |= {key: (title, body, by) for key, title, body in zip(ids, both[::2], both[1::2], strict=True)}
    for entry in ranked:
        budget.check()
        article = articles[entry.article_id]
        nearest = nearest_text(entry.number, article) if nearest_text and entry.by_meaning else None
        hit = _hit(article, entry, groups.get(entry.article_id), *marked[entry.article_id], nearest)
        other = archive.source_names.other(article.source)
        yield article, replace(hit, source_name=other) if other else hit


def _hit(
    article: Article,
    ranked: RankedArticle,
    group: Group | None,
    title: _MarkedText,
    body: _MarkedText,
    marker: Marker,
    nearest: tuple[int, int] | None,
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
        snippet=snippet_of(body[0], without_overlaps(body[1]), nearest=nearest),
        matches=marker.matches([title, body]),
        copies=ranked.copies,
        group=group,
        matched=ranked.matched,
        by_meaning=ranked.by_meaning,
    )
