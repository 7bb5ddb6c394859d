"""All hits of a search, in order and without a cap: for exports, alerts and whatever else wants them all."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Protocol

from corpus import Article
from indexer.results import Hit, QueryWarning, SearchRequest

BATCH = 100
"""Articles whose texts are in memory at once."""


class ScanSource(Protocol):
    """What a scan reads from."""

    def ids(self) -> Iterator[tuple[str, float, int]]:
        """The id, the score and the number of copies left out of each hit, in order."""
        ...

    def hits(self, *, marked: bool, only: Container[str] | None) -> Iterator[tuple[Article, Hit]]:
        """Each hit, or only those of some ids, with its article, in order; with marks or without."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """All hits of a request over one commit. `total` and `stories` count as in `ResultPage`, before any is read.

    `generation` numbers the commit, and `change` the archive's change that it has reached.
    """

    request: SearchRequest
    understood: str
    total: int
    stories: int
    generation: int
    change: int
    warnings: tuple[QueryWarning, ...]
    source: ScanSource

    def ids(self) -> Iterator[tuple[str, float]]:
        """The id and score of each hit, in order; 0 when sorted by date."""
        return ((article_id, score) for article_id, score, _ in self.source.ids())

    def hits(self, *, marked: bool = True, only: Container[str] | None = None) -> Iterator[tuple[Article, Hit]]:
        """Each hit with its article whole, in order; the texts of `BATCH` articles are in memory at once.

        `only` passes over all but some ids. Articles that have left the archive meanwhile are left out. Not `marked`,
        hits come several times as fast, without marks, matches, and snippets chosen for the query.
        """
        return self.source.hits(marked=marked, only=only)
