"""The engine past one machine: an archive's index in a cluster of OpenSearch."""

from __future__ import annotations

from pathlib import Path

from corpus import Archive
from indexer.engine import IndexSummary, Progress
from indexer.opensearch.build import pending_changes, rebuild_index, update_index
from indexer.opensearch.client import Client
from indexer.opensearch.indices import Indices
from indexer.opensearch.searcher import OpenSearchSearcher
from indexer.opensearch.settings import cluster_settings
from indexer.search.verification import compare_ids


class OpenSearchEngine:
    """The index of an archive in a cluster (`indexer.engine.Engine`); each call but `open_searcher` connects anew."""

    def __init__(self, archive: Archive) -> None:
        """Makes no connection yet.

        Raises:
            SettingsInvalid: the archive's table `[opensearch]` has an unknown name, or a value of the wrong kind.
        """
        self._archive = archive
        self._settings = cluster_settings(archive)

    def open_searcher(self, *, seconds: float | None) -> OpenSearchSearcher:
        """Looks for the index in the cluster."""
        return OpenSearchSearcher(self._archive, Client(self._settings), seconds=seconds)

    def update(self, progress: Progress) -> IndexSummary:
        """Writes what changed, and moves the mark as it goes."""
        with Client(self._settings) as client:
            return update_index(client, self._archive, progress)

    def rebuild(self, progress: Progress) -> IndexSummary:
        """Writes a new index beside the old one, which an alias then replaces."""
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
        """Compares ids with the archive's; checksums are the cluster's own work."""
        with Client(self._settings) as client:
            change = Indices(client).current().change
            indexed = list(OpenSearchSearcher(self._archive, client).indexed_ids())
            return compare_ids(self._archive, Path(self._settings.prefix), change, indexed)
