"""The port to an index, embedded or on a cluster: building it, searching it, and verifying it against its archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus import Archive
from indexer.errors import IndexDamaged
from indexer.searcher import Searcher

Progress = Callable[[int, int], None]
"""Called with (articles done, articles in all)."""

LevelProgress = Callable[[str, int, int], None]
"""Called with ("lead" or "body", or "sending" to a cluster; articles done, articles in all)."""


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """The result of an indexing run: articles written, replaced, and removed, and its wall time."""

    indexed: int
    replaced: int
    removed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EmbeddingSummary:
    """The result of computing vectors: articles whose lead and whose body was encoded, vectors, and wall time."""

    leads: int
    bodies: int
    vectors: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EmbeddingState:
    """How far the vectors of an archive are: the encoder that `arshif.toml` names, that of the vectors if it is another
    one, changed articles whose lead and whose body is not encoded yet, the number of vectors, and their bytes."""

    encoder: str
    other_encoder: str | None
    pending_leads: int
    pending_bodies: int
    vectors: int
    bytes: int


class Engine(Protocol):
    """The index of one archive. The functions of this module document its methods and their errors."""

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

    def embed(self, progress: LevelProgress, *, replace: bool, processes: int) -> EmbeddingSummary:
        """See `embed_archive`."""

    def embed_new_leads(self) -> tuple[int, int]:
        """See `embed_new_leads`."""

    def embedding_state(self) -> EmbeddingState | None:
        """See `embedding_state`."""

    def verify_vectors(self) -> int:
        """See `verify_vectors`."""


def engine_of(archive: Archive) -> Engine:
    """The engine of an archive, by its settings."""
    # Imported when needed: an archive with an embedded index loads nothing of the cluster's package, nor the reverse.
    if archive.settings.engine == "opensearch":
        from indexer.opensearch import OpenSearchEngine

        return OpenSearchEngine(archive)
    from indexer.embedded import EmbeddedEngine

    return EmbeddedEngine(archive)


def open_searcher(archive: Archive, *, seconds: float | None = None) -> Searcher:
    """The searcher of an archive; a search that takes longer than `seconds` raises `SearchTooCostly`.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        SettingsInvalid, EngineMissing, ClusterUnavailable, ClusterRefused: as their names say, for an archive on a
            cluster; every function of this module may raise them.
    """
    return engine_of(archive).open_searcher(seconds=seconds)


def update_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Indexes the changes of the archive after the index's mark, and commits them together with the new mark.

    If it is interrupted, searches find what they found before, and the next run does the same work.

    Raises:
        IndexVersionMismatch: the index was built with another version of analysis or format and must be rebuilt.
        IndexDamaged, IndexLocked, IndexWriteFailed: as their names say.
        ArticlesRefused: the cluster will not accept some articles; all others are indexed.
    """
    return engine_of(archive).update(progress)


def rebuild_index(archive: Archive, *, progress: Progress = lambda done, total: None) -> IndexSummary:
    """Builds a new index of the whole archive next to the one in use, and replaces that atomically.

    Raises:
        IndexLocked, IndexWriteFailed, ArticlesRefused: as their names say.
    """
    return engine_of(archive).rebuild(progress)


def pending_changes(archive: Archive) -> int:
    """The number of changes of the archive that are not in the index.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
    """
    return engine_of(archive).pending()


def index_bytes(archive: Archive) -> int:
    """The size of the index in bytes; on a cluster, without replicas. 0 if an embedded index is missing.

    Raises:
        IndexMissing: the cluster has no index.
    """
    return engine_of(archive).size()


def verify_index(archive: Archive) -> int:
    """Verifies the checksums of the index, and that it has exactly the articles of the archive; returns their number.

    Raises:
        IndexDamaged: a checksum is wrong, or an article is missing, foreign or indexed twice.
        IndexMissing, IndexVersionMismatch: as their names say.
    """
    return engine_of(archive).verify()


def embed_archive(
    archive: Archive,
    *,
    replace: bool = False,
    processes: int = 1,
    progress: LevelProgress = lambda level, done, total: None,
) -> EmbeddingSummary:
    """Computes the vectors of articles that searches by meaning need: of what has changed, or with `replace` of all.

    Each of several `processes` loads the encoder; a script that starts them needs `if __name__ == "__main__":`. If it
    is interrupted, the next run continues after the last commit, a few articles before.

    Raises:
        MeaningUnavailable: the archive has no encoder.
        LibraryMissing, EncoderFailed, VectorsLocked, VectorsDamaged, VectorsWriteFailed: as their names say.
    """
    return engine_of(archive).embed(progress, replace=replace, processes=processes)


def embed_new_leads(archive: Archive) -> tuple[int, int]:
    """Computes the vectors of the leads of new articles, if they are few and the archive has vectors already; returns
    how many were encoded and how many are missing. Called after indexing.

    Raises:
        SettingsInvalid, LibraryMissing, EncoderFailed, VectorsDamaged, VectorsWriteFailed: as their names say.
    """
    if not archive.settings.meaning:
        return 0, 0
    return engine_of(archive).embed_new_leads()


def embedding_state(archive: Archive) -> EmbeddingState | None:
    """How far the vectors of an archive are; None if it has no encoder. The encoder is not loaded.

    Raises:
        SettingsInvalid, VectorsDamaged: as their names say.
    """
    if not archive.settings.meaning:
        return None
    return engine_of(archive).embedding_state()


def meaning_by_default(archive: Archive) -> bool:
    """Whether pages and the API search by meaning if a request does not say: the setting `[meaning] by_default`.

    Raises:
        SettingsInvalid: a setting of `[meaning]` is unknown or has an invalid value.
    """
    if not archive.settings.meaning:
        return False
    from indexer.meaning.settings import meaning_settings

    settings = meaning_settings(archive)
    return settings is not None and settings.by_default


def verify_vectors(archive: Archive) -> int:
    """Verifies the checksums of the vectors, and that no article lacks one that should have it; returns their number.

    Raises:
        VectorsDamaged: a checksum is wrong, an article's vector is missing, or the vectors are ahead of the archive.
    """
    if not archive.settings.meaning:
        return 0
    return engine_of(archive).verify_vectors()


def compare_ids(archive: Archive, index: Path, change: int, indexed: Sequence[str]) -> int:
    """Compares the ids in an index, which includes the archive's changes up to `change`, with those of the archive.

    Returns their number. `index` names the index in error messages.

    Raises:
        IndexDamaged: an article is missing, foreign or indexed twice, or the index is ahead of the archive.
    """
    if len(set(indexed)) < len(indexed):
        raise IndexDamaged(index, "an article is in it twice")
    check_not_ahead(archive, index, change)
    expected = archive.ids_until(change)
    # An article that has changed since may be indexed in either state: the next run indexes it again.
    since = {entry.article_id for entry in archive.changes(since=change)}
    # An article that is damaged in the archive is in no index; `verify_archive` reports it.
    if missing := archive.get_many(expected - set(indexed) - since):
        raise IndexDamaged(index, f"{len(missing):,} articles of the archive are missing from it")
    if foreign := set(indexed) - expected - since:
        raise IndexDamaged(index, f"{len(foreign):,} articles in it are not in the archive")
    return len(indexed)


def check_not_ahead(archive: Archive, index: Path, change: int) -> None:
    """Raises `IndexDamaged` if an index includes a change that its archive does not have."""
    if change > archive.last_change():
        raise IndexDamaged(index, "it is ahead of the archive: was the archive restored from a backup?")
