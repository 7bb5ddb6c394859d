"""What searches an archive: the embedded engine, or a cluster, as its settings say. Both do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from corpus import Archive
from indexer.embedded import build, store, verification
from indexer.embedded.build import IndexSummary
from indexer.embedded.searcher import Searcher
from indexer.results import Hit, Ranking, ResultPage, Scan, SearchRequest, Snippet, Suggestion, TimeUnit

if TYPE_CHECKING:
    from indexer.opensearch import Client

OPENSEARCH: Final = "opensearch"
Progress = Callable[[int, int], None]


class SearchEngine(Protocol):
    """Searches one archive. Safe to share between threads; sees new commits by itself."""

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of hits that a request asks for, or the one after a cursor; see `Searcher.search`."""

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first articles that `search` would page through, by id and score; see `Searcher.rank`."""

    def scan(self, request: SearchRequest) -> Scan:
        """All articles that `search` would page through, in its order, however many; see `Searcher.scan`."""

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What a query that begins so may become; see `Searcher.suggest`."""

    def more_like(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles that are most like one; see `Searcher.more_like`."""

    def mark(self, request: SearchRequest, texts: Iterable[str]) -> list[Snippet]:
        """Each text whole, with the spans that match a request's query; see `Searcher.mark`."""

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """How many articles the archive holds of each time of a unit, hits or not: `2017-02` → 31."""

    def name_of(self, facet: str, name: str) -> str:
        """The spelling in which a facet (`source`, `section`, `author`) lists a name; itself where nothing has it."""

    def document_count(self) -> int:
        """Number of articles that can be found."""

    def pending_changes(self) -> int:
        """How many changes of the archive the newest commit has not seen: they are in no answer."""

    @property
    def generation(self) -> int:
        """The number of the newest commit: each has a higher one than the one before."""

    @property
    def version(self) -> str:
        """What the newest commit has and no other of any index, also of one made anew or put back from a copy."""


def open_searcher(archive: Archive, *, seconds: float | None = None) -> SearchEngine:
    """The searcher of an archive; a search that takes longer than `seconds` is ended by `SearchTooCostly`.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer.opensearch import OpenSearchSearcher

        return OpenSearchSearcher(archive, seconds=seconds)
    return Searcher(archive, seconds=seconds)


def update_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Indexes what the archive's change log holds after the index's mark, and commits both together.

    Interrupted at any point, what is searched stands as it stood; the next run does the same work. `progress` is called
    with (articles done, articles to do).

    Raises:
        IndexVersionMismatch: the index was built by another analysis and must be rebuilt.
        IndexDamaged, IndexLocked, IndexWriteFailed: as their names say.
        EngineMissing, ClusterUnavailable, ClusterRefused, ArticlesRefused: likewise, of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer import opensearch

        with _client(archive) as client:
            return opensearch.update_index(client, archive, progress)
    return build.update_index(archive, progress=progress)


def rebuild_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Builds the index of the whole archive anew, beside the one in use, and puts it in its place in one step.

    Raises:
        IndexLocked, IndexWriteFailed: as their names say.
        EngineMissing, ClusterUnavailable, ClusterRefused, ArticlesRefused: likewise, of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer import opensearch

        with _client(archive) as client:
            return opensearch.rebuild_index(client, archive, progress)
    return build.rebuild_index(archive, progress=progress)


def pending_changes(archive: Archive) -> int:
    """How many changes of the archive the index has not seen.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer import opensearch

        with _client(archive) as client:
            return opensearch.pending_changes(client, archive)
    return build.pending_changes(archive)


def index_bytes(archive: Archive) -> int:
    """How much room the index takes, in bytes; of a cluster, without replicas.

    Raises:
        IndexMissing, EngineMissing, ClusterUnavailable, ClusterRefused: of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer import opensearch

        with _client(archive) as client:
            return opensearch.index_bytes(client)
    return store.index_bytes(archive.index_directory)


def verify_index(archive: Archive) -> int:
    """Compares the index with the archive's articles, and with its own checksums; gives the number of articles.

    Raises:
        IndexDamaged: a byte is not what was written, or an article is missing, foreign or double.
        IndexMissing, IndexVersionMismatch: as their names say.
        EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster.
    """
    if archive.settings.engine == OPENSEARCH:
        from indexer import opensearch

        with _client(archive) as client:
            return opensearch.verify_index(client, archive)
    return verification.verify_index(archive)


def _client(archive: Archive) -> Client:
    from indexer.opensearch import Client

    return Client(archive.settings.cluster)
