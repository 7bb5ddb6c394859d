"""The embedded engine (`indexer.engine.Engine`): an index in the archive's directory."""

from __future__ import annotations

from corpus import Archive
from indexer.embedded.build import index_bytes, rebuild_index, update_index
from indexer.embedded.commit import newest_commit
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.embedded.snapshot import open_snapshot
from indexer.engine import EmbeddingState, EmbeddingSummary, IndexSummary, LevelProgress, Progress, compare_ids


class EmbeddedEngine:
    """The index in an archive's directory."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._directory = archive.index_directory

    def open_searcher(self, *, seconds: float | None) -> EmbeddedSearcher:
        """Opens the newest commit."""
        return EmbeddedSearcher(self._archive, seconds=seconds)

    def update(self, progress: Progress) -> IndexSummary:
        """Indexes the changes of the archive since the newest commit."""
        return update_index(self._archive, progress)

    def rebuild(self, progress: Progress) -> IndexSummary:
        """Writes a new index beside the old one, and replaces that by one rename."""
        return rebuild_index(self._archive, progress)

    def pending(self) -> int:
        """Count the changes of the archive since the newest commit."""
        return self._archive.last_change() - newest_commit(self._directory).state.change

    def size(self) -> int:
        """The size of its files in bytes."""
        return index_bytes(self._directory)

    def verify(self) -> int:
        """Compares the checksums of all files, at gigabytes per second, then the ids with the archive's."""
        snapshot = open_snapshot(self._directory)
        snapshot.verify()
        return compare_ids(self._archive, self._directory, snapshot.change, snapshot.article_ids())

    # Vectors: `indexer.meaning` is loaded when they are needed.

    def embed(self, progress: LevelProgress, *, replace: bool, processes: int) -> EmbeddingSummary:
        """Computes vectors into the archive's directory."""
        from indexer.meaning.build import embed_archive

        return embed_archive(self._archive, progress, replace=replace, processes=processes)

    def embed_new_leads(self) -> tuple[int, int]:
        """Computes a few vectors into the archive's directory."""
        from indexer.meaning.build import embed_new_leads

        return embed_new_leads(self._archive)

    def embedding_state(self) -> EmbeddingState | None:
        """Compares the marks of the vectors with the archive's change log."""
        from indexer.meaning.build import embedding_state

        return embedding_state(self._archive)

    def verify_vectors(self) -> int:
        """Compares the checksums of all files, then the articles with the archive's."""
        from indexer.meaning.build import verify_vectors

        return verify_vectors(self._archive)
