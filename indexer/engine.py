"""The port to what keeps and searches an index: the embedded engine, or a cluster, as the archive's settings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from corpus import Archive
from indexer.searcher import Searcher

Progress = Callable[[int, int], None]
"""Called with (articles done, articles to do)."""


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What an indexing run did: articles written; those in the index that were replaced, or taken out; wall seconds."""

    indexed: int
    replaced: int
    removed: int
    seconds: float


class Engine(Protocol):
    """The index of one archive. What each method does, and raises, the function of this module says that calls it."""

    def open_searcher(self, *, seconds: float | None) -> Searcher:
        """See `open_searcher`."""

    def update(self, progress: Progress) -> IndexSummary:
        """See `update_index`."""

    def rebuild(self, progress: Progress) -> IndexSummary:
        """See `rebuild_index`."""

    def pending(self) -> int:
        """See `pending_changes`."""

    def size(self) -> int:
        """See `index_bytes`."""

    def verify(self) -> int:
        """See `verify_index`."""


def engine_of(archive: Archive) -> Engine:
    """The engine that the archive's settings name."""
    # Each is imported when it is needed: a search of an embedded index loads nothing of the cluster's, nor the reverse.
    if archive.settings.engine == "opensearch":
        from indexer.opensearch import OpenSearchEngine

        return OpenSearchEngine(archive)
    from indexer.embedded import EmbeddedEngine

    return EmbeddedEngine(archive)


def open_searcher(archive: Archive, *, seconds: float | None = None) -> Searcher:
    """The searcher of an archive; a search that takes longer than `seconds` is ended by `SearchTooCostly`.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        SettingsInvalid, EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster; so of
            every function here.
    """
    return engine_of(archive).open_searcher(seconds=seconds)


def update_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Indexes what the archive's change log holds after the index's mark, and commits both together.

    Interrupted at any point, what is searched stays as it was; the next run does the same work.

    Raises:
        IndexVersionMismatch: the index was built by another analysis or format and must be rebuilt.
        IndexDamaged, IndexLocked, IndexWriteFailed: as their names say.
        ArticlesRefused: the cluster will not take some articles; all others are indexed.
    """
    return engine_of(archive).update(progress)


def rebuild_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Builds the index of the whole archive again, beside the one in use, and replaces that in one atomic step.

    Raises:
        IndexLocked, IndexWriteFailed, ArticlesRefused: as their names say.
    """
    return engine_of(archive).rebuild(progress)


def pending_changes(archive: Archive) -> int:
    """How many changes of the archive the index has not seen.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
    """
    return engine_of(archive).pending()


def index_bytes(archive: Archive) -> int:
    """How much room the index takes, in bytes; of a cluster, without replicas. An embedded index may be missing: 0.

    Raises:
        IndexMissing: the cluster has none.
    """
    return engine_of(archive).size()


def verify_index(archive: Archive) -> int:
    """Compares the index with the archive's articles, and with its own checksums; gives the number of articles.

    Raises:
        IndexDamaged: a byte is not what was written, or an article is missing, foreign or double.
        IndexMissing, IndexVersionMismatch: as their names say.
    """
    return engine_of(archive).verify()
