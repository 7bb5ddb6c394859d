"""The OpenSearch engine: an archive's index in a cluster."""

from __future__ import annotations

from pathlib import Path

from corpus import Archive
from indexer.engine import EmbeddingState, EmbeddingSummary, IndexSummary, LevelProgress, Progress, compare_ids
from indexer.opensearch.build import pending_changes, rebuild_index, update_index
from indexer.opensearch.client import Client
from indexer.opensearch.indices import Indices
from indexer.opensearch.searcher import OpenSearchSearcher
from indexer.opensearch.settings import cluster_settings


class OpenSearchEngine:
    """The index of an archive in a cluster (`indexer.engine.Engine`); only searchers keep their connections."""

    def __init__(self, archive: Archive) -> None:
        """Opens no connection yet.

        Raises:
            SettingsInvalid: the archive's table `[opensearch]` has an unknown name, or a value of the wrong type.
        """
        self._archive = archive
        self._settings = cluster_settings(archive)

    def open_searcher(self, *, seconds: float | None) -> OpenSearchSearcher:
        """Looks up the index in the cluster."""
        return OpenSearchSearcher(self._archive, Client(self._settings), seconds=seconds)

    def update(self, progress: Progress) -> IndexSummary:
        """Writes the articles that changed, and moves the mark after each window of changes."""
        with Client(self._settings) as client:
            return update_index(client, self._archive, progress)

    def rebuild(self, progress: Progress) -> IndexSummary:
        """Writes a new index next to the old one, which the alias then replaces."""
        with Client(self._settings) as client:
            return rebuild_index(client, self._archive, progress)

    def pending(self) -> int:
        """Compares the mark of the index with the archive's change log."""
        with Client(self._settings) as client:
            return pending_changes(client, self._archive)

    def size(self) -> int:
        """The bytes of the index in use and its vocabulary, without replicas."""
        with Client(self._settings) as client:
            indices = Indices(client)
            return indices.size(indices.current().name)

    def verify(self) -> int:
        """Compares the ids with the archive's; the cluster verifies its own checksums."""
        with Client(self._settings) as client:
            change = Indices(client).current().change
            indexed = list(OpenSearchSearcher(self._archive, client).indexed_ids())
            return compare_ids(self._archive, Path(self._settings.prefix), change, indexed)

    # Vectors: `indexer.meaning` is loaded when they are needed.

    def embed(self, progress: LevelProgress, *, replace: bool, processes: int) -> EmbeddingSummary:
        """Computes vectors on this machine, and sends them to the cluster if it keeps them."""
        if not self._settings.vectors:
            from indexer.meaning.build import embed_archive

            return embed_archive(self._archive, progress, replace=replace, processes=processes)
        from indexer.opensearch.vector_sending import embed_and_send

        with Client(self._settings) as client:
            return embed_and_send(client, self._archive, progress, replace=replace, processes=processes)

    def embed_new_leads(self) -> tuple[int, int]:
        """As `embed`, for the leads of a few new articles."""
        if not self._settings.vectors:
            from indexer.meaning.build import embed_new_leads

            return embed_new_leads(self._archive)
        from indexer.opensearch.vector_sending import embed_and_send_new_leads

        with Client(self._settings) as client:
            return embed_and_send_new_leads(client, self._archive)

    def embedding_state(self) -> EmbeddingState | None:
        """Reads the marks of the vectors that searches use."""
        if not self._settings.vectors:
            from indexer.meaning.build import embedding_state

            return embedding_state(self._archive)
        from indexer.opensearch.vector_sending import cluster_embedding_state

        with Client(self._settings) as client:
            return cluster_embedding_state(client, self._archive)

    def verify_vectors(self) -> int:
        """Verifies the vectors on this machine; if the cluster keeps them, also that it has those of every article."""
        if not self._settings.vectors:
            from indexer.meaning.build import verify_vectors

            return verify_vectors(self._archive)
        from indexer.opensearch.vector_sending import verify_cluster_vectors

        with Client(self._settings) as client:
            return verify_cluster_vectors(client, self._archive)
